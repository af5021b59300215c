//! A plain text, searched for as it is or in any case.

use memchr::memmem;
use regex::bytes::{Regex, RegexBuilder};

/// A plain text to search for. Case is that of ASCII.
#[derive(Clone, Debug)]
pub(in crate::filter) struct Literal {
    bytes: Box<[u8]>,
    search: Search,
}

#[derive(Clone, Debug)]
enum Search {
    Exact(Box<memmem::Finder<'static>>),
    /// For the first bytes, in any case: the regex crate turns their few spellings into a vectorised search.
    AnyCase(Regex),
}

/// How many bytes of a text are searched for; whether the others follow is looked at where these are. Far more than the
/// vectorised search makes use of.
const SEARCHED: usize = 32;

impl Literal {
    /// Gets ready to search for a text.
    pub(super) fn new(bytes: &[u8], ignore_case: bool) -> Result<Literal, String> {
        let search = if ignore_case && bytes.iter().any(u8::is_ascii_alphabetic) {
            let first: String = bytes.iter().take(SEARCHED).map(|byte| format!("\\x{byte:02x}")).collect();
            Search::AnyCase(
                RegexBuilder::new(&first)
                    .unicode(false)
                    .case_insensitive(true)
                    .build()
                    .map_err(|error| error.to_string())?,
            )
        } else {
            Search::Exact(Box::new(memmem::Finder::new(bytes).into_owned()))
        };
        Ok(Literal { bytes: bytes.into(), search })
    }

    /// Where the text is first.
    #[inline]
    pub(in crate::filter) fn find(&self, haystack: &[u8]) -> Option<usize> {
        match &self.search {
            Search::Exact(finder) => finder.find(haystack),
            Search::AnyCase(regex) if self.bytes.len() <= SEARCHED => regex.find(haystack).map(|found| found.start()),
            Search::AnyCase(regex) => {
                let mut from = 0;
                loop {
                    let start = from + regex.find(haystack.get(from..)?)?.start();
                    if haystack.get(start..start + self.bytes.len())?.eq_ignore_ascii_case(&self.bytes) {
                        return Some(start);
                    }
                    from = start + 1;
                }
            }
        }
    }

    /// Whether the text is there.
    #[inline]
    pub(super) fn is_in(&self, haystack: &[u8]) -> bool {
        haystack.len() >= self.bytes.len() && self.find(haystack).is_some()
    }

    /// How long it is.
    pub(in crate::filter) fn len(&self) -> usize {
        self.bytes.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_found_where_they_are_first() {
        let cases: [(&[u8], &[u8], Option<usize>); 8] = [
            (b"needle", b"a NeeDle needle", Some(2)),
            (b"needle", b"needl", None),
            (b"", b"", Some(0)),
            (b"[a.b]", b"[A.B]", Some(0)),
            (b"\xc3\xa4x", b"\xc3\xa4X", Some(0)),
            (b"\xc3\xa4x", b"\xc3\x84x", None),
            (
                b"0123456789 0123456789 0123456789 x",
                b"0123456789 0123456789 0123456789 0123456789 0123456789 X",
                Some(22),
            ),
            (b"0123456789 0123456789 0123456789 x", b"0123456789 0123456789 0123456789 ", None),
        ];
        for (text, haystack, expected) in cases {
            let literal = Literal::new(text, true).unwrap();
            assert_eq!(literal.find(haystack), expected, "{}", text.escape_ascii());
            assert_eq!(literal.is_in(haystack), expected.is_some());
        }
        assert_eq!(Literal::new(b"needle", false).unwrap().find(b"a Needle needle"), Some(9));
    }
}
