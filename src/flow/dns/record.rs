//! What a resource record says, as text.

use std::net::{Ipv4Addr, Ipv6Addr};

use super::name;
use crate::flow::python;
use crate::tnetstring::RawValue;

/// The types (RFC 1035 section 3.2.2 and later) whose data is shown as what it means.
const SHOWN: [(i64, &str, Show); 7] = [
    (1, "A", ipv4),
    (2, "NS", name::unpack),
    (5, "CNAME", name::unpack),
    (12, "PTR", name::unpack),
    (16, "TXT", text),
    (28, "AAAA", ipv6),
    (65, "HTTPS", https),
];

type Show = fn(&[u8]) -> Option<String>;

/// The data of a record: as its type has it, in hexadecimal where that is not known or the data is none of it.
pub(super) fn to_text(record: RawValue<'_>) -> String {
    let get = |key| record.get(key).ok().flatten();
    let data = get("data").and_then(|data| data.to_bytes().ok()).unwrap_or_default();
    let number = get("type").and_then(|number| number.to_i64().ok()).unwrap_or_default();
    let hexadecimal = || data.iter().map(|byte| format!("{byte:02x}")).collect::<String>();
    match SHOWN.iter().find(|(known, ..)| *known == number) {
        Some((_, name, show)) => show(data).unwrap_or_else(|| format!("0x{} (invalid {name} data)", hexadecimal())),
        None => format!("0x{}", hexadecimal()),
    }
}

fn ipv4(data: &[u8]) -> Option<String> {
    Some(Ipv4Addr::from(<[u8; 4]>::try_from(data).ok()?).to_string())
}

/// Python's text of an IPv6 address shows no part of it in the form of IPv4.
fn ipv6(data: &[u8]) -> Option<String> {
    let address = Ipv6Addr::from(<[u8; 16]>::try_from(data).ok()?);
    let Some([high, low]) = address.to_ipv4_mapped().map(|address| {
        let [a, b, c, d] = address.octets();
        [u16::from_be_bytes([a, b]), u16::from_be_bytes([c, d])]
    }) else {
        return Some(address.to_string());
    };
    Some(format!("::ffff:{high:x}:{low:x}"))
}

fn text(data: &[u8]) -> Option<String> {
    String::from_utf8(data.to_vec()).ok()
}

/// The names of service parameters (RFC 9460 section 14.3.2).
const PARAMETERS: [&str; 7] = ["mandatory", "alpn", "no_default_alpn", "port", "ipv4hint", "ech", "ipv6hint"];

/// A dict as Python prints it. Of equal parameters the last counts, in the place of the first.
fn https(data: &[u8]) -> Option<String> {
    let (priority, rest) = data.split_first_chunk()?;
    let priority = i16::from_be_bytes(*priority);
    let (target, mut rest) = name::unpack_first(rest)?;
    let mut parameters: Vec<(u16, &[u8])> = Vec::new();
    while !rest.is_empty() {
        let (key, after) = rest.split_first_chunk()?;
        let (length, after) = after.split_first_chunk()?;
        let (value, after) = after.split_at_checked(usize::from(u16::from_be_bytes(*length)))?;
        let key = u16::from_be_bytes(*key);
        match parameters.iter_mut().find(|(known, _)| *known == key) {
            Some(parameter) => parameter.1 = value,
            None => parameters.push((key, value)),
        }
        rest = after;
    }
    let mut out = String::from("{'target_name': ");
    python::push_repr_of_str(&mut out, &target);
    out.push_str(&format!(", 'priority': {priority}"));
    for (key, value) in parameters {
        match PARAMETERS.get(usize::from(key)) {
            Some(name) => out.push_str(&format!(", '{name}': ")),
            None => out.push_str(&format!(", {key}: ")),
        }
        python::push_repr_of_str(&mut out, &python::escaped(value));
    }
    out.push('}');
    Some(out)
}
