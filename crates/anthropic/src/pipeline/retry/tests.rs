use std::time::{Duration, SystemTime};

use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};

use crate::ErrorKind;

use super::{Decision, Failure, GiveUp, RetryPolicy, is_retryable, retry_after};

/// A kind that leaves it to the status.
const KIND: ErrorKind = ErrorKind::Api;
const SECOND: Duration = Duration::from_secs(1);

/// A failure that is retried under the default policy.
fn failure() -> Failure {
    Failure {
        transient: true,
        attempts: 1,
        replayable: true,
        elapsed: Duration::ZERO,
        retry_after: None,
        random: 0.0,
    }
}

fn decide(change: impl FnOnce(&mut RetryPolicy, &mut Failure)) -> Decision {
    let (mut policy, mut failure) = (RetryPolicy::default(), failure());
    change(&mut policy, &mut failure);
    policy.decide(&failure)
}

fn retry(millis: u64) -> Decision {
    Decision::Retry {
        after: Duration::from_millis(millis),
    }
}

#[test]
fn the_backoff_doubles_to_its_ceiling() {
    let delays = (1..=40).map(|attempts| {
        decide(|policy, failure| {
            policy.max_retries = 100;
            failure.attempts = attempts;
        })
    });
    let expected = [500, 1000, 2000, 4000]
        .into_iter()
        .chain(std::iter::repeat(8000));
    assert!(
        delays
            .zip(expected)
            .all(|(delay, millis)| delay == retry(millis))
    );
}

#[test]
fn chance_takes_off_up_to_a_quarter() {
    assert_eq!(decide(|_, failure| failure.random = 0.4), retry(450));
    assert_eq!(decide(|_, failure| failure.random = 1.0), retry(375));
    assert_eq!(decide(|_, failure| failure.random = 7.0), retry(375));
}

#[test]
fn the_reasons_to_give_up_have_an_order() {
    let give_up = |reason| Decision::GiveUp(reason);
    assert_eq!(
        decide(|_, failure| failure.transient = false),
        give_up(GiveUp::Permanent)
    );
    assert_eq!(
        decide(|_, failure| failure.attempts = 3),
        give_up(GiveUp::Exhausted)
    );
    assert_eq!(
        decide(|policy, _| policy.max_retries = 0),
        give_up(GiveUp::Exhausted)
    );
    assert_eq!(
        decide(|_, failure| failure.replayable = false),
        give_up(GiveUp::NotReplayable)
    );
    let long = decide(|_, failure| failure.retry_after = Some(SECOND * 61));
    assert_eq!(long, give_up(GiveUp::DelayTooLong));
    let late = decide(|policy, failure| {
        policy.budget = Some(SECOND);
        failure.elapsed = Duration::from_millis(501);
    });
    assert_eq!(late, give_up(GiveUp::Budget));
}

#[test]
fn the_servers_delay_is_taken_as_it_is() {
    let minute = decide(|_, failure| {
        failure.retry_after = Some(SECOND * 60);
        failure.random = 0.9;
    });
    assert_eq!(minute, retry(60_000));
}

