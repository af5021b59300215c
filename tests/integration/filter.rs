//! `wsflow filter`: only what matches, listed or as a capture.

use std::fs;
use std::os::unix::fs::symlink;

use insta::assert_snapshot;
use serde_json::Value;

use crate::support::{Finished, fixture, fixture_bytes, readable_captures, wsflow};
use crate::tree::{self, Tree};

/// Runs `filter -o` from stdin to stdout.
fn filter(args: &[&str], capture: &[u8]) -> Finished {
    wsflow([&["filter", "-o", "-"], args].concat()).stdin(capture).run()
}

/// The records of a capture that are kept by a function, which may change them.
fn kept(capture: &[u8], mut keep: impl FnMut(usize, &mut Tree) -> bool) -> Vec<u8> {
    let mut number = 0;
    let mut flows = tree::parse(capture);
    flows.retain_mut(|flow| {
        number += 1;
        keep(number - 1, flow)
    });
    tree::encode(&flows)
}

fn is_from_client(message: &mut Tree) -> bool {
    message.items()[1] == tree::bool(true)
}

/// The messages of a listing without their position.
fn contents(listed: &Finished) -> Vec<Value> {
    let mut messages = listed.json_lines();
    for message in &mut messages {
        let object = message.as_object_mut().unwrap();
        object.remove("flow");
        object.remove("message");
    }
    messages
}

#[test]
fn to_keep_everything_is_to_copy() {
    for path in readable_captures() {
        let capture = fs::read(&path).unwrap();
        let finished = filter(&["~all", "-", "--flows", "--keep-others"], &capture);
        assert!(finished.stdout == capture, "{}", path.display());
        assert!(finished.code == 0 || !tree::parse(&capture).iter_mut().any(|flow| flow.messages().is_some()));
    }
}

#[test]
fn of_an_empty_capture_the_copy_is_empty() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("out.flow");
    wsflow(["filter", "~all", "fixtures/empty.flow", "-o", out.to_str().unwrap()]).run().code(1);
    assert_eq!(fs::read(out).unwrap(), b"");
}

#[test]
fn messages_that_match_are_kept_and_the_others_are_not() {
    for path in readable_captures() {
        let capture = fs::read(&path).unwrap();
        let written = filter(&["~client", "-"], &capture).stdout;
        let listed = |capture: &[u8], args: &[&str]| {
            contents(&wsflow([&["ls", "--json"], args].concat()).stdin(capture).run().code(0))
        };
        assert_eq!(listed(&written, &[]), listed(&capture, &["-f", "~client"]), "{}", path.display());
    }
    let capture = fixture_bytes("mixed-http.flow");
    let expected = kept(&capture, |_, flow| {
        flow.messages().is_some_and(|messages| {
            messages.retain_mut(is_from_client);
            !messages.is_empty()
        })
    });
    assert!(filter(&["~client", "-"], &capture).code(0).stdout == expected);
}

#[test]
fn whole_connections_and_other_flows_are_kept_when_asked_for() {
    let capture = fixture_bytes("closes.flow");
    let connections = tree::parse(&capture).iter_mut().filter_map(Tree::messages).count();
    let has_first = |flow: &mut Tree| flow.messages().is_some_and(|messages| messages.len() > 1);
    let some = kept(&capture, |_, flow| has_first(flow));
    let others = kept(&capture, |_, flow| !has_first(flow));
    assert!(!some.is_empty() && !others.is_empty());
    assert!(filter(&["~msg 1", "-", "--flows"], &capture).code(0).stdout == some);
    // A connection without messages is among those of which none matches.
    assert!(filter(&["~msg 1", "-", "--flows", "-v"], &capture).code(0).stdout == others);
    assert_eq!(tree::parse(&some).len() + tree::parse(&others).len(), connections);

    let capture = fixture_bytes("mixed-http.flow");
    let is_plain = |flow: &mut Tree| flow.messages().is_none();
    let expected = kept(&capture, |_, flow| is_plain(flow));
    let finished = filter(&["~msg 999", "-", "--flows", "--keep-others"], &capture).code(1);
    assert!(finished.stdout == expected);
    assert_snapshot!(finished.stderr, @"wsflow: <stdout>: kept 0 connections, and 15 other flows");
}

