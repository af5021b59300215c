//! A plain text, searched for as it is or in any case.

use memchr::memmem;

/// A plain text to search for.
#[derive(Clone, Debug)]
pub(in crate::filter) enum Literal {
    Exact(Box<memmem::Finder<'static>>),
    /// The regex crate turns the few spellings of the first letters into a vectorised search.
    AnyCase(regex::bytes::Regex),
}

impl Literal {
    pub(super) fn new(bytes: Vec<u8>, ignore_case: bool) -> Literal {
        if ignore_case {
            let mut pattern = String::from("(?i-u)");
            for byte in &bytes {
                pattern.push_str(&format!("\\x{byte:02x}"));
            }
            if let Ok(regex) = regex::bytes::Regex::new(&pattern) {
                return Literal::AnyCase(regex);
            }
        }
        Literal::Exact(Box::new(memmem::Finder::new(&bytes).into_owned()))
    }

    #[inline]
    pub(super) fn is_in(&self, haystack: &[u8]) -> bool {
        match self {
            Literal::Exact(finder) => finder.find(haystack).is_some(),
            Literal::AnyCase(regex) => regex.is_match(haystack),
        }
    }
}
