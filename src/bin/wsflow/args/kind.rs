//! Kinds of contents, by name.

use clap::builder::{PossibleValuesParser, TypedValueParser};
use wsflow::payload::Kind;

/// As what contents are shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum As {
    Raw,
    Kind(Kind),
}

const RAW: &str = "raw";

pub(super) fn parser() -> impl TypedValueParser<Value = As> {
    let names = Kind::ALL.iter().map(|info| info.name).chain([RAW]);
    PossibleValuesParser::new(names).map(|name| Kind::from_name(&name).map_or(As::Raw, As::Kind))
}

/// The list of kinds, as help shows it.
pub(super) fn list() -> String {
    let lines = Kind::ALL.iter().map(|info| format!("\n  {:<10} {}", info.name, info.help));
    format!("Kinds:{}", lines.collect::<String>())
}
