//! What an error gets on its last step to the caller: the request that it is about, where the
//! credential came from; and what it loses: the client's secrets.

use http::StatusCode;

use super::resolved::Resolved;
use super::shared::Shared;
use crate::Error;
use crate::config::CredentialKind;
use crate::error::Sent;
use crate::request::call::Call;
use crate::request::headers::has_credential;
use crate::request::wire::Wire;
use crate::transport::Body;

impl Shared {
    /// Completes an error about a call.
    pub(crate) fn finish(&self, call: &Call, error: Error) -> Error {
        let error = if error.status() == Some(StatusCode::UNAUTHORIZED) {
            error.with_hint(self.where_from(call))
        } else {
            error
        };
        error.with_sent(|| self.sent(call)).masked(&self.secrets)
    }

    /// Where the credential of a call came from.
    fn where_from(&self, call: &Call) -> String {
        let route = call.options.route.as_ref();
        if has_credential(&call.options.headers) {
            return "the credential came from a header of the request".to_owned();
        }
        if route.is_some_and(|route| route.credential.is_some()) {
            return "the credential came from the request's options".to_owned();
        }
        let source = self.platform.credential_source();
        match source.kind {
            CredentialKind::Anonymous | CredentialKind::Missing => {
                "the client has no credential of its own".to_owned()
            }
            CredentialKind::ApiKey | CredentialKind::AuthToken | CredentialKind::Custom => {
                format!("the credential came from the client's {source}")
            }
            _ => format!("the credential came from {source}"),
        }
    }

    /// The request of a call as it may be shown.
    fn sent(&self, call: &Call) -> Option<Sent> {
        let resolved = Resolved::new(self, &call.options).ok()?;
        let body = call.body.try_clone().unwrap_or_else(Body::spent);
        let wire = Wire::new(&self.config, &resolved.base_url, call, body).ok()?;
        self.secrets.note(wire.headers());
        Some(wire.sent(call, &self.secrets))
    }
}
