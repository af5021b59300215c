//! mitmproxy's pretty URL: the address that a person typed, as far as the request tells it.

use std::borrow::Cow;
use std::net::{IpAddr, Ipv6Addr};

use super::Request;
use super::dns::name;
use crate::Error;

/// The URL of a request as `mitmproxy.http.Request.pretty_url` gives it.
pub(super) fn pretty(request: &Request<'_>) -> Result<String, Error> {
    if request.method()?.eq_ignore_ascii_case("CONNECT") {
        return Ok(authority(request).into_owned());
    }
    let scheme = request.scheme()?;
    let path = request.path()?;
    let path = if path == "*" { "" } else { &path };
    Ok(match host_header(request)? {
        Some(header) => {
            let (host, port) = split_authority(&header);
            let port = port.or(default_port(&scheme)).unwrap_or(443);
            unparse(&scheme, host, port.into(), path)
        }
        None => unparse(&scheme, &request.host()?, request.port()?, path),
    })
}

/// The host of a request as `mitmproxy.http.Request.pretty_host` gives it.
pub(super) fn pretty_host<'a>(request: &Request<'a>) -> Result<Cow<'a, str>, Error> {
    match host_header(request)? {
        Some(Cow::Borrowed(header)) => Ok(Cow::Borrowed(split_authority(header).0)),
        Some(Cow::Owned(header)) => Ok(Cow::Owned(split_authority(&header).0.to_owned())),
        None => request.host(),
    }
}

/// What the client said the host is: the authority of HTTP/2 and HTTP/3, the `Host` header of others.
pub(crate) fn host_header<'a>(request: &Request<'a>) -> Result<Option<Cow<'a, str>>, Error> {
    let authority = authority(request);
    match &*request.http_version()? {
        "HTTP/2.0" | "HTTP/3" if !authority.is_empty() => Ok(Some(authority)),
        _ => Ok(request.headers()?.get("host").filter(|host| !host.is_empty())),
    }
}

/// The authority, international names in it as a person writes them.
fn authority<'a>(request: &Request<'a>) -> Cow<'a, str> {
    let authority = request.authority();
    match name::decode(authority.as_bytes()) {
        Some(decoded) if decoded != authority => Cow::Owned(decoded),
        _ => authority,
    }
}

/// The same URL with the scheme of a WebSocket connection (RFC 6455 section 3).
pub(super) fn as_websocket(url: String) -> String {
    match url.strip_prefix("http") {
        Some(rest) if rest.starts_with("://") || rest.starts_with("s://") => format!("ws{rest}"),
        _ => url,
    }
}

fn unparse(scheme: &str, host: &str, port: i64, path: &str) -> String {
    if default_port(scheme).map(i64::from) == Some(port) {
        format!("{scheme}://{host}{path}")
    } else {
        format!("{scheme}://{host}:{port}{path}")
    }
}

pub(crate) fn default_port(scheme: &str) -> Option<u16> {
    match scheme {
        "http" => Some(80),
        "https" => Some(443),
        _ => None,
    }
}

/// Host and port of a `Host` header. One that is malformed is a host as a whole.
pub(crate) fn split_authority(authority: &str) -> (&str, Option<u16>) {
    split_valid_authority(authority).unwrap_or((authority, None))
}

fn split_valid_authority(authority: &str) -> Option<(&str, Option<u16>)> {
    let (host, port) = match authority.strip_prefix('[').and_then(|rest| rest.rsplit_once(']')) {
        Some((host, "")) => (host, None),
        Some((host, rest)) => (host, Some(rest.strip_prefix(':')?)),
        None => match authority.split_once(':') {
            Some((host, port)) => (host, Some(port)),
            None => (authority, None),
        },
    };
    let port = match port {
        Some("") => return None,
        // A port of 0 counts as none, for mitmproxy takes it for false.
        Some(port) if port.bytes().all(|byte| byte.is_ascii_digit()) => {
            Some(port.parse().ok()?).filter(|port| *port != 0)
        }
        Some(_) => return None,
        None => None,
    };
    is_valid_host(host).then_some((host, port))
}

/// A name of labels as the DNS has them (international ones too, and with underscores), or an IP address.
pub(crate) fn is_valid_host(host: &str) -> bool {
    let name = host.strip_suffix('.').unwrap_or(host);
    let is_label = |label: &str| {
        (1..=63).contains(&label.len()) && label.chars().all(|c| c.is_alphanumeric() || c == '-' || c == '_')
    };
    let is_address = match host.split_once('%') {
        Some((address, zone)) => !zone.is_empty() && !zone.contains('%') && address.parse::<Ipv6Addr>().is_ok(),
        None => host.parse::<IpAddr>().is_ok(),
    };
    host.len() <= 255 && name.split('.').all(is_label) || is_address
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn authorities_are_split_as_mitmproxy_does() {
        let cases = [
            ("example.com", ("example.com", None)),
            ("example.com:8080", ("example.com", Some(8080))),
            ("[::1]:80", ("::1", Some(80))),
            ("[::1]", ("::1", None)),
            ("my_host.local.", ("my_host.local.", None)),
            ("h.example:0", ("h.example", None)),
            ("[fe80::1%25eth0]:80", ("fe80::1%25eth0", Some(80))),
            // Malformed ones stay whole.
            ("example.com:99999", ("example.com:99999", None)),
            ("exa mple.com:80", ("exa mple.com:80", None)),
            ("a, b", ("a, b", None)),
            ("::1", ("::1", None)),
        ];
        for (authority, expected) in cases {
            assert_eq!(split_authority(authority), expected, "{authority}");
        }
    }

    #[test]
    fn schemes_become_those_of_websocket() {
        assert_eq!(as_websocket("https://a/".into()), "wss://a/");
        assert_eq!(as_websocket("http://a/".into()), "ws://a/");
        assert_eq!(as_websocket("httpx://a/".into()), "httpx://a/");
        assert_eq!(as_websocket("a:443".into()), "a:443");
    }
}
