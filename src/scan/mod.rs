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
/// The first batches are worked on by the calling thread; others start when there is work for them.
pub fn run<T, E>(
    mut cutter: Cutter<'_>,
    threads: usize,
    work: impl Fn(&Batch<'_>) -> T + Sync,
    mut output: impl FnMut(Result<T, Error>) -> Result<ControlFlow<()>, E> + Send,
) -> Result<(), E>
where
    T: Send,
    E: Send,
{
    // One thread is enough for a small capture, and starting more takes longer than reading it.
    for _ in 0..2 {
        let Some(batch) = cutter.next() else { return Ok(()) };
        if output(batch.map(|batch| work(&batch)))?.is_break() {
            return Ok(());
        }
    }
    let line = Line { source: Mutex::new((cutter, 0)), output: Mutex::new((output, 0, None)), turn: Condvar::new() };
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
    match line.output.into_inner().unwrap_or_else(PoisonError::into_inner).2 {
        Some(Err(error)) => Err(error),
        _ => Ok(()),
    }
}

/// What the threads share.
struct Line<'a, O, E> {
    /// Where batches come from, and the number of the next one.
    source: Mutex<(Cutter<'a>, u64)>,
    /// Where results go, the number of the one whose turn it is, and how the run ended if it ended early.
    output: Mutex<(O, u64, Option<Result<(), E>>)>,
    turn: Condvar,
}

impl<O, E> Line<'_, O, E> {
    fn work<T>(&self, work: impl Fn(&Batch<'_>) -> T)
    where
        O: FnMut(Result<T, Error>) -> Result<ControlFlow<()>, E>,
    {
        loop {
            let (batch, number) = {
                let mut source = lock(&self.source);
                let Some(batch) = source.0.next() else { return };
                let number = source.1;
                source.1 += 1;
                (batch, number)
            };
            let result = batch.map(|batch| work(&batch));
            let output = lock(&self.output);
            let mut output = self
                .turn
                .wait_while(output, |(_, turn, ended)| *turn != number && ended.is_none())
                .unwrap_or_else(PoisonError::into_inner);
            if output.2.is_some() {
                return;
            }
            match output.0(result) {
                Ok(ControlFlow::Continue(())) => {}
                Ok(ControlFlow::Break(())) => output.2 = Some(Ok(())),
                Err(error) => output.2 = Some(Err(error)),
            }
            output.1 += 1;
            self.turn.notify_all();
        }
    }
}

/// A thread that panicked has printed why, and the process aborts or unwinds; the lock is not what is broken.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
