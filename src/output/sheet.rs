//! Sheets: what there is to say of one thing, on as many lines as it takes. Everything is set in by two columns at
//! least, and wrapped where a terminal would do it, so that no captured text can look like the start of a sheet.

use unicode_width::UnicodeWidthStr as _;

use super::clusters::clusters;
use super::escape::{printable, push_multiline};
use super::{Looks, Tone};

/// How far the rows of a sheet are set in.
const INDENT: usize = 2;

/// On a terminal of fewer columns nothing is set in: it needs them all.
const NARROW: usize = 24;

const TAB: usize = 8;

/// Bytes of a word that is kept until it is whole.
const LONGEST_WORD: usize = 4 << 10;

/// Writes sheets; see [`Looks`] for how.
#[derive(Clone, Copy, Debug)]
pub struct Sheet {
    looks: Looks,
}

impl Sheet {
    /// A writer of sheets that look so.
    pub fn new(looks: Looks) -> Sheet {
        Sheet { looks }
    }

    /// Appends a line at the left edge, of parts in tones.
    pub fn title(&self, out: &mut Vec<u8>, parts: &[(Tone, &str)]) {
        self.line(out, 0, 0, parts);
    }

    /// Appends names and values in two columns. Rows without a value are left out.
    pub fn rows<N: AsRef<str>>(&self, out: &mut Vec<u8>, rows: &[(N, Tone, String)]) {
        let rows = rows.iter().filter(|(_, _, value)| !value.is_empty());
        let longest = rows.clone().map(|(name, ..)| name.as_ref().width()).max().unwrap_or(0);
        for (name, tone, value) in rows {
            let name = format!("{:<longest$}  ", name.as_ref());
            self.line(out, INDENT, INDENT + longest + 2, &[(Tone::Faint, &name), (*tone, value)]);
        }
    }

    /// Appends a line that is set in twice as far as rows, of parts in tones.
    pub fn inner_line(&self, out: &mut Vec<u8>, parts: &[(Tone, &str)]) {
        self.line(out, 2 * INDENT, 3 * INDENT, parts);
    }

    /// Appends text with the lines that it has; all else that is unsafe in it is escaped.
    pub fn text(&self, out: &mut Vec<u8>, text: &[u8]) {
        let mut lines = SheetText::new(*self);
        lines.push(out, text);
        lines.end(out);
    }

    /// Appends a line; where it is wrapped it goes on at the column `hanging`.
    fn line(&self, out: &mut Vec<u8>, indent: usize, hanging: usize, parts: &[(Tone, &str)]) {
        let mut column = self.indent(indent);
        pad(out, column);
        for (tone, text) in parts {
            let text = printable(text);
            match self.looks.color {
                true => tone.wrap(out, |out| self.wrapped(out, &mut column, hanging, &text)),
                false => self.wrapped(out, &mut column, hanging, &text),
            }
        }
        while out.last() == Some(&b' ') {
            out.pop();
        }
        out.push(b'\n');
    }

    /// Appends printable text from a column on.
    fn wrapped(&self, out: &mut Vec<u8>, column: &mut usize, hanging: usize, text: &str) {
        let Some(width) = self.width() else { return out.extend_from_slice(text.as_bytes()) };
        let start = self.indent(hanging);
        for word in text.split_inclusive(' ') {
            // A word that fits a line stands on one.
            let columns = word.trim_end().width();
            if *column + columns > width && start + columns <= width && *column > start {
                out.push(b'\n');
                pad(out, start);
                *column = start;
            }
            self.broken(out, column, start, width, word);
        }
    }

    /// Appends printable text from a column on, which is broken wherever a line ends.
    fn broken(&self, out: &mut Vec<u8>, column: &mut usize, start: usize, width: usize, text: &str) {
        for (cluster, columns) in clusters(text) {
            let is_tab = cluster == "\t";
            let columns = if is_tab { TAB - *column % TAB } else { columns };
            if *column + columns > width && *column > start {
                out.push(b'\n');
                pad(out, start);
                *column = start;
                if is_tab {
                    continue;
                }
            }
            match is_tab {
                true => pad(out, columns),
                false => out.extend_from_slice(cluster.as_bytes()),
            }
            *column += columns;
        }
    }

    fn width(&self) -> Option<usize> {
        self.looks.terminal.map(|terminal| terminal.width)
    }

    /// The columns that are set in, where there are so many.
    fn indent(&self, indent: usize) -> usize {
        match self.width() {
            Some(..NARROW) => 0,
            Some(width) => indent.min(width / 2),
            None => indent,
        }
    }
}

