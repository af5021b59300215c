//! `wsflow flows`.

use insta::assert_snapshot;

use crate::support::wsflow;

#[test]
fn a_connection_object_has_the_keys_of_the_contract_in_order() {
    let flow = wsflow(["flows", "--json", "--limit", "1", "fixtures/closes.flow"]).run().ok().json_lines();
    let keys: Vec<_> = flow[0].as_object().unwrap().keys().cloned().collect();
    assert_snapshot!(keys.join(" "), @"flow flow_id type version url status timestamp_start timestamp_end messages client_messages server_messages client_bytes server_bytes dropped injected closed_by_client close_code close_reason marked comment");
}

#[test]
fn a_flow_without_websocket_has_null_from_messages_to_close_reason() {
    let flows = wsflow(["flows", "--all", "--json", "fixtures/http-only.flow"]).run().ok().json_lines();
    assert!(!flows.is_empty());
    let keys = [
        "messages",
        "client_messages",
        "server_messages",
        "client_bytes",
        "server_bytes",
        "dropped",
        "injected",
        "closed_by_client",
        "close_code",
        "close_reason",
    ];
    for flow in flows {
        for key in keys {
            assert!(flow[key].is_null(), "{key} of {flow}");
        }
    }
}

#[test]
fn positions_count_every_flow_of_the_file() {
    let all = wsflow(["flows", "--all", "--json", "fixtures/mixed-http.flow"]).run().ok().json_lines();
    let connections = wsflow(["flows", "--json", "fixtures/mixed-http.flow"]).run().ok().json_lines();
    assert!(connections.len() < all.len());
    for flow in &connections {
        assert_eq!(*flow, all[flow["flow"].as_u64().unwrap() as usize]);
    }
    let listed = wsflow(["ls", "--json", "fixtures/mixed-http.flow"]).run().ok().json_lines();
    assert!(listed.iter().all(|message| connections.iter().any(|flow| flow["flow"] == message["flow"])));
}

#[test]
fn bytes_are_counted_by_direction() {
    let flows = wsflow(["flows", "--json", "fixtures/conversation.flow"]).run().ok().json_lines();
    let messages = wsflow(["ls", "--json", "fixtures/conversation.flow"]).run().ok().json_lines();
    for flow in flows {
        for (key, from_client) in [("client_bytes", true), ("server_bytes", false)] {
            let of_flow = messages.iter().filter(|m| m["flow"] == flow["flow"] && m["from_client"] == from_client);
            let bytes: u64 = of_flow.map(|message| message["size"].as_u64().unwrap()).sum();
            assert_eq!(flow[key], bytes);
        }
    }
}

#[test]
fn flows_are_counted() {
    assert_eq!(wsflow(["flows", "-c", "fixtures/tcp-udp-dns.flow"]).run().ok().text(), "1\n");
    assert_eq!(wsflow(["flows", "--all", "-c", "fixtures/tcp-udp-dns.flow"]).run().ok().text(), "7\n");
}

#[test]
fn the_table_says_how_a_connection_closed() {
    let rows = wsflow(["flows", "--format", "raw", "--fields", "url,close,close_reason", "fixtures/closes.flow"]);
    assert_snapshot!(rows.run().ok().text().replace('\t', " | "));
}
