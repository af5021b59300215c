//! What the commands that print rows have in common: choosing fields, writing to stdout, stopping at a limit.

use std::io::{self, Write as _};
use std::sync::{Mutex, MutexGuard, PoisonError};

use anyhow::bail;
use wsflow::output::{self, Field, Looks, Options, Sheet, Tone, Writer};

use crate::args::OutputArgs;
use crate::streams::{self, Stdout};

/// What is made of messages is put out when it has this many bytes: each row may repeat a long URL. A batch of usual
/// messages has less.
pub(crate) const LARGEST_PART: usize = 4 << 20;

/// The fields asked for with `--fields`.
pub(crate) fn fields<F: Field>(args: &OutputArgs) -> anyhow::Result<Option<Vec<F>>> {
    let Some(names) = &args.fields else { return Ok(None) };
    match output::parse(names) {
        Ok(fields) => Ok(Some(fields)),
        Err(error) => bail!("--fields: {error}"),
    }
}

/// How rows are written, given the options and what stdout is.
pub(crate) fn options(args: &OutputArgs) -> anyhow::Result<Options> {
    if args.format() != output::Format::Raw && (args.separator.is_some() || args.null) {
        bail!("--separator and -0 are for rows without a form of their own; add --format raw");
    }
    Ok(Options {
        format: args.format(),
        time: args.time_format.unwrap_or_default().into(),
        separator: args.separator(),
        absent_as_null: args.fields.is_some(),
        looks: args.looks.looks(args.format() == output::Format::Table),
    })
}

/// Whether the rows of each of several files stand below its name. A line of a terminal has no room for it; who names
/// fields can have it there.
pub(crate) fn has_headings(args: &OutputArgs) -> bool {
    args.format() == output::Format::Table && args.fields.is_none() && args.looks.terminal().is_some()
}

/// Formatted rows: their bytes, and where each ends if a limit may have to cut between them.
#[derive(Default)]
pub(crate) struct Rows {
    pub(crate) bytes: Vec<u8>,
    ends: Vec<usize>,
}

impl Rows {
    /// Appends a row.
    pub(crate) fn push<F: Field>(&mut self, writer: &Writer<F>, row: &F::Row<'_>) {
        self.push_with(|out| writer.row(out, row));
    }

    /// Appends the row that `write` appends.
    pub(crate) fn push_with(&mut self, write: impl FnOnce(&mut Vec<u8>)) {
        write(&mut self.bytes);
        self.ends.push(self.bytes.len());
    }

    fn len(&self) -> u64 {
        self.ends.len() as u64
    }
}

/// Rows that were written, whose memory can be filled again: to get it anew from the system for each batch takes a tenth
/// of the time of a listing.
#[derive(Default)]
pub(crate) struct Spare(Mutex<Vec<Rows>>);

/// Memory larger than this is given back. Rows of usual messages have less.
const LARGEST_SPARE: usize = 8 << 20;

impl Spare {
    /// Rows without any, in memory that was used before if there is some.
    pub(crate) fn take(&self) -> Rows {
        self.rows().pop().unwrap_or_default()
    }

    /// Puts rows back that are not needed any more.
    pub(crate) fn put(&self, mut rows: Rows) {
        if rows.bytes.capacity() <= LARGEST_SPARE {
            rows.bytes.clear();
            rows.ends.clear();
            self.rows().push(rows);
        }
    }

    fn rows(&self) -> MutexGuard<'_, Vec<Rows>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A listing on its way to stdout.
pub(crate) struct Listing<'a, F> {
    writer: &'a Writer<F>,
    stdout: Stdout,
    /// What comes before the next row, if there is one: titles, the name of its file.
    titles: Vec<u8>,
    heading: Vec<u8>,
    written: u64,
    limit: u64,
}

impl<'a, F: Field> Listing<'a, F> {
    /// Begins a listing.
    pub(crate) fn begin(writer: &'a Writer<F>, limit: Option<u64>) -> io::Result<Listing<'a, F>> {
        let mut begin = Vec::new();
        writer.begin(&mut begin);
        let mut stdout = streams::stdout();
        stdout.write_all(&begin)?;
        Ok(Listing {
            writer,
            stdout,
            titles: Vec::new(),
            heading: Vec::new(),
            written: 0,
            limit: limit.unwrap_or(u64::MAX),
        })
    }

    /// Begins a listing that is nothing at all when it has no rows.
    pub(crate) fn begin_with_rows(writer: &'a Writer<F>, limit: Option<u64>) -> Listing<'a, F> {
        let mut titles = Vec::new();
        writer.begin(&mut titles);
        let (stdout, limit) = (streams::stdout(), limit.unwrap_or(u64::MAX));
        Listing { writer, stdout, titles, heading: Vec::new(), written: 0, limit }
    }

    /// The rows that come now are those of this file. Its name stands above them, if there are any.
    pub(crate) fn file(&mut self, name: &str, looks: Looks) {
        self.heading.clear();
        if self.written > 0 {
            self.heading.push(b'\n');
        }
        Sheet::new(looks).title(&mut self.heading, &[(Tone::Title, name)]);
    }

    /// Writes rows, as many as the limit still allows.
    pub(crate) fn write(&mut self, rows: &Rows) -> io::Result<()> {
        let take = rows.len().min(self.limit - self.written);
        let Some(last) = take.checked_sub(1) else { return Ok(()) };
        let end = rows.ends[last as usize];
        self.stdout.write_all(&std::mem::take(&mut self.titles))?;
        self.stdout.write_all(&std::mem::take(&mut self.heading))?;
        self.stdout.write_all(self.writer.join(&rows.bytes[..end], self.written == 0))?;
        self.written += take;
        Ok(())
    }

    /// Ends the listing.
    pub(crate) fn end(mut self) -> io::Result<()> {
        let mut end = Vec::new();
        self.writer.end(&mut end);
        self.stdout.write_all(&end)?;
        self.stdout.flush()
    }
}
