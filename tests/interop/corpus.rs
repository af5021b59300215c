//! The files that are made to measure with are captures for mitmproxy too.

use std::io::Write as _;

use crate::corpus::{self, Shape};
use crate::mitmproxy::mitmproxy;

/// Prints what a file holds, as mitmproxy reads it: flows, connections, messages, messages with a needle.
const COUNT: &str = "
import sys
from mitmproxy.io import FlowReader
with open(sys.argv[1], 'rb') as file:
    flows = list(FlowReader(file).stream())
connections = [flow.websocket for flow in flows if flow.websocket]
messages = [message for websocket in connections for message in websocket.messages]
needles = sum(b'needle' in message.content for message in messages)
print(len(flows), len(connections), len(messages), needles)
";

#[test]
fn mitmproxy_reads_the_files_to_measure_with() {
    let Some(mitmproxy) = mitmproxy() else { return };
    for (name, shape) in Shape::ALL {
        let mut file = tempfile::NamedTempFile::new().unwrap();
        let made = corpus::write(shape, 1 << 20, 1, &mut file).unwrap();
        file.flush().unwrap();
        let read = mitmproxy.run(&["-c", COUNT, file.path().to_str().unwrap()]);
        let expected = format!("{} {} {} {}", made.flows, made.connections, made.messages, made.needles);
        assert_eq!(read.trim(), expected, "{name}");
    }
}
