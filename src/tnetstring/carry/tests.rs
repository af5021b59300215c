use serde::{Deserialize, Serialize};

use super::{Bytes, EXT_INTEGER, EXT_NAME};
use crate::tnetstring::{Error, RawValue, Tag, from_slice, to_vec};

#[derive(Debug, Serialize, Deserialize)]
struct Flow<'a> {
    id: &'a str,
    #[serde(borrow)]
    messages: RawValue<'a>,
}

#[test]
fn a_raw_value_passes_undecoded() -> Result<(), Error> {
    // The list is broken inside.
    let input = b"29:2:id;1:x;8:messages;6:broken]}";
    let flow: Flow = from_slice(input)?;
    assert_eq!((flow.id, flow.messages.tag(), flow.messages.encoded()), ("x", Tag::List, &b"6:broken]"[..]));
    assert_eq!(flow.messages.offset(), 23);
    assert_eq!(flow.messages.items()?.next().unwrap().unwrap_err().offset(), Some(25));
    assert_eq!(to_vec(&flow)?, input);
    Ok(())
}

#[test]
fn a_raw_value_stands_anywhere() -> Result<(), Error> {
    assert_eq!(from_slice::<RawValue>(b"0:~")?.tag(), Tag::Null);
    let values: Vec<Option<RawValue>> = from_slice(b"12:0:~1:1#2:hi;]")?;
    assert_eq!(values[1].unwrap().to_i64()?, 1);
    assert_eq!(to_vec(&values)?, b"12:0:~1:1#2:hi;]");
    Ok(())
}

#[test]
fn other_formats_refuse_a_raw_value() {
    let value = RawValue::from_slice(b"1:1#").unwrap();
    let message = "an undecoded value (RawValue) can only be written to a tnetstring";
    assert_eq!(serde_json::to_string(&value).unwrap_err().to_string(), message);
    assert_eq!(rmp_serde::to_vec(&value).unwrap_err().to_string(), message);

    let message = "expected an undecoded value (RawValue), which only a tnetstring can give";
    for error in [
        serde_json::from_str::<RawValue>("1").unwrap_err().to_string(),
        serde_json::from_str::<RawValue>("[0, \"1:1#\"]").unwrap_err().to_string(),
        rmp_serde::from_slice::<RawValue>(b"\x01").unwrap_err().to_string(),
        rmp_serde::from_slice::<RawValue>(b"\x92\x00\xc4\x04\x31\x3a\x31\x23").unwrap_err().to_string(),
    ] {
        assert!(error.contains(message), "{error}");
    }
}

/// An integer beyond 64 bits, as `State` has it, and what is not one.
struct Large<'a>(i8, &'a [u8]);

impl Serialize for Large<'_> {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_newtype_struct(EXT_NAME, &(self.0, Bytes(self.1)))
    }
}

#[test]
fn a_large_integer_passes_as_its_digits() -> Result<(), Error> {
    let digits = b"1000000000000000000000000000000000000000000";
    assert_eq!(to_vec(&Large(EXT_INTEGER, digits))?, [b"43:", &digits[..], b"#"].concat());
    assert_eq!(to_vec(&Large(EXT_INTEGER, b"12a")).unwrap_err().to_string(), "expected an integer in decimal digits");
    assert_eq!(
        to_vec(&Large(7, b"12")).unwrap_err().to_string(),
        "expected an integer as extension type 35 and digits"
    );
    Ok(())
}

/// Whoever takes one of the two names for something else is told so.
#[test]
fn other_shapes_under_these_names_are_refused() {
    #[derive(Serialize)]
    #[serde(rename = "_ExtStruct")]
    struct Ext<T>(T);
    #[derive(Serialize)]
    #[serde(rename = "$wsflow::RawValue")]
    struct Raw<T>(T);

    for error in [
        to_vec(&Ext(1)),
        to_vec(&Ext((EXT_INTEGER,))),
        to_vec(&Ext((EXT_INTEGER, EXT_INTEGER))),
        to_vec(&Ext((EXT_INTEGER, Bytes(b"1"), 1))),
        to_vec(&Ext(((EXT_INTEGER, 1), Bytes(b"1")))),
        to_vec(&Ext(Some("x"))),
        to_vec(&Raw((1, "1:1#"))),
        to_vec(&Raw((1, Bytes(b"junk")))),
        to_vec(&Raw(vec![1])),
    ] {
        assert!(error.is_err());
    }
}
