//! Cookies as mitmproxy takes them out of headers: it takes more than RFC 6265 allows, and several cookies in one
//! header, separated by commas.
//!
//! ```text
//! Cookie:     name=value; name="quoted \" value"; name
//! Set-Cookie: name=value; attribute=value; attribute, name=value
//! ```

/// A name and its value; a value that is not there is not the same as an empty one.
type Pair = (String, Option<String>);

/// A cookie that a response sets.
#[derive(Debug, PartialEq)]
pub(super) struct SetCookie {
    pub(super) name: String,
    pub(super) value: Option<String>,
    attributes: Vec<Pair>,
}

impl SetCookie {
    /// The value of an attribute if it is there; the last counts, and case does not.
    pub(super) fn attribute(&self, name: &str) -> Option<Option<&str>> {
        let mut attributes = self.attributes.iter().rev();
        attributes.find(|(key, _)| key.to_lowercase() == name).map(|(_, value)| value.as_deref())
    }
}

/// The cookies of a `Cookie` header.
pub(super) fn of_request(header: &str) -> Vec<(String, String)> {
    let mut text = Cursor { rest: header };
    let mut pairs = Vec::new();
    loop {
        let name = trimmed(text.until(&[';', '=']));
        let value = if text.skip('=') { text.value(&[';']) } else { String::new() };
        if !name.is_empty() || !value.is_empty() {
            pairs.push((name, value));
        }
        if !text.next_part() {
            return pairs;
        }
    }
}

/// The cookies of a `Set-Cookie` header.
pub(super) fn of_response(header: &str) -> Vec<SetCookie> {
    let mut text = Cursor { rest: header };
    let mut cookies = Vec::new();
    let mut pairs: Vec<Pair> = Vec::new();
    loop {
        let name = trimmed(text.until(&[';', '=', ',']));
        if text.skip('=') {
            let mut value = text.value(&[';', ',']);
            // A date has a comma behind the day of the week, which has three letters.
            if name.eq_ignore_ascii_case("expires") && value.chars().count() <= 3 {
                text.next_part();
                value = format!("{value},{}", text.value(&[';', ',']));
            }
            pairs.push((name, Some(value)));
        } else if !name.is_empty() {
            pairs.push((name, None));
        }
        if text.rest.starts_with(',') {
            cookies.push(std::mem::take(&mut pairs));
        }
        if !text.next_part() {
            break;
        }
    }
    cookies.push(pairs);
    let cookie = |pairs: Vec<Pair>| {
        let mut pairs = pairs.into_iter();
        pairs.next().map(|(name, value)| SetCookie { name, value, attributes: pairs.collect() })
    };
    cookies.into_iter().filter_map(cookie).collect()
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
        while let Some(character) = characters.next() {
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
        let pairs = |header| {
            let pairs = of_request(header);
            pairs.iter().map(|(name, value)| format!("{name}|{value}")).collect::<Vec<_>>().join(" ")
        };
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
            let cookies = of_response(header);
            let text = |pair: &Pair| format!("{}|{}", pair.0, pair.1.as_deref().unwrap_or("-"));
            let shown = cookies.iter().map(|cookie| {
                let first = text(&(cookie.name.clone(), cookie.value.clone()));
                [vec![first], cookie.attributes.iter().map(text).collect()].concat().join(" ")
            });
            shown.collect::<Vec<_>>().join(" / ")
        };
        assert_eq!(cookie(""), "");
        assert_eq!(cookie("one=uno"), "one|uno");
        assert_eq!(cookie("one=uno; Path=/; HttpOnly"), "one|uno Path|/ HttpOnly|-");
        assert_eq!(
            cookie("a=b; expires=Mon, 24-Aug-2037 00:00:00 GMT; secure, c=d"),
            "a|b expires|Mon, 24-Aug-2037 00:00:00 GMT secure|- / c|d"
        );
        assert_eq!(cookie("one, two=due"), "one|- / two|due");
        let cookies = of_response("a=b; PATH=/x; path=/y");
        assert_eq!(cookies[0].attribute("path"), Some(Some("/y")));
        assert_eq!(cookies[0].attribute("secure"), None);
    }
}
