//! The default transport: TLS, HTTP/2, certificates and proxies, over sockets on this machine.

use std::task::{Context, Poll, Waker};
use std::time::Duration;

use anthropic::hyper_1::HyperTransport;
use anthropic::transport::Transport;
use anthropic::{Client, Error, ErrorKind};
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::server::conn::auto;
use serde_json::{Value, json};
use tokio::io::copy_bidirectional;
use tokio::net::{TcpListener, TcpStream};

use crate::support::server::Server;
use crate::support::tls::Certificates;

/// Serves over TLS; every answer tells the HTTP version. Returns the port.
async fn serve(certificates: &Certificates, asks_for_certificate: bool) -> u16 {
    let acceptor = certificates.acceptor(asks_for_certificate);
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let acceptor = acceptor.clone();
            tokio::spawn(async move {
                let Ok(stream) = acceptor.accept(stream).await else {
                    return;
                };
                let answer =
                    service_fn(|request: http::Request<hyper::body::Incoming>| async move {
                        let version = format!("{:?}", request.version());
                        let body = json!({ "version": version }).to_string();
                        let response =
                            http::Response::builder().header("content-type", "application/json");
                        response.body(body)
                    });
                let server = auto::Builder::new(TokioExecutor::new());
                let _ = server.serve_connection(TokioIo::new(stream), answer).await;
            });
        }
    });
    port
}

fn client(url: &str, transport: impl Transport) -> Client {
    let builder = Client::builder()
        .api_key("key")
        .base_url(url)
        .max_retries(0);
    builder.transport(transport).build().unwrap()
}

async fn ask(url: &str, transport: HyperTransport) -> Result<String, Error> {
    let answer: Value = client(url, transport).get("/v1/thing").await?;
    Ok(answer["version"].as_str().unwrap().to_owned())
}

/// Everything that an error and its causes say.
fn causes(error: &Error) -> String {
    let mut said = error.to_string();
    let mut source = std::error::Error::source(error);
    while let Some(cause) = source {
        said = format!("{said}: {cause}");
        source = cause.source();
    }
    said
}

#[tokio::test]
async fn http_2_is_used_over_tls_where_it_is_offered() {
    let certificates = Certificates::new();
    let url = format!("https://localhost:{}", serve(&certificates, false).await);
    let transport = certificates.trusting().build().unwrap();
    assert_eq!(ask(&url, transport).await.unwrap(), "HTTP/2.0");
    let transport = certificates.trusting().http1_only().build().unwrap();
    assert_eq!(ask(&url, transport).await.unwrap(), "HTTP/1.1");
}

#[tokio::test]
async fn a_certificate_of_an_unknown_authority_is_refused() {
    let certificates = Certificates::new();
    let url = format!("https://localhost:{}", serve(&certificates, false).await);
    for transport in [
        HyperTransport::builder().no_proxy(),
        Certificates::new().trusting(),
    ] {
        let error = ask(&url, transport.build().unwrap()).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Connect);
        assert!(causes(&error).contains("certificate"), "{}", causes(&error));
        assert!(!error.to_string().contains("doesn't speak TLS"), "{error}");
    }
}

#[tokio::test]
async fn a_certificate_for_another_host_is_refused() {
    let certificates = Certificates::new();
    let url = format!("https://127.0.0.1:{}", serve(&certificates, false).await);
    let transport = certificates.trusting().build().unwrap();
    let error = ask(&url, transport).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Connect);
}

#[tokio::test]
async fn a_client_can_show_its_own_certificate() {
    let certificates = Certificates::new();
    let url = format!("https://localhost:{}", serve(&certificates, true).await);
    let (certificate, key) = certificates.sign("client");
    let transport = certificates
        .trusting()
        .client_certificate(certificate.pem(), key.serialize_pem());
    assert_eq!(
        ask(&url, transport.build().unwrap()).await.unwrap(),
        "HTTP/2.0"
    );
    let transport = certificates.trusting().build().unwrap();
    assert!(ask(&url, transport).await.is_err());
}

