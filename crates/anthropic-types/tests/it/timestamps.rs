//! Timestamps.

use std::cmp::Ordering;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::time::Duration;

use anthropic_types::Timestamp;

#[test]
fn the_same_instant_in_two_zones_is_equal() {
    let utc = Timestamp::new("2026-01-01T00:00:00Z");
    assert_eq!(utc, Timestamp::new("2026-01-01T01:00:00+01:00"));
    assert_eq!(utc, Timestamp::new("2025-12-31 19:00:00.000-05:00"));
    assert!(utc < Timestamp::new("2026-01-01T00:00:00.000001Z"));
    assert_eq!(utc.unix(), Some((1_767_225_600, 0)));
}

#[test]
fn what_is_not_rfc_3339_is_kept_and_means_nothing() {
    for text in [
        "",
        "soon",
        "2026-13-01T00:00:00Z",
        "2026-02-29T00:00:00Z",
        "2026-01-01T00:00:00",
        "2026-01-01T25:00:00Z",
        "2026-01-01T00:00:00.Z",
        "2026-01-01T00:00:00+1:00",
        "é026-01-01",
    ] {
        let timestamp = Timestamp::new(text);
        assert_eq!(timestamp.unix(), None, "{text}");
        assert_eq!(timestamp.as_str(), text);
        assert_eq!(timestamp, timestamp.clone());
    }
}

#[test]
fn equal_timestamps_have_one_hash() {
    let set: std::collections::HashSet<_> = [
        "2026-01-01T00:00:00Z",
        "2026-01-01T01:00:00+01:00",
        "2026-01-01T00:00:00.0Z",
        "soon",
        "soon",
    ]
    .map(Timestamp::new)
    .into();
    assert_eq!(set.len(), 2);
}

#[test]
fn only_rfc_3339_is_parsed() {
    let text = "2026-01-01T01:00:00+01:00";
    assert_eq!(text.parse::<Timestamp>().unwrap().as_str(), text);
    let error = "soon".parse::<Timestamp>().unwrap_err();
    assert_eq!(error.text, "soon");
}

#[test]
fn system_time_goes_both_ways() {
    for text in [
        "1969-12-31T23:59:59.5Z",
        "1969-12-31T23:59:58Z",
        "1970-01-01T00:00:00Z",
        "2024-02-29T12:30:15.123456789Z",
    ] {
        let timestamp = Timestamp::new(text);
        let time = timestamp.to_system_time().unwrap();
        assert_eq!(Timestamp::from(time).as_str(), text);
    }
}

#[cfg(feature = "jiff")]
#[test]
fn jiff_goes_both_ways() {
    let text = "2026-11-21T07:51:10.907066Z";
    let time = jiff::Timestamp::try_from(&Timestamp::new(text)).unwrap();
    assert_eq!(time.to_string(), text);
    assert_eq!(Timestamp::from(time).as_str(), text);
    assert!(jiff::Timestamp::try_from(&Timestamp::new("soon")).is_err());
}

#[cfg(feature = "chrono")]
#[test]
fn chrono_goes_both_ways() {
    let text = "2026-11-21T07:51:10.907066Z";
    let time = chrono::DateTime::<chrono::Utc>::try_from(&Timestamp::new(text)).unwrap();
    assert_eq!(
        (time.timestamp(), time.timestamp_subsec_micros()),
        (1_795_247_470, 907_066)
    );
    assert_eq!(Timestamp::from(time).as_str(), text);
    assert!(chrono::DateTime::<chrono::Utc>::try_from(&Timestamp::new("soon")).is_err());
}

#[cfg(feature = "time")]
#[test]
fn time_goes_both_ways() {
    let text = "2026-11-21T07:51:10.907066Z";
    let time = time::OffsetDateTime::try_from(&Timestamp::new(text)).unwrap();
    assert_eq!(
        (time.unix_timestamp(), time.microsecond()),
        (1_795_247_470, 907_066)
    );
    assert_eq!(Timestamp::from(time).as_str(), text);
    assert!(time::OffsetDateTime::try_from(&Timestamp::new("soon")).is_err());
}

