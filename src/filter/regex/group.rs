//! What stands in parentheses.

use super::parse::Parser;
use super::syntax::{Flags, Kind, Node};

impl Parser {
    /// A group, after its `(`; `None` for what matches nothing: comments, and flags for the whole pattern, which have
    /// to stand at its start.
    pub(super) fn group(&mut self, flags: Flags, depth: usize, is_start: bool) -> Result<Option<Node>, String> {
        if !self.accept('?') {
            return self.capture(None, flags, depth).map(Some);
        }
        let end = || "the pattern ends within `(?`".to_owned();
        let node = match self.next().ok_or_else(end)? {
            'P' => {
                self.take();
                return self.named(flags, depth).map(Some);
            }
            ':' => {
                self.take();
                Node::Group(Box::new(self.inner(flags, depth)?))
            }
            '>' => {
                self.take();
                Node::Atomic(Box::new(self.inner(flags, depth)?))
            }
            '#' => {
                self.take_until(')')?;
                return Ok(None);
            }
            '(' => {
                self.take();
                self.conditional(flags, depth)?
            }
            '=' | '!' | '<' => self.look(flags, depth)?,
            _ => match self.flags(flags)? {
                FlagGroup::Whole(changed) if is_start => {
                    self.global = changed;
                    return Ok(None);
                }
                FlagGroup::Whole(_) => return Err("flags such as `(?i)` stand at the start of a pattern".to_owned()),
                FlagGroup::Within(flags) => Node::Group(Box::new(self.inner(flags, depth)?)),
            },
        };
        Ok(Some(node))
    }

    /// What stands in the group, and its `)`.
    fn inner(&mut self, flags: Flags, depth: usize) -> Result<Node, String> {
        let node = self.alternation(flags, depth + 1)?;
        self.close()?;
        Ok(node)
    }

    fn close(&mut self) -> Result<(), String> {
        if self.accept(')') { Ok(()) } else { Err("a `(` without a `)`".to_owned()) }
    }

    fn capture(&mut self, name: Option<Vec<u32>>, flags: Flags, depth: usize) -> Result<Node, String> {
        let group = self.widths.len();
        self.widths.push(None);
        if let Some(name) = name
            && self.names.insert(name, group).is_some()
        {
            return Err("two groups have the same name".to_owned());
        }
        let node = self.inner(flags, depth)?;
        self.widths[group] = Some(node.width(&self.widths));
        Ok(Node::Capture(group, Box::new(node)))
    }

    /// `(?P<name>…)` and `(?P=name)`, after the `P`.
    fn named(&mut self, flags: Flags, depth: usize) -> Result<Node, String> {
        if self.accept('<') {
            let name = self.name('>')?;
            return self.capture(Some(name), flags, depth);
        }
        if self.accept('=') {
            let name = self.name(')')?;
            let group = self.group_of_name(&name)?;
            return self.reference(group, flags);
        }
        Err("expected `(?P<name>…)` or `(?P=name)`".to_owned())
    }

    /// A name as Python has them, up to a character.
    fn name(&mut self, end: char) -> Result<Vec<u32>, String> {
        let name = self.take_until(end)?;
        self.check_name(&name)?;
        Ok(name)
    }

    fn check_name(&self, name: &[u32]) -> Result<(), String> {
        let kind = self.kind;
        let is_letter = |code: u32| match char::from_u32(code) {
            Some(character) if kind == Kind::Bytes => character.is_ascii_alphabetic() || character == '_',
            Some(character) => character.is_alphabetic() || character == '_',
            None => false,
        };
        let is_rest = |code: u32| is_letter(code) || char::from_u32(code).is_some_and(char::is_numeric);
        match name {
            [first, rest @ ..] if is_letter(*first) && rest.iter().copied().all(is_rest) => Ok(()),
            _ => Err("the name of a group is letters, digits and `_`, and begins with no digit".to_owned()),
        }
    }

    fn group_of_name(&self, name: &[u32]) -> Result<usize, String> {
        self.names.get(name).copied().ok_or_else(|| "there is no group of this name".to_owned())
    }

