//! Dates and times as text: whether they are right, and which is earlier.

/// Microseconds since the Unix epoch, of a time in RFC 3339 or of a date's midnight in UTC.
pub(crate) fn instant(text: &str) -> Option<i64> {
    let (date, time) = match text.split_once(['T', 't', ' ']) {
        Some((date, time)) => (date, Some(time)),
        None => (text, None),
    };
    let seconds = day(date)? * 86_400;
    let Some(time) = time else {
        return Some(seconds * 1_000_000);
    };
    let (time, offset) = zone(time)?;
    let (time, fraction) = time.split_once('.').unwrap_or((time, ""));
    let mut parts = time.split(':');
    let hour = number(parts.next()?, 2, 23)?;
    let minute = number(parts.next()?, 2, 59)?;
    let second = parts.next().map_or(Some(0), |text| number(text, 2, 60))?;
    if parts.next().is_some() || !fraction.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let micros: String = fraction.chars().chain("000000".chars()).take(6).collect();
    let micros: i64 = micros.parse().ok()?;
    let seconds = seconds + hour * 3_600 + minute * 60 + second - offset;
    Some(seconds * 1_000_000 + micros)
}

/// A date's number, counted from 1970-01-01.
pub(crate) fn day(text: &str) -> Option<i64> {
    let mut parts = text.split('-');
    let year = number(parts.next()?, 4, 9_999)?;
    let month = number(parts.next()?, 2, 12)?;
    let date = number(parts.next()?, 2, 31)?;
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let longest = match month {
        2 => 28 + i64::from(leap),
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    };
    if month == 0 || date == 0 || date > longest || parts.next().is_some() {
        return None;
    }
    // Years that begin on the first of March end in the day that only some of them have.
    let (year, month) = if month > 2 {
        (year, month - 3)
    } else {
        (year - 1, month + 9)
    };
    let days = 365 * year + year.div_euclid(4) - year.div_euclid(100) + year.div_euclid(400);
    Some(days + (153 * month + 2) / 5 + date - 1 - 719_468)
}

/// A time without its zone, and how many seconds the zone is ahead of UTC; none is UTC.
fn zone(time: &str) -> Option<(&str, i64)> {
    if let Some(time) = time.strip_suffix(['Z', 'z']) {
        return Some((time, 0));
    }
    let Some(at) = time.rfind(['+', '-']) else {
        return Some((time, 0));
    };
    let (time, offset) = time.split_at(at);
    let digits = offset.get(1..)?.replace(':', "");
    let hours = number(digits.get(..2)?, 2, 23)?;
    let minutes = number(digits.get(2..)?, 2, 59)?;
    let seconds = hours * 3_600 + minutes * 60;
    let ahead = if offset.starts_with('-') {
        -seconds
    } else {
        seconds
    };
    Some((time, ahead))
}

fn number(text: &str, digits: usize, most: i64) -> Option<i64> {
    let right = text.len() == digits && text.bytes().all(|byte| byte.is_ascii_digit());
    let number = text.parse().ok().filter(|_| right)?;
    (number <= most).then_some(number)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_read() {
        for (text, micros) in [
            ("1970-01-01T00:00:00Z", Some(0)),
            ("1970-01-02", Some(86_400_000_000)),
            ("1970-01-01T01:00:00.5+01:00", Some(500_000)),
            ("1970-01-01 00:00:01.0000019-0000", Some(1_000_001)),
            ("2000-02-29T00:00:00", Some(951_782_400_000_000)),
            ("2026-11-01T00:00:00.000000Z", Some(1_793_491_200_000_000)),
            ("2026-02-29", None),
            ("2026-13-01", None),
            ("2026-1-1", None),
            ("2026-01-01T25:00:00Z", None),
            ("2026-01-01T00:00:00+1", None),
            ("yesterday", None),
            ("", None),
        ] {
            assert_eq!(instant(text), micros, "{text}");
        }
    }
}
