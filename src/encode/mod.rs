//! Encoding: captures of any format, one after the other, written as one capture of another format.
//!
//! ```text
//!                      ┌─ flow         records as they are, older ones upgraded ─┐
//! Reader ── records ───┼─ msgpack      records value by value                   ─┼── out
//!                      └─ har, ndjson, csv   flows, their messages walked       ─┘
//! ```
//!
//! Nothing waits for the end of an input: memory is what some batches need, however many messages a connection has.
//!
//! ```
//! use wsflow::capture::{Format, Reader};
//! use wsflow::encode::Encoder;
//!
//! # std::env::set_current_dir(env!("CARGO_MANIFEST_DIR"))?;
//! let bytes = std::fs::read("fixtures/conversation.flow")?;
//! let mut encoder = Encoder::new(Vec::new(), Format::MessagePack)?;
//! encoder.add(Reader::from_slice(&bytes, None)?, |fault| eprintln!("{fault}"))?;
//! let (packed, summary) = encoder.finish()?;
//! assert!(summary.flows == 3 && summary.losses.is_empty());
//!
//! let records: Result<Vec<_>, _> = Reader::from_slice(&packed, None)?.collect();
//! assert_eq!(records?.len(), 3);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod har;
mod losses;
mod records;
mod rows;

use std::io::{self, Write};
use std::thread;

pub use losses::{Loss, Reason};

use crate::Error;
use crate::capture::har::Joiner;
use crate::capture::{self, Format, Reader};
use crate::output::{self, MessageField, Terminal};
use losses::Losses;

/// What is called with a fault of an input. What is not broken goes over all the same.
type Told<'t> = dyn FnMut(&Error) + Send + 't;

/// Writes captures as one capture.
#[derive(Debug)]
pub struct Encoder<W> {
    out: W,
    form: Form,
    threads: usize,
    /// Flows of the inputs so far: in the merged capture the next input's are numbered from here on.
    flows: u64,
    written: Written,
    losses: Losses,
}

/// How an encoder works.
#[derive(Clone, Copy, Debug)]
pub struct Options {
    /// Threads to work with; as many as there are cores by default.
    pub threads: usize,
    /// The terminal that the output goes to, if it does: text formats hold nothing then that a terminal could obey.
    pub terminal: Option<Terminal>,
}

impl Default for Options {
    fn default() -> Options {
        Options { threads: thread::available_parallelism().map_or(1, usize::from), terminal: None }
    }
}

/// What was written, of all inputs.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Summary {
    /// Flows; in formats that hold messages only, the connections that they are of.
    pub flows: u64,
    /// Messages; `None` for formats into which flows go as a whole, so that nobody looks at their messages.
    pub messages: Option<u64>,
    /// What could not be carried over.
    pub losses: Vec<Loss>,
}

/// Flows and messages that were written.
#[derive(Clone, Copy, Debug, Default)]
struct Written {
    flows: u64,
    messages: u64,
}

impl Written {
    fn add(&mut self, more: Written) {
        self.flows += more.flows;
        self.messages += more.messages;
    }
}

/// The format, and what its writer has to remember.
#[derive(Debug)]
enum Form {
    Flow,
    MessagePack,
    Rows(output::Writer<MessageField>),
    Har { joiner: Joiner, for_terminal: bool },
}

impl<W: Write + Send> Encoder<W> {
    /// An encoder with the default options.
    ///
    /// # Errors
    /// Those of `out`.
    pub fn new(out: W, format: Format) -> io::Result<Encoder<W>> {
        Encoder::with_options(out, format, Options::default())
    }

    /// An encoder with these options.
    ///
    /// # Errors
    /// Those of `out`.
    pub fn with_options(out: W, format: Format, options: Options) -> io::Result<Encoder<W>> {
        let Options { threads, terminal } = options;
        let rows = |format| {
            let fields = MessageField::of_object(false, false);
            Form::Rows(output::Writer::new(fields, output::Options { format, terminal, ..Default::default() }))
        };
        let form = match format {
            Format::Flow => Form::Flow,
            Format::MessagePack => Form::MessagePack,
            Format::Ndjson => rows(output::Format::Ndjson),
            Format::Csv => rows(output::Format::Csv),
            Format::Har => Form::Har { joiner: Joiner::default(), for_terminal: terminal.is_some() },
        };
        let mut encoder =
            Encoder { out, form, threads, flows: 0, written: Written::default(), losses: Losses::default() };
        let mut begin = Vec::new();
        match &encoder.form {
            Form::Flow | Form::MessagePack => {}
            Form::Rows(writer) => writer.begin(&mut begin),
            Form::Har { .. } => capture::har::begin(&mut begin),
        }
        encoder.out.write_all(&begin)?;
        Ok(encoder)
    }

    /// Writes all of an input. What is broken in it is told to `told` and left out.
    ///
    /// # Errors
    /// Those of the output; nothing more can be written then.
    pub fn add(&mut self, input: Reader<'_>, mut told: impl FnMut(&Error) + Send) -> io::Result<()> {
        let Encoder { out, form, threads, flows, written, losses } = self;
        let count = match form {
            Form::Flow => records::to_flow_file(input, *flows, out, (written, losses), &mut told)?,
            Form::MessagePack => records::to_messagepack(input, *threads, out, written, &mut told)?,
            Form::Rows(writer) => {
                let settings = rows::Settings { threads: *threads, first: *flows, writer };
                rows::write(input, &settings, out, written, losses, &mut told)?
            }
            Form::Har { joiner, for_terminal } => {
                let settings = har::Settings { threads: *threads, first: *flows, for_terminal: *for_terminal };
                har::write(input, &settings, joiner, out, (written, losses), &mut told)?
            }
        };
        *flows += count;
        Ok(())
    }

    /// Writes what stands behind the last flow. Gives the output back, and says what was written.
    ///
    /// # Errors
    /// Those of the output.
    pub fn finish(mut self) -> io::Result<(W, Summary)> {
        let mut end = Vec::new();
        match &self.form {
            Form::Flow | Form::MessagePack => {}
            Form::Rows(writer) => writer.end(&mut end),
            Form::Har { .. } => capture::har::end(&mut end),
        }
        self.out.write_all(&end)?;
        self.out.flush()?;
        let messages = match self.form {
            Form::Flow | Form::MessagePack => None,
            Form::Rows(_) | Form::Har { .. } => Some(self.written.messages),
        };
        Ok((self.out, Summary { flows: self.written.flows, messages, losses: self.losses.into_list() }))
    }
}

/// What a thread has made of a batch is put out when it has this many bytes; it can be much larger than the batch.
const LARGEST_PART: usize = 4 << 20;

/// The same for faults, of which a batch of nothing but nulls has one for each three bytes.
const FAULTS_AT_ONCE: usize = 1000;

/// Whether something is large enough to be put out before the rest of its batch.
fn is_part(bytes: &[u8], faults: &[Error]) -> bool {
    bytes.len() >= LARGEST_PART || faults.len() >= FAULTS_AT_ONCE
}

/// The number of the record after the one that an error is in.
fn record_after(error: &Error) -> u64 {
    error.place().record.map_or(0, |record| record + 1)
}
