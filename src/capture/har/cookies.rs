//! Cookies as mitmproxy takes them out of headers: it takes more than RFC 6265 allows, and several cookies in one
//! header, separated by commas.
//!
//! ```text
//! Cookie:     name=value; name="quoted \" value"; name
//! Set-Cookie: name=value; attribute=value; attribute, name=value
//! ```

use std::iter;

use serde::Serialize;

/// A cookie that a response sets. A value that is not there is not the same as an empty one.
#[derive(Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct SetCookie {
    name: String,
    value: Option<String>,
    path: Option<String>,
    domain: Option<String>,
    http_only: bool,
    secure: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    same_site: Option<Option<String>>,
}

impl SetCookie {
    fn new(name: String, value: Option<String>) -> SetCookie {
        let path = Some("/".to_owned());
        SetCookie { name, value, path, domain: Some(String::new()), http_only: false, secure: false, same_site: None }
    }

    /// Takes an attribute. The last one of a name counts, and case does not.
    fn set(&mut self, name: &str, value: Option<String>) {
        match &*name.to_lowercase() {
            "path" => self.path = value,
            "domain" => self.domain = value,
            "httponly" => self.http_only = true,
            "secure" => self.secure = true,
            "samesite" => self.same_site = Some(value),
            _ => {}
        }
    }
}

/// The cookies of a `Cookie` header.
pub(super) fn of_request(header: &str) -> impl Iterator<Item = (String, String)> {
    let mut text = Some(Cursor { rest: header });
    iter::from_fn(move || {
        loop {
            let part = text.as_mut()?;
            let name = trimmed(part.until(&[';', '=']));
            let value = if part.skip('=') { part.value(&[';']) } else { String::new() };
            if !part.next_part() {
                text = None;
            }
            if !name.is_empty() || !value.is_empty() {
                return Some((name, value));
            }
        }
    })
}

/// The cookies of a `Set-Cookie` header.
pub(super) fn of_response(header: &str) -> impl Iterator<Item = SetCookie> {
    let mut text = Some(Cursor { rest: header });
    iter::from_fn(move || {
        let mut cookie = None;
        loop {
            let Some(part) = &mut text else { return cookie };
            let name = trimmed(part.until(&[';', '=', ',']));
            let value = part.skip('=').then(|| {
                let value = part.value(&[';', ',']);
                // A date has a comma behind the day of the week, which has three letters.
                if name.eq_ignore_ascii_case("expires") && value.chars().count() <= 3 {
                    part.next_part();
                    return format!("{value},{}", part.value(&[';', ',']));
                }
                value
            });
            match &mut cookie {
                _ if name.is_empty() && value.is_none() => {}
                Some(cookie) => SetCookie::set(cookie, &name, value),
                None => cookie = Some(SetCookie::new(name, value)),
            }
            let is_end = part.rest.starts_with(',');
            if !part.next_part() {
                text = None;
            }
            if is_end && cookie.is_some() {
                return cookie;
            }
        }
    })
}

/// What has not been read of a header.
struct Cursor<'h> {
    rest: &'h str,
}

impl<'h> Cursor<'h> {
    /// What stands before the first of these, or before the end.
    fn until(&mut self, ends: &[char]) -> &'h str {
        let (part, rest) = self.rest.split_at(self.rest.find(ends).unwrap_or(self.rest.len()));
        self.rest = rest;
        part
    }

    fn skip(&mut self, character: char) -> bool {
        let rest = self.rest.strip_prefix(character);
        self.rest = rest.unwrap_or(self.rest);
        rest.is_some()
    }

    /// Goes behind what separates two parts, whatever it is. False when nothing follows.
    fn next_part(&mut self) -> bool {
        let mut characters = self.rest.chars();
        characters.next();
        self.rest = characters.as_str();
        !self.rest.is_empty()
    }

    /// A value, which may stand in quotes. What stands between the closing quote and the next separator belongs to
    /// the next part.
    fn value(&mut self, ends: &[char]) -> String {
        if !self.skip('"') {
            return self.until(ends).to_owned();
        }
        let mut value = String::new();
        let mut is_escaped = false;
        let mut characters = self.rest.chars();
        for character in characters.by_ref() {
            match character {
                '"' if !is_escaped => break,
                '\\' if !is_escaped => is_escaped = true,
                _ => {
                    value.push(character);
                    is_escaped = false;
                }
            }
        }
        self.rest = characters.as_str();
        value
    }
}

/// Without the space in front, as Python knows space.
fn trimmed(name: &str) -> String {
    name.trim_start_matches(|c: char| c.is_whitespace() || ('\x1c'..='\x1f').contains(&c)).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cookies_of_requests() {
        let pairs =
            |header| of_request(header).map(|(name, value)| format!("{name}|{value}")).collect::<Vec<_>>().join(" ");
        // What mitmproxy 12.2.3 gives.
        assert_eq!(pairs(""), "");
        assert_eq!(pairs("one=uno"), "one|uno");
        assert_eq!(pairs("one=uno; two=due"), "one|uno two|due");
        assert_eq!(pairs("one=\"uno;\\\" x\"; two=due"), "one|uno;\" x two|due");
        assert_eq!(pairs("one; two=; =three"), "one| two| |three");
        assert_eq!(pairs("one=a,b=c"), "one|a,b=c");
        assert_eq!(pairs("one=\"uno\"x; two"), "one|uno two|");
        assert_eq!(pairs("one=\"unclosed; two=2"), "one|unclosed; two=2");
    }

    #[test]
    fn cookies_of_responses() {
        let cookie = |header| {
            let shown = of_response(header).map(|cookie| {
                let or = |value: Option<String>| value.unwrap_or_else(|| "-".to_owned());
                let same_site = cookie.same_site.map(or).map(|value| format!(" same {value}")).unwrap_or_default();
                let flags = [(cookie.http_only, " only"), (cookie.secure, " secure")];
                let flags: String = flags.into_iter().filter(|(is_set, _)| *is_set).map(|(_, name)| name).collect();
                let [value, path, domain] = [cookie.value, cookie.path, cookie.domain].map(or);
                format!("{}|{value} {path} {domain}{flags}{same_site}", cookie.name)
            });
            shown.collect::<Vec<_>>().join(" / ")
        };
        assert_eq!(cookie(""), "");
        assert_eq!(cookie("one=uno"), "one|uno / ");
        assert_eq!(cookie("one=uno; Path=/x; HttpOnly"), "one|uno /x  only");
        assert_eq!(cookie("a=b; expires=Mon, 24-Aug-2037 00:00:00 GMT; secure, c=d"), "a|b /  secure / c|d / ");
        assert_eq!(cookie("one, two=due; domain=d; SameSite=Lax"), "one|- /  / two|due / d same Lax");
        assert_eq!(cookie("a=b; PATH=/x; path=/y; samesite"), "a|b /y  same -");
        assert_eq!(cookie(",a=b; path,;c=d"), "a|b -  / c|d / ");
    }
}
