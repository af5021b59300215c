//! Output: rows of fields, written as a table, NDJSON, JSON, CSV or raw content.
//!
//! A [`Writer`] appends rows to a buffer and remembers nothing between them, so that any thread can format any part
//! of a listing. It prints nothing itself.

mod clusters;
mod csv;
mod details;
mod escape;
mod fields;
mod finding_fields;
mod flow_fields;
mod flow_rows;
pub(crate) mod json;
mod line;
mod plain;
mod sheet;
mod table;
mod time;
mod tone;
pub(crate) mod units;
mod value;

pub use details::Details;
pub(crate) use escape::push_multiline;
use escape::push_printable;
pub use escape::{is_unsafe, printable, printable_bytes, printable_lines};
pub use fields::{Field, FieldError, Info, MessageField, MessageRow, parse};
pub use finding_fields::{FindingField, FindingRow};
pub use flow_fields::{FlowField, FlowRow, MessageCounts};
pub use flow_rows::FlowRows;
pub(crate) use json::{
    is_number as is_json_number, object as json_object, part_for_terminal as json_part_for_terminal,
    string as json_string,
};
pub(crate) use line::push_cut;
pub(crate) use plain::{base64 as push_base64, base64_display, base64_text};
pub use sheet::{Sheet, SheetText};
pub(crate) use time::rfc3339;
pub use time::{TimeFormat, is_time};
pub use tone::{Tone, printable_colored};
pub use value::{Time, Value};

use table::Table;
use time::Clock;

/// A format of listings.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Format {
    /// A line of columns per row, for people.
    #[default]
    Table,
    /// A JSON object per line.
    Ndjson,
    /// One JSON array of objects.
    Json,
    /// RFC 4180, with a line of names.
    Csv,
    /// The fields alone, without names; of a message, its content.
    Raw,
}

impl Format {
    /// Whether a row is a JSON object.
    fn is_json(self) -> bool {
        matches!(self, Format::Ndjson | Format::Json)
    }
}

/// How rows are written.
#[derive(Clone, Debug)]
pub struct Options {
    /// The format.
    pub format: Format,
    /// How times are written.
    pub time: TimeFormat,
    /// What follows a row of [`Format::Raw`].
    pub separator: Vec<u8>,
    /// Whether a field that has no meaning for a row is `null` in JSON, as when it was asked for by name, or left out.
    pub absent_as_null: bool,
    /// How the rows look. Where a terminal will show them, nothing that it could obey is written.
    pub looks: Looks,
}

/// A terminal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Terminal {
    /// Columns.
    pub width: usize,
}

/// How something for people looks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Looks {
    /// The terminal that will show it, if one will.
    pub terminal: Option<Terminal>,
    /// Whether it has colours.
    pub color: bool,
}

impl Looks {
    /// Whether it must hold nothing that a terminal could obey. What has colours goes to one in the end.
    fn is_for_terminal(self) -> bool {
        self.terminal.is_some() || self.color
    }
}

impl Default for Options {
    fn default() -> Options {
        Options {
            format: Format::Table,
            time: TimeFormat::Rfc3339,
            separator: b"\n".to_vec(),
            absent_as_null: false,
            looks: Looks::default(),
        }
    }
}

/// Writes rows of fields in a format.
#[derive(Clone, Debug)]
pub struct Writer<F> {
    fields: Vec<F>,
    /// `,"name":` of each field.
    keys: Vec<String>,
    options: Options,
    /// Whether a terminal will obey what it is sent.
    for_terminal: bool,
    table: Table,
}

impl<F: Field> Writer<F> {
    /// A writer of these fields.
    pub fn new(fields: Vec<F>, options: Options) -> Writer<F> {
        let table = Table::new(&fields, options.looks, options.time);
        let keys = fields.iter().map(|field| format!(",\"{}\":", field.info().name)).collect();
        Writer { fields, keys, for_terminal: options.looks.is_for_terminal(), options, table }
    }

    /// Appends what comes before the first row.
    pub fn begin(&self, out: &mut Vec<u8>) {
        match self.options.format {
            Format::Table => self.table.titles(out),
            Format::Json => out.push(b'['),
            Format::Csv => self.csv(out, |out| csv::names(out, &self.fields)),
            Format::Ndjson | Format::Raw => {}
        }
    }

    /// Appends a row. The rows of [`Format::Json`] all begin with a comma; the first of them loses it in
    /// [`join`](Self::join).
    pub fn row(&self, out: &mut Vec<u8>, row: &F::Row<'_>) {
        let clock = Clock::default();
        self.row_with(out, row, &clock, |out| self.object(out, row, &clock));
    }

    /// Appends a row whose JSON object is what `object` appends.
    #[inline]
    fn row_with(&self, out: &mut Vec<u8>, row: &F::Row<'_>, clock: &Clock, object: impl FnOnce(&mut Vec<u8>)) {
        match self.options.format {
            Format::Table => self.table.row(out, &self.fields, row, clock),
            Format::Ndjson => {
                self.colored(out, object);
                out.push(b'\n');
            }
            Format::Json => {
                out.extend_from_slice(b",\n");
                self.colored(out, object);
            }
            Format::Csv => self.csv(out, |out| csv::row(out, &self.fields, row, self.options.time)),
            Format::Raw => self.raw(out, row),
        }
    }

