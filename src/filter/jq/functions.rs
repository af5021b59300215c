//! What programs may call: all of jq's functions that only compute, within bounds.
//!
//! Those that are here stand in for those of jaq. [`STEP`] and [`WEIGH`] are called by what
//! [`program`](super::program) adds to programs; nobody can write their names.

use jaq_core::box_iter::box_once;
use jaq_core::data::JustLut;
use jaq_core::native::{self, Fun, bome, unary, v};
use jaq_core::{Cv, Error, Exn, Native, RunPtr, ValR, ValX};
use jaq_json::{Val, read};
use jaq_std::ValT as _;

use super::budget;
use super::value::{Value, charge};
use crate::output;

pub(super) type Data = JustLut<Value>;

/// Gives its input, for a step.
pub(super) const STEP: &str = "!step";

/// Gives its input, where a definition that takes filters calls itself.
pub(super) const HAND_ON: &str = "!hand on";

/// Gives its input, for as many steps as it weighs.
pub(super) const WEIGH: &str = "!weigh";

/// Functions that go through all of their input at once.
pub(super) const OF_ALL: [&str; 13] = [
    "ascii_downcase",
    "ascii_upcase",
    "explode",
    "group_by",
    "implode",
    "matches",
    "max_by_or_empty",
    "min_by_or_empty",
    "reverse",
    "sort",
    "sort_by",
    "split_",
    "split_matches",
];

/// All functions.
pub(super) fn all() -> impl Iterator<Item = Fun<Data>> {
    let ours: Vec<_> = bounded().into_iter().map(native::run::<Data>).chain(transparent()).chain([weigh()]).collect();
    let names: Vec<_> = ours.iter().map(|(name, arguments, _)| (*name, arguments.len())).collect();
    let is_ours = move |(name, arguments, _): &Fun<Data>| names.contains(&(*name, arguments.len()));
    jaq_core::funs().chain(jaq_std::funs()).filter(move |fun| !is_ours(fun)).chain(ours)
}

