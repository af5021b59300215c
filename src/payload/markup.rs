//! XML, which is set in, and HTML, which is shown as it is.

use quick_xml::events::Event;
use quick_xml::{Reader, Writer};

use super::body::Body;
use super::json::short;
use super::{NotThat, Payload};

/// How deep elements may be nested. What is set in grows with it.
const MAX_ELEMENTS: usize = 32;

pub(super) fn guess_html(payload: &Payload<'_>) -> Option<&'static str> {
    let start = payload.content.trim_ascii_start();
    let starts = |with: &str| start.get(..with.len()).is_some_and(|start| start.eq_ignore_ascii_case(with.as_bytes()));
    (starts("<!doctype html") || starts("<html")).then_some("it starts as HTML")
}

pub(super) fn decode_html<'a>(payload: &Payload<'a>) -> Result<Body<'a>, NotThat> {
    payload.text().map(Body::text)
}

pub(super) fn guess_xml(payload: &Payload<'_>) -> Option<&'static str> {
    let content = payload.content.trim_ascii();
    matches!(content, [b'<', b'?' | b'!' | b'_' | b'a'..=b'z' | b'A'..=b'Z', .., b'>'])
        .then_some("it is well-formed XML")
}

/// Reads to the end, so that what is not well-formed is not XML.
pub(super) fn decode_xml<'a>(payload: &Payload<'a>) -> Result<Body<'a>, NotThat> {
    const BROKEN: NotThat = NotThat("it is not well-formed XML");
    let mut reader = Reader::from_str(payload.text()?);
    reader.config_mut().trim_text(true);
    let mut writer = Writer::new_with_indent(Vec::new(), b' ', 2);
    let (mut depth, mut root) = (0, None);
    loop {
        let event = reader.read_event().map_err(|_| BROKEN)?;
        match &event {
            Event::Start(element) => {
                depth += 1;
                root.get_or_insert_with(|| element.name().as_ref().to_owned());
            }
            Event::Empty(element) => {
                root.get_or_insert_with(|| element.name().as_ref().to_owned());
            }
            Event::End(_) => depth -= 1,
            Event::Eof if depth == 0 => break,
            Event::Eof => return Err(BROKEN),
            Event::Text(_) if depth == 0 => return Err(BROKEN),
            _ => {}
        }
        if depth > MAX_ELEMENTS {
            return Err(NotThat("its elements are nested too deep"));
        }
        writer.write_event(event).map_err(|_| BROKEN)?;
    }
    let root = root.ok_or(BROKEN)?;
    let text = String::from_utf8(writer.into_inner()).map_err(|_| BROKEN)?;
    Ok(Body::text(text).summed_up(format!("<{}>", short(&root))))
}
