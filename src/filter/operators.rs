//! The operators: one list, from which parser, help, completions, documents and suggestions are made.

/// An operator of the language.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "what each says stands in the list below, once")]
pub enum Operator {
    All,
    Asset,
    Body,
    BodyRequest,
    BodyResponse,
    Code,
    Comment,
    ContentType,
    ContentTypeRequest,
    ContentTypeResponse,
    Destination,
    Dns,
    Domain,
    Error,
    Header,
    HeaderRequest,
    HeaderResponse,
    Http,
    Marked,
    Marker,
    Metadata,
    Method,
    Replayed,
    ReplayedRequest,
    ReplayedResponse,
    Request,
    Response,
    Source,
    Tcp,
    Udp,
    Url,
    WebSocket,
    After,
    Before,
    Binary,
    Client,
    Closed,
    Dropped,
    FlowPosition,
    Id,
    Injected,
    Jq,
    MessagePosition,
    Open,
    Server,
    Size,
    Text,
}

/// What an operator is followed by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Argument {
    /// Nothing.
    None,
    /// A Python regex, searched for in bytes or in text.
    Regex {
        /// Whether it is searched for in bytes.
        bytes: bool,
        /// Whether `^` and `$` match at every line.
        multiline: bool,
        /// Whether `.` matches a line feed.
        dotall: bool,
    },
    /// Digits.
    Digits,
    /// `N`, `>N`, `<N`, `A..B`: how many, with `k`, `M` and `G` for powers of 1024.
    Size,
    /// `N`, `>N`, `<N`, `A..B`.
    Number,
    /// A point in time.
    Time,
    /// The start of a text.
    Prefix,
    /// A jq program.
    Program,
}

impl Argument {
    /// How help and errors name it; empty where there is none.
    pub fn name(self) -> &'static str {
        match self {
            Argument::None => "",
            Argument::Regex { .. } => "REGEX",
            Argument::Digits => "CODE",
            Argument::Size => "SIZE",
            Argument::Number => "N",
            Argument::Time => "TIME",
            Argument::Prefix => "PREFIX",
            Argument::Program => "PROGRAM",
        }
    }
}

/// What an operator asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Subject {
    /// The flow: the answer is the same for all of its messages.
    Flow,
    /// A message. Asked of a flow it is true when it is true of one of its messages.
    Message,
}

/// The facts about an operator.
#[derive(Debug)]
pub struct Info {
    /// The operator.
    pub operator: Operator,
    /// How it is written, after the `~`.
    pub code: &'static str,
    /// What follows it.
    pub argument: Argument,
    /// What it asks.
    pub subject: Subject,
    /// Whether mitmproxy has it too.
    pub of_mitmproxy: bool,
    /// One line of help.
    pub help: &'static str,
    /// An expression in which it makes sense.
    pub example: &'static str,
    /// What people call it who do not know its code; a suggestion, and no operator.
    pub also: &'static [&'static str],
}

impl Info {
    const fn also(self, also: &'static [&'static str]) -> Info {
        Info { also, ..self }
    }
}

const IN_BYTES: Argument = Argument::Regex { bytes: true, multiline: false, dotall: false };
const IN_HEADERS: Argument = Argument::Regex { bytes: true, multiline: true, dotall: false };
const IN_BODY: Argument = Argument::Regex { bytes: true, multiline: false, dotall: true };
const IN_TEXT: Argument = Argument::Regex { bytes: false, multiline: false, dotall: false };
const IN_LINES: Argument = Argument::Regex { bytes: false, multiline: true, dotall: false };

const fn theirs(
    operator: Operator,
    code: &'static str,
    argument: Argument,
    help: &'static str,
    example: &'static str,
) -> Info {
    let subject = match operator {
        Operator::Body | Operator::BodyRequest | Operator::BodyResponse => Subject::Message,
        _ => Subject::Flow,
    };
    Info { operator, code, argument, subject, of_mitmproxy: true, help, example, also: &[] }
}

const fn ours(
    operator: Operator,
    code: &'static str,
    argument: Argument,
    subject: Subject,
    help: &'static str,
    example: &'static str,
) -> Info {
    Info { operator, code, argument, subject, of_mitmproxy: false, help, example, also: &[] }
}