fn headers(pairs: &[(&'static str, &str)]) -> HeaderMap {
    let pairs = pairs.iter();
    pairs
        .map(|(name, value)| {
            (
                HeaderName::from_static(name),
                HeaderValue::from_str(value).unwrap(),
            )
        })
        .collect()
}

#[test]
fn statuses_that_may_pass() {
    for status in 100..=599 {
        let expected = matches!(status, 408 | 409 | 429) || status >= 500;
        let status = Some(StatusCode::from_u16(status).unwrap());
        assert_eq!(
            is_retryable(KIND, None, status, &HeaderMap::new()),
            expected,
            "{status:?}"
        );
        assert!(is_retryable(
            KIND,
            None,
            status,
            &headers(&[("x-should-retry", "true")])
        ));
        assert!(!is_retryable(
            KIND,
            None,
            status,
            &headers(&[("x-should-retry", "false")])
        ));
        assert_eq!(
            is_retryable(KIND, None, status, &headers(&[("x-should-retry", "maybe")])),
            expected
        );
    }
}

#[test]
fn a_condition_that_no_longer_holds_is_not_asked_again() {
    let kind = ErrorKind::PreconditionFailed;
    assert!(!is_retryable(
        kind,
        None,
        Some(StatusCode::CONFLICT),
        &HeaderMap::new()
    ));
    let told = headers(&[("x-should-retry", "true")]);
    assert!(is_retryable(kind, None, Some(StatusCode::CONFLICT), &told));
}

#[test]
fn a_change_that_may_have_been_made_is_not_repeated() {
    let status = StatusCode::SERVICE_UNAVAILABLE;
    let may = |code: &str, told: &[(&'static str, &str)]| {
        is_retryable(KIND, Some(&code.into()), Some(status), &headers(told))
    };
    for code in ["workspace_created_incomplete", "change_outcome_unknown"] {
        assert!(!may(code, &[]), "{code}");
        assert!(!may(code, &[("x-should-retry", "true")]), "{code}");
    }
    // Nothing was changed there.
    assert!(may("authorization_check_unavailable", &[]));
    assert!(may("a_code_of_tomorrow", &[]));
}

/// Headers, and the delay in milliseconds that they ask for.
type Case<'a> = (&'a [(&'static str, &'a str)], Option<u128>);

#[test]
fn the_servers_delay_in_all_its_forms() {
    let now = SystemTime::UNIX_EPOCH + SECOND * 1_000;
    let date = httpdate::fmt_http_date(now + SECOND * 30);
    let past = httpdate::fmt_http_date(now - SECOND * 30);
    let (longest, digits) = (Some(Duration::MAX.as_millis()), "9".repeat(400));
    let cases: [Case<'_>; 19] = [
        (&[], None),
        (&[("retry-after-ms", "250")], Some(250)),
        (&[("retry-after-ms", "1.5"), ("retry-after", "9")], Some(1)),
        (
            &[("retry-after-ms", "0"), ("retry-after", "2")],
            Some(2_000),
        ),
        (&[("retry-after", "0.5")], Some(500)),
        (&[("retry-after", " 3 ")], Some(3_000)),
        (&[("retry-after", "0")], None),
        (&[("retry-after", "-4")], None),
        (&[("retry-after", "NaN")], None),
        (&[("retry-after", "inf")], None),
        // No such notation is a delay in HTTP.
        (&[("retry-after", "1e300")], None),
        (&[("retry-after", &date)], Some(30_000)),
        (&[("retry-after", &past)], None),
        (&[("retry-after", "soon")], None),
        (&[("retry-after", "")], None),
        (&[("retry-after", ".")], None),
        // Longer than a `Duration` can be, so the longest one.
        (&[("retry-after", "99999999999999999999999")], longest),
        (&[("retry-after-ms", "99999999999999999999999999")], longest),
        (&[("retry-after", &digits)], longest),
    ];
    for (pairs, millis) in cases {
        let delay = retry_after(&headers(pairs), now).map(|delay| delay.as_millis());
        assert_eq!(delay, millis, "{pairs:?}");
    }
}

#[test]
fn settings_and_clocks_that_are_off_the_scale_are_brought_back() {
    let odd = [f64::NAN, f64::INFINITY, f64::NEG_INFINITY, -3.0, 7.0];
    for (jitter, random) in odd
        .into_iter()
        .flat_map(|jitter| odd.map(|random| (jitter, random)))
    {
        let decision = decide(|policy, failure| {
            policy.jitter = jitter;
            failure.random = random;
        });
        assert!(
            matches!(decision, Decision::Retry { after } if after <= SECOND),
            "{jitter} {random}"
        );
    }
    for random in [0.0, 0.5, 1.0, f64::NAN] {
        let decision = decide(|policy, failure| {
            (policy.initial_delay, policy.max_delay) = (Duration::MAX, Duration::MAX);
            policy.budget = Some(Duration::MAX);
            (failure.random, failure.elapsed) = (random, Duration::MAX);
        });
        assert!(
            matches!(decision, Decision::Retry { after } if after >= Duration::MAX / 2),
            "{random}"
        );
    }
}
