//! Cuts an expression into tokens. What a character means depends on what may stand in its place (`~u !x` has a
//! regex that begins with `!`), so the parser asks for the kind of token that it expects next.

use std::ops::Range;

use super::error::{Error, Problem};
use super::operators::{Argument, OPERATORS, Operator};

/// Where an operand may stand.
#[derive(Debug, PartialEq)]
pub(super) enum Token {
    /// `~` and a code.
    Operator(Operator),
    /// A regex for the URL.
    Regex(String),
    Not,
    Open,
    /// What ends an operand's place: the end, or what cannot begin one.
    Close,
    And,
    Or,
    End,
}

/// An expression that is being read.
pub(super) struct Lexer<'e> {
    text: &'e str,
    at: usize,
}

/// What mitmproxy skips between tokens; other white space is a part of words.
const WHITE_SPACE: [char; 4] = [' ', '\t', '\n', '\r'];

/// Ends a word, beside white space.
const DELIMITERS: [char; 5] = ['(', ')', '~', '\'', '"'];

fn is_in_word(character: char) -> bool {
    !WHITE_SPACE.contains(&character) && !DELIMITERS.contains(&character)
}

impl<'e> Lexer<'e> {
    pub(super) fn new(text: &'e str) -> Lexer<'e> {
        Lexer { text, at: 0 }
    }

    fn skip_white_space(&mut self) {
        let rest = self.rest().trim_start_matches(WHITE_SPACE);
        self.at = self.text.len() - rest.len();
    }

    fn rest(&self) -> &'e str {
        &self.text[self.at..]
    }

    fn take(&mut self, bytes: usize) -> Range<usize> {
        self.at += bytes;
        self.at - bytes..self.at
    }

    /// The place of the next token, for an error about it.
    pub(super) fn here(&mut self) -> Range<usize> {
        self.skip_white_space();
        let length = match self.rest().chars().next() {
            None => 0,
            Some(first) if is_in_word(first) => self.rest().find(|c| !is_in_word(c)).unwrap_or(self.rest().len()),
            Some(first) => first.len_utf8(),
        };
        self.at..self.at + length
    }

    /// An error about what stands in a place.
    pub(super) fn error(&self, span: Range<usize>, problem: Problem) -> Error {
        Error::new(self.text, span, problem)
    }

    /// Where an operand may begin.
    pub(super) fn operand(&mut self) -> Result<(Token, Range<usize>), Error> {
        self.skip_white_space();
        let (length, token) = match self.rest().chars().next() {
            None => (0, Token::End),
            Some('(') => (1, Token::Open),
            Some(')') => (1, Token::Close),
            Some('!') => (1, Token::Not),
            Some('~') => return self.operator(),
            Some(quote @ ('\'' | '"')) => {
                return self.quoted(quote).map(|(text, span)| (Token::Regex(text), span));
            }
            Some(_) => match self.here() {
                // A word of nothing but connectives is a mistake, though mitmproxy takes it for a regex.
                span if self.text[span.clone()].chars().all(|c| "!&|".contains(c)) => {
                    let before = self.text[..span.start].chars().next_back();
                    let problem = match self.rest().chars().next() {
                        Some(twice @ ('&' | '|')) if before == Some(twice) => Problem::Doubled(twice),
                        _ => Problem::Lone,
                    };
                    return Err(self.error(span, problem));
                }
                span => (span.len(), Token::Regex(self.text[span].to_owned())),
            },
        };
        Ok((token, self.take(length)))
    }

    /// What follows an operand: `&`, `|`, or one of the tokens that begin or end others, which are not consumed.
    pub(super) fn connective(&mut self) -> Token {
        self.skip_white_space();
        match self.rest().chars().next() {
            None => Token::End,
            Some('&') => Token::And,
            Some('|') => Token::Or,
            Some(')') => Token::Close,
            // It may begin another operand.
            Some(_) => Token::Open,
        }
    }

    /// Consumes the character of a connective.
    pub(super) fn consume(&mut self) -> Range<usize> {
        self.take(1)
    }

    /// An operator: `~`, then all printable ASCII characters that follow. Only ours ends before a `)`.
    fn operator(&mut self) -> Result<(Token, Range<usize>), Error> {
        let start = self.at;
        let run = &self.rest()[1..];
        let run = &run[..run.find(|c: char| !c.is_ascii_graphic()).unwrap_or(run.len())];
        if let Some(operator) = Operator::from_code(run) {
            return Ok((Token::Operator(operator), self.take(1 + run.len())));
        }
        let letters = run.find(|c: char| !c.is_ascii_alphanumeric()).unwrap_or(run.len());
        let code = &run[..letters];
        let is_closed = run[letters..].starts_with(')');
        let problem = match OPERATORS.iter().find(|info| info.code == code) {
            Some(info) if is_closed && !info.of_mitmproxy && info.argument == Argument::None => {
                return Ok((Token::Operator(info.operator), self.take(1 + letters)));
            }
            Some(info) => Problem::NoSpaceAfter(info),
            None => Problem::UnknownOperator { nearest: Operator::nearest(code) },
        };
        Err(self.error(start..start + 1 + letters, problem))
    }

