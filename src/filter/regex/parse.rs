//! Parses Python's regex syntax (that of `re` in Python 3.12), and refuses what Python refuses.
//!
//! ```text
//! alternation = sequence , { "|" , sequence }
//! sequence    = { item , [ repeat ] }
//! item        = character | "." | "^" | "$" | class | escape | "(" … ")"
//! repeat      = ( "*" | "+" | "?" | "{" [ m ] [ "," [ n ] ] "}" ) , [ "?" | "+" ]
//! ```
//!
//! Groups are in [`group`](super::group), what begins with a backslash in [`escape`](super::escape).

use std::collections::HashMap;

use super::syntax::{At, ClassItem, Flags, Kind, Mode, Node, Width};

/// How deep groups may nest; the engines have bounds of their own, not far above.
const MAX_DEPTH: usize = 50;

/// Repetitions from here on are too many for Python.
const MAX_REPEAT: u64 = u32::MAX as u64;

/// A pattern as a tree.
pub(super) fn parse(pattern: &str, kind: Kind, flags: Flags) -> Result<Node, String> {
    // Bytes are matched byte by byte: `é?` is an optional second byte after the first one of `é`.
    let characters: Vec<u32> = match kind {
        Kind::Bytes => pattern.bytes().map(u32::from).collect(),
        Kind::Text => pattern.chars().map(u32::from).collect(),
    };
    let mut parser = Parser {
        characters,
        at: 0,
        kind,
        global: flags,
        widths: vec![None],
        names: HashMap::new(),
        look_behind: None,
        conditions: Vec::new(),
    };
    let node = parser.alternation(flags, 0)?;
    if parser.next().is_some() {
        return Err("a `)` without a `(`".to_owned());
    }
    if let Some(group) = parser.conditions.iter().find(|group| **group >= parser.widths.len()) {
        return Err(format!("there is no group {group}"));
    }
    Ok(node)
}

pub(super) struct Parser {
    characters: Vec<u32>,
    at: usize,
    pub(super) kind: Kind,
    /// The flags outside of all groups; `(?i)` at the start sets them.
    pub(super) global: Flags,
    /// The widths of groups by number; `None` while a group is open. Group 0 is the whole pattern.
    pub(super) widths: Vec<Option<Width>>,
    pub(super) names: HashMap<Vec<u32>, usize>,
    /// In a look-behind: the number of groups that were there before it.
    pub(super) look_behind: Option<usize>,
    /// The groups that conditions ask for.
    pub(super) conditions: Vec<usize>,
}

impl Parser {
    /// The next character, as ASCII for those who compare it; others are NUL, which no syntax knows.
    pub(super) fn next(&self) -> Option<char> {
        self.peek().map(|character| char::from_u32(character).unwrap_or('\0'))
    }

    pub(super) fn peek(&self) -> Option<u32> {
        self.characters.get(self.at).copied()
    }

    pub(super) fn take(&mut self) -> Option<u32> {
        let character = self.peek()?;
        self.at += 1;
        Some(character)
    }

    /// Takes this character if it is the next.
    pub(super) fn accept(&mut self, character: char) -> bool {
        let is_next = self.next() == Some(character);
        if is_next {
            self.at += 1;
        }
        is_next
    }

    /// Takes up to `count` characters that are accepted by `is_wanted`.
    pub(super) fn take_while(&mut self, count: usize, is_wanted: fn(char) -> bool) -> String {
        let mut taken = String::new();
        while taken.len() < count
            && let Some(character) = self.next().filter(|character| is_wanted(*character))
        {
            taken.push(character);
            self.at += 1;
        }
        taken
    }

    /// Takes everything up to a character, and that too.
    pub(super) fn take_until(&mut self, end: char) -> Result<Vec<u32>, String> {
        let mut taken = Vec::new();
        loop {
            match self.take() {
                Some(character) if character == u32::from(end) => return Ok(taken),
                Some(character) => taken.push(character),
                None => return Err(format!("a `{end}` is missing")),
            }
        }
    }

    pub(super) fn alternation(&mut self, flags: Flags, depth: usize) -> Result<Node, String> {
        if depth > MAX_DEPTH {
            return Err("groups are nested too deeply".to_owned());
        }
        let mut branches = vec![self.sequence(flags, depth, depth == 0)?];
        while self.accept('|') {
            // `(?x)` at the start of the first branch counts for all.
            let flags = if depth == 0 { self.global } else { flags };
            branches.push(self.sequence(flags, depth, false)?);
        }
        Ok(match branches.len() {
            1 => branches.remove(0),
            _ => Node::Alternation(branches),
        })
    }

