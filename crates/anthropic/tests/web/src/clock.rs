//! The clock, by what it does for a client.

use std::cell::RefCell;
use std::collections::HashSet;
use std::rc::Rc;
use std::time::Duration;

use anthropic::web::WebClock;
use anthropic::{Clock, Form};
use futures_util::FutureExt;
use js_sys::{Function, Reflect};
use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast, JsValue};

use crate::Outcome;
use crate::support::{Failed, Place, failed, global, holds, same, unique};

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
    set: Watched,
    clear: Watched,
}

/// A function of the global's, with one in its place that notes something of each call.
struct Watched {
    name: &'static str,
    original: JsValue,
    noted: Rc<RefCell<Vec<JsValue>>>,
    _instead: Closure<dyn Fn(JsValue, JsValue) -> JsValue>,
}

impl Watched {
    fn new(name: &'static str, note: fn(argument: &JsValue, result: &JsValue) -> JsValue) -> Self {
        let original = global(name);
        let noted: Rc<RefCell<Vec<JsValue>>> = Rc::default();
        let (called, into): (Function, _) = (original.clone().unchecked_into(), noted.clone());
        let instead = Closure::<dyn Fn(JsValue, JsValue) -> JsValue>::new(move |one, two| {
            let result = called.call2(&js_sys::global(), &one, &two);
            let result = result.unwrap_or_default();
            into.borrow_mut().push(note(&one, &result));
            result
        });
        put(name, instead.as_ref());
        Self {
            name,
            original,
            noted,
            _instead: instead,
        }
    }
}

impl Drop for Watched {
    fn drop(&mut self) {
        put(self.name, &self.original);
    }
}

fn put(name: &str, value: &JsValue) {
    let _ = Reflect::set(&js_sys::global(), &JsValue::from_str(name), value);
}

impl Timers {
    fn watch() -> Self {
        Self {
            set: Watched::new("setTimeout", |_, timer| timer.clone()),
            clear: Watched::new("clearTimeout", |timer, _| timer.clone()),
        }
    }

    /// The only timer that was set.
    fn only(&self) -> Result<JsValue, Failed> {
        match &self.set.noted.borrow()[..] {
            [timer] => Ok(timer.clone()),
            timers => failed(format!("{} timers were set", timers.len())),
        }
    }

    fn is_cleared(&self, timer: &JsValue) -> bool {
        self.clear.noted.borrow().contains(timer)
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

/// What separates the parts of two forms: 160 bits of the platform's source, as hexadecimal digits.
pub async fn boundaries_differ(place: Place) -> Outcome {
    let mut found = HashSet::new();
    for _ in 0..2 {
        let id = unique();
        let client = place.helped(&format!("message/{id}"))?;
        let form = Form::new().text("name", "value");
        let request = client.post::<serde_json::Value>("/v1/files");
        request.multipart(form).await?;
        let seen = place.seen(&id).await?;
        let kind = seen["headers"]["content-type"].as_str().unwrap_or_default();
        let boundary = kind.strip_prefix("multipart/form-data; boundary=");
        let boundary = boundary.unwrap_or_default().to_owned();
        let is_hex = boundary.bytes().all(|byte| byte.is_ascii_hexdigit());
        holds(boundary.len() == 40 && is_hex, kind)?;
        found.insert(boundary);
    }
    same(found.len(), 2)
}
