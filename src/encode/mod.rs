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
//! let (packed, losses) = encoder.finish()?;
//! assert!(losses.is_empty());
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
use crate::output::{self, MessageField, Options, Terminal};
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
    losses: Losses,
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
    /// An encoder that works with as many threads as there are cores.
    ///
    /// # Errors
    /// Those of `out`.
    pub fn new(out: W, format: Format) -> io::Result<Encoder<W>> {
        Encoder::with_options(out, format, thread::available_parallelism().map_or(1, usize::from), None)
    }

    /// An encoder that works with this many threads, and whose output goes to this terminal, if it does: text formats
    /// hold nothing then that a terminal could obey.
    ///
    /// # Errors
    /// Those of `out`.
    pub fn with_options(out: W, format: Format, threads: usize, terminal: Option<Terminal>) -> io::Result<Encoder<W>> {
        let rows = |format| {
            let fields = MessageField::of_object(false, false);
            Form::Rows(output::Writer::new(fields, Options { format, terminal, ..Options::default() }))
        };
        let form = match format {
            Format::Flow => Form::Flow,
            Format::MessagePack => Form::MessagePack,
            Format::Ndjson => rows(output::Format::Ndjson),
            Format::Csv => rows(output::Format::Csv),
            Format::Har => Form::Har { joiner: Joiner::default(), for_terminal: terminal.is_some() },
        };
        let mut encoder = Encoder { out, form, threads, flows: 0, losses: Losses::default() };
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
        let Encoder { out, form, threads, flows, losses } = self;
        let count = match form {
            Form::Flow => records::to_flow_file(input, *flows, out, losses, &mut told)?,
            Form::MessagePack => records::to_messagepack(input, *threads, out, &mut told)?,
            Form::Rows(writer) => rows::write(input, *threads, *flows, writer, out, losses, &mut told)?,
            Form::Har { joiner, for_terminal } => {
                let settings = har::Settings { threads: *threads, first: *flows, for_terminal: *for_terminal };
                har::write(input, &settings, joiner, out, losses, &mut told)?
            }
        };
        *flows += count;
        Ok(())
    }

    /// Writes what stands behind the last flow. Gives the output back, and what could not be carried over.
    ///
    /// # Errors
    /// Those of the output.
    pub fn finish(mut self) -> io::Result<(W, Vec<Loss>)> {
        let mut end = Vec::new();
        match &self.form {
            Form::Flow | Form::MessagePack => {}
            Form::Rows(writer) => writer.end(&mut end),
            Form::Har { .. } => capture::har::end(&mut end),
        }
        self.out.write_all(&end)?;
        self.out.flush()?;
        Ok((self.out, self.losses.into_list()))
    }
}

/// The number of the record after the one that an error is in.
fn record_after(error: &Error) -> u64 {
    error.place().record.map_or(0, |record| record + 1)
}
