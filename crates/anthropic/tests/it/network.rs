//! The default transport: TLS, HTTP/2, certificates and proxies, over sockets on this machine.

use std::sync::Arc;
use std::time::Duration;

use anthropic::hyper_1::{HyperTransport, HyperTransportBuilder};
use anthropic::{Client, Error, ErrorKind};
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::server::conn::auto;
use serde_json::{Value, json};
use tokio::io::copy_bidirectional;
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::pki_types::PrivateKeyDer;
use tokio_rustls::rustls::server::WebPkiClientVerifier;
use tokio_rustls::rustls::{RootCertStore, ServerConfig, crypto::ring};

use crate::support::server::Server;

/// An authority, and a certificate for `localhost` that it signed.
struct Certificates {
    authority: rcgen::Certificate,
    issuer: rcgen::Issuer<'static, rcgen::KeyPair>,
}

impl Certificates {
    fn new() -> Self {
        let key = rcgen::KeyPair::generate().unwrap();
        let mut params = rcgen::CertificateParams::new(Vec::new()).unwrap();
        params.is_ca = rcgen::IsCa::Ca(rcgen::BasicConstraints::Unconstrained);
        let authority = params.self_signed(&key).unwrap();
        Self {
            authority,
            issuer: rcgen::Issuer::new(params, key),
        }
    }

    fn sign(&self, name: &str) -> (rcgen::Certificate, rcgen::KeyPair) {
        let key = rcgen::KeyPair::generate().unwrap();
        let params = rcgen::CertificateParams::new(vec![name.to_owned()]).unwrap();
        (params.signed_by(&key, &self.issuer).unwrap(), key)
    }

    /// Serves over TLS; every answer tells the HTTP version. Answers the port.
    async fn serve(&self, asks_for_certificate: bool) -> u16 {
        let (certificate, key) = self.sign("localhost");
        let provider = Arc::new(ring::default_provider());
        let builder = ServerConfig::builder_with_provider(provider.clone())
            .with_safe_default_protocol_versions()
            .unwrap();
        let builder = if asks_for_certificate {
            let mut roots = RootCertStore::empty();
            roots.add(self.authority.der().clone()).unwrap();
            let verifier = WebPkiClientVerifier::builder_with_provider(roots.into(), provider);
            builder.with_client_cert_verifier(verifier.build().unwrap())
        } else {
            builder.with_no_client_auth()
        };
        let key = PrivateKeyDer::Pkcs8(key.serialize_der().into());
        let chain = vec![certificate.der().clone()];
        let mut config = builder.with_single_cert(chain, key).unwrap();
        config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];

        let acceptor = TlsAcceptor::from(Arc::new(config));
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
                            let response = http::Response::builder()
                                .header("content-type", "application/json");
                            response.body(body)
                        });
                    let server = auto::Builder::new(TokioExecutor::new());
                    let _ = server.serve_connection(TokioIo::new(stream), answer).await;
                });
            }
        });
        port
    }

    fn trusting(&self) -> HyperTransportBuilder {
        HyperTransport::builder()
            .no_proxy()
            .root_certificates(self.authority.pem())
    }
}

fn client(url: &str, transport: HyperTransport) -> Client {
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
    let url = format!("https://localhost:{}", certificates.serve(false).await);
    let transport = certificates.trusting().build().unwrap();
    assert_eq!(ask(&url, transport).await.unwrap(), "HTTP/2.0");
    let transport = certificates.trusting().http1_only().build().unwrap();
    assert_eq!(ask(&url, transport).await.unwrap(), "HTTP/1.1");
}

#[tokio::test]
async fn a_certificate_of_an_unknown_authority_is_refused() {
    let certificates = Certificates::new();
    let url = format!("https://localhost:{}", certificates.serve(false).await);
    for transport in [
        HyperTransport::builder().no_proxy(),
        Certificates::new().trusting(),
    ] {
        let error = ask(&url, transport.build().unwrap()).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Connect);
        assert!(causes(&error).contains("certificate"), "{}", causes(&error));
    }
}

#[tokio::test]
async fn a_certificate_for_another_host_is_refused() {
    let certificates = Certificates::new();
    let url = format!("https://127.0.0.1:{}", certificates.serve(false).await);
    let transport = certificates.trusting().build().unwrap();
    let error = ask(&url, transport).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Connect);
}

#[tokio::test]
async fn a_client_can_show_its_own_certificate() {
    let certificates = Certificates::new();
    let url = format!("https://localhost:{}", certificates.serve(true).await);
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
    let port = certificates.serve(false).await;
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

#[tokio::test]
async fn a_proxy_that_refuses_is_a_connection_error() {
    let proxy = Server::start().await;
    let transport = HyperTransport::builder()
        .proxy(proxy.url("http"))
        .build()
        .unwrap();
    let client = client("https://api.example.invalid", transport);
    let (answer, ()) = tokio::join!(client.get::<Value>("/v1/thing"), async {
        let mut connection = proxy.accept().await;
        connection.request().await;
        connection
            .answer("407 Proxy Authentication Required", "", "")
            .await;
    });
    let error = answer.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Connect);
    assert!(causes(&error).contains("proxy"), "{}", causes(&error));
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
    assert!(
        causes(&error).contains("no connection within 50ms"),
        "{}",
        causes(&error)
    );
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