/// All operators, mitmproxy's first, each part by name.
#[rustfmt::skip]
pub static OPERATORS: &[Info] = {
    use Operator as O;
    use Subject::{Flow, Message};
    const NONE: Argument = Argument::None;
    &[
        theirs(O::Asset, "a", NONE, "the response is an asset: CSS, JavaScript, image or font, by its content-type", "!~a"),
        theirs(O::All, "all", NONE, "always", "~all"),
        theirs(O::Body, "b", IN_BODY, "the content; of a flow also the bodies of request and response", "~b password").also(&["body", "content"]),
        theirs(O::BodyRequest, "bq", IN_BODY, "the content, sent by the client; of a flow also the request's body", r"~bq subscri(be|ption)"),
        theirs(O::BodyResponse, "bs", IN_BODY, "the content, sent by the server; of a flow also the response's body", r"~bs \x08\x96\x01"),
        theirs(O::Code, "c", Argument::Digits, "the status code of the response", "~c 101").also(&["status", "code"]),
        theirs(O::Comment, "comment", IN_LINES, "the comment of the flow", "~comment todo"),
        theirs(O::Domain, "d", IN_TEXT, "the host, as connected to or as in the Host header", r"~d example\.com$").also(&["domain", "host"]),
        theirs(O::Dns, "dns", NONE, "a DNS flow", "~dns"),
        theirs(O::Destination, "dst", IN_TEXT, "the server's address, HOST:PORT", "~dst :443$"),
        theirs(O::Error, "e", NONE, "the flow ended with an error", "~e"),
        theirs(O::Header, "h", IN_HEADERS, "a header line of request or response, `Name: value`", "~h ^authorization:").also(&["header", "headers"]),
        theirs(O::HeaderRequest, "hq", IN_HEADERS, "a header line of the request (lines end with CR LF)", "~hq ^user-agent:.*okhttp"),
        theirs(O::HeaderResponse, "hs", IN_HEADERS, "a header line of the response", "~hs ^set-cookie:"),
        theirs(O::Http, "http", NONE, "an HTTP flow; WebSocket connections are that too", "~http"),
        theirs(O::Method, "m", IN_BYTES, "the method of the request", "~m ^post$").also(&["method"]),
        theirs(O::Marked, "marked", NONE, "the flow is marked", "~marked"),
        theirs(O::Marker, "marker", IN_TEXT, "the name of the flow's mark", "~marker :red_circle:"),
        theirs(O::Metadata, "meta", IN_LINES, "a line `key: value` of the flow's metadata", "~meta ^duplicated:"),
        theirs(O::Request, "q", NONE, "the request has no response", "~q"),
        theirs(O::Replayed, "replay", NONE, "the flow was replayed", "~replay").also(&["replayed"]),
        theirs(O::ReplayedRequest, "replayq", NONE, "the request was replayed by the client", "~replayq"),
        theirs(O::ReplayedResponse, "replays", NONE, "the response was replayed by the server", "~replays"),
        theirs(O::Response, "s", NONE, "the request has a response", "~s"),
        theirs(O::Source, "src", IN_TEXT, "the client's address, HOST:PORT", r"~src ^10\.0\."),
        theirs(O::ContentType, "t", IN_BYTES, "the content-type of request or response", "~t json"),
        theirs(O::Tcp, "tcp", NONE, "a TCP flow", "~tcp"),
        theirs(O::ContentTypeRequest, "tq", IN_BYTES, "the content-type of the request", "~tq ^multipart/"),
        theirs(O::ContentTypeResponse, "ts", IN_BYTES, "the content-type of the response", "~ts ^text/html"),
        theirs(O::Url, "u", IN_TEXT, "the URL, with http or https in it for WebSocket connections too", "~u /socket").also(&["url"]),
        theirs(O::Udp, "udp", NONE, "a UDP flow", "~udp"),
        theirs(O::WebSocket, "websocket", NONE, "a WebSocket connection", "~websocket").also(&["ws", "wss"]),
        ours(O::After, "after", Argument::Time, Message, "the message is later than a time", "~after 2023-08-29T12:03:00Z").also(&["since", "from"]),
        ours(O::Before, "before", Argument::Time, Message, "the message is earlier than a time", "~before +12.5s").also(&["until", "to"]),
        ours(O::Binary, "binary", NONE, Message, "the message is binary", "~binary"),
        ours(O::Client, "client", NONE, Message, "the client sent the message", "~client").also(&["sent"]),
        ours(O::Closed, "closed", Argument::Number, Flow, "the close code of the connection", "~closed 1006"),
        ours(O::Dropped, "dropped", NONE, Message, "the message was dropped", "~dropped"),
        ours(O::FlowPosition, "flow", Argument::Number, Flow, "the position of the flow in its file, from 0", "~flow 3"),
        ours(O::Id, "id", Argument::Prefix, Flow, "the flow's id begins with this", "~id 6f4c"),
        ours(O::Injected, "injected", NONE, Message, "the message was injected", "~injected"),
        ours(O::Jq, "jq", Argument::Program, Message, "the content is JSON, and the jq program gives a value that is true", r#"~jq '.op == "error"'"#).also(&["json"]),
        ours(O::MessagePosition, "msg", Argument::Number, Message, "the position of the message in its connection, from 0", "~msg 0..9"),
        ours(O::Open, "open", NONE, Flow, "the connection was not closed yet", "~open"),
        ours(O::Server, "server", NONE, Message, "the server sent the message", "~server").also(&["received"]),
        ours(O::Size, "size", Argument::Size, Message, "the length of the content in bytes", "~size >64k").also(&["len", "length"]),
        ours(O::Text, "text", NONE, Message, "the message is text", "~text"),
    ]
};

impl Operator {
    /// The facts about the operator.
    pub fn info(self) -> &'static Info {
        // Every operator is in the list, as a test says; the first stands in for one that is not.
        OPERATORS.iter().find(|info| info.operator == self).unwrap_or(&OPERATORS[0])
    }

    /// The operator of this code.
    pub fn from_code(code: &str) -> Option<Operator> {
        OPERATORS.iter().find(|info| info.code == code).map(|info| info.operator)
    }

    /// The operator that was probably meant by a code that is none: the one that needs the fewest changes.
    pub(super) fn nearest(code: &str) -> Option<&'static Info> {
        let code = code.to_ascii_lowercase();
        if let Some(info) = OPERATORS.iter().find(|info| info.also.contains(&&*code)) {
            return Some(info);
        }
        let longest = OPERATORS.iter().map(|info| info.code.len()).max().unwrap_or(0);
        if code.is_empty() || code.len() > longest + 3 {
            return None;
        }
        let distance = |info: &Info| match info.code.strip_prefix(&*code) {
            // Typed in part: better than any change within.
            Some(_) if code.len() > 2 => 1,
            _ => changes(code.as_bytes(), info.code.as_bytes()),
        };
        let nearest = OPERATORS.iter().min_by_key(|info| distance(info))?;
        let allowed = if code.len() < 4 { 1 } else { 2 };
        (distance(nearest) <= allowed).then_some(nearest)
    }
}

