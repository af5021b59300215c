//! Compressed payloads: unpacked, and what is in them guessed again.
//!
//! What is packed badly is shown as far as it goes, and the summary says how it ends: `57 bytes, cut off`, `wrong checksum`,
//! `3 bytes behind its end`; `at least 262144 bytes` where no more was unpacked.

use super::body::Body;
use super::plain::is_printable;
use super::{MAX_NESTED, NotThat, Payload};
use crate::flow::{End, Undecodable, Unpacked, has_zlib_header, unpack_brotli, unpack_gzip, unpack_zlib, unpack_zstd};

pub(super) fn guess_gzip(payload: &Payload<'_>) -> Option<&'static str> {
    payload.content.starts_with(&[0x1f, 0x8b, 8]).then_some("it starts as gzip, and decodes")
}

pub(super) fn decode_gzip<'a>(payload: &Payload<'a>) -> Result<Body<'a>, NotThat> {
    match payload.content {
        [0x1f, 0x8b, ..] => decode(payload, unpack_gzip),
        _ => Err(NotThat("it does not start as gzip")),
    }
}

/// Bytes that are unpacked for a guess.
const LOOKED_AT: usize = 1 << 10;

/// Two bytes start as zlib soon, and few bytes decode soon. So what is not whole has to be text.
pub(super) fn guess_zlib(payload: &Payload<'_>) -> Option<&'static str> {
    if payload.is_text || !has_zlib_header(payload.content) {
        return None;
    }
    let start = unpack_zlib(payload.content, LOOKED_AT).ok()?;
    let is_whole = matches!(start.end, End::Whole | End::Limit);
    (is_whole || is_printable(&start.bytes)).then_some("it starts as zlib, and decodes")
}

pub(super) fn decode_zlib<'a>(payload: &Payload<'a>) -> Result<Body<'a>, NotThat> {
    match has_zlib_header(payload.content) {
        true => decode(payload, unpack_zlib),
        false => Err(NotThat("it does not start as zlib")),
    }
}

pub(super) fn guess_zstd(payload: &Payload<'_>) -> Option<&'static str> {
    payload.content.starts_with(&[0x28, 0xb5, 0x2f, 0xfd]).then_some("it starts as Zstandard, and decodes")
}

pub(super) fn decode_zstd<'a>(payload: &Payload<'a>) -> Result<Body<'a>, NotThat> {
    decode(payload, unpack_zstd)
}

pub(super) fn guess_brotli(_: &Payload<'_>) -> Option<&'static str> {
    None
}

pub(super) fn decode_brotli<'a>(payload: &Payload<'a>) -> Result<Body<'a>, NotThat> {
    decode(payload, unpack_brotli)
}

fn decode<'a>(
    payload: &Payload<'a>,
    unpack: impl Fn(&[u8], usize) -> Result<Unpacked, Undecodable>,
) -> Result<Body<'a>, NotThat> {
    const UNDECODABLE: NotThat = NotThat("it does not decode");
    if payload.nested >= MAX_NESTED {
        return Err(NotThat("it is nested too deep"));
    }
    let Unpacked { bytes, end, behind } = unpack(payload.content, payload.room).map_err(|Undecodable| UNDECODABLE)?;
    if payload.content.is_empty() || bytes.is_empty() && end == End::CutOff {
        return Err(UNDECODABLE);
    }
    let inside = payload.within(&bytes).guess().into_owned();
    let length = count(bytes.len());
    let length = match end {
        End::Whole => length,
        End::Limit => format!("at least {length}"),
        End::CutOff => format!("{length}, cut off"),
        End::WrongChecksum => format!("{length}, wrong checksum"),
    };
    let behind = if behind > 0 { format!(", {} behind its end", count(behind)) } else { String::new() };
    let summary = format!("{inside}, {length}{behind}");
    Ok(Body::inside(inside).summed_up(summary))
}

