//! The verifier: which deliveries are the API's.

use std::fmt;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

#[cfg(any(feature = "tokio", all(feature = "web", target_arch = "wasm32")))]
use anthropic_types::Secret;
use anthropic_types::from_slice;
use http::HeaderMap;

use super::delivery::{Delivery, Head};
use super::error::{VerifyError, VerifyErrorKind};
use super::key::{SigningKey, signatures};
use crate::Clock;
#[cfg(any(feature = "tokio", all(feature = "web", target_arch = "wasm32")))]
use crate::Result;
#[cfg(any(feature = "tokio", all(feature = "web", target_arch = "wasm32")))]
use crate::clock::DefaultClock;
#[cfg(feature = "tokio")]
use crate::config::env;
#[cfg(feature = "tokio")]
use crate::{Error, ErrorKind};

/// How far a delivery's time may be away, as Standard Webhooks has it.
const TOLERANCE: Duration = Duration::from_secs(300);

/// Verifies the deliveries of webhooks.
///
/// It is cheap to clone and to share, and does not show its keys in `Debug`. See the
/// [module's docs](crate::webhooks) for a handler.
#[derive(Clone)]
pub struct Verifier {
    keys: Vec<SigningKey>,
    tolerance: Duration,
    clock: Arc<dyn Clock>,
}

impl Verifier {
    /// With this signing key, as the Console shows it (`whsec_…`), and the clock that a client has
    /// by default.
    ///
    /// # Errors
    ///
    /// [`Config`](crate::ErrorKind::Config) if it is no such key.
    #[cfg(any(feature = "tokio", all(feature = "web", target_arch = "wasm32")))]
    #[cfg_attr(docsrs, doc(cfg(any(feature = "tokio", feature = "web"))))]
    pub fn new(key: impl Into<Secret>) -> Result<Self> {
        let key = SigningKey::new(key)?;
        Ok(Self::with_clock(key, DefaultClock::default()))
    }

    /// With the signing key in `ANTHROPIC_WEBHOOK_SIGNING_KEY`, or several of them with spaces
    /// between.
    ///
    /// # Errors
    ///
    /// [`Config`](ErrorKind::Config) if the variable is not set, or has something that is no key.
    #[cfg(feature = "tokio")]
    #[cfg_attr(docsrs, doc(cfg(feature = "tokio")))]
    pub fn from_env() -> Result<Self> {
        let value = env::env_var(env::WEBHOOK_SIGNING_KEY)?.map(Secret::new);
        Self::of_variable(value.as_ref())
    }

    #[cfg(feature = "tokio")]
    fn of_variable(value: Option<&Secret>) -> Result<Self> {
        let value = value.map_or("", Secret::expose);
        let mut keys = value.split_whitespace().map(SigningKey::new);
        let first = keys.next().unwrap_or_else(|| {
            let name = env::WEBHOOK_SIGNING_KEY;
            let message = format!("{name} is not set; it is the signing key of the endpoint");
            Err(Error::new(ErrorKind::Config, message))
        })?;
        let first = Self::with_clock(first, DefaultClock::default());
        keys.try_fold(first, |verifier, key| Ok(verifier.key(key?)))
    }

    /// With this key, and a clock of the caller's, of which [`wall`](Clock::wall) is used: for a
    /// test, or for a platform without tokio.
    pub fn with_clock(key: SigningKey, clock: impl Clock) -> Self {
        Self {
            keys: vec![key],
            tolerance: TOLERANCE,
            clock: Arc::new(clock),
        }
    }

    /// Accepts deliveries that are signed with this key, too.
    pub fn key(mut self, key: SigningKey) -> Self {
        self.keys.push(key);
        self
    }

    /// How long ago, and how far in the future, a delivery may have been signed: 5 minutes by
    /// default. It counts in whole seconds, as the timestamps do: 999 ms are none.
    /// [`Duration::MAX`] is no limit.
    pub fn tolerance(mut self, tolerance: Duration) -> Self {
        self.tolerance = tolerance;
        self
    }

    /// Another clock, of which [`wall`](Clock::wall) is used.
    pub fn clock(mut self, clock: impl Clock) -> Self {
        self.clock = Arc::new(clock);
        self
    }

    /// What was delivered with these headers and this body, as it came.
    ///
    /// # Errors
    ///
    /// A [`VerifyError`], whose [`kind`](VerifyError::kind) is the reason why it is refused.
    pub fn verify(&self, headers: &HeaderMap, body: &[u8]) -> Result<Delivery, VerifyError> {
        self.read(Head::of_map(headers)?, body)
    }

