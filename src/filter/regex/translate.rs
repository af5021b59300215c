//! Writes a Python regex in the syntax of the Rust engines.
//!
//! Nothing is left to what the two languages call by the same name: classes are written out (Python's `\w` is
//! another set than Rust's), case is folded here by Python's rule, and `$` is one of three things.

use super::classes;
use super::syntax::{At, Flags, Kind, Mode, Node};
use std::collections::BTreeSet;

/// A pattern for one of the engines.
#[derive(Debug, PartialEq)]
pub(super) enum Translated {
    /// Nothing but characters, all of which are to be read with the same regard to case.
    Literal,
    /// For the `regex` crate.
    Regular(String),
    /// For `fancy-regex`, which knows look-around, back-references and what else makes a regex more than regular.
    Fancy(String),
}

/// Translates a pattern.
pub(super) fn translate(node: &Node, kind: Kind) -> Translated {
    if kind == Kind::Bytes && is_literal(node) {
        return Translated::Literal;
    }
    let mut captures = BTreeSet::new();
    collect_references(node, &mut captures);
    let fancy = needs_fancy(node, kind, true);
    let mut writer = Writer { kind, fancy, captures, choices: 0, out: String::new() };
    writer.node(node);
    if fancy { Translated::Fancy(writer.out) } else { Translated::Regular(writer.out) }
}

fn is_literal(node: &Node) -> bool {
    let nodes = match node {
        Node::Concat(nodes) => nodes.as_slice(),
        node => std::slice::from_ref(node),
    };
    let case = |node: &Node| match node {
        Node::Literal(_, flags) => Some(flags.ignore_case),
        _ => None,
    };
    let first = nodes.first().and_then(case);
    first.is_some() && nodes.iter().all(|node| case(node) == first)
}

/// The groups that something refers to. The others need not be captured.
fn collect_references(node: &Node, groups: &mut BTreeSet<usize>) {
    match node {
        Node::Reference(group, _) => {
            groups.insert(*group);
        }
        Node::Conditional { group, yes, no } => {
            groups.insert(*group);
            collect_references(yes, groups);
            collect_references(no, groups);
        }
        Node::Concat(nodes) | Node::Alternation(nodes) => {
            nodes.iter().for_each(|node| collect_references(node, groups));
        }
        Node::Repeat { node, .. }
        | Node::Capture(_, node)
        | Node::Group(node)
        | Node::Atomic(node)
        | Node::Look { node, .. } => collect_references(node, groups),
        Node::Literal(..) | Node::Any(_) | Node::Class { .. } | Node::At(..) => {}
    }
}

/// Whether a pattern is more than the `regex` crate can do. `at_end`: nothing follows the node.
fn needs_fancy(node: &Node, kind: Kind, at_end: bool) -> bool {
    match node {
        Node::Literal(..) | Node::Any(_) | Node::Class { .. } => false,
        // Python's `$` also matches before a line feed at the end. Where nothing follows it may as well consume it.
        Node::At(At::End, flags) => !flags.multiline && !at_end,
        // Python's word is not that of the engine, and its `\B` never matches in an empty text.
        Node::At(At::Boundary, flags) => kind == Kind::Text && !flags.ascii,
        Node::At(At::NoBoundary, _) => true,
        Node::At(..) => false,
        Node::Concat(nodes) => {
            nodes.iter().enumerate().any(|(n, node)| needs_fancy(node, kind, at_end && n + 1 == nodes.len()))
        }
        Node::Alternation(nodes) => nodes.iter().any(|node| needs_fancy(node, kind, at_end)),
        Node::Capture(_, node) | Node::Group(node) => needs_fancy(node, kind, at_end),
        Node::Repeat { node, mode, .. } => *mode == Mode::Possessive || needs_fancy(node, kind, false),
        Node::Atomic(_) | Node::Look { .. } | Node::Reference(..) | Node::Conditional { .. } => true,
    }
}

fn is_empty(node: &Node) -> bool {
    matches!(node, Node::Concat(nodes) if nodes.is_empty())
}

struct Writer {
    kind: Kind,
    fancy: bool,
    /// Groups to capture; their place in this set is their number in what is written.
    captures: BTreeSet<usize>,
    /// How many alternations and repeats stand around what is written.
    choices: usize,
    out: String,
}

impl Writer {
    fn push(&mut self, text: &str) {
        self.out.push_str(text);
    }

    fn in_group(&mut self, open: &str, node: &Node) {
        self.push(open);
        self.node(node);
        self.push(")");
    }

