//! Free JSON: values whose shape the API leaves open, kept as they were sent.

use std::fmt;
use std::str::FromStr;
use std::sync::{Arc, LazyLock};

use serde::de::{Deserialize, DeserializeOwned, Deserializer, Error as _, MapAccess, Visitor};
use serde::ser::{Serialize, SerializeStruct, Serializer};
use serde_json::value::RawValue;

use crate::codec::{Decode, DecodeError, Encode, Place, Source, Writer, check_finite, sealed};
use crate::node::{Node, NodeVisitor};

/// A JSON value of any shape: tool input, schemas, metadata.
///
/// The text is kept as it was sent (the order of keys, every digit of a number, the spacing), so
/// that echoing it back changes nothing. Looking inside is explicit: [`get`](Self::get) decodes
/// into a type of yours, [`to_value`](Self::to_value) gives a `serde_json::Value`. Cloning is
/// cheap.
///
/// Two values are equal when they mean the same: spacing and the order of keys don't count. One
/// that [cannot be read](Self::try_to_value) equals only its own text.
///
/// ```
/// use anthropic_types::Json;
///
/// let json: Json = serde_json::from_str(r#"{"b": 1, "a": 12345678901234567890123}"#)?;
/// assert_eq!(json.as_str(), r#"{"b": 1, "a": 12345678901234567890123}"#);
///
/// #[derive(serde::Deserialize)]
/// struct Input { b: u8 }
/// assert_eq!(json.get::<Input>()?.b, 1);
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone)]
pub struct Json(Arc<Inner>);

struct Inner {
    text: Box<str>,
    invalid: Option<InvalidJson>,
}

/// Text that was meant to be JSON and is not, such as a tool input that the model wrote wrongly.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct InvalidJson {
    /// The text as it came.
    pub text: String,
    /// What is wrong with it, and where.
    pub reason: String,
}

impl Json {
    /// Encodes a value.
    ///
    /// # Errors
    ///
    /// When `value` has no JSON form, such as a map whose keys are not strings, or a number that is
    /// not finite.
    pub fn new(value: &(impl Serialize + ?Sized)) -> Result<Self, serde_json::Error> {
        let text = serde_json::to_string(value)?;
        check_finite(value, &text)?;
        Ok(Self::from_valid(&text))
    }

    /// Takes JSON text as it is.
    ///
    /// # Errors
    ///
    /// When `text` is not one JSON value.
    pub fn parse(text: &str) -> Result<Self, serde_json::Error> {
        serde_json::from_str::<&RawValue>(text).map(|raw| Self::from_valid(raw.get()))
    }

    /// Takes text that was meant to be JSON. If it is not, the value is that text as a JSON string,
    /// and [`invalid`](Self::invalid) is `true`.
    ///
    /// A model may write a tool input that does not parse; this keeps it, whole, in its place.
    ///
    /// ```
    /// use anthropic_types::Json;
    ///
    /// let input = Json::recover(r#"{"pattern": "a+"}"#);
    /// assert!(input.invalid().is_none());
    /// let input = Json::recover(r#"{"pattern": "\d"}"#);
    /// assert_eq!(input.invalid().unwrap().text, r#"{"pattern": "\d"}"#);
    /// ```
    pub fn recover(text: &str) -> Self {
        Self::parse(text).unwrap_or_else(|error| {
            let mut out = Writer::default();
            out.string(text);
            let invalid = InvalidJson {
                text: text.to_owned(),
                reason: error.to_string(),
            };
            Self(Arc::new(Inner {
                text: out.into_text().into(),
                invalid: Some(invalid),
            }))
        })
    }

    /// The text and the reason, where the value was [recovered](Self::recover) from text that is
    /// not JSON.
    pub fn invalid(&self) -> Option<&InvalidJson> {
        self.0.invalid.as_ref()
    }

    /// Takes text that is known to be JSON.
    pub(crate) fn from_valid(text: &str) -> Self {
        Self(Arc::new(Inner {
            text: text.into(),
            invalid: None,
        }))
    }

    /// The JSON text.
    pub fn as_str(&self) -> &str {
        &self.0.text
    }

    /// Decodes the value into a type of yours.
    ///
    /// # Errors
    ///
    /// When the value does not have that type's shape.
    pub fn get<T: DeserializeOwned>(&self) -> Result<T, serde_json::Error> {
        serde_json::from_str(&self.0.text)
    }

