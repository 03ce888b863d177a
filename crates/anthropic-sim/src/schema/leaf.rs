//! The leaves of an instance: numbers within their bounds, strings of their format and length.

use std::borrow::Cow;

use serde_json::{Number, Value};

use super::{MAX_LENGTH, pattern};

/// The keywords that official clients move into the description, for the API does not enforce them.
const HINTS: [&str; 9] = [
    "minimum",
    "maximum",
    "exclusiveMinimum",
    "exclusiveMaximum",
    "multipleOf",
    "minLength",
    "maxLength",
    "minItems",
    "maxItems",
];

/// The schema with the bounds that its description ends in:
/// `Degrees.\n\n{minimum: 250, maximum: 320}`. A model reads them there, and the client checks its
/// response by them.
pub(super) fn with_hints(schema: &Value) -> Cow<'_, Value> {
    let plain = Cow::Borrowed(schema);
    let Some(description) = schema.get("description").and_then(Value::as_str) else {
        return plain;
    };
    let inside = description.trim_end().strip_suffix('}');
    let Some((_, hints)) = inside.and_then(|text| text.rsplit_once('{')) else {
        return plain;
    };
    if !HINTS.iter().any(|name| hints.contains(name)) {
        return plain;
    }
    let mut hinted = schema.clone();
    if let Some(fields) = hinted.as_object_mut() {
        for (name, value) in hints.split(", ").filter_map(|hint| hint.split_once(": ")) {
            if let (true, Ok(number)) = (HINTS.contains(&name), value.parse::<Number>()) {
                fields.insert(name.to_owned(), Value::Number(number));
            }
        }
    }
    Cow::Owned(hinted)
}

pub(super) fn kind(schema: &Value) -> &str {
    let named = match schema.get("type") {
        Some(Value::Array(kinds)) => kinds
            .iter()
            .filter_map(Value::as_str)
            .find(|kind| *kind != "null")
            .or(Some("null")),
        Some(kind) => kind.as_str(),
        None => None,
    };
    let has = |names: &[&str]| names.iter().any(|name| schema.get(name).is_some());
    named.unwrap_or_else(|| match () {
        () if has(&[
            "properties",
            "required",
            "additionalProperties",
            "minProperties",
        ]) =>
        {
            "object"
        }
        () if has(&["items", "prefixItems", "contains", "minItems"]) => "array",
        () if has(&[
            "minimum",
            "maximum",
            "exclusiveMinimum",
            "exclusiveMaximum",
            "multipleOf",
        ]) =>
        {
            "number"
        }
        () => "string",
    })
}

pub(super) fn bound(schema: &Value, name: &str) -> Option<usize> {
    schema
        .get(name)?
        .as_u64()
        .and_then(|bound| usize::try_from(bound).ok())
}

/// The smallest and the largest value, and whether each is itself left out.
struct Range {
    least: Option<(f64, bool)>,
    most: Option<(f64, bool)>,
    step: Option<f64>,
}

impl Range {
    fn of(schema: &Value) -> Self {
        let limit = |name: &str| schema.get(name).and_then(Value::as_f64);
        let narrower = |inclusive: &str, exclusive: &str, sign: f64| {
            // An old form has `exclusiveMinimum: true` beside `minimum`.
            let also = schema.get(exclusive) == Some(&Value::Bool(true));
            match (limit(inclusive), limit(exclusive)) {
                (Some(one), Some(other)) if one * sign > other * sign => Some((one, also)),
                (_, Some(other)) => Some((other, true)),
                (Some(one), None) => Some((one, also)),
                (None, None) => None,
            }
        };
        Self {
            least: narrower("minimum", "exclusiveMinimum", 1.0),
            most: narrower("maximum", "exclusiveMaximum", -1.0),
            step: limit("multipleOf").filter(|step| *step > 0.0),
        }
    }

    fn holds(&self, value: f64) -> bool {
        self.least
            .is_none_or(|(least, out)| if out { value > least } else { value >= least })
            && self
                .most
                .is_none_or(|(most, out)| if out { value < most } else { value <= most })
    }

    /// The value on the grid of `step` that is nearest to 1 in the range, and the `variant`th after
    /// that.
    fn on_grid(&self, step: f64, variant: f64) -> f64 {
        let from = self.least.map_or(1.0, |(least, _)| least.max(1.0));
        let up = (from / step).ceil();
        let up = if self.holds(up * step) { up } else { up + 1.0 };
        let upwards = (up + variant) * step;
        if self.holds(upwards) {
            return upwards;
        }
        let from = self.most.map_or(1.0, |(most, _)| most.min(1.0));
        let from = if self.holds(up * step) {
            up * step
        } else {
            from
        };
        let down = (from / step).floor();
        let down = if self.holds(down * step) {
            down
        } else {
            down - 1.0
        };
        (down - variant) * step
    }
}

