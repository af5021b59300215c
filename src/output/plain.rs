//! Values as plain text, as CSV cells and `raw` lines have them: nothing is escaped here.

use std::fmt;
use std::io::Write as _;

use base64::Engine as _;
use base64::display::Base64Display;
use base64::engine::general_purpose::STANDARD as BASE64;

use super::json;
use super::time::{self, TimeFormat};
use super::value::Value;

/// Appends a value; what is absent or null appends nothing.
pub(super) fn value(out: &mut Vec<u8>, value: &Value<'_>, format: TimeFormat) {
    match value {
        Value::Absent | Value::Null => {}
        Value::Bool(value) => out.extend_from_slice(if *value { b"true" } else { b"false" }),
        // Writing into a buffer cannot fail.
        Value::Integer(number) => drop(write!(out, "{number}")),
        Value::Count(number) => count(out, *number),
        Value::Float(number) => float(out, *number),
        Value::Numbers(numbers) => self::numbers(out, numbers, b'.'),
        Value::Text(text) => out.extend_from_slice(text.as_bytes()),
        Value::Word(word) => out.extend_from_slice(word.as_bytes()),
        Value::Timestamp(timestamp) if timestamp.is_plain() || json::is_number(timestamp.as_bytes()) => {
            out.extend_from_slice(timestamp.as_bytes());
        }
        Value::Timestamp(timestamp) => float(out, timestamp.seconds()),
        Value::Time { time, first } => drop(time::push(out, *time, *first, format)),
        Value::Id { flow, message } => {
            count(out, *flow);
            out.push(b':');
            count(out, *message);
        }
        Value::Base64(bytes) => base64(out, bytes),
        Value::Json(text) => json::embedded(out, text, false),
        Value::Content(message) | Value::Preview { message, .. } => match message.text() {
            Some(text) => out.extend_from_slice(text.as_bytes()),
            None => base64(out, message.content),
        },
    }
}

/// Appends a number as JSON has it; what is no number, such as `nan`, appends nothing.
pub(super) fn float(out: &mut Vec<u8>, number: f64) {
    if number.is_finite() {
        drop(serde_json::to_writer(out, &number));
    }
}

/// Appends numbers, with something between them.
pub(super) fn numbers(out: &mut Vec<u8>, numbers: &[u64], between: u8) {
    for (position, number) in numbers.iter().enumerate() {
        if position > 0 {
            out.push(between);
        }
        count(out, *number);
    }
}

pub(super) fn count(out: &mut Vec<u8>, mut number: u64) {
    let mut digits = [0; 20];
    let mut start = digits.len();
    loop {
        start -= 1;
        digits[start] = b'0' + (number % 10) as u8;
        number /= 10;
        if number == 0 {
            break;
        }
    }
    out.extend_from_slice(&digits[start..]);
}

/// Bytes in base64.
pub(crate) fn base64_text(bytes: &[u8]) -> String {
    BASE64.encode(bytes)
}

/// Bytes in base64, made piece by piece while they are shown.
pub(crate) fn base64_display(bytes: &[u8]) -> impl fmt::Display + '_ {
    Base64Display::new(bytes, &BASE64)
}

pub(crate) fn base64(out: &mut Vec<u8>, bytes: &[u8]) {
    let start = out.len();
    out.resize(start + bytes.len().div_ceil(3) * 4, 0);
    // The buffer has exactly the size that is needed, so this cannot fail.
    let written = BASE64.encode_slice(bytes, &mut out[start..]).unwrap_or(0);
    out.truncate(start + written);
}
