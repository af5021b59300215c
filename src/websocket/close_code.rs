//! What close codes mean.

/// The codes that have a name: RFC 6455 section 7.4.1, and what the
/// [registry](https://www.iana.org/assignments/websocket/websocket.xhtml#close-code-number) that it founds has
/// taken in since.
const NAMES: &[(i64, &str)] = &[
    (1000, "normal closure"),
    (1001, "going away"),
    (1002, "protocol error"),
    (1003, "unsupported data"),
    (1004, "reserved"),
    (1005, "no status received"),
    (1006, "abnormal closure"),
    (1007, "invalid frame payload data"),
    (1008, "policy violation"),
    (1009, "message too big"),
    (1010, "mandatory extension"),
    (1011, "internal error"),
    (1012, "service restart"),
    (1013, "try again later"),
    (1014, "bad gateway"),
    (1015, "TLS handshake"),
    (3000, "unauthorized"),
    (3003, "forbidden"),
    (3008, "timeout"),
];

/// What a close code means, by the names of RFC 6455 section 7.4 and its registry at IANA; of a code without a name
/// the range that it is in, and `None` for a code that is in no range.
///
/// ```
/// use wsflow::websocket::close_code_name;
///
/// assert_eq!(close_code_name(1006), Some("abnormal closure"));
/// assert_eq!(close_code_name(4999), Some("private use"));
/// assert_eq!(close_code_name(70000), None);
/// ```
pub fn close_code_name(code: i64) -> Option<&'static str> {
    if let Ok(found) = NAMES.binary_search_by_key(&code, |(code, _)| *code) {
        return Some(NAMES[found].1);
    }
    match code {
        1000..=2999 => Some("not assigned"),
        3000..=3999 => Some("library or framework"),
        4000..=4999 => Some("private use"),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_of_the_list_is_found() {
        assert!(NAMES.is_sorted_by(|a, b| a.0 < b.0));
        for (code, name) in NAMES {
            assert_eq!(close_code_name(*code), Some(*name));
        }
        for (code, name) in [(1016, Some("not assigned")), (3001, Some("library or framework")), (999, None)] {
            assert_eq!(close_code_name(code), name);
        }
    }
}
