//! The clock, by what it does for a client.

use std::collections::HashSet;
use std::time::Duration;

use anthropic::web::WebClock;
use anthropic::{Clock, Form};
use futures_util::FutureExt;
use js_sys::Uint8Array;
use wasm_bindgen::JsValue;

use crate::Outcome;
use crate::support::{Failed, Place, failed, global, holds, same, unique};
use crate::watched::Watched;

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

/// More milliseconds than `setTimeout` takes, which would fire at once: they are a negative number
/// to browsers, which take twice as many for a positive one again.
pub async fn a_long_sleep_is_not_over_at_once(_: Place) -> Outcome {
    let clock = WebClock::new();
    let mut long = clock.sleep(Duration::from_secs(30 * 24 * 3600));
    let short = clock.sleep(Duration::from_millis(50));
    let first = futures_util::future::select(&mut long, short).await;
    holds(
        matches!(first, futures_util::future::Either::Right(_)),
        "the long one was first",
    )
}

/// Sees which timers are set and cleared, until it is dropped.
struct Timers {
    set: Watched<JsValue>,
    clear: Watched<JsValue>,
}

impl Timers {
    fn watch() -> Self {
        Self {
            set: Watched::global("setTimeout", |_, timer| timer.clone()),
            clear: Watched::global("clearTimeout", |arguments, _| arguments.get(0)),
        }
    }

    /// The only timer that was set.
    fn only(&self) -> Result<JsValue, Failed> {
        match &self.set.noted()[..] {
            [timer] => Ok(timer.clone()),
            timers => failed(format!("{} timers were set", timers.len())),
        }
    }

    fn is_cleared(&self, timer: &JsValue) -> bool {
        self.clear.noted().contains(timer)
    }
}

pub async fn a_dropped_sleep_clears_its_timer(_: Place) -> Outcome {
    let timers = Timers::watch();
    let mut long = WebClock::new().sleep(Duration::from_secs(60));
    holds((&mut long).now_or_never().is_none(), "it is over")?;
    pass().await;
    let timer = timers.only()?;
    holds(!timers.is_cleared(&timer), "it is cleared too early")?;
    drop(long);
    pass().await;
    holds(timers.is_cleared(&timer), "its timer still runs")
}

/// Lets the tasks that are awake run, without a timer.
async fn pass() {
    for _ in 0..10 {
        let done = js_sys::Promise::resolve(&JsValue::UNDEFINED);
        let _ = js_sys::futures::JsFuture::from(done).await;
    }
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
    )
}

/// Sees where random numbers are taken from, until it is dropped: the bytes of the platform's
/// source, and how often its lesser one was asked.
struct Sources {
    secure: Watched<Vec<u8>>,
    lesser: Watched<()>,
}

impl Sources {
    fn watch() -> Self {
        Self {
            secure: Watched::new(&global("crypto"), "getRandomValues", |arguments, _| {
                Uint8Array::from(arguments.get(0)).to_vec()
            }),
            lesser: Watched::new(&global("Math"), "random", |_, _| ()),
        }
    }

    fn is_secure_alone(&self) -> Outcome {
        let times = self.lesser.noted().len();
        same(("calls of Math.random", times), ("calls of Math.random", 0))
    }
}

pub async fn random_numbers_are_the_platforms(_: Place) -> Outcome {
    let sources = Sources::watch();
    let clock = WebClock::new();
    let numbers = [clock.random(), clock.random()];
    sources.is_secure_alone()?;
    let taken = sources.secure.noted();
    same(taken.len(), 2)?;
    for (bytes, number) in taken.iter().zip(numbers) {
        let words: Vec<u32> = words(bytes).collect();
        let [first, second] = words[..] else {
            return failed(format!("{} words were taken for a number", words.len()));
        };
        let whole = f64::from(first) / 2_f64.powi(32) + f64::from(second) / 2_f64.powi(64);
        holds(
            (whole - number).abs() < 1e-9,
            format!("{number} is not of {bytes:?}"),
        )?;
    }
    Ok(())
}

fn words(bytes: &[u8]) -> impl Iterator<Item = u32> {
    let words = bytes.chunks_exact(4);
    words.map(|word| u32::from_le_bytes(word.try_into().unwrap_or_default()))
}

/// What separates the parts of two forms: 160 bits of the platform's source, as hexadecimal digits.
pub async fn boundaries_are_the_platforms(place: Place) -> Outcome {
    let mut found = HashSet::new();
    for _ in 0..2 {
        let id = unique();
        let client = place.helped(&format!("message/{id}"))?;
        let sources = Sources::watch();
        let form = Form::new().text("name", "value");
        let request = client.post::<serde_json::Value>("/v1/files");
        let sent = request.multipart(form).await;
        let taken = sources.secure.noted();
        sources.is_secure_alone()?;
        drop(sources);
        sent?;
        let seen = place.seen(&id).await?;
        let kind = seen["headers"]["content-type"].as_str().unwrap_or_default();
        let boundary = kind.strip_prefix("multipart/form-data; boundary=");
        let boundary = boundary.unwrap_or_default().to_owned();
        let of = taken.iter().filter(|bytes| bytes.len() == 20).map(|bytes| {
            let mut words: Vec<u32> = words(bytes).collect();
            words.rotate_left(1);
            words.iter().map(|word| format!("{word:08x}")).collect()
        });
        let of: Vec<String> = of.collect();
        holds(of.contains(&boundary), format!("{kind} is not of {of:?}"))?;
        found.insert(boundary);
    }
    same(found.len(), 2)
}
