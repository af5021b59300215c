//! The fields of what a check finds.

use super::Tone;
use super::fields::{Field, Info, info, text};
use super::value::Value;
use crate::check::{Finding, Severity};

/// Something that a check found, as it is shown.
#[derive(Clone, Copy, Debug)]
pub struct FindingRow<'a> {
    /// The name of the file, when there are several.
    pub file: Option<&'a str>,
    /// How bad it is taken to be.
    pub severity: Severity,
    /// The finding.
    pub finding: &'a Finding,
}

/// The fields of a finding.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum FindingField {
    /// Name of the file.
    File,
    /// `fault` or `note`.
    Severity,
    /// The stable name of its kind.
    Name,
    /// Position of the record.
    Record,
    /// Byte in the file.
    Offset,
    /// The value in the flow.
    Path,
    /// What was found, in words.
    Detail,
}

impl Field for FindingField {
    type Row<'a> = FindingRow<'a>;

    const ALL: &'static [Info<FindingField>] = &[
        text(FindingField::File, "file", 20, "the name of the file"),
        info(FindingField::Severity, "severity", 8, false, "fault or note"),
        info(FindingField::Name, "name", 23, false, "name of the kind of finding"),
        info(FindingField::Record, "record", 6, true, "position of the flow in the file, from 0"),
        info(FindingField::Offset, "offset", 11, true, "bytes from the start of the file"),
        text(FindingField::Path, "path", 36, "the value within the flow"),
        text(FindingField::Detail, "detail", 40, "what was found there"),
    ];

    fn info(self) -> &'static Info<FindingField> {
        &FindingField::ALL[self as usize]
    }

    fn tone(self, row: &FindingRow<'_>) -> Tone {
        match (self, row.severity) {
            (FindingField::Severity, Severity::Fault) => Tone::Fault,
            (FindingField::Severity, Severity::Note) => Tone::Note,
            (FindingField::Record | FindingField::Offset | FindingField::File, _) => Tone::Faint,
            _ => Tone::Plain,
        }
    }

    fn value<'a>(self, row: &'a FindingRow<'_>) -> Value<'a> {
        let Finding { kind, place, detail } = row.finding;
        match self {
            FindingField::File => row.file.into(),
            FindingField::Severity => row.severity.name().into(),
            FindingField::Name => kind.name().into(),
            FindingField::Record => place.record.into(),
            FindingField::Offset => place.offset.into(),
            FindingField::Path => place.path.as_str().into(),
            FindingField::Detail => detail.as_str().into(),
        }
    }
}

impl FindingField {
    /// What a line or an object holds.
    pub fn all(with_file: bool) -> Vec<FindingField> {
        let fields = FindingField::ALL.iter().map(|info| info.field);
        fields.filter(|field| with_file || *field != FindingField::File).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_is_in_the_order_of_the_enum() {
        for (position, info) in FindingField::ALL.iter().enumerate() {
            assert_eq!(info.field as usize, position, "{}", info.name);
        }
    }
}
