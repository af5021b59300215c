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
mod line;
mod selection;

use std::ops::ControlFlow;
use std::thread;

pub use cutter::{Batch, Cutter, Piece, Scope};
pub use selection::{Id, InvalidId, Selection};

use crate::Error;
use line::Line;

/// Runs over the flows of a capture: `work` is called for each batch on any thread, `output` for each result in
/// file order. An error of the capture goes to `output` in its place. `output` ends the run with
/// [`ControlFlow::Break`].
///
/// Batches are those of a [`Cutter`], or of anything else that cuts a capture. The first are worked on by the
/// calling thread; others start when there is more.
///
/// # Panics
/// When `work` or `output` does, on whichever thread.
pub fn run<B, T, E>(
    batches: impl Iterator<Item = Result<B, Error>> + Send,
    threads: usize,
    work: impl Fn(&B) -> T + Sync,
    output: impl FnMut(Result<T, Error>) -> Result<ControlFlow<()>, E> + Send,
) -> Result<(), E>
where
    T: Send,
    E: Send,
{
    run_in_parts(batches, threads, |batch, emit: &mut dyn FnMut(T)| emit(work(batch)), output)
}

/// As [`run`], for work whose results can be much larger than what they are made of: it hands them out in parts, as
/// many as it likes, and each part waits for its turn before the next is made.
///
/// # Panics
/// When `work` or `output` does, on whichever thread.
pub fn run_in_parts<B, T, E>(
    mut batches: impl Iterator<Item = Result<B, Error>> + Send,
    threads: usize,
    work: impl Fn(&B, &mut dyn FnMut(T)) + Sync,
    mut output: impl FnMut(Result<T, Error>) -> Result<ControlFlow<()>, E> + Send,
) -> Result<(), E>
where
    T: Send,
    E: Send,
{
    // One thread is enough for a small capture, and starting more takes longer than reading it.
    for _ in 0..2 {
        let Some(batch) = batches.next() else { return Ok(()) };
        let mut result = Ok(ControlFlow::Continue(()));
        match batch {
            Ok(batch) => work(&batch, &mut |part| {
                if matches!(result, Ok(ControlFlow::Continue(()))) {
                    result = output(Ok(part));
                }
            }),
            Err(error) => result = output(Err(error)),
        }
        if result?.is_break() {
            return Ok(());
        }
    }
    let line = Line::new(batches, output);
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
    line.end()
}

#[cfg(test)]
mod tests;
