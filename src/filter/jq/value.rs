//! jaq's values, with bounds on what is done with them.
//!
//! A value can be far larger than the memory it takes, since its parts may be shared: `reduce range(60) as $i (0; [., .])` has
//! 2⁶⁰ numbers in 60 arrays. So what goes through all of a value (comparing, writing it) weighs it first.

use std::cell::RefCell;
use std::cmp::Ordering;
use std::fmt;
use std::ops::{Add, Div, Mul, Neg, Range, Rem, Sub};

use jaq_core::ops::Math;
use jaq_core::path::Opt;
use jaq_core::{Error, Exn, ValR, ValT, ValX};
use jaq_json::{Num, Val};

use super::budget::{run_out, spend};

/// How deep arrays and objects may nest. JSON has 128 levels; freeing a value takes some stack for each.
const MAX_DEPTH: u16 = 256;

/// How often a part may be taken of a part, as in `.a.a.a`; jaq notes each step of a path, and frees them one in another.
const MAX_TRAIL: u16 = 4_000;

/// Bytes of a text that count as one step.
const BYTES_PER_STEP: usize = 64;

/// How large an integer may become, in bits; what is computed with it takes time by the square of it.
const MAX_BITS: u64 = 1 << 16;

/// A value.
#[derive(Clone, Debug)]
pub(super) struct Value {
    pub(super) val: Val,
    /// How deep arrays and objects nest at most.
    depth: u16,
    /// How often a part of a part was taken to come to it, at most.
    trail: u16,
}

type Result<T> = std::result::Result<T, Error<Value>>;

/// Spends steps; what has run out is an error of the program.
pub(super) fn charge(steps: usize) -> Result<()> {
    spend(steps).map_err(Error::str)
}

impl Value {
    /// A value that nests so deep at most.
    pub(super) fn new(val: Val, depth: u16) -> Value {
        let depth = if is_scalar(&val) { 0 } else { depth };
        if depth > MAX_DEPTH {
            run_out("the program nested values too deeply");
            return Value { val: Val::Null, depth: 0, trail: 0 };
        }
        Value { val, depth, trail: 0 }
    }

    /// A value that nests nothing.
    pub(super) fn scalar(val: Val) -> Value {
        Value { val, depth: 0, trail: 0 }
    }

    /// A value that came from a JSON document.
    pub(super) fn of_document(val: Val) -> Value {
        Value::new(val, 128)
    }

    /// A part of a value.
    fn part(&self, val: Val) -> Value {
        let trail = self.trail + 1;
        if trail > MAX_TRAIL {
            run_out("the program took parts of parts too often");
            return Value::scalar(Val::Null);
        }
        Value { trail, ..Value::new(val, self.depth.saturating_sub(1)) }
    }

    /// How many values and steps for texts are in it; charged, and an error if that is more than there is.
    pub(super) fn weigh(&self) -> Result<usize> {
        if is_scalar(&self.val) {
            let weight = weight_of_scalar(&self.val);
            charge(weight)?;
            return Ok(weight);
        }
        weigh(&self.val)
    }
}

fn is_scalar(val: &Val) -> bool {
    !matches!(val, Val::Arr(_) | Val::Obj(_))
}

fn weight_of_scalar(val: &Val) -> usize {
    match val {
        Val::TStr(text) | Val::BStr(text) => 1 + text.len() / BYTES_PER_STEP,
        _ => 1,
    }
}

fn weigh(val: &Val) -> Result<usize> {
    charge(weight_of_scalar(val))?;
    match val {
        Val::Arr(items) => items.iter().try_fold(1, |sum, item| Ok(sum + weigh(item)?)),
        Val::Obj(entries) => entries.iter().try_fold(1, |sum, (key, value)| Ok(sum + weigh(key)? + weigh(value)?)),
        _ => Ok(weight_of_scalar(val)),
    }
}

/// How many things are side by side in a value.
fn len(val: &Val) -> usize {
    match val {
        Val::Arr(items) => items.len(),
        Val::Obj(entries) => entries.len(),
        Val::TStr(text) | Val::BStr(text) => text.len(),
        _ => 0,
    }
}

fn bits(val: &Val) -> u64 {
    match val {
        Val::Num(Num::BigInt(number)) => number.bits(),
        _ => 64,
    }
}