/// Text of a sheet that comes in pieces, however long its lines are. It is written as [`Sheet::text`] has it.
#[derive(Debug)]
pub struct SheetText {
    sheet: Sheet,
    /// The column of the line that is not at its end.
    column: Option<usize>,
    /// What may go on: the start of a word.
    kept: String,
}

impl SheetText {
    /// Text of this sheet.
    pub fn new(sheet: Sheet) -> SheetText {
        SheetText { sheet, column: None, kept: String::new() }
    }

    /// Appends the next piece, of whole characters.
    pub fn push(&mut self, out: &mut Vec<u8>, piece: &[u8]) {
        let mut safe = std::mem::take(&mut self.kept).into_bytes();
        push_multiline(&mut safe, piece);
        let safe = String::from_utf8_lossy(&safe);
        let end = memchr::memrchr2(b' ', b'\n', safe.as_bytes()).map_or(0, |at| at + 1);
        let end = if self.sheet.width().is_none() || safe.len() - end > LONGEST_WORD { safe.len() } else { end };
        let (lines, kept) = safe.split_at(end);
        self.lines(out, lines);
        kept.clone_into(&mut self.kept);
    }

    /// Appends what is missing at the end.
    pub fn end(mut self, out: &mut Vec<u8>) {
        let kept = std::mem::take(&mut self.kept);
        self.lines(out, &kept);
        if self.column.is_some() {
            out.push(b'\n');
        }
    }

    fn lines(&mut self, out: &mut Vec<u8>, text: &str) {
        for line in text.split_inclusive('\n') {
            let mut column = self.column.take().unwrap_or_else(|| {
                let column = self.sheet.indent(INDENT);
                pad(out, column);
                column
            });
            let words = line.strip_suffix('\n');
            self.sheet.wrapped(out, &mut column, INDENT, words.unwrap_or(line));
            match words {
                Some(_) => out.push(b'\n'),
                None => self.column = Some(column),
            }
        }
    }
}

fn pad(out: &mut Vec<u8>, columns: usize) {
    out.extend(std::iter::repeat_n(b' ', columns));
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::output::Terminal;

    fn shown(width: usize, write: impl FnOnce(&Sheet, &mut Vec<u8>)) -> String {
        let terminal = Some(Terminal { width });
        let mut out = Vec::new();
        write(&Sheet::new(Looks { terminal, color: false }), &mut out);
        let shown = String::from_utf8(out).unwrap();
        for line in shown.lines() {
            assert!(line.width() <= width, "{line}");
        }
        shown
    }

    #[test]
    fn values_are_wrapped_beside_their_names() {
        let rows = [("url", "wss://example.com/a/long/path"), ("name", "漢字漢字漢字漢字漢字漢字"), ("none", "")];
        let rows = rows.map(|(name, value)| (name, Tone::Plain, value.to_owned()));
        insta::assert_snapshot!(shown(24, |sheet, out| sheet.rows(out, &rows)), @r"
          url   wss://example.co
                m/a/long/path
          name  漢字漢字漢字漢字
                漢字漢字
        ");
    }

    #[test]
    fn no_line_of_a_text_begins_at_the_left_edge() {
        let text = format!("{}message 0:1\n\tend", "x".repeat(30));
        insta::assert_snapshot!(shown(32, |sheet, out| sheet.text(out, text.as_bytes())), @r"
          xxxxxxxxxxxxxxxxxxxxxxxxxxxxxx
          message 0:1
                end
        ");
        let (family, heart, flag) =
            ("\u{1f468}\u{200d}\u{1f469}\u{200d}\u{1f467}", "\u{2764}\u{fe0f}", "\u{1f1ea}\u{1f1fa}");
        let text = format!("{family}{heart}{flag}e\u{301}{family}{heart}");
        let lines = format!("{family}{heart}{flag}e\u{301}{family}\n{heart}\n");
        assert_eq!(shown(9, |sheet, out| sheet.text(out, text.as_bytes())), lines);
        for width in [9, 10, 40] {
            for piece in [1, 5] {
                let text = "漢字 some words\n\n\tof a text  \nin pieces";
                let in_pieces = shown(width, |sheet, out| {
                    let mut lines = SheetText::new(*sheet);
                    let mut rest = text;
                    while !rest.is_empty() {
                        let (piece, after) = rest.split_at(rest.ceil_char_boundary(piece));
                        lines.push(out, piece.as_bytes());
                        rest = after;
                    }
                    lines.end(out);
                });
                assert_eq!(in_pieces, shown(width, |sheet, out| sheet.text(out, text.as_bytes())));
            }
        }
        assert_eq!(shown(10, |sheet, out| sheet.text(out, "漢字\u{1b}漢字".as_bytes())), "漢字\\x1b漢\n字\n");
    }
}
