//! Domain names in the data of records: labels (RFC 1035 section 3.1), international ones in punycode (RFC 3492).

/// The name that the data is.
pub(super) fn unpack(data: &[u8]) -> Option<String> {
    let (name, rest) = unpack_first(data)?;
    rest.is_empty().then_some(name)
}

/// The name that the data begins with, and what follows it. Pointers to other names are none here.
pub(super) fn unpack_first(data: &[u8]) -> Option<(String, &[u8])> {
    const LONGEST_LABEL: u8 = 63;
    let mut labels = Vec::new();
    let mut rest = data;
    loop {
        let (length, after) = rest.split_first()?;
        match length {
            0 => return Some((labels.join("."), after)),
            1..=LONGEST_LABEL => {
                let (label, after) = after.split_at_checked(usize::from(*length))?;
                labels.push(decode(label)?);
                rest = after;
            }
            _ => return None,
        }
    }
}

/// A name, or a label that may itself hold points, as Python's codec `idna` decodes it. `None` if it is not ASCII, or
/// not what punycode makes of anything.
pub(in crate::flow) fn decode(label: &[u8]) -> Option<String> {
    let label = std::str::from_utf8(label).ok().filter(|label| label.is_ascii())?;
    let parts: Option<Vec<_>> = label
        .split('.')
        .map(|part| match part.strip_prefix("xn--") {
            Some(encoded) => punycode(encoded),
            None => Some(part.to_owned()),
        })
        .collect();
    Some(parts?.join("."))
}

/// Decodes punycode (RFC 3492 section 6.2).
fn punycode(encoded: &str) -> Option<String> {
    const BASE: u32 = 36;
    const THRESHOLDS: (u32, u32) = (1, 26);
    const SKEW: u32 = 38;
    const DAMP: u32 = 700;
    let (plain, digits) = encoded.rsplit_once('-').unwrap_or(("", encoded));
    let mut characters: Vec<char> = plain.chars().collect();
    let (mut code, mut at, mut bias) = (128_u32, 0_u32, 72_u32);
    let mut digits = digits.bytes().peekable();
    while digits.peek().is_some() {
        let before = at;
        let (mut weight, mut position) = (1_u32, BASE);
        loop {
            let digit = match digits.next()? {
                letter @ b'a'..=b'z' => letter - b'a',
                letter @ b'A'..=b'Z' => letter - b'A',
                digit @ b'0'..=b'9' => digit - b'0' + 26,
                _ => return None,
            };
            at = at.checked_add(u32::from(digit).checked_mul(weight)?)?;
            let threshold = position.saturating_sub(bias).clamp(THRESHOLDS.0, THRESHOLDS.1);
            if u32::from(digit) < threshold {
                break;
            }
            weight = weight.checked_mul(BASE - threshold)?;
            position += BASE;
        }
        let count = u32::try_from(characters.len()).ok()? + 1;
        let mut delta = (at - before) / if before == 0 { DAMP } else { 2 };
        delta += delta / count;
        let mut steps = 0;
        while delta > ((BASE - THRESHOLDS.0) * THRESHOLDS.1) / 2 {
            delta /= BASE - THRESHOLDS.0;
            steps += BASE;
        }
        bias = steps + (BASE - THRESHOLDS.0 + 1) * delta / (delta + SKEW);
        code = code.checked_add(at / count)?;
        at %= count;
        characters.insert(usize::try_from(at).ok()?, char::from_u32(code)?);
        at += 1;
    }
    Some(characters.into_iter().collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_unpacked() {
        let cases: [(&[u8], Option<&str>); 9] = [
            (b"\x03www\x07example\x03com\0", Some("www.example.com")),
            (b"\0", Some("")),
            (b"\x0exn--bcher-kva8\0", None),
            (b"\x0dxn--bcher-kva\x03com\0", Some("b\u{fc}cher.com")),
            (b"\x0axn--fiqs8s\0", Some("\u{4e2d}\u{56fd}")),
            (b"\x03www", None),
            (b"\x03www\0x", None),
            (b"\xc0\x0c", None),
            (b"\x02\xc3\xa4\0", None),
        ];
        for (data, expected) in cases {
            assert_eq!(unpack(data).as_deref(), expected, "{}", data.escape_ascii());
        }
    }
}
