//! Sets of characters, written out.

use regex_syntax::hir::{ClassUnicode, ClassUnicodeRange};

use super::syntax::{Category, ClassItem, Flags, Kind, Set};

/// Appends a class that matches this character, in any case if case is to be ignored.
pub(super) fn literal(out: &mut String, code: u32, kind: Kind, flags: Flags) {
    let ranges = ranges(&[ClassItem::Range(code, code)], kind, flags);
    match ranges.as_slice() {
        [(first, last)] if first == last => character(out, *first, kind),
        ranges => {
            out.push('[');
            ranges.iter().for_each(|range| push_range(out, *range, kind));
            out.push(']');
        }
    }
}

/// Appends a class.
pub(super) fn class(out: &mut String, items: &[ClassItem], negated: bool, kind: Kind, flags: Flags) {
    out.push_str(if negated { "[^" } else { "[" });
    for range in ranges(items, kind, flags) {
        push_range(out, range, kind);
    }
    for item in items {
        if let ClassItem::Category(category) = item {
            push_category(out, *category, kind, flags);
        }
    }
    out.push(']');
}

/// The class of the characters that make words.
pub(super) fn word(kind: Kind, flags: Flags) -> String {
    format!("[{}]", set(Set::Word, kind, flags))
}

/// The ranges of a class, with those that only differ in case.
fn ranges(items: &[ClassItem], kind: Kind, flags: Flags) -> Vec<(u32, u32)> {
    let ranges: Vec<_> = items
        .iter()
        .filter_map(|item| match item {
            ClassItem::Range(first, last) => Some((*first, *last)),
            ClassItem::Category(_) => None,
        })
        .collect();
    match flags.ignore_case {
        false => ranges,
        true if kind == Kind::Bytes || flags.ascii => with_ascii_case(&ranges),
        true => with_unicode_case(&ranges),
    }
}

fn with_ascii_case(ranges: &[(u32, u32)]) -> Vec<(u32, u32)> {
    let (upper, lower) = ((u32::from('A'), u32::from('Z')), (u32::from('a'), u32::from('z')));
    let distance = lower.0 - upper.0;
    let mut all = ranges.to_vec();
    for (first, last) in ranges {
        let within = |letters: (u32, u32)| {
            let (first, last) = (*first.max(&letters.0), *last.min(&letters.1));
            (first <= last).then_some((first, last))
        };
        all.extend(within(upper).map(|(first, last)| (first + distance, last + distance)));
        all.extend(within(lower).map(|(first, last)| (first - distance, last - distance)));
    }
    all
}

/// All that Python takes for an `i`: it also follows the lower and upper case of Turkish, which simple case folding
/// leaves out.
const DOTTED_AND_DOTLESS: [char; 4] = ['I', 'i', '\u{130}', '\u{131}'];

fn with_unicode_case(ranges: &[(u32, u32)]) -> Vec<(u32, u32)> {
    let is_letter_i = |(first, last): &(u32, u32)| {
        DOTTED_AND_DOTLESS.iter().any(|letter| (*first..=*last).contains(&u32::from(*letter)))
    };
    let mut class = ClassUnicode::new(ranges.iter().filter_map(|(first, last)| {
        // A range that touches the surrogates has characters beside them.
        let first = char::from_u32(*first).or(char::from_u32(0xe000))?;
        let last = char::from_u32(*last).or(char::from_u32(0xd7ff))?;
        (first <= last).then(|| ClassUnicodeRange::new(first, last))
    }));
    if ranges.iter().any(is_letter_i) {
        for letter in DOTTED_AND_DOTLESS {
            class.push(ClassUnicodeRange::new(letter, letter));
        }
    }
    class.case_fold_simple();
    class.iter().map(|range| (range.start().into(), range.end().into())).collect()
}

fn push_range(out: &mut String, (first, last): (u32, u32), kind: Kind) {
    character(out, first, kind);
    if first < last {
        out.push('-');
        character(out, last, kind);
    }
}

/// Appends one character so that it means nothing else.
fn character(out: &mut String, code: u32, kind: Kind) {
    match char::from_u32(code) {
        Some(plain) if plain.is_ascii_alphanumeric() => out.push(plain),
        _ if kind == Kind::Bytes => out.push_str(&format!("\\x{code:02X}")),
        _ => out.push_str(&format!("\\x{{{code:X}}}")),
    }
}

fn push_category(out: &mut String, category: Category, kind: Kind, flags: Flags) {
    let set = set(category.set, kind, flags);
    if category.negated {
        out.push_str(&format!("[^{set}]"));
    } else {
        out.push_str(set);
    }
}

/// What Python has in a category. In text that is what `str.isdecimal`, `isspace` and `isalnum` say.
fn set(set: Set, kind: Kind, flags: Flags) -> &'static str {
    match (set, kind == Kind::Bytes || flags.ascii) {
        (Set::Digit, true) => "0-9",
        (Set::Digit, false) => r"\p{Nd}",
        (Set::Space, true) => r"\x09-\x0D\x20",
        (Set::Space, false) => {
            r"\x{9}-\x{D}\x{1C}-\x{20}\x{85}\x{A0}\x{1680}\x{2000}-\x{200A}\x{2028}\x{2029}\x{202F}\x{205F}\x{3000}"
        }
        (Set::Word, true) => "0-9A-Za-z_",
        (Set::Word, false) => r"\p{L}\p{N}_",
    }
}
