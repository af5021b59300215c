//! The shape of an entry as browsers, proxies and test tools write it. Only what becomes part of a flow is read;
//! what is missing is left empty.

use std::borrow::Cow;
use std::fmt;

use serde::Deserialize;
use serde::de::{self, Deserializer, MapAccess, SeqAccess, Visitor, value};

use super::own::Own;
use crate::capture::json::Text;

/// An entry; `M` is how its messages are read.
#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct Entry<'a, M> {
    #[serde(borrow)]
    pub(super) started_date_time: Option<Cow<'a, str>>,
    pub(super) time: Option<f64>,
    #[serde(borrow)]
    pub(super) request: Option<Request<'a>>,
    #[serde(borrow)]
    pub(super) response: Option<Response<'a>>,
    pub(super) timings: Option<Timings>,
    #[serde(rename = "serverIPAddress", borrow)]
    pub(super) server_address: Option<Cow<'a, str>>,
    #[serde(rename = "_resourceType", borrow)]
    pub(super) resource_type: Option<Cow<'a, str>>,
    #[serde(rename = "_webSocketMessages")]
    pub(super) messages: Option<M>,
    #[serde(rename = "_wsflow", borrow)]
    pub(super) own: Option<Own<'a>>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Timings {
    pub(super) wait: Option<f64>,
    pub(super) receive: Option<f64>,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct Request<'a> {
    #[serde(borrow)]
    pub(super) method: Text<'a>,
    #[serde(borrow)]
    pub(super) url: Text<'a>,
    #[serde(borrow)]
    pub(super) http_version: Option<Text<'a>>,
    #[serde(borrow)]
    pub(super) headers: Option<Vec<Header<'a>>>,
    #[serde(borrow)]
    pub(super) post_data: Option<PostData<'a>>,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct PostData<'a> {
    #[serde(borrow)]
    pub(super) text: Option<Text<'a>>,
    #[serde(rename = "_base64", borrow)]
    pub(super) base64: Option<Text<'a>>,
    /// Whether it is as it was sent, its content-encoding not undone.
    #[serde(rename = "_encoded")]
    pub(super) is_encoded: bool,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct Response<'a> {
    pub(super) status: Option<i64>,
    #[serde(borrow)]
    pub(super) status_text: Option<Text<'a>>,
    #[serde(borrow)]
    pub(super) http_version: Option<Text<'a>>,
    #[serde(borrow)]
    pub(super) headers: Option<Vec<Header<'a>>>,
    #[serde(borrow)]
    pub(super) content: Option<Content<'a>>,
    #[serde(rename = "_error", borrow)]
    pub(super) error: Option<Text<'a>>,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct Content<'a> {
    pub(super) size: Option<f64>,
    #[serde(borrow)]
    pub(super) text: Option<Text<'a>>,
    #[serde(borrow)]
    pub(super) encoding: Option<Text<'a>>,
    /// Whether it is as it was sent, its content-encoding not undone.
    #[serde(rename = "_encoded")]
    pub(super) is_encoded: bool,
}

/// A header: an object of name and value, or a list of the two, as Slack writes them.
pub(super) struct Header<'a> {
    pub(super) name: Text<'a>,
    pub(super) value: Text<'a>,
    /// The value, where it is no text.
    pub(super) base64: Option<Text<'a>>,
}

#[derive(Deserialize)]
struct HeaderObject<'a> {
    #[serde(borrow)]
    name: Text<'a>,
    #[serde(default, borrow)]
    value: Option<Text<'a>>,
    #[serde(rename = "_base64", default, borrow)]
    base64: Option<Text<'a>>,
}

impl<'de: 'a, 'a> Deserialize<'de> for Header<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Header<'a>, D::Error> {
        deserializer.deserialize_any(HeaderVisitor)
    }
}

struct HeaderVisitor;

impl<'de> Visitor<'de> for HeaderVisitor {
    type Value = Header<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a header: an object with name and value, or a list of the two")
    }

    fn visit_map<A: MapAccess<'de>>(self, object: A) -> Result<Header<'de>, A::Error> {
        let HeaderObject { name, value, base64 } =
            HeaderObject::deserialize(value::MapAccessDeserializer::new(object))?;
        Ok(Header { name, value: value.unwrap_or_default(), base64 })
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Header<'de>, A::Error> {
        let mut next =
            |length| list.next_element()?.ok_or_else(|| de::Error::invalid_length(length, &"name and value"));
        Ok(Header { name: next(0)?, value: next(1)?, base64: None })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headers_are_objects_or_pairs() {
        let headers: Vec<Header<'_>> =
            serde_json::from_str(r#"[{"name":"A","value":"1","x":0},["B","2"],{"name":"C"}]"#).unwrap();
        let shown: Vec<_> =
            headers.iter().map(|header| format!("{}={}", header.name.to_str(), header.value.to_str())).collect();
        assert_eq!(shown, ["A=1", "B=2", "C="]);
    }
}
