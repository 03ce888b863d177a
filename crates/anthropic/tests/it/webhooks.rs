//! Deliveries of webhooks: those that are the API's pass, all others are refused, with the reason.

use std::time::{Duration, SystemTime};

use anthropic::types::webhooks::{WebhookEvent, WebhookEventData};
use anthropic::webhooks::{SigningKey, Verifier, VerifyErrorKind};
use anthropic::{BoxFuture, Clock};
use http::{HeaderMap, HeaderValue};

/// The published test vector of Standard Webhooks.
const KEY: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
const ID: &str = "msg_p5jXN8AQM9LWM0D4loKWxJek";
const NOW: u64 = 1_614_265_330;
const PUBLISHED: &[u8] = br#"{"test": 2432232314}"#;
const SIGNATURE: &str = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=";

const EVENT: &[u8] = br#"{"type":"event","id":"wevt_01","created_at":"2021-02-25T15:02:10Z","data":{"type":"session.status_idled","id":"sesn_01","organization_id":"org_01","workspace_id":"wrkspc_01"}}"#;

/// Keys that are not [`KEY`].
const OTHER: &str = "whsec_b3RoZXIgb3RoZXIgb3RoZXI=";
const NEW: &str = "whsec_bmV3IG5ldyBuZXcgbmV3IG5ldw==";
const THIRD: &str = "whsec_MDEyMzQ1Njc4OWFiY2RlZg==";

/// A clock that stands still, at this many seconds since 1970.
#[derive(Debug)]
struct At(u64);

impl Clock for At {
    fn now(&self) -> Duration {
        Duration::ZERO
    }

    fn wall(&self) -> SystemTime {
        // Not a whole second, as real ones are not.
        SystemTime::UNIX_EPOCH + Duration::from_millis(self.0 * 1000 + 999)
    }

    fn sleep(&self, _: Duration) -> BoxFuture<'static, ()> {
        Box::pin(std::future::ready(()))
    }

    fn random(&self) -> f64 {
        0.5
    }
}

fn key(text: &str) -> SigningKey {
    SigningKey::new(text).unwrap()
}

pub(crate) fn verifier() -> Verifier {
    Verifier::with_clock(key(KEY), At(NOW))
}

fn headers(id: &str, timestamp: &str, signature: &str) -> HeaderMap {
    let mut headers = HeaderMap::new();
    for (name, value) in [
        ("webhook-id", id),
        ("webhook-timestamp", timestamp),
        ("webhook-signature", signature),
    ] {
        headers.insert(name, HeaderValue::from_bytes(value.as_bytes()).unwrap());
    }
    headers
}

fn signed_at(timestamp: u64, body: &[u8]) -> HeaderMap {
    let signature = key(KEY).sign(ID, timestamp, body);
    headers(ID, &timestamp.to_string(), &signature)
}

fn refused(headers: &HeaderMap, body: &[u8]) -> VerifyErrorKind {
    let error = verifier().verify(headers, body).unwrap_err();
    let line = error.to_string();
    assert!(!line.contains('\n') && !line.contains("v1,"), "{line}");
    if error.kind() != VerifyErrorKind::Payload {
        assert_eq!(
            verifier().check(headers, body).unwrap_err().kind(),
            error.kind()
        );
    }
    error.kind()
}

#[test]
fn the_published_vector_passes() {
    assert_eq!(key(KEY).sign(ID, NOW, PUBLISHED), SIGNATURE);
    let headers = headers(ID, &NOW.to_string(), SIGNATURE);
    verifier().check(&headers, PUBLISHED).unwrap();
    // It is no event, which is not what `check` asks for.
    assert_eq!(refused(&headers, PUBLISHED), VerifyErrorKind::Payload);
}

/// Made by the Python package `standardwebhooks` 1.1.0, with which the official client verifies:
/// a body beyond ASCII, and keys up to and beyond the 64 bytes of a block.
#[test]
fn signatures_are_those_of_the_official_client() {
    for (bytes, signature) in VECTORS {
        let key = SigningKey::from_bytes((0..*bytes).collect::<Vec<u8>>()).unwrap();
        let body = "{\"name\":\"Zürich – 水\"}\r\n";
        assert_eq!(&key.sign("msg_2", NOW, body.as_bytes()), signature);
    }
}

