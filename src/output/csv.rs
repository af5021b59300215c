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
pub(super) fn row<F: Field>(out: &mut Vec<u8>, cell: &mut Vec<u8>, fields: &[F], row: &F::Row<'_>, time: TimeFormat) {
    for (number, field) in fields.iter().enumerate() {
        if number > 0 {
            out.push(b',');
        }
        let value = field.value(row);
        cell.clear();
        plain::value(cell, &value, time);
        let is_text = matches!(value, Value::Text(_) | Value::Json(_) | Value::Content(_));
        push(out, cell, is_text);
    }
    out.extend_from_slice(b"\r\n");
}

/// Appends a cell, in quotes where it needs them. A spreadsheet runs text that starts with `=`, `+`, `-`, `@`, a tab
/// or a carriage return as a formula; an apostrophe in front makes it text again.
fn push(out: &mut Vec<u8>, cell: &[u8], is_text: bool) {
    let formula = is_text && matches!(cell.first(), Some(b'=' | b'+' | b'-' | b'@' | b'\t' | b'\r'));
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
        let cases: &[(&[u8], bool, &[u8])] = &[
            (b"plain", true, b"plain"),
            (b"a,b", true, b"\"a,b\""),
            (b"say \"hi\"", true, b"\"say \"\"hi\"\"\""),
            (b"two\nlines", true, b"\"two\nlines\""),
            (b"=1+1", true, b"\"'=1+1\""),
            (b"@cmd", true, b"\"'@cmd\""),
            (b"+1", true, b"\"'+1\""),
            (b"-1", true, b"\"'-1\""),
            (b"\t=1", true, b"\"'\t=1\""),
            (b"-1.5", false, b"-1.5"),
        ];
        for (cell, is_text, expected) in cases {
            let mut out = Vec::new();
            push(&mut out, cell, *is_text);
            assert_eq!(out, *expected, "{}", cell.escape_ascii());
        }
    }
}
