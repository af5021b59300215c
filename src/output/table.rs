//! Tables that are written line by line: columns have a width before the first line is known, so that a long
//! listing needs no memory and starts at once.
//!
//! In a pipe nothing is cut. On a terminal a cell is cut to its column, and the last one to what the line has left,
//! so that a row is a line however narrow the terminal is.

use std::ops::Range;

use super::escape::Line;
use super::fields::Field;
use super::time::{self, TimeFormat};
use super::value::Value;

/// The columns of a table.
#[derive(Clone, Debug)]
pub(super) struct Table {
    columns: Vec<Column>,
    /// The width of the terminal; `None` in a pipe.
    width: Option<usize>,
    time: TimeFormat,
    /// The part of `2023-08-29T13:04:00.794Z` that is shown.
    time_part: Range<usize>,
}

#[derive(Clone, Debug)]
struct Column {
    title: String,
    width: usize,
    right: bool,
}

/// What stands between columns.
const GAP: &str = "  ";

/// In a terminal narrower than this, the date and the `Z` are left out of times, and the content gets their room.
const NARROW: usize = 100;

/// `2023-08-29T13:04:00.794Z`: the digits of a table's times. JSON has all six.
const TIME_DIGITS: usize = 3;

impl Table {
    pub(super) fn new<F: Field>(fields: &[F], width: Option<usize>, time: TimeFormat) -> Table {
        let time_part = if width.is_some_and(|width| width < NARROW) { 11..23 } else { 0..24 };
        let columns = fields.iter().map(|field| {
            let info = field.info();
            let width = match (info.name, time) {
                ("time" | "start", TimeFormat::Rfc3339) => time_part.len(),
                ("time" | "start", TimeFormat::Unix) => "1693314240.794808".len(),
                ("time" | "start", TimeFormat::Relative) => "+1234.567890".len(),
                ("direction", _) => 1,
                _ => info.width,
            };
            let title = if info.name == "direction" { String::new() } else { info.name.to_uppercase() };
            let width = if info.name == "flags" { "FLAGS".len() } else { width };
            Column { width: width.max(title.len()), title, right: info.right }
        });
        Table { columns: columns.collect(), width, time, time_part }
    }

    /// Appends the line of titles. A pipe gets none, so that lines are rows.
    pub(super) fn titles(&self, out: &mut Vec<u8>) {
        if self.width.is_some() {
            self.line(out, |column, line| line.push_str(&self.columns[column].title));
        }
    }

    /// Appends the line of a row.
    pub(super) fn row<F: Field>(&self, out: &mut Vec<u8>, fields: &[F], row: &F::Row<'_>) {
        self.line(out, |column, line| self.cell(line, &fields[column].value(row)));
    }

    fn line(&self, out: &mut Vec<u8>, cell: impl Fn(usize, &mut Line)) {
        let start = out.len();
        let mut used = 0;
        for (number, column) in self.columns.iter().enumerate() {
            let is_last = number + 1 == self.columns.len();
            let limit = self.width.map(|width| {
                let left = width.saturating_sub(used);
                if is_last { left } else { column.width.min(left) }
            });
            let mut line = Line::new(limit);
            cell(number, &mut line);
            let width = limit.map_or(column.width, |limit| limit.min(column.width));
            let padding = width.saturating_sub(line.width());
            let (before, after) = if column.right { (padding, 0) } else { (0, padding) };
            out.extend(std::iter::repeat_n(b' ', before));
            out.extend_from_slice(line.finish().as_bytes());
            if is_last || limit == Some(0) {
                break;
            }
            out.extend(std::iter::repeat_n(b' ', after));
            out.extend_from_slice(GAP.as_bytes());
            used += column.width + GAP.len();
        }
        while out.len() > start && out.last() == Some(&b' ') {
            out.pop();
        }
        out.push(b'\n');
    }

    fn cell(&self, line: &mut Line, value: &Value<'_>) {
        match value {
            Value::Content(message) => match message.opcode {
                crate::websocket::Opcode::Text => line.push_bytes(message.content),
                _ => line.push_hex(message.content),
            },
            Value::Time { seconds, .. } if self.time == TimeFormat::Rfc3339 => {
                let mut text = Vec::new();
                time::rfc3339(&mut text, *seconds, TIME_DIGITS);
                line.push_bytes(text.get(self.time_part.clone()).unwrap_or(b"-"));
            }
            Value::Absent | Value::Null => line.push_str("-"),
            value => {
                let mut text = Vec::new();
                super::plain::value(&mut text, value, self.time);
                line.push_bytes(&text);
            }
        }
    }
}
