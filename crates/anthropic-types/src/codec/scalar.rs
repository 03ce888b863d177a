//! Numbers and booleans, as serde's visitors read them.
//!
//! What is meant counts, not how it is written: an integer may come as `3.0`.

use std::fmt;
use std::marker::PhantomData;

use serde::de::Visitor;

use super::source::Lenient;

/// Reads one number or boolean.
pub(super) struct Scalar<'m, T>(Lenient<'m>, PhantomData<T>);

impl<'m, T> Scalar<'m, T> {
    pub(super) fn new(lenient: Lenient<'m>) -> Self {
        Self(lenient, PhantomData)
    }
}

impl Visitor<'_> for Scalar<'_, bool> {
    type Value = bool;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("true or false")
    }

    fn visit_bool<E>(self, value: bool) -> Result<bool, E> {
        Ok(value)
    }
}

/// Integers also arrive written as `3.0`; anything with a fraction is refused, or rounded in the
/// lenient pass.
fn whole(mut value: f64, lenient: Lenient<'_>) -> Option<i64> {
    // Beyond 2^53 a float no longer shows which integer was meant.
    const EXACT: f64 = 9_007_199_254_740_992.0;
    if let (Some(notes), true) = (lenient, value.fract() != 0.0) {
        notes.rounded.set(true);
        value = value.round();
    }
    let is_exact = value.fract() == 0.0 && value.abs() <= EXACT;
    #[expect(clippy::cast_possible_truncation, reason = "whole and within 2^53")]
    is_exact.then_some(value as i64)
}

impl Visitor<'_> for Scalar<'_, u64> {
    type Value = u64;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an integer that is not negative")
    }

    fn visit_u64<E>(self, value: u64) -> Result<u64, E> {
        Ok(value)
    }

    fn visit_i64<E: serde::de::Error>(self, value: i64) -> Result<u64, E> {
        u64::try_from(value)
            .map_err(|_| E::invalid_value(serde::de::Unexpected::Signed(value), &self))
    }

    fn visit_f64<E: serde::de::Error>(self, value: f64) -> Result<u64, E> {
        whole(value, self.0)
            .and_then(|whole| u64::try_from(whole).ok())
            .ok_or_else(|| E::invalid_value(serde::de::Unexpected::Float(value), &self))
    }
}

impl Visitor<'_> for Scalar<'_, i64> {
    type Value = i64;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an integer")
    }

    fn visit_i64<E>(self, value: i64) -> Result<i64, E> {
        Ok(value)
    }

    fn visit_u64<E: serde::de::Error>(self, value: u64) -> Result<i64, E> {
        i64::try_from(value)
            .map_err(|_| E::invalid_value(serde::de::Unexpected::Unsigned(value), &self))
    }

    fn visit_f64<E: serde::de::Error>(self, value: f64) -> Result<i64, E> {
        whole(value, self.0)
            .ok_or_else(|| E::invalid_value(serde::de::Unexpected::Float(value), &self))
    }
}

impl Visitor<'_> for Scalar<'_, f64> {
    type Value = f64;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a number")
    }

    fn visit_f64<E>(self, value: f64) -> Result<f64, E> {
        Ok(value)
    }

    #[expect(
        clippy::cast_precision_loss,
        reason = "the field is a float: this is its value"
    )]
    fn visit_u64<E>(self, value: u64) -> Result<f64, E> {
        Ok(value as f64)
    }

    #[expect(
        clippy::cast_precision_loss,
        reason = "the field is a float: this is its value"
    )]
    fn visit_i64<E>(self, value: i64) -> Result<f64, E> {
        Ok(value as f64)
    }
}