    #[inline]
    fn colored(&self, out: &mut Vec<u8>, object: impl FnOnce(&mut Vec<u8>)) {
        let start = out.len();
        object(out);
        if self.options.looks.color {
            tone::color_json(out, start);
        }
    }

    /// As [`row`](Self::row), for rows of one and the same flow: what they have in common is made once.
    pub fn of_one_flow(&self) -> FlowRows<'_, F> {
        FlowRows::new(self)
    }

    /// The part of formatted rows that is to be written, given whether rows were written before.
    pub fn join<'a>(&self, rows: &'a [u8], is_first: bool) -> &'a [u8] {
        match self.options.format {
            Format::Json if is_first => rows.strip_prefix(b",").unwrap_or(rows),
            _ => rows,
        }
    }

    /// Appends what comes after the last row.
    pub fn end(&self, out: &mut Vec<u8>) {
        if self.options.format == Format::Json {
            out.extend_from_slice(b"\n]\n");
        }
    }

    fn object(&self, out: &mut Vec<u8>, row: &F::Row<'_>, clock: &Clock) {
        let start = out.len();
        for (field, key) in self.fields.iter().zip(&self.keys) {
            let value = field.value(row);
            if self.has_key(&value) {
                out.extend_from_slice(key.as_bytes());
                self.json_value(out, &value, clock);
            }
        }
        flow_rows::close_object(out, start);
    }

    /// Whether a JSON object has a key for a value.
    fn has_key(&self, value: &Value<'_>) -> bool {
        self.options.absent_as_null || !matches!(value, Value::Absent)
    }

    fn json_value(&self, out: &mut Vec<u8>, value: &Value<'_>, clock: &Clock) {
        let for_terminal = self.for_terminal;
        let start = out.len();
        match value {
            Value::Text(text) => json::string(out, text, for_terminal),
            Value::Word(word) => {
                out.push(b'"');
                out.extend_from_slice(word.as_bytes());
                out.push(b'"');
            }
            Value::Json(text) => json::embedded(out, text, for_terminal),
            Value::Content(message) | Value::Preview { message, .. } => match message.text() {
                Some(text) => json::string(out, text, for_terminal),
                None => self.json_value(out, &Value::Base64(message.content), clock),
            },
            Value::Id { .. } => {
                out.push(b'"');
                plain::value(out, value, self.options.time);
                out.push(b'"');
            }
            Value::Numbers(numbers) => {
                out.push(b'[');
                plain::numbers(out, numbers, b',');
                out.push(b']');
            }
            Value::Base64(bytes) => {
                out.push(b'"');
                plain::base64(out, bytes);
                out.push(b'"');
            }
            // What is no time is null, in `timestamp` as in `time`.
            Value::Timestamp(timestamp) if !timestamp.is_plain() && timestamp.micros().is_none() => {}
            Value::Time { time, first } => match self.options.time {
                TimeFormat::Rfc3339 => {
                    if let Some(text) = time.micros().and_then(|micros| clock.rfc3339(micros)) {
                        out.push(b'"');
                        out.extend_from_slice(&text);
                        out.push(b'"');
                    }
                }
                TimeFormat::Unix if time.micros().is_some() => plain::float(out, time.seconds()),
                // Microseconds are all that a difference of two such times is good for.
                TimeFormat::Relative if time.micros().is_some() => {
                    plain::float(out, ((time.seconds() - *first) * 1e6).round() / 1e6);
                }
                TimeFormat::Unix | TimeFormat::Relative => {}
            },
            value => plain::value(out, value, self.options.time),
        }
        if out.len() == start {
            out.extend_from_slice(b"null");
        }
    }

    /// A line of CSV; for a terminal it is made printable.
    fn csv(&self, out: &mut Vec<u8>, line: impl FnOnce(&mut Vec<u8>)) {
        let start = out.len();
        line(out);
        if self.options.looks.terminal.is_some() {
            let line = out.split_off(start);
            push_multiline(out, line.trim_ascii_end());
            out.push(b'\n');
        }
    }

    /// A single field is written as it is. Several are a line with tabs between, and printable, so that no value can
    /// pass for two.
    fn raw(&self, out: &mut Vec<u8>, row: &F::Row<'_>) {
        match self.fields.as_slice() {
            [field] if self.options.looks.terminal.is_none() => self.raw_value(out, &field.value(row)),
            [field] => {
                let mut text = Vec::new();
                self.raw_value(&mut text, &field.value(row));
                push_multiline(out, &text);
            }
            fields => {
                let mut text = Vec::new();
                for (number, field) in fields.iter().enumerate() {
                    if number > 0 {
                        out.push(b'\t');
                    }
                    text.clear();
                    self.raw_value(&mut text, &field.value(row));
                    push_printable(out, &text);
                }
            }
        }
        out.extend_from_slice(&self.options.separator);
    }

    fn raw_value(&self, out: &mut Vec<u8>, value: &Value<'_>) {
        match value {
            Value::Content(message) | Value::Preview { message, .. } => out.extend_from_slice(message.content),
            value => plain::value(out, value, self.options.time),
        }
    }
}