    /// The value as a tree.
    ///
    /// Keys are sorted unless your program turns on serde_json's `preserve_order`; integers beyond
    /// 64 bits become floats. The text behind [`as_str`](Self::as_str) has neither limit. A value
    /// that no tree can hold becomes its text, as a string; [`try_to_value`](Self::try_to_value)
    /// fails there.
    #[inline]
    pub fn to_value(&self) -> serde_json::Value {
        self.try_to_value()
            .unwrap_or_else(|_| serde_json::Value::String(self.as_str().to_owned()))
    }

    /// The value as a tree, if a tree can hold it.
    ///
    /// # Errors
    ///
    /// When the value is nested 128 levels deep or deeper, has a number beyond the range of `f64`
    /// (such as `1e400`), or a string with half of a surrogate pair.
    ///
    /// ```
    /// use anthropic_types::Json;
    ///
    /// let half = Json::parse(r#"{"half": "\ud800"}"#)?;
    /// assert!(half.try_to_value().is_err());
    /// assert_eq!(half.to_value(), half.as_str());
    /// # Ok::<(), serde_json::Error>(())
    /// ```
    #[inline]
    pub fn try_to_value(&self) -> Result<serde_json::Value, serde_json::Error> {
        serde_json::from_str(&self.0.text)
    }

    /// Whether this is `null`.
    pub fn is_null(&self) -> bool {
        &*self.0.text == "null"
    }
}

impl Default for Json {
    /// `null`.
    fn default() -> Self {
        Self::from_valid("null")
    }
}

impl fmt::Debug for Json {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.invalid() {
            Some(invalid) => f.debug_tuple("Json").field(invalid).finish(),
            None => write!(f, "Json({})", self.0.text),
        }
    }
}

impl fmt::Display for Json {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.text)
    }
}

impl PartialEq for Json {
    #[inline]
    fn eq(&self, other: &Self) -> bool {
        self.0.text == other.0.text
            || matches!((self.try_to_value(), other.try_to_value()), (Ok(one), Ok(other)) if one == other)
    }
}

impl PartialEq<serde_json::Value> for Json {
    #[inline]
    fn eq(&self, other: &serde_json::Value) -> bool {
        self.try_to_value().is_ok_and(|value| value == *other)
    }
}

impl FromStr for Json {
    type Err = serde_json::Error;

    /// [`Json::parse`].
    fn from_str(text: &str) -> Result<Self, serde_json::Error> {
        Self::parse(text)
    }
}

impl From<serde_json::Value> for Json {
    #[inline]
    fn from(value: serde_json::Value) -> Self {
        Self::from_valid(&value.to_string())
    }
}

impl From<&serde_json::Value> for Json {
    #[inline]
    fn from(value: &serde_json::Value) -> Self {
        Self::from_valid(&value.to_string())
    }
}

impl From<Json> for serde_json::Value {
    #[inline]
    fn from(json: Json) -> Self {
        json.to_value()
    }
}

impl sealed::Sealed for Json {}

impl Decode for Json {
    fn vacant() -> Self {
        Self::default()
    }
}

impl Place for Json {
    fn decode(&mut self, source: &mut dyn Source) -> Result<(), DecodeError> {
        source.raw(&mut |text, _| {
            *self = Self::from_valid(text);
            Ok(())
        })
    }
}

impl Encode for Json {
    fn encode(&self, out: &mut Writer) {
        out.raw(&self.0.text);
    }
}

/// The name by which serde_json recognises a request for raw text.
///
/// It is private to serde_json, so it is asked for: `RawValue` itself passes it to the deserializer
/// that it is given.
static RAW_TOKEN: LazyLock<&'static str> = LazyLock::new(|| {
    let mut token = "";
    // The probe stops with an error once it has heard the name.
    let _ = <&RawValue>::deserialize(Probe(&mut token));
    token
});

struct Probe<'a>(&'a mut &'static str);

