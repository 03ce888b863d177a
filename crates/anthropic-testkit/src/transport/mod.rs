//! What every [`Transport`] has to do, checked over real sockets on 127.0.0.1.

mod bodies;
mod broken;
mod messages;
mod sending;

use std::future::Future;
use std::time::Duration;

use anthropic::transport::Transport;

use crate::report::{Fault, Report, Verdict};

/// How long one check may take.
const LIMIT: Duration = Duration::from_secs(20);

/// Checks a transport.
///
/// `make` is called for each check, and returns the transport as a client would use it. It must
/// take `http` URLs on 127.0.0.1.
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
