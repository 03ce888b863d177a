use std::time::Duration;

use http::header::LOCATION;
use http::{HeaderMap, HeaderValue, Method, Uri};

use super::{RedirectState, redirected, resolve};
use crate::pipeline::middleware::Attempt;
use crate::transport::{Body, ConnectTimeout, HttpRequest, HttpResponse};

#[test]
fn references_resolve_as_rfc_3986_says() {
    let base = Uri::from_static("http://a/b/c/d;p?q");
    for (reference, expected) in [
        ("g", "http://a/b/c/g"),
        ("./g", "http://a/b/c/g"),
        ("g/", "http://a/b/c/g/"),
        ("/g", "http://a/g"),
        ("//g", "http://g/"),
        ("?y", "http://a/b/c/d;p?y"),
        ("g?y", "http://a/b/c/g?y"),
        ("g?y/./x", "http://a/b/c/g?y/./x"),
        ("g#s", "http://a/b/c/g"),
        (";x", "http://a/b/c/;x"),
        (".", "http://a/b/c/"),
        ("..", "http://a/b/"),
        ("../g", "http://a/b/g"),
        ("../../../g", "http://a/g"),
        ("/./g", "http://a/g"),
        ("g.", "http://a/b/c/g."),
        ("./g/.", "http://a/b/c/g/"),
        ("g/../h", "http://a/b/c/h"),
        ("https://x/y", "https://x/y"),
        ("/g?u=http://x", "http://a/g?u=http://x"),
        ("g?u=http://x", "http://a/b/c/g?u=http://x"),
        ("g/http://x", "http://a/b/c/g/http://x"),
    ] {
        assert_eq!(resolve(&base, reference).unwrap(), expected, "{reference}");
    }
    for reference in [
        "http://[",
        "javascript:alert(1)",
        r"http:\\127.0.0.1:1/x",
        "mailto:a@b?c",
    ] {
        assert!(resolve(&base, reference).is_none(), "{reference}");
    }
}

#[test]
fn methods_change_as_the_web_has_it() {
    for (status, method, expected) in [
        (301, Method::POST, Method::GET),
        (302, Method::POST, Method::GET),
        (303, Method::POST, Method::GET),
        (307, Method::POST, Method::POST),
        (308, Method::POST, Method::POST),
        (301, Method::PUT, Method::PUT),
        (302, Method::DELETE, Method::DELETE),
        (303, Method::PUT, Method::GET),
        (303, Method::HEAD, Method::HEAD),
        (301, Method::HEAD, Method::HEAD),
        (303, Method::GET, Method::GET),
    ] {
        let status = http::StatusCode::from_u16(status).unwrap();
        assert_eq!(redirected(status, &method), expected, "{status} {method}");
    }
}

#[test]
fn a_redirected_request_is_the_one_that_was_sent() {
    let mut canonical = HeaderMap::new();
    canonical.insert("x-mine", HeaderValue::from_static("1"));
    let mut changed = canonical.clone();
    changed.insert("x-stamp", HeaderValue::from_static("on"));
    let connect = ConnectTimeout(Some(Duration::from_secs(3)));
    let attempt = Attempt {
        operation: "messages.create",
        route: "/v1/messages",
        number: 2,
        head_timeout: None,
    };
    let mut elsewhere = HttpResponse::new(Body::empty());
    *elsewhere.status_mut() = http::StatusCode::TEMPORARY_REDIRECT;
    elsewhere
        .headers_mut()
        .insert(LOCATION, HeaderValue::from_static("/v1/other"));
    for (headers, tag) in [(&canonical, None), (&changed, None), (&changed, Some("t"))] {
        let mut request = HttpRequest::new(Body::from("body"));
        *request.uri_mut() = Uri::from_static("https://api.example/v1/messages");
        request.headers_mut().clone_from(headers);
        request.extensions_mut().insert(attempt);
        request.extensions_mut().insert(connect);
        if let Some(tag) = tag {
            request.extensions_mut().insert(tag);
        }
        let next = RedirectState::of(&request, &canonical).follow(&elsewhere);
        let next = next.unwrap().unwrap();
        assert_eq!(next.uri(), "https://api.example/v1/other");
        assert_eq!(next.headers(), headers);
        assert_eq!(next.body().as_bytes().unwrap(), "body");
        let extensions = next.extensions();
        assert_eq!(extensions.get(), Some(&attempt));
        assert_eq!(extensions.get(), Some(&connect));
        assert_eq!(extensions.get::<&'static str>(), tag.as_ref());
    }
}
