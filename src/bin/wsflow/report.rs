//! What is said on stderr, and what the exit code has to know of it.

use wsflow::Error;
use wsflow::capture::Format;
use wsflow::filter::Filter;

use crate::streams;

/// Faults of one file that are told one by one; the others are counted. A file in which every message is broken
/// would otherwise bury what matters.
const FAULTS_TOLD: u64 = 10;

/// Faults in a part of a file: those that can be told, and how many more there are. A part in which every message is
/// broken would otherwise take a hundred times as much memory as it does in the file.
#[derive(Default)]
pub(crate) struct Faults {
    first: Vec<Error>,
    /// How many of the first are no warnings.
    count: u64,
    more: u64,
}

impl Faults {
    pub(crate) fn push(&mut self, fault: Error) {
        if fault.is_warning() {
            self.first.push(fault);
        } else if self.count < FAULTS_TOLD {
            self.count += 1;
            self.first.push(fault);
        } else {
            self.more += 1;
        }
    }

    /// The last of those that can be told.
    pub(crate) fn last(&self) -> Option<&Error> {
        self.first.last()
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.first.is_empty()
    }

    pub(crate) fn append(&mut self, faults: Faults) {
        self.extend(faults.first);
        self.more += faults.more;
    }
}

impl Extend<Error> for Faults {
    fn extend<I: IntoIterator<Item = Error>>(&mut self, faults: I) {
        faults.into_iter().for_each(|fault| self.push(fault));
    }
}

impl From<Error> for Faults {
    fn from(fault: Error) -> Faults {
        let mut faults = Faults::default();
        faults.push(fault);
        faults
    }
}

/// What saves the rest of a damaged file.
#[derive(Clone, Copy, Default)]
enum Rescue {
    #[default]
    Recover,
    Encode,
    /// The command that is running.
    Done,
}

/// Says what went wrong, and remembers that something did.
#[derive(Default)]
pub(crate) struct Report {
    damaged: bool,
    failed: bool,
    unmatched: bool,
    unsure: bool,
    faults: u64,
    rescue: Rescue,
}

impl Report {
    /// Something in a file is damaged; what else is in it was read.
    pub(crate) fn fault(&mut self, file: &str, error: &Error) {
        if error.is_warning() {
            return self.say(&format!("{file}: {error}"));
        }
        self.damaged = true;
        self.faults += 1;
        if self.faults > FAULTS_TOLD {
            return;
        }
        let mut line = format!("{file}: {error}");
        if error.is_incomplete() {
            line += "; all flows before it were read. The file is still being written, or was cut off";
        }
        if self.faults == 1 && error.is_damage() {
            line += &self.rescue(file);
        }
        self.say(&line);
    }

    /// As [`fault`](Self::fault), for all that was found in a part of a file.
    pub(crate) fn faults(&mut self, file: &str, faults: &Faults) {
        faults.first.iter().for_each(|fault| self.fault(file, fault));
        // Where there are more, as many as are told of a file were told of this part.
        self.faults += faults.more;
    }

    /// The format of the file whose faults come next.
    pub(crate) fn reads(&mut self, format: Format) {
        self.rescue = if format == Format::Flow { Rescue::Recover } else { Rescue::Encode };
    }

    /// The same for a command that writes all that can be read.
    pub(crate) fn encodes(&mut self, format: Format) {
        self.rescue = if format == Format::Flow { Rescue::Recover } else { Rescue::Done };
    }

    /// What to do to save what is intact of a file.
    fn rescue(&self, file: &str) -> String {
        let file = shell_word(file);
        match self.rescue {
            Rescue::Recover => format!("; to save what is intact: wsflow recover {file} -o OUT"),
            Rescue::Encode => format!("; to save what is intact: wsflow encode {file} -o OUT.flow"),
            Rescue::Done => String::new(),
        }
    }

    /// No more faults of this file will come.
    pub(crate) fn end_of_file(&mut self, file: &str) {
        if let Some(more @ 1..) = self.faults.checked_sub(FAULTS_TOLD) {
            self.say(&format!("{file}: and {more} more faults like these"));
        }
        self.faults = 0;
    }

