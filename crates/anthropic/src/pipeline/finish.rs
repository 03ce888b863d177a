//! What an error gets on its last step to the caller: the request that it is about, where the
//! credential came from, which version a parameter needs; and what it loses: the client's secrets.

use http::StatusCode;
use http::header::AUTHORIZATION;

use super::resolved::{self, Resolved};
use super::shared::Shared;
use crate::Error;
use crate::config::CredentialKind;
use crate::error::Sent;
use crate::request::call::Call;
use crate::request::headers::X_API_KEY;
use crate::request::wire::Wire;
use crate::transport::Body;

impl Shared {
    /// Completes an error about a call.
    pub(crate) fn finish(&self, call: &Call, error: Error) -> Error {
        let error = match error.status() {
            Some(StatusCode::UNAUTHORIZED) => error.with_hint(self.where_from(call)),
            Some(StatusCode::BAD_REQUEST) if self.lacks_version(call, &error) => {
                let hint = "`temperature`, `top_p` and `top_k` need the API version 2023-06-01, by \
                            `.api_version(\"2023-06-01\")`";
                error.with_hint(hint)
            }
            _ => error,
        };
        let error = error.with_sent(|| self.rebuilt(call));
        error.masked(&self.secrets)
    }

    /// Whether the API has refused a parameter that only its old version has.
    fn lacks_version(&self, call: &Call, error: &Error) -> bool {
        let message = error.api_message().unwrap_or_default();
        let (place, reason) = message.split_once(": ").unwrap_or_default();
        // In a batch it is `requests.0.params.temperature`.
        let name = place.rsplit('.').next().unwrap_or_default();
        matches!(name, "temperature" | "top_p" | "top_k")
            && reason.starts_with("Extra inputs")
            && !resolved::is_old(&self.config, call)
    }

    /// Where the credential of a call came from.
    fn where_from(&self, call: &Call) -> String {
        let options = &call.options;
        let is_sent =
            |name| options.headers.contains_key(name) && !options.removed_headers.contains(name);
        if is_sent(&AUTHORIZATION) || is_sent(&X_API_KEY) {
            return "the credential came from a header of the request".to_owned();
        }
        let own = self.config.source;
        let source = match Resolved::new(self, options) {
            Ok(resolved) if own != CredentialKind::Platform => {
                resolved.platform.credential_source()
            }
            _ => self.credential_source(),
        };
        let route = options.route.as_ref();
        let is_given = route.is_some_and(|route| route.credential.is_some());
        match source.kind {
            CredentialKind::Anonymous if is_given || own != CredentialKind::Anonymous => {
                "the request left out the credential, by `without_header`".to_owned()
            }
            _ if is_given => "the credential came from the request's options".to_owned(),
            CredentialKind::Anonymous | CredentialKind::Missing => {
                "the client has no credential of its own".to_owned()
            }
            CredentialKind::ApiKey | CredentialKind::AuthToken | CredentialKind::Custom => {
                format!("the credential came from the client's {source}")
            }
            _ => format!("the credential came from {source}"),
        }
    }

    /// The request that was sent, for a dump.
    pub(crate) fn sent(&self, call: &Call, wire: &Wire<'_>) -> Sent {
        self.secrets.note(wire.headers());
        wire.sent(call, &self.secrets)
    }

    /// The same, of a call whose request is no longer there.
    fn rebuilt(&self, call: &Call) -> Option<Sent> {
        let resolved = Resolved::new(self, &call.options).ok()?;
        let body = call.body.try_clone().unwrap_or_else(Body::spent);
        let wire = resolved::wire(&self.config, &resolved.base_url, call, body).ok()?;
        Some(self.sent(call, &wire))
    }
}
