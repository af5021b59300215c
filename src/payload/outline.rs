//! JSON in short.

use serde::de::{Deserializer as _, Error as _, IgnoredAny, MapAccess, SeqAccess, Visitor};

use super::summary::short;

/// Keys that an outline names.
const KEYS: usize = 4;

/// A document in short: the first keys of an object, the length of an array, and anything else itself.
pub(super) fn outline(document: &str) -> String {
    struct Outline<'o>(&'o mut String);

    impl<'a> Visitor<'a> for Outline<'_> {
        type Value = ();

        fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            f.write_str("an object or an array")
        }

        fn visit_map<A: MapAccess<'a>>(self, mut map: A) -> Result<(), A::Error> {
            let mut keys = Vec::new();
            while let Some((key, IgnoredAny)) = map.next_entry::<String, _>()? {
                if keys.len() == KEYS {
                    *self.0 = format!("{{{},…}}", keys.join(","));
                    return Err(A::Error::custom("enough"));
                }
                keys.push(short(&key));
            }
            *self.0 = format!("{{{}}}", keys.join(","));
            Ok(())
        }

        fn visit_seq<A: SeqAccess<'a>>(self, mut seq: A) -> Result<(), A::Error> {
            let mut count = 0_u64;
            while seq.next_element::<IgnoredAny>()?.is_some() {
                count += 1;
            }
            *self.0 = format!("[{count}]");
            Ok(())
        }
    }

    let document = document.trim_ascii();
    if !document.starts_with(['{', '[']) {
        return short(document);
    }
    let mut outline = String::new();
    drop(serde_json::Deserializer::from_str(document).deserialize_any(Outline(&mut outline)));
    outline
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::payload::summary::WORD;

    #[test]
    fn outlines_are_short() {
        assert_eq!(outline(r#"{"op":1,"seq":[1,2],"x":{}}"#), "{op,seq,x}");
        assert_eq!(outline(r#"{"a":1,"b":2,"c":3,"d":4,"e":5}"#), "{a,b,c,d,…}");
        assert_eq!(outline("{}"), "{}");
        assert_eq!(outline("[1,[2],{}]"), "[3]");
        assert_eq!(outline(" \"text\"\n"), "\"text\"");
        assert_eq!(outline(&format!("\"{}\"", "é".repeat(500))).chars().count(), WORD + 1);
        assert_eq!(outline(&format!("{{\"{}\":1}}", "k".repeat(500))).chars().count(), WORD + 3);
    }
}
