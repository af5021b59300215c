//! URLs as every reader of HAR takes them.

use std::fmt::Write as _;
use std::net::Ipv6Addr;

use crate::Error;
use crate::flow::Request;
use crate::flow::url::{default_port, host_header, is_valid_host, split_authority};

/// mitmproxy's pretty URL, in ASCII: other bytes of the path are percent-encoded; an IPv6 address stands in brackets; and where the `Host` header is no host, the address that was
/// connected to stands in its place.
pub(super) fn portable(request: &Request<'_>) -> Result<String, Error> {
    let scheme = request.scheme()?;
    let header = host_header(request)?;
    let named = header.as_deref().map(split_authority).filter(|(host, _)| host.is_ascii() && is_valid_host(host));
    let (host, port) = match named {
        Some((host, port)) => (host.into(), i64::from(port.or(default_port(&scheme)).unwrap_or(443))),
        None => (request.host()?, request.port()?),
    };
    let is_v6 = host.parse::<Ipv6Addr>().is_ok();
    let (open, close) = if is_v6 { ("[", "]") } else { ("", "") };
    let mut url = format!("{scheme}://{open}{host}{close}");
    // Writing into a String cannot fail.
    if default_port(&scheme).map(i64::from) != Some(port) {
        let _ = write!(url, ":{port}");
    }
    for &byte in if request.path_bytes()? == b"*" { b"" } else { request.path_bytes()? } {
        if byte.is_ascii() {
            url.push(char::from(byte));
        } else {
            let _ = write!(url, "%{byte:02X}");
        }
    }
    Ok(url)
}
