//! What has to hold for any bytes at all; a file per subject, each with a function `run` that panics where it does not.
//!
//! cargo-fuzz calls these with bytes that it makes up (`fuzz_targets/`), and `cargo test` with the fixtures, the corpora
//! and what was found before (`replay.rs`). Where a target has something to choose, such as what to edit, the choice
//! follows from the bytes ([`choices`]), so that any capture is a seed.

// A target says by its panic what is wrong.
#![allow(clippy::unwrap_used, clippy::panic, unreachable_pub)]

pub mod choices;
pub mod ways_in;

macro_rules! targets {
    ($($name:ident)*) => {
        $(pub mod $name;)*

        /// The targets by name.
        pub const TARGETS: &[(&str, fn(&[u8]))] = &[$((stringify!($name), $name::run)),*];
    };
}

targets! {
    tnetstring
    records
    messages
    messagepack
    har
    ndjson
    migrate
    filter
    splice
    recover
    escape
    payload
}
