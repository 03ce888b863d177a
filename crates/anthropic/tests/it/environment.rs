//! What the environment may decide, and when.
//!
//! A process can't change its own environment safely, so these tests start themselves again as a
//! child whose environment is the test's.

use std::process::Command;

use anthropic::platform::{AttemptContext, MaybeReady, Platform};
use anthropic::transport::HttpRequest;
use anthropic::{Client, CredentialKind, Result};

use crate::support::{Reply, Script, get, traces};

const MARK: &str = "ANTHROPIC_TEST_CHILD";

/// Runs the named test of this file in a child with this environment, and gives what it printed.
fn child(test: &str, variables: &[(&str, &str)]) -> String {
    child_with_errors(test, variables).0
}

/// The same, with what it wrote on standard error.
fn child_with_errors(test: &str, variables: &[(&str, &str)]) -> (String, String) {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args(["--exact", &format!("environment::{test}"), "--nocapture"]);
    for name in ["API_KEY", "AUTH_TOKEN", "BASE_URL", "CUSTOM_HEADERS", "LOG"] {
        command.env_remove(format!("ANTHROPIC_{name}"));
    }
    // Nor a profile of whoever runs the tests.
    for name in [
        "ANTHROPIC_PROFILE",
        "ANTHROPIC_CONFIG_DIR",
        "HOME",
        "XDG_CONFIG_HOME",
    ] {
        command.env_remove(name);
    }
    let output = command
        .env(MARK, "1")
        .envs(variables.iter().copied())
        .output()
        .unwrap();
    let printed = String::from_utf8_lossy(&output.stdout).into_owned();
    let errors = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success(), "{printed}{errors}");
    (printed, errors)
}

#[expect(
    clippy::disallowed_methods,
    reason = "a test has to know whether it is the child"
)]
fn is_child() -> bool {
    std::env::var_os(MARK).is_some()
}

/// Not a promise by itself: what the children of the other tests run.
#[tokio::test]
async fn print_a_request() {
    if !is_child() {
        return;
    }
    traces::watch();
    let script = Script::new([Reply::json("{}"), Reply::json("{}")]);
    let builder = Client::builder().environment();
    let client = builder.transport(script.clone()).build().unwrap();
    println!("source={:?}", client.credential_source().kind);
    client.to_builder().build().unwrap();
    println!(
        "warnings={}",
        traces::of_this_thread().matches("are both set").count()
    );
    let _ = get(&client).await;
    for sent in script.sent() {
        println!("uri={}", sent.uri);
        println!("authorization={:?}", sent.header("authorization"));
        println!(
            "x-one={:?} x-two={:?}",
            sent.header("x-one"),
            sent.header("x-two")
        );
    }
    let anonymous = Script::new([Reply::json("{}")]);
    let builder = Client::builder().anonymous().environment();
    let client = builder.transport(anonymous.clone()).build().unwrap();
    get(&client).await.unwrap();
    println!("anonymous={:?}", anonymous.only().headers);
    let plain = Client::builder().transport(script.clone()).build().unwrap();
    assert_eq!(plain.credential_source().kind, CredentialKind::Missing);
    assert_eq!(plain.base_url(), "https://api.anthropic.com");
    assert_eq!(
        Client::new("given").unwrap().credential_source().kind,
        CredentialKind::ApiKey
    );
}

#[test]
fn from_env_reads_the_documented_list_and_new_reads_nothing() {
    let text = child(
        "print_a_request",
        &[
            ("ANTHROPIC_API_KEY", "  from-env \n"),
            ("ANTHROPIC_BASE_URL", "https://gateway.example/x/"),
            (
                "ANTHROPIC_CUSTOM_HEADERS",
                "X-One: 1\nno header\n x-two :a:b",
            ),
        ],
    );
    assert!(text.contains("source=ApiKeyVariable"), "{text}");
    assert!(
        text.contains("uri=https://gateway.example/x/v1/thing"),
        "{text}"
    );
    assert!(
        text.contains("authorization=Some(\"Bearer from-env\")"),
        "{text}"
    );
    assert!(
        text.contains("x-one=Some(\"1\") x-two=Some(\"a:b\")"),
        "{text}"
    );
}

