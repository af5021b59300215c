//! The run: records are cut into batches, batches are worked on by many threads, and what they make comes out in
//! file order.
//!
//! ```text
//! Reader ── Cutter ──┬─ work(batch) ─┬── output(result), in order
//!   one at a time    ├─ work(batch) ─┤   one at a time
//!                    └─ work(batch) ─┘
//! ```
//!
//! Every thread does the whole round: it takes the next batch, works on it, waits until all earlier ones are out,
//! and puts its own out. So there are never more batches in memory than threads, and no queue that could grow.

mod cutter;
mod selection;

use std::ops::ControlFlow;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;

pub use cutter::{Batch, Cutter, Piece, Scope};
pub use selection::{Id, InvalidId, Selection};

use crate::Error;

/// Runs over the flows of a capture: `work` is called for each batch on any thread, `output` for each result in
/// file order. An error of the capture goes to `output` in its place. `output` ends the run with
/// [`ControlFlow::Break`].
///
/// Batches are those of a [`Cutter`], or of anything else that cuts a capture. The first are worked on by the
/// calling thread; others start when there is work for them.
pub fn run<B, T, E>(
    mut batches: impl Iterator<Item = Result<B, Error>> + Send,
    threads: usize,
    work: impl Fn(&B) -> T + Sync,
    mut output: impl FnMut(Result<T, Error>) -> Result<ControlFlow<()>, E> + Send,
) -> Result<(), E>
where
    T: Send,
    E: Send,
{
    // One thread is enough for a small capture, and starting more takes longer than reading it.
    for _ in 0..2 {
        let Some(batch) = batches.next() else { return Ok(()) };
        if output(batch.map(|batch| work(&batch)))?.is_break() {
            return Ok(());
        }
    }
    let line = Line {
        source: Mutex::new(Source { batches, next: 0 }),
        exit: Mutex::new(Exit { output, turn: 0, ended: None }),
        turned: Condvar::new(),
    };
    thread::scope(|scope| {
        for _ in 1..threads {
            // Where no further thread can be had, the others do its work.
            let spawned = thread::Builder::new().spawn_scoped(scope, || line.work(&work));
            if spawned.is_err() {
                break;
            }
        }
        line.work(&work);
    });
    line.exit.into_inner().unwrap_or_else(PoisonError::into_inner).ended.unwrap_or(Ok(()))
}

/// What the threads share.
struct Line<I, O, E> {
    source: Mutex<Source<I>>,
    exit: Mutex<Exit<O, E>>,
    turned: Condvar,
}

/// Where batches come from.
struct Source<I> {
    batches: I,
    /// The number of the next batch.
    next: u64,
}

/// Where results go.
struct Exit<O, E> {
    output: O,
    /// The number of the batch whose result comes next.
    turn: u64,
    /// How the run ended, when it ended early.
    ended: Option<Result<(), E>>,
}

impl<I, O, E> Line<I, O, E> {
    fn work<B, T>(&self, work: impl Fn(&B) -> T)
    where
        I: Iterator<Item = Result<B, Error>>,
        O: FnMut(Result<T, Error>) -> Result<ControlFlow<()>, E>,
    {
        while let Some((number, batch)) = lock(&self.source).numbered() {
            let result = batch.map(|batch| work(&batch));
            let exit = lock(&self.exit);
            let mut exit = self
                .turned
                .wait_while(exit, |exit| exit.turn != number && exit.ended.is_none())
                .unwrap_or_else(PoisonError::into_inner);
            if exit.ended.is_some() {
                return;
            }
            match (exit.output)(result) {
                Ok(ControlFlow::Continue(())) => {}
                Ok(ControlFlow::Break(())) => exit.ended = Some(Ok(())),
                Err(error) => exit.ended = Some(Err(error)),
            }
            exit.turn += 1;
            self.turned.notify_all();
        }
    }
}

impl<B, I: Iterator<Item = Result<B, Error>>> Source<I> {
    fn numbered(&mut self) -> Option<(u64, Result<B, Error>)> {
        let batch = self.batches.next()?;
        self.next += 1;
        Some((self.next - 1, batch))
    }
}

/// A thread that panicked has printed why, and the process aborts or unwinds; the lock is not what is broken.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
