//! HTTPS, by an HTTP client that trusts the certificate.

use std::sync::Arc;
use std::time::Duration;

use anthropic_sim::{Reply, Simulator, faults};
use reqwest::{RequestBuilder, Response, Version};
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use rustls::{ClientConfig, RootCertStore};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;

use crate::messages::{hello, hello_with};

const SOON: Duration = Duration::from_secs(20);

/// A client that trusts this certificate and speaks this protocol.
fn client(certificate: Option<&str>, protocol: &str) -> reqwest::Client {
    let mut roots = RootCertStore::empty();
    if let Some(pem) = certificate {
        let certificate = CertificateDer::from_pem_slice(pem.as_bytes()).unwrap();
        roots.add(certificate).unwrap();
    }
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let mut tls = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    tls.alpn_protocols = vec![protocol.into()];
    let builder = reqwest::Client::builder().no_proxy();
    builder.tls_backend_preconfigured(tls).build().unwrap()
}

async fn send(request: RequestBuilder) -> Response {
    let request = request.header("x-api-key", "test");
    let request = request.header("anthropic-version", "2026-10-21");
    timeout(SOON, request.send()).await.unwrap().unwrap()
}

fn post(client: &reqwest::Client, url: &str, path: &str, body: &Value) -> RequestBuilder {
    let request = client.post(format!("{url}{path}"));
    request.body(body.to_string())
}

async fn json(response: Response) -> Value {
    serde_json::from_slice(&response.bytes().await.unwrap()).unwrap()
}

async fn start() -> Simulator {
    let simulator = Simulator::builder().tls().batch_delay(Duration::ZERO);
    simulator.start().await.unwrap()
}

#[tokio::test]
async fn both_versions_of_http_are_served() {
    let simulator = start().await;
    let url = simulator.url();
    assert!(url.starts_with("https://127.0.0.1:"), "{url}");
    for (protocol, version) in [("h2", Version::HTTP_2), ("http/1.1", Version::HTTP_11)] {
        let client = client(simulator.certificate(), protocol);
        let response = send(post(&client, url, "/v1/messages", &hello())).await;
        assert_eq!(
            (response.status().as_u16(), response.version()),
            (200, version)
        );
        assert_eq!(json(response).await["type"], "message");
        let streamed = hello_with(json!({"stream": true}));
        let response = send(post(&client, url, "/v1/messages", &streamed)).await;
        let text = response.text().await.unwrap();
        assert!(text.contains("event: message_stop"), "{text}");
        // By another name that the certificate has.
        let named = url.replace("127.0.0.1", "localhost");
        let response = send(client.get(format!("{named}/v1/models"))).await;
        assert_eq!(response.status(), 200);
    }
}

#[tokio::test]
async fn links_and_origins_are_those_of_https() {
    let simulator = start().await;
    let url = simulator.url();
    for protocol in ["h2", "http/1.1"] {
        let client = client(simulator.certificate(), protocol);
        let batch = json!({"requests": [{"custom_id": "a", "params": hello()}]});
        let batch = json(send(post(&client, url, "/v1/messages/batches", &batch)).await).await;
        let path = format!(
            "{url}/v1/messages/batches/{}",
            batch["id"].as_str().unwrap()
        );
        let batch = json(send(client.get(path)).await).await;
        let results = batch["results_url"].as_str().unwrap();
        assert!(results.starts_with(url), "{results}");
        for (origin, status) in [(url.to_owned(), 200), (url.replace("https", "http"), 403)] {
            let request = client.get(format!("{url}/_sim/exchanges"));
            let response = send(request.header("origin", &origin)).await;
            assert_eq!(response.status(), status, "{protocol} {origin}");
        }
    }
}

#[tokio::test]
async fn faults_that_need_the_bare_socket_are_refused() {
    let reply = || Reply::text("x").fault(faults::Rule::parse("hang-up").unwrap());
    let simulator = Simulator::builder().tls().reply(reply()).reply(reply());
    let simulator = simulator.start().await.unwrap();
    let url = simulator.url();
    for protocol in ["h2", "http/1.1"] {
        let client = client(simulator.certificate(), protocol);
        let response = send(post(&client, url, "/v1/messages", &hello())).await;
        assert_eq!(response.status(), 400, "{protocol}: a reply's own");
        let message = json(response).await["error"]["message"].to_string();
        assert!(message.contains("without TLS"), "{message}");
        for (fault, status) in [("status=529", 529), ("reset", 400), ("cut-after=1", 400)] {
            let request = post(&client, url, "/v1/messages", &hello());
            let response = send(request.header("anthropic-sim-fault", fault)).await;
            assert_eq!(response.status(), status, "{protocol} {fault}");
        }
    }
}

#[tokio::test]
async fn a_connection_without_a_handshake_holds_up_nobody() {
    let simulator = start().await;
    let url = simulator.url();
    let address = url.strip_prefix("https://").unwrap();
    let mut idle = Vec::new();
    for _ in 0..8 {
        idle.push(TcpStream::connect(address).await.unwrap());
    }
    // What is no TLS ends its own connection.
    let mut plain = TcpStream::connect(address).await.unwrap();
    let head = b"GET /v1/models HTTP/1.1\r\nhost: localhost\r\n\r\n";
    plain.write_all(head).await.unwrap();
    let mut answer = Vec::new();
    let ended = timeout(SOON, plain.read_to_end(&mut answer)).await;
    assert!(ended.is_ok() && !answer.starts_with(b"HTTP"), "{answer:?}");
    let client = client(simulator.certificate(), "h2");
    let response = send(client.get(format!("{url}/v1/models"))).await;
    assert_eq!(response.status(), 200);
}

#[tokio::test]
async fn only_those_who_were_given_the_certificate_trust_it() {
    let (one, other) = (start().await, start().await);
    for certificate in [None, other.certificate()] {
        let client = client(certificate, "h2");
        let request = client.get(format!("{}/health", one.url()));
        assert!(request.send().await.unwrap_err().is_connect());
    }
}
