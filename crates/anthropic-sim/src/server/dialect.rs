//! The first and the last thing that happens to a request of a cloud: it becomes one of the API's
//! own, and its response the cloud's.

use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::Response;
use bytes::Bytes;
use http::request::Parts;
use http::{HeaderMap, HeaderValue, header};

use crate::base::clock::{Clock, http_date, stopwatch};
use crate::base::errors::ApiError;
use crate::base::ids::Ids;
use crate::http::body::{collect, decoded, read, size_limit};
use crate::http::event_stream::{self, Binary, framed};
use crate::observation::observer::Observer;
use crate::observation::scrub::Scrubbed;
use crate::platforms::{Asked, Form, Issuer, Keys, Platform, Refusal, Route, Signed, adapt};

/// What is read of a request for credentials.
const LONGEST: usize = 1 << 20;

/// A cloud that the simulator stands in for.
#[derive(Debug)]
pub(crate) struct Dialect {
    pub(crate) platform: Platform,
    pub(crate) clock: Arc<Clock>,
    pub(crate) keys: Arc<Keys>,
    pub(crate) ids: Arc<Ids>,
    pub(crate) observer: Arc<Observer>,
    /// The path that everything is below.
    pub(crate) base_path: String,
}

pub(crate) async fn translate(
    State(dialect): State<Arc<Dialect>>,
    request: Request,
    next: Next,
) -> Response {
    let path = request.uri().path();
    if path == "/health" || path == "/_sim" || path.starts_with("/_sim/") {
        return next.run(request).await;
    }
    let (parts, body) = request.into_parts();
    let now = dialect.clock.now();
    let Some(issuer) = Issuer::of(dialect.platform, &parts) else {
        return dialect.pass(parts, body, next).await;
    };
    dialect.issue(issuer, &parts, body, now).await
}

impl Dialect {
    /// The response of a server that credentials come from. The request is observed like those for
    /// the API, without the secrets in it, and so is the response's status; what was issued isn't.
    async fn issue(&self, issuer: Issuer, parts: &Parts, body: Body, now: Duration) -> Response {
        let shown = Scrubbed::of(parts);
        let id = self.ids.next("req");
        let mut observation = self.observer.begin(stopwatch(), &shown, &id);
        let body = read(body, &parts.headers, LONGEST).await;
        let bytes = body.as_deref().unwrap_or_default();
        // A form, or JSON, whatever its label is.
        let clean = if bytes.trim_ascii_start().starts_with(b"{") {
            shown.secrets.body(bytes)
        } else {
            let form = String::from_utf8_lossy(bytes);
            shown.secrets.query(&form).into_bytes()
        };
        observation.request(shown, clean.into());
        let mut response = match body {
            Ok(body) => issuer.answer(Asked {
                parts,
                body: &body,
                keys: &self.keys,
                now,
            }),
            Err(error) => self.refuse(Form::of(self.platform), &error),
        };
        date(response.headers_mut(), now);
        observation.played(Some(response.status()));
        response
    }

    async fn pass(&self, mut parts: Parts, body: Body, next: Next) -> Response {
        let now = self.clock.now();
        let route = Route::of(self.platform, &parts.method, parts.uri.path());
        let form = route
            .as_ref()
            .map_or(Form::of(self.platform), |route| route.form(self.platform));
        let made = match route {
            Some(route) => self.request(&route, &mut parts, body, now).await,
            None => Err(Refused::Here(Refusal::no_path(self.platform))),
        };
        let body = match made {
            Ok(body) => body,
            Err(Refused::Here(refusal)) => return self.dress(form, refusal.into_response()),
            Err(Refused::Api(error)) => return self.refuse(form, &error),
        };
        let mut request = Request::from_parts(parts, body);
        request.extensions_mut().insert(form);
        if form.invoked {
            request.extensions_mut().insert(Binary);
        }
        let response = next.run(request).await;
        self.restore(form, response).await
    }

