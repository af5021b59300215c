//! Tables that are written line by line: columns have a width before the first line is known, so that a long
//! listing needs no memory and starts at once.
//!
//! In a pipe nothing is cut. On a terminal a cell is cut to its column, and the last one to what the line has left,
//! so that a row is a line however narrow the terminal is.

use unicode_width::UnicodeWidthStr as _;

use super::fields::Field;
use super::line::Line;
use super::plain;
use super::time::{Clock, TimeFormat};
use super::value::Value;
use super::{Looks, Tone};
use crate::websocket::Opcode;

/// The columns of a table.
#[derive(Clone, Debug)]
pub(super) struct Table {
    columns: Vec<Column>,
    /// The width of the terminal; `None` in a pipe.
    width: Option<usize>,
    color: bool,
    time: TimeFormat,
    /// Whether times have their date.
    with_date: bool,
}

#[derive(Clone, Debug)]
struct Column {
    title: String,
    width: usize,
    right: bool,
    is_elastic: bool,
}

/// Columns of text get their share of the terminal: up to half as much again where there is room, and less where the
/// last column, which has what the others leave, would be left with too little.
fn stretch(columns: &mut [Column], width: usize) {
    let Some((last, others)) = columns.split_last_mut() else { return };
    let gaps = others.len() * GAP.len();
    let (elastic, fixed): (Vec<_>, Vec<_>) = others.iter_mut().partition(|column| column.is_elastic);
    let room = width.saturating_sub(gaps + fixed.iter().map(|column| column.width).sum::<usize>());
    let wanted = last.width + elastic.iter().map(|column| column.width).sum::<usize>();
    for column in elastic {
        let share = column.width * room / wanted.max(1);
        column.width = share.clamp(column.title.width(), column.width * 3 / 2);
    }
}

/// What stands between columns.
const GAP: &str = "  ";

/// In a terminal narrower than this, the date and the `Z` are left out of times, and the content gets their room.
const NARROW: usize = 100;

/// The parts of `2023-08-29T13:04:00.794808Z` that a table shows: its clock starts at this byte, its milliseconds
/// end before this one. JSON has all of it.
const CLOCK: usize = 11;
const MILLISECONDS: usize = 23;

impl Table {
    pub(super) fn new<F: Field>(fields: &[F], looks: Looks, time: TimeFormat) -> Table {
        let width = looks.terminal.map(|terminal| terminal.width);
        let with_date = width.is_none_or(|width| width >= NARROW);
        let time_width = if with_date { MILLISECONDS + 1 } else { MILLISECONDS - CLOCK };
        let columns = fields.iter().map(|field| {
            let info = field.info();
            let width = match (info.name, time) {
                ("time" | "start", TimeFormat::Rfc3339) => time_width,
                ("time" | "start", TimeFormat::Unix) => "1693314240.794808".len(),
                ("time" | "start", TimeFormat::Relative) => "+1234.567890".len(),
                ("direction", _) => 1,
                _ => info.width,
            };
            let title = match info.name {
                "direction" => "↔".to_owned(),
                "preview" | "decoded" => "CONTENT".to_owned(),
                name => name.to_uppercase(),
            };
            let width = if info.name == "flags" { "FLAGS".len() } else { width };
            Column { width: width.max(title.width()), title, right: info.right, is_elastic: info.is_elastic }
        });
        let mut columns: Vec<_> = columns.collect();
        if let Some(width) = width {
            stretch(&mut columns, width);
        }
        Table { columns, width, color: looks.color, time, with_date }
    }

    /// Appends the line of titles. A pipe gets none, so that lines are rows.
    pub(super) fn titles(&self, out: &mut Vec<u8>) {
        if self.width.is_some() {
            let title = |column: usize, line: &mut Line<'_>| line.push_str(&self.columns[column].title);
            match self.color {
                true => self.line(out, title, |_| Some(Tone::Title)),
                false => self.line(out, title, |_| None),
            }
        }
    }

    /// Appends the line of a row.
    pub(super) fn row<F: Field>(&self, out: &mut Vec<u8>, fields: &[F], row: &F::Row<'_>, clock: &Clock) {
        let cell = |column: usize, line: &mut Line<'_>| self.cell(line, &fields[column].value(row), clock);
        match self.color {
            true => self.line(out, cell, |column| Some(fields[column].tone(row))),
            false => self.line(out, cell, |_| None),
        }
    }

    /// Appends a line. It is made once with tones and once without, so that the usual listing does not pay for them.
    #[inline]
    fn line(&self, out: &mut Vec<u8>, cell: impl Fn(usize, &mut Line<'_>), tone: impl Fn(usize) -> Option<Tone>) {
        let start = out.len();
        let mut used = 0;
        for (number, column) in self.columns.iter().enumerate() {
            let is_last = number + 1 == self.columns.len();
            let limit = self.width.map(|width| {
                let left = width.saturating_sub(used);
                if is_last { left } else { column.width.min(left) }
            });
            let cell_start = out.len();
            let mut used_by_cell = 0;
            let mut write = |out: &mut Vec<u8>| {
                let mut line = Line::new(out, limit);
                cell(number, &mut line);
                used_by_cell = line.width();
            };
            match tone(number) {
                Some(tone) => tone.wrap(out, write),
                None => write(out),
            }
            let width = limit.map_or(column.width, |limit| limit.min(column.width));
            let padding = width.saturating_sub(used_by_cell);
            if column.right {
                out.extend(std::iter::repeat_n(b' ', padding));
                out[cell_start..].rotate_right(padding);
            }
            if is_last || limit == Some(0) {
                break;
            }
            if !column.right {
                out.extend(std::iter::repeat_n(b' ', padding));
            }
            out.extend_from_slice(GAP.as_bytes());
            used += column.width + GAP.len();
        }
        while out.len() > start && out.last() == Some(&b' ') {
            out.pop();
        }
        out.push(b'\n');
    }

    fn cell(&self, line: &mut Line<'_>, value: &Value<'_>, clock: &Clock) {
        match value {
            Value::Content(message) if message.opcode == Opcode::Text => line.push_bytes(message.content),
            Value::Content(message) => line.push_hex(message.content),
            Value::Preview { kind, message } => {
                line.push_str(kind);
                line.push_ascii(b"  ");
                self.cell(line, &Value::Content(*message), clock);
            }
            Value::Word(word) => line.push_word(word),
            Value::Text(text) => line.push_str(text),
            Value::Json(text) => line.push_str(text),
            Value::Absent | Value::Null => line.push_ascii(b"-"),
            Value::Time { time, .. } if self.time == TimeFormat::Rfc3339 => {
                match time.micros().and_then(|micros| clock.rfc3339(micros)) {
                    Some(text) if self.with_date => {
                        line.push_ascii(&text[..MILLISECONDS]);
                        line.push_ascii(b"Z");
                    }
                    Some(text) => line.push_ascii(&text[CLOCK..MILLISECONDS]),
                    None => line.push_ascii(b"-"),
                }
            }
            Value::Time { time, .. } if time.micros().is_none() => line.push_ascii(b"-"),
            value => line.push_ascii_with(|out| plain::value(out, value, self.time)),
        }
    }
}