    fn node(&mut self, node: &Node) {
        match node {
            Node::Literal(code, flags) => classes::literal(&mut self.out, *code, self.kind, *flags),
            Node::Any(flags) => self.push(if flags.dotall { "(?s:.)" } else { r"[^\n]" }),
            Node::Class { items, negated, flags } => {
                classes::class(&mut self.out, items, *negated, self.kind, *flags);
            }
            Node::At(at, flags) => self.at(*at, *flags),
            Node::Concat(nodes) => nodes.iter().for_each(|node| self.node(node)),
            Node::Alternation(nodes) => {
                self.choices += 1;
                self.push("(?:");
                for (number, node) in nodes.iter().enumerate() {
                    if number > 0 {
                        self.push("|");
                    }
                    self.node(node);
                }
                self.push(")");
                self.choices -= 1;
            }
            Node::Repeat { node, min, max, mode } => {
                self.choices += 1;
                self.repeat(node, *min, *max, *mode);
                self.choices -= 1;
            }
            // What is of one length and needs no look-around, fancy-regex matches at one stroke, and never goes back into it:
            // of `(?:(a)|a)` it would only ever try the first half. An empty look-ahead keeps it from that.
            Node::Capture(group, node) if self.captures.contains(group) && self.choices > 0 => {
                self.in_group("((?=)", node);
            }
            Node::Capture(group, node) if self.captures.contains(group) => self.in_group("(", node),
            Node::Capture(_, node) | Node::Group(node) => self.in_group("(?:", node),
            Node::Atomic(node) => self.in_group("(?>", node),
            Node::Look { node, behind, negated } => {
                let open = match (behind, negated) {
                    (false, false) => "(?=",
                    (false, true) => "(?!",
                    (true, false) => "(?<=",
                    (true, true) => "(?<!",
                };
                self.in_group(open, node);
            }
            Node::Reference(group, flags) => {
                let case = if flags.ignore_case { "i" } else { "" };
                let number = self.number(*group);
                self.push(&format!("(?{case}:\\{number})"));
            }
            // The engine refuses a condition with nothing to choose from.
            Node::Conditional { yes, no, .. } if is_empty(yes) && is_empty(no) => {}
            Node::Conditional { group, yes, no } => {
                let number = self.number(*group);
                self.push(&format!("(?({number})"));
                self.in_group("(?:", yes);
                self.push("|");
                self.in_group("(?:", no);
                self.push(")");
            }
        }
    }

    /// The number of a captured group in what is written.
    fn number(&self, group: usize) -> usize {
        self.captures.range(..=group).count()
    }

    fn repeat(&mut self, node: &Node, min: u32, max: Option<u32>, mode: Mode) {
        // At one place a thing of no width matches as often as one likes, or never. Some engines refuse to repeat it.
        if node.width(&[]) == (0, Some(0)) {
            return match (min, mode) {
                // A group in it is still one that can be referred to, and that matched nothing.
                _ if max == Some(0) && self.fancy => {
                    self.in_group("(?:(?!)", node);
                    self.out.pop();
                    self.push("|)");
                }
                _ if max == Some(0) => {}
                (1.., _) => self.node(node),
                (0, Mode::Lazy) => self.in_group("(?:|", node),
                (0, _) => {
                    self.in_group("(?:", node);
                    self.out.pop();
                    self.push("|)");
                }
            };
        }
        if mode == Mode::Possessive {
            self.push("(?>");
        }
        self.in_group("(?:", node);
        match max {
            Some(max) => self.push(&format!("{{{min},{max}}}")),
            None => self.push(&format!("{{{min},}}")),
        }
        match mode {
            Mode::Greedy => {}
            Mode::Lazy => self.push("?"),
            Mode::Possessive => self.push(")"),
        }
    }

    fn at(&mut self, at: At, flags: Flags) {
        match at {
            At::Beginning if flags.multiline => self.push("(?m:^)"),
            At::Beginning | At::StringStart => self.push(r"\A"),
            At::End if flags.multiline => self.push("(?m:$)"),
            At::End if self.fancy => self.push(r"(?=\n?\z)"),
            At::End => self.push(r"(?:\n?\z)"),
            At::StringEnd => self.push(r"\z"),
            At::Boundary if !self.fancy => self.push(r"(?-u:\b)"),
            At::Boundary => {
                let word = classes::word(self.kind, flags);
                self.push(&format!("(?:(?<={word})(?!{word})|(?<!{word})(?={word}))"));
            }
            At::NoBoundary => {
                let word = classes::word(self.kind, flags);
                self.push(&format!("(?:(?<={word})(?={word})|(?<!{word})(?!{word}))(?!\\A\\z)"));
            }
        }
    }
}