#[tokio::test]
async fn https_goes_through_a_proxy_as_a_tunnel() {
    let certificates = Certificates::new();
    let port = serve(&certificates, false).await;
    let proxy = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = proxy.local_addr().unwrap();
    let tunnel = tokio::spawn(async move {
        let (mut stream, _) = proxy.accept().await.unwrap();
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            let mut byte = [0];
            tokio::io::AsyncReadExt::read_exact(&mut stream, &mut byte)
                .await
                .unwrap();
            head.push(byte[0]);
        }
        let yes = b"HTTP/1.1 200 Connection established\r\n\r\n";
        tokio::io::AsyncWriteExt::write_all(&mut stream, yes)
            .await
            .unwrap();
        let mut target = TcpStream::connect(("127.0.0.1", port)).await.unwrap();
        let _ = copy_bidirectional(&mut stream, &mut target).await;
        String::from_utf8(head).unwrap().to_ascii_lowercase()
    });
    let url = format!("https://localhost:{port}");
    let transport = certificates
        .trusting()
        .proxy(format!("http://user:pass@{address}"));
    assert_eq!(
        ask(&url, transport.build().unwrap()).await.unwrap(),
        "HTTP/2.0"
    );
    let head = tunnel.await.unwrap();
    assert!(
        head.starts_with(&format!("connect localhost:{port} http/1.1\r\n")),
        "{head}"
    );
    assert!(
        head.contains("proxy-authorization: basic dxnlcjpwyxnz"),
        "{head}"
    );
    assert!(!head.contains("x-api-key"), "{head}");
}

#[tokio::test]
async fn http_goes_through_a_proxy_as_it_is() {
    let proxy = Server::start().await;
    let address = proxy.url("http").replace("http://", "http://user:pass@");
    let transport = HyperTransport::builder().proxy(address).build().unwrap();
    let client = client("http://127.0.0.1:9", transport);
    let (answer, head) = tokio::join!(client.get::<Value>("/v1/thing"), async {
        let mut connection = proxy.accept().await;
        let (head, _) = connection.request().await;
        connection
            .answer("200 OK", "content-type: application/json\r\n", "{}")
            .await;
        head
    });
    answer.unwrap();
    assert!(
        head.starts_with("get http://127.0.0.1:9/v1/thing http/1.1\r\n"),
        "{head}"
    );
    assert!(
        head.contains("proxy-authorization: basic dxnlcjpwyxnz"),
        "{head}"
    );
}

/// What a client with two retries says of a proxy that answers like this, and how often the proxy
/// was asked.
async fn refused_by_a_proxy(status: &str) -> (Error, u32) {
    let proxy = Server::start().await;
    let transport = HyperTransport::builder().proxy(proxy.url("http"));
    let client = Client::builder()
        .api_key("key")
        .base_url("https://api.example.invalid")
        .transport(transport.build().unwrap())
        .build()
        .unwrap();
    let mut asked = 0;
    let refusing = async {
        loop {
            let mut connection = proxy.accept().await;
            connection.request().await;
            asked += 1;
            connection.answer(status, "", "").await;
        }
    };
    let error = tokio::select! {
        answer = client.get::<Value>("/v1/thing").send() => answer.unwrap_err(),
        () = refusing => unreachable!("it refuses without end"),
    };
    assert_eq!(error.kind(), ErrorKind::Connect);
    let text = error.to_string();
    assert!(
        text.contains(&proxy.url("http")["http://".len()..]),
        "{text}"
    );
    assert!(text.contains("api.example.invalid:443"), "{text}");
    (error, asked)
}

#[tokio::test]
async fn a_proxy_that_refuses_is_named_with_its_status() {
    for (status, says) in [
        ("403 Forbidden", "403 Forbidden"),
        (
            "407 Proxy Authentication Required",
            "the user and the password",
        ),
    ] {
        let (error, asked) = refused_by_a_proxy(status).await;
        assert!(error.to_string().contains(says), "{error}");
        assert_eq!((asked, error.is_retryable()), (1, false), "{error}");
    }
    let (error, asked) = refused_by_a_proxy("503 Service Unavailable").await;
    assert!(error.to_string().contains("503"), "{error}");
    assert_eq!(asked, 3);
}

#[tokio::test]
async fn a_proxy_that_is_not_there_is_named_as_the_proxy() {
    let gone = Server::start().await.url("http");
    let transport = HyperTransport::builder().proxy(&gone).build().unwrap();
    for url in ["https://api.example.invalid", "http://127.0.0.1:9"] {
        let error = client(url, transport.clone())
            .get::<Value>("/v1/thing")
            .await
            .unwrap_err();
        let text = error.to_string();
        let expected = format!("the proxy {}: Connection refused", &gone["http://".len()..]);
        assert!(text.contains(&expected), "{text}");
    }
}

