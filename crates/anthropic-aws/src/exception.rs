//! AWS's exceptions, and the API's names for them.

use anthropic::Error;
use http::StatusCode;
use serde_json::{Map, Value, json};

/// An error as AWS reports it, in a response or in the middle of a stream.
///
/// The [`Error`] has the API's name for it, from which its kind follows, and AWS's message. A
/// stream began with the status 200, whatever it ends with; AWS's own status is here.
///
/// ```
/// use anthropic_aws::AwsException;
///
/// # async fn example(client: anthropic::Client, params: anthropic::types::MessageCreateParams) -> anthropic::Result<()> {
/// let stream = client.messages().stream(params).await?;
/// if let Err(error) = stream.final_message().await {
///     if let Some(exception) = AwsException::from_error(&error) {
///         // `ModelStreamErrorException`, 424, and what the model itself failed with.
///         println!("{} {:?} {:?}", exception.name(), exception.status(), exception.original_status());
///     }
/// }
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AwsException {
    name: String,
    message: String,
    status: Option<StatusCode>,
    original_status: Option<u16>,
}

impl AwsException {
    /// The exception that an error is about, if it is one of AWS's.
    pub fn from_error(error: &Error) -> Option<Self> {
        let mut exception = Self::in_error(error.body())?;
        let is_error = |status: &StatusCode| !status.is_success();
        if let Some(status) = error.status().filter(is_error) {
            exception.status = Some(status);
        }
        Some(exception)
    }

    /// AWS's name for it, such as `ThrottlingException`.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The status of the response; in a stream, the one that AWS's description of the service has
    /// for exceptions of this name.
    pub fn status(&self) -> Option<StatusCode> {
        self.status
    }

    /// The status that the model itself failed with, where AWS reports one: of a
    /// `ModelErrorException` or a `ModelStreamErrorException`.
    pub fn original_status(&self) -> Option<StatusCode> {
        StatusCode::from_u16(self.original_status?).ok()
    }

    /// `name` may come with a namespace before a `#` and a URL behind a `:`, and begins with a
    /// small letter in a frame.
    pub(crate) fn new(name: &str, message: String) -> Self {
        let name = name.split(':').next().unwrap_or_default();
        let name = name.rsplit('#').next().unwrap_or_default();
        let mut name = name.to_owned();
        if let Some(first) = name.get_mut(..1) {
            first.make_ascii_uppercase();
        }
        let mut exception = Self {
            name,
            message,
            status: None,
            original_status: None,
        };
        exception.status = exception.described_status();
        exception
    }

    /// The status that the description of Bedrock's runtime has for exceptions of this name.
    fn described_status(&self) -> Option<StatusCode> {
        let code = match self.short_name() {
            "Validation" | "Conflict" | "ServiceQuotaExceeded" => 400,
            "AccessDenied" => 403,
            "ResourceNotFound" => 404,
            "ModelTimeout" => 408,
            "ModelError" | "ModelStreamError" => 424,
            "Throttling" | "ModelNotReady" => 429,
            "InternalServer" => 500,
            "ServiceUnavailable" => 503,
            _ => return None,
        };
        StatusCode::from_u16(code).ok()
    }

    /// The exception in a frame of an event stream.
    pub(crate) fn of_frame(name: &[u8], payload: &[u8]) -> Self {
        let name = String::from_utf8_lossy(name);
        let unnamed = || Self::of_body(Some("UnknownException"), payload);
        Self::of_body(Some(&name), payload)
            .or_else(unnamed)
            .unwrap_or_else(|| Self::new(&name, String::new()))
    }

    /// The exception in a response. Without a `name`, which is a header's, `None` where the body is
    /// none of AWS's.
    pub(crate) fn of_body(name: Option<&str>, body: &[u8]) -> Option<Self> {
        let name = name.filter(|name| !name.is_empty());
        let fields: Map<String, Value> = match serde_json::from_slice(body) {
            Ok(fields) => fields,
            Err(_) => return Some(Self::new(name?, excerpt(body))),
        };
        let text = |name: &str| fields.get(name).and_then(Value::as_str);
        // Some services spell the message with a capital letter, and some have both.
        let message = text("message").or_else(|| text("Message"));
        // What the model itself failed with.
        let message = match (message, text("originalMessage")) {
            (Some(message), Some(original)) => format!("{message} ({original})"),
            (Some(message), None) | (None, Some(message)) => message.to_owned(),
            (None, None) => String::new(),
        };
        let named = |name: &str| Self::new(name, message.clone());
        let mut exception = match name.or_else(|| text("__type")) {
            Some(name) => named(name),
            // Which others write, too, for names of their own.
            None => named(text("code")?).known()?,
        };
        exception.original_status = fields.get("originalStatusCode").and_then(code);
        Some(exception)
    }

