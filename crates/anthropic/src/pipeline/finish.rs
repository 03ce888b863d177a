//! What an error gets on its last step to the caller: the request that it is about, where the
//! credential came from, which version or beta a parameter needs; and what it loses: the client's
//! secrets.

use anthropic_types::Beta;
use http::StatusCode;
use http::header::AUTHORIZATION;

use super::asked::{at, not_found};
use super::resolved::{self, Resolved};
use super::shared::Shared;
use crate::config::CredentialKind;
use crate::error::Sent;
use crate::request::call::Call;
use crate::request::headers::X_API_KEY;
use crate::request::wire::Wire;
use crate::transport::Body;
use crate::{Error, ErrorKind};

impl Shared {
    /// Completes an error about a call.
    pub(crate) fn finish(&self, call: &Call, error: Error) -> Error {
        let error = error.with_sent(|| self.rebuilt(call));
        let hint = if error.reports(StatusCode::UNAUTHORIZED) {
            Some(self.where_from(call))
        } else if error.reports(StatusCode::BAD_REQUEST) {
            self.lacking(call, &error)
        } else if error.is_in_success() && error.reports(StatusCode::NOT_FOUND) {
            error.sent_url().map(|url| not_found(&error, url))
        } else if error.kind() == ErrorKind::UnexpectedContent {
            error.sent_url().map(at)
        } else {
            None
        };
        let error = match hint {
            Some(hint) => error.with_hint(hint),
            None => error,
        };
        error.masked(&self.secrets)
    }

    /// What a parameter needs that the API has refused: its old version, or a beta.
    fn lacking(&self, call: &Call, error: &Error) -> Option<String> {
        let (place, reason) = error.api_message()?.split_once(": ")?;
        if !reason.starts_with("Extra inputs") {
            return None;
        }
        // In a batch it is `requests.0.params.temperature`.
        let name = place.rsplit('.').next()?;
        let beta = match name {
            "temperature" | "top_p" | "top_k" if resolved::is_old(&self.config, call) => None,
            "temperature" | "top_p" | "top_k" => {
                let hint = "`temperature`, `top_p` and `top_k` need the API version 2023-06-01, by \
                            `.api_version(\"2023-06-01\")`";
                return Some(hint.to_owned());
            }
            "billing_policy" => Some(Beta::USER_PROFILES_BILLING_2026_10_01),
            "compaction" => Some(Beta::COMPACT_2026_09_04),
            "context_management" => Some(Beta::CONTEXT_MANAGEMENT_2025_06_27),
            "fallback_credit_token" => Some(Beta::FALLBACK_CREDIT_2026_07_01),
            "fallbacks" => Some(Beta::SERVER_SIDE_FALLBACK_2026_07_01),
            "mcp_servers" => Some(Beta::MCP_CLIENT_2025_11_20),
            "thread" => Some(Beta::MESSAGE_THREADS_2026_08_12),
            _ => None,
        };
        let beta = beta?;
        let beta = beta.as_str();
        Some(format!(
            "`{name}` needs the beta `{beta}`, by `.beta(\"{beta}\")`"
        ))
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
        self.secrets.note(wire.headers(), wire.headers());
        wire.sent(call, &self.secrets)
    }

    /// The same, of a call whose request is no longer there.
    fn rebuilt(&self, call: &Call) -> Option<Sent> {
        let resolved = Resolved::new(self, &call.options).ok()?;
        let body = call.body.try_clone().unwrap_or_else(Body::spent);
        let wire = resolved::wire(&self.config, &resolved.base_url, call, body).ok()?;
        let sent = self.sent(call, &wire);
        Some(match &call.kept {
            Some(head) => sent.with_head(head.clone()),
            None => sent,
        })
    }
}
