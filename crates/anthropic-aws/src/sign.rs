//! AWS's signatures, version 4.

use std::fmt::Write as _;
use std::time::SystemTime;

use anthropic::transport::HttpRequest;
use anthropic::{Error, ErrorKind, Result};
use aws_credential_types::Credentials;
use aws_sigv4::http_request::{
    PercentEncodingMode, SignableBody, SignableRequest, SigningSettings, sign,
};
use aws_sigv4::sign::v4;
use aws_smithy_runtime_api::client::identity::Identity;
use http::{HeaderName, HeaderValue};
use sha2::{Digest, Sha256};

/// Headers that the connection, proxies and instrumentation write anew on the way.
const UNSIGNED: [&str; 10] = [
    "authorization",
    "baggage",
    "connection",
    "expect",
    "traceparent",
    "tracestate",
    "transfer-encoding",
    "user-agent",
    "x-amzn-trace-id",
    "x-forwarded-for",
];

/// What a signature is for.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Scope<'a> {
    pub(crate) region: &'a str,
    pub(crate) service: &'a str,
    pub(crate) time: SystemTime,
}

/// The digest of a body that is not in memory. One that can be read twice is read for it, and sent
/// as it was; one that can't is put into memory, where it can be signed.
pub(crate) async fn digested(request: HttpRequest) -> Result<(HttpRequest, Option<String>)> {
    let Some(mut body) = request.body().try_clone() else {
        let (parts, body) = request.into_parts();
        let body = body.bytes().await?;
        return Ok((HttpRequest::from_parts(parts, body.into()), None));
    };
    if body.as_pieces().is_some() {
        return Ok((request, None));
    }
    let mut digest = Sha256::new();
    while let Some(chunk) = body.try_next().await? {
        digest.update(&chunk);
    }
    Ok((request, Some(hex(digest))))
}

fn hex(digest: Sha256) -> String {
    let mut text = String::with_capacity(64);
    for byte in digest.finalize() {
        // Writing to memory has no way to fail.
        let _ = write!(text, "{byte:02x}");
    }
    text
}

/// Signs a request as it is, whose body is in memory or has this digest.
pub(crate) fn sign_request(
    request: &mut HttpRequest,
    digest: Option<String>,
    credentials: &Credentials,
    scope: Scope<'_>,
) -> Result<()> {
    let Scope {
        region,
        service,
        time,
    } = scope;
    let identity = Identity::from(credentials.clone());
    let mut settings = SigningSettings::default();
    settings.percent_encoding_mode = PercentEncodingMode::Double;
    settings.excluded_headers = Some(UNSIGNED.iter().map(|name| (*name).into()).collect());
    let params = v4::SigningParams::builder()
        .identity(&identity)
        .region(region)
        .name(service)
        .time(time)
        .settings(settings)
        .build()
        .map_err(failed)?
        .into();
    let uri = request.uri().to_string();
    let mut headers = Vec::with_capacity(request.headers().len());
    for (name, value) in request.headers() {
        // One that is no text can't be signed, and goes out unsigned.
        if let Ok(value) = value.to_str() {
            headers.push((name.as_str(), value));
        }
    }
    let digest = match (digest, request.body().as_pieces()) {
        (Some(digest), _) => digest,
        (None, Some(pieces)) => hex(pieces.iter().fold(Sha256::new(), Digest::chain_update)),
        (None, None) => {
            let message = "the request can't be signed: its body is not in memory";
            return Err(Error::new(ErrorKind::Request, message));
        }
    };
    let body = SignableBody::Precomputed(digest);
    let signable = SignableRequest::new(request.method().as_str(), uri, headers.into_iter(), body)
        .map_err(failed)?;
    let (signed, _) = sign(signable, &params).map_err(failed)?.into_parts();
    for (name, value) in signed.headers() {
        let name = HeaderName::from_bytes(name.as_bytes()).map_err(failed)?;
        let mut value = HeaderValue::from_str(value).map_err(failed)?;
        value.set_sensitive(true);
        request.headers_mut().insert(name, value);
    }
    Ok(())
}