/// Computes with two values, having charged what it takes.
fn compute(left: Value, right: Value, op: Math, steps: usize) -> ValR<Value> {
    charge(steps)?;
    if bits(&left.val).saturating_add(bits(&right.val)) > MAX_BITS {
        return Err(Error::str("the number is too large"));
    }
    let depth = left.depth.max(right.depth).max(1);
    let (l, r) = (left.val.clone(), right.val.clone());
    let computed = match op {
        Math::Add => l + r,
        Math::Sub => l - r,
        Math::Mul => l * r,
        Math::Div => l / r,
        Math::Rem => l % r,
    };
    computed.map(|val| Value::new(val, depth)).map_err(|_| Error::math(left, op, right))
}

impl Add for Value {
    type Output = ValR<Value>;

    fn add(self, other: Value) -> ValR<Value> {
        // What is added to is changed in place if nobody else has it, else copied.
        let steps = 1 + len(&other.val) + len(&self.val) / BYTES_PER_STEP;
        match (&self.val, &other.val) {
            (Val::Arr(_), Val::Arr(_)) | (Val::Obj(_), Val::Obj(_)) => {
                charge(steps)?;
                let depth = self.depth.max(other.depth);
                let sum = self.val + other.val;
                sum.map(|val| Value::new(val, depth)).map_err(|_| Error::str("cannot be added"))
            }
            (Val::TStr(_), Val::TStr(_)) | (Val::BStr(_), Val::BStr(_)) => {
                charge(1 + (len(&self.val) + len(&other.val)) / BYTES_PER_STEP)?;
                let sum = self.val + other.val;
                sum.map(Value::scalar).map_err(|_| Error::str("cannot be added"))
            }
            _ => compute(self, other, Math::Add, 1),
        }
    }
}

impl Sub for Value {
    type Output = ValR<Value>;

    fn sub(self, other: Value) -> ValR<Value> {
        if !is_scalar(&self.val) {
            self.weigh()?;
            other.weigh()?;
        }
        compute(self, other, Math::Sub, 1)
    }
}

impl Mul for Value {
    type Output = ValR<Value>;

    fn mul(self, other: Value) -> ValR<Value> {
        let times = |val: &Val| jaq_std::ValT::as_f64(val).map(|times| times.max(0.0) as usize);
        let steps = match (&self.val, &other.val) {
            (Val::TStr(text) | Val::BStr(text), count) | (count, Val::TStr(text) | Val::BStr(text)) => {
                text.len().saturating_mul(times(count).unwrap_or(1)) / BYTES_PER_STEP
            }
            // Objects are merged to their last level.
            (Val::Obj(_), Val::Obj(_)) => other.weigh()? + len(&self.val),
            _ => 0,
        };
        compute(self, other, Math::Mul, steps.saturating_add(1))
    }
}

impl Div for Value {
    type Output = ValR<Value>;

    /// Of two texts: what is between the second one in the first.
    fn div(self, other: Value) -> ValR<Value> {
        let steps = len(&self.val).saturating_add(1);
        compute(self, other, Math::Div, steps)
    }
}

impl Rem for Value {
    type Output = ValR<Value>;

    fn rem(self, other: Value) -> ValR<Value> {
        compute(self, other, Math::Rem, 1)
    }
}

impl Neg for Value {
    type Output = ValR<Value>;

    fn neg(self) -> ValR<Value> {
        match &self.val {
            Val::Num(number) => Ok(Value::scalar(Val::Num(-number.clone()))),
            _ => Err(Error::typ(self, "number")),
        }
    }
}

impl PartialEq for Value {
    fn eq(&self, other: &Value) -> bool {
        self.cmp(other).is_eq()
    }
}

impl Eq for Value {}

impl PartialOrd for Value {
    fn partial_cmp(&self, other: &Value) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Value {
    fn cmp(&self, other: &Value) -> Ordering {
        // Two of one kind are gone through together; with nothing left to spend any order will do.
        if !is_scalar(&self.val) && !is_scalar(&other.val) && (self.weigh().is_err() || other.weigh().is_err()) {
            return Ordering::Equal;
        }
        self.val.cmp(&other.val)
    }
}

impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.weigh().is_err() { f.write_str("…") } else { self.val.fmt(f) }
    }
}

impl From<bool> for Value {
    fn from(value: bool) -> Value {
        Value::scalar(value.into())
    }
}

impl From<isize> for Value {
    fn from(value: isize) -> Value {
        Value::scalar(value.into())
    }
}

impl From<usize> for Value {
    fn from(value: usize) -> Value {
        Value::scalar(value.into())
    }
}

impl From<f64> for Value {
    fn from(value: f64) -> Value {
        Value::scalar(value.into())
    }
}