    /// Items up to `|`, `)` or the end. `is_first`: nothing stands before them but the start of the pattern.
    pub(super) fn sequence(&mut self, mut flags: Flags, depth: usize, is_first: bool) -> Result<Node, String> {
        let mut nodes = Vec::new();
        while let Some(next) = self.next().filter(|next| !"|)".contains(*next)) {
            let start = self.at;
            let Some(character) = self.take() else { break };
            match next {
                ' ' | '\t' | '\n' | '\r' | '\x0b' | '\x0c' if flags.verbose => {}
                '#' if flags.verbose => while self.take().is_some_and(|skipped| skipped != u32::from('\n')) {},
                '\\' => nodes.push(self.escape(flags)?),
                '.' => nodes.push(Node::Any(flags)),
                '^' => nodes.push(Node::At(At::Beginning, flags)),
                '$' => nodes.push(Node::At(At::End, flags)),
                '[' => nodes.push(self.class(flags)?),
                '(' => {
                    if let Some(node) = self.group(flags, depth, is_first && nodes.is_empty())? {
                        nodes.push(node);
                    } else if depth == 0 {
                        flags = self.global;
                    }
                }
                '*' | '+' | '?' | '{' => match self.bounds(next)? {
                    Some((min, max)) => self.repeat(&mut nodes, min, max)?,
                    None => {
                        self.at = start + 1;
                        nodes.push(Node::Literal(character, flags));
                    }
                },
                _ => nodes.push(Node::Literal(character, flags)),
            }
        }
        Ok(match nodes.len() {
            1 => nodes.remove(0),
            _ => Node::Concat(nodes),
        })
    }

    /// How often a repeat repeats; `None` for a `{` that is none.
    fn bounds(&mut self, character: char) -> Result<Option<(u32, Option<u32>)>, String> {
        match character {
            '?' => return Ok(Some((0, Some(1)))),
            '*' => return Ok(Some((0, None))),
            '+' => return Ok(Some((1, None))),
            _ if self.next() == Some('}') => return Ok(None),
            _ => {}
        }
        let is_digit = |character: char| character.is_ascii_digit();
        let min = self.take_while(usize::MAX, is_digit);
        let max = if self.accept(',') { self.take_while(usize::MAX, is_digit) } else { min.clone() };
        if !self.accept('}') {
            return Ok(None);
        }
        let number = |digits: &str| match digits.parse::<u64>() {
            Ok(number) if number < MAX_REPEAT => Ok(number as u32),
            _ => Err("the number of repetitions is too large".to_owned()),
        };
        let min = if min.is_empty() { 0 } else { number(&min)? };
        let max = if max.is_empty() { None } else { Some(number(&max)?) };
        if max.is_some_and(|max| max < min) {
            return Err("the least number of repetitions is greater than the largest".to_owned());
        }
        Ok(Some((min, max)))
    }

    /// Makes a repeat of the last node.
    fn repeat(&mut self, nodes: &mut Vec<Node>, min: u32, max: Option<u32>) -> Result<(), String> {
        let node = match nodes.pop() {
            None | Some(Node::At(..)) => return Err("there is nothing to repeat".to_owned()),
            Some(Node::Repeat { .. }) => return Err("a repeat of a repeat needs a group".to_owned()),
            Some(node) => Box::new(node),
        };
        let mode = if self.accept('?') {
            Mode::Lazy
        } else if self.accept('+') {
            Mode::Possessive
        } else {
            Mode::Greedy
        };
        nodes.push(Node::Repeat { node, min, max, mode });
        Ok(())
    }

    /// A class, after its `[`.
    fn class(&mut self, flags: Flags) -> Result<Node, String> {
        let unclosed = || "a `[` without a `]`".to_owned();
        let negated = self.accept('^');
        let mut items = Vec::new();
        loop {
            let character = self.take().ok_or_else(unclosed)?;
            if character == u32::from(']') && !items.is_empty() {
                break;
            }
            let first = self.class_item(character)?;
            if !self.accept('-') {
                items.push(first);
                continue;
            }
            let character = self.take().ok_or_else(unclosed)?;
            if character == u32::from(']') {
                let hyphen = u32::from('-');
                items.extend([first, ClassItem::Range(hyphen, hyphen)]);
                break;
            }
            match (first, self.class_item(character)?) {
                (ClassItem::Range(first, _), ClassItem::Range(last, _)) if first <= last => {
                    items.push(ClassItem::Range(first, last));
                }
                _ => return Err("a range in `[…]` goes from a character to a later one".to_owned()),
            }
        }
        Ok(Node::Class { items, negated, flags })
    }

    fn class_item(&mut self, character: u32) -> Result<ClassItem, String> {
        if character == u32::from('\\') { self.class_escape() } else { Ok(ClassItem::Range(character, character)) }
    }
}