#[test]
fn what_does_not_match_is_the_rest() {
    let capture = fixture_bytes("conversation.flow");
    let rest = kept(&capture, |_, flow| {
        flow.messages().is_some_and(|messages| {
            messages.retain_mut(|message| !is_from_client(message));
            !messages.is_empty()
        })
    });
    assert!(filter(&["~client", "-", "-v"], &capture).code(0).stdout == rest);
    assert!(filter(&["~server", "-"], &capture).code(0).stdout == rest);
    let listed = wsflow(["filter", "-v", "~client", "fixtures/conversation.flow"]).run().ok().stdout;
    assert!(listed == wsflow(["ls", "-f", "!~client", "fixtures/conversation.flow"]).run().ok().stdout);
}

#[test]
fn positions_choose_as_expressions_do() {
    let capture = fixture_bytes("conversation.flow");
    let expected = kept(&capture, |number, flow| {
        let messages = flow.messages().unwrap();
        match number {
            0 => messages.truncate(2),
            1 => return false,
            _ => {}
        }
        true
    });
    assert!(filter(&["--id", "0:0-1,2", "-"], &capture).code(0).stdout == expected);
    let listed = wsflow(["filter", "--id", "0:0-1,2", "fixtures/conversation.flow"]).run().ok().stdout;
    assert!(listed == wsflow(["ls", "--id", "0:0-1,2", "fixtures/conversation.flow"]).run().ok().stdout);
}

#[test]
fn without_an_output_it_lists_and_says_whether_anything_matched() {
    let listed = |args: &[&str]| wsflow([&["filter"], args, &["fixtures/conversation.flow"]].concat()).run();
    let all = listed(&["~binary"]).ok();
    assert!(all.stdout == wsflow(["ls", "-f", "~binary", "fixtures/conversation.flow"]).run().ok().stdout);
    assert!(!all.stdout.is_empty());
    assert_eq!(listed(&["~binary", "-c"]).ok().text().trim(), all.lines().len().to_string());
    assert_eq!(listed(&["~binary", "--limit", "1", "--json"]).ok().json_lines().len(), 1);
    let nothing = listed(&["~msg 999"]).code(1);
    assert_eq!((nothing.text().as_str(), nothing.stderr.as_str()), ("", ""));
    assert_eq!(listed(&["~msg 999", "-c"]).code(1).text(), "0\n");
    let input = fixture_bytes("conversation.flow");
    assert!(wsflow(["filter", "~binary"]).stdin(input).run().ok().stdout == all.stdout);
}

#[test]
fn where_nothing_matches_nothing_is_written() {
    let finished = filter(&["~msg 999", "-"], &fixture_bytes("conversation.flow")).code(1);
    assert_eq!(finished.stdout, b"");
    assert_snapshot!(finished.stderr, @"wsflow: <stdout>: nothing matched, so nothing is written");
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("out.flow");
    let capture = fixture("conversation.flow");
    let run = |expression| {
        wsflow(["filter", expression, capture.to_str().unwrap(), "-o", "out.flow", "--force"])
            .in_folder(folder.path())
            .run()
    };
    run("~msg 999").code(1);
    assert!(!out.exists());
    run("~client").code(0);
    let good = fs::read(&out).unwrap();
    run("~msg 999").code(1);
    assert!(!good.is_empty() && fs::read(&out).unwrap() == good);
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
}

#[test]
fn several_inputs_are_merged_in_their_order() {
    let (one, other) = ("fixtures/conversation.flow", "fixtures/versions/5.1.1.flow");
    let merged = wsflow(["filter", "~all", other, one, "-o", "-", "--flows", "--keep-others"]).run().code(0);
    let expected = [fixture_bytes("versions/5.1.1.flow"), fixture_bytes("conversation.flow")].concat();
    assert!(merged.stdout == expected);
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("out");
    // A capture that lacks one of them would look complete.
    for unreadable in ["missing", "Cargo.toml"] {
        let finished = wsflow(["filter", "~all", unreadable, one, "-o", out.to_str().unwrap()]).run().code(2);
        assert!(finished.stderr.starts_with(&format!("wsflow: {unreadable}: ")), "{}", finished.stderr);
        let said = format!("{}: not written, since it would lack what cannot be read", out.display());
        assert!(finished.stderr.contains(&said), "{}", finished.stderr);
        assert!(!out.exists());
    }
}

#[test]
fn a_foreign_format_becomes_a_flow_file() {
    let written =
        wsflow(["filter", "~all", "fixtures/mixed-http.msgpack", "-o", "-", "--flows", "--keep-others"]).run();
    assert!(written.code(0).stdout == fixture_bytes("mixed-http.flow"));
    let one = wsflow(["filter", "~client", "fixtures/edited-messages.msgpack", "-o", "-"]).run().code(0).stdout;
    assert!(one == filter(&["~client", "-"], &fixture_bytes("edited-messages.flow")).stdout);
}