#[tokio::test]
async fn a_proxy_that_repeats_its_password_does_not_get_it_into_an_error() {
    // user:sesame-pass
    const ENCODED: &str = "dXNlcjpzZXNhbWUtcGFzcw==";
    let body =
        format!(r#"{{"error":{{"message":"no: user:sesame-pass, sesame-pass, {ENCODED}"}}}}"#);
    let headers = "content-type: application/json\r\nx-said: sesame-pass\r\n";
    for (url, status) in [
        ("http://127.0.0.1:9", "403 No sesame-pass"),
        ("http://127.0.0.1:9", "502 Bad Gateway"),
        ("http://127.0.0.1:9", "200 OK"),
        (
            "https://api.example.invalid",
            "407 No user:sesame-pass sesame-pass",
        ),
    ] {
        let proxy = Server::start().await;
        let place = proxy
            .url("http")
            .replace("http://", "http://user:sesame-pass@");
        let transport = HyperTransport::builder().proxy(place).build().unwrap();
        let client = client(url, transport);
        let (error, ()) = tokio::join!(client.get::<Value>("/v1/thing").send(), async {
            let mut connection = proxy.accept().await;
            let (head, _) = connection.request().await;
            assert!(head.contains(&ENCODED.to_ascii_lowercase()), "{head}");
            connection.answer(status, headers, &body).await;
        });
        let error = error.unwrap_err();
        for text in [error.to_string(), format!("{error:?}"), error.dump()] {
            assert!(
                !text.contains("sesame-pass") && !text.contains(ENCODED),
                "{text}"
            );
        }
        assert!(error.to_string().contains("[masked]"), "{error}");
    }
}

#[tokio::test]
async fn a_place_that_cannot_be_reached_is_named_with_its_port() {
    let direct = || HyperTransport::builder().no_proxy().build().unwrap();
    let gone = Server::start().await.url("http");
    let plain = Server::start().await;
    for (url, expected) in [
        (
            gone.clone(),
            format!("{}: Connection refused", &gone["http://".len()..]),
        ),
        (
            "https://nowhere.invalid".to_owned(),
            "nowhere.invalid:443: no address: ".to_owned(),
        ),
        (
            "https://nowhere.invalid:8443/x".to_owned(),
            "nowhere.invalid:8443: no address: ".to_owned(),
        ),
    ] {
        let error = client(&url, direct())
            .get::<Value>("/v1/thing")
            .await
            .unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Connect);
        assert!(error.to_string().contains(&expected), "{error}");
    }
    let client = client(&plain.url("https"), direct());
    let (answer, ()) = tokio::join!(client.get::<Value>("/v1/thing"), async {
        let mut connection = plain.accept().await;
        connection.first_bytes().await;
        connection.answer("400 Bad Request", "", "").await;
    });
    let text = answer.unwrap_err().to_string();
    let place = plain.url("https");
    assert!(text.contains(&place["https://".len()..]), "{text}");
    assert!(
        text.contains("doesn't speak TLS") && text.contains("`http://`"),
        "{text}"
    );
}

/// Sends a request to a name below `localhost`, which no resolver of a test machine need know.
async fn ask_below_localhost(transport: impl Transport) {
    let server = Server::start().await;
    let port = server.url("http").rsplit_once(':').unwrap().1.to_owned();
    let client = client(&format!("http://api.x.localhost:{port}"), transport);
    let (answer, head) = tokio::join!(client.get::<Value>("/v1/thing"), async {
        let mut connection = server.accept().await;
        let (head, _) = connection.request().await;
        connection
            .answer("200 OK", "content-type: application/json\r\n", "{}")
            .await;
        head
    });
    answer.unwrap();
    assert!(
        head.contains(&format!("host: api.x.localhost:{port}\r\n")),
        "{head}"
    );
}

#[tokio::test]
async fn names_below_localhost_are_this_machine() {
    ask_below_localhost(HyperTransport::builder().build().unwrap()).await;
}

#[cfg(feature = "reqwest")]
#[tokio::test]
async fn names_below_localhost_are_this_machine_for_reqwest_too() {
    use anthropic::reqwest_0_13::{ReqwestTransport, preset};
    let http = preset().unwrap().no_proxy().build().unwrap();
    ask_below_localhost(ReqwestTransport::new(http).unwrap()).await;
}

