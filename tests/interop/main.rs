//! What we write, as the real mitmproxy reads it.
//!
//! These tests run where `WSFLOW_MITMPROXY` names a Python that can import mitmproxy 12.2.3, and fail where it is set and
//! that is not so. Where it is not set they say that they were left out.

// A test says by its panic what is wrong.
#![allow(clippy::unwrap_used, clippy::panic, clippy::disallowed_methods)]

mod captures;
#[path = "../../examples/make_corpus/corpus/mod.rs"]
mod corpus;
#[path = "corpus.rs"]
mod corpus_test;
mod edit;
mod encode;
mod filter;
mod follow;
mod mitmproxy;
mod recover;
mod stats;
mod upgrade;
