//! Scalars and free JSON: what is odd but allowed.

use fastrand::Rng;

const STRINGS: &[&str] = &[
    "",
    "hello",
    "Grüße, 世界 — عالم",
    "👩‍👩‍👧‍👦 \u{10ffff}",
    "quote \" backslash \\ slash / tab \t line\nend\r\n",
    "\u{0}\u{1f}\u{7f}\u{85}\u{2028}\u{feff}",
    "null",
    "true",
    "~",
    "1.0",
    "0x1F",
    "- a: b # c",
    "  spaces  ",
    "2026-01-01",
    "{\"type\":\"text\"}",
    "<script>&amp;</script>",
];

const INTEGERS: &[&str] = &[
    "0",
    "1",
    "42",
    "4096",
    "9007199254740993",
    "9223372036854775807",
    "7.0",
];

const FLOATS: &[&str] = &[
    "0",
    "1",
    "0.5",
    "0.1",
    "1.0",
    "-0.25",
    "1e-7",
    "5e-324",
    "1.7976931348623157e308",
    "123456789.125",
];

const DATETIMES: &[&str] = &[
    "2026-10-21T12:34:56Z",
    "2026-10-21T12:34:56.789Z",
    "2026-10-21T12:34:56.123456789Z",
    "2024-02-29T23:59:59+02:00",
    "1970-01-01T00:00:00-11:30",
    "2026-10-21T12:34:56.000000+00:00",
];

const FREE: &[&str] = &[
    "null",
    "true",
    "\"\"",
    "\"\\u00fc\\ud83d\\ude00\\/\"",
    "0",
    "-0.0",
    "1.50",
    "1E5",
    "18446744073709551615",
    "-9223372036854775808",
    "[]",
    "{}",
    "{ }",
    "{\"b\":1,\"a\":2,\"10\":3,\"9\":4}",
    "{\"z\" : [1, 2.0 ,3e0],\n \"a\" : { \"\": null } }",
    "[[[]],{\"type\":\"text\",\"text\":1}]",
    "{\"$serde_json::private::Number\":\"1\"}",
];

/// Only kept as text: more than 64 bits, more than a float's range, a key that comes twice.
const HUGE: &[&str] = &[
    "123456789012345678901234567890",
    "-18446744073709551616.5",
    "1e999",
    "0.1000000000000000055511151231257827021181583404541015625",
    "{\"a\":1,\"a\":[2]}",
];

fn one_of(rng: &mut Rng, texts: &'static [&'static str]) -> String {
    texts[rng.usize(..texts.len())].to_owned()
}

pub(crate) fn string(rng: &mut Rng) -> String {
    one_of(rng, STRINGS)
}

pub(crate) fn integer(rng: &mut Rng) -> String {
    one_of(rng, INTEGERS)
}

pub(crate) fn float(rng: &mut Rng) -> String {
    one_of(rng, FLOATS)
}

pub(crate) fn datetime(rng: &mut Rng) -> String {
    one_of(rng, DATETIMES)
}

/// A JSON text of any shape.
pub(crate) fn json(rng: &mut Rng, has_huge_numbers: bool) -> String {
    match rng.u8(..4) {
        0 if has_huge_numbers => one_of(rng, HUGE),
        1 => {
            let (one, other) = (one_of(rng, FREE), json(rng, has_huge_numbers));
            format!("{{\"second\": {one}, \"first\":{other}}}")
        }
        2 => {
            let (one, other) = (one_of(rng, FREE), json(rng, has_huge_numbers));
            format!("[{one} ,\t{other}]")
        }
        _ => one_of(rng, FREE),
    }
}
