//! Rows of one flow. In JSON each of them says which flow it is of, with the URL; that is made once, with the first row.

use super::time::Clock;
use super::{Field, Value, Writer};

/// Writes rows of one flow, as [`Writer::row`] does.
#[derive(Debug)]
pub struct FlowRows<'w, F> {
    writer: &'w Writer<F>,
    /// The parts of an object; empty before the first row.
    parts: Vec<Part<F>>,
    clock: Clock,
}

/// A field that differs from row to row, and the text before it. A last part has no field.
#[derive(Debug)]
struct Part<F> {
    /// Fields that are the same in all rows, with their values, and then `,"name":` of the field.
    before: Vec<u8>,
    /// Where the name starts.
    name: usize,
    /// The same with `false` and with `true` behind it.
    truths: [Vec<u8>; 2],
    field: Option<F>,
}

impl<F> Part<F> {
    fn new(mut before: Vec<u8>, key: &str, field: Option<F>) -> Part<F> {
        let name = before.len();
        before.extend_from_slice(key.as_bytes());
        let truths = ["false", "true"].map(|truth| [&before, truth.as_bytes()].concat());
        Part { before, name, truths, field }
    }
}

impl<'w, F: Field> FlowRows<'w, F> {
    pub(super) fn new(writer: &'w Writer<F>) -> FlowRows<'w, F> {
        FlowRows { writer, parts: Vec::new(), clock: Clock::default() }
    }

    /// Appends a row.
    #[inline]
    pub fn row(&mut self, out: &mut Vec<u8>, row: &F::Row<'_>) {
        if self.parts.is_empty() && self.writer.options.format.is_json() {
            self.parts = parts(self.writer, row, &self.clock);
        }
        self.writer.row_with(out, row, &self.clock, |out| self.object(out, row));
    }

    fn object(&self, out: &mut Vec<u8>, row: &F::Row<'_>) {
        let start = out.len();
        for part in &self.parts {
            match part.field.map(|field| field.value(row)) {
                Some(Value::Bool(truth)) => out.extend_from_slice(&part.truths[usize::from(truth)]),
                Some(value) if self.writer.has_key(&value) => {
                    out.extend_from_slice(&part.before);
                    self.writer.json_value(out, &value, &self.clock);
                }
                _ => out.extend_from_slice(&part.before[..part.name]),
            }
        }
        close_object(out, start);
    }
}

/// Makes an object of the keys and values from `start` on, of which each begins with a comma.
pub(super) fn close_object(out: &mut Vec<u8>, start: usize) {
    match out.get_mut(start) {
        Some(comma) => *comma = b'{',
        None => out.push(b'{'),
    }
    out.push(b'}');
}

fn parts<F: Field>(writer: &Writer<F>, row: &F::Row<'_>, clock: &Clock) -> Vec<Part<F>> {
    let mut parts = Vec::new();
    let mut common = Vec::new();
    for (field, key) in writer.fields.iter().zip(&writer.keys) {
        if !field.is_of_flow() {
            parts.push(Part::new(std::mem::take(&mut common), key, Some(*field)));
            continue;
        }
        let value = field.value(row);
        if writer.has_key(&value) {
            common.extend_from_slice(key.as_bytes());
            writer.json_value(&mut common, &value, clock);
        }
    }
    parts.push(Part::new(common, "", None));
    parts
}

#[cfg(test)]
mod tests {
    use crate::flow::{FlowContext, Messages};
    use crate::output::{Format, MessageField as F, MessageRow, Options, Writer};

    #[test]
    fn rows_of_a_flow_are_those_of_any_writer() {
        let flow = FlowContext { index: 3, id: Some("a\"b".to_owned()), url: None, first: None, protocol: None };
        let run = b"38:1:1#4:true!2:hi,3:1.5^5:false!5:false!]38:1:2#5:false!2:\xff\0,3:2.5^5:false!4:true!]";
        let lists = [
            F::of_object(true, true),
            vec![F::Text, F::Flow, F::Message],
            vec![F::Flow, F::Url],
            vec![F::Base64],
            vec![F::Message, F::FlowId],
            vec![],
        ];
        for fields in lists {
            for format in [Format::Ndjson, Format::Json, Format::Table, Format::Csv] {
                for absent_as_null in [false, true] {
                    let options = Options { format, absent_as_null, ..Options::default() };
                    let writer = Writer::new(fields.clone(), options);
                    let mut rows = writer.of_one_flow();
                    for message in Messages::of_run(run, 0, 0) {
                        let row = MessageRow::new(Some("f"), &flow, message.unwrap());
                        let (mut one, mut other) = (Vec::new(), Vec::new());
                        rows.row(&mut one, &row);
                        writer.row(&mut other, &row);
                        assert_eq!(one, other, "{fields:?} {format:?}");
                    }
                }
            }
        }
    }
}
