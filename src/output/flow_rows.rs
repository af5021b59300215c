//! Rows of one flow. In JSON each of them says which flow it is of, with the URL; that is made once, with the first row.

use super::{Field, Writer};

/// Writes rows of one flow, as [`Writer::row`] does.
#[derive(Debug)]
pub struct FlowRows<'w, F> {
    writer: &'w Writer<F>,
    /// The parts of an object; empty before the first row.
    parts: Vec<Part<F>>,
}

/// The text before a field that differs from row to row. A last part has no field.
#[derive(Debug)]
struct Part<F> {
    /// Fields that are the same in all rows, with their values.
    common: Vec<u8>,
    /// `,"name":` of the field.
    key: Vec<u8>,
    field: Option<F>,
}

impl<'w, F: Field> FlowRows<'w, F> {
    pub(super) fn new(writer: &'w Writer<F>) -> FlowRows<'w, F> {
        FlowRows { writer, parts: Vec::new() }
    }

    /// Appends a row.
    #[inline]
    pub fn row(&mut self, out: &mut Vec<u8>, row: &F::Row<'_>) {
        let writer = self.writer;
        writer.row_with(out, row, |out| self.object(out, row));
    }

    fn object(&mut self, out: &mut Vec<u8>, row: &F::Row<'_>) {
        if self.parts.is_empty() {
            self.parts = parts(self.writer, row);
        }
        let start = out.len();
        for Part { common, key, field } in &self.parts {
            out.extend_from_slice(common);
            let Some(field) = field else { continue };
            let value = field.value(row);
            if self.writer.has_key(&value) {
                out.extend_from_slice(key);
                self.writer.json_value(out, &value);
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

fn parts<F: Field>(writer: &Writer<F>, row: &F::Row<'_>) -> Vec<Part<F>> {
    let mut parts = Vec::new();
    let mut common = Vec::new();
    for (field, key) in writer.fields.iter().zip(&writer.keys) {
        if !field.is_of_flow() {
            let key = key.clone().into_bytes();
            parts.push(Part { common: std::mem::take(&mut common), key, field: Some(*field) });
            continue;
        }
        let value = field.value(row);
        if writer.has_key(&value) {
            common.extend_from_slice(key.as_bytes());
            writer.json_value(&mut common, &value);
        }
    }
    parts.push(Part { common, key: Vec::new(), field: None });
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