fn failed(error: impl std::error::Error + Send + Sync + 'static) -> Error {
    Error::new(ErrorKind::Request, "the request can't be signed").caused_by(error)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use anthropic::transport::Body;

    use super::*;

    /// Headers and signature are those that botocore 1.44.8 makes of the same request at the same
    /// time.
    #[test]
    fn signatures_are_those_of_botocore() {
        for (path, signature) in [
            (
                "eu.anthropic.claude-opus-5-5-v1:0/invoke",
                "a413f6197c43e857430ff8b9decf600a8b1ec46646f97d50ea957a6827e1d821",
            ),
            (
                "arn:aws:bedrock:eu-west-1:123456789012:inference-profile%2Feu.anthropic.claude-opus-5-5/invoke-with-response-stream",
                "672838bf7d9a9af22ac6c2c385a4d5ce5a2c3b00bec0eef5093360894730de7a",
            ),
        ] {
            let uri = format!("https://bedrock-runtime.eu-west-1.amazonaws.com/model/{path}");
            let mut request = http::Request::post(uri)
                .header("content-type", "application/json")
                .header("x-amzn-bedrock-trace", "ENABLED")
                .header("traceparent", "of a proxy")
                .header("traceparent-not", "y")
                .header("user-agent", "x")
                .body(Body::from("{\"max_tokens\":1}"))
                .unwrap();
            let credentials = Credentials::new(
                "AKIDEXAMPLE",
                "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY",
                Some("session".to_owned()),
                None,
                "test",
            );
            // 2026-11-26, 12:00:00 UTC.
            let time = SystemTime::UNIX_EPOCH + Duration::from_hours(498_804);
            let scope = Scope {
                region: "eu-west-1",
                service: "bedrock",
                time,
            };
            sign_request(&mut request, None, &credentials, scope).unwrap();
            let wanted = format!(
                "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20261126/eu-west-1/bedrock/aws4_request, \
                 SignedHeaders=content-type;host;traceparent-not;x-amz-date;x-amz-security-token;x-amzn-bedrock-trace, \
                 Signature={signature}"
            );
            let authorization = &request.headers()["authorization"];
            assert_eq!(authorization.to_str().unwrap(), wanted);
            assert!(authorization.is_sensitive());
            assert_eq!(request.headers()["x-amz-date"], "20261126T120000Z");
        }
    }

    /// AWS's own test suite, which the simulator has, too.
    #[test]
    fn signatures_are_those_of_awss_test_suite() {
        let vectors = include_str!("../../anthropic-sim/src/platforms/sigv4/vectors.txt");
        // 2015-08-30, 12:36:00 UTC.
        let time = SystemTime::UNIX_EPOCH + Duration::from_mins(24_015_636);
        for vector in vectors.lines().filter(|it| !it.starts_with('#')) {
            let fields: Vec<&str> = vector.split('\t').collect();
            let [name, method, target, headers, body, signed, signature] = fields[..] else {
                panic!("{vector}")
            };
            let uri = format!("https://example.amazonaws.com{target}");
            let mut request = http::Request::builder().method(method).uri(uri);
            let mut token = None;
            for header in headers.split(" \u{a6} ") {
                let (name, value) = header.split_once(':').unwrap();
                match name {
                    "x-amz-security-token" => token = Some(value.to_owned()),
                    // Signing adds them.
                    "host" | "x-amz-date" => {}
                    _ => request = request.header(name, value.trim()),
                }
            }
            // Some of the suite's tokens are added after signing.
            let token = token.filter(|_| signed.contains("x-amz-security-token"));
            let mut request = request.body(Body::from(body)).unwrap();
            let credentials = Credentials::new(
                "AKIDEXAMPLE",
                "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY",
                token,
                None,
                "test",
            );
            let scope = Scope {
                region: "us-east-1",
                service: "service",
                time,
            };
            sign_request(&mut request, None, &credentials, scope).unwrap();
            let authorization = request.headers()["authorization"].to_str().unwrap();
            let wanted = format!("SignedHeaders={signed}, Signature={signature}");
            assert!(authorization.ends_with(&wanted), "{name}: {authorization}");
        }
    }
}
