//! What every [`Transport`] has to do, checked over real sockets on 127.0.0.1.

mod bodies;
mod broken;
mod messages;

use std::future::Future;
use std::time::Duration;

use anthropic::transport::{Body, HttpRequest, HttpResponse, Transport, TransportError};

use crate::report::{Fault, Report, Verdict};

/// How long one check may take.
const LIMIT: Duration = Duration::from_secs(20);

/// Checks a transport.
///
/// `make` is called for each check, and returns the transport as a client would use it. It must take `http` URLs on
/// 127.0.0.1.
///
/// ```
/// # #[derive(Debug)]
/// # struct Mine;
/// # impl anthropic::transport::Transport for Mine {
/// #     fn send(
/// #         &self,
/// #         _: anthropic::transport::HttpRequest,
/// #     ) -> anthropic::BoxFuture<
/// #         'static,
/// #         Result<anthropic::transport::HttpResponse, anthropic::transport::TransportError>,
/// #     > {
/// #         Box::pin(std::future::ready(Err(anthropic::transport::TransportError::other("none"))))
/// #     }
/// # }
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() {
/// let report = anthropic_testkit::transport(|| Mine).await;
/// // In a test: report.assert();
/// println!("{report}");
/// # assert!(!report.is_ok());
/// # }
/// ```
pub async fn transport<T: Transport>(make: impl Fn() -> T) -> Report {
    let mut report = Report::new(std::any::type_name::<T>().to_owned());
    macro_rules! checks {
        ($($name:literal => $check:path,)+) => {$(
            let result = within($check(&make())).await;
            report.add($name, result);
        )+};
    }
    checks! {
        "the method, the path and the query arrive as they are" => messages::target,
        "headers arrive as they are, repeated ones too, and no others" => messages::headers,
        "a request without a body has none" => messages::no_body,
        "the response's status and headers come as they are" => messages::response,
        "an error's status is a response" => messages::error_status,
        "redirects are not followed" => messages::redirect,
        "an encoded body is not decoded" => messages::encoded,
        "a response without a body ends" => messages::no_content,
        "requests run at the same time" => messages::concurrent,
        "a body of known length arrives with its length" => bodies::known,
        "a body of unknown length arrives whole" => bodies::unknown,
        "a request's body is sent while it is made" => bodies::sent_while_made,
        "a response's body is read while it arrives" => bodies::read_while_arriving,
        "large bodies arrive whole" => bodies::large,
        "a body that fails makes the request fail" => bodies::failing,
        "a refused connection is an error of connecting" => broken::refused,
        "a connection that closes early is an error, and is not tried again" => broken::early,
        "a body that ends early is an error" => broken::cut,
        "a chunked body without its end is an error" => broken::unterminated,
        "dropping the future closes the connection" => broken::dropped_future,
        "dropping the response closes the connection" => broken::dropped_body,
        "no secret is in Debug or in an error" => broken::secrets,
    }
    report
}

async fn within(check: impl Future<Output = Verdict>) -> Verdict {
    let limit = || Fault::new(format!("nothing happened for {LIMIT:?}"));
    tokio::time::timeout(LIMIT, check)
        .await
        .map_err(|_| limit())?
}

/// A request as the client makes it.
fn request(method: &str, url: &str, body: impl Into<Body>) -> Verdict<HttpRequest> {
    let request = http::Request::builder()
        .method(method)
        .uri(url)
        .header("accept", "application/json")
        .header("user-agent", "contract/1");
    request
        .body(body.into())
        .map_err(|error| Fault::new(error.to_string()))
}

/// Sends, and fails the check if that fails.
async fn send(transport: &dyn Transport, request: HttpRequest) -> Verdict<HttpResponse> {
    let sent = transport.send(request).await;
    sent.map_err(|error| Fault::new(format!("unexpected error: {}", chain(&error))))
}

/// The error with all its causes.
fn chain(error: &TransportError) -> String {
    let mut text = error.to_string();
    let mut cause = std::error::Error::source(error);
    while let Some(error) = cause {
        text.push_str(": ");
        text.push_str(&error.to_string());
        cause = error.source();
    }
    text
}