    /// Something sound could not be carried over to the output.
    pub(crate) fn loss(&mut self, loss: &str) {
        self.damaged = true;
        self.say(loss);
    }

    /// What was read, if it could be; says it otherwise.
    pub(crate) fn readable<T>(&mut self, read: anyhow::Result<T>) -> Option<T> {
        read.inspect_err(|error| self.unreadable(error)).ok()
    }

    /// A file could not be read at all.
    pub(crate) fn unreadable(&mut self, error: &anyhow::Error) {
        self.failed = true;
        self.say(&format!("{error:#}"));
    }

    /// An input could not be read, so the output of all of them is not written.
    pub(crate) fn not_written(&self, output: &str) {
        self.say(&format!("{output}: not written, since it would lack what cannot be read"));
    }

    /// Nothing was found of what was looked for.
    pub(crate) fn nothing_matched(&mut self) {
        self.unmatched = true;
    }

    /// Says what a filter could not answer, if there was one.
    pub(crate) fn unanswered(&self, filter: Option<&Filter>) {
        let failures = filter.map(|filter| filter.failures().to_string()).unwrap_or_default();
        failures.lines().for_each(|line| self.say(line));
    }

    /// As [`unanswered`](Self::unanswered), for what was chosen to be written: what could not be answered was not chosen,
    /// and nobody sees that in a capture.
    pub(crate) fn not_chosen(&mut self, filter: Option<&Filter>) {
        self.unanswered(filter);
        self.unsure |= filter.is_some_and(|filter| !filter.failures().is_empty());
    }

    /// A fault was found by whom looked for some.
    pub(crate) fn unsound(&mut self) {
        self.unmatched = true;
    }

    /// Says something on stderr, safe for a terminal.
    pub(crate) fn say(&self, text: &str) {
        streams::say(&format!("wsflow: {text}"));
    }

    pub(crate) fn has_damage(&self) -> bool {
        self.damaged
    }

    /// Whether what was written lacks what could not be decided.
    pub(crate) fn is_unsure(&self) -> bool {
        self.unsure
    }

    pub(crate) fn has_nothing_matched(&self) -> bool {
        self.unmatched
    }

    pub(crate) fn has_failed(&self) -> bool {
        self.failed
    }
}

/// The name of an input as it would be typed in a shell.
pub(crate) fn shell_word(file: &str) -> String {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"/._-+,:=@%".contains(&byte);
    // What starts like an option is none behind a folder.
    let file = if file.starts_with('-') { format!("./{file}") } else { file.to_owned() };
    match file.as_str() {
        // Nobody but the user can give the same input once more, or knows the bytes that are no text.
        "<stdin>" => "FILE".to_owned(),
        name if name.contains(char::REPLACEMENT_CHARACTER) => "FILE".to_owned(),
        name if !name.is_empty() && name.bytes().all(is_plain) => file,
        name if name.chars().any(char::is_control) => format!("$'{}'", name.chars().map(ansi_c).collect::<String>()),
        name => format!("'{}'", name.replace('\'', r"'\''")),
    }
}

/// A character between `$'` and `'`.
fn ansi_c(character: char) -> String {
    match character {
        '\n' => r"\n".to_owned(),
        '\'' | '\\' => format!(r"\{character}"),
        _ if character.is_ascii_control() => format!(r"\x{:02x}", u32::from(character)),
        _ if character.is_control() => format!(r"\u{:04x}", u32::from(character)),
        _ => character.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_written_so_that_a_shell_reads_them() {
        for (name, word) in [
            ("captures/dump-1.flow", "captures/dump-1.flow"),
            ("<stdin>", "FILE"),
            ("my dump.flow", "'my dump.flow'"),
            ("it's;rm -rf.flow", r"'it'\''s;rm -rf.flow'"),
            ("", "''"),
            ("-dash.flow", "./-dash.flow"),
            ("new\nline's.flow", r"$'new\nline\'s.flow'"),
            ("esc\u{1b}[31m.flow", r"$'esc\x1b[31m.flow'"),
            ("not \u{fffd} text", "FILE"),
        ] {
            assert_eq!(shell_word(name), word);
        }
    }
}
