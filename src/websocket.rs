//! stub
/// Opcode.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Opcode {
    /// 0
    Continuation,
    /// 1
    Text,
    /// 2
    Binary,
    /// 8
    Close,
    /// 9
    Ping,
    /// 10
    Pong,
    /// other
    Other(i64),
}
impl From<i64> for Opcode {
    fn from(n: i64) -> Opcode {
        match n {
            0 => Opcode::Continuation,
            1 => Opcode::Text,
            2 => Opcode::Binary,
            8 => Opcode::Close,
            9 => Opcode::Ping,
            10 => Opcode::Pong,
            n => Opcode::Other(n),
        }
    }
}
impl Opcode {
    /// Name.
    pub fn name(self) -> std::borrow::Cow<'static, str> {
        match self {
            Opcode::Text => "text".into(),
            Opcode::Binary => "binary".into(),
            o => format!("{o:?}").into(),
        }
    }
}
