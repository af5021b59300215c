use proptest::prelude::*;
use proptest::sample::select;

use super::*;

fn parse(expression: &str) -> Result<Filter, Error> {
    Filter::parse_with(expression, &Options::default())
}

#[track_caller]
fn shown(expression: &str) -> String {
    parse(expression).unwrap_or_else(|error| panic!("{error}")).to_string()
}

#[test]
fn precedence_is_not_then_and_then_or_then_side_by_side() {
    let cases = [
        ("a", "~u a"),
        ("a b", "~u a & ~u b"),
        ("!a b", "!~u a & ~u b"),
        ("a | b c", "( ~u a | ~u b ) & ~u c"),
        ("a b | c", "~u a & ( ~u b | ~u c )"),
        ("a & b | c & !d", "~u a & ~u b | ~u c & !~u d"),
        ("(a | b) & c", "( ~u a | ~u b ) & ~u c"),
        ("!(a & b)", "!( ~u a & ~u b )"),
        ("! ! ~q", "!!~q"),
        ("((((a))))", "~u a"),
        ("a & (b & c)", "~u a & ~u b & ~u c"),
        ("a | (b | c)", "~u a | ~u b | ~u c"),
        ("a (b & c)", "~u a & ~u b & ~u c"),
        ("~c 0200foo", "~c 0200 & ~u foo"),
        ("~u |", "~u |"),
        ("'a b' \"c'd\"", "~u \"a b\" & ~u \"c'd\""),
        (r#"~b "\\d \"x\"""#, r#"~b "\\d \"x\"""#),
        ("~b ''", "~b \"\""),
    ];
    for (expression, expected) in cases {
        assert_eq!(shown(expression), expected, "{expression}");
        assert_eq!(shown(expected), expected);
        assert!(parse(expression).unwrap() == parse(expected).unwrap());
    }
}

#[test]
fn mistakes_are_shown_where_they_are() {
    let drawn = |expression: &str| parse(expression).unwrap_err().to_string();
    insta::assert_snapshot!(drawn("~client & ~dropd"), @r"
    there is no such operator; did you mean `~dropped`?
      ~client & ~dropd
                ^^^^^^
    ");
    insta::assert_snapshot!(drawn("~xyzzy"), @r"
    there is no such operator; `wsflow help filter` lists them
      ~xyzzy
      ^^^^^^
    ");
    insta::assert_snapshot!(drawn("(~q)"), @r"
    expected a space after `~q`, as mitmproxy does
      (~q)
       ^^
    ");
    insta::assert_snapshot!(drawn("~b (foo|bar)"), @r#"
    a regex with a parenthesis has to be in quotes: `~b "(…)"`
      ~b (foo|bar)
         ^
    "#);
    insta::assert_snapshot!(drawn("~ws & ~b x"), @r"
    there is no such operator; did you mean `~websocket`?
      ~ws & ~b x
      ^^^
    ");
    insta::assert_snapshot!(drawn("~q && ~s"), @r#"
    write one `&`, not two
      ~q && ~s
          ^
    "#);
    insta::assert_snapshot!(drawn("~q & | ~s"), @r"
    expected something on both sides of `&` and `|`, and after `!` (for a URL with such a character write it with `~u`)
      ~q & | ~s
           ^
    ");
    insta::assert_snapshot!(drawn("~msg 0-2"), @r"
    `~msg`: expected a number N, or >N, >=N, <N, <=N, N.., ..N, A..B (both ends in, the smaller first)
      ~msg 0-2
           ^^^
    ");
    insta::assert_snapshot!(drawn("~q | "), @r"
    expected an operator, a regex for the URL, `!` or `(` here
      ~q | 
           ^
    ");
    insta::assert_snapshot!(drawn("(foo | bar"), @r"
    this `(` is not closed
      (foo | bar
      ^
    ");
    insta::assert_snapshot!(drawn("(~u foo ~u bar)"), @r"
    expected `&`, `|` or `)` here: things side by side stand outside of parentheses only
      (~u foo ~u bar)
              ^
    ");
    insta::assert_snapshot!(drawn("~b 'unclosed"), @r"
    the quote is not closed (within one line)
      ~b 'unclosed
         ^
    ");
    insta::assert_snapshot!(drawn("日本 ~size 10kB"), @r"
    `~size`: expected a size N, or >N, >=N, <N, <=N, N.., ..N, A..B (both ends in, the smaller first), with k, M or G for powers of 1024
      日本 ~size 10kB
                 ^^^^
    ");
    insta::assert_snapshot!(drawn("~b"), @r"
    expected a regex after `~b`, as in `~b password`
      ~b
      ^^
    ");
    insta::assert_snapshot!(drawn("\u{1b}x ~b "), @r"
    expected a regex after `~b`, as in `~b password`
      \x1bx ~b 
            ^^
    ");
    insta::assert_snapshot!(drawn("~jq '.op =='"), @r"
    `~jq`: in the jq program, expected term at its end
      ~jq '.op =='
          ^^^^^^^^
    ");
}

#[test]
fn of_a_long_expression_the_place_of_the_mistake_is_shown() {
    let drawn = |expression: &str| parse(expression).unwrap_err().to_string();
    let long = format!("~b {} ~dropd {}", "x".repeat(70_000), "y ".repeat(70_000));
    let drawn_lines = drawn(&long);
    let lines: Vec<_> = drawn_lines.lines().collect();
    assert_eq!(lines.len(), 3);
    assert!(
        lines[1].starts_with("  …xxx") && lines[1].ends_with('…') && lines[1].chars().count() < 130,
        "{}",
        lines[1]
    );
    let at = lines[1].chars().position(|character| character == '~').unwrap();
    assert_eq!(lines[2], format!("{}^^^^^^", " ".repeat(at)));
    let all = format!("~b \"(?P<{}\"", "x".repeat(70_000));
    assert!(drawn(&all).lines().all(|line| line.chars().count() < 130));
}

#[test]
fn no_error_holds_what_a_terminal_could_obey() {
    for expression in
        ["~jq '[lim\u{1}it(3; .)]'", "~jq '.\u{9b}'", "~u (?\u{202e}:a)", "~b \"(?P<\u{1b}>a)\"", "~c \u{7f}"]
    {
        let error = Filter::parse(expression).unwrap_err().to_string();
        assert!(!error.chars().any(|c| c != '\n' && crate::output::is_unsafe(c)), "{error:?}");
    }
}

#[test]
fn depth_is_bounded() {
    let nested = |depth: usize| format!("{}~q {}", "(".repeat(depth), ")".repeat(depth));
    assert!(parse(&nested(90)).is_ok());
    assert!(parse(&nested(200)).is_err());
    assert!(parse(&format!("{}~q", "!".repeat(90))).is_ok());
    assert!(parse(&format!("{}~q", "!".repeat(100_000))).is_err());
    assert!(parse(&"(".repeat(100_000)).is_err());
    // What is shown of an expression that is just not too deep is not too deep.
    let deep = |depth: usize| format!("{}~e | ~q{}", "!(~a & ".repeat(depth), " )".repeat(depth));
    let most = (0..).take_while(|&depth| parse(&deep(depth)).is_ok()).last().unwrap();
    for beside in ["", " ~a", " & ~a", " | ~a", " (~a | ~e )"] {
        for depth in 0..=most {
            for expression in [nested(depth), deep(depth), "!".repeat(depth) + "~q", format!("(~a | {} )", deep(depth))]
            {
                let expression = expression + beside;
                if let Ok(filter) = parse(&expression) {
                    assert_eq!(parse(&filter.to_string()).unwrap(), filter, "{expression}");
                }
            }
        }
    }
    assert!(most > 40, "{most}");
    assert!(parse(&format!("~b {}", "[".repeat(100_000))).is_err());
    assert!(parse(&format!("~b \"{}\"", "(".repeat(100_000))).is_err());
}

#[test]
fn many_operands_are_no_depth() {
    let many = vec!["~q"; 50_000].join(" | ");
    let filter = parse(&many).unwrap();
    assert_eq!(filter.to_string(), many);
}

#[test]
fn operators_of_ours_may_touch_the_parenthesis_behind_them() {
    assert_eq!(shown("(~client | (~server))"), "~client | ~server");
    assert_eq!(shown("!(~q | ~text)"), "!( ~q | ~text )");
    for refused in ["(~q)", "(~client|~server)", "~client)", "(~b)", "(~size)"] {
        assert!(parse(refused).is_err(), "{refused}");
    }
}

#[test]
fn an_infinite_time_is_neither_early_nor_late() {
    let asked = |time: &str, expression: &str| {
        let message = format!("1:1#4:true!1:x,{}:{time}^5:false!5:false!", time.len());
        let list = |items: &str| format!("{}:{items}]", items.len());
        let websocket = format!("8:messages;{}", list(&list(&message)));
        let flow = format!("4:type;4:http;9:websocket;{}:{websocket}}}", websocket.len());
        let record = format!("{}:{flow}}}", flow.len()).into_bytes();
        parse(expression).unwrap().matches_flow(&Flow::parse(&record).unwrap(), 0)
    };
    assert!(asked("2.5", "~after 1 & ~before 3"));
    for time in ["inf", "-inf", "nan"] {
        assert!(!asked(time, "~after 1 | ~before 1 | ~after +0 | ~before 12:00"), "{time}");
    }
}

#[test]
fn a_flow_is_asked_the_cheap_questions_first() {
    let filter = parse("~jq \"last(range(1e12))\" & ~marked").unwrap();
    let record = b"90:4:type;4:http;9:websocket;60:8:messages;45:41:1:1#4:true!5:12345,3:1.5^5:false!5:false!]]}}";
    assert!(!filter.matches_flow(&Flow::parse(record).unwrap(), 0));
    assert!(filter.failures().is_empty(), "{}", filter.failures());
}

#[test]
fn case_counts_when_it_is_asked_for() {
    let sensitive = Options { case_sensitive: true };
    assert_ne!(Filter::parse_with("~u a", &sensitive).unwrap(), parse("~u a").unwrap());
    assert_eq!(
        Filter::parse_with("~u a", &sensitive).unwrap().anew().unwrap(),
        Filter::parse_with("~u a", &sensitive).unwrap()
    );
    let flow = |expression, options: &Options| {
        let record = b"32:4:type;4:http;7:comment;5:Hello;}";
        let flow = Flow::parse(record).unwrap();
        Filter::parse_with(expression, options).unwrap().matches_flow(&flow, 0)
    };
    assert!(flow("~comment hello", &Options::default()));
    assert!(!flow("~comment hello", &sensitive));
    assert!(flow("~comment Hello", &sensitive));
    assert!(flow("~comment \"(?i)hello\"", &sensitive));
}

#[test]
fn in_ascii_white_space_beyond_it_is_none() {
    let record = b"30:4:type;4:http;7:comment;3:\xe2\x80\xa8;}";
    let flow = Flow::parse(record).unwrap();
    let is_found = |regex: &str| parse(&format!("~comment \"{regex}\"")).unwrap().matches_flow(&flow, 0);
    assert!(is_found(r"(?a)\\S") && is_found(r"(?a:\\S)") && !is_found(r"(?a:\\s)"));
    assert!(is_found(r"\\s") && !is_found(r"\\S"));
}

/// Operators with arguments that they take.
fn operand() -> impl Strategy<Value = String> {
    let texts = prop_oneof![
        Just("foo".to_owned()),
        Just("a b".to_owned()),
        Just(r"\d+ \\ \(".to_owned()),
        Just("say \"hi\" it's".to_owned()),
        "[a-z(-)~'\" \\t\\n\\r\\\\!&|é日]{0,8}",
    ];
    let quoted = (texts, select(&['"', '\''][..])).prop_map(|(text, quote)| {
        let mut out = String::from(quote);
        for character in text.chars() {
            match character {
                '\n' => out.push_str("\\n"),
                '\r' => out.push_str("\\r"),
                _ if character == quote || character == '\\' => out.extend(['\\', character]),
                _ => out.push(character),
            }
        }
        out.push(quote);
        out
    });
    let argument = prop_oneof![quoted, "[a-z0-9.|&!=^]{1,6}"];
    let alone: Vec<_> = OPERATORS.iter().filter(|info| info.argument == Argument::None).map(|info| info.code).collect();
    let examples: Vec<_> = OPERATORS.iter().map(|info| info.example).collect();
    prop_oneof![
        (select(&["b", "bq", "bs", "u", "d", "comment", "h", "id"][..]), argument)
            .prop_map(|(code, argument)| format!("~{code} {argument}")),
        select(alone).prop_map(|code| format!("~{code}")),
        select(examples).prop_map(str::to_owned),
        select(&["~size >1k", "~size 1..2M", "~msg 3", "~after +1.5s", "~c 101", "~before 12:03"][..])
            .prop_map(str::to_owned),
    ]
}

fn expression() -> impl Strategy<Value = String> {
    let inner = operand().prop_recursive(4, 16, 3, |inner| {
        prop_oneof![
            inner.clone().prop_map(|one| format!("!{one}")),
            prop::collection::vec(inner.clone(), 1..4).prop_map(|parts| format!("({} )", parts.join(" & "))),
            prop::collection::vec(inner, 1..4).prop_map(|parts| format!("( {} )", parts.join(" | "))),
        ]
    });
    prop::collection::vec(inner, 1..4).prop_map(|parts| parts.join(" "))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 500, ..ProptestConfig::default() })]

    #[test]
    fn what_is_shown_is_the_same_filter(expression in expression()) {
        // Not every text is a regex; what is none is refused.
        if let Ok(filter) = parse(&expression) {
            let shown = filter.to_string();
            let again = parse(&shown);
            prop_assert!(again.as_ref().is_ok_and(|again| *again == filter), "{expression:?} was shown as {shown:?}");
            prop_assert_eq!(again.unwrap().to_string(), shown);
        }
    }

    #[test]
    fn any_text_is_an_expression_or_an_error(text in any::<String>()) {
        if let Err(error) = parse(&text) {
            prop_assert!(text.get(error.span()).is_some());
            prop_assert!(!error.to_string().is_empty());
        }
    }

    #[test]
    fn any_text_of_the_language_is_an_expression_or_an_error(text in "[~a-u(-)!&|'\" \\\\\\[\\]{}*+?.^$<=>:#0-9\\n\\t]{0,40}") {
        if let Err(error) = parse(&text) {
            prop_assert!(text.get(error.span()).is_some());
            drop(error.to_string());
        }
    }
}

#[test]
fn most_expressions_of_the_strategy_are_sound() {
    use proptest::strategy::ValueTree as _;
    use proptest::test_runner::TestRunner;
    let mut runner = TestRunner::deterministic();
    let sound = (0..200).filter(|_| parse(&expression().new_tree(&mut runner).unwrap().current()).is_ok()).count();
    assert!(sound > 60, "{sound}");
}