const VECTORS: &[(u8, &str)] = &[
    (1, "v1,EL2M5G4+8SXAkp7amMZcJDSPcWHJIYQ2ntLof3w53ZI="),
    (24, "v1,mVY9BXhQokMxZ2HCLEB7V0V75iLFfKxZXey35MroMAY="),
    (63, "v1,66GQk+iDOHxkgeTj1Giy9F3k9HbNB48oFy6CBRo4EaI="),
    (64, "v1,8V349JhayQCNNjqPUpv4sg22PU03pQehSOL4tb44M0M="),
    (65, "v1,8UlXABylNNwvMzUyK/xJkoxe5R7Fl4fg/Zb/tgyV9U4="),
    (131, "v1,hrLpmdiN+wqPPX6UPXT/5hAiRKShxucdkOOV55T+yfI="),
    (200, "v1,o8bCAPc9L/lEyF1qjUVPgHzRulSw+BropbVtfi7qIjg="),
];

#[test]
fn an_event_is_typed_and_kept() {
    let headers = signed_at(NOW - 7, EVENT);
    let delivery = verifier().verify(&headers, EVENT).unwrap();
    assert_eq!(delivery.id, ID);
    let sent = SystemTime::UNIX_EPOCH + Duration::from_secs(NOW - 7);
    assert_eq!(delivery.timestamp, sent);
    let WebhookEventData::SessionStatusIdled(session) = &delivery.event.data else {
        panic!("{:?}", delivery.event);
    };
    assert_eq!(session.id, "sesn_01");
    let by_function = verifier().verify_with(
        |name| headers.get(name).and_then(|value| value.to_str().ok()),
        EVENT,
    );
    assert_eq!(by_function.unwrap(), delivery);
    let header = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    verifier().check_with(header, EVENT).unwrap();
    let error = verifier().check_with(header, PUBLISHED).unwrap_err();
    assert_eq!(error.kind(), VerifyErrorKind::NoMatchingSignature);
}

