use super::{BaseUrl, Trust, UrlSource, is_absolute};

fn parse(text: &str) -> crate::Result<BaseUrl> {
    BaseUrl::parse(text, UrlSource::Builder, &Trust::default())
}

#[test]
fn a_url_further_on_makes_no_target_absolute() {
    for target in ["https://x/v1", "http://x", "h+t.t-p://x"] {
        assert!(is_absolute(target), "{target}");
    }
    for target in [
        "/v1/x?u=http://y",
        "v1/x?u=http://y",
        "v1/http://y",
        "?http://x",
        "#http://x",
        "://x",
        "",
        "//x",
        "a:b",
    ] {
        assert!(!is_absolute(target), "{target}");
    }
}

#[test]
fn the_version_at_the_end_is_no_part_of_a_base_url() {
    for (text, base) in [
        ("https://x/v1", "https://x"),
        ("https://x/v1/", "https://x"),
        (" https://x/proxy/v1// ", "https://x/proxy"),
        ("https://x/proxy", "https://x/proxy"),
        ("https://x/rev1", "https://x/rev1"),
        ("https://x/v1/v1", "https://x/v1"),
    ] {
        assert_eq!(parse(text).unwrap().as_str(), base, "{text}");
    }
}

#[test]
fn a_base_url_without_a_scheme_comes_back_with_one() {
    for (text, fix) in [
        ("api.anthropic.com", "`https://api.anthropic.com`"),
        ("gateway:8443/anthropic", "`https://gateway:8443/anthropic`"),
        ("localhost:8080", "`http://localhost:8080`"),
        ("127.0.0.1:8080/v1", "`http://127.0.0.1:8080`"),
        ("[::1]:8080", "`http://[::1]:8080`"),
    ] {
        let error = parse(text).unwrap_err().to_string();
        assert!(error.contains(fix), "{text}: {error}");
    }
    // Nothing that may be a secret is quoted, and no URL without a host is proposed.
    for text in [
        "me:sesame@host",
        "host?key=sesame",
        "",
        "/v1",
        "https:",
        "https://",
        "http:///v1",
        "https:/sesame",
        "https//sesame:8080",
        "HTTP//sesame",
        "host:sesame",
    ] {
        let error = parse(text).unwrap_err().to_string();
        assert!(!error.contains("sesame"), "{text}: {error}");
        assert!(
            error.contains("must begin with `https://` and a host"),
            "{text}: {error}"
        );
    }
}

#[test]
fn what_is_wrong_with_a_base_url_is_said() {
    for (text, what) in [
        ("http://localhost:99999", "the port 99999, which"),
        ("http://localhost:65536/v1", "the port 65536, which"),
        ("https://localhost:44300000", "the port 44300000, which"),
        ("http://localhost:abc", "behind its host that is no port"),
        ("http://localhost:0", "the port 0, which"),
        ("http://localhost:-1", "behind its host that is no port"),
        ("http://localhost:+80", "behind its host that is no port"),
        ("http://[::1]:70000", "the port 70000, which"),
        ("https://user:sesame", "behind its host that is no port"),
        (
            "https://user:sesame/x@gateway",
            "behind its host that is no port",
        ),
        ("http://localhost:", "a colon without a port"),
        ("http://[::1]:/v1", "a colon without a port"),
        (
            "htpp://localhost",
            "begins with `htpp://`, not with `https://`",
        ),
        ("ftp://localhost", "begins with `ftp://`, not with"),
        (
            "unix:///tmp/s",
            "begins with `unix://`, not with `https://`",
        ),
        (
            "file:///sesame",
            "begins with `file://`, not with `https://`",
        ),
        ("", "base URL is empty"),
        (" \n", "base URL is empty"),
        ("\"https://sesame/v1\"", "base URL is in quotes"),
        ("'https://sesame", "base URL is in quotes"),
        ("\u{201c}https://sesame\u{201d}", "base URL is in quotes"),
        ("http://me:sesame@localhost", "a user name"),
        ("http://me:sesame@localhost:99999", "a user name"),
        ("http://loca lhost", "the character ' '"),
        ("http://locälhost", "the character 'ä'"),
        ("http://localhost/\u{7}", "the character '\\u{7}'"),
        (
            "http://localhost/v1/messages/",
            "ends with `/v1/messages`, which requests add",
        ),
    ] {
        for error in [
            parse(text).unwrap_err(),
            super::parse_base_url(text).unwrap_err(),
        ] {
            let line = error.to_string();
            assert_eq!(error.kind(), crate::ErrorKind::Config, "{line}");
            assert!(line.contains(what), "{text}: {line}");
            assert!(!line.contains("sesame"), "{line}");
        }
    }
}

#[test]
fn base_urls_that_only_look_wrong_are_taken() {
    for text in [
        "http://localhost:1",
        "https://[::1]:65535",
        "https://[::1]",
        "https://x/v1/messages/proxy",
        "https://v1",
        "https://v1/",
        "https://v1/v1",
    ] {
        parse(text).unwrap();
    }
}

#[test]
fn a_url_that_is_sent_to_has_a_port_that_is_one() {
    for url in ["https://x:99999/", "http://x:/", "https://x:0/y"] {
        let uri = url.parse().unwrap();
        let error = super::Origin::of(&uri).unwrap_err().to_string();
        assert!(error.contains("the URL has"), "{error}");
    }
}

#[test]
fn an_error_names_the_variable_that_the_url_came_from() {
    for (text, what) in [
        ("api.anthropic.com", "has no scheme"),
        ("'https://api.anthropic.com'", "is in quotes"),
        (
            "http://gateway.example",
            "http://gateway.example, would carry",
        ),
    ] {
        let parsed = BaseUrl::parse(text, UrlSource::Variable, &Trust::default());
        let error = parsed.unwrap_err().to_string();
        assert!(
            error.contains("the base URL of ANTHROPIC_BASE_URL"),
            "{error}"
        );
        assert!(error.contains(what), "{error}");
    }
}