    /// The same with headers by a function of their lower-case name, for a framework that has
    /// another type for them.
    ///
    /// ```
    /// # use std::collections::HashMap;
    /// # use anthropic::webhooks::{Delivery, VerifyError, Verifier};
    /// # fn run(verifier: &Verifier, headers: &HashMap<String, String>, body: &[u8]) -> Result<Delivery, VerifyError> {
    /// verifier.verify_with(|name| headers.get(name).map(String::as_str), body)
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// As with [`verify`](Self::verify).
    pub fn verify_with<'h>(
        &self,
        header: impl Fn(&str) -> Option<&'h str>,
        body: &[u8],
    ) -> Result<Delivery, VerifyError> {
        self.read(Head::of_function(header)?, body)
    }

    /// Whether the headers prove the body, which is not read: for a type of the caller's.
    ///
    /// # Errors
    ///
    /// As with [`verify`](Self::verify), but for [`Payload`](VerifyErrorKind::Payload).
    pub fn check(&self, headers: &HeaderMap, body: &[u8]) -> Result<(), VerifyError> {
        self.prove(Head::of_map(headers)?, body)
    }

    /// The same with headers by a function of their lower-case name, as in
    /// [`verify_with`](Self::verify_with).
    ///
    /// # Errors
    ///
    /// As with [`check`](Self::check).
    pub fn check_with<'h>(
        &self,
        header: impl Fn(&str) -> Option<&'h str>,
        body: &[u8],
    ) -> Result<(), VerifyError> {
        self.prove(Head::of_function(header)?, body)
    }

    fn read(&self, head: Head<'_>, body: &[u8]) -> Result<Delivery, VerifyError> {
        self.prove(head, body)?;
        Ok(Delivery {
            id: head.id.to_owned(),
            timestamp: head.time,
            event: from_slice(body).map_err(VerifyError::payload)?,
        })
    }

    /// The signature comes first, so that an error about the time is one about a real delivery.
    fn prove(&self, head: Head<'_>, body: &[u8]) -> Result<(), VerifyError> {
        // Every key and signature counts, so that the time it takes does not show which matches.
        let mut matches = false;
        for key in &self.keys {
            let digest = key.digest(head.id, head.timestamp, body);
            for signature in signatures(head.signatures) {
                matches |= signature == digest;
            }
        }
        if !matches {
            let message = "no signature is made with the signing key; check the key, and that the body is as it came";
            return Err(VerifyError::new(
                VerifyErrorKind::NoMatchingSignature,
                message,
            ));
        }
        self.check_time(head.seconds)
    }

    fn check_time(&self, seconds: u64) -> Result<(), VerifyError> {
        let now = self.clock.wall().duration_since(SystemTime::UNIX_EPOCH);
        let now = now.unwrap_or_default().as_secs();
        let allowed = self.tolerance.as_secs();
        let (kind, off, when) = if seconds > now {
            (VerifyErrorKind::TooNew, seconds - now, "in the future")
        } else {
            (VerifyErrorKind::TooOld, now - seconds, "ago")
        };
        if off <= allowed {
            return Ok(());
        }
        let message = format!(
            "the delivery was signed {off} s {when}, and {allowed} s are allowed; check this machine's clock"
        );
        Err(VerifyError::new(kind, message))
    }
}

impl fmt::Debug for Verifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Verifier")
            .field("keys", &self.keys.len())
            .field("tolerance", &self.tolerance)
            .field("clock", &self.clock)
            .finish()
    }
}

#[cfg(all(test, feature = "tokio"))]
mod tests {
    use super::*;

    #[test]
    fn the_environment_may_have_several_keys() {
        let verifier = |value: &str| Verifier::of_variable(Some(&value.into()));
        let two =
            verifier("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw  whsec_MDEyMzQ1Njc4OWFiY2RlZg==\n")
                .unwrap();
        assert!(format!("{two:?}").starts_with("Verifier { keys: 2, tolerance: 300s"));
        for (value, named) in [
            ("", "is not set"),
            (" ", "is not set"),
            ("whsec_MDEyMzQ1Njc4OWFiY2RlZg== no-key", "not Base64"),
            ("whsec_Zm9v", "3 bytes"),
        ] {
            let error = verifier(value).unwrap_err();
            assert!(error.to_string().contains(named), "{error}");
            assert_eq!(error.kind(), ErrorKind::Config);
        }
        assert!(Verifier::of_variable(None).is_err());
    }
}
