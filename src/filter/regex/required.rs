//! A text that has to be wherever a regex matches, so that most places need not be looked at.

use super::syntax::Node;

/// A text, and whether case is to be ignored in it.
pub(super) type Text = (Vec<u8>, bool);

/// Texts of which every match of a pattern for bytes contains one: of each branch, if the pattern has several, the longest
/// run of characters that are all to be read with the same regard to case. Empty where there are no such texts.
pub(super) fn required(node: &Node) -> Vec<Text> {
    match node {
        Node::Capture(_, node) | Node::Group(node) | Node::Atomic(node) => required(node),
        Node::Alternation(branches) => {
            let texts: Vec<_> = branches.iter().map(required).collect();
            if texts.iter().any(Vec::is_empty) { Vec::new() } else { texts.concat() }
        }
        node => {
            let mut runs = Runs::default();
            runs.collect(node);
            runs.end();
            runs.longest.into_iter().collect()
        }
    }
}

#[derive(Default)]
struct Runs {
    run: Vec<u8>,
    ignore_case: bool,
    longest: Option<Text>,
    /// How many runs have ended.
    ended: usize,
}

impl Runs {
    /// Ends the run: what comes next need not follow.
    fn end(&mut self) {
        let run = std::mem::take(&mut self.run);
        if run.len() > self.longest.as_ref().map_or(0, |(longest, _)| longest.len()) {
            self.longest = Some((run, self.ignore_case));
        }
        self.ended += 1;
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
                let (ended, before) = (self.ended, self.run.len());
                self.collect(node);
                // Of several in a row the first is one of them, and so is the last. Where no run ended within, the last
                // begins anew; else what is left is how each of them ends. Going through the node once more for
                // the last would take twice as long for every repeat within a repeat.
                if *max != Some(1) && self.ended == ended {
                    let last = self.run.get(before..).unwrap_or_default().to_vec();
                    self.end();
                    self.run = last;
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
        let cases: [(&str, &[&str]); 19] = [
            ("needle", &["needle"]),
            ("a.*needle", &["needle"]),
            ("(need)le$", &["needle"]),
            ("need(?:le)?", &["need"]),
            ("(need)+le", &["needle"]),
            ("x(?=y)z", &["xz"]),
            ("foo|bar", &["foo", "bar"]),
            ("foo|(bar|baz)x*", &[]),
            ("foo|b*", &[]),
            ("(?:foo|(?:bar|baz))", &["foo", "bar", "baz"]),
            ("(foo|bar)baz", &["baz"]),
            ("a*", &[]),
            (r"(foo)\1x", &["foo"]),
            ("(?<=x)needle", &["needle"]),
            ("(ab){2,3}c", &["abc"]),
            ("x(ab){2,3}c", &["xab"]),
            ("(a.bc)+def", &["bcdef"]),
            ("((ab)+c)+d", &["abcd"]),
            (r"\d+ms", &["ms"]),
        ];
        for (pattern, expected) in cases {
            let flags = Flags { ignore_case: true, multiline: false, dotall: false, verbose: false, ascii: true };
            let node = parse::parse(pattern, Kind::Bytes, flags).unwrap();
            let expected: Vec<_> = expected.iter().map(|text| (text.as_bytes().to_vec(), true)).collect();
            assert_eq!(required(&node), expected, "{pattern}");
        }
    }
}
