//! `Debug` of what clients and requests are made of shows neither values nor secrets.

use std::fmt::Debug;

use anthropic::platform::{BodyFields, MaybeReady, credentials_fn};
use anthropic::transport::{Body, HttpRequest, TransportError};
use anthropic::{Form, LogLevel, debug_log, middleware_fn};
use bytes::Bytes;

/// All of it, so that no value or secret is in it.
fn shown(value: &dyn Debug, text: &str) {
    assert_eq!(format!("{value:?}"), text);
}

#[test]
fn what_goes_into_a_request_shows_no_values() {
    shown(
        &Form::new().text("a", "canary").text("b", "canary"),
        "Form { parts: 2, .. }",
    );
    let body = Bytes::from_static(br#"{"a": "canary", "b": 1}"#);
    shown(&BodyFields::read(&body).unwrap(), r#"["a", "b"]"#);
    shown(
        &Body::from("canary").save_to("a.txt"),
        r#"Save { body: Body { kind: "bytes", len: Some(6) }, path: "a.txt", .. }"#,
    );
}

#[test]
fn what_a_client_is_made_of_is_named() {
    let log = debug_log(LogLevel::Info);
    shown(&log, "DebugLog { level: Info, has_writer: false }");
    let log = log.to_writer(std::io::sink());
    shown(&log, "DebugLog { level: Info, has_writer: true }");
    let middleware = middleware_fn(|request: HttpRequest, next| next.run(request));
    shown(&middleware, "middleware_fn");
    let credentials = credentials_fn(|| async { Ok("canary") });
    shown(&credentials, "credentials_fn");
    shown(&MaybeReady::ready("canary"), "MaybeReady::Ready");
    let pending = MaybeReady::pending(async { "canary" });
    shown(&pending, "MaybeReady::Pending");
}

#[cfg(feature = "tokio")]
#[test]
fn a_reader_shows_no_bytes() {
    let reader = anthropic::transport::tokio_1::BodyReader::new(Body::from("canary"));
    let body = r#"Body { kind: "bytes", len: Some(6) }"#;
    let text = format!("BodyReader {{ body: {body}, buffered: 0, left: Some(6) }}");
    shown(&reader, &text);
}

#[cfg(all(feature = "hyper", feature = "reqwest", feature = "tower"))]
#[test]
fn a_transport_shows_neither_proxy_nor_key() {
    use anthropic::hyper_1::HyperTransport;
    use anthropic::reqwest_0_13::{ReqwestTransport, preset};
    use anthropic::transport::tower::{ServiceTransport, TransportService};

    let hyper = HyperTransport::builder()
        .proxy("http://user:canary@proxy.example:1")
        .client_certificate("canary", "canary")
        .pool_max_idle_per_host(2);
    shown(
        &hyper,
        "HyperTransportBuilder { http1_only: false, pool_idle_timeout: Some(90s), pool_max_idle_per_host: 2, .. }",
    );
    let hyper = HyperTransport::builder().build().unwrap();
    shown(&hyper, "HyperTransport { .. }");
    let service = ServiceTransport::new(TransportService::new(hyper));
    shown(&service, "ServiceTransport { .. }");
    let reqwest = ReqwestTransport::new(preset().unwrap().build().unwrap()).unwrap();
    shown(&reqwest, "ReqwestTransport { .. }");
}

#[test]
fn an_error_of_a_transport_has_its_cause() {
    use std::error::Error;

    for (error, line) in [
        (TransportError::connect("because"), "could not connect"),
        (
            TransportError::timeout("because"),
            "the transport's time limit ran out",
        ),
        (TransportError::io("because"), "the connection broke"),
        (TransportError::other("because"), "the transport failed"),
    ] {
        assert_eq!(error.to_string(), line);
        assert_eq!(error.source().unwrap().to_string(), "because");
    }
}
