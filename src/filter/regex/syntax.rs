//! A Python regex as a tree.
//!
//! Characters are numbers: of a byte in a pattern for bytes, of a code point in one for text.

/// What a pattern is written for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Bytes,
    Text,
}

/// The flags that are in force at a place of the pattern.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Flags {
    pub(super) ignore_case: bool,
    pub(super) multiline: bool,
    pub(super) dotall: bool,
    pub(super) verbose: bool,
    /// Classes, word boundaries and case know ASCII only. Always so in bytes.
    pub(super) ascii: bool,
}

#[derive(Clone, Debug, PartialEq)]
pub(super) enum Node {
    /// One character.
    Literal(u32, Flags),
    /// `.`
    Any(Flags),
    /// `[…]`, and `\d` and the like alone.
    Class {
        items: Vec<ClassItem>,
        negated: bool,
        flags: Flags,
    },
    /// A place between characters.
    At(At, Flags),
    Concat(Vec<Node>),
    Alternation(Vec<Node>),
    Repeat {
        node: Box<Node>,
        min: u32,
        max: Option<u32>,
        mode: Mode,
    },
    /// `(…)`, numbered from 1.
    Capture(usize, Box<Node>),
    /// `(?:…)` and `(?i:…)`: the flags are those of the nodes within.
    Group(Box<Node>),
    /// `(?>…)`
    Atomic(Box<Node>),
    /// `(?=…)`, `(?!…)`, `(?<=…)`, `(?<!…)`
    Look {
        node: Box<Node>,
        behind: bool,
        negated: bool,
    },
    /// `\1`, `(?P=name)`
    Reference(usize, Flags),
    /// `(?(1)…|…)`
    Conditional {
        group: usize,
        yes: Box<Node>,
        no: Box<Node>,
    },
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ClassItem {
    Range(u32, u32),
    Category(Category),
}

/// `\d`, `\s`, `\w`, and their complements.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Category {
    pub(super) set: Set,
    pub(super) negated: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Set {
    Digit,
    Space,
    Word,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum At {
    /// `^`
    Beginning,
    /// `$`
    End,
    /// `\A`
    StringStart,
    /// `\Z`
    StringEnd,
    /// `\b`
    Boundary,
    /// `\B`
    NoBoundary,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Mode {
    Greedy,
    Lazy,
    Possessive,
}

impl Node {
    /// The shortest and longest match in characters; `None` is without end. `groups` has the widths of groups that
    /// are closed, by their number.
    pub(super) fn width(&self, groups: &[Option<Width>]) -> Width {
        match self {
            Node::Literal(..) | Node::Any(_) | Node::Class { .. } => (1, Some(1)),
            Node::At(..) | Node::Look { .. } => (0, Some(0)),
            Node::Concat(nodes) => nodes.iter().map(|node| node.width(groups)).fold((0, Some(0)), sum),
            Node::Alternation(nodes) => nodes.iter().map(|node| node.width(groups)).reduce(either).unwrap_or(NOTHING),
            Node::Repeat { node, min, max, .. } => {
                let (shortest, longest) = node.width(groups);
                let longest = match (longest, max) {
                    (Some(0), _) => Some(0),
                    (Some(longest), Some(max)) => longest.checked_mul(u64::from(*max)),
                    _ => None,
                };
                (shortest.saturating_mul(u64::from(*min)), longest)
            }
            Node::Capture(_, node) | Node::Group(node) | Node::Atomic(node) => node.width(groups),
            Node::Reference(group, _) => groups.get(*group).copied().flatten().unwrap_or((0, None)),
            Node::Conditional { yes, no, .. } => either(yes.width(groups), no.width(groups)),
        }
    }
}

/// Shortest and longest match.
pub(super) type Width = (u64, Option<u64>);

const NOTHING: Width = (0, Some(0));

fn sum(a: Width, b: Width) -> Width {
    (a.0.saturating_add(b.0), a.1.zip(b.1).and_then(|(a, b)| a.checked_add(b)))
}

fn either(a: Width, b: Width) -> Width {
    (a.0.min(b.0), a.1.zip(b.1).map(|(a, b)| a.max(b)))
}
