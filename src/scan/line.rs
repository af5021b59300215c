//! What the threads of a run share: the source of batches, and the exit that results leave by in order.

use std::ops::ControlFlow;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;

use crate::Error;

pub(super) struct Line<I, O, E> {
    source: Mutex<Source<I>>,
    exit: Mutex<Exit<O, E>>,
    turned: Condvar,
    /// Whether the run ended early. The exit knows it too; here it can be asked without waiting for anybody.
    is_over: AtomicBool,
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
    /// The number of the batch whose results come next.
    turn: u64,
    /// How the run ended, when it ended early.
    ended: Option<Result<(), E>>,
}

impl<B, I, O, E> Line<I, O, E>
where
    I: Iterator<Item = Result<B, Error>>,
{
    pub(super) fn new(batches: I, output: O) -> Line<I, O, E> {
        Line {
            source: Mutex::new(Source { batches, next: 0 }),
            exit: Mutex::new(Exit { output, turn: 0, ended: None }),
            turned: Condvar::new(),
            is_over: AtomicBool::new(false),
        }
    }

    /// Does rounds until there is nothing left to do.
    pub(super) fn work<T>(&self, work: impl Fn(&B, &mut dyn FnMut(T)))
    where
        O: FnMut(Result<T, Error>) -> Result<ControlFlow<()>, E>,
    {
        loop {
            // The lock must not be held beyond this line: the others take their batches while this one is worked on.
            let next = self.next();
            let Some((number, batch)) = next else { return };
            let round = Round { line: self, number };
            match batch {
                Ok(batch) => work(&batch, &mut |part| round.put(Ok(part))),
                Err(error) => round.put(Err(error)),
            }
        }
    }

    fn next(&self) -> Option<(u64, Result<B, Error>)> {
        let mut source = lock(&self.source);
        // What would be read now may be long in coming, and nobody would see it.
        if self.is_over.load(Ordering::Relaxed) {
            return None;
        }
        let batch = source.batches.next()?;
        source.next += 1;
        Some((source.next - 1, batch))
    }

    /// How the run ended.
    pub(super) fn end(self) -> Result<(), E> {
        self.exit.into_inner().unwrap_or_else(PoisonError::into_inner).ended.unwrap_or(Ok(()))
    }
}

/// One batch on its way from the source to the exit.
struct Round<'l, I, O, E> {
    line: &'l Line<I, O, E>,
    number: u64,
}

impl<'l, I, O, E> Round<'l, I, O, E> {
    /// The exit, when all earlier batches are through; also when the run is over.
    fn wait(&self) -> MutexGuard<'l, Exit<O, E>> {
        let exit = lock(&self.line.exit);
        let waiting = self.line.turned.wait_while(exit, |exit| exit.turn != self.number && exit.ended.is_none());
        waiting.unwrap_or_else(PoisonError::into_inner)
    }

    /// Puts out a result when its turn has come; not if the run is over.
    fn put<T>(&self, result: Result<T, Error>)
    where
        O: FnMut(Result<T, Error>) -> Result<ControlFlow<()>, E>,
    {
        let mut exit = self.wait();
        if exit.ended.is_none() {
            match (exit.output)(result) {
                Ok(ControlFlow::Continue(())) => {}
                Ok(ControlFlow::Break(())) => self.line.over(exit, Ok(())),
                Err(error) => self.line.over(exit, Err(error)),
            }
        }
    }
}

impl<I, O, E> Line<I, O, E> {
    fn over(&self, mut exit: MutexGuard<'_, Exit<O, E>>, end: Result<(), E>) {
        exit.ended = Some(end);
        self.is_over.store(true, Ordering::Relaxed);
        self.turned.notify_all();
    }
}

impl<I, O, E> Drop for Round<'_, I, O, E> {
    /// Lets the next batch through. After a panic the others would wait for a turn that never comes: the run is over
    /// then, and the scope of the threads passes the panic on.
    fn drop(&mut self) {
        if thread::panicking() {
            let exit = lock(&self.line.exit);
            self.line.over(exit, Ok(()));
        } else {
            let mut exit = self.wait();
            exit.turn += 1;
            drop(exit);
            self.line.turned.notify_all();
        }
    }
}

/// A lock is poisoned by a panic, which ends the run and is passed on; nothing is read from behind it then.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
