//! Points in time, as the API writes them (RFC 3339).

use std::cmp::Ordering;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::str::FromStr;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use crate::codec::{Decode, DecodeError, Encode, Place, Source, Writer};

/// A point in time.
///
/// The text is kept as the API sent it, so that nothing is lost on the way back; comparing goes by
/// the instant that it means (`2026-01-01T00:00:00Z` equals `2026-01-01T01:00:00+01:00`).
/// Conversions to `jiff`, `chrono` and `time` are behind the features of these names; `SystemTime`
/// needs none.
#[derive(Clone, Default)]
pub struct Timestamp(String);

impl Timestamp {
    /// Takes the text of a timestamp as it is; text that is not RFC 3339 is kept but means no
    /// instant.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The text as it was sent.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whole seconds and nanoseconds since 1970-01-01T00:00:00Z; nothing when the text is not RFC
    /// 3339.
    pub fn unix(&self) -> Option<(i64, u32)> {
        parse(self.0.as_bytes())
    }

    /// The instant as a `SystemTime`; nothing when the text is not RFC 3339.
    pub fn to_system_time(&self) -> Option<SystemTime> {
        let (seconds, nanos) = self.unix()?;
        let whole = Duration::from_secs(seconds.unsigned_abs());
        let base = if seconds >= 0 {
            UNIX_EPOCH.checked_add(whole)
        } else {
            UNIX_EPOCH.checked_sub(whole)
        };
        base?.checked_add(Duration::from_nanos(nanos.into()))
    }
}

/// Reads RFC 3339, with `T`, `t` or a space before the time and any number of decimals.
fn parse(text: &[u8]) -> Option<(i64, u32)> {
    let year = digits(text.get(0..4)?)?;
    let month = digits(text.get(5..7)?)?;
    let day = digits(text.get(8..10)?)?;
    let hour = digits(text.get(11..13)?)?;
    let minute = digits(text.get(14..16)?)?;
    let second = digits(text.get(17..19)?)?;
    let separators = [text.get(4)?, text.get(7)?, text.get(13)?, text.get(16)?];
    let is_valid = separators == [&b'-', &b'-', &b':', &b':']
        && matches!(text.get(10)?, b'T' | b't' | b' ')
        && (1..=12).contains(&month)
        && (1..=days_in_month(year, month)).contains(&day)
        && hour < 24
        && minute < 60
        && second <= 60;
    if !is_valid {
        return None;
    }
    let (nanos, zone) = decimals(text.get(19..)?)?;
    let local = days_since_epoch(year, month, day) * 86_400 + hour * 3_600 + minute * 60 + second;
    Some((local - offset(zone)?, nanos))
}

fn digits(text: &[u8]) -> Option<i64> {
    text.iter().try_fold(0, |value, byte| {
        byte.is_ascii_digit()
            .then(|| value * 10 + i64::from(byte - b'0'))
    })
}

/// The decimals of a second, cut to nanoseconds, and what follows them.
fn decimals(text: &[u8]) -> Option<(u32, &[u8])> {
    let Some(rest) = text.strip_prefix(b".") else {
        return Some((0, text));
    };
    let length = rest.iter().take_while(|byte| byte.is_ascii_digit()).count();
    let (decimals, zone) = rest.split_at(length);
    if decimals.is_empty() {
        return None;
    }
    let nanos = (0..9).fold(0, |nanos, place| {
        nanos * 10 + decimals.get(place).map_or(0, |byte| u32::from(byte - b'0'))
    });
    Some((nanos, zone))
}

/// The seconds by which a zone is ahead of UTC.
fn offset(zone: &[u8]) -> Option<i64> {
    let (sign, zone) = match zone {
        b"Z" | b"z" => return Some(0),
        [b'+', zone @ ..] => (1, zone),
        [b'-', zone @ ..] => (-1, zone),
        _ => return None,
    };
    if zone.len() != 5 || zone.get(2) != Some(&b':') {
        return None;
    }
    let (hours, minutes) = (digits(zone.get(0..2)?)?, digits(zone.get(3..5)?)?);
    (hours < 24 && minutes < 60).then_some(sign * (hours * 3_600 + minutes * 60))
}

