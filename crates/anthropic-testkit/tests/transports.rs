//! The client's own transports pass the contract, and transports with a fault fail the check that
//! is about it.

#![allow(
    clippy::unwrap_used,
    reason = "a test that unwraps nothing fails, as it should"
)]

use std::pin::Pin;
use std::task::{Context, Poll};

use anthropic::BoxFuture;
use anthropic::hyper_1::HyperTransport;
use anthropic::reqwest_0_13::{ReqwestTransport, preset};
use anthropic::transport::{Body, HttpRequest, HttpResponse, Transport, TransportError};
use anthropic_testkit::{Outcome, Report};
use bytes::Bytes;
use futures_core::Stream;

fn hyper() -> HyperTransport {
    HyperTransport::builder().build().unwrap()
}

#[tokio::test]
async fn the_default_one() {
    anthropic_testkit::transport(hyper).await.assert();
}

#[tokio::test]
async fn the_one_on_reqwest() {
    let make = || ReqwestTransport::new(preset().unwrap().build().unwrap()).unwrap();
    anthropic_testkit::transport(make).await.assert();
}

/// A transport with a fault.
#[derive(Debug)]
struct Faulty {
    inner: HyperTransport,
    fault: Fault,
    seen: std::sync::Mutex<String>,
}

#[derive(Debug, Clone, Copy)]
enum Fault {
    AddsHeader,
    FailsOnStatus,
    RetriesOnce,
    EndsBodiesQuietly,
    BuffersRequests,
    Remembers,
}

/// A body whose error passes for its end.
struct Quiet(Body);

impl Stream for Quiet {
    type Item = Result<Bytes, std::io::Error>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let next = Pin::new(&mut self.0).poll_next(context);
        next.map(|chunk| chunk.and_then(Result::ok).map(Ok))
    }
}

impl Transport for Faulty {
    fn send(
        &self,
        mut request: HttpRequest,
    ) -> BoxFuture<'static, Result<HttpResponse, TransportError>> {
        let inner = self.inner.clone();
        let fault = self.fault;
        if matches!(fault, Fault::AddsHeader) {
            request
                .headers_mut()
                .insert("x-added", "1".parse().unwrap());
        }
        if matches!(fault, Fault::Remembers) {
            *self.seen.lock().unwrap() = format!("{:?}", request.headers());
        }
        Box::pin(async move {
            if matches!(fault, Fault::BuffersRequests) {
                let (parts, body) = request.into_parts();
                let body = body.bytes().await.map_err(TransportError::io)?;
                request = http::Request::from_parts(parts, body.into());
            }
            let mut again = http::Request::new(Body::empty());
            *again.method_mut() = request.method().clone();
            *again.uri_mut() = request.uri().clone();
            *again.headers_mut() = request.headers().clone();
            let sent = inner.send(request).await;
            match (fault, sent) {
                (Fault::RetriesOnce, Err(_)) => inner.send(again).await,
                (Fault::FailsOnStatus, Ok(response)) if !response.status().is_success() => {
                    Err(TransportError::other("no success"))
                }
                (Fault::EndsBodiesQuietly, Ok(response)) => {
                    Ok(response.map(|body| Body::stream(Quiet(body), None)))
                }
                (_, sent) => sent,
            }
        })
    }
}

async fn report(fault: Fault) -> Report {
    let make = || Faulty {
        inner: hyper(),
        fault,
        seen: std::sync::Mutex::default(),
    };
    anthropic_testkit::transport(make).await
}

fn fails(report: &Report, checks: &[&str]) {
    let failed: Vec<_> = report.failures().map(|check| check.name).collect();
    assert_eq!(failed, checks, "{report}");
}

#[tokio::test]
async fn a_header_of_its_own() {
    let report = report(Fault::AddsHeader).await;
    fails(
        &report,
        &["headers arrive as they are, repeated ones too, and no others"],
    );
    assert_eq!(
        report.outcome("redirects are not followed"),
        Some(&Outcome::Passed)
    );
}

#[tokio::test]
async fn no_response_but_a_success() {
    let report = report(Fault::FailsOnStatus).await;
    let wanted = [
        "an error's status is a response",
        "redirects are not followed",
    ];
    fails(&report, &wanted);
    assert!(
        report
            .to_string()
            .contains("FAILED  redirects are not followed")
    );
}

#[tokio::test]
async fn a_second_try() {
    // A body that failed is not there for a second try, which then passes for a request without
    // one.
    let wanted = [
        "a body that fails makes the request fail",
        "a connection that closes early is an error, and is not tried again",
    ];
    fails(&report(Fault::RetriesOnce).await, &wanted);
}

#[tokio::test]
async fn an_end_that_is_none() {
    let wanted = [
        "a body that ends early is an error",
        "a chunked body without its end is an error",
    ];
    fails(&report(Fault::EndsBodiesQuietly).await, &wanted);
}

#[tokio::test]
#[should_panic(expected = "no secret is in Debug or in an error")]
async fn headers_in_debug() {
    report(Fault::Remembers).await.assert();
}

#[tokio::test(start_paused = true)]
async fn a_request_that_waits_for_its_end() {
    let wanted = ["a request's body is sent while it is made"];
    fails(&report(Fault::BuffersRequests).await, &wanted);
}

/// Sends nothing.
#[derive(Debug)]
struct Unable;

impl Transport for Unable {
    fn send(&self, _: HttpRequest) -> BoxFuture<'static, Result<HttpResponse, TransportError>> {
        Box::pin(std::future::ready(Err(TransportError::other("none"))))
    }
}

#[tokio::test]
async fn what_fails_at_once_is_not_waited_for() {
    let report = anthropic_testkit::transport(|| Unable).await.to_string();
    assert!(report.contains("none"), "{report}");
    assert!(!report.contains("nothing happened"), "{report}");
}