#[test]
fn an_unknown_event_is_kept_whole() {
    let body = br#"{"type":"event","id":"wevt_01","created_at":"2021-02-25T15:02:10Z","data":{"type":"comet.sighted","tail":"long"},"more":[1.50]}"#;
    let delivery = verifier().verify(&signed_at(NOW, body), body).unwrap();
    let WebhookEventData::Unrecognized(data) = &delivery.event.data else {
        panic!("{:?}", delivery.event);
    };
    assert!(data.json().as_str().contains("comet.sighted"));
    let written = serde_json::to_string(&delivery.event).unwrap();
    let read: WebhookEvent = serde_json::from_str(&written).unwrap();
    assert_eq!(read, delivery.event);
    assert!(
        written.contains("1.50") && written.contains(r#""tail":"long""#),
        "{written}"
    );
}

#[test]
fn what_is_no_event_is_refused_after_the_signature() {
    for body in [
        &b""[..],
        b"null",
        b"[]",
        b"{",
        b"\xff",
        b"{\"type\":\"event\"} {}",
    ] {
        assert_eq!(
            refused(&signed_at(NOW, body), body),
            VerifyErrorKind::Payload
        );
        let error = verifier().verify(&signed_at(NOW, body), body).unwrap_err();
        let source = std::error::Error::source(&error).unwrap();
        assert!(source.is::<anthropic::types::DecodeError>(), "{source:?}");
        let mut forged = signed_at(NOW, body);
        forged.insert("webhook-id", HeaderValue::from_static("msg_other"));
        assert_eq!(refused(&forged, body), VerifyErrorKind::NoMatchingSignature);
    }
}

/// Whatever bit of a delivery is flipped, it is refused.
#[test]
fn no_bit_can_be_changed() {
    let good = signed_at(NOW, EVENT);
    for at in 0..EVENT.len() * 8 {
        let mut body = EVENT.to_vec();
        body[at / 8] ^= 1 << (at % 8);
        assert_eq!(
            refused(&good, &body),
            VerifyErrorKind::NoMatchingSignature,
            "{at}"
        );
    }
    for name in ["webhook-id", "webhook-timestamp", "webhook-signature"] {
        let value = good[name].as_bytes();
        for at in 0..value.len() * 8 {
            let mut value = value.to_vec();
            value[at / 8] ^= 1 << (at % 8);
            let Ok(value) = HeaderValue::from_bytes(&value) else {
                continue;
            };
            let mut changed = good.clone();
            changed.insert(name, value);
            let kind = refused(&changed, EVENT);
            let refused = kind == VerifyErrorKind::NoMatchingSignature;
            assert!(
                refused || kind == VerifyErrorKind::InvalidHeader,
                "{name} {at}: {kind:?}"
            );
        }
    }
}

#[test]
fn truncated_deliveries_are_refused() {
    let good = signed_at(NOW, EVENT);
    for length in 0..EVENT.len() {
        assert_eq!(
            refused(&good, &EVENT[..length]),
            VerifyErrorKind::NoMatchingSignature
        );
    }
    let longer = [EVENT, b"\n"].concat();
    assert_eq!(
        refused(&good, &longer),
        VerifyErrorKind::NoMatchingSignature
    );
    let signature = good["webhook-signature"].to_str().unwrap().to_owned();
    for length in 1..signature.len() {
        let cut = headers(ID, &NOW.to_string(), &signature[..length]);
        assert_eq!(
            refused(&cut, EVENT),
            VerifyErrorKind::NoMatchingSignature,
            "{length}"
        );
    }
}

/// The same JSON in other bytes is another body, and the same signature in other letters none.
#[test]
fn re_encoded_and_re_ordered_deliveries_are_refused() {
    let good = signed_at(NOW, EVENT);
    let text = std::str::from_utf8(EVENT).unwrap();
    let value: serde_json::Value = serde_json::from_slice(EVENT).unwrap();
    for body in [
        serde_json::to_string_pretty(&value).unwrap(),
        text.replace(",\"", ", \""),
        text.replace("sesn", "\\u0073esn"),
        text.replace('/', "\\/") + " ",
        format!("\u{feff}{text}"),
        format!("{text}\r\n"),
        // The members in another order.
        text.replace(
            r#""type":"event","id":"wevt_01""#,
            r#""id":"wevt_01","type":"event""#,
        ),
        text.replace("wevt_01", "wevt_02"),
    ] {
        assert_ne!(body.as_bytes(), EVENT);
        assert_eq!(
            refused(&good, body.as_bytes()),
            VerifyErrorKind::NoMatchingSignature
        );
    }
    let signature = good["webhook-signature"].to_str().unwrap();
    let encoded = signature.strip_prefix("v1,").unwrap();
    let hex = "82".repeat(32);
    for other in [
        format!("v1,{}", encoded.trim_end_matches('=')),
        format!("v1,{encoded}="),
        format!("v1,{}", encoded.replace('+', "-").replace('/', "_")).replace('=', ""),
        format!("v1,{hex}"),
        format!("v1, {encoded}"),
        format!("v1:{encoded}"),
        format!("v1={encoded}"),
        format!("V1,{encoded}"),
        format!("v1a,{encoded}"),
        format!("v2,{encoded}"),
        format!("v1,v1,{encoded}"),
        encoded.to_owned(),
        format!("v1,{encoded},"),
        "v1,".to_owned(),
        "v1".to_owned(),
        ",".to_owned(),
        " ".to_owned(),
    ] {
        let kind = refused(&headers(ID, &NOW.to_string(), &other), EVENT);
        assert_eq!(kind, VerifyErrorKind::NoMatchingSignature, "{other}");
    }
}

/// What is signed for one delivery proves no other, and its parts can't be moved over their dots.
#[test]
fn forged_deliveries_are_refused() {
    let at = NOW.to_string();
    let other = key(OTHER);
    let no_match = |headers: HeaderMap, body: &[u8]| {
        assert_eq!(
            refused(&headers, body),
            VerifyErrorKind::NoMatchingSignature,
            "{headers:?}"
        );
    };
    no_match(headers(ID, &at, &other.sign(ID, NOW, EVENT)), EVENT);
    // The body alone, and with other things in front.
    no_match(headers(ID, &at, &key(KEY).sign("", NOW, EVENT)), EVENT);
    no_match(
        headers(ID, &at, &key(KEY).sign("msg_other", NOW, EVENT)),
        EVENT,
    );
    no_match(headers(ID, &at, &key(KEY).sign(ID, NOW - 1, EVENT)), EVENT);
    no_match(headers(ID, &at, &key(KEY).sign(ID, NOW, PUBLISHED)), EVENT);
    // Two deliveries whose headers or bodies are exchanged.
    let (one, two) = (signed_at(NOW, EVENT), signed_at(NOW - 60, PUBLISHED));
    no_match(one.clone(), PUBLISHED);
    no_match(two.clone(), EVENT);
    for name in ["webhook-timestamp", "webhook-signature"] {
        let mut mixed = one.clone();
        mixed.insert(name, two[name].clone());
        no_match(mixed, EVENT);
    }
    // `a.1.2` with a body would prove `a` with a body that begins with `2.`, so it proves nothing.
    let moved = key(KEY).sign("a.1", 2, EVENT);
    let verifier = Verifier::with_clock(key(KEY), At(2)).tolerance(Duration::from_secs(1));
    let dotted = verifier.check(&headers("a.1", "2", &moved), EVENT);
    assert_eq!(dotted.unwrap_err().kind(), VerifyErrorKind::InvalidHeader);
}

#[test]
fn stale_and_future_deliveries_are_refused() {
    for (timestamp, kind) in [
        (NOW - 300, None),
        (NOW + 300, None),
        (NOW - 301, Some(VerifyErrorKind::TooOld)),
        (NOW + 301, Some(VerifyErrorKind::TooNew)),
        (0, Some(VerifyErrorKind::TooOld)),
        (NOW * 1000, Some(VerifyErrorKind::TooNew)),
    ] {
        let headers = signed_at(timestamp, EVENT);
        let result = verifier().verify(&headers, EVENT);
        assert_eq!(
            result
                .as_ref()
                .err()
                .map(anthropic::webhooks::VerifyError::kind),
            kind
        );
        // One whose time was changed as well is forged, which matters more.
        let forged = headers_with(&headers, "webhook-id", "msg_other");
        assert_eq!(
            refused(&forged, EVENT),
            VerifyErrorKind::NoMatchingSignature
        );
    }
    let old = signed_at(NOW - 301, EVENT);
    let line = verifier().verify(&old, EVENT).unwrap_err().to_string();
    assert_eq!(
        line,
        "the delivery was signed 301 s ago, and 300 s are allowed; check this machine's clock"
    );
    let allows = |tolerance| verifier().tolerance(tolerance).verify(&old, EVENT).is_ok();
    assert!(allows(Duration::from_secs(301)) && allows(Duration::MAX));
    assert!(!allows(Duration::ZERO));
    let now = signed_at(NOW, EVENT);
    assert!(
        verifier()
            .tolerance(Duration::ZERO)
            .verify(&now, EVENT)
            .is_ok()
    );
}

fn headers_with(headers: &HeaderMap, name: &'static str, value: &str) -> HeaderMap {
    let mut headers = headers.clone();
    headers.insert(name, HeaderValue::from_str(value).unwrap());
    headers
}

#[test]
fn headers_that_are_missing_twice_or_malformed_are_named() {
    let good = signed_at(NOW, EVENT);
    for name in ["webhook-id", "webhook-timestamp", "webhook-signature"] {
        let mut missing = good.clone();
        missing.remove(name);
        let empty = headers_with(&good, name, "");
        let mut twice = good.clone();
        twice.append(name, good[name].clone());
        let mut binary = good.clone();
        binary.insert(name, HeaderValue::from_bytes(b"\xff").unwrap());
        for (headers, kind) in [
            (missing, VerifyErrorKind::MissingHeader),
            (empty, VerifyErrorKind::MissingHeader),
            (twice, VerifyErrorKind::InvalidHeader),
            (binary, VerifyErrorKind::InvalidHeader),
        ] {
            assert_eq!(refused(&headers, EVENT), kind);
            let error = verifier().verify(&headers, EVENT).unwrap_err();
            assert!(error.to_string().contains(name), "{error}");
        }
    }
    for timestamp in [
        "now",
        "-1",
        "+1614265330",
        " 1614265330",
        "1614265330 ",
        "1614265330.0",
        "1614265330,1614265330",
        "1e9",
        "0x60",
        "99999999999999999999999",
    ] {
        let headers = headers_with(&good, "webhook-timestamp", timestamp);
        assert_eq!(
            refused(&headers, EVENT),
            VerifyErrorKind::InvalidHeader,
            "{timestamp}"
        );
    }
    // Beyond what the system's time can be, or only beyond the tolerance.
    let headers = headers_with(&good, "webhook-timestamp", &u64::MAX.to_string());
    let kind = refused(&headers, EVENT);
    assert!(matches!(
        kind,
        VerifyErrorKind::InvalidHeader | VerifyErrorKind::NoMatchingSignature
    ));
}

#[test]
fn keys_rotate_and_signatures_may_be_several() {
    let (old, new) = (key(KEY), key(NEW));
    let sign = |key: &SigningKey| key.sign(ID, NOW, EVENT);
    let verify = |verifier: &Verifier, signatures: &str| {
        let headers = headers(ID, &NOW.to_string(), signatures);
        verifier.verify(&headers, EVENT).is_ok()
    };
    let both = verifier().key(new.clone());
    assert!(verify(&both, &sign(&old)) && verify(&both, &sign(&new)));
    let only_new = Verifier::with_clock(new.clone(), At(NOW));
    assert!(!verify(&only_new, &sign(&old)));
    // The sender rotates: among other signatures, in any order, and of other versions.
    for signatures in [
        format!("{} {}", sign(&old), sign(&new)),
        format!("v1a,AAAA {} {}", sign(&new), sign(&old)),
        format!("v1,AAAA  {} v1", sign(&new)),
    ] {
        assert!(verify(&only_new, &signatures), "{signatures}");
    }
    assert!(!verify(
        &only_new,
        &format!("{} {}", sign(&old), sign(&key(THIRD)))
    ));
}

#[test]
fn debug_output_has_no_key() {
    let verifier = verifier().key(key(NEW));
    let shown = format!("{verifier:?} {:?}", key(KEY));
    assert!(
        !shown.contains("MfKQ") && !shown.contains("bmV3") && !shown.contains("[49"),
        "{shown}"
    );
    let error = Verifier::new("whsec_a-secret-that-is-no-base64!").unwrap_err();
    assert!(
        !format!("{error} {error:?} {}", error.dump()).contains("a-secret"),
        "{error}"
    );
}

/// In the environment of the child that [`the_environment_has_the_keys`] starts.
const MARK: &str = "ANTHROPIC_TEST_CHILD";

/// Not a promise by itself: what the children of the next test run.
#[test]
#[expect(
    clippy::disallowed_methods,
    reason = "a test has to know whether it is the child"
)]
fn verify_by_the_environment() {
    if std::env::var_os(MARK).is_none() {
        return;
    }
    match Verifier::from_env() {
        Ok(verifier) => {
            let headers = headers(ID, &NOW.to_string(), SIGNATURE);
            let checked = verifier.tolerance(Duration::MAX).check(&headers, PUBLISHED);
            println!("checked={:?}", checked.map_err(|error| error.kind()));
        }
        Err(error) => println!("error={error}"),
    }
}