fn days_in_month(year: i64, month: i64) -> i64 {
    match month {
        2 if year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// Days since 1970-01-01 in the Gregorian calendar; years are counted from March, so that the leap
/// day is the last of its year.
fn days_since_epoch(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let year_of_era = year.rem_euclid(400);
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    era * 146_097 + day_of_era - 719_468
}

impl PartialEq for Timestamp {
    fn eq(&self, other: &Self) -> bool {
        self.0 == other.0 || matches!((self.unix(), other.unix()), (Some(a), Some(b)) if a == b)
    }
}

impl Eq for Timestamp {}

impl Hash for Timestamp {
    /// Hashes the instant, since that is what is compared; text that means none is hashed itself.
    fn hash<H: Hasher>(&self, state: &mut H) {
        match self.unix() {
            Some(instant) => instant.hash(state),
            None => self.0.hash(state),
        }
    }
}

impl PartialOrd for Timestamp {
    /// Compares by instant; two texts that are not both RFC 3339 compare only if they are the same.
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        match (self.unix(), other.unix()) {
            (Some(a), Some(b)) => Some(a.cmp(&b)),
            _ => (self.0 == other.0).then_some(Ordering::Equal),
        }
    }
}

impl fmt::Debug for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Timestamp({})", self.0)
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl From<&str> for Timestamp {
    fn from(text: &str) -> Self {
        Self::new(text)
    }
}

impl From<String> for Timestamp {
    fn from(text: String) -> Self {
        Self(text)
    }
}

impl FromStr for Timestamp {
    type Err = InvalidTimestamp;

    /// Takes text that is RFC 3339; [`Timestamp::new`] takes any.
    fn from_str(text: &str) -> Result<Self, InvalidTimestamp> {
        let timestamp = Self::new(text);
        match timestamp.unix() {
            Some(_) => Ok(timestamp),
            None => Err(timestamp.invalid()),
        }
    }
}

impl From<SystemTime> for Timestamp {
    /// Writes the instant in UTC, with as many decimals as it has.
    fn from(time: SystemTime) -> Self {
        let (seconds, nanos) = match time.duration_since(UNIX_EPOCH) {
            Ok(after) => (
                i64::try_from(after.as_secs()).unwrap_or(i64::MAX),
                after.subsec_nanos(),
            ),
            Err(before) => {
                let before = before.duration();
                let seconds = -i64::try_from(before.as_secs()).unwrap_or(i64::MAX);
                match before.subsec_nanos() {
                    0 => (seconds, 0),
                    nanos => (seconds - 1, 1_000_000_000 - nanos),
                }
            }
        };
        Self(format_utc(seconds, nanos))
    }
}

fn format_utc(seconds: i64, nanos: u32) -> String {
    let (days, second_of_day) = (seconds.div_euclid(86_400), seconds.rem_euclid(86_400));
    let (year, month, day) = civil(days);
    let (hour, minute, second) = (
        second_of_day / 3_600,
        second_of_day / 60 % 60,
        second_of_day % 60,
    );
    let decimals = match nanos {
        0 => String::new(),
        nanos => format!(".{nanos:09}").trim_end_matches('0').to_owned(),
    };
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}{decimals}Z")
}

