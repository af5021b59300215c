//! Makes a large flow file to measure with.
//!
//! ```text
//! cargo run --release --example make_corpus -- SHAPE MIB OUT [SEED]
//! ```
//!
//! The same shape, size and seed give the same bytes everywhere. What is in the file is said on stdout.

#![allow(clippy::disallowed_methods)]

mod corpus;

use std::error::Error;
use std::fs::File;
use std::io::{self, BufWriter, Write as _};

use corpus::Shape;

fn main() -> Result<(), Box<dyn Error>> {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let (name, mib, out, seed) = match args.as_slice() {
        [name, mib, out] => (name, mib, out, 1),
        [name, mib, out, seed] => (name, mib, out, seed.parse()?),
        _ => return Err("usage: make_corpus chat|short|binary|giant|http|mixed MIB OUT [SEED]".into()),
    };
    let shape = Shape::ALL.iter().find(|(known, _)| known == name).map(|(_, shape)| *shape);
    let shape = shape.ok_or("the shapes are chat, short, binary, giant, http and mixed")?;
    let size = (mib.parse::<f64>()? * f64::from(1 << 20)) as u64;
    let mut file = BufWriter::with_capacity(1 << 20, File::create(out)?);
    let made = corpus::write(shape, size, seed, &mut file)?;
    file.flush()?;
    writeln!(
        io::stdout(),
        "{out}: {} flows, {} connections, {} messages, {} with a needle, {} bytes",
        made.flows,
        made.connections,
        made.messages,
        made.needles,
        made.bytes
    )?;
    Ok(())
}
