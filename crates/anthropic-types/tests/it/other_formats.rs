//! Free JSON and other formats: what they have beside JSON's values, and ways of handing over that
//! serde_json does not use.

use std::collections::BTreeMap;
use std::fmt::Debug;

use anthropic_types::Json;
use serde::de::value::{BytesDeserializer, EnumAccessDeserializer, Error};
use serde::de::{Deserialize, Deserializer, IntoDeserializer, Visitor};
use serde::forward_to_deserialize_any;
use serde_json::value::RawValue;
use serde_json::{Value, json};

/// Reads a value that is handed over as it is, without the newtype that is asked for.
fn plain<'de, D: IntoDeserializer<'de, Error>>(value: D) -> String {
    let json = Json::deserialize(value.into_deserializer()).unwrap();
    json.as_str().to_owned()
}

#[test]
fn values_that_are_handed_over_as_they_are() {
    assert_eq!(plain(true), "true");
    assert_eq!(plain(-3_i8), "-3");
    assert_eq!(plain(u64::MAX), u64::MAX.to_string());
    assert_eq!(plain(1.5), "1.5");
    assert_eq!(plain("a\"b"), r#""a\"b""#);
    assert_eq!(plain("a".to_owned()), r#""a""#);
    assert_eq!(plain(()), "null");
    assert_eq!(plain(vec![1_u8, 2]), "[1,2]");
    assert_eq!(plain(BTreeMap::from([("b", 1_u8)])), r#"{"b":1}"#);
    assert_eq!(plain(BTreeMap::<&str, u8>::new()), "{}");
    let error = Json::deserialize(EnumAccessDeserializer::new(
        IntoDeserializer::<Error>::into_deserializer("Variant"),
    ));
    let error = error.unwrap_err().to_string();
    assert_eq!(error, "invalid type: enum, expected any value");
}

/// A format that distinguishes a value from one that may be absent.
struct Maybe(Option<u64>);

impl<'de> Deserializer<'de> for Maybe {
    type Error = Error;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        match self.0 {
            Some(value) => visitor.visit_some(value.into_deserializer()),
            None => visitor.visit_none(),
        }
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf option
        unit unit_struct newtype_struct seq tuple tuple_struct map struct enum identifier
        ignored_any
    }
}

#[test]
fn a_value_that_may_be_absent_is_the_value_or_null() {
    assert_eq!(Json::deserialize(Maybe(Some(5))).unwrap(), json!(5));
    assert_eq!(Json::deserialize(Maybe(None)).unwrap(), Value::Null);
}

#[test]
fn raw_text_must_be_text() {
    // The name by which serde_json hands it over, as another format sees it.
    let raw = RawValue::from_string("1".to_owned()).unwrap();
    let shown = ciborium::Value::serialized(&raw).unwrap();
    let token = shown.as_map().unwrap()[0].0.as_text().unwrap();
    assert_eq!(plain(BTreeMap::from([(token, "[1, 2]")])), "[1, 2]");
    let map = BTreeMap::from([(token, 5_u8)]).into_deserializer();
    let error =
        <Json as Deserialize>::deserialize::<serde::de::value::MapDeserializer<'_, _, Error>>(map);
    let error = error.unwrap_err().to_string();
    assert_eq!(error, "invalid type: integer `5`, expected JSON text");
}

/// The value, inside a list and by itself, after it went through CBOR.
fn through_cbor(value: &(impl serde::Serialize + Debug)) -> Json {
    let read = |bytes: &[u8]| ciborium::from_reader::<Json, _>(bytes).unwrap();
    let mut bytes = Vec::new();
    ciborium::into_writer(value, &mut bytes).unwrap();
    let json = read(&bytes);
    bytes.clear();
    ciborium::into_writer(&[value], &mut bytes).unwrap();
    assert_eq!(read(&bytes).as_str(), format!("[{json}]"), "{value:?}");
    json
}

#[test]
fn integers_of_128_bits_keep_their_digits() {
    fn check<T>(number: T)
    where
        T: serde::Serialize + IntoDeserializer<'static, Error> + Debug + ToString + Copy,
    {
        let text = number.to_string();
        assert_eq!(through_cbor(&number).as_str(), text);
        assert_eq!(plain(number), text);
        let from_yaml: Json = serde_norway::from_str(&text).unwrap();
        assert_eq!(from_yaml.as_str(), text);
    }
    let large = [1_u128 << 64, 1 << 100, i128::MAX.unsigned_abs(), u128::MAX];
    large.into_iter().for_each(check);
    let negative = [i128::from(i64::MIN) - 1, -1 << 100, i128::MIN];
    negative.into_iter().for_each(check);
}

#[test]
fn bytes_are_a_list_of_numbers() {
    let bytes = ciborium::Value::Bytes(vec![0, 255]);
    assert_eq!(through_cbor(&bytes).as_str(), "[0,255]");
    let json = Json::deserialize(BytesDeserializer::<Error>::new(&[0, 255]));
    assert_eq!(json.unwrap().as_str(), "[0,255]");
}

#[test]
fn a_string_of_digits_stays_a_string() {
    let value = json!({"zip": "12345"});
    assert_eq!(through_cbor(&value).as_str(), value.to_string());
    let yaml = serde_norway::from_str::<Json>("zip: '12345'\nlist: [{no: '1.5'}]").unwrap();
    assert_eq!(yaml.as_str(), r#"{"zip":"12345","list":[{"no":"1.5"}]}"#);
}

#[test]
fn what_json_has_nothing_for_is_refused() {
    let error = serde_norway::from_str::<Json>("[!tag x]").unwrap_err();
    assert!(error.to_string().contains("expected any value"), "{error}");
}