/// The date of a day counted from 1970-01-01: the inverse of [`days_since_epoch`].
fn civil(days: i64) -> (i64, i64, i64) {
    let days = days + 719_468;
    let era = days.div_euclid(146_097);
    let day_of_era = days.rem_euclid(146_097);
    let year_of_era =
        (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_from_march = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
    let month = (month_from_march + 2) % 12 + 1;
    let year = era * 400 + year_of_era + i64::from(month <= 2);
    (year, month, day)
}

impl Decode for Timestamp {
    fn vacant() -> Self {
        Self::default()
    }
}

impl Place for Timestamp {
    fn decode(&mut self, source: &mut dyn Source) -> Result<(), DecodeError> {
        source.string(&mut self.0)
    }
}

impl Encode for Timestamp {
    fn encode(&self, out: &mut Writer) {
        out.string(self.as_str());
    }
}

/// The text of a timestamp is not RFC 3339, or its instant is out of the target type's range.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct InvalidTimestamp {
    /// The text as it was sent.
    pub text: String,
}

impl fmt::Display for InvalidTimestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "not an RFC 3339 timestamp in range: {:?}", self.text)
    }
}

impl std::error::Error for InvalidTimestamp {}

impl Timestamp {
    fn invalid(&self) -> InvalidTimestamp {
        InvalidTimestamp {
            text: self.0.clone(),
        }
    }
}

#[cfg(feature = "jiff")]
mod with_jiff {
    use super::{InvalidTimestamp, Timestamp, format_utc};

    impl TryFrom<&Timestamp> for jiff::Timestamp {
        type Error = InvalidTimestamp;

        fn try_from(timestamp: &Timestamp) -> Result<Self, InvalidTimestamp> {
            let (seconds, nanos) = timestamp.unix().ok_or_else(|| timestamp.invalid())?;
            let nanos = i32::try_from(nanos).map_err(|_| timestamp.invalid())?;
            Self::new(seconds, nanos).map_err(|_| timestamp.invalid())
        }
    }

    impl From<jiff::Timestamp> for Timestamp {
        fn from(timestamp: jiff::Timestamp) -> Self {
            let nanos = timestamp.as_nanosecond();
            let (seconds, nanos) = (
                nanos.div_euclid(1_000_000_000),
                nanos.rem_euclid(1_000_000_000),
            );
            Self(format_utc(
                i64::try_from(seconds).unwrap_or_default(),
                u32::try_from(nanos).unwrap_or_default(),
            ))
        }
    }
}

#[cfg(feature = "chrono")]
mod with_chrono {
    use super::{InvalidTimestamp, Timestamp, format_utc};

    impl TryFrom<&Timestamp> for chrono::DateTime<chrono::Utc> {
        type Error = InvalidTimestamp;

        fn try_from(timestamp: &Timestamp) -> Result<Self, InvalidTimestamp> {
            let (seconds, nanos) = timestamp.unix().ok_or_else(|| timestamp.invalid())?;
            Self::from_timestamp(seconds, nanos).ok_or_else(|| timestamp.invalid())
        }
    }

    impl<Z: chrono::TimeZone> From<chrono::DateTime<Z>> for Timestamp {
        fn from(time: chrono::DateTime<Z>) -> Self {
            // chrono writes a leap second as up to two seconds' worth of nanoseconds.
            let nanos = time.timestamp_subsec_nanos().min(999_999_999);
            Self(format_utc(time.timestamp(), nanos))
        }
    }
}

#[cfg(feature = "time")]
mod with_time {
    use super::{InvalidTimestamp, Timestamp, format_utc};

    impl TryFrom<&Timestamp> for time::OffsetDateTime {
        type Error = InvalidTimestamp;

        fn try_from(timestamp: &Timestamp) -> Result<Self, InvalidTimestamp> {
            let (seconds, nanos) = timestamp.unix().ok_or_else(|| timestamp.invalid())?;
            Self::from_unix_timestamp(seconds)
                .and_then(|time| time.replace_nanosecond(nanos))
                .map_err(|_| timestamp.invalid())
        }
    }

    impl From<time::OffsetDateTime> for Timestamp {
        fn from(time: time::OffsetDateTime) -> Self {
            Self(format_utc(time.unix_timestamp(), time.nanosecond()))
        }
    }
}