/// A whole number in the schema's range, 1 where that fits.
pub(super) fn integer(schema: &Value, variant: usize) -> Value {
    let range = Range::of(schema);
    let step = range.step.filter(|step| step.fract() == 0.0).unwrap_or(1.0);
    let fitted = range.on_grid(step, small(variant));
    let whole = format!("{fitted:.0}").parse::<i64>().ok();
    // A bound beyond the whole numbers of a double is itself the nearest.
    let exact = ["minimum", "maximum"]
        .into_iter()
        .filter_map(|name| schema.get(name))
        .find(|bound| bound.as_f64() == Some(fitted));
    exact
        .filter(|bound| !bound.is_f64())
        .cloned()
        .or_else(|| whole.map(Value::from))
        .unwrap_or(Value::Null)
}

/// A number in the schema's range, 1 where that fits.
pub(super) fn number(schema: &Value, variant: usize) -> Value {
    let range = Range::of(schema);
    let fitted = match (range.step, range.least, range.most) {
        (Some(step), _, _) => range.on_grid(step, small(variant)),
        _ if variant == 0 && range.holds(1.0) => 1.0,
        (None, Some((least, _)), Some((most, _))) => {
            least + (most - least) / (2.0 + small(variant))
        }
        (None, Some((least, _)), None) => least.max(0.0) + 1.0 + small(variant),
        (None, None, Some((most, _))) => most.min(2.0) - 1.0 - small(variant),
        (None, None, None) => 1.0 + small(variant),
    };
    Number::from_f64(fitted).map_or(Value::Null, Value::Number)
}

fn small(variant: usize) -> f64 {
    u32::try_from(variant).map_or(0.0, f64::from)
}

/// A text of the schema's pattern, or else of its format, or else of its length. One that
/// mentions the pattern where no text of it is found.
pub(super) fn string(schema: &Value, name: &str, variant: usize) -> String {
    let most = bound(schema, "maxLength").unwrap_or(usize::MAX);
    let least = bound(schema, "minLength")
        .unwrap_or(0)
        .min(most)
        .min(MAX_LENGTH);
    let given = |name: &str| schema.get(name).and_then(Value::as_str);
    let pattern = given("pattern");
    let matching = |pattern| pattern::text(pattern, least, most, variant);
    let format = given("format");
    let formatted = || format.and_then(|format| formatted(format, variant));
    if let Some(text) = pattern.and_then(matching).or_else(formatted) {
        return text;
    }
    let beside = pattern.map_or("", |_| ", which may not match its pattern");
    let text = match variant {
        0 => format!("simulated {name}{beside}"),
        _ => format!("{} simulated {name}{beside}", variant + 1),
    };
    text.chars()
        .chain(std::iter::repeat('.'))
        .take(text.chars().count().max(least).min(most))
        .collect()
}

fn formatted(format: &str, variant: usize) -> Option<String> {
    let second = variant % 60;
    Some(match format {
        "date-time" => format!("2026-11-01T00:00:{second:02}Z"),
        "date" => format!("2026-11-{:02}", variant % 30 + 1),
        "time" => format!("00:00:{second:02}Z"),
        "duration" => format!("PT{}S", variant + 1),
        "email" | "idn-email" => match variant {
            0 => "simulator@example.com".to_owned(),
            _ => format!("simulator{variant}@example.com"),
        },
        "hostname" | "idn-hostname" => match variant {
            0 => "example.com".to_owned(),
            _ => format!("host{variant}.example.com"),
        },
        "ipv4" => format!("192.0.2.{}", variant % 255 + 1),
        "ipv6" => format!("2001:db8::{:x}", variant % 0xffff + 1),
        "uri" | "url" | "iri" | "uri-reference" | "iri-reference" => match variant {
            0 => "https://example.com/".to_owned(),
            _ => format!("https://example.com/{variant}"),
        },
        "uuid" => format!("00000000-0000-4000-8000-{:012x}", variant + 1),
        "json-pointer" => format!("/{variant}"),
        "byte" => "c2ltdWxhdGVk".to_owned(),
        _ => return None,
    })
}
