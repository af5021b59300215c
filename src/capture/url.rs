//! URLs taken apart, as formats have them that know a connection by its URL.

use super::new_flow::NewRequest;
use super::number::Number;

/// The parts of a URL that a request has.
#[derive(Debug, PartialEq)]
pub(super) struct Url<'u> {
    /// `http` or `https` where it is `ws` or `wss`, for so WebSocket connections begin; otherwise as it stands there.
    pub(super) scheme: &'u [u8],
    pub(super) host: &'u [u8],
    pub(super) port: i64,
    /// The path with all that stands behind it.
    pub(super) path: &'u [u8],
}

impl<'u> Url<'u> {
    /// Takes a URL apart. One that has no host, as `data:…` has none, is a path as a whole.
    pub(super) fn parse(url: &'u [u8]) -> Url<'u> {
        let colon = url.iter().position(|&byte| byte == b':').unwrap_or(0);
        let (scheme, rest) = url.split_at(colon);
        let scheme: &[u8] = match scheme {
            b"ws" => b"http",
            b"wss" => b"https",
            other => other,
        };
        let Some(rest) = rest.strip_prefix(b"://") else {
            return Url { scheme, host: b"", port: 0, path: rest.strip_prefix(b":").unwrap_or(rest) };
        };
        let end = rest.iter().position(|byte| matches!(byte, b'/' | b'?' | b'#')).unwrap_or(rest.len());
        let (authority, path) = rest.split_at(end);
        // A name and a password may stand before the host.
        let authority = authority.rsplit(|&byte| byte == b'@').next().unwrap_or_default();
        let default = if scheme == b"https" { 443 } else { 80 };
        let (host, port) = match authority.iter().rposition(|&byte| byte == b':') {
            Some(colon) if !authority.ends_with(b"]") => {
                let port = str::from_utf8(&authority[colon + 1..]).ok().and_then(|port| port.parse::<u16>().ok());
                (&authority[..colon], port.unwrap_or(default))
            }
            _ => (authority, default),
        };
        let host = host.strip_prefix(b"[").and_then(|host| host.strip_suffix(b"]")).unwrap_or(host);
        Url { scheme, host, port: port.into(), path }
    }

    /// A request of this URL at this time.
    pub(super) fn to_request(&self, timestamp: &Number) -> NewRequest {
        // Between host and query there is at least a slash in a request.
        let slash: &[u8] = if self.path.starts_with(b"/") || self.host.is_empty() { b"" } else { b"/" };
        NewRequest {
            host: String::from_utf8_lossy(self.host).into_owned(),
            port: self.port,
            scheme: self.scheme.to_vec(),
            path: [slash, self.path].concat(),
            ..NewRequest::unknown(timestamp.clone())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn urls_are_taken_apart() {
        let cases = [
            ("wss://example.com/chat?x=1#y", ("https", "example.com", 443, "/chat?x=1#y")),
            ("ws://example.com", ("http", "example.com", 80, "")),
            ("http://user:secret@example.com:8080?x", ("http", "example.com", 8080, "?x")),
            ("https://[::1]/", ("https", "::1", 443, "/")),
            ("https://[::1]:444/", ("https", "::1", 444, "/")),
            ("http://example.com:99999/", ("http", "example.com", 80, "/")),
            ("data:text/plain,hi://", ("data", "", 0, "text/plain,hi://")),
            ("/path", ("", "", 0, "/path")),
            ("", ("", "", 0, "")),
        ];
        for (url, (scheme, host, port, path)) in cases {
            let expected = Url { scheme: scheme.as_bytes(), host: host.as_bytes(), port, path: path.as_bytes() };
            assert_eq!(Url::parse(url.as_bytes()), expected, "{url}");
        }
    }
}