/// Functions that give their input, to paths and updates too, unless something has run out.
fn transparent() -> [Fun<Data>; 2] {
    let step = Native::new(|cv: Cv<'_, Data>| bome(charge(1).map(|()| cv.1)))
        .with_paths(|cv| box_once(charge(1).map(|()| cv.1).map_err(Exn::from)))
        .with_update(|cv, update| match charge(1) {
            Ok(()) => update(cv.1),
            Err(error) => box_once(Err(Exn::from(error))),
        });
    let hand_on = Native::new(|cv: Cv<'_, Data>| bome(charge_filters().map(|()| cv.1)))
        .with_paths(|cv| box_once(charge_filters().map(|()| cv.1).map_err(Exn::from)))
        .with_update(|cv, update| match charge_filters() {
            Ok(()) => update(cv.1),
            Err(error) => box_once(Err(Exn::from(error))),
        });
    [(STEP, v(0), step), (HAND_ON, v(0), hand_on)]
}

/// A call that hands on filters.
fn charge_filters() -> Result<(), Error<Value>> {
    budget::hand_on().map_err(Error::str)
}

fn weigh() -> Fun<Data> {
    (WEIGH, v(0), Native::new(|cv: Cv<'_, Data>| bome(cv.1.weigh().map(|_| cv.1))))
}

fn bounded() -> Vec<native::Filter<RunPtr<Data>>> {
    vec![
        // A filter says nothing but yes or no.
        ("stderr_empty", v(0), |_| Box::new(std::iter::empty())),
        ("debug_empty", v(0), |_| Box::new(std::iter::empty())),
        ("range", v(3), |mut cv| {
            let (by, to, from) = (cv.0.pop_var(), cv.0.pop_var(), cv.0.pop_var());
            Box::new(range(from, to, by))
        }),
        ("fromjson", v(0), |cv| bome(from_json(&cv.1))),
        ("tojson", v(0), |cv| bome(to_json(cv.1))),
        ("tobytes", v(0), |cv| bome(cv.1.weigh().and_then(|_| to_bytes(cv.1)))),
        ("length", v(0), |cv| bome(length(cv.1))),
        ("contains", v(1), |cv| {
            unary(cv, |whole, part| {
                // Each of the parts of the one is looked for in all of the other.
                charge(whole.weigh()?.saturating_mul(part.weigh()?) / 64)?;
                Ok(contains(&whole.val, &part.val).into())
            })
        }),
        ("has", v(1), |cv| unary(cv, has)),
        ("indices", v(1), |cv| unary(cv, indices)),
        ("bsearch", v(1), |cv| unary(cv, search)),
    ]
}

/// Numbers, or whatever else can be added to, from one up to another.
fn range<'a>(from: Value, to: Value, by: Value) -> impl Iterator<Item = ValX<'a, Value>> {
    let zero = Value::from(0_isize);
    let mut next = Some(from);
    std::iter::from_fn(move || {
        let value = next.take()?;
        let goes_on = match by.cmp(&zero) {
            std::cmp::Ordering::Greater => value < to,
            std::cmp::Ordering::Less => value > to,
            std::cmp::Ordering::Equal => value != to,
        };
        if !goes_on {
            return None;
        }
        match charge(1).and_then(|()| value.clone() + by.clone()) {
            Ok(sum) => {
                next = Some(sum);
                Some(Ok(value))
            }
            Err(error) => Some(Err(error.into())),
        }
    })
}

/// One document, as the content of a message is one.
fn from_json(text: &Value) -> ValR<Value> {
    text.weigh()?;
    let bytes = text.as_utf8_bytes().ok_or_else(|| Error::typ(text.clone(), "string"))?;
    let parsed = output::json::document(bytes).and_then(|_| read::parse_single(bytes).ok());
    parsed.map(Value::of_document).ok_or_else(|| Error::str("this text is not JSON"))
}

fn to_json(value: Value) -> ValR<Value> {
    value.weigh()?;
    Ok(Value::scalar(Val::utf8_str(value.val.to_string())))
}

fn to_bytes(value: Value) -> ValR<Value> {
    fn collect(val: &Val, out: &mut Vec<u8>) -> Option<()> {
        match val {
            Val::Num(_) => out.push(u8::try_from(val.as_isize()?).ok()?),
            Val::BStr(bytes) | Val::TStr(bytes) => out.extend_from_slice(bytes),
            Val::Arr(items) => items.iter().try_for_each(|item| collect(item, out))?,
            _ => return None,
        }
        Some(())
    }
    let mut out = Vec::new();
    match collect(&value.val, &mut out) {
        Some(()) => Ok(Value::scalar(Val::byte_str(out))),
        None => Err(Error::typ(value, "bytes")),
    }
}

fn length(value: Value) -> ValR<Value> {
    match &value.val {
        Val::Null => Ok(0_usize.into()),
        Val::Num(_) if value < Value::from(0_isize) => -value,
        Val::Num(_) => Ok(value),
        Val::TStr(text) => {
            value.weigh()?;
            Ok(String::from_utf8_lossy(text).chars().count().into())
        }
        Val::BStr(bytes) => Ok(bytes.len().into()),
        Val::Arr(items) => Ok(items.len().into()),
        Val::Obj(entries) => Ok(entries.len().into()),
        Val::Bool(_) => Err(Error::typ(value, "something with a length")),
    }
}

fn contains(whole: &Val, part: &Val) -> bool {
    match (whole, part) {
        (Val::TStr(whole), Val::TStr(part)) | (Val::BStr(whole), Val::BStr(part)) => {
            memchr::memmem::find(whole, part).is_some()
        }
        (Val::Arr(whole), Val::Arr(part)) => part.iter().all(|part| whole.iter().any(|item| contains(item, part))),
        (Val::Obj(whole), Val::Obj(part)) => {
            part.iter().all(|(key, part)| whole.get(key).is_some_and(|item| contains(item, part)))
        }
        _ => whole == part,
    }
}

fn has(value: Value, key: Value) -> ValR<Value> {
    key.weigh()?;
    match (&value.val, key.as_isize()) {
        (Val::Obj(entries), _) => Ok(entries.contains_key(&key.val).into()),
        (Val::Arr(items), Some(index)) => Ok(usize::try_from(index).is_ok_and(|index| index < items.len()).into()),
        _ => Err(Error::index(value, key)),
    }
}

/// Where the second is in the first: in characters of a text, in items of an array.
fn indices(whole: Value, part: Value) -> ValR<Value> {
    charge(whole.weigh()?.saturating_mul(part.weigh()?))?;
    let found: Vec<usize> = match (&whole.val, &part.val) {
        (Val::TStr(_) | Val::BStr(_), Val::TStr(part) | Val::BStr(part)) if part.is_empty() => Vec::new(),
        (Val::TStr(whole), Val::TStr(part)) => {
            let starts = String::from_utf8_lossy(whole).into_owned();
            let is_there = |(_, (at, _)): &(usize, (usize, char))| starts.as_bytes()[*at..].starts_with(part);
            starts.char_indices().enumerate().filter(is_there).map(|(number, _)| number).collect()
        }
        (Val::BStr(whole), Val::BStr(part)) => {
            let is_there = |at: &usize| whole[*at..].starts_with(part);
            (0..whole.len()).filter(is_there).collect()
        }
        (Val::Arr(_), Val::Arr(part)) if part.is_empty() => Vec::new(),
        (Val::Arr(whole), Val::Arr(part)) => {
            let is_there = |at: &usize| whole[*at..].starts_with(part);
            (0..whole.len()).filter(is_there).collect()
        }
        (Val::Arr(whole), part) => (0..whole.len()).filter(|at| whole[*at] == *part).collect(),
        _ => return Err(Error::index(whole, part)),
    };
    Ok(found.into_iter().map(Value::from).collect())
}

/// Where a value is in a sorted array, or minus one minus where it would be.
fn search(items: Value, wanted: Value) -> ValR<Value> {
    items.weigh()?;
    wanted.weigh()?;
    match &items.val {
        Val::Arr(sorted) => Ok(match sorted.binary_search(&wanted.val) {
            Ok(at) => Value::from(at),
            Err(at) => Value::from(-1 - isize::try_from(at).unwrap_or(isize::MAX)),
        }),
        _ => Err(Error::typ(items, "array")),
    }
}