/// How many letters to add, remove, replace or swap with their neighbour to make one word of the other.
fn changes(from: &[u8], to: &[u8]) -> usize {
    let mut rows = vec![vec![0; to.len() + 1]; from.len() + 1];
    for i in 0..=from.len() {
        for j in 0..=to.len() {
            rows[i][j] = match (i, j) {
                (0, _) => j,
                (_, 0) => i,
                _ => {
                    let replaced = rows[i - 1][j - 1] + usize::from(from[i - 1] != to[j - 1]);
                    let best = replaced.min(rows[i - 1][j] + 1).min(rows[i][j - 1] + 1);
                    let is_swap = i > 1 && j > 1 && from[i - 1] == to[j - 2] && from[i - 2] == to[j - 1];
                    if is_swap { best.min(rows[i - 2][j - 2] + 1) } else { best }
                }
            };
        }
    }
    rows[from.len()][to.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_operator_is_found() {
        let cases = [
            ("dropd", Some("dropped")),
            ("drop", Some("dropped")),
            ("inject", Some("injected")),
            ("Text", Some("text")),
            ("cleint", Some("client")),
            ("websockt", Some("websocket")),
            ("ws", Some("websocket")),
            ("host", Some("d")),
            ("since", Some("after")),
            ("from", Some("after")),
            ("sent", Some("client")),
            ("body", Some("b")),
            ("url", Some("u")),
            ("domain", Some("d")),
            ("method", Some("m")),
            ("status", Some("c")),
            ("json", Some("jq")),
            ("len", Some("size")),
            ("xyzzy", None),
            ("", None),
        ];
        for (code, expected) in cases {
            assert_eq!(Operator::nearest(code).map(|info| info.code), expected, "{code}");
        }
    }

    #[test]
    fn codes_are_unique_and_sorted_within_their_part() {
        for part in [true, false] {
            let codes: Vec<_> =
                OPERATORS.iter().filter(|info| info.of_mitmproxy == part).map(|info| info.code).collect();
            assert!(codes.is_sorted_by(|a, b| a < b), "{codes:?}");
        }
        for info in OPERATORS {
            assert_eq!(Operator::from_code(info.code), Some(info.operator));
            assert_eq!(info.operator.info().code, info.code);
            for also in info.also {
                assert_eq!(Operator::from_code(also), None);
                assert_eq!(Operator::nearest(also).map(|info| info.code), Some(info.code), "{also}");
            }
        }
    }
}