fn count(bytes: usize) -> String {
    if bytes == 1 { "1 byte".to_owned() } else { format!("{bytes} bytes") }
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use flate2::Compression;
    use flate2::write::{GzEncoder, ZlibEncoder};

    use crate::payload::{GLANCED_AT, GLANCED_GROWTH, Kind, LARGEST, tests::payload};

    const JSON: &[u8] = br#"{"a":[1,2,3],"b":"a text of some words"}"#;

    fn gzip(content: &[u8]) -> Vec<u8> {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
        encoder.write_all(content).unwrap();
        encoder.finish().unwrap()
    }

    fn zlib(content: &[u8]) -> Vec<u8> {
        let mut encoder = ZlibEncoder::new(Vec::new(), Compression::best());
        encoder.write_all(content).unwrap();
        encoder.finish().unwrap()
    }

    /// What `zstd --check` makes of it: one block, as it is.
    fn zstd() -> Vec<u8> {
        [b"\x28\xb5\x2f\xfd\x24\x28\x41\x01\x00", JSON, b"\x61\x46\x45\x29"].concat()
    }

    fn guessed(content: &[u8]) -> String {
        payload(content, false, None).guess().to_string()
    }

    /// What is changed at its end, or has something behind it.
    fn with_end(content: &[u8], from_end: usize, end: &[u8]) -> Vec<u8> {
        [&content[..content.len() - from_end], end].concat()
    }

    #[test]
    fn how_it_ends_is_said() {
        let length = JSON.len();
        for (packed, name, checksum) in [(gzip(JSON), "gzip", 8), (zlib(JSON), "zlib", 4), (zstd(), "zstd", 4)] {
            let whole = format!("{name} json {{a,b}}, {length} bytes");
            assert_eq!(guessed(&packed), whole);
            assert_eq!(guessed(&with_end(&packed, 0, b"end")), format!("{whole}, 3 bytes behind its end"));
            assert_eq!(guessed(&with_end(&packed, 0, b"\0")), format!("{whole}, 1 byte behind its end"));
            let wrong = with_end(&packed, checksum, &vec![7; checksum]);
            assert_eq!(guessed(&wrong), format!("{whole}, wrong checksum"));
            assert_eq!(guessed(&with_end(&wrong, 0, b"!")).contains("1 byte behind its end"), name != "zstd");
            for cut in 1..=checksum {
                assert_eq!(guessed(&with_end(&packed, cut, b"")), format!("{whole}, cut off"));
            }
        }
        // Of what is cut off within, what there is.
        let text =
            "some words, ".to_owned() + &(0..500).map(|number| format!("{} ", number * number)).collect::<String>();
        for (packed, name) in [(gzip(text.as_bytes()), "gzip"), (zlib(text.as_bytes()), "zlib")] {
            let half = guessed(&packed[..packed.len() / 2]);
            assert!(
                half.starts_with(&format!("{name} text \"some words")) && half.ends_with(" bytes, cut off"),
                "{half}"
            );
            assert!(!guessed(&packed[..3]).starts_with(name));
        }
    }

    #[test]
    fn brotli_says_how_it_ends() {
        let text = "some words in brotli";
        // A header, one block that is not compressed, and the end.
        let head = [0x8b, 0x09, 0x80];
        let whole = [&head[..], text.as_bytes(), &[3]].concat();
        let decoded = |content: &[u8]| payload(content, false, None).decode(Kind::Brotli).unwrap().to_string();
        let expected = format!("br text \"{text}\", {} bytes", text.len());
        assert_eq!(decoded(&whole), expected);
        assert_eq!(decoded(&[&whole[..], b"more"].concat()), format!("{expected}, 4 bytes behind its end"));
        assert_eq!(decoded(&whole[..whole.len() - 1]), format!("{expected}, cut off"));
    }

    /// Bytes that start as zlib, and decode to a few bytes or to none, as many bytes do.
    #[test]
    fn what_starts_as_zlib_is_not_zlib_for_that() {
        for content in [&b"\x78\x9c\x00\x01"[..], b"\x78\x01\x03\x00\x11\x12\x13\x14", b"\x78\x9c\x63\x60\x60"] {
            assert!(!guessed(content).starts_with("zlib"), "{}: {}", content.escape_ascii(), guessed(content));
        }
    }

    /// A listing of many contents that become much unpacks less of each.
    #[test]
    fn a_glance_unpacks_less() {
        let bomb = gzip(&vec![b'x'; 2 * LARGEST]);
        let shown = payload(&bomb, false, None).guess().to_string();
        assert!(shown.ends_with(&format!(", at least {LARGEST} bytes")), "{shown}");
        let listed = payload(&bomb, false, None).glance().to_string();
        let most = GLANCED_AT + GLANCED_GROWTH * bomb.len();
        assert!(listed.ends_with(&format!(", at least {most} bytes")), "{listed}");
        assert_eq!(listed.split(',').next(), shown.split(',').next());
        // Packed again it becomes no more.
        let again = payload(&gzip(&bomb), false, None).glance().to_string();
        assert!(
            again.contains(&format!(", at least {} bytes", GLANCED_AT + GLANCED_GROWTH * gzip(&bomb).len())),
            "{again}"
        );
        // What is packed as tightly as texts are is listed as it is shown.
        let text: String = (0..5000).map(|number| format!("{number},")).collect();
        let packed = gzip(format!("[{text}0]").as_bytes());
        let payload = payload(&packed, false, None);
        assert_eq!(payload.glance().to_string(), payload.guess().to_string());
    }
}
