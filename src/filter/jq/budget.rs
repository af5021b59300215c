//! What a run of a program may use: steps, which are time and memory, and room on the stack.
//!
//! jaq knows no bounds, and a program that never ends would hold up a run over millions of messages. So everything that can
//! be repeated spends something here: calls of definitions, what `range` gives, and what is done with values. Once something
//! has run out, all of it fails until the program is at its end.

use std::cell::Cell;

/// Steps of one run, apart from those for the size of its input: some tenths of a second.
const STEPS: usize = 1_000_000;

/// Further steps for each byte of the input, so that a large message can be gone through a few times.
const STEPS_PER_BYTE: usize = 8;

/// How much of the stack definitions may use that call themselves, in bytes. A thread of Rust has 2 MiB; what a program
/// uses between two calls takes as much again, see [`MAX_NESTING`](super::program::MAX_NESTING).
const STACK: usize = 512 << 10;

/// How often definitions that take filters may call themselves. Each time the filters know those of the time before, and all
/// are freed one in another.
const HANDED_ON: u32 = 4_000;

/// What has run out, in words for a person.
pub(super) type Spent = &'static str;

#[derive(Clone, Copy)]
struct Budget {
    steps: usize,
    handed_on: u32,
    /// Where the stack was when the run began.
    stack: usize,
    spent: Option<Spent>,
}

thread_local! {
    // jaq's values are computed by operators of Rust, which have no other way to get hold of it.
    static BUDGET: Cell<Budget> = const { Cell::new(Budget { steps: 0, handed_on: 0, stack: 0, spent: None }) };
}

/// Begins a run on this thread, for an input of so many bytes.
pub(super) fn begin(bytes: usize) {
    let steps = STEPS.saturating_add(bytes.saturating_mul(STEPS_PER_BYTE));
    BUDGET.set(Budget { steps, handed_on: HANDED_ON, stack: stack(), spent: None });
}

/// What has run out since the run began.
pub(super) fn spent() -> Option<Spent> {
    BUDGET.get().spent
}

/// Spends some steps.
#[inline]
pub(super) fn spend(steps: usize) -> Result<(), Spent> {
    let mut budget = BUDGET.get();
    if let Some(spent) = budget.spent {
        return Err(spent);
    }
    let Some(left) = budget.steps.checked_sub(steps) else { return Err(run_out("the program took too many steps")) };
    budget.steps = left;
    BUDGET.set(budget);
    if budget.stack.abs_diff(stack()) > STACK {
        return Err(run_out("definitions of the program call each other too deeply"));
    }
    Ok(())
}

/// Spends a step and a call that hands on filters.
pub(super) fn hand_on() -> Result<(), Spent> {
    spend(1)?;
    let budget = BUDGET.get();
    match budget.handed_on.checked_sub(1) {
        Some(handed_on) => {
            BUDGET.set(Budget { handed_on, ..budget });
            Ok(())
        }
        None => Err(run_out("definitions of the program hand on filters to themselves too often")),
    }
}

/// Says that something has run out.
pub(super) fn run_out(what: Spent) -> Spent {
    BUDGET.set(Budget { spent: Some(what), ..BUDGET.get() });
    what
}

/// About where the stack is.
#[inline(never)]
fn stack() -> usize {
    let here = 0_u8;
    std::ptr::from_ref(std::hint::black_box(&here)).addr()
}
