//! What begins with a backslash.

use super::parse::Parser;
use super::syntax::{At, Category, ClassItem, Flags, Kind, Node, Set};

/// A group may be referred to by two digits.
const MAX_REFERENCE_DIGITS: usize = 2;

/// The largest number of an octal escape.
const MAX_OCTAL: u32 = 0o377;

impl Parser {
    /// An escape outside of a class, after its backslash.
    pub(super) fn escape(&mut self, flags: Flags) -> Result<Node, String> {
        let at = |at| Ok(Node::At(at, flags));
        match self.next() {
            Some('A') => self.skip(at(At::StringStart)),
            Some('Z') => self.skip(at(At::StringEnd)),
            Some('b') => self.skip(at(At::Boundary)),
            Some('B') => self.skip(at(At::NoBoundary)),
            Some('1'..='9') => self.reference_or_octal(flags),
            _ => match self.class_escape()? {
                ClassItem::Range(character, _) => Ok(Node::Literal(character, flags)),
                category => Ok(Node::Class { items: vec![category], negated: false, flags }),
            },
        }
    }

    fn skip<T>(&mut self, value: T) -> T {
        self.take();
        value
    }

    /// An escape in a class, after its backslash.
    pub(super) fn class_escape(&mut self) -> Result<ClassItem, String> {
        let Some(character) = self.take() else { return Err("a `\\` at the end".to_owned()) };
        let category = |set, negated| Ok(ClassItem::Category(Category { set, negated }));
        let code = match char::from_u32(character).unwrap_or('\0') {
            'd' => return category(Set::Digit, false),
            'D' => return category(Set::Digit, true),
            's' => return category(Set::Space, false),
            'S' => return category(Set::Space, true),
            'w' => return category(Set::Word, false),
            'W' => return category(Set::Word, true),
            'a' => 7,
            'b' => 8,
            't' => 9,
            'n' => 10,
            'v' => 11,
            'f' => 12,
            'r' => 13,
            'x' => self.hexadecimal(2)?,
            'u' if self.kind == Kind::Text => self.hexadecimal(4)?,
            'U' if self.kind == Kind::Text => self.hexadecimal(8)?,
            'N' if self.kind == Kind::Text => {
                return Err("characters by name (`\\N{…}`) are not known here; write `\\uXXXX`".to_owned());
            }
            digit @ '0'..='7' => self.octal(digit)?,
            letter if letter.is_ascii_alphanumeric() => return Err(format!("there is no escape `\\{letter}`")),
            _ => character,
        };
        Ok(ClassItem::Range(code, code))
    }

    /// Exactly so many hexadecimal digits.
    fn hexadecimal(&mut self, count: usize) -> Result<u32, String> {
        let digits = self.take_while(count, |character| character.is_ascii_hexdigit());
        let code = u32::from_str_radix(&digits, 16).ok().filter(|_| digits.len() == count);
        let code = code.ok_or_else(|| format!("this escape has {count} hexadecimal digits"))?;
        match char::from_u32(code) {
            Some(_) => Ok(code),
            None => Err("surrogates and numbers beyond U+10FFFF are no characters here".to_owned()),
        }
    }

    /// An octal escape of up to three digits, of which the first was taken.
    fn octal(&mut self, first: char) -> Result<u32, String> {
        let digits = format!("{first}{}", self.take_while(2, |character| matches!(character, '0'..='7')));
        match u32::from_str_radix(&digits, 8) {
            Ok(code) if code <= MAX_OCTAL => Ok(code),
            _ => Err(format!("`\\{digits}` is no byte in octal digits")),
        }
    }

    /// Three octal digits are a character, one or two digits a group.
    fn reference_or_octal(&mut self, flags: Flags) -> Result<Node, String> {
        let mut digits = self.take_while(MAX_REFERENCE_DIGITS, |character| character.is_ascii_digit());
        let is_octal = |digits: &str| digits.bytes().all(|digit| matches!(digit, b'0'..=b'7'));
        if digits.len() == 2 && is_octal(&digits) {
            digits += &self.take_while(1, |character| matches!(character, '0'..='7'));
        }
        if digits.len() == 3 {
            return match u32::from_str_radix(&digits, 8) {
                Ok(code) if code <= MAX_OCTAL => Ok(Node::Literal(code, flags)),
                _ => Err(format!("`\\{digits}` is no byte in octal digits")),
            };
        }
        let group = digits.parse().unwrap_or(usize::MAX);
        self.reference(group, flags)
    }

    /// A reference to a group, which has to be closed.
    pub(super) fn reference(&self, group: usize, flags: Flags) -> Result<Node, String> {
        match self.widths.get(group) {
            None => Err(format!("there is no group {group}")),
            Some(None) => Err(format!("group {group} is referred to from within itself")),
            Some(Some(_)) => {
                self.check_in_look_behind(group)?;
                Ok(Node::Reference(group, flags))
            }
        }
    }

    /// A look-behind cannot refer to groups within it.
    pub(super) fn check_in_look_behind(&self, group: usize) -> Result<(), String> {
        let Some(groups) = self.look_behind else { return Ok(()) };
        let is_closed = self.widths.get(group).is_some_and(Option::is_some);
        if is_closed && group < groups {
            Ok(())
        } else {
            Err("a look-behind cannot refer to a group that is in it".to_owned())
        }
    }
}
