//! The other end: what the platform's servers do, as far as the suite needs it.

use std::fmt;

use bytes::Bytes;

/// A request or a response whose body is there as a whole.
pub type Request = http::Request<Bytes>;
/// A response whose body is there as a whole.
pub type Response = http::Response<Bytes>;

/// The servers of a platform, played by a test: they read what the platform made of a request, and
/// put responses into the platform's form.
///
/// The suite knows canonical requests and responses only. [`FirstParty`] is the service of a
/// platform that serves those.
pub trait Service: fmt::Debug + Send + Sync + 'static {
    /// Reads a request as it was sent.
    ///
    /// Check here what the platform's servers check: the signature, the headers that have to be
    /// there. What is wrong is [`Received::Refused`], and fails the check that is running.
    fn receive(&self, request: Request) -> Received;

    /// Puts the response to a canonical request into the platform's form: its error shapes, its
    /// framing of streams.
    fn respond(&self, request: &Request, response: Response) -> Response {
        let _ = request;
        response
    }
}

/// What a service makes of a request.
#[derive(Debug)]
#[expect(
    clippy::exhaustive_enums,
    reason = "there is no fourth thing to do with a request"
)]
pub enum Received {
    /// A request to the API, in the canonical form again: method, path and query, headers, body.
    /// Its URL may be relative.
    Api(Request),
    /// A request of the platform's own, such as an exchange of tokens, and the response to it.
    Own(Response),
    /// A request that the service does not accept, with the reason.
    Refused(String),
}

/// The service of Anthropic's own API: requests are canonical already, and must have a credential.
#[derive(Debug, Clone, Copy, Default)]
#[non_exhaustive]
pub struct FirstParty;

impl Service for FirstParty {
    fn receive(&self, request: Request) -> Received {
        let headers = request.headers();
        if headers.contains_key("x-api-key") || headers.contains_key("authorization") {
            Received::Api(request)
        } else {
            Received::Refused("there is no credential".to_owned())
        }
    }
}