    /// Checks a request's credentials, and makes it one of the API's own.
    async fn request(
        &self,
        route: &Route,
        parts: &mut Parts,
        body: Body,
        now: Duration,
    ) -> Result<Body, Refused> {
        let is_keyed = self.keys.check(self.platform, &parts.headers, now);
        let is_signed = self.platform.signed_as().is_some() && is_signed(&parts.headers);
        if !is_signed && is_keyed != Some(true) {
            let is_missing = is_keyed.is_none() && self.platform.signed_as().is_some();
            if !is_missing {
                return Err(Refused::Here(Refusal::unauthenticated(self.platform)));
            }
        }
        let needs_signature = is_signed || is_keyed.is_none();
        if !needs_signature && !route.reads_body(self.platform) {
            adapt(self.platform, route, parts, Bytes::new()).map_err(Refused::Here)?;
            return Ok(body);
        }
        let limit = size_limit(&route.path);
        let body = read(body, &parts.headers, limit)
            .await
            .map_err(Refused::Api)?;
        if let (true, Some(service)) = (needs_signature, self.platform.signed_as()) {
            let path = format!("{}{}", self.base_path, parts.uri.path());
            let signed = Signed {
                parts,
                path: &path,
                body: &body,
                service,
            };
            signed.check(&self.keys, now).map_err(Refused::Here)?;
        }
        let body = decoded(body, &parts.headers, limit).map_err(Refused::Api)?;
        parts.headers.remove(header::CONTENT_ENCODING);
        let body = adapt(self.platform, route, parts, body).map_err(Refused::Here)?;
        Ok(body.into())
    }

    /// Puts a response of the API's into the cloud's form.
    async fn restore(&self, form: Form, response: Response) -> Response {
        let kind = response.headers().get(header::CONTENT_TYPE);
        let is = |kind: &HeaderValue, media_type: &str| {
            kind.as_bytes().starts_with(media_type.as_bytes())
        };
        let is_stream = kind.is_some_and(|kind| is(kind, "text/event-stream"));
        let is_json = kind.is_some_and(|kind| is(kind, "application/json"));
        let is_error = response.status().is_client_error() || response.status().is_server_error();
        if is_stream && form.invoked {
            let mut response = response.map(framed);
            let kind = HeaderValue::from_static(event_stream::MEDIA_TYPE);
            response.headers_mut().insert(header::CONTENT_TYPE, kind);
            return self.dress(form, response);
        }
        if !is_json || !(is_error || form.invoked) {
            return self.dress(form, response);
        }
        let (mut parts, body) = response.into_parts();
        let body = collect(body).await;
        if is_error {
            return self.dress(form, form.refused(parts, body));
        }
        let body = match form.body(&mut parts.headers, &body) {
            Some(text) => {
                parts.headers.remove(header::CONTENT_LENGTH);
                Body::from(text)
            }
            None => body.into(),
        };
        self.dress(form, Response::from_parts(parts, body))
    }

    /// An error of the API's, before there is a request of its own.
    fn refuse(&self, form: Form, error: &ApiError) -> Response {
        let body = serde_json::to_vec(&error.body("")).unwrap_or_default();
        let refusal = form.error(error.status, &body);
        let refusal =
            refusal.unwrap_or_else(|| Refusal::api(error.status, &error.kind, &error.message));
        self.dress(form, refusal.into_response())
    }

    fn dress(&self, form: Form, mut response: Response) -> Response {
        form.headers(response.headers_mut());
        date(response.headers_mut(), self.clock.now());
        response
    }
}

/// The time by this clock, so that a client whose own is wrong can see it.
fn date(headers: &mut HeaderMap, now: Duration) {
    if let Ok(date) = HeaderValue::from_str(&http_date(now)) {
        headers.insert(header::DATE, date);
    }
}

/// Why a request goes no further.
enum Refused {
    /// By the cloud.
    Here(Refusal),
    /// As by the API.
    Api(ApiError),
}

/// Whether it is signed, rightly or wrongly.
fn is_signed(headers: &HeaderMap) -> bool {
    let value = headers.get(header::AUTHORIZATION);
    value.is_some_and(|value| value.as_bytes().starts_with(b"AWS4-"))
}