impl<'de> Deserializer<'de> for Probe<'_> {
    type Error = serde::de::value::Error;

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        name: &'static str,
        _visitor: V,
    ) -> Result<V::Value, Self::Error> {
        *self.0 = name;
        Err(Self::Error::custom("only the name was wanted"))
    }

    fn deserialize_any<V: Visitor<'de>>(self, _visitor: V) -> Result<V::Value, Self::Error> {
        Err(Self::Error::custom("only the name was wanted"))
    }

    serde::forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf option
        unit unit_struct seq tuple tuple_struct map struct enum identifier ignored_any
    }
}

impl<'de> Deserialize<'de> for Json {
    /// Takes raw text from serde_json and rebuilds it from any other self-describing format.
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_newtype_struct(&RAW_TOKEN, JsonVisitor)
    }
}

/// Accepts what serde_json returns for [`RAW_TOKEN`], and whatever another format has instead.
struct JsonVisitor;

/// Builds the text of a value that did not come as text.
fn rebuilt<E: serde::de::Error>(node: Result<Node, E>) -> Result<Json, E> {
    Json::new(&node?).map_err(E::custom)
}

macro_rules! as_nodes {
    ($($method:ident($type:ty))*) => {
        $(
            fn $method<E: serde::de::Error>(self, value: $type) -> Result<Json, E> {
                rebuilt(NodeVisitor.$method(value))
            }
        )*
    };
}

impl<'de> Visitor<'de> for JsonVisitor {
    type Value = Json;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any value")
    }

    fn visit_newtype_struct<D: Deserializer<'de>>(self, inner: D) -> Result<Json, D::Error> {
        rebuilt(Node::deserialize(inner))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Json, A::Error> {
        let Some(key) = map.next_key::<String>()? else {
            return Ok(Json::from_valid("{}"));
        };
        if key == *RAW_TOKEN {
            return map.next_value::<RawText>().map(|raw| raw.0);
        }
        rebuilt(Node::rest_of_map(key, map))
    }

    fn visit_unit<E>(self) -> Result<Json, E> {
        Ok(Json::default())
    }

    fn visit_none<E>(self) -> Result<Json, E> {
        Ok(Json::default())
    }

    fn visit_some<D: Deserializer<'de>>(self, inner: D) -> Result<Json, D::Error> {
        rebuilt(Node::deserialize(inner))
    }

    fn visit_seq<A: serde::de::SeqAccess<'de>>(self, list: A) -> Result<Json, A::Error> {
        rebuilt(Node::list(list))
    }

    as_nodes! {
        visit_bool(bool) visit_i64(i64) visit_u64(u64) visit_i128(i128) visit_u128(u128)
        visit_f64(f64) visit_str(&str) visit_bytes(&[u8])
    }
}

/// The raw text that serde_json hands over as the value of [`RAW_TOKEN`].
struct RawText(Json);

impl<'de> Deserialize<'de> for RawText {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct TextVisitor;

        impl Visitor<'_> for TextVisitor {
            type Value = RawText;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("JSON text")
            }

            fn visit_str<E>(self, text: &str) -> Result<RawText, E> {
                Ok(RawText(Json::from_valid(text)))
            }
        }

        from.deserialize_str(TextVisitor)
    }
}

impl Serialize for Json {
    /// Gives serde_json the text as it is; any other format gets the value piece by piece.
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        if takes_raw_text::<S>() {
            return serialize_raw(&self.0.text, to);
        }
        let node: Node = serde_json::from_str(&self.0.text).map_err(serde::ser::Error::custom)?;
        node.serialize(to)
    }
}

/// Gives text to a serializer that [takes raw text](takes_raw_text).
pub(crate) fn serialize_raw<S: Serializer>(text: &str, to: S) -> Result<S::Ok, S::Error> {
    let mut raw = to.serialize_struct(&RAW_TOKEN, 1)?;
    raw.serialize_field(&RAW_TOKEN, text)?;
    raw.end()
}

/// Whether `S` is one of serde_json's own serializers that write raw text as it is.
///
/// There is no other way to ask. A wrong result costs at most the spacing and the digits beyond 64
/// bits: without raw text the value is written piece by piece, which is right everywhere. The
/// pretty printer is left out so that nested values are indented with the rest.
pub(crate) fn takes_raw_text<S>() -> bool {
    let name = std::any::type_name::<S>().trim_start_matches("&mut ");
    name == std::any::type_name::<serde_json::value::Serializer>()
        || (name.starts_with("serde_json::ser::Serializer<") && !name.contains("PrettyFormatter"))
}
