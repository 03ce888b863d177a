//! The clock, by what it does for a client.

use std::collections::HashSet;
use std::time::Duration;

use anthropic::web::WebClock;
use anthropic::{Clock, Form};

use crate::Outcome;
use crate::support::{Place, holds, sleep};

pub async fn sleeps_as_long_as_asked(_: Place) -> Outcome {
    let clock = WebClock::new();
    let (began, wall) = (clock.now(), clock.wall());
    clock.sleep(Duration::from_millis(120)).await;
    let passed = clock.now().saturating_sub(began);
    holds(
        (100..2000).contains(&passed.as_millis()),
        format!("{passed:?} passed"),
    )?;
    let passed = clock.wall().duration_since(wall).unwrap_or_default();
    holds(
        (100..2000).contains(&passed.as_millis()),
        format!("{passed:?} passed on the wall"),
    )?;
    clock.sleep(Duration::ZERO).await;
    // 2026.
    let since = clock
        .wall()
        .duration_since(std::time::SystemTime::UNIX_EPOCH)?;
    holds(since.as_secs() > 1_760_000_000, format!("{since:?}"))
}

pub async fn a_dropped_sleep_wakes_nobody(_: Place) -> Outcome {
    let clock = WebClock::new();
    // More than `setTimeout` takes, which would fire at once.
    let mut long = clock.sleep(Duration::from_secs(60 * 24 * 3600));
    let short = clock.sleep(Duration::from_millis(50));
    let first = futures_util::future::select(&mut long, short).await;
    holds(
        matches!(first, futures_util::future::Either::Right(_)),
        "the long one was first",
    )?;
    drop(long);
    sleep(20).await;
    Ok(())
}

pub async fn random_numbers_differ(_: Place) -> Outcome {
    let clock = WebClock::new();
    let numbers: Vec<f64> = (0..64).map(|_| clock.random()).collect();
    holds(
        numbers.iter().all(|it| (0.0..1.0).contains(it)),
        format!("{numbers:?}"),
    )?;
    let different: HashSet<u64> = numbers.iter().map(|it| it.to_bits()).collect();
    holds(different.len() > 60, format!("{numbers:?}"))?;
    let mean = numbers.iter().sum::<f64>() / 64.0;
    holds(
        (0.25..0.75).contains(&mean),
        format!("their mean is {mean}"),
    )?;
    let _ = Form::new();
    Ok(())
}
