//! Flow files as trees, read and written in the plainest way, to hold edits against.

/// A tnetstring value.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Tree {
    /// A body and its tag.
    Leaf(Vec<u8>, u8),
    /// The values of a list, or the keys and values of a dict, and the tag.
    Inner(Vec<Tree>, u8),
}

/// The values that stand one after the other.
pub(crate) fn parse(mut bytes: &[u8]) -> Vec<Tree> {
    let mut values = Vec::new();
    while !bytes.is_empty() {
        let colon = bytes.iter().position(|&byte| byte == b':').unwrap();
        let length: usize = std::str::from_utf8(&bytes[..colon]).unwrap().parse().unwrap();
        let (body, rest) = bytes[colon + 1..].split_at(length);
        values.push(match rest[0] {
            tag @ (b']' | b'}') => Tree::Inner(parse(body), tag),
            tag => Tree::Leaf(body.to_vec(), tag),
        });
        bytes = &rest[1..];
    }
    values
}

/// The bytes of values.
pub(crate) fn encode(values: &[Tree]) -> Vec<u8> {
    let mut bytes = Vec::new();
    for value in values {
        let (body, tag) = match value {
            Tree::Leaf(body, tag) => (body.clone(), *tag),
            Tree::Inner(values, tag) => (encode(values), *tag),
        };
        bytes.extend_from_slice(format!("{}:", body.len()).as_bytes());
        bytes.extend_from_slice(&body);
        bytes.push(tag);
    }
    bytes
}

impl Tree {
    /// The value under a key of a dict.
    pub(crate) fn get(&mut self, name: &str) -> Option<&mut Tree> {
        let Tree::Inner(values, b'}') = self else { panic!("{name} is asked of what is no dict") };
        let is_name = |key: &Tree| matches!(key, Tree::Leaf(body, _) if body == name.as_bytes());
        let at = values.iter().step_by(2).position(is_name)?;
        Some(&mut values[2 * at + 1])
    }

    pub(crate) fn items(&mut self) -> &mut Vec<Tree> {
        let Tree::Inner(values, _) = self else { panic!("no list") };
        values
    }

    /// The messages of a flow that is a connection, in either layout.
    pub(crate) fn messages(&mut self) -> Option<&mut Vec<Tree>> {
        let is_old = matches!(self.get("type")?, Tree::Leaf(kind, _) if kind == b"websocket");
        let within = if is_old { self } else { self.get("websocket")? };
        match within {
            Tree::Inner(..) => Some(within.get("messages")?.items()),
            Tree::Leaf(..) => None,
        }
    }
}

/// A truth value.
pub(crate) fn bool(value: bool) -> Tree {
    Tree::Leaf(value.to_string().into_bytes(), b'!')
}
