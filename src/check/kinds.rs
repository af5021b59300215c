//! The kinds of findings, once: names, severities and meanings come from this list.

/// How bad a finding is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// Odd, and allowed.
    Note,
    /// Not sound.
    Fault,
}

impl Severity {
    /// The name.
    pub fn name(self) -> &'static str {
        match self {
            Severity::Note => "note",
            Severity::Fault => "fault",
        }
    }
}

/// A kind of finding.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Kind {
    /// Bytes that are no value.
    BrokenStructure,
    /// A value of a type that its key never has.
    WrongType,
    /// A key that every flow of its version has.
    MissingKey,
    /// A version that no mitmproxy ever wrote.
    UnknownVersion,
    /// A flow that is neither HTTP nor a stream nor DNS.
    UnknownFlowType,
    /// An opcode that RFC 6455 does not define.
    InvalidOpcode,
    /// A close code that RFC 6455 does not allow.
    InvalidCloseCode,
    /// A close reason that fits in no close frame.
    CloseReasonTooLong,
    /// A text message that is not UTF-8.
    TextNotUtf8,
    /// A message that is older than the one before it.
    TimeGoesBack,
    /// A connection that had not ended.
    ConnectionOpen,
    /// Two flows with one id.
    DuplicateId,
    /// A message from before its connection was opened.
    MessageBeforeResponse,
    /// A key that flows of this version do not have.
    UnknownKey,
    /// The last record is not whole.
    IncompleteRecord,
    /// A version that is newer than all that are known here.
    NewerVersion,
}

/// What there is to know about a kind.
#[derive(Clone, Copy, Debug)]
pub struct Info {
    /// The kind.
    pub kind: Kind,
    /// Its name, which does not change.
    pub name: &'static str,
    /// How bad it is, if nobody says otherwise.
    pub severity: Severity,
    /// What it means.
    pub meaning: &'static str,
}

const fn fault(kind: Kind, name: &'static str, meaning: &'static str) -> Info {
    Info { kind, name, severity: Severity::Fault, meaning }
}

const fn note(kind: Kind, name: &'static str, meaning: &'static str) -> Info {
    Info { kind, name, severity: Severity::Note, meaning }
}

impl Kind {
    /// All kinds.
    pub const ALL: &'static [Info] = &[
        fault(Kind::BrokenStructure, "broken-structure", "bytes that cannot be read"),
        fault(Kind::WrongType, "wrong-type", "a value of a type that it cannot have"),
        fault(Kind::MissingKey, "missing-key", "a key that every flow of its version has is not there"),
        fault(Kind::UnknownVersion, "unknown-version", "a format version that does not exist"),
        fault(Kind::UnknownFlowType, "unknown-flow-type", "a flow of a type that mitmproxy does not know"),
        fault(Kind::InvalidOpcode, "invalid-opcode", "an opcode that RFC 6455 section 5.2 does not define"),
        fault(Kind::InvalidCloseCode, "invalid-close-code", "a close code outside RFC 6455 section 7.4"),
        fault(Kind::CloseReasonTooLong, "close-reason-too-long", "a close reason of more than 123 bytes"),
        note(Kind::TextNotUtf8, "text-not-utf8", "a text message that is not UTF-8"),
        note(Kind::TimeGoesBack, "time-goes-back", "a message that is older than the one before it"),
        note(Kind::ConnectionOpen, "connection-open", "a connection that had not ended when it was written"),
        note(Kind::DuplicateId, "duplicate-id", "a flow with the id of an earlier one"),
        note(Kind::MessageBeforeResponse, "message-before-response", "a message older than the handshake's response"),
        note(Kind::UnknownKey, "unknown-key", "a key that flows of this version do not have"),
        note(Kind::IncompleteRecord, "incomplete-record", "the last record is not whole (still being written?)"),
        note(Kind::NewerVersion, "newer-version", "a format version newer than all that are known here"),
    ];

    /// What there is to know about it.
    pub fn info(self) -> &'static Info {
        &Kind::ALL[self as usize]
    }

    /// The name, which does not change.
    pub fn name(self) -> &'static str {
        self.info().name
    }

    /// How bad it is, if nobody says otherwise.
    pub fn severity(self) -> Severity {
        self.info().severity
    }

    /// The kind with this name.
    pub fn from_name(name: &str) -> Option<Kind> {
        Kind::ALL.iter().find(|info| info.name == name).map(|info| info.kind)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_is_in_the_order_of_the_enum() {
        for (position, info) in Kind::ALL.iter().enumerate() {
            assert_eq!(info.kind as usize, position, "{}", info.name);
            assert_eq!(Kind::from_name(info.name), Some(info.kind));
        }
        assert_eq!(Kind::from_name("nothing"), None);
    }
}