#[test]
fn dates_times_and_zones_are_checked() {
    for (text, is_valid) in [
        ("2026-01-01t00:00:00z", true),
        ("2026-01-01X00:00:00Z", false),
        ("2026/01-01T00:00:00Z", false),
        ("2026-01-01T00:00.00Z", false),
        ("2026-01-01T23:59:59Z", true),
        ("2026-01-01T24:00:00Z", false),
        ("2026-01-01T00:60:00Z", false),
        // A leap second.
        ("2016-12-31T23:59:60Z", true),
        ("2016-12-31T23:59:61Z", false),
        ("2026-01-00T00:00:00Z", false),
        ("2026-01-31T00:00:00Z", true),
        ("2026-01-32T00:00:00Z", false),
        ("2026-04-30T00:00:00Z", true),
        ("2026-04-31T00:00:00Z", false),
        ("2026-06-31T00:00:00Z", false),
        ("2026-09-31T00:00:00Z", false),
        ("2026-11-31T00:00:00Z", false),
        ("1900-02-29T00:00:00Z", false),
        ("2000-02-29T00:00:00Z", true),
        ("2024-02-29T00:00:00Z", true),
        ("2024-02-30T00:00:00Z", false),
        ("2100-02-28T00:00:00Z", true),
        ("2100-02-29T00:00:00Z", false),
        ("2026-01-01T00:00:00+23:59", true),
        ("2026-01-01T00:00:00-24:00", false),
        ("2026-01-01T00:00:00+00:60", false),
        ("2026-01-01T00:00:00+24:60", false),
        ("2026-01-01T00:00:00+01-00", false),
        ("2026-01-01T00:00:00+01:000", false),
    ] {
        assert_eq!(Timestamp::new(text).unix().is_some(), is_valid, "{text}");
    }
}

#[test]
fn a_zone_has_hours_and_minutes() {
    let utc = Timestamp::new("2026-01-01T00:00:00Z");
    for text in [
        "2026-01-01T05:45:00+05:45",
        "2025-12-31T20:30:00-03:30",
        "2026-01-01T00:00:00-00:00",
    ] {
        assert_eq!(Timestamp::new(text), utc, "{text}");
    }
    assert_ne!(Timestamp::new("2026-01-01T00:00:00+05:45"), utc);
    assert_ne!(Timestamp::new("soon"), utc);
    assert_ne!(Timestamp::new("soon"), Timestamp::new("later"));
}

#[test]
fn text_that_is_no_instant_compares_only_with_itself() {
    let [soon, later, now] = ["soon", "later", "2026-01-01T00:00:00Z"].map(Timestamp::new);
    assert_eq!(soon.partial_cmp(&soon.clone()), Some(Ordering::Equal));
    assert_eq!(soon.partial_cmp(&later), None);
    assert_eq!(soon.partial_cmp(&now), None);
}

#[test]
fn other_timestamps_have_another_hash() {
    let hash = |text: &str| {
        let mut hasher = DefaultHasher::new();
        Timestamp::new(text).hash(&mut hasher);
        hasher.finish()
    };
    assert_ne!(hash("2026-01-01T00:00:00Z"), hash("2026-01-01T00:00:01Z"));
    assert_ne!(hash("soon"), hash("later"));
}

#[test]
fn it_is_shown_as_it_came() {
    let text = "2026-01-01 01:00:00.50+01:00";
    let timestamp = Timestamp::from(text.to_owned());
    assert_eq!(timestamp.to_string(), text);
    assert_eq!(format!("{timestamp:?}"), format!("Timestamp({text})"));
    let error = "so\non".parse::<Timestamp>().unwrap_err();
    assert_eq!(
        error.to_string(),
        r#"not an RFC 3339 timestamp in range: "so\non""#
    );
}

#[test]
fn every_day_of_four_centuries_goes_both_ways() {
    // After so many days the calendar repeats; these end with the last day of a leap century.
    const DAYS: u64 = 146_097;
    const DAY: Duration = Duration::from_secs(86_400);
    let first = Timestamp::new("1600-03-01T00:00:00Z");
    let mut time = first.to_system_time().unwrap();
    let mut text = String::new();
    for day in 0..DAYS {
        let timestamp = Timestamp::from(time);
        assert_eq!(timestamp.to_system_time(), Some(time), "{timestamp}");
        assert!(day == 0 || *text < *timestamp.as_str(), "{timestamp}");
        timestamp.as_str().clone_into(&mut text);
        time += DAY;
    }
    assert_eq!(text, "2000-02-29T00:00:00Z");
}