impl From<String> for Value {
    fn from(value: String) -> Value {
        Value::scalar(value.into())
    }
}

impl From<Range<Option<Value>>> for Value {
    fn from(range: Range<Option<Value>>) -> Value {
        let depth = [&range.start, &range.end].into_iter().flatten().map(|end| end.depth).max().unwrap_or(0);
        let val = |end: Option<Value>| end.map(|end| end.val);
        Value::new(Val::from(val(range.start)..val(range.end)), depth + 1)
    }
}

impl FromIterator<Value> for Value {
    fn from_iter<I: IntoIterator<Item = Value>>(items: I) -> Value {
        let mut depth = 0;
        let items = items.into_iter().take_while(|_| spend(1).is_ok()).map(|item| {
            depth = depth.max(item.depth);
            item.val
        });
        let val = items.collect();
        Value::new(val, depth + 1)
    }
}

/// What a function of a part gives, as jaq's own values want it: what fails is put aside, and stands in for itself as
/// an error of no content.
fn put_aside<'a, 'b>(
    parts: impl Iterator<Item = ValX<'a, Value>> + 'b,
    aside: &'b RefCell<Aside<'a>>,
) -> impl Iterator<Item = ValX<'a, Val>> + 'b
where
    'a: 'b,
{
    parts.map(move |part| {
        let mut aside = aside.borrow_mut();
        match part.and_then(|part| Ok(charge(1).map(|()| part)?)) {
            Ok(part) => {
                aside.depth = aside.depth.max(part.depth + 1);
                Ok(part.val)
            }
            Err(error) => {
                aside.error.get_or_insert(error);
                Err(Exn::from(Error::new(Val::Null)))
            }
        }
    })
}

/// What comes up to the first error, with that.
fn up_to_an_error<'a>(parts: impl Iterator<Item = ValX<'a, Value>>) -> std::vec::IntoIter<ValX<'a, Value>> {
    let mut taken = Vec::new();
    for part in parts {
        let is_error = part.is_err();
        taken.push(part);
        if is_error {
            break;
        }
    }
    taken.into_iter()
}

/// What is to be told of parts that were changed.
struct Aside<'a> {
    error: Option<Exn<'a, Value>>,
    /// How deep the whole nests with them.
    depth: u16,
}

impl Value {
    /// Changes parts of the value by a function of jaq's own values.
    fn change<'a>(
        self,
        kind: &'static str,
        change: impl FnOnce(Val, &RefCell<Aside<'a>>) -> ValX<'a, Val>,
    ) -> ValX<'a, Value> {
        // It may have to be copied.
        charge(1 + len(&self.val) / BYTES_PER_STEP)?;
        let aside = RefCell::new(Aside { error: None, depth: self.depth.max(1) });
        let whole = Value { val: self.val.clone(), ..self };
        let changed = change(self.val, &aside);
        let aside = aside.into_inner();
        match (changed, aside.error) {
            (_, Some(error)) => Err(error),
            (Ok(val), None) => Ok(Value::new(val, aside.depth)),
            (Err(_), None) => Err(Error::typ(whole, kind).into()),
        }
    }
}

impl ValT for Value {
    fn from_num(digits: &str) -> ValR<Value> {
        Val::from_num(digits).map(Value::scalar).map_err(|_| Error::str("no number"))
    }

    fn from_map<I: IntoIterator<Item = (Value, Value)>>(entries: I) -> ValR<Value> {
        let mut depth = 0;
        let entries = entries.into_iter().map(|(key, value)| {
            key.weigh()?;
            depth = depth.max(key.depth).max(value.depth);
            Ok((key.val, value.val))
        });
        let entries = entries.collect::<Result<Vec<_>>>()?;
        let val = Val::from_map(entries).map_err(|_| Error::str("no object"))?;
        Ok(Value::new(val, depth + 1))
    }

    fn key_values(self) -> Box<dyn Iterator<Item = ValR<(Value, Value), Value>>> {
        if is_scalar(&self.val) {
            return Box::new(std::iter::once(Err(Error::typ(self, "iterable (array or object)"))));
        }
        let whole = Value { val: Val::Null, ..self };
        Box::new(in_steps(
            self.val.key_values().flatten().map(move |(key, value)| (whole.part(key), whole.part(value))),
        ))
    }

