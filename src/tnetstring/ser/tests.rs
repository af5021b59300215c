use std::collections::BTreeMap;
use std::fmt;
use std::io;

use serde::Serialize;
use serde::ser::{SerializeMap, Serializer};

use crate::tnetstring::{Bytes, Error, ErrorKind, MAX_DEPTH, from_slice, to_vec, to_writer};

fn written(value: impl Serialize) -> String {
    String::from_utf8(to_vec(&value).unwrap()).unwrap()
}

#[test]
fn scalars_of_every_type() {
    assert_eq!(written((true, (), None::<i64>, Some(1))), "17:4:true!0:~0:~1:1#]");
    assert_eq!(written((-1i8, -300i16, 70_000i32, i64::MAX)), "43:2:-1#4:-300#5:70000#19:9223372036854775807#]");
    assert_eq!(written((1u8, 300u16, 70_000u32)), "18:1:1#3:300#5:70000#]");
    assert_eq!(written(u64::MAX), "20:18446744073709551615#");
    assert_eq!(written(i128::MIN), "40:-170141183460469231731687303715884105728#");
    assert_eq!(written(u128::MAX), "39:340282366920938463463374607431768211455#");
    assert_eq!(written((0.5f32, 1e-7, 'é', "x")), "23:3:0.5^5:1e-07^2:é;1:x;]");
    assert_eq!(written(Bytes(b"x")), "1:x,");
}

#[test]
fn fields_and_entries_keep_their_order() {
    #[derive(Serialize)]
    struct Response {
        status_code: u16,
        content: Option<&'static str>,
        a: BTreeMap<&'static str, i64>,
    }
    let response = Response { status_code: 101, content: None, a: BTreeMap::from([("y", 1), ("b", 2)]) };
    assert_eq!(written(response), "58:11:status_code;3:101#7:content;0:~1:a;16:1:b;1:2#1:y;1:1#}}");
}

#[test]
fn variants_are_strings_or_dicts_with_one_entry() {
    #[derive(Serialize)]
    enum Replay {
        Request,
        Code(i64),
        Pair(i64, bool),
        Named { a: i64 },
    }
    assert_eq!(written(Replay::Request), "7:Request;");
    assert_eq!(written(Replay::Code(3)), "11:4:Code;1:3#}");
    assert_eq!(written(Replay::Pair(3, true)), "22:4:Pair;11:1:3#4:true!]}");
    assert_eq!(written(Replay::Named { a: 3 }), "19:5:Named;8:1:a;1:3#}}");
}

#[test]
fn newtypes_units_and_tuples() {
    #[derive(Serialize)]
    struct Id(&'static str);
    #[derive(Serialize)]
    struct Nothing;
    #[derive(Serialize)]
    struct Version(u8, u8);

    assert_eq!(written((Id("x"), Nothing, Version(0, 18))), "19:1:x;0:~9:1:0#2:18#]]");
}

/// A dict whose one key is anything.
struct Keyed<K>(K);

impl<K: Serialize> Serialize for Keyed<K> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut dict = serializer.serialize_map(None)?;
        dict.serialize_entry(&self.0, &1)?;
        dict.end()
    }
}

#[test]
fn keys_are_strings_or_bytes() {
    assert_eq!(written(Keyed("k")), "8:1:k;1:1#}");
    assert_eq!(written(Keyed(Bytes(b"k"))), "8:1:k,1:1#}");
    assert_eq!(written(Keyed('k')), "8:1:k;1:1#}");
    for (error, found) in [
        (to_vec(&Keyed(1)), "an integer"),
        (to_vec(&Keyed(())), "null"),
        (to_vec(&Keyed(["k"])), "a list"),
        (to_vec(&Keyed(Keyed("k"))), "a dict"),
    ] {
        let message = format!("expected a dict key (bytes or a string), found {found}");
        assert_eq!(error.unwrap_err().to_string(), message);
    }
}

/// Displays this, or fails to.
struct Shown(Option<&'static str>);

impl fmt::Display for Shown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0.ok_or(fmt::Error)?)
    }
}

impl Serialize for Shown {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

#[test]
fn what_displays_is_a_string() {
    assert_eq!(written(Shown(Some("1.2.3.4"))), "7:1.2.3.4;");
    assert!(to_vec(&Shown(None)).is_err());
}

/// Lists within each other, around nothing.
struct Nested(usize);

impl Serialize for Nested {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.0 {
            0 => serializer.serialize_unit(),
            depth => serializer.collect_seq([Nested(depth - 1)]),
        }
    }
}

#[test]
fn values_are_too_deep() -> Result<(), Error> {
    let deepest = to_vec(&Nested(MAX_DEPTH))?;
    from_slice::<serde_json::Value>(&deepest)?;
    assert_eq!(*to_vec(&Nested(MAX_DEPTH + 1)).unwrap_err().kind(), ErrorKind::TooDeep);
    assert_eq!(*to_vec(&Nested(1_000_000_000)).unwrap_err().kind(), ErrorKind::TooDeep);
    Ok(())
}

#[test]
fn a_writer_gets_the_whole_or_nothing() {
    let mut out = Vec::new();
    to_writer(&mut out, &(1, 2)).unwrap();
    assert_eq!(out, b"8:1:1#1:2#]");

    let error = to_writer(&mut out, &(1, Keyed(1))).unwrap_err();
    assert_eq!(error.kind(), io::ErrorKind::InvalidData);
    assert_eq!(error.to_string(), "expected a dict key (bytes or a string), found an integer");
    assert_eq!(out, b"8:1:1#1:2#]");

    let full: &mut [u8] = &mut [0; 3];
    assert_eq!(to_writer(full, &1).unwrap_err().kind(), io::ErrorKind::WriteZero);
}
