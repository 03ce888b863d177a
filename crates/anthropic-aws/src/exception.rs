//! AWS's exceptions, and the API's names for them.

use serde::Deserialize;
use serde_json::{Value, json};

/// An error as AWS reports it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Exception {
    name: String,
    message: String,
}

/// The body of an error. Some services spell the message with a capital letter.
#[derive(Default, Deserialize)]
struct Body {
    #[serde(default, alias = "Message")]
    message: Option<String>,
    #[serde(default, rename = "__type")]
    name: Option<String>,
    /// What the model itself failed with.
    #[serde(default, rename = "originalMessage")]
    original: Option<String>,
}

impl Exception {
    /// `name` may come with a namespace before a `#` and a URL behind a `:`.
    pub(crate) fn new(name: &str, message: String) -> Self {
        let name = name.split(':').next().unwrap_or_default();
        let name = name.rsplit('#').next().unwrap_or_default();
        Self {
            name: name.to_owned(),
            message,
        }
    }

    /// The exception in a frame of an event stream.
    pub(crate) fn of_frame(name: &[u8], payload: &[u8]) -> Self {
        Self::of_body(Some(&String::from_utf8_lossy(name)), payload)
            .unwrap_or_else(|| Self::new(&String::from_utf8_lossy(name), String::new()))
    }

    /// The exception in a response; `None` where the body is none of AWS's.
    pub(crate) fn of_body(name: Option<&str>, body: &[u8]) -> Option<Self> {
        let body: Body = serde_json::from_slice(body).ok()?;
        let name = name.filter(|name| !name.is_empty()).map(str::to_owned);
        let message = match (body.message, body.original) {
            (Some(message), Some(original)) => format!("{message} ({original})"),
            (Some(message), None) | (None, Some(message)) => message,
            (None, None) => String::new(),
        };
        let name = name.or(body.name)?;
        Some(Self::new(&name, message))
    }

    /// The exception in an error of the API's shape, as [`to_json`](Self::to_json) writes it.
    /// Its message is left out.
    pub(crate) fn in_error(body: &[u8]) -> Option<Self> {
        let body: Value = serde_json::from_slice(body).ok()?;
        let name = body.pointer("/error/aws_type")?.as_str()?;
        Some(Self::new(name, String::new()))
    }

    /// The API's type of such an error.
    fn api_type(&self) -> &'static str {
        match self.short_name().to_ascii_lowercase().as_str() {
            "throttling"
            | "toomanyrequests"
            | "servicequotaexceeded"
            | "limitexceeded"
            | "requestlimitexceeded" => "rate_limit_error",
            "validation" | "serialization" | "badrequest" | "conflict" => "invalid_request_error",
            "accessdenied" => "permission_error",
            "resourcenotfound" | "unknownoperation" => "not_found_error",
            "unrecognizedclient"
            | "invalidsignature"
            | "missingauthenticationtoken"
            | "incompletesignature"
            | "invalidclienttokenid"
            | "expiredtoken"
            | "requestexpired"
            | "requestinthefuture"
            | "requesttimetooskewed"
            | "signaturedoesnotmatch" => "authentication_error",
            "modeltimeout" => "timeout_error",
            "serviceunavailable" | "modelnotready" => "overloaded_error",
            _ => "api_error",
        }
    }

    /// The error in the API's shape, with AWS's own name beside it.
    pub(crate) fn to_json(&self) -> Value {
        let message = if self.message.is_empty() {
            &self.name
        } else {
            &self.message
        };
        json!({"type": self.api_type(), "message": message, "aws_type": self.name})
    }

    /// Whether the credential was refused because it is too old, or unknown by now.
    pub(crate) fn is_stale_credential(&self) -> bool {
        matches!(
            self.short_name(),
            "ExpiredToken" | "UnrecognizedClient" | "InvalidClientTokenId"
        )
    }

    /// Whether the signature was refused, for which a wrong clock may be the reason.
    pub(crate) fn is_about_time(&self) -> bool {
        matches!(
            self.short_name(),
            "InvalidSignature"
                | "RequestExpired"
                | "RequestInTheFuture"
                | "RequestTimeTooSkewed"
                | "SignatureDoesNotMatch"
        )
    }

    fn short_name(&self) -> &str {
        self.name.strip_suffix("Exception").unwrap_or(&self.name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_read_wherever_aws_writes_them() {
        let type_of = |exception: Option<Exception>| exception.unwrap().to_json()["type"].clone();
        let header = Exception::of_body(
            Some("ThrottlingException:http://internal.amazon.com/coral/"),
            br#"{"message":"Too many requests"}"#,
        );
        assert_eq!(type_of(header), "rate_limit_error");
        let body = br#"{"__type":"com.amazon.coral#ValidationException","Message":"bad"}"#;
        let body = Exception::of_body(None, body);
        assert_eq!(body.as_ref().unwrap().to_json()["message"], "bad");
        assert_eq!(type_of(body), "invalid_request_error");
        assert_eq!(Exception::of_body(None, b"{}"), None);
        assert_eq!(Exception::of_body(Some("X"), b"<html>"), None);
    }

    #[test]
    fn frames_begin_with_a_small_letter() {
        let frame = Exception::of_frame(b"throttlingException", br#"{"message":"slow down"}"#);
        assert_eq!(frame.to_json()["type"], "rate_limit_error");
        let frame = Exception::of_frame(b"modelStreamErrorException", b"");
        assert_eq!(frame.to_json()["message"], "modelStreamErrorException");
        let frame = br#"{"message":"failed","originalMessage":"deeper","originalStatusCode":500}"#;
        let frame = Exception::of_frame(b"modelStreamErrorException", frame);
        assert_eq!(frame.to_json()["message"], "failed (deeper)");
    }
}