#[test]
fn an_old_connection_is_kept_with_its_handshake() {
    let capture = fixture_bytes("versions/5.1.1.flow");
    let mut flows = tree::parse(&capture);
    // Connections end in another order than they begin, so a handshake and its messages are far apart.
    let id_of = |flow: &mut Tree| match flow.get("id").unwrap() {
        Tree::Leaf(id, _) => id.clone(),
        Tree::Inner(..) => panic!("no id"),
    };
    let handshake_of = |flow: &mut Tree| {
        let is_old = flow.messages().is_some();
        is_old.then(|| match flow.get("metadata").unwrap().get("websocket_handshake").unwrap() {
            Tree::Leaf(id, _) => id.clone(),
            Tree::Inner(..) => panic!("no id"),
        })
    };
    let chosen = flows.iter_mut().position(|flow| flow.messages().is_some_and(|messages| messages.len() == 6)).unwrap();
    let handshake = handshake_of(&mut flows[chosen]).unwrap();
    let begun = flows.iter_mut().position(|flow| id_of(flow) == handshake).unwrap();
    assert!(begun + 1 < chosen);
    let all: Vec<_> = flows.iter_mut().filter_map(handshake_of).collect();

    let id = chosen.to_string();
    let expected = kept(&capture, |number, _| number == chosen || number == begun);
    let finished = filter(&["--id", &id, "-", "--flows"], &capture).code(0);
    assert!(finished.stdout == expected);
    assert_snapshot!(finished.stderr, @"wsflow: <stdout>: kept 1 connection");
    // Other flows are those that belong to no connection.
    let expected = kept(&capture, |number, flow| {
        number == chosen || number == begun || (flow.messages().is_none() && !all.contains(&id_of(flow)))
    });
    assert!(filter(&["--id", &id, "-", "--flows", "--keep-others"], &capture).code(0).stdout == expected);
}

#[test]
fn what_is_damaged_is_said_and_left_out() {
    let sound = fixture_bytes("conversation.flow");
    let next = fixture_bytes("json.flow");
    let expected = filter(&["~client", "-"], &sound).code(0).stdout;
    for tail in [&next[..next.len() / 2], b"garbage"] {
        let finished = filter(&["~client", "-"], &[&sound, tail].concat()).code(3);
        assert!(finished.stdout == expected);
    }
    // A message that is broken within cannot be asked whether it matches.
    let mut flows = tree::parse(&sound);
    flows[0].messages().unwrap()[1] = Tree::Inner(vec![tree::bool(true)], b']');
    let broken = tree::encode(&flows);
    flows[0].messages().unwrap().remove(1);
    let finished = filter(&["~all", "-"], &broken).code(3);
    assert!(finished.stdout == tree::encode(&flows));
    assert!(finished.stderr.contains("websocket.messages[1]"), "{}", finished.stderr);
    // Nothing matched, and something could not be asked.
    filter(&["~msg 999", "-"], &broken).code(3);
}

#[test]
fn what_makes_no_sense_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    fs::copy(fixture("conversation.flow"), folder.path().join("f.flow")).unwrap();
    fs::write(folder.path().join("there"), "mine").unwrap();
    symlink("f.flow", folder.path().join("link")).unwrap();
    for (args, said) in [
        (&[][..], "EXPR is missing"),
        (&["~nothing", "f.flow"], "no such operator"),
        (&["~all", "f.flow", "--flows"], "--output <OUT>"),
        (&["~all", "f.flow", "--keep-others"], "--output <OUT>"),
        (&["~all", "f.flow", "-o", "out", "-c"], "cannot be used with"),
        (&["~all", "f.flow", "-o", "out", "--json"], "cannot be used with"),
        (&["~all", "f.flow", "-o", "there"], "exists already"),
        (&["~all", "f.flow", "-o", "out.ndjson"], "this command writes flow files, and `.ndjson` means ndjson"),
        (&["~all", "f.flow", "-o", "link", "--force"], "link: is the input f.flow itself"),
        (&["~all", "there", "f.flow", "-o", "there", "--force"], "there: is the input there itself"),
    ] {
        let finished = wsflow([&["filter"], args].concat()).in_folder(folder.path()).run().code(2);
        assert!(finished.stderr.contains(said), "{args:?}: {}", finished.stderr);
    }
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 3);
}
