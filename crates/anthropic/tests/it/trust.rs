//! Credentials stay with their origin.

use anthropic::{Client, ErrorKind};
use http::Method;
use serde_json::Value;

use crate::stream_support::params;
use crate::support::{Reply, Script, builder, client, get};

fn redirect(status: u16, location: &str) -> Reply {
    Reply::new(status, &[("location", location)], "")
}

#[tokio::test]
async fn a_redirect_within_the_origin_is_followed() {
    for location in [
        "/v1/other?x=1",
        "https://api.anthropic.com/v1/other?x=1",
        "other?x=1",
        "./a/../other?x=1",
    ] {
        let script = Script::new([redirect(307, location), Reply::json("{}")]);
        client(&script)
            .post::<Value>("/v1/thing")
            .json(&1)
            .await
            .unwrap();
        let sent = script.sent();
        assert_eq!(sent[1].uri, "https://api.anthropic.com/v1/other?x=1");
        assert_eq!(
            (&sent[1].method, sent[1].body.as_ref()),
            (&Method::POST, &b"1"[..])
        );
        assert_eq!(
            sent[1].header("authorization"),
            Some("Bearer canary-key-7f3a")
        );
    }
}

#[tokio::test]
async fn a_redirect_changes_the_method_as_the_web_does() {
    for (status, method, expected) in [
        (301, Method::POST, Method::GET),
        (302, Method::POST, Method::GET),
        (303, Method::PUT, Method::GET),
        (302, Method::PUT, Method::PUT),
        (308, Method::POST, Method::POST),
    ] {
        let script = Script::new([redirect(status, "/v1/other"), Reply::json("{}")]);
        let client = client(&script);
        let request = match method {
            Method::PUT => client.put::<Value>("/v1/thing"),
            _ => client.post("/v1/thing"),
        };
        request.json(&1).await.unwrap();
        let last = script.sent().remove(1);
        assert_eq!(last.method, expected, "{status} {method}");
        assert_eq!(last.body.is_empty(), expected == Method::GET);
        assert_eq!(
            last.header("content-type").is_none(),
            expected == Method::GET
        );
    }
}

#[tokio::test]
async fn a_redirect_to_another_origin_is_refused_unless_the_host_is_allowed() {
    for location in [
        "https://evil.example/v1/thing",
        "//evil.example/v1/thing",
        "https://api.anthropic.com.evil.example/",
        "https://api.anthropic.com:8443/",
        "http://api.anthropic.com/v1/thing",
        "https://api.anthropic.com@evil.example/",
    ] {
        let script = Script::new([redirect(307, location)]);
        let error = get(&client(&script)).await.unwrap_err();
        assert!(
            matches!(error.kind(), ErrorKind::Redirect | ErrorKind::Request),
            "{error}"
        );
        assert_eq!(
            (error.attempts(), script.sent().len()),
            (1, 1),
            "{location}"
        );
    }
    let script = Script::new([redirect(307, "https://evil.example/")]);
    let error = get(&client(&script)).await.unwrap_err();
    assert!(error.to_string().contains("evil.example"), "{error}");
    // There was a response, and it is in the error.
    assert_eq!(error.status().unwrap(), 307);
    let location = &error.meta().unwrap().headers()["location"];
    assert_eq!(location, "https://evil.example/");
    let dump = error.dump();
    assert!(dump.contains("\n307 Temporary Redirect\n"), "{dump}");

    let script = Script::new([redirect(307, "https://friend.example/x"), Reply::json("{}")]);
    let request = client(&script)
        .get::<Value>("/v1/thing")
        .allow_host("Friend.example");
    request.await.unwrap();
    assert_eq!(
        script.sent()[1].header("authorization"),
        Some("Bearer canary-key-7f3a")
    );
}

#[tokio::test]
async fn an_allowed_host_still_needs_https() {
    let script = Script::new([redirect(307, "http://friend.example/x")]);
    let request = client(&script)
        .get::<Value>("/v1/thing")
        .allow_host("friend.example");
    assert_eq!(request.await.unwrap_err().kind(), ErrorKind::Redirect);
    assert_eq!(script.sent().len(), 1);
}

#[tokio::test]
async fn redirects_without_end_are_an_error() {
    let script = Script::new((0..20).map(|_| redirect(307, "/v1/again")));
    let error = get(&client(&script)).await.unwrap_err();
    assert_eq!(
        (error.kind(), script.sent().len()),
        (ErrorKind::Redirect, 11)
    );
    let expected = "10 redirects led to https://api.anthropic.com/v1/again [";
    assert!(error.to_string().contains(expected), "{error}");
    assert_eq!(error.status().unwrap(), 307);
    // One that made a GET of the request says so here, too.
    let script = Script::new((0..20).map(|_| redirect(301, "/v1/again")));
    let request = client(&script).post::<Value>("/v1/thing").json(&1);
    let line = request.await.unwrap_err().to_string();
    assert!(line.contains("which made the request a GET"), "{line}");
}