#[test]
fn the_key_wins_over_the_token() {
    let both = [
        ("ANTHROPIC_API_KEY", "key"),
        ("ANTHROPIC_AUTH_TOKEN", "token"),
    ];
    let text = child("print_a_request", &both);
    assert!(text.contains("source=ApiKeyVariable"), "{text}");
    assert!(
        text.contains("authorization=Some(\"Bearer key\")"),
        "{text}"
    );
    assert!(text.contains("warnings=1"), "{text}");
    let text = child("print_a_request", &both[..1]);
    assert!(text.contains("warnings=0"), "{text}");
}

#[test]
fn an_empty_variable_is_unset() {
    let variables = [
        ("ANTHROPIC_API_KEY", "  "),
        ("ANTHROPIC_AUTH_TOKEN", "token"),
    ];
    let text = child("print_a_request", &variables);
    assert!(text.contains("source=AuthTokenVariable"), "{text}");
    assert!(
        text.contains("authorization=Some(\"Bearer token\")"),
        "{text}"
    );
    let text = child("print_a_request", &[("ANTHROPIC_API_KEY", "")]);
    assert!(text.contains("source=Missing"), "{text}");
}

/// A platform that sends what it is given, to servers that are not Anthropic's, a header of the
/// caller's included.
#[derive(Debug)]
struct Elsewhere(http::Uri);

impl Platform for Elsewhere {
    fn name(&self) -> &'static str {
        "elsewhere"
    }

    fn base_url(&self) -> &http::Uri {
        &self.0
    }

    fn takes_authorization(&self) -> bool {
        true
    }

    fn authorize<'a>(
        &'a self,
        request: HttpRequest,
        _: &'a AttemptContext,
    ) -> MaybeReady<'a, Result<HttpRequest>> {
        MaybeReady::ready(Ok(request))
    }
}

#[tokio::test]
async fn print_what_a_platform_gets() {
    if !is_child() {
        return;
    }
    let script = Script::new([Reply::json("{}"), Reply::json("{}")]);
    let platform = Elsewhere(http::Uri::from_static("https://elsewhere.example"));
    let client = Client::builder().environment().platform(platform);
    let client = client.transport(script.clone()).build().unwrap();
    println!("source={:?}", client.credential_source().kind);
    get(&client).await.unwrap();
    let derived = client.to_builder().environment().build().unwrap();
    get(&derived).await.unwrap();
    for sent in script.sent() {
        let headers = sent.headers.iter();
        let headers: Vec<_> = headers
            .map(|(name, value)| format!("{name}: {}", value.to_str().unwrap()))
            .collect();
        println!("{} {headers:?}", sent.uri);
    }
}

#[test]
fn no_credential_of_the_environment_reaches_a_platform() {
    for headers in ["Authorization: Bearer canary", "X-Api-Key: canary"] {
        let variables = [
            ("ANTHROPIC_API_KEY", "canary"),
            ("ANTHROPIC_AUTH_TOKEN", "canary"),
            ("ANTHROPIC_BASE_URL", "https://gateway.example"),
            (
                "ANTHROPIC_CUSTOM_HEADERS",
                &format!("{headers}\nx-mine: kept"),
            ),
        ];
        let text = child("print_what_a_platform_gets", &variables);
        assert!(!text.contains("canary"), "{text}");
        assert!(text.contains("source=Platform"), "{text}");
        assert_eq!(
            text.matches("https://elsewhere.example/v1/thing").count(),
            2
        );
        assert_eq!(text.matches("x-mine: kept").count(), 2, "{text}");
    }
}

#[test]
fn an_anonymous_client_takes_no_credential_from_the_environment() {
    let variables = [
        ("ANTHROPIC_API_KEY", "key"),
        ("ANTHROPIC_AUTH_TOKEN", "token"),
        (
            "ANTHROPIC_CUSTOM_HEADERS",
            "Authorization: x\nX-Api-Key: y\nx-one: 1",
        ),
    ];
    let text = child("print_a_request", &variables);
    let line = text.lines().find(|line| line.starts_with("anonymous="));
    let line = line.unwrap();
    assert!(line.contains("x-one"), "{line}");
    assert!(
        !line.contains("authorization") && !line.contains("x-api-key"),
        "{line}"
    );
}

