//! Signatures that others have made.

use super::*;
use crate::platforms::keys::ACCESS_KEY;

/// 2015-08-30, 12:36:00 UTC.
const NOW: Duration = Duration::from_secs(1_440_938_160);

fn checked(request: &http::Request<&[u8]>, service: &str, now: Duration) -> Result<(), Refusal> {
    let (parts, body) = request.clone().into_parts();
    let signed = Signed {
        path: parts.uri.path(),
        parts: &parts,
        body,
        service,
    };
    let keys = Keys::new(None, &[]);
    signed.check(&keys, now).map(|_| ())
}

fn vanilla(target: &str, signature: &str) -> http::Request<&'static [u8]> {
    let authorization = format!(
        "AWS4-HMAC-SHA256 Credential={}/20150830/us-east-1/service/aws4_request, SignedHeaders=host;x-amz-date, \
         Signature={signature}",
        ACCESS_KEY.0
    );
    http::Request::get(target)
        .header("host", "example.amazonaws.com")
        .header("x-amz-date", "20150830T123600Z")
        .header("authorization", authorization)
        .body(&b""[..])
        .unwrap()
}

#[test]
fn awss_own_signatures_are_accepted() {
    let vectors = include_str!("vectors.txt");
    let vectors: Vec<&str> = vectors.lines().filter(|it| !it.starts_with('#')).collect();
    assert_eq!(vectors.len(), 29);
    for vector in vectors {
        let fields: Vec<&str> = vector.split('\t').collect();
        let [name, method, target, headers, body, signed, signature] = fields[..] else {
            panic!("{vector}")
        };
        let mut request = http::Request::builder().method(method).uri(target);
        for header in headers.split(" \u{a6} ") {
            let (name, value) = header.split_once(':').unwrap();
            request = request.header(name, value.trim());
        }
        let (parts, ()) = request.body(()).unwrap().into_parts();
        let checked = Signed {
            path: parts.uri.path(),
            parts: &parts,
            body: body.as_bytes(),
            service: "service",
        };
        let text = format!(
            "{ALGORITHM} Credential={}/20150830/us-east-1/service/aws4_request, SignedHeaders={signed}, Signature=x",
            ACCESS_KEY.0
        );
        let authorization = Authorization::parse(&text).unwrap();
        let payload = checked.payload_hash().unwrap();
        let canonical = checked.canonical(&authorization, &payload);
        let made = super::signature(ACCESS_KEY.1, &authorization, "20150830T123600Z", &canonical);
        assert_eq!(made, signature, "{name}: {canonical}");
    }
}

#[test]
fn what_differs_is_refused() {
    let good = "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31";
    let refusal = |request: &http::Request<&[u8]>, service, now| {
        let refusal = checked(request, service, now).unwrap_err();
        assert_eq!(refusal.status, StatusCode::FORBIDDEN);
        let message = refusal.body["message"].as_str().unwrap().to_owned();
        (refusal.exception.unwrap(), message)
    };
    let request = vanilla("/", good);
    let minute = Duration::from_secs(60);
    let (name, message) = refusal(&request, "bedrock", NOW);
    assert_eq!(name, "InvalidSignatureException");
    assert!(message.contains("correct service: 'bedrock'"), "{message}");
    let late = refusal(&request, "service", NOW + 6 * minute).1;
    assert!(late.contains("earlier than 20150830T123700Z"), "{late}");
    let early = refusal(&request, "service", NOW.saturating_sub(6 * minute)).1;
    assert!(early.contains("later than 20150830T123500Z"), "{early}");
    assert_eq!(checked(&request, "service", NOW + 4 * minute), Ok(()));

    let other = refusal(&vanilla("/x", good), "service", NOW).1;
    assert!(other.contains("does not match"), "{other}");
    let mut unsigned = request.clone();
    let headers = unsigned.headers_mut();
    headers.insert("x-amz-meta", "a".parse().unwrap());
    let unsigned = refusal(&unsigned, "service", NOW).1;
    assert!(unsigned.contains("'x-amz-meta' must be"), "{unsigned}");
    let mut token = request.clone();
    let headers = token.headers_mut();
    headers.insert("x-amz-security-token", "a".parse().unwrap());
    assert_eq!(
        refusal(&token, "service", NOW).0,
        "UnrecognizedClientException"
    );
    for (authorization, name) in [
        ("", "IncompleteSignatureException"),
        ("Bearer x", "IncompleteSignatureException"),
        (
            "AWS4-HMAC-SHA256 Credential=a/b/c",
            "IncompleteSignatureException",
        ),
        (
            "AWS4-HMAC-SHA256 Credential=AKID/20150830/us-east-1/service/aws4_request, SignedHeaders=host, Signature=1",
            "UnrecognizedClientException",
        ),
    ] {
        let mut request = request.clone();
        let headers = request.headers_mut();
        headers.insert("authorization", authorization.parse().unwrap());
        assert_eq!(refusal(&request, "service", NOW).0, name);
    }
}

/// The same that `anthropic-aws` is checked with: botocore's.
#[test]
fn segments_are_encoded_once_more() {
    let path = "/model/arn:aws:bedrock:eu-west-1:123456789012:inference-profile%2Feu.anthropic.claude-opus-5-5\
                /invoke-with-response-stream";
    let authorization = "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20261126/eu-west-1/bedrock/aws4_request, \
         SignedHeaders=content-type;host;traceparent-not;x-amz-date;x-amz-security-token;x-amzn-bedrock-trace, \
         Signature=672838bf7d9a9af22ac6c2c385a4d5ce5a2c3b00bec0eef5093360894730de7a";
    let request = http::Request::post(path)
        .header("host", "bedrock-runtime.eu-west-1.amazonaws.com")
        .header("content-type", "application/json")
        .header("x-amzn-bedrock-trace", "ENABLED")
        .header("traceparent-not", "y")
        .header("x-amz-date", "20261126T120000Z")
        .header("x-amz-security-token", "session")
        .header("authorization", authorization)
        .body(())
        .unwrap();
    let (parts, ()) = request.into_parts();
    let signed = Signed {
        path: parts.uri.path(),
        parts: &parts,
        body: b"{\"max_tokens\":1}",
        service: "bedrock",
    };
    let authorization = Authorization::parse(authorization).unwrap();
    let payload = signed.payload_hash().unwrap();
    let canonical = signed.canonical(&authorization, &payload);
    let made = signature(ACCESS_KEY.1, &authorization, "20261126T120000Z", &canonical);
    assert_eq!(made, authorization.signature);
    assert_eq!(canonical_path("/a//./b/../c%20/"), "/a/c%2520/");
    assert_eq!(canonical_path(""), "/");
}

/// Test cases 1 and 6 of RFC 4231.
#[test]
fn authentication_codes_are_those_of_the_standard() {
    let first = hmac(&[0x0b; 20], b"Hi There");
    assert_eq!(
        hex(&first),
        "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"
    );
    let long = hmac(
        &[0xaa; 131],
        b"Test Using Larger Than Block-Size Key - Hash Key First",
    );
    assert_eq!(
        hex(&long),
        "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54"
    );
}
