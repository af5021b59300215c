use super::super::answer::Answer::{self, No, Unknown, Yes};
use super::*;

#[track_caller]
fn ask(program: &str, content: &str) -> Answer {
    let program = Program::new(program, &Failures::default()).unwrap_or_else(|why| panic!("{program}: {why}"));
    program.is_true_of(content.as_bytes())
}

#[test]
fn programs_say_what_jq_says() {
    let mut wrong = Vec::new();
    let document = r#"{"op": "error", "code": 17, "list": [3, 1, 2], "text": "say ä", "json": "{\"a\":[1]}", "deep": {"a": {"b": null}}}"#;
    for program in [
        r#".op == "error""#,
        ".code > 16 and .code < 18",
        ".list | length == 3",
        ".list | sort == [1, 2, 3]",
        ".list | map(. * 2) | add == 12",
        ".list | any(. == 2)",
        r#".text | test("ä$")"#,
        r#".text | gsub("a"; "b") == "sby ä""#,
        r#".text | length == 5 and utf8bytelength == 6"#,
        r#".text | indices("a") == [1]"#,
        r#".text | split(" ") == ["say", "ä"]"#,
        ".json | fromjson | .a[0] == 1",
        ".deep | tojson == \"{\\\"a\\\":{\\\"b\\\":null}}\"",
        "[.. | numbers] | length == 4",
        "[paths] | length == 11",
        r#"[paths(type == "number")] | length == 4"#,
        ".deep.a | has(\"b\")",
        ".list | contains([1]) and (contains([9]) | not)",
        ".list | index(1) == 1 and (indices(7) == [])",
        "[1, 3, 5] | bsearch(3) == 1 and bsearch(4) == -3",
        "[range(10; 0; -3)] == [10, 7, 4, 1]",
        "[limit(3; repeat(1))] == [1, 1, 1]",
        "[.list[] as $x | $x + 1] == [4, 2, 3]",
        "reduce range(100000) as $i (0; . + $i) == 4999950000",
        "[recurse(if . < 3 then . + 1 else empty end; true)] == [] or true",
        "0 | until(. > 1000; . + 1) == 1001",
        "[0 | while(. < 5; . + 1)] | length == 5",
        "(.deep.a.b |= 5) | .deep.a.b == 5",
        "del(.deep) | has(\"deep\") | not",
        ".list[0] = 9 | .list == [9, 1, 2]",
        "(.list[1:] |= [7]) | .list == [3, 7]",
        "to_entries | length == 6",
        "with_entries(.value |= type) | .code == \"number\"",
        "[.list[] | {k: .}] | group_by(.k) | length == 3",
        ".list | min == 1 and max == 3",
        "[.list[] | select(. > 1)] | length == 2",
        "path(.deep.a) == [\"deep\", \"a\"]",
        "getpath([\"deep\", \"a\", \"b\"]) == null",
        "try error(\"x\") catch . == \"x\"",
        "def f($n): if $n == 0 then 0 else f($n - 1) end; f(100000) == 0",
        "def fib: if . < 2 then . else (. - 1 | fib) + (. - 2 | fib) end; 15 | fib == 610",
        ".text | explode | implode == \"say ä\"",
        "\"a\" * 3 == \"aaa\"",
        "[.list[] | tostring] | join(\"-\") == \"3-1-2\"",
        "@base64 \"\\(.op)\" == \"ZXJyb3I=\"",
        "\"17\" | tonumber == 17",
        "-(.code) == -17 and (.code | -. | length == 17)",
        "input_line_number? // true",
        "walk(.) == .",
        "[1, [2, [3]]] | flatten == [1, 2, 3]",
        "[[1, 2], [3, 4]] | transpose == [[1, 3], [2, 4]]",
        "first(range(10; infinite)) == 10",
        "label $out | foreach .list[] as $x (0; . + $x; if . > 3 then ., break $out else empty end)",
        "$__loc__? // true",
        "now > 0",
        "limit(1; .list[]) as $x | $x == 3",
        "{(.op): 1} == {error: 1}",
        "{a: {b: 1}} * {a: {c: 2}} == {a: {b: 1, c: 2}}",
        ". as {op: $op, list: [$first]} | $op == \"error\" and $first == 3",
        ".list - [1] == [3, 2]",
        "[.text | splits(\"a\")] | length == 2",
        ".text | ltrimstr(\"say \") == \"ä\"",
        ".text | ascii_upcase == \"SAY ä\"",
    ] {
        let known = Program::new(program, &Failures::default());
        // A few names that jaq does not have.
        if program.contains("?") && known.is_err() {
            continue;
        }
        let failures = Failures::default();
        let answer = Program::new(program, &failures).unwrap_or_else(|why| panic!("{program}: {why}"));
        let answer = answer.is_true_of(document.as_bytes());
        if answer != Yes {
            wrong.push(format!("{program}: {answer:?} {failures}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert_eq!(ask(".missing", document), No);
    assert_eq!(ask("empty", document), No);
    assert_eq!(ask(".op.x", document), Unknown);
    assert_eq!(ask(".", "no JSON"), No);
}

#[test]
fn programs_that_are_too_long_are_refused() {
    let padded = |length: usize| Program::new(&format!("{:length$}", "."), &Failures::default()).map(drop);
    assert_eq!(padded(16 << 10), Ok(()));
    assert_eq!(padded((16 << 10) + 1), Err("the jq program is longer than 16384 bytes".to_owned()));
}

#[test]
fn programs_that_nest_too_deep_are_refused() {
    let repeated = |open: &str, inside: &str, close: &str, times: usize| {
        format!("{}{inside}{}", open.repeat(times), close.repeat(times))
    };
    for program in [
        repeated("[", ".", "]", 3000),
        repeated("{a:", ".", "}", 2500),
        repeated("if . then ", ".", " end", 900),
        repeated("", ".", "+.a", 5000),
        repeated(".|", ".", "", 8000),
        repeated("-", "1", "", 16_000),
        repeated(". as $x|", ".", "", 2000),
        repeated("def f:", ".", ";f", 1500),
        repeated("try ", ".", "", 4000),
        repeated("\"\\(", ".", ")\"", 1000),
        repeated("", ".", "[0]", 5000),
        repeated("reduce ", ".", " as $x(0;.)", 900),
        repeated("f(", ".", ")", 3000),
        repeated(". as [", "$x", "]|.", 2000),
        repeated("", "if . then . ", "elif . then . ", 1000) + "end",
        repeated("", "\"", "\\n", 3000) + "\"",
        format!("{{{}}}", "a,".repeat(5000)),
        repeated("(", "", "", 16_000),
        repeated("[", "", "", 16_000),
        repeated("\"\\(", "", "", 5000),
        ".".repeat(100_000),
    ] {
        let refused = Program::new(&program, &Failures::default()).err();
        let refused = refused.unwrap_or_else(|| panic!("{:.60} is not refused", program));
        assert!(refused.len() < 200, "{refused}");
    }
    // Parentheses alone are nothing to run.
    assert_eq!(ask(&repeated("(", ".", ")", 8000), "1"), Yes);
    // What people write is not.
    for program in [
        repeated("(", ".", ")", 40),
        repeated("", ".", " + 1", 40) + "?",
        repeated("if . == 1 then 1 else ", ".", " end", 20),
        repeated(".a | ", ".", "", 40),
        format!("{{{}}} | length", "a: 1, ".repeat(40)),
        format!(".op | IN({})", "\"a\", ".repeat(20) + "\"b\"")
            .replace("IN(", "select(. == (")
            .replace("\"b\")", "\"b\"))"),
    ] {
        if let Err(why) = Program::new(&program, &Failures::default()) {
            panic!("{program}: {why}");
        }
    }
}

#[test]
fn a_program_that_nests_as_deep_as_it_may_runs() {
    // As a thread of a scan, which has the usual stack.
    let wide = |operator: &str| vec![".a"; 100].join(operator);
    for program in
        [wide(" + "), wide(" | "), wide(" // "), wide(" and "), wide(", "), "[".repeat(100) + &"]".repeat(100)]
    {
        let deep = format!("def f: {program} | f; f");
        for program in [program, deep] {
            let program = Program::new(&program, &Failures::default()).unwrap();
            let _ = program.is_true_of(br#"{"a": {"a": null}}"#);
        }
    }
}

/// Fewer steps than a program has, which are slow in a build for tests.
const FEW_STEPS: usize = 30_000;

#[test]
fn programs_without_end_or_measure_are_given_up() {
    let document = r#"{"list": [1, 2, 3], "text": "x"}"#;
    for program in [
        "def f: f; f",
        "def f: 1 + f; f",
        "def f: [f]; f",
        "def f: {a: f}; f",
        "def f: f | f; f",
        "def f: f, f; f",
        "def f: try f catch f; f",
        "def f: f?; f",
        "def f(g): g | f(g | g); f(.)",
        "def f: reduce f as $x (0; .); f",
        "def f: .a |= f; f",
        "path(def f: .a | f; f)",
        "def f: . as $x | $x | f; f",
        "def f: label $out | f; f",
        "repeat(empty)",
        "repeat(null)",
        "repeat(.) | empty",
        "range(infinite) | empty",
        "range(0; 1; 0) | empty",
        "last(range(1e12))",
        "[range(1e9)]",
        "\"x\" * 1000000000",
        "[limit(1000000000; repeat(1))]",
        "skip(1e15; repeat(1))",
        "until(false; .)",
        "[while(true; .)]",
        "[recurse]  | [recurse(.)]",
        "reduce range(60) as $i (0; [., .]) | tojson",
        "reduce range(60) as $i (0; [., .]) | tostring",
        "reduce range(60) as $i (0; [., .]) | \"\\(.)\"",
        "reduce range(60) as $i (0; [., .]) | . == (reduce range(60) as $i (0; [., .]))",
        "reduce range(60) as $i (0; [., .]) | {(.): 1}",
        "reduce range(60) as $i (0; [., .]) | [..] | length",
        "reduce range(60) as $i (0; [., .]) | contains([[0]])",
        "reduce range(60) as $i (0; [., .]) | flatten",
        "reduce range(60) as $i (0; [., .]) | [paths]",
        "reduce range(60) as $i (0; [., .]) | walk(.)",
        "reduce range(60) as $i (0; [., .]) | error",
        "reduce range(60) as $i (0; {a: ., b: .}) | . * . | tojson",
        "reduce range(60) as $i (\"x\"; . + .)",
        "reduce range(60) as $i ([1]; . + .)",
        "reduce range(100000) as $i (0; [.])",
        "reduce range(100000) as $i (0; {a: .})",
        "reduce range(100000) as $i (0; [.]) | tojson",
        "[range(1000)] as $x | [$x[] as $a | $x[] as $b | $x[] as $c | 1]",
        "[range(1000)] as $x | [$x[] | . as $a | $x[] | [., $a] | tojson | explode | implode]",
        "[.list | combinations(30)]",
        "\"x\" * 100000 | [scan(\".\")] | combinations",
        "\"x\" * 10000000 | explode",
        "\"x\" * 10000000 / \"\"",
        "\"x\" * 10000000 | [match(\".\"; \"g\")]",
        "[range(100000)] | indices([range(50000)])",
        "2 | reduce range(60) as $i (.; . * .) | until(. < 1; . * .)",
        "first(range(infinite) | select(. < 0))",
        "any(range(infinite); false)",
        "isempty(repeat(empty))",
        "limit(3; repeat(empty))",
        "[.list | .[1e9] = 1]  | until(false; .)",
        "getpath([range(1e9) | \"a\"])",
        "setpath([range(100000) | \"a\"]; 1)",
        "delpaths([[range(100000) | \"a\"]]) | until(false; .)",
        "def f: def g: f; g; f",
        "def f($x): f($x + 1); f(0)",
        "def f(g): f(g); f(.)",
        "[foreach range(1e12) as $i (0; . + 1)] | length",
        "label $x | repeat(empty), break $x",
        "(repeat(empty)) |= 1",
        "(.. | repeat(.)) |= 1",
        "def f: (f, f) |= f; f",
        "\"a\" | ascii | until(false; .)",
        "[splits(\"\")] | until(false; .)",
    ] {
        let failures = Failures::default();
        let compiled = match Program::new(program, &failures) {
            Ok(program) => Program { steps: FEW_STEPS, ..program },
            // A name that jaq does not have.
            Err(why) if why.contains("jq has no") => continue,
            Err(why) => panic!("{program}: {why}"),
        };
        assert_eq!(compiled.is_true_of(document.as_bytes()), Unknown, "{program}");
        assert_eq!(failures.programs(), 1);
    }
}

#[test]
fn json_of_any_depth_is_no_json_within_a_program() {
    let nested = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
    let document = format!(r#"{{"data": "{nested}"}}"#);
    assert_eq!(ask(".data | fromjson", &document), Unknown);
    assert_eq!(ask(".data | fromjson? // \"none\"", &document), Yes);
}

#[test]
fn after_some_runs_without_end_it_is_no_longer_tried() {
    let failures = Failures::default();
    let program = Program::new("def f: f; f", &failures).unwrap();
    assert_eq!(program.is_true_of(b"1"), Unknown);
    let program = Program { steps: FEW_STEPS, ..program };
    for _ in 1..1000 {
        assert_eq!(program.is_true_of(b"1"), Unknown);
    }
    assert_eq!(failures.programs(), 1000);
    assert!(failures.to_string().contains("no longer tried"), "{failures}");
}