/// What a child writes on standard error for a request, with this `ANTHROPIC_LOG`.
fn logged(level: &str) -> Vec<String> {
    let variables = [
        ("ANTHROPIC_API_KEY", "canary-key"),
        ("ANTHROPIC_LOG", level),
    ];
    let (_, errors) = child_with_errors("print_a_request", &variables);
    let lines = errors
        .lines()
        .filter(|line| line.starts_with("anthropic ["));
    lines.map(str::to_owned).collect()
}

#[test]
fn the_log_of_the_environment_has_two_levels() {
    // Two requests, a line each way.
    for level in ["info", "INFO", " info "] {
        let lines = logged(level);
        assert_eq!(lines.len(), 4, "{level}: {lines:?}");
        assert!(lines[0].contains("> GET https://"), "{lines:?}");
        assert!(lines[1].contains("< 200 OK"), "{lines:?}");
    }
    for level in ["debug", "Debug", "trace"] {
        let lines = logged(level);
        let has = |text: &str| lines.iter().any(|line| line.contains(text));
        assert!(has("> GET https://") && has("< 200 OK"), "{lines:?}");
        // Headers and bodies too, but no secret.
        assert!(has("> anthropic-version: ") && has("< {}"), "{lines:?}");
        assert!(!has("canary"), "{lines:?}");
    }
    for level in ["", "off", "warn", "ERROR", "0"] {
        let lines = logged(level);
        assert!(lines.is_empty(), "{level}: {lines:?}");
    }
    // Whoever sets this expects a log.
    for level in ["1", "debug,info", "verbose"] {
        let lines = logged(level);
        let expected = "ANTHROPIC_LOG is neither `info` nor `debug`: nothing is logged";
        // Of each client.
        assert_eq!(lines.len(), 2, "{level}: {lines:?}");
        assert!(
            lines.iter().all(|line| line.contains(expected)),
            "{lines:?}"
        );
    }
}

#[test]
fn a_line_of_headers_without_a_colon_is_named() {
    let variables = [
        ("ANTHROPIC_API_KEY", "canary-key"),
        ("ANTHROPIC_CUSTOM_HEADERS", "x-one: 1\n\ncanary\nx-two: 2"),
    ];
    let (_, errors) = child_with_errors("print_a_request", &variables);
    let expected = "anthropic [headers] line 3 of ANTHROPIC_CUSTOM_HEADERS has no colon";
    assert!(errors.contains(expected), "{errors}");
    assert!(!errors.contains("canary"), "{errors}");
}

/// Not a promise by itself either.
#[cfg(feature = "hyper")]
#[tokio::test]
async fn send_a_request() {
    if is_child() {
        let builder = Client::builder().environment();
        let client = builder.allow_plaintext_http(true).max_retries(0);
        let answer = client
            .build()
            .unwrap()
            .get::<serde_json::Value>("/v1/thing");
        let answer = answer.await;
        println!("ok={}", answer.is_ok());
        if let Err(error) = answer {
            println!("error={error}");
        }
    }
}

/// Has a child with this environment send a request to `url`, and sees whether it gets an answer.
#[cfg(feature = "hyper")]
async fn ask(url: &str, variables: &[(&str, &str)], answered: bool) -> String {
    let mut all = vec![("ANTHROPIC_API_KEY", "key"), ("ANTHROPIC_BASE_URL", url)];
    all.extend(variables);
    let owned: Vec<_> = all
        .into_iter()
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .collect();
    let run = tokio::task::spawn_blocking(move || {
        let variables: Vec<_> = owned
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_str()))
            .collect();
        child("send_a_request", &variables)
    });
    let text = run.await.unwrap();
    assert!(text.contains(&format!("ok={answered}")), "{url}: {text}");
    text
}

/// Answers one request, and gives its head.
#[cfg(feature = "hyper")]
async fn answer(server: &crate::support::server::Server) -> String {
    let mut connection = server.accept().await;
    let (head, _) = connection.request().await;
    let headers = "content-type: application/json\r\n";
    connection.answer("200 OK", headers, "{}").await;
    head
}