#[tokio::test]
async fn a_redirect_to_nowhere_quotes_its_location() {
    for (location, expected) in [
        ("mailto:x", "redirects to `mailto:x`, which is no URL"),
        ("/a b?q=canary", "redirects to `/a b`, which is no URL"),
        (
            "ftp://x/y",
            "redirects to `ftp://x/y`, which begins with `ftp://`",
        ),
        (
            "https://u:canary@x/y",
            "redirects to a URL that has a user name in it",
        ),
        ("https://x:99999/", "which has the port 99999"),
    ] {
        let script = Script::new([redirect(307, location)]);
        let error = get(&client(&script)).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Redirect, "{error}");
        assert!(error.to_string().contains(expected), "{error}");
        assert!(!error.to_string().contains("canary"), "{error}");
    }
    let script = Script::new([Reply::status(302)]);
    let error = get(&client(&script)).await.unwrap_err();
    let expected = "the response has no body; it is a redirect without a location";
    assert!(error.to_string().contains(expected), "{error}");
}

#[tokio::test]
async fn an_absolute_url_of_another_origin_is_refused_unless_the_host_is_allowed() {
    let url = "https://results.example/v1/results/1";
    let script = Script::new([Reply::json("{}"), Reply::json("{}")]);
    let client = client(&script);
    let error = client
        .get::<Value>("/v1/thing")
        .absolute_url(url)
        .await
        .unwrap_err();
    assert_eq!(
        (error.kind(), script.sent().len()),
        (ErrorKind::Redirect, 0)
    );
    assert!(error.to_string().contains("results.example"), "{error}");
    client
        .get::<Value>("/v1/thing")
        .absolute_url(url)
        .allow_host("results.example")
        .await
        .unwrap();
    let trusting = builder(&script)
        .allow_host("results.example:443")
        .build()
        .unwrap();
    trusting.get::<Value>(url).await.unwrap();
    assert_eq!(script.sent().len(), 2);
    assert_eq!(script.sent()[1].uri, url);
}

#[test]
fn plain_http_needs_a_loopback_host_or_an_opt_in() {
    let builder = |url: &str| Client::builder().api_key("k").base_url(url);
    for url in [
        "http://localhost:1",
        "http://127.0.0.1:9",
        "http://[::1]:2",
        "https://example.com",
    ] {
        builder(url).build().unwrap();
    }
    let error = builder("http://example.com").build().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Config);
    assert!(
        error.to_string().contains("allow_plaintext_http"),
        "{error}"
    );
    builder("http://example.com")
        .allow_plaintext_http(true)
        .build()
        .unwrap();
    for url in [
        "http://127.0.0.1.example.com",
        "http://localhost.example.com",
    ] {
        assert!(builder(url).build().is_err(), "{url}");
    }
}

#[test]
fn a_base_url_that_makes_no_sense_is_refused() {
    for url in [
        "",
        "example.com",
        "ftp://example.com",
        "https://",
        "https://u:p@example.com",
        "https://a.b/?q",
    ] {
        let error = Client::builder()
            .api_key("k")
            .base_url(url)
            .build()
            .unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Config, "{url}");
    }
}

#[tokio::test]
async fn an_error_names_the_url_and_a_method_that_was_lost() {
    let lost = Reply::new(404, &[("content-type", "text/html")], "<h1>no</h1>");
    let script = Script::new([lost]);
    let request = client(&script).post::<Value>("/v1/thing?key=sesame");
    let text = request.await.unwrap_err().to_string();
    let url = "; the URL was https://api.anthropic.com/v1/thing";
    assert!(text.contains(url) && !text.contains("sesame"), "{text}");
    assert!(!text.contains("model"), "{text}");
    let api = r#"{"type":"error","error":{"type":"not_found_error","message":"model: x"}}"#;
    let script = Script::new([Reply::new(404, &[], api)]);
    let text = get(&client(&script)).await.unwrap_err().to_string();
    let model = "; check the model's name, `client.models().list()` has all of them";
    let expected = format!("not_found_error (404): model: x{model}{url} [");
    assert!(text.contains(&expected), "{text}");
    for (status, says) in [(301, true), (302, true), (303, true), (307, false)] {
        let script = Script::new([redirect(status, "/v1/there"), Reply::status(405)]);
        let request = client(&script).post::<Value>("/v1/thing");
        let text = request.await.unwrap_err().to_string();
        let expected = format!("redirected with {status}, which made the request a GET");
        assert_eq!(text.contains(&expected), says, "{text}");
    }
    // The response to it may be a success, and no answer to what was asked.
    let html: &[(&str, &str)] = &[("content-type", "text/html")];
    let json: &[(&str, &str)] = &[("content-type", "application/json")];
    for (headers, body) in [
        (html, "<h1>Hello</h1>"),
        (json, "[1,2]"),
        (json, "{\"a\":1}"),
    ] {
        let page = || vec![redirect(301, "/v1/there"), Reply::new(200, headers, body)];
        let expected = "redirected with 301, which made the request a GET";
        let script = Script::new(page());
        let text = client(&script).messages().create(params()).await;
        let text = text.unwrap_err().to_string();
        assert!(text.contains(expected), "{text}");
        let script = Script::new(page());
        let stream = client(&script).messages().stream(params()).await;
        let text = match stream {
            Ok(stream) => stream.final_message().await.unwrap_err().to_string(),
            Err(error) => error.to_string(),
        };
        assert!(text.contains(expected), "{text}");
    }
}
