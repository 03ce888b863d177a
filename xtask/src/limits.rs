//! Bounds and defaults of fields, and how the docs word them.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::description::{Limit, Limits};

/// What the definitions of one field agree upon, or what the only one has that has any.
pub(crate) fn merge<'l>(all: impl Iterator<Item = &'l Limits>) -> Limits {
    let mut merged: BTreeMap<Limit, Option<Value>> = BTreeMap::new();
    for (limit, value) in all.flatten() {
        merged
            .entry(*limit)
            .and_modify(|known| {
                if known.as_ref() != Some(value) {
                    *known = None;
                }
            })
            .or_insert_with(|| Some(value.clone()));
    }
    let agreed = merged.into_iter();
    agreed
        .filter_map(|(limit, value)| Some((limit, value?)))
        .collect()
}

/// A sentence of what `text` lacks: `1 to 100; 20 by default.`
pub(crate) fn sentence(limits: &Limits, text: &str) -> Option<String> {
    let plain = text.replace(',', "");
    let said = |value: &Value| {
        let value = spelled(value);
        let is_part = |c: char| !c.is_ascii_alphanumeric() && c != '_';
        plain.split(is_part).any(|word| word == value)
    };
    let mut parts = Vec::new();
    for (low, high, unit) in [
        (Some(Limit::Min), Limit::Max, ""),
        (Some(Limit::MinLength), Limit::MaxLength, "characters"),
        (None, Limit::MaxBytes, "bytes of UTF-8"),
        (Some(Limit::MinItems), Limit::MaxItems, "entries"),
        (
            Some(Limit::MinKeyLength),
            Limit::MaxKeyLength,
            "characters a key",
        ),
        (None, Limit::MaxValueLength, "characters a value"),
    ] {
        let low = low.and_then(|low| limits.get(&low));
        let high = limits.get(&high);
        // Words that name the upper bound need not add that at least one is wanted.
        let is_low_said = |low: &Value| said(low) || (high.is_some() && low == 1);
        if low.is_none_or(is_low_said) && high.is_none_or(said) {
            continue;
        }
        let range = range(low, high);
        parts.push(if unit.is_empty() {
            range
        } else {
            format!("{range} {unit}")
        });
    }
    let mut out = parts.join(", ");
    let line = text.replace('\n', " ");
    // Words that speak of a default name it: `once by default`.
    if let Some(default) = limits.get(&Limit::Default) {
        let is_said = ["by default", "the default"]
            .iter()
            .any(|it| line.contains(it));
        if !is_said {
            let and = if out.is_empty() { "" } else { "; " };
            out = format!("{out}{and}{} by default", shown(default));
        }
    }
    (!out.is_empty()).then(|| format!("{}.", crate::words::sentence(&out)))
}

fn range(low: Option<&Value>, high: Option<&Value>) -> String {
    match (low, high) {
        (Some(low), Some(high)) if low == high => shown(low),
        (Some(low), Some(high)) => format!("{} to {}", shown(low), shown(high)),
        (Some(low), None) => format!("at least {}", shown(low)),
        (None, Some(high)) => format!("at most {}", shown(high)),
        (None, None) => String::new(),
    }
}

/// A value without marks, as `said` looks for it.
fn spelled(value: &Value) -> String {
    value
        .as_str()
        .map_or_else(|| value.to_string(), str::to_owned)
}

/// A number in groups of three from 10,000, a word as code.
fn shown(value: &Value) -> String {
    let Some(number) = value.as_u64().filter(|number| *number >= 10_000) else {
        return if value.is_number() {
            value.to_string()
        } else {
            format!("`{}`", spelled(value))
        };
    };
    let digits = number.to_string();
    let mut out = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at) % 3 == 0 {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn limits(json: &str) -> Limits {
        serde_json::from_str(json).unwrap()
    }

    #[test]
    fn bounds_become_a_sentence() {
        for (json, expected) in [
            (
                r#"{"min": 1, "max": 100, "default": 20}"#,
                "1 to 100; 20 by default.",
            ),
            (r#"{"max": 176400}"#, "At most 176,400."),
            (r#"{"default": false}"#, "`false` by default."),
            (
                r#"{"min_length": 1, "max_length": 255}"#,
                "1 to 255 characters.",
            ),
            (r#"{"min_length": 64, "max_length": 64}"#, "64 characters."),
            (
                r#"{"max_bytes": 102400}"#,
                "At most 102,400 bytes of UTF-8.",
            ),
            (r#"{"max_items": 20}"#, "At most 20 entries."),
            (
                r#"{"max_items": 16, "max_key_length": 64, "max_value_length": 512}"#,
                "At most 16 entries, at most 64 characters a key, at most 512 characters a value.",
            ),
        ] {
            assert_eq!(
                sentence(&limits(json), "").as_deref(),
                Some(expected),
                "{json}"
            );
        }
    }

    #[test]
    fn what_the_words_say_is_not_said_again() {
        let known = limits(r#"{"max": 102400, "default": 20}"#);
        let found = sentence(&known, "At most 102,400.");
        assert_eq!(found.as_deref(), Some("20 by default."));
        let found = sentence(
            &limits(r#"{"min_length": 1, "max_length": 64}"#),
            "Up to 64 characters.",
        );
        assert_eq!(found, None);
        let found = sentence(&known, "At most 102,400, 20 by default.");
        assert_eq!(found, None);
    }

    #[test]
    fn definitions_that_disagree_say_nothing() {
        let one = limits(r#"{"min": 1, "max": 100}"#);
        let other = limits(r#"{"min": 1, "max": 1000, "default": 20}"#);
        let merged = merge([&one, &other].into_iter());
        assert_eq!(merged, limits(r#"{"min": 1, "default": 20}"#));
    }

    #[test]
    fn an_unknown_bound_is_an_error() {
        assert!(serde_json::from_str::<Limits>(r#"{"maximum": 1}"#).is_err());
    }
}
