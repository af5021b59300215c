//! The help about the language, made from the list of operators.

use super::operators::{Info, OPERATORS};

/// Expressions as one would write them, and what they are for.
pub static EXAMPLES: &[(&str, &str)] = &[
    ("~client & ~b token", "what the client sent that has `token` in it, in any case"),
    ("~server ~after 12:03 ~d example\\.com$ ~jq '.op == \"error\"'", "errors from a host, from 12:03 (UTC) on"),
    ("~bq \"^\\\\{\" & !~jq .", "what the client sent that begins like JSON and is none"),
    ("~binary ~size >64k", "large binary messages"),
    ("~b \\x08\\x96\\x01", "bytes, in messages of any kind"),
    ("~dropped | ~injected", "what somebody changed on the way"),
    ("~closed 1006 & ~after +60s", "in connections that broke: what came after the first minute"),
    ("(~marked | ~comment todo) & ~msg 0..9", "the first ten messages of the connections that somebody marked"),
];

/// The language on a page or two: how expressions are joined, the operators, times and sizes, examples.
///
/// ```
/// assert!(wsflow::filter::help().contains("~dropped"));
/// ```
pub fn help() -> String {
    let mut help = String::from(INTRODUCTION);
    help.push_str("\nOperators of mitmproxy:\n");
    list(&mut help, OPERATORS.iter().filter(|info| info.of_mitmproxy).map(operator));
    help.push_str("\nOperators of wsflow:\n");
    list(&mut help, OPERATORS.iter().filter(|info| !info.of_mitmproxy).map(operator));
    help.push_str(ARGUMENTS);
    help.push_str("\nExamples:\n");
    for (expression, meaning) in EXAMPLES {
        help.push_str(&format!("  {expression}\n      {meaning}\n"));
    }
    help
}

const INTRODUCTION: &str = "\
The filter language is mitmproxy's, with operators for single messages.

An expression is asked of each message: ~b ~bq ~bs and the operators of messages ask this one
message, all others ask its connection. In `wsflow flows` it is asked of each connection, as in
mitmproxy: what is asked of messages is true there when it is true of one of them.

  !X      not X
  X & Y   both
  X | Y   one of them, or both; ! goes before &, and & before |
  X Y     both; goes after all others, and not within parentheses
  (X)     parentheses; an operator without an argument needs a space before `)`: (~q | ~e )
  REGEX   alone is ~u REGEX

A regex is one of Python's. Case does not matter, unless the environment has
MITMPROXY_CASE_SENSITIVE_FILTERS=1. Quotes of either kind go around an argument that has a space, a
quote, a parenthesis or a ~ in it. Within quotes a backslash is written twice: \"(foo|bar)\\\\d+\".
";

const ARGUMENTS: &str = "
N and SIZE are a number, >5, <5, >=5, <=5, 5.. or 5..9 (both ends in); SIZE has k, M and G for
powers of 1024. TIME is RFC 3339 (2023-08-29T12:03:00Z), seconds since 1970 (1693310580.5), seconds
since the connection's first message (+12.5s), or a time of day, in UTC, on the day of that message
(12:03). PROGRAM is jq's, as jaq has it; it is asked of messages that are JSON, and a value that is
neither false nor null is a yes. What a program or a regex cannot answer, because it fails or takes
too long, counts as no match, also with ! before it; that is said at the end.
";

fn operator(info: &Info) -> (String, &str) {
    (format!("~{} {}", info.code, info.argument.name()), info.help)
}

fn list<'a>(help: &mut String, entries: impl Iterator<Item = (String, &'a str)>) {
    for (name, text) in entries {
        help.push_str(&format!("  {name:<16} {text}\n"));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::filter::{Filter, Options};

    #[test]
    fn every_example_is_an_expression() {
        let examples = EXAMPLES.iter().map(|(expression, _)| *expression);
        for expression in examples.chain(OPERATORS.iter().map(|info| info.example)) {
            let filter = Filter::parse_with(expression, &Options::default());
            assert!(filter.is_ok(), "{expression}: {}", filter.unwrap_err());
        }
    }

    #[test]
    fn every_example_of_an_operator_has_it() {
        for info in OPERATORS {
            assert!(info.example.contains(&format!("~{}", info.code)), "{}", info.code);
        }
    }

    #[test]
    fn lines_fit_a_page() {
        for line in help().lines() {
            assert!(line.chars().count() <= 100, "{line}");
        }
    }
}