/// A process can't change its own environment safely.
#[test]
fn the_environment_has_the_keys() {
    let several = format!(" {OTHER}  {KEY}\n");
    for (value, expected) in [
        (Some(KEY), "checked=Ok(())"),
        (Some(&several), "checked=Ok(())"),
        (Some(OTHER), "checked=Err(NoMatchingSignature)"),
        (
            None,
            "error=configuration: ANTHROPIC_WEBHOOK_SIGNING_KEY is not set",
        ),
        (
            Some(" "),
            "error=configuration: ANTHROPIC_WEBHOOK_SIGNING_KEY is not set",
        ),
        (Some("whsec_?"), "error="),
    ] {
        let mut command = std::process::Command::new(std::env::current_exe().unwrap());
        let test = "webhooks::verify_by_the_environment";
        command
            .args(["--exact", test, "--nocapture"])
            .env(MARK, "1");
        match value {
            Some(value) => command.env("ANTHROPIC_WEBHOOK_SIGNING_KEY", value),
            None => command.env_remove("ANTHROPIC_WEBHOOK_SIGNING_KEY"),
        };
        let output = command.output().unwrap();
        let printed = String::from_utf8_lossy(&output.stdout);
        assert!(printed.contains(expected), "{value:?}: {printed}");
        let errors = String::from_utf8_lossy(&output.stderr);
        let shown = value.is_some_and(|value| printed.contains(value) || errors.contains(value));
        assert!(
            !shown || value == Some(" "),
            "the key is shown: {printed}{errors}"
        );
    }
}