    /// This one, if its name is one of AWS's.
    fn known(self) -> Option<Self> {
        let is_known = self.name.ends_with("Exception") || self.api_type() != "api_error";
        is_known.then_some(self)
    }

    /// The exception in an error of the API's shape, as [`to_json`](Self::to_json) writes it.
    pub(crate) fn in_error(body: &[u8]) -> Option<Self> {
        let body: Value = serde_json::from_slice(body).ok()?;
        let name = body.pointer("/error/aws_type")?.as_str()?;
        let message = body.pointer("/error/message").and_then(Value::as_str);
        let mut exception = Self::new(name, message.unwrap_or_default().to_owned());
        exception.original_status = body.pointer(ORIGINAL_STATUS).and_then(code);
        Some(exception)
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

    /// The error in the API's shape, with AWS's own name beside it, and the model's own status.
    pub(crate) fn to_json(&self) -> Value {
        let message = if self.message.is_empty() {
            &self.name
        } else {
            &self.message
        };
        let mut error = json!({"type": self.api_type(), "message": message, AWS_TYPE: self.name});
        if let (Some(fields), Some(status)) = (error.as_object_mut(), self.original_status) {
            fields.insert("original_status_code".to_owned(), status.into());
        }
        error
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

/// The field of an error with AWS's name.
pub(crate) const AWS_TYPE: &str = "aws_type";

/// The beginning of a body that is no JSON.
fn excerpt(body: &[u8]) -> String {
    let text = String::from_utf8_lossy(body);
    text.trim().chars().take(1000).collect()
}

/// Where [`AwsException::to_json`] puts the model's own status.
const ORIGINAL_STATUS: &str = "/error/original_status_code";

/// A status, which some services write as text.
fn code(value: &Value) -> Option<u16> {
    match value {
        Value::String(text) => text.parse().ok(),
        other => u16::try_from(other.as_u64()?).ok(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_read_wherever_aws_writes_them() {
        let type_of =
            |exception: Option<AwsException>| exception.unwrap().to_json()["type"].clone();
        let header = AwsException::of_body(
            Some("ThrottlingException:http://internal.amazon.com/coral/"),
            br#"{"message":"Too many requests"}"#,
        );
        assert_eq!(type_of(header), "rate_limit_error");
        let body = br#"{"__type":"com.amazon.coral#ValidationException","Message":"bad"}"#;
        let body = AwsException::of_body(None, body);
        assert_eq!(body.as_ref().unwrap().to_json()["message"], "bad");
        assert_eq!(type_of(body), "invalid_request_error");
        assert_eq!(AwsException::of_body(None, b"{}"), None);
        assert_eq!(AwsException::of_body(None, b"<html>"), None);
        let page = AwsException::of_body(Some("ThrottlingException"), b"<html>");
        assert_eq!(page.as_ref().unwrap().to_json()["message"], "<html>");
        assert_eq!(type_of(page), "rate_limit_error");
    }

    #[test]
    fn frames_begin_with_a_small_letter() {
        let frame = AwsException::of_frame(b"throttlingException", br#"{"message":"slow down"}"#);
        assert_eq!(frame.to_json()["type"], "rate_limit_error");
        let frame = AwsException::of_frame(b"modelStreamErrorException", b"");
        assert_eq!(frame.to_json()["message"], "ModelStreamErrorException");
        let frame = br#"{"message":"failed","originalMessage":"deeper","originalStatusCode":500}"#;
        let frame = AwsException::of_frame(b"modelStreamErrorException", frame);
        assert_eq!(frame.to_json()["message"], "failed (deeper)");
    }
}