    /// The argument of an operator: a word or a quoted text.
    pub(super) fn argument(&mut self) -> Result<Option<(String, Range<usize>)>, Error> {
        self.skip_white_space();
        match self.rest().chars().next() {
            Some(quote @ ('\'' | '"')) => self.quoted(quote).map(Some),
            Some(first) if is_in_word(first) => {
                let span = self.here();
                self.at = span.end;
                Ok(Some((self.text[span.clone()].to_owned(), span)))
            }
            _ => Ok(None),
        }
    }

    /// Whether a `(` stands where an argument should.
    pub(super) fn is_at_parenthesis(&mut self) -> bool {
        self.skip_white_space();
        self.rest().starts_with('(')
    }

    /// Digits, if such follow. They end where other characters begin, as in mitmproxy: `~c 200foo` is `~c 200` and
    /// a regex for the URL.
    pub(super) fn digits(&mut self) -> Option<(String, Range<usize>)> {
        self.skip_white_space();
        let length = self.rest().find(|c: char| !c.is_ascii_digit()).unwrap_or(self.rest().len());
        let span = self.take(length);
        (length > 0).then(|| (self.text[span.clone()].to_owned(), span))
    }

    fn quoted(&mut self, quote: char) -> Result<(String, Range<usize>), Error> {
        let inside = &self.rest()[1..];
        let mut escaped = false;
        for (at, character) in inside.char_indices() {
            match character {
                '\n' => break,
                _ if escaped => escaped = false,
                '\r' => break,
                '\\' => escaped = true,
                _ if character == quote => {
                    let text = unescape(&inside[..at]);
                    return Ok((text, self.take(at + 2)));
                }
                _ => {}
            }
        }
        Err(self.error(self.at..self.at + 1, Problem::UnclosedQuote))
    }
}

/// What stands between quotes. `\t` `\n` `\f` `\r` are white space, and a backslash before any other character only
/// makes that character itself: a regex in quotes has its backslashes doubled, `"\\d+"`.
///
/// The parser generator that mitmproxy uses (pyparsing 3.3) has three more escapes, which its slips of the pen left
/// rather odd: `\0`, `\xH2` and `\uH4`, with one free hexadecimal digit. They are here because an expression must
/// not mean two things.
fn unescape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(start) = rest.find('\\') {
        out.push_str(&rest[..start]);
        let escape = &rest[start + 1..];
        let (character, length) = match escape.as_bytes() {
            [b't', ..] => ('\t', 1),
            [b'n', ..] => ('\n', 1),
            [b'f', ..] => ('\x0c', 1),
            [b'r', ..] => ('\r', 1),
            // An octal escape by intent, which comes out as the digits themselves.
            [b'0', b'3', ..] => ('0', 1),
            [b'0', ..] => ('\0', 1),
            [b'x', digit, b'2', ..] | [b'u', digit, b'4', ..] if digit.is_ascii_hexdigit() => {
                let digits = &escape[1..3];
                (u8::from_str_radix(digits, 16).map_or('\0', char::from), 3)
            }
            _ => match escape.chars().next() {
                Some(character) => (character, character.len_utf8()),
                None => ('\\', 0),
            },
        };
        out.push(character);
        rest = &escape[length..];
    }
    out.push_str(rest);
    out
}

/// Writes a text so that it is read back as the same: as a word where it can be one, else in quotes.
pub(super) fn write_argument(f: &mut std::fmt::Formatter<'_>, text: &str) -> std::fmt::Result {
    if !text.is_empty() && text.chars().all(is_in_word) {
        return f.write_str(text);
    }
    f.write_str("\"")?;
    for character in text.chars() {
        match character {
            '\t' => f.write_str(r"\t")?,
            '\n' => f.write_str(r"\n")?,
            '\r' => f.write_str(r"\r")?,
            '"' => f.write_str(r#"\""#)?,
            '\\' => f.write_str(r"\\")?,
            other => write!(f, "{other}")?,
        }
    }
    f.write_str("\"")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quoted_text_is_unescaped_as_pyparsing_does() {
        let cases = [
            (r"a b", "a b"),
            (r"\d+", "d+"),
            (r"\\d+", r"\d+"),
            (r#"say \"hi\""#, r#"say "hi""#),
            (r"a\tb\nc\fd\re", "a\tb\nc\x0cd\re"),
            (r"\x41", "x41"),
            (r"\x42", "B"),
            (r"\x423", "B3"),
            (r"\u00e4", "u00e4"),
            (r"\ue4", "ä"),
            (r"\0", "\0"),
            (r"\03", "03"),
            (r"\12", "12"),
            ("\\é\\", "é\\"),
        ];
        for (text, expected) in cases {
            assert_eq!(unescape(text), expected, "{text}");
        }
    }

    #[test]
    fn a_word_ends_where_another_token_begins() {
        let mut lexer = Lexer::new("foo&|!bar(x");
        assert_eq!(lexer.operand().unwrap(), (Token::Regex("foo&|!bar".into()), 0..9));
        assert_eq!(lexer.operand().unwrap(), (Token::Open, 9..10));
    }
}