#[cfg(feature = "hyper")]
#[tokio::test]
async fn proxies_come_from_the_environment() {
    let proxy = crate::support::server::Server::start().await;
    let url = proxy.url("http");
    // No name of this machine, so that the proxy is used; and nobody listens there.
    let there = "http://0.0.0.0:9";
    let variables = [("HTTP_PROXY", url.as_str()), ("NO_PROXY", "")];
    let (_, head) = tokio::join!(ask(there, &variables, true), answer(&proxy));
    assert!(head.starts_with("get http://0.0.0.0:9/v1/thing "), "{head}");
    for spared in ["0.0.0.0", "0.0.0.0:9"] {
        let variables = [("HTTP_PROXY", url.as_str()), ("NO_PROXY", spared)];
        ask(there, &variables, false).await;
    }
    let variables = [
        ("HTTP_PROXY", url.as_str()),
        ("NO_PROXY", "0.0.0.0:8, *.example"),
    ];
    tokio::join!(ask(there, &variables, true), answer(&proxy));
}

#[cfg(feature = "hyper")]
#[tokio::test]
async fn a_host_without_the_proxy_does_not_get_its_credentials() {
    let server = crate::support::server::Server::start().await;
    let url = server.url("http").replace("127.0.0.1", "0.0.0.0");
    let port = url.rsplit_once(':').unwrap().1;
    let proxy = server.url("http").replace("http://", "http://user:pass@");
    let with_port = format!("0.0.0.0:{port}");
    for spared in [
        "0.0.0.0", &with_port, "*.0.0.0", ".0.0.0", "*", " * ", "*,x", "x,*",
    ] {
        let variables = [("HTTP_PROXY", proxy.as_str()), ("NO_PROXY", spared)];
        let (_, head) = tokio::join!(ask(&url, &variables, true), answer(&server));
        assert!(head.starts_with("get /v1/thing "), "{head}");
        assert!(!head.contains("proxy-authorization"), "{head}");
    }
    let variables = [("HTTP_PROXY", proxy.as_str()), ("NO_PROXY", "")];
    let (_, head) = tokio::join!(ask(&url, &variables, true), answer(&server));
    assert!(
        head.contains("proxy-authorization: basic dxnlcjpwyxnz"),
        "{head}"
    );
}

#[cfg(feature = "hyper")]
#[tokio::test]
async fn a_place_that_cannot_be_reached_is_named_with_where_it_was_set() {
    // Nobody listens there once this has been dropped.
    let gone = tokio::net::TcpListener::bind("127.0.0.1:0")
        .await
        .unwrap()
        .local_addr();
    let gone = format!("http://{}", gone.unwrap());
    let text = ask(&gone, &[("NO_PROXY", "*")], false).await;
    let expected = "Connection refused (os error 111); the URL comes from ANTHROPIC_BASE_URL";
    assert!(text.contains(expected), "{text}");
    let transport = anthropic::hyper_1::HyperTransport::builder().no_proxy();
    let given = Client::builder()
        .api_key("key")
        .base_url(&gone)
        .transport(transport.build().unwrap())
        .max_retries(0);
    let error = get(&given.build().unwrap()).await.unwrap_err().to_string();
    assert!(error.contains("Connection refused"), "{error}");
    assert!(!error.contains("ANTHROPIC_BASE_URL"), "{error}");
    // And one that speaks another protocol.
    let server = crate::support::server::Server::start().await;
    let speaking = async {
        let mut connection = server.accept().await;
        connection.request().await;
        connection.write("SSH-2.0-x\r\n").await;
    };
    let url = server.url("http");
    let (text, ()) = tokio::join!(ask(&url, &[("NO_PROXY", "*")], false), speaking);
    let expected = "another protocol; the URL comes from ANTHROPIC_BASE_URL";
    assert!(text.contains(expected), "{text}");
}

#[cfg(feature = "hyper")]
#[tokio::test]
async fn a_proxy_of_another_kind_is_named_with_what_to_do() {
    let variables = [
        ("ALL_PROXY", "socks5://me:sesame@127.0.0.1:9"),
        ("NO_PROXY", ""),
    ];
    let text = ask("https://api.example.invalid", &variables, false).await;
    assert!(
        text.contains("the proxy 127.0.0.1:9 speaks socks5"),
        "{text}"
    );
    assert!(text.contains("NO_PROXY"), "{text}");
    assert!(!text.contains("sesame"), "{text}");
}

