//! The gateway: it has names of its own for models, wants to know the team, and counts no tokens.

use std::fmt;

use anthropic::operation::OperationInfo;
use anthropic::platform::{AttemptContext, MaybeReady};
use anthropic::transport::HttpRequest;
use anthropic::{Credentials, Error, ErrorKind, Platform, Result};
use http::{HeaderMap, HeaderValue, StatusCode, Uri};
use serde_json::{Map, Value};

use crate::Tokens;

/// What the gateway calls a model, and what the API calls it.
const MODELS: [(&str, &str); 2] = [
    ("quick", "claude-haiku-5-5"),
    ("thorough", "claude-opus-5-5"),
];

/// Where the gateway is, whose requests these are, and how they prove it.
pub struct Gateway {
    base_url: Uri,
    team: HeaderValue,
    tokens: Tokens,
}

/// What an attempt was authorized with, so that only that is discarded when it is refused.
#[derive(Clone)]
struct Used(HeaderMap);

impl Gateway {
    /// A gateway at a URL, without a slash at its end.
    pub fn new(base_url: Uri, team: &'static str, tokens: Tokens) -> Self {
        let team = HeaderValue::from_static(team);
        Self {
            base_url,
            team,
            tokens,
        }
    }
}

// Not derived, so that a field that is added is not shown unless somebody wants it to be.
impl fmt::Debug for Gateway {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut debug = f.debug_struct("Gateway");
        debug
            .field("base_url", &self.base_url)
            .finish_non_exhaustive()
    }
}

impl Platform for Gateway {
    fn name(&self) -> &str {
        "gateway"
    }

    fn base_url(&self) -> &Uri {
        &self.base_url
    }

    fn supports(&self, operation: &OperationInfo) -> Result<()> {
        if operation.id().ends_with("count_tokens") {
            return Err(Error::unsupported(self.name(), operation));
        }
        Ok(())
    }

    /// Puts the API's name of a model in place of the gateway's.
    fn adapt<'a>(
        &'a self,
        mut request: HttpRequest,
        _: &'a AttemptContext,
    ) -> MaybeReady<'a, Result<HttpRequest>> {
        request.headers_mut().insert("x-team", self.team.clone());
        // A body that is streamed is an upload; it names no model.
        let Some(body) = request.body().as_bytes() else {
            return MaybeReady::ready(Ok(request));
        };
        let Ok(mut fields) = serde_json::from_slice::<Map<String, Value>>(body) else {
            return MaybeReady::ready(Ok(request));
        };
        let model = fields.get("model").and_then(Value::as_str);
        let Some((_, name)) = MODELS.iter().find(|(short, _)| Some(*short) == model) else {
            return MaybeReady::ready(Ok(request));
        };
        fields.insert("model".to_owned(), (*name).into());
        MaybeReady::ready(match serde_json::to_vec(&fields) {
            Ok(body) => {
                // The transport sends the length of the body that is there.
                request.headers_mut().remove(http::header::CONTENT_LENGTH);
                *request.body_mut() = body.into();
                Ok(request)
            }
            Err(error) => Err(Error::new(ErrorKind::Request, "no JSON").caused_by(error)),
        })
    }

    fn authorize<'a>(
        &'a self,
        mut request: HttpRequest,
        cx: &'a AttemptContext,
    ) -> MaybeReady<'a, Result<HttpRequest>> {
        self.tokens.headers(cx).map(move |headers| {
            let headers = headers?;
            request.headers_mut().extend(headers.clone());
            cx.insert(Used(headers));
            Ok(request)
        })
    }

    fn refused(&self, error: &Error, cx: &AttemptContext) -> bool {
        error.status() == Some(StatusCode::UNAUTHORIZED)
            && cx
                .get()
                .is_some_and(|Used(used)| self.tokens.refused(&used))
    }
}