    /// `(?(group)yes|no)`, after its second `(`.
    fn conditional(&mut self, flags: Flags, depth: usize) -> Result<Node, String> {
        let name = self.take_until(')')?;
        let digits: String = name.iter().filter_map(|code| char::from_u32(*code)).collect();
        let group = if !digits.is_empty() && digits.bytes().all(|digit| digit.is_ascii_digit()) {
            let group = digits.parse().unwrap_or(usize::MAX);
            if group == 0 {
                return Err("groups are counted from 1".to_owned());
            }
            // It may come later.
            self.conditions.push(group);
            group
        } else {
            self.check_name(&name)?;
            self.group_of_name(&name)?
        };
        self.check_in_look_behind(group)?;
        let yes = Box::new(self.sequence(flags, depth + 1, false)?);
        let no =
            Box::new(if self.accept('|') { self.sequence(flags, depth + 1, false)? } else { Node::Concat(Vec::new()) });
        if self.next() == Some('|') {
            return Err("a condition has two branches at most".to_owned());
        }
        self.close()?;
        Ok(Node::Conditional { group, yes, no })
    }

    /// `(?=…)`, `(?!…)`, `(?<=…)`, `(?<!…)`, after the `?`.
    fn look(&mut self, flags: Flags, depth: usize) -> Result<Node, String> {
        let behind = self.accept('<');
        let negated = match self.next() {
            Some('=') => false,
            Some('!') => true,
            _ => return Err("expected `(?<=…)` or `(?<!…)`; a group's name is written `(?P<name>…)`".to_owned()),
        };
        self.take();
        let outer = self.look_behind;
        if behind {
            self.look_behind = outer.or(Some(self.widths.len()));
        }
        let node = self.alternation(flags, depth + 1)?;
        self.look_behind = outer;
        self.close()?;
        if behind {
            let (shortest, longest) = node.width(&self.widths);
            if Some(shortest) != longest {
                return Err("what a look-behind looks for has to have one length".to_owned());
            }
        }
        Ok(Node::Look { node: Box::new(node), behind, negated })
    }

    /// Flags up to `)` or `:`.
    fn flags(&mut self, mut flags: Flags) -> Result<FlagGroup, String> {
        let unknown = || "expected flags of `aimsux`, such as `(?i)` or `(?i:…)`".to_owned();
        let (mut on, mut off) = (String::new(), String::new());
        let mut is_on = true;
        loop {
            let flag = self.next().ok_or_else(unknown)?;
            self.take();
            match flag {
                ')' if is_on && !on.is_empty() => return Ok(FlagGroup::Whole(flags)),
                ':' if !(on.is_empty() && off.is_empty()) && (is_on || !off.is_empty()) => break,
                '-' if is_on => is_on = false,
                'a' | 'u' if is_on => {
                    if flag == 'u' && self.kind == Kind::Bytes {
                        return Err("the flag `u` is one of patterns for text; this one is for bytes".to_owned());
                    }
                    if on.contains(if flag == 'a' { 'u' } else { 'a' }) {
                        return Err("the flags `a` and `u` exclude each other".to_owned());
                    }
                    on.push(flag);
                    flags.ascii = flag == 'a' || self.kind == Kind::Bytes;
                }
                'i' | 'm' | 's' | 'x' => {
                    if is_on { &mut on } else { &mut off }.push(flag);
                    match flag {
                        'i' => flags.ignore_case = is_on,
                        'm' => flags.multiline = is_on,
                        's' => flags.dotall = is_on,
                        _ => flags.verbose = is_on,
                    }
                }
                'a' | 'u' => return Err("the flags `a` and `u` cannot be turned off".to_owned()),
                'L' | 't' => return Err(format!("the flag `{flag}` is not known here")),
                _ => return Err(unknown()),
            }
        }
        if on.chars().any(|flag| off.contains(flag)) {
            return Err("a flag is turned on and off".to_owned());
        }
        Ok(FlagGroup::Within(flags))
    }
}

/// Flags for the whole pattern, `(?i)`, or for what follows in the group, `(?i:…)`.
enum FlagGroup {
    Whole(Flags),
    Within(Flags),
}
