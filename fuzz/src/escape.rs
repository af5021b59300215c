//! Nothing that a terminal could obey gets through: not in plain text, not in a row of any format.

use wsflow::flow::{Flow, FlowContext};
use wsflow::output::{self, Format, MessageField, MessageRow, Options, Terminal, Writer};

pub fn run(data: &[u8]) {
    let printable = output::printable_bytes(data);
    assert_harmless(&printable, "");
    assert_harmless(&output::printable(&String::from_utf8_lossy(data)), "");
    let record = flow_of(data);
    let flow = Flow::parse(&record).unwrap();
    let (context, _) = FlowContext::new(&flow, 0);
    let message = flow.websocket().unwrap().unwrap().messages().unwrap().next().unwrap().unwrap();
    for format in [Format::Table, Format::Ndjson, Format::Json, Format::Csv, Format::Raw] {
        for width in [1, 40, 200] {
            let terminal = Some(Terminal { width });
            let writer = Writer::new(MessageField::of_object(true, true), Options { format, terminal, ..Options::default() });
            let mut out = Vec::new();
            writer.begin(&mut out);
            let name = String::from_utf8_lossy(data);
            writer.row(&mut out, &MessageRow::new(Some(&name), &context, message));
            writer.end(&mut out);
            assert_harmless(str::from_utf8(&out).unwrap(), "\n\t");
        }
    }
}

/// A connection to a host of this name, with these bytes as its path and its text message.
fn flow_of(data: &[u8]) -> Vec<u8> {
    let value = |body: &[u8], tag: u8| [body.len().to_string().as_bytes(), b":", body, &[tag]].concat();
    let bytes = value(data, b',');
    let message = value(&[b"1:1#4:true!", bytes.as_slice(), b"3:1.5^5:false!5:false!"].concat(), b']');
    let websocket = value(&[b"8:messages;", value(&message, b']').as_slice()].concat(), b'}');
    let request = [b"4:host,", bytes.as_slice(), b"4:port;2:80#6:scheme;4:http,4:path;", &bytes, b"7:headers;0:]"].concat();
    let request = value(&request, b'}');
    let entries = [b"4:type;4:http;2:id;", bytes.as_slice(), b"9:websocket;", &websocket, b"7:request;", &request];
    value(&entries.concat(), b'}')
}

/// The list is not the one that escapes: C0, DEL, C1, and what changes the direction or the line.
fn assert_harmless(text: &str, allowed: &str) {
    let harmful = |char: &char| {
        let is_bidi = matches!(char, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
        (char.is_control() || is_bidi || matches!(char, '\u{2028}' | '\u{2029}')) && !allowed.contains(*char)
    };
    assert_eq!(text.chars().find(harmful), None, "{text:?}");
}
