//! CSV (RFC 4180), safe to open in a spreadsheet.

use super::fields::Field;
use super::plain;
use super::time::TimeFormat;
use super::value::Value;

/// Appends the line of names.
pub(super) fn names<F: Field>(out: &mut Vec<u8>, fields: &[F]) {
    for (number, field) in fields.iter().enumerate() {
        if number > 0 {
            out.push(b',');
        }
        out.extend_from_slice(field.info().name.as_bytes());
    }
    out.extend_from_slice(b"\r\n");
}

/// Appends the line of a row.
pub(super) fn row<F: Field>(out: &mut Vec<u8>, fields: &[F], row: &F::Row<'_>, time: TimeFormat) {
    for (number, field) in fields.iter().enumerate() {
        if number > 0 {
            out.push(b',');
        }
        match field.value(row) {
            Value::Text(text) => push(out, text.as_bytes()),
            Value::Word(word) => push(out, word.as_bytes()),
            Value::Content(message) | Value::Preview { message, .. } if message.text().is_some() => {
                push(out, message.content);
            }
            value @ Value::Json(_) => {
                let mut text = Vec::new();
                plain::value(&mut text, &value, time);
                push(out, &text);
            }
            value @ (Value::Base64(_) | Value::Content(_) | Value::Preview { .. }) => {
                // Base64 may start with a plus sign.
                let start = out.len();
                plain::value(out, &value, time);
                if out.get(start) == Some(&b'+') {
                    out.insert(start, b'\'');
                }
            }
            // Numbers, truth values and times hold nothing that has to be quoted, and are what they look like.
            value => plain::value(out, &value, time),
        }
    }
    out.extend_from_slice(b"\r\n");
}

/// Appends a cell, in quotes where it needs them. A spreadsheet runs text that starts with `=`, `+`, `-`, `@`, a tab
/// or a carriage return as a formula; an apostrophe in front makes it text again.
fn push(out: &mut Vec<u8>, cell: &[u8]) {
    let formula = matches!(cell.first(), Some(b'=' | b'+' | b'-' | b'@' | b'\t' | b'\r'));
    if !formula && !cell.iter().any(|byte| matches!(byte, b',' | b'"' | b'\r' | b'\n')) {
        out.extend_from_slice(cell);
        return;
    }
    out.push(b'"');
    if formula {
        out.push(b'\'');
    }
    for part in cell.split_inclusive(|&byte| byte == b'"') {
        out.extend_from_slice(part);
        if part.ends_with(b"\"") {
            out.push(b'"');
        }
    }
    out.push(b'"');
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_are_quoted_and_never_formulas() {
        let cases: &[(&[u8], &[u8])] = &[
            (b"plain", b"plain"),
            (b"a,b", b"\"a,b\""),
            (b"say \"hi\"", b"\"say \"\"hi\"\"\""),
            (b"two\nlines", b"\"two\nlines\""),
            (b"=1+1", b"\"'=1+1\""),
            (b"@cmd", b"\"'@cmd\""),
            (b"+1", b"\"'+1\""),
            (b"-1", b"\"'-1\""),
            (b"\t=1", b"\"'\t=1\""),
        ];
        for (cell, expected) in cases {
            let mut out = Vec::new();
            push(&mut out, cell);
            assert_eq!(out, *expected, "{}", cell.escape_ascii());
        }
    }
}
