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
fn an_error_names_the_variable_that_the_url_came_from() {
    let parsed = BaseUrl::parse("api.anthropic.com", UrlSource::Variable, &Trust::default());
    let error = parsed.unwrap_err().to_string();
    assert!(error.contains("ANTHROPIC_BASE_URL"), "{error}");
}
