//! AWS's signatures, version 4: whether a request has one that its access key makes.

use std::fmt::Write as _;
use std::time::Duration;

use http::request::Parts;
use http::{HeaderMap, StatusCode, header};
use sha2::{Digest, Sha256};

use super::errors::Refusal;
use super::keys::{AccessKey, Keys};
use crate::base::clock::rfc3339;
use crate::http::call::decode;

const ALGORITHM: &str = "AWS4-HMAC-SHA256";
/// By how much the clocks may differ.
const SKEW: Duration = Duration::from_secs(300);
const BLOCK: usize = 64;

/// A request whose signature is checked.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Signed<'a> {
    pub(crate) parts: &'a Parts,
    /// The path as it was sent.
    pub(crate) path: &'a str,
    pub(crate) body: &'a [u8],
    /// The service that it has to be signed for.
    pub(crate) service: &'a str,
}

/// What the `authorization` header has.
#[derive(Debug, PartialEq)]
struct Authorization<'a> {
    id: &'a str,
    date: &'a str,
    region: &'a str,
    service: &'a str,
    signed_headers: Vec<&'a str>,
    signature: &'a str,
}

impl<'a> Authorization<'a> {
    fn parse(text: &'a str) -> Option<Self> {
        let fields = text.strip_prefix(ALGORITHM)?.split(',');
        let (mut credential, mut headers, mut signature) = (None, None, None);
        for field in fields {
            match field.trim().split_once('=')? {
                ("Credential", value) => credential = Some(value),
                ("SignedHeaders", value) => headers = Some(value),
                ("Signature", value) => signature = Some(value),
                _ => return None,
            }
        }
        let mut scope = credential?.split('/');
        let authorization = Self {
            id: scope.next()?,
            date: scope.next()?,
            region: scope.next()?,
            service: scope.next()?,
            signed_headers: headers?.split(';').collect(),
            signature: signature?,
        };
        let is_whole = scope.next() == Some("aws4_request") && scope.next().is_none();
        is_whole.then_some(authorization)
    }
}

impl Signed<'_> {
    /// Whether the request is signed by an access key that is known, now, for its service; the
    /// region may be any.
    pub(crate) fn check(self, keys: &Keys, now: Duration) -> Result<AccessKey, Refusal> {
        let text = header_text(&self.parts.headers, header::AUTHORIZATION.as_str());
        let text = text.ok_or_else(|| {
            refused(
                "MissingAuthenticationTokenException",
                "Missing Authentication Token",
            )
        })?;
        let authorization = Authorization::parse(&text).ok_or_else(|| {
            let message = "Authorization header requires 'Credential', 'SignedHeaders' and 'Signature' parameters.";
            refused("IncompleteSignatureException", message)
        })?;
        let key = self.key(keys, &authorization, now)?;
        let date = header_text(&self.parts.headers, "x-amz-date").unwrap_or_default();
        self.check_scope(&authorization, &date, now)?;
        self.check_headers(&authorization)?;
        let payload = self.payload_hash()?;
        let request = self.canonical(&authorization, &payload);
        let wanted = signature(&key.secret, &authorization, &date, &request);
        if wanted != authorization.signature {
            return Err(invalid(
                "The request signature we calculated does not match the signature you provided. Check your AWS Secret \
                 Access Key and signing method. Consult the service documentation for details.",
            ));
        }
        Ok(key)
    }

    fn key(
        self,
        keys: &Keys,
        authorization: &Authorization<'_>,
        now: Duration,
    ) -> Result<AccessKey, Refusal> {
        let unknown = || {
            let message = "The security token included in the request is invalid.";
            refused("UnrecognizedClientException", message)
        };
        let key = keys.access_key(authorization.id).ok_or_else(unknown)?;
        if key.token != header_text(&self.parts.headers, "x-amz-security-token") {
            return Err(unknown());
        }
        if key.expires.is_some_and(|at| at <= now) {
            let message = "The security token included in the request is expired";
            return Err(refused("ExpiredTokenException", message));
        }
        Ok(key)
    }

    fn check_scope(
        self,
        authorization: &Authorization<'_>,
        date: &str,
        now: Duration,
    ) -> Result<(), Refusal> {
        if authorization.service != self.service {
            return Err(invalid(&format!(
                "Credential should be scoped to correct service: '{}'. ",
                self.service
            )));
        }
        if date.get(..8) != Some(authorization.date) {
            let message = "Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP";
            return Err(invalid(message));
        }
        let (earliest, latest) = (
            amz_date(now.saturating_sub(SKEW)),
            amz_date(now.saturating_add(SKEW)),
        );
        let now = amz_date(now);
        if date < earliest.as_str() {
            return Err(invalid(&format!(
                "Signature expired: {date} is now earlier than {earliest} ({now} - 5 min.)"
            )));
        }
        if date > latest.as_str() {
            return Err(invalid(&format!(
                "Signature not yet current: {date} is still later than {latest} ({now} + 5 min.)"
            )));
        }
        Ok(())
    }

    /// The host and AWS's own headers have to be signed.
    fn check_headers(self, authorization: &Authorization<'_>) -> Result<(), Refusal> {
        let names = self.parts.headers.keys().map(http::HeaderName::as_str);
        let own = names.filter(|name| name.starts_with("x-amz-"));
        for name in own.chain(["host"]) {
            if !authorization.signed_headers.contains(&name) {
                return Err(invalid(&format!(
                    "'{name}' must be a 'SignedHeader' in the AWS Authorization."
                )));
            }
        }
        Ok(())
    }

    /// The body's hash, which the request may name itself.
    fn payload_hash(self) -> Result<String, Refusal> {
        let hash = hex(&Sha256::digest(self.body));
        match header_text(&self.parts.headers, "x-amz-content-sha256") {
            Some(given) if given == "UNSIGNED-PAYLOAD" => Ok(given),
            Some(given) if given != hash => Err(invalid(
                "The value of the header x-amz-content-sha256 is not the body's SHA-256",
            )),
            _ => Ok(hash),
        }
    }

    fn canonical(self, authorization: &Authorization<'_>, payload: &str) -> String {
        let mut text = format!("{}\n{}\n", self.parts.method, canonical_path(self.path));
        text.push_str(&canonical_query(self.parts.uri.query().unwrap_or_default()));
        text.push('\n');
        for name in &authorization.signed_headers {
            let value = header_text(&self.parts.headers, name);
            // HTTP/2 has the host in the target.
            let host = || {
                let authority = self.parts.uri.authority().filter(|_| *name == "host");
                authority.map(ToString::to_string)
            };
            let value = value.or_else(host).unwrap_or_default();
            let value = value.split(' ').filter(|word| !word.is_empty());
            let value = value.collect::<Vec<_>>().join(" ");
            // Writing to memory has no way to fail.
            let _ = writeln!(text, "{name}:{value}");
        }
        let names = authorization.signed_headers.join(";");
        let _ = write!(text, "\n{names}\n{payload}");
        text
    }
}