    fn values(self) -> Box<dyn Iterator<Item = ValR<Value>>> {
        if is_scalar(&self.val) {
            return Box::new(std::iter::once(Err(Error::typ(self, "iterable (array or object)"))));
        }
        let whole = Value { val: Val::Null, ..self };
        Box::new(in_steps(self.val.values().flatten().map(move |value| whole.part(value))))
    }

    fn index(self, index: &Value) -> ValR<Value> {
        charge(1)?;
        if !is_scalar(&index.val) {
            self.weigh()?;
            index.weigh()?;
        }
        let whole = Value { val: Val::Null, ..self };
        match self.val.clone().index(&index.val) {
            Ok(part) => Ok(whole.part(part)),
            Err(_) => Err(Error::index(self, index.clone())),
        }
    }

    fn range(self, range: Range<Option<&Value>>) -> ValR<Value> {
        charge(1 + len(&self.val) / BYTES_PER_STEP)?;
        match self.val.clone().range(range.start.map(|end| &end.val)..range.end.map(|end| &end.val)) {
            // As deep as the whole, of which it has many parts.
            Ok(part) => Ok(Value { trail: self.part(Val::Null).trail, ..Value::new(part, self.depth) }),
            Err(_) => Err(Error::typ(self, "rangeable (array or string)")),
        }
    }

    fn map_values<'a, I: Iterator<Item = ValX<'a, Value>>>(self, opt: Opt, f: impl Fn(Value) -> I) -> ValX<'a, Value> {
        let whole = Value { val: Val::Null, ..self };
        self.change("iterable (array or object)", |val, aside| {
            val.map_values(opt, |part| put_aside(up_to_an_error(f(whole.part(part))), aside))
        })
    }

    fn map_index<'a, I: Iterator<Item = ValX<'a, Value>>>(
        self,
        index: &Value,
        opt: Opt,
        f: impl Fn(Value) -> I,
    ) -> ValX<'a, Value> {
        index.weigh()?;
        let whole = Value { val: Val::Null, ..self };
        self.change("iterable (array or object)", |val, aside| {
            val.map_index(&index.val, opt, |part| put_aside(f(whole.part(part)).next().into_iter(), aside))
        })
    }

    fn map_range<'a, I: Iterator<Item = ValX<'a, Value>>>(
        self,
        range: Range<Option<&Value>>,
        opt: Opt,
        f: impl Fn(Value) -> I,
    ) -> ValX<'a, Value> {
        let depth = self.depth;
        self.change("array", |val, aside| {
            let range = range.start.map(|end| &end.val)..range.end.map(|end| &end.val);
            val.map_range(range, opt, |part| put_aside(f(Value::new(part, depth)).next().into_iter(), aside))
        })
    }

    fn as_bool(&self) -> bool {
        self.val.as_bool()
    }

    fn into_string(self) -> Value {
        match self.weigh() {
            Ok(_) => Value::scalar(self.val.into_string()),
            Err(_) => Value::scalar(Val::Null),
        }
    }
}

/// Each for a step, until there are none left to spend.
fn in_steps<T>(items: impl Iterator<Item = T>) -> impl Iterator<Item = ValR<T, Value>> {
    let mut has_failed = false;
    items.map_while(move |item| match charge(1) {
        _ if has_failed => None,
        Ok(()) => Some(Ok(item)),
        Err(error) => {
            has_failed = true;
            Some(Err(error))
        }
    })
}

impl jaq_std::ValT for Value {
    fn into_seq<S: FromIterator<Value>>(self) -> std::result::Result<S, Value> {
        match &self.val {
            Val::Arr(items) => Ok(items.iter().map(|item| self.part(item.clone())).collect()),
            _ => Err(self),
        }
    }

    fn is_int(&self) -> bool {
        self.val.is_int()
    }

    fn as_isize(&self) -> Option<isize> {
        self.val.as_isize()
    }

    fn as_f64(&self) -> Option<f64> {
        self.val.as_f64()
    }

    fn is_utf8_str(&self) -> bool {
        self.val.is_utf8_str()
    }

    fn as_bytes(&self) -> Option<&[u8]> {
        self.val.as_bytes()
    }

    fn as_sub_str(&self, sub: &[u8]) -> Value {
        Value::scalar(self.val.as_sub_str(sub))
    }

    fn from_utf8_bytes(bytes: impl AsRef<[u8]> + Send + 'static) -> Value {
        match spend(1 + bytes.as_ref().len() / BYTES_PER_STEP) {
            Ok(()) => Value::scalar(Val::from_utf8_bytes(bytes)),
            Err(_) => Value::scalar(Val::Null),
        }
    }
}