#[cfg(feature = "hyper")]
#[tokio::test]
async fn a_variable_that_names_no_proxy_is_named_and_not_passed_over() {
    // Each would otherwise be left out, and the credential go another way than was asked for.
    for value in [
        "SOCKS5://me:sesame@proxy.invalid:1",
        "socks://me:sesame@proxy.invalid:1",
        "\"http://me:sesame@127.0.0.1:9\"",
        " http://me:sesame@127.0.0.1:9",
        "http://me:sesame@127.0.0.1:9 ",
        "http:/127.0.0.1:9",
        "ftp://127.0.0.1:9",
    ] {
        for (variable, url) in [
            ("HTTPS_PROXY", "https://api.example.invalid"),
            ("ALL_PROXY", "https://api.example.invalid"),
            ("http_proxy", "http://0.0.0.0:9"),
        ] {
            let variables = [(variable, value), ("NO_PROXY", "")];
            let text = ask(url, &variables, false).await;
            assert!(
                text.contains(&format!("{variable} is set to what can't be read")),
                "{variable}={value}: {text}"
            );
            assert!(!text.contains("sesame"), "{text}");
            assert!(!text.contains("ANTHROPIC_BASE_URL"), "{text}");
        }
    }
    // It is for other schemes or hosts alone.
    let server = crate::support::server::Server::start().await;
    let url = server.url("http").replace("127.0.0.1", "0.0.0.0");
    for variables in [
        [
            ("HTTPS_PROXY", "SOCKS5://proxy.invalid:1"),
            ("NO_PROXY", ""),
        ],
        [
            ("HTTP_PROXY", "SOCKS5://proxy.invalid:1"),
            ("NO_PROXY", "0.0.0.0"),
        ],
        [
            ("HTTP_PROXY", "SOCKS5://proxy.invalid:1"),
            ("NO_PROXY", "*.0.0.0"),
        ],
        [
            ("HTTP_PROXY", "SOCKS5://proxy.invalid:1"),
            ("NO_PROXY", "*"),
        ],
    ] {
        let (_, head) = tokio::join!(ask(&url, &variables, true), answer(&server));
        assert!(head.starts_with("get /v1/thing "), "{head}");
    }
}

#[cfg(feature = "hyper")]
#[tokio::test]
async fn a_proxy_that_cannot_be_reached_is_named_with_its_variable() {
    let gone = crate::support::server::Server::start().await.url("http");
    let variables = [("HTTP_PROXY", gone.as_str()), ("NO_PROXY", "")];
    let text = ask("http://0.0.0.0:9", &variables, false).await;
    let place = format!("the proxy {}: Connection refused", &gone["http://".len()..]);
    assert!(text.contains(&place), "{text}");
    assert!(text.contains("the proxy comes from HTTP_PROXY"), "{text}");
    assert!(!text.contains("ANTHROPIC_BASE_URL"), "{text}");
}

#[cfg(feature = "hyper")]
#[tokio::test]
async fn proxies_of_the_environment_see_nothing_that_stays_on_this_machine() {
    let server = crate::support::server::Server::start().await;
    let port = server.url("http").rsplit_once(':').unwrap().1.to_owned();
    // Through this proxy nothing gets anywhere.
    let nowhere = "http://127.0.0.1:9";
    let variables = [
        ("HTTP_PROXY", nowhere),
        ("ALL_PROXY", nowhere),
        ("NO_PROXY", ""),
    ];
    for host in ["127.0.0.1", "localhost"] {
        let url = format!("http://{host}:{port}");
        let (_, head) = tokio::join!(ask(&url, &variables, true), answer(&server));
        assert!(head.starts_with("get /v1/thing "), "{head}");
    }
}

#[cfg(all(feature = "hyper", feature = "webpki-roots"))]
#[tokio::test]
async fn a_machine_without_roots_trusts_those_of_the_program() {
    let site = crate::support::tls::Site::start(100, |_, _| async {
        crate::support::tls::Pieces::json("{}")
    });
    let site = site.await;
    // There are roots, so the server is refused for what it is, not for want of them.
    let variables = [
        ("SSL_CERT_FILE", "/dev/null"),
        ("SSL_CERT_DIR", "/dev/null"),
    ];
    let text = ask(&site.url(), &variables, false).await;
    assert!(text.contains("UnknownIssuer"), "{text}");
}
