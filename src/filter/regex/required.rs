//! A text that has to be wherever a regex matches, so that most places need not be looked at.

use super::syntax::Node;

/// The longest run of characters, all of them to be read with the same regard to case, that every match of a pattern
/// for bytes contains; and whether case is to be ignored.
pub(super) fn required(node: &Node) -> Option<(Vec<u8>, bool)> {
    let mut runs = Runs::default();
    runs.collect(node);
    runs.end();
    runs.longest
}

#[derive(Default)]
struct Runs {
    run: Vec<u8>,
    ignore_case: bool,
    longest: Option<(Vec<u8>, bool)>,
}

impl Runs {
    /// Ends the run: what comes next need not follow.
    fn end(&mut self) {
        let run = std::mem::take(&mut self.run);
        if run.len() > self.longest.as_ref().map_or(0, |(longest, _)| longest.len()) {
            self.longest = Some((run, self.ignore_case));
        }
    }

    fn collect(&mut self, node: &Node) {
        match node {
            Node::Literal(code, flags) => {
                let Ok(byte) = u8::try_from(*code) else { return self.end() };
                if flags.ignore_case != self.ignore_case {
                    self.end();
                    self.ignore_case = flags.ignore_case;
                }
                self.run.push(byte);
            }
            // These take no room, so what is around them is side by side.
            Node::At(..) | Node::Look { .. } => {}
            Node::Concat(nodes) => nodes.iter().for_each(|node| self.collect(node)),
            Node::Capture(_, node) | Node::Group(node) | Node::Atomic(node) => self.collect(node),
            Node::Repeat { node, min, max, .. } if *min > 0 => {
                // Of several in a row the first is one of them, and so is the last.
                self.collect(node);
                if *max != Some(1) {
                    self.end();
                    self.collect(node);
                }
            }
            Node::Repeat { .. }
            | Node::Any(_)
            | Node::Class { .. }
            | Node::Alternation(_)
            | Node::Reference(..)
            | Node::Conditional { .. } => self.end(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::parse;
    use super::super::syntax::{Flags, Kind};
    use super::*;

    #[test]
    fn what_every_match_contains_is_found() {
        let cases = [
            ("needle", Some("needle")),
            ("a.*needle", Some("needle")),
            ("(need)le$", Some("needle")),
            ("need(?:le)?", Some("need")),
            ("(need)+le", Some("needle")),
            ("x(?=y)z", Some("xz")),
            ("foo|bar", None),
            ("(foo|bar)baz", Some("baz")),
            ("a*", None),
            (r"(foo)\1x", Some("foo")),
            ("(?<=x)needle", Some("needle")),
            ("(ab){2,3}c", Some("abc")),
            (r"\d+ms", Some("ms")),
        ];
        for (pattern, expected) in cases {
            let flags = Flags { ignore_case: true, multiline: false, dotall: false, verbose: false, ascii: true };
            let node = parse::parse(pattern, Kind::Bytes, flags).unwrap();
            let expected = expected.map(|text| (text.as_bytes().to_vec(), true));
            assert_eq!(required(&node), expected, "{pattern}");
        }
    }
}
