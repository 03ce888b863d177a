//! The clock of browsers and the like: `performance.now`, `setTimeout`, the platform's randomness.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::{Duration, SystemTime};

use js_sys::futures::JsFuture;
use js_sys::{Date, Function, Promise, Uint8Array};
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{Crypto, Performance};

use super::Clock;
use crate::BoxFuture;
use crate::web::global;
use crate::web::local::send;

/// The [`Clock`] of a client with the feature `web`: `performance.now`, `setTimeout` and
/// `crypto.getRandomValues`.
#[derive(Debug, Clone, Copy, Default)]
#[non_exhaustive]
pub struct WebClock;

impl WebClock {
    /// The clock of the global that it is used in.
    pub const fn new() -> Self {
        Self
    }
}

thread_local! {
    /// Looked up once, since every chunk of a response takes the time.
    static PERFORMANCE: Option<Performance> = global::get("performance").map(JsCast::unchecked_into);
}

fn from_millis(millis: f64) -> Duration {
    Duration::try_from_secs_f64(millis / 1000.0).unwrap_or_default()
}

impl Clock for WebClock {
    fn now(&self) -> Duration {
        let millis = PERFORMANCE.with(|it| it.as_ref().map(Performance::now));
        from_millis(millis.unwrap_or_else(Date::now))
    }

    fn wall(&self) -> SystemTime {
        SystemTime::UNIX_EPOCH + from_millis(Date::now())
    }

    fn sleep(&self, duration: Duration) -> BoxFuture<'static, ()> {
        send(async move {
            let mut left = duration;
            while !left.is_zero() {
                let step = left.min(LONGEST);
                Timeout::new(step).await;
                left -= step;
            }
        })
    }

    fn random(&self) -> f64 {
        let [a, b] = random();
        let bits = u64::from(a) << 21 | u64::from(b) >> 11;
        #[expect(clippy::cast_precision_loss, reason = "53 bits fit")]
        let fraction = bits as f64 / (1_u64 << 53) as f64;
        fraction
    }
}

/// What `setTimeout` takes; it is over at once for more.
const LONGEST: Duration = Duration::from_millis(i32::MAX as u64);

/// Random numbers of the platform's source; of its lesser one where that can't be had.
pub(super) fn random<const N: usize>() -> [u32; N] {
    secure().unwrap_or_else(|| {
        std::array::from_fn(|_| {
            #[expect(
                clippy::cast_possible_truncation,
                clippy::cast_sign_loss,
                reason = "it is in 0..2^32"
            )]
            let number = (js_sys::Math::random() * 4_294_967_296.0) as u32;
            number
        })
    })
}

fn secure<const N: usize>() -> Option<[u32; N]> {
    let crypto: Crypto = global::get("crypto")?.unchecked_into();
    let bytes = Uint8Array::new_with_length(u32::try_from(4 * N).ok()?);
    crypto.get_random_values_with_js_u8_array(&bytes).ok()?;
    let bytes = bytes.to_vec();
    let mut words = bytes.chunks_exact(4);
    Some(std::array::from_fn(|_| {
        let word = words.next().and_then(|word| word.try_into().ok());
        u32::from_ne_bytes(word.unwrap_or_default())
    }))
}

/// One `setTimeout`, which is cleared when it is dropped.
struct Timeout {
    id: JsValue,
    fired: JsFuture,
}

impl Timeout {
    fn new(duration: Duration) -> Self {
        let mut id = JsValue::UNDEFINED;
        // Rounded up: a limit that is over too early is waited for again.
        let millis = JsValue::from_f64((duration.as_secs_f64() * 1000.0).ceil());
        let promise = Promise::new(&mut |resolve: Function, _| {
            let global = js_sys::global();
            let set = global::function("setTimeout").ok();
            if let Some(Ok(timer)) = set.map(|set| set.call2(&global, &resolve, &millis)) {
                id = timer;
            }
        });
        Self {
            id,
            fired: promise.into(),
        }
    }
}

impl Future for Timeout {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        Pin::new(&mut self.fired).poll(context).map(|_| ())
    }
}

impl Drop for Timeout {
    fn drop(&mut self) {
        if let Ok(clear) = global::function("clearTimeout") {
            // Of one that has fired it does nothing.
            let _ = clear.call1(&js_sys::global(), &self.id);
        }
    }
}
