//! XML, which is set in, and HTML, which is shown as it is.

use quick_xml::events::{BytesStart, Event};
use quick_xml::{Reader, Writer};

use super::body::Body;
use super::summary::short;
use super::{NotThat, Payload};

/// How deep elements may be nested. What is set in grows with it.
const MAX_ELEMENTS: usize = 32;

/// Attributes of an element. Each is compared with those before it.
const MOST_ATTRIBUTES: usize = 256;

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

const BROKEN: NotThat = NotThat("it is not well-formed XML");

/// Reads to the end, so that what is not well-formed is not XML. Elements are set in where white space between them means
/// nothing; where text stands between elements, all is shown as it is.
pub(super) fn decode_xml<'a>(payload: &Payload<'a>) -> Result<Body<'a>, NotThat> {
    let content = payload.text()?;
    let mut reader = Reader::from_str(content);
    let mut writer = Writer::new_with_indent(Vec::new(), b' ', 2);
    let mut root = None;
    // What is in each element that is open: text, and elements.
    let mut open: Vec<(bool, bool)> = Vec::new();
    let mut is_mixed = content.contains("xml:space");
    let mut blank = None;
    loop {
        let event = reader.read_event().map_err(|_| BROKEN)?;
        match &event {
            Event::Start(_) | Event::Empty(_) if open.is_empty() && root.is_some() => return Err(BROKEN),
            Event::Start(element) | Event::Empty(element) => {
                are_attributes(element)?;
                root.get_or_insert_with(|| element.name().as_ref().to_owned());
                open.iter_mut().last().into_iter().for_each(|(_, has_elements)| *has_elements = true);
            }
            Event::Text(text) if text.as_ref().trim_ascii().is_empty() => {
                blank = Some(event);
                continue;
            }
            Event::Text(_) | Event::CData(_) | Event::GeneralRef(_) => match open.last_mut() {
                Some((has_text, _)) => *has_text = true,
                None => return Err(BROKEN),
            },
            Event::Eof if open.is_empty() => break,
            Event::Eof => return Err(BROKEN),
            _ => {}
        }
        let (has_text, has_elements) = open.last().copied().unwrap_or_default();
        is_mixed |= has_text && has_elements;
        // Blanks are a value in an element that holds nothing else, and beside text.
        if let Some(blank) = blank.take().filter(|_| has_text || matches!(event, Event::End(_)) && !has_elements) {
            writer.write_event(blank).map_err(|_| BROKEN)?;
        }
        match &event {
            Event::Start(_) => open.push((false, false)),
            Event::End(_) => drop(open.pop()),
            _ => {}
        }
        if open.len() > MAX_ELEMENTS {
            return Err(NotThat("its elements are nested too deep"));
        }
        writer.write_event(event).map_err(|_| BROKEN)?;
    }
    let summary = format!("<{}>", short(&root.ok_or(BROKEN)?));
    let body = match is_mixed {
        true => Body::text(content),
        false => Body::text(String::from_utf8(writer.into_inner()).map_err(|_| BROKEN)?),
    };
    Ok(body.summed_up(summary))
}

/// That what is in a tag are names and values, and each name is there once.
fn are_attributes(element: &BytesStart<'_>) -> Result<(), NotThat> {
    for (number, attribute) in element.attributes().enumerate() {
        if number == MOST_ATTRIBUTES {
            return Err(NotThat("an element in it has too many attributes"));
        }
        attribute.map_err(|_| BROKEN)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use crate::payload::{Kind, tests::payload};

    fn shown(xml: &str) -> String {
        let decoded = payload(xml.as_bytes(), true, None).decode(Kind::Xml).unwrap();
        let mut out = Vec::new();
        decoded.push(&mut out);
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn only_white_space_that_means_nothing_is_changed() {
        assert_eq!(
            shown("<a><b>T-1 &amp; more</b> <c>  </c></a>").trim_end(),
            "<a>\n  <b>T-1 &amp; more</b>\n  <c>  </c>\n</a>"
        );
        for mixed in ["<p>Hello <b>bold</b> and <i>it</i> end</p>", "<a>  keep  <![CDATA[ x ]]> <b/></a>"] {
            assert_eq!(shown(mixed).trim_end(), mixed);
        }
    }

    #[test]
    fn what_is_not_well_formed_is_not_xml() {
        let is_xml = |xml: &str| payload(xml.as_bytes(), true, None).decode(Kind::Xml).is_ok();
        assert!(is_xml("<a b='1' c=\"2\"><d e = '3'/></a>"));
        for broken in
            ["<a b=\"1\" b=\"2\" & >x</a>", "<a b=\"1\" b=\"2\"/>", "<a b c d=1></a>", "<a b=1/>", "<a><b c/></a>"]
        {
            assert!(!is_xml(broken), "{broken}");
        }
        assert!(!is_xml(&format!("<a {}/>", (0..1000).map(|number| format!("a{number}='' ")).collect::<String>())));
    }
}
