use super::Writer;
use crate::tnetstring::{Error, RawValue, Tag};

fn written(write: impl FnOnce(&mut Writer<'_>)) -> String {
    let mut out = Vec::new();
    write(&mut Writer::new(&mut out));
    String::from_utf8(out).unwrap()
}

#[test]
fn scalars() {
    assert_eq!(written(|w| w.bytes(b"")), "0:,");
    assert_eq!(written(|w| w.str("é")), "2:é;");
    assert_eq!(written(|w| w.bool(true)), "4:true!");
    assert_eq!(written(|w| w.bool(false)), "5:false!");
    assert_eq!(written(|w| w.null()), "0:~");
    assert_eq!(written(|w| w.float(1693314200.0)), "12:1693314200.0^");
    for (value, expected) in [(0, "1:0#"), (9, "1:9#"), (10, "2:10#"), (-1, "2:-1#"), (256, "3:256#"), (265, "3:265#")]
    {
        assert_eq!(written(|w| w.integer(value)), expected);
    }
    assert_eq!(written(|w| w.integer(i64::MIN)), "20:-9223372036854775808#");
}

#[test]
fn values_are_appended() {
    let mut out = b"before".to_vec();
    let mut writer = Writer::new(&mut out);
    writer.integer(1);
    writer.str("x");
    assert_eq!(out, b"before1:1#1:x;");
}

/// Bodies around every length at which the length gets another digit.
#[test]
fn lengths_of_any_number_of_digits() -> Result<(), Error> {
    for length in [0, 1, 9, 10, 11, 99, 100, 999, 1000, 99_999, 100_000] {
        let content = vec![b'x'; length];
        let mut out = Vec::new();
        let mut writer = Writer::new(&mut out);
        let outer = writer.open();
        writer.integer(1);
        let inner = writer.open();
        writer.bytes(&content);
        writer.close(inner, Tag::List);
        writer.integer(2);
        writer.close(outer, Tag::List);

        let bytes = format!("{length}:{},", "x".repeat(length));
        let list = format!("{}:{bytes}]", bytes.len());
        let expected = format!("{}:1:1#{list}1:2#]", list.len() + 8);
        assert_eq!(String::from_utf8(out).unwrap(), expected);
    }
    Ok(())
}

#[test]
fn raw_values_are_written_as_they_were() -> Result<(), Error> {
    let odd = RawValue::from_slice(b"0004:+007#")?;
    assert_eq!(written(|w| w.raw(odd)), "0004:+007#");
    Ok(())
}

#[test]
fn marks_of_another_writer_panic_nowhere() {
    let mut long = Vec::new();
    let mut writer = Writer::new(&mut long);
    writer.str("long enough");
    let mark = writer.open();
    written(|w| w.close(mark, Tag::List));
}