/// All values of a header, in one.
fn header_text(headers: &HeaderMap, name: &str) -> Option<String> {
    let values = headers.get_all(name).iter();
    let values = values.map(|value| String::from_utf8_lossy(value.as_bytes()).trim().to_owned());
    let values: Vec<String> = values.collect();
    (!values.is_empty()).then(|| values.join(","))
}

/// The path without empty and dot segments, each segment encoded once more.
fn canonical_path(path: &str) -> String {
    let mut segments: Vec<&str> = Vec::new();
    for segment in path.split('/') {
        match segment {
            "" | "." => {}
            ".." => {
                segments.pop();
            }
            segment => segments.push(segment),
        }
    }
    let mut text = String::new();
    for segment in &segments {
        text.push('/');
        encode(segment, &mut text);
    }
    if segments.is_empty() || path.ends_with('/') {
        text.push('/');
    }
    text
}

/// The parameters, decoded, encoded in one way, and in order.
fn canonical_query(query: &str) -> String {
    let pairs = query.split('&').filter(|pair| !pair.is_empty());
    let pairs = pairs.map(|pair| pair.split_once('=').unwrap_or((pair, "")));
    let encoded = |text: &str| {
        let mut out = String::new();
        encode(&decode(text, false), &mut out);
        out
    };
    let mut pairs: Vec<(String, String)> = pairs
        .map(|(name, value)| (encoded(name), encoded(value)))
        .collect();
    pairs.sort();
    let pairs = pairs.iter().map(|(name, value)| format!("{name}={value}"));
    pairs.collect::<Vec<_>>().join("&")
}

fn encode(text: &str, out: &mut String) {
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            out.push(char::from(byte));
        } else {
            let _ = write!(out, "%{byte:02X}");
        }
    }
}

fn signature(
    secret: &str,
    authorization: &Authorization<'_>,
    date: &str,
    canonical: &str,
) -> String {
    let Authorization {
        date: day,
        region,
        service,
        ..
    } = authorization;
    let hash = hex(&Sha256::digest(canonical.as_bytes()));
    let text = format!("{ALGORITHM}\n{date}\n{day}/{region}/{service}/aws4_request\n{hash}");
    let start = format!("AWS4{secret}").into_bytes();
    let parts = [day, region, service, "aws4_request", &text];
    let signed = parts
        .iter()
        .fold(start, |key, part| hmac(&key, part.as_bytes()).to_vec());
    hex(&signed)
}

/// RFC 2104, with SHA-256.
fn hmac(key: &[u8], text: &[u8]) -> [u8; 32] {
    let mut block = [0; BLOCK];
    let digest;
    let key = if key.len() > BLOCK {
        digest = Sha256::digest(key);
        &digest[..]
    } else {
        key
    };
    block.iter_mut().zip(key).for_each(|(to, byte)| *to = *byte);
    let inner = Sha256::new()
        .chain_update(block.map(|byte| byte ^ 0x36))
        .chain_update(text)
        .finalize();
    let outer = Sha256::new()
        .chain_update(block.map(|byte| byte ^ 0x5c))
        .chain_update(inner);
    outer.finalize().into()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut out, byte| {
        let _ = write!(out, "{byte:02x}");
        out
    })
}

/// A time as signatures have it: `20261101T000000Z`.
pub(super) fn amz_date(time: Duration) -> String {
    let text = rfc3339(time);
    let whole = text.split('.').next().unwrap_or_default();
    let digits = whole.chars().filter(|it| !matches!(it, '-' | ':'));
    digits.chain(['Z']).collect()
}

fn refused(name: &'static str, message: &str) -> Refusal {
    Refusal::aws(StatusCode::FORBIDDEN, name, message)
}

fn invalid(message: &str) -> Refusal {
    refused("InvalidSignatureException", message)
}

#[cfg(test)]
mod tests;