#[tokio::test]
async fn an_idle_connection_is_used_again_and_closed_in_time() {
    let server = Server::start().await;
    let transport = HyperTransport::builder().pool_idle_timeout(Duration::from_millis(200));
    let client = client(&server.url("http"), transport.build().unwrap());
    let answers = async {
        for _ in 0..3 {
            client.get::<Value>("/v1/thing").await.unwrap();
        }
    };
    let ((), mut connection) = tokio::join!(answers, async {
        let mut connection = server.accept().await;
        for _ in 0..3 {
            connection.request().await;
            connection
                .answer("200 OK", "content-type: application/json\r\n", "{}")
                .await;
        }
        connection
    });
    let closed = tokio::time::timeout(Duration::from_secs(10), connection.closed());
    closed.await.unwrap();
}

#[tokio::test]
async fn a_connection_that_the_server_closed_is_replaced_without_a_retry() {
    let server = Server::start().await;
    let client = client(
        &server.url("http"),
        HyperTransport::builder().build().unwrap(),
    );
    for _ in 0..3 {
        let (answer, ()) = tokio::join!(client.get::<Value>("/v1/thing"), async {
            let mut connection = server.accept().await;
            connection.request().await;
            connection
                .answer("200 OK", "content-type: application/json\r\n", "{}")
                .await;
        });
        answer.unwrap();
    }
}

#[tokio::test]
async fn a_connection_that_is_not_made_in_time_is_given_up() {
    // It accepts, and never answers the request for a tunnel.
    let proxy = Server::start().await;
    let transport = HyperTransport::builder()
        .proxy(proxy.url("http"))
        .build()
        .unwrap();
    let client = client("https://api.example.invalid", transport);
    let limit = Duration::from_millis(50);
    let request = client.get::<Value>("/v1/thing").connect_timeout(limit);
    let (answer, _connection) = tokio::join!(async { request.await }, async {
        let mut connection = proxy.accept().await;
        connection.request().await;
        connection
    });
    let error = answer.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Connect);
    let expected = format!(
        "api.example.invalid:443 through the proxy {}: no connection within 50ms (connect_timeout)",
        &proxy.url("http")["http://".len()..],
    );
    assert!(error.to_string().contains(&expected), "{error}");
}

#[tokio::test]
async fn the_limit_for_connecting_ends_with_the_connection() {
    let server = Server::start().await;
    let client = client(
        &server.url("http"),
        HyperTransport::builder().build().unwrap(),
    );
    let limit = Duration::from_millis(50);
    let request = client.get::<Value>("/v1/thing").connect_timeout(limit);
    let (answer, ()) = tokio::join!(async { request.await }, async {
        let mut connection = server.accept().await;
        connection.request().await;
        // Longer than the limit, on the runtime's own clock.
        let _ = tokio::time::timeout(4 * limit, std::future::pending::<()>()).await;
        connection
            .answer("200 OK", "content-type: application/json\r\n", "{}")
            .await;
    });
    answer.unwrap();
}

#[test]
fn settings_that_cannot_be_read_are_told_without_their_text() {
    for builder in [
        HyperTransport::builder().proxy("socks5://user:sesame@localhost:1"),
        HyperTransport::builder().proxy(""),
        HyperTransport::builder().root_certificates("sesame"),
        HyperTransport::builder().client_certificate("sesame", "sesame"),
    ] {
        let printed = format!("{builder:?}");
        let error = builder.build().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Config);
        assert!(!causes(&error).contains("sesame"), "{}", causes(&error));
        assert!(!printed.contains("user:sesame"), "{printed}");
    }
}

#[test]
fn a_request_outside_of_a_runtime_is_an_error() {
    let builder = Client::builder().api_key("key");
    let client = builder.base_url("http://127.0.0.1:9").build().unwrap();
    let mut request = client.get::<Value>("/v1/models").send();
    let polled = request
        .as_mut()
        .poll(&mut Context::from_waker(Waker::noop()));
    let Poll::Ready(Err(error)) = polled else {
        panic!("{polled:?}");
    };
    let line = error.to_string();
    assert!(line.contains("needs a tokio runtime"), "{line}");
    assert!(
        line.contains("`#[tokio::main]`") && line.contains("`blocking`"),
        "{line}"
    );
    assert_eq!(error.attempts(), 1);
}
