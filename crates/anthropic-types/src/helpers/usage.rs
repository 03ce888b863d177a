//! Adding up usages.

use std::iter::Sum;
use std::ops::{Add, AddAssign};

use crate::{CacheCreation, OutputTokensDetails, ServerToolUsage, Usage};

impl Usage {
    /// All input tokens: those that were read anew, written to the cache, and read from it.
    pub fn total_input_tokens(&self) -> u64 {
        let cached = self.cache_creation_input_tokens.unwrap_or(0);
        let read = self.cache_read_input_tokens.unwrap_or(0);
        self.input_tokens
            .saturating_add(cached)
            .saturating_add(read)
    }
}

/// The tokens and calls of both. What is no number, such as the region, stays where both agree and
/// is left out otherwise; the steps (`iterations`) of the second follow those of the first; unknown
/// fields are those of the first.
///
/// ```
/// use anthropic_types::Usage;
///
/// let turns = [Usage::new(100, 20), Usage::new(150, 5).cache_read_input_tokens(90_u64)];
/// let all: Usage = turns.iter().sum();
/// assert_eq!((all.input_tokens, all.output_tokens), (250, 25));
/// assert_eq!(all.cache_read_input_tokens, Some(90));
/// ```
impl AddAssign<&Self> for Usage {
    #[inline]
    fn add_assign(&mut self, other: &Self) {
        add(&mut self.input_tokens, other.input_tokens);
        add(&mut self.output_tokens, other.output_tokens);
        add_some(
            &mut self.cache_creation_input_tokens,
            other.cache_creation_input_tokens,
        );
        add_some(
            &mut self.cache_read_input_tokens,
            other.cache_read_input_tokens,
        );
        if let Some(of) = &other.cache_creation {
            let sum = self
                .cache_creation
                .get_or_insert_with(|| CacheCreation::new(0, 0));
            add(
                &mut sum.ephemeral_1h_input_tokens,
                of.ephemeral_1h_input_tokens,
            );
            add(
                &mut sum.ephemeral_5m_input_tokens,
                of.ephemeral_5m_input_tokens,
            );
        }
        if let Some(of) = &other.output_tokens_details {
            let sum = &mut self.output_tokens_details;
            let sum = sum.get_or_insert_with(|| OutputTokensDetails::new(0));
            add(&mut sum.thinking_tokens, of.thinking_tokens);
        }
        if let Some(of) = &other.server_tool_use {
            let sum = self
                .server_tool_use
                .get_or_insert_with(|| ServerToolUsage::new(0, 0));
            add(&mut sum.web_fetch_requests, of.web_fetch_requests);
            add(&mut sum.web_search_requests, of.web_search_requests);
        }
        keep_common(&mut self.inference_geo, other.inference_geo.as_ref());
        keep_common(&mut self.service_tier, other.service_tier.as_ref());
        keep_common(&mut self.speed, other.speed.as_ref());
        keep_common(&mut self.fallback_credit, other.fallback_credit.as_ref());
        if let Some(of) = &other.iterations {
            let all = self.iterations.get_or_insert_with(Vec::new);
            all.extend(of.iter().cloned());
        }
    }
}

impl AddAssign for Usage {
    #[inline]
    fn add_assign(&mut self, other: Self) {
        *self += &other;
    }
}

impl Add for Usage {
    type Output = Self;

    #[inline]
    fn add(mut self, other: Self) -> Self {
        self += &other;
        self
    }
}

impl Add<&Self> for Usage {
    type Output = Self;

    #[inline]
    fn add(mut self, other: &Self) -> Self {
        self += other;
        self
    }
}

impl Add for &Usage {
    type Output = Usage;

    #[inline]
    fn add(self, other: Self) -> Usage {
        self.clone() + other
    }
}

impl Add<Usage> for &Usage {
    type Output = Usage;

    // Not the other way round: the steps of the first come first.
    #[inline]
    fn add(self, other: Usage) -> Usage {
        self.clone() + &other
    }
}

/// Of none it is zero.
impl<'a> Sum<&'a Self> for Usage {
    fn sum<I: Iterator<Item = &'a Self>>(mut usages: I) -> Self {
        let mut sum = usages.next().map_or_else(|| Self::new(0, 0), Clone::clone);
        usages.for_each(|usage| sum += usage);
        sum
    }
}

/// Of none it is zero.
impl Sum for Usage {
    fn sum<I: Iterator<Item = Self>>(mut usages: I) -> Self {
        let mut sum = usages.next().unwrap_or_else(|| Self::new(0, 0));
        usages.for_each(|usage| sum += &usage);
        sum
    }
}

#[inline]
fn add(sum: &mut u64, other: u64) {
    *sum = sum.saturating_add(other);
}

#[inline]
fn add_some(sum: &mut Option<u64>, other: Option<u64>) {
    if let Some(other) = other {
        *sum = Some(sum.unwrap_or(0).saturating_add(other));
    }
}

fn keep_common<T: PartialEq>(own: &mut Option<T>, other: Option<&T>) {
    if own.as_ref() != other {
        *own = None;
    }
}
