//! The peers of a flow: their addresses, and the TLS that mitmproxy spoke with each.

use std::borrow::Cow;

use x509_cert::Certificate;
use x509_cert::der::DecodePem as _;

use crate::tnetstring::{RawValue, Tag};

/// TLS as it was agreed on with a peer of a flow, borrowed from the flow. What the capture does not say is `None`.
#[derive(Clone, Copy, Debug)]
pub struct Tls<'a> {
    connection: RawValue<'a>,
}

impl<'a> Tls<'a> {
    /// TLS of a connection, if it has any.
    pub(super) fn new(connection: RawValue<'a>) -> Option<Tls<'a>> {
        let tls = Tls { connection };
        // The keys of the newest format come first; MessagePack can hold any.
        let is_there = tls.get(&["tls_established", "ssl_established", "tls"])?.to_bool() == Ok(true);
        is_there.then_some(tls)
    }

    fn get(&self, keys: &[&str]) -> Option<RawValue<'a>> {
        get(self.connection, keys)
    }

    fn text(&self, keys: &[&str]) -> Option<Cow<'a, str>> {
        let text = String::from_utf8_lossy(self.get(keys)?.to_bytes().ok()?);
        Some(text).filter(|text| !text.is_empty())
    }

    /// The version, such as `TLSv1.3`.
    pub fn version(&self) -> Option<Cow<'a, str>> {
        self.text(&["tls_version"])
    }

    /// The cipher suite, such as `TLS_AES_256_GCM_SHA384`.
    pub fn cipher(&self) -> Option<Cow<'a, str>> {
        self.text(&["cipher", "cipher_name"])
    }

    /// The name that the client asked for (RFC 6066 section 3).
    pub fn sni(&self) -> Option<Cow<'a, str>> {
        self.text(&["sni"])
    }

    /// The protocol that was agreed on (RFC 7301), such as `http/1.1`.
    pub fn alpn(&self) -> Option<Cow<'a, str>> {
        self.text(&["alpn", "alpn_proto_negotiated"])
    }

    /// The subject of each certificate that the peer showed, its own first, as RFC 4514 writes one: `CN=example.com`.
    /// Certificates that cannot be read are passed over.
    pub fn certificate_subjects(&self) -> Vec<String> {
        let certificates = self.get(&["certificate_list"]).and_then(|list| list.items().ok());
        let certificates = certificates.into_iter().flatten().map_while(Result::ok);
        let all = certificates.chain(self.get(&["cert"]));
        let subject = |certificate: RawValue<'_>| {
            let certificate = Certificate::from_pem(certificate.to_bytes().ok()?).ok()?;
            Some(certificate.tbs_certificate().subject().to_string())
        };
        all.filter_map(subject).collect()
    }
}

/// The address that stands under the first of these keys that the connection has, as `HOST:PORT`.
///
/// An address is a list of host, port and, for IPv6, two numbers more. The client's is called `peername` since
/// format 19 and was `address` before; the server's `address` kept its name.
pub(super) fn address(connection: RawValue<'_>, keys: &[&str]) -> Option<String> {
    let mut parts = get(connection, keys)?.items().ok()?;
    let host = parts.next()?.ok()?;
    let port = parts.next()?.ok()?;
    let host = match host.tag() {
        Tag::Str | Tag::Bytes => String::from_utf8_lossy(host.to_bytes().ok()?),
        _ => return None,
    };
    Some(format!("{host}:{}", port.integer_digits().ok()?))
}

/// The value of the first of these keys that has one.
fn get<'a>(connection: RawValue<'a>, keys: &[&str]) -> Option<RawValue<'a>> {
    keys.iter().find_map(|key| connection.get(key).ok().flatten().filter(|value| !value.is_null()))
}
