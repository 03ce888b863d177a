//! Timestamps.

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
