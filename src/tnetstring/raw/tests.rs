use super::RawValue;
use crate::tnetstring::{Error, ErrorKind, Tag};

#[test]
fn the_first_value_is_cut_off() -> Result<(), Error> {
    let (value, rest) = RawValue::split_first(b"003:a:b,1:1#")?;
    assert_eq!((value.tag(), value.encoded(), value.body()), (Tag::Bytes, &b"003:a:b,"[..], &b"a:b"[..]));
    assert_eq!((value.offset(), value.body_offset(), rest), (0, 4, &b"1:1#"[..]));
    assert_eq!(*RawValue::from_slice(b"1:1#1:1#").unwrap_err().kind(), ErrorKind::TrailingBytes);
    Ok(())
}

#[test]
fn every_tag_is_known() -> Result<(), Error> {
    for (byte, tag) in b",;#^!~]}".iter().zip([
        Tag::Bytes,
        Tag::Str,
        Tag::Integer,
        Tag::Float,
        Tag::Bool,
        Tag::Null,
        Tag::List,
        Tag::Dict,
    ]) {
        let input = [b'0', b':', *byte];
        let value = RawValue::from_slice(&input)?;
        assert_eq!((value.tag(), value.tag().as_byte(), value.is_null()), (tag, *byte, tag == Tag::Null));
    }
    Ok(())
}

#[test]
fn values_are_read_when_asked() -> Result<(), Error> {
    let raw = |input: &'static str| RawValue::from_slice(input.as_bytes());
    assert_eq!(raw("1:x,")?.to_str()?, "x");
    assert_eq!(raw("1:x;")?.to_bytes()?, b"x");
    assert_eq!((raw("1:7#")?.to_i64()?, raw("2:-7#")?.to_i64()?, raw("2:77#")?.to_i64()?), (7, -7, 77));
    assert_eq!((raw("1:7#")?.to_f64()?, raw("3:1.5^")?.to_f64()?), (7.0, 1.5));
    assert_eq!((raw("4:true!")?.to_bool()?, raw("5:false!")?.to_bool()?), (true, false));
    assert_eq!(raw("22:-000000000000000000007#")?.integer_digits()?, "-000000000000000000007");
    raw("0:~")?.to_null()
}

#[test]
fn items_and_entries_know_where_they_stand() -> Result<(), Error> {
    let list = RawValue::from_slice(b"16:1:1#5:x,y,z,1:2;]")?;
    let offsets: Vec<usize> = list.items()?.map(|item| item.map(|item| item.offset())).collect::<Result<_, _>>()?;
    assert_eq!(offsets, [3, 7, 15]);
    let mut items = list.items()?;
    items.next();
    assert_eq!((items.offset(), items.rest()), (7, &b"5:x,y,z,1:2;"[..]));

    let dict = RawValue::from_slice(b"16:1:a;1:1#1:b,1:2#}")?;
    let entries: Vec<_> = dict.entries()?.collect::<Result<_, _>>()?;
    assert_eq!((entries[0].0, entries[1].0, entries[1].1.offset()), (&b"a"[..], &b"b"[..], 15));
    Ok(())
}

#[test]
fn a_walk_ends_after_the_first_fault() -> Result<(), Error> {
    let list = RawValue::from_slice(b"12:1:1#1:x?1:2#]")?;
    let items: Vec<_> = list.items()?.collect();
    assert_eq!(items.len(), 2);
    assert_eq!(items[1], Err(Error::new(10, ErrorKind::UnknownTag { found: b'?' })));

    // A key that is none, a value that is broken, a key without a value.
    for (dict, fault) in [("12:1:1#1:x;1:y;}", 3), ("12:1:a;1:x?1:y;}", 10), ("4:1:a;}", 6)] {
        let entries: Vec<_> = RawValue::from_slice(dict.as_bytes())?.entries()?.collect();
        assert_eq!(entries.len(), 1, "{dict}");
        assert_eq!(entries[0].as_ref().unwrap_err().offset(), Some(fault), "{dict}");
    }
    Ok(())
}

#[test]
fn of_equal_keys_the_last_counts() {
    let dict = RawValue::from_slice(b"24:1:a;1:1#1:b;1:2#1:a;1:3#}").unwrap();
    assert_eq!(dict.get("a").unwrap().unwrap().to_i64(), Ok(3));
    assert_eq!(dict.get("b").unwrap().unwrap().to_i64(), Ok(2));
    assert_eq!(dict.get("c"), Ok(None));
}
