//! Who may talk to the simulator, and how it is set up for a service.

use std::net::{IpAddr, SocketAddr, UdpSocket};
use std::time::Duration;

use anthropic_sim::{Builder, Reply, Simulator};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::client::{Answer, get, open, parse, post, post_form, send};
use crate::messages::{hello, hello_with};

/// A request with this head beside what every request has.
async fn raw(simulator: &Simulator, line: &str, host: &str, headers: &[(&str, &str)]) -> Answer {
    let address = simulator.url().strip_prefix("http://").unwrap();
    let address = address.split('/').next().unwrap();
    raw_to(address.parse().unwrap(), line, host, headers).await
}

pub(crate) async fn raw_to(
    address: SocketAddr,
    line: &str,
    host: &str,
    headers: &[(&str, &str)],
) -> Answer {
    let mut socket = TcpStream::connect(address).await.unwrap();
    let headers: Vec<String> = headers
        .iter()
        .map(|(name, value)| format!("{name}: {value}\r\n"))
        .collect();
    let key = "x-api-key: any\r\nanthropic-version: 2026-10-21\r\n";
    let head = format!(
        "{line} HTTP/1.1\r\nhost: {host}\r\nconnection: close\r\n{key}{}\r\n",
        headers.concat()
    );
    socket.write_all(head.as_bytes()).await.unwrap();
    let mut bytes = Vec::new();
    socket.read_to_end(&mut bytes).await.unwrap();
    parse(&bytes)
}

const MODELS: &str = "GET /v1/models";

async fn started(builder: Builder) -> Simulator {
    builder.start().await.unwrap()
}

#[tokio::test]
async fn only_names_of_this_machine_lead_to_it() {
    let simulator = started(Simulator::builder().allow_host("sim")).await;
    for (host, status) in [
        ("127.0.0.1:4010", 200),
        ("[::1]:4010", 200),
        ("localhost", 200),
        ("app.localhost:80", 200),
        ("SIM:4010", 200),
        ("LocalHost", 200),
        ("nolocalhost", 403),
        ("localhost.evil.example", 403),
        ("evil.example", 403),
        ("sim.evil.example", 403),
        ("evil.example@127.0.0.1", 403),
    ] {
        for line in [MODELS, "GET /_sim/requests", "GET /health"] {
            let answer = raw(&simulator, line, host, &[]).await;
            assert_eq!(answer.status, status, "{host} {line} {}", answer.text());
        }
    }
}

#[tokio::test]
async fn a_second_host_is_refused() {
    let simulator = started(Simulator::builder()).await;
    for second in ["localhost", "evil.example", ""] {
        for line in [MODELS, "GET /_sim/requests", "GET /health"] {
            let answer = raw(&simulator, line, "localhost", &[("host", second)]).await;
            let (kind, message) = answer.error(400);
            assert_eq!(kind, "invalid_request_error");
            assert!(message.starts_with("host:"), "{message}");
        }
    }
    assert!(simulator.requests().is_empty());
}

#[tokio::test]
async fn pages_of_other_origins_are_refused() {
    let simulator = started(Simulator::builder().cors("http://localhost:5173")).await;
    let host = "127.0.0.1:4010";
    for (header, value, status) in [
        ("origin", "http://127.0.0.1:4010", 200),
        ("origin", "http://localhost:5173", 200),
        ("origin", "http://localhost:5174", 403),
        ("origin", "https://evil.example", 403),
        ("origin", "null", 403),
        ("sec-fetch-site", "same-origin", 200),
        ("sec-fetch-site", "none", 200),
        ("sec-fetch-site", "same-site", 403),
        ("sec-fetch-site", "cross-site", 403),
    ] {
        for line in [MODELS, "GET /_sim/exchanges"] {
            let answer = raw(&simulator, line, host, &[(header, value)]).await;
            assert_eq!(answer.status, status, "{header}: {value}");
            let allowed = answer.header("access-control-allow-origin");
            let wanted = (value == "http://localhost:5173").then_some(value);
            assert_eq!(allowed, wanted, "{header}: {value}");
        }
    }
}

#[tokio::test]
async fn preflights_are_answered() {
    let simulator = started(Simulator::builder().cors("*")).await;
    let asked = [
        ("origin", "https://app.example"),
        ("access-control-request-method", "POST"),
        ("access-control-request-headers", "x-api-key, content-type"),
        ("sec-fetch-site", "cross-site"),
    ];
    let answer = raw(&simulator, "OPTIONS /v1/messages", "localhost", &asked).await;
    assert_eq!(answer.status, 204);
    for (name, value) in [
        ("access-control-allow-origin", "https://app.example"),
        ("access-control-allow-headers", "x-api-key, content-type"),
    ] {
        assert_eq!(answer.header(name), Some(value));
    }
    assert!(
        answer
            .header("access-control-allow-methods")
            .unwrap()
            .contains("POST")
    );
    let closed = Simulator::start().await.unwrap();
    let answer = raw(&closed, "OPTIONS /v1/messages", "localhost", &asked).await;
    assert_eq!(answer.status, 403);
}

#[tokio::test]
async fn a_page_that_is_let_in_can_read_faults_and_all_headers() {
    let simulator = started(Simulator::builder().cors("*")).await;
    let origin = "https://app.example";
    for fault in [
        "slow-headers=1",
        "status=529",
        "html=502",
        "half",
        "byte-by-byte",
        "content-type=text/plain",
    ] {
        let headers = [("origin", origin), ("anthropic-sim-fault", fault)];
        let answer = raw(&simulator, MODELS, "localhost", &headers).await;
        for (name, value) in [
            ("access-control-allow-origin", origin),
            ("access-control-expose-headers", "*"),
        ] {
            assert_eq!(answer.header(name), Some(value), "{fault}");
        }
    }
    let without = [("anthropic-sim-fault", "half")];
    let answer = raw(&simulator, MODELS, "localhost", &without).await;
    assert_eq!(answer.header("access-control-allow-origin"), None);
}

#[tokio::test]
async fn a_health_check_needs_no_key() {
    let simulator = started(Simulator::builder().accept_only("secret")).await;
    assert_eq!(
        get(simulator.url(), "/health").await.json(),
        json!({"status": "ok"})
    );
    assert_eq!(get(simulator.url(), "/v1/models").await.status, 401);
}

#[tokio::test]
async fn everything_is_below_the_base_path() {
    let simulator = started(
        Simulator::builder()
            .base_path("/anthropic")
            .batch_delay(Duration::ZERO),
    )
    .await;
    let url = simulator.url().to_owned();
    assert!(url.ends_with("/anthropic"), "{url}");
    let origin = url.strip_suffix("/anthropic").unwrap();
    for (path, status) in [
        ("/v1/models", 404),
        ("/anthropic/v1/models", 200),
        ("/anthropic/_sim", 200),
        ("/anthropic/health", 200),
    ] {
        assert_eq!(get(origin, path).await.status, status, "{path}");
    }
    let batch = json!({"requests": [{"custom_id": "a", "params": hello()}]});
    let batch = post(origin, "/anthropic/v1/messages/batches", &batch)
        .await
        .ok();
    let path = format!(
        "/anthropic/v1/messages/batches/{}",
        batch["id"].as_str().unwrap()
    );
    let results = get(origin, &path).await.ok()["results_url"]
        .as_str()
        .unwrap()
        .to_owned();
    assert_eq!(
        results,
        format!("{url}{}/results", path.strip_prefix("/anthropic").unwrap())
    );
    for wrong in ["anthropic", "/anthropic/", "/{a}"] {
        let builder = Simulator::builder().base_path(wrong);
        assert!(
            builder
                .start()
                .await
                .unwrap_err()
                .to_string()
                .contains("is no base path"),
            "{wrong}"
        );
    }
}

#[tokio::test]
async fn it_listens_where_it_is_told_to() {
    let all: IpAddr = "0.0.0.0".parse().unwrap();
    let simulator = started(Simulator::builder().host(all).control_token("t")).await;
    let port = simulator.url().rsplit(':').next().unwrap().to_owned();
    // This machine needs no token, whatever address it uses of its own loopback ones.
    let near = format!("http://127.0.0.1:{port}");
    assert_eq!(get(&near, "/_sim/rules").await.status, 200);
}

/// An address of this machine that isn't of its loopback, if it has one. Nothing is sent: the
/// system is only asked from where it would send.
pub(crate) fn own_address() -> Option<IpAddr> {
    let socket = UdpSocket::bind("0.0.0.0:0").ok()?;
    socket.connect("192.0.2.1:9").ok()?;
    let own = socket.local_addr().ok()?.ip();
    (!own.is_loopback() && !own.is_unspecified()).then_some(own)
}

#[tokio::test]
async fn other_addresses_need_the_token_for_what_tests_control() {
    let Some(own) = own_address() else {
        // Such a machine has nobody else to keep out; `access::tests` has the decision itself.
        eprintln!("this machine has no address but its loopback");
        return;
    };
    let all: IpAddr = "0.0.0.0".parse().unwrap();
    let builder = Simulator::builder().host(all).control_token("secret");
    let simulator = started(builder.accept_only("any")).await;
    let port = simulator.url().rsplit(':').next().unwrap().parse().unwrap();
    let (address, host) = (SocketAddr::new(own, port), format!("{own}:{port}"));
    let token = |token| [("anthropic-sim-token", token)];
    for line in [
        "GET /_sim",
        "GET /_sim/",
        "GET /_sim/rules",
        "GET /_sim/requests",
        "GET /_sim/exchanges",
        "GET /_sim/live",
        "GET /_sim/none",
        "POST /_sim/reset",
        "DELETE /_sim/rules",
        "DELETE /_sim/exchanges",
    ] {
        for headers in [&[][..], &token("secre"), &token("")] {
            let refused = raw_to(address, line, &host, headers).await;
            let error = json!({
                "type": "permission_error",
                "message": "from another machine this needs the header anthropic-sim-token, with the token that was \
                            printed at the start",
            });
            assert_eq!(refused.status, 401, "{line}");
            assert_eq!(
                refused.json(),
                json!({"type": "error", "error": error}),
                "{line}"
            );
        }
    }
    let wrong = raw_to(address, "GET /_sim/rules?token=wrong", &host, &[]).await;
    assert_eq!(wrong.status, 401);
    let rules = raw_to(address, "GET /_sim/rules", &host, &token("secret")).await;
    assert_eq!(rules.ok(), json!({"rules": [], "queued": 0}));
    let page = raw_to(address, "GET /_sim?token=secret", &host, &[]).await;
    assert_eq!(
        (page.status, page.header("content-type")),
        (200, Some("text/html; charset=utf-8"))
    );
    // The page's own files are no secret, and what the API has needs no token, but its key.
    for line in ["GET /_sim/page.js", "GET /health", "GET /v1/models?limit=1"] {
        assert_eq!(
            raw_to(address, line, &host, &[]).await.status,
            200,
            "{line}"
        );
    }
}

#[tokio::test]
async fn a_drained_simulator_answers_what_is_under_way() {
    let slow = Reply::text("slow").delay(Duration::from_millis(300));
    let simulator = started(Simulator::builder().reply(slow)).await;
    let url = simulator.url().to_owned();
    let asked = tokio::spawn({
        let url = url.clone();
        async move { post(&url, "/v1/messages", &hello()).await }
    });
    while simulator.requests().is_empty() {
        tokio::task::yield_now().await;
    }
    assert!(simulator.drain(Duration::from_secs(20)).await);
    assert_eq!(asked.await.unwrap().ok()["content"][0]["text"], "slow");
    let address = url.strip_prefix("http://").unwrap();
    assert!(TcpStream::connect(address).await.is_err());
}

#[cfg(feature = "server")]
#[tokio::test]
async fn bodies_may_be_compressed() {
    use std::io::Write;

    let simulator = Simulator::start().await.unwrap();
    let packed = |text: &str| {
        let mut packer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
        packer.write_all(text.as_bytes()).unwrap();
        packer.finish().unwrap()
    };
    let ask = async |encoding: &str, body: &[u8]| {
        send(
            simulator.url(),
            "POST",
            "/v1/messages",
            &[("content-encoding", encoding)],
            body,
        )
        .await
    };
    let message = ask("gzip", &packed(&hello().to_string())).await.ok();
    assert_eq!(message["type"], "message");
    let bomb = packed(&" ".repeat(40 << 20));
    assert!(bomb.len() < 1 << 20);
    assert_eq!(ask("gzip", &bomb).await.error(413).0, "request_too_large");
    for (encoding, body, status, code) in [
        (
            "gzip",
            &bomb[..],
            413,
            "request_body_too_large_after_decoding",
        ),
        ("gzip", b"no gzip", 400, "request_body_encoding_invalid"),
        ("br", b"", 400, "request_body_encoding_unsupported"),
    ] {
        let answer = ask(encoding, body).await;
        assert_eq!(answer.status, status);
        assert_eq!(
            answer.json()["error"]["details"],
            json!({"error_code": code})
        );
    }
}

#[tokio::test]
async fn the_betas_of_the_earlier_version_keep_their_shapes() {
    let simulator = Simulator::start().await.unwrap();
    let url = simulator.url();
    for name in ["a.txt", "b.txt"] {
        post_form(url, "/v1/files", &[("file", name, "content")])
            .await
            .ok();
    }
    let list = async |path: &str, version: &str, beta: &str| -> Value {
        let headers = [("anthropic-version", version), ("anthropic-beta", beta)];
        send(url, "GET", path, &headers, b"").await.ok()
    };
    let files = "files-api-2025-04-14";
    let first = list("/v1/files?limit=1&beta=true", "2023-06-01", files).await;
    assert_eq!(
        (&first["has_more"], &first["first_id"]),
        (&json!(true), &first["data"][0]["id"])
    );
    let after = format!(
        "/v1/files?limit=1&after_id={}",
        first["last_id"].as_str().unwrap()
    );
    let second = list(&after, "2023-06-01", files).await;
    assert_eq!(
        (
            &second["has_more"],
            second["data"].as_array().unwrap().len()
        ),
        (&json!(false), 1)
    );
    let newest = list("/v1/files?limit=1", "2026-10-21", files).await;
    assert!(
        newest.get("has_more").is_none() && newest["next_page"].is_string(),
        "{newest}"
    );
    let form = [("files", "one/SKILL.md", "---\nname: one\n---\n")];
    let skill = post_form(url, "/v1/skills", &form).await.ok();
    let path = format!("/v1/skills/{}", skill["id"].as_str().unwrap());
    let older = list(&path, "2023-06-01", "skills-2025-10-02").await;
    assert_eq!(
        (&older["display_title"], &older["source"]),
        (&json!("one"), &json!("custom"))
    );
    assert_eq!(older["latest_version"], skill["latest_version_id"]);
    let format = json!({"output_format": {"type": "json_schema", "schema": {"type": "integer"}}});
    let headers = [
        ("anthropic-version", "2023-06-01"),
        ("anthropic-beta", "structured-outputs-2025-11-13"),
    ];
    let body = hello_with(format).to_string();
    send(
        url,
        "POST",
        "/v1/messages?beta=true",
        &headers,
        body.as_bytes(),
    )
    .await
    .ok();
}

#[tokio::test]
async fn what_has_no_end_ends_with_the_simulator() {
    let simulator = started(Simulator::builder()).await;
    let url = simulator.url();
    let body = crate::resources::session(&simulator).await;
    let session = post(url, "/v1/sessions", &body).await.ok();
    let events = format!(
        "/v1/sessions/{}/events/stream",
        session["id"].as_str().unwrap()
    );
    let mut streams = Vec::new();
    for path in ["/_sim/live", &events] {
        let mut socket = open(url, "GET", path, &[], b"").await;
        let mut start = vec![0; 12];
        socket.read_exact(&mut start).await.unwrap();
        assert_eq!(start, b"HTTP/1.1 200", "{path}");
        streams.push(socket);
    }
    assert!(simulator.drain(Duration::from_secs(30)).await);
    for mut socket in streams {
        let mut rest = Vec::new();
        socket.read_to_end(&mut rest).await.unwrap();
        assert!(rest.ends_with(b"0\r\n\r\n"), "the end of the last chunk");
    }
}

#[tokio::test]
async fn a_page_elsewhere_may_control_with_the_token() {
    let Some(own) = own_address() else {
        eprintln!("this machine has no address but its loopback");
        return;
    };
    let origin = "http://localhost:5173";
    let builder = Simulator::builder().cors(origin).control_token("secret");
    let simulator = started(builder.host("0.0.0.0".parse().unwrap())).await;
    let port = simulator.url().rsplit(':').next().unwrap().parse().unwrap();
    let (address, host) = (SocketAddr::new(own, port), format!("{own}:{port}"));
    let asked = [
        ("origin", origin),
        ("access-control-request-method", "POST"),
        ("access-control-request-headers", "anthropic-sim-token"),
    ];
    let allowed = raw_to(address, "OPTIONS /_sim/rules", &host, &asked).await;
    assert_eq!(allowed.status, 204);
    let names = allowed.header("access-control-allow-headers");
    assert_eq!(names, Some("anthropic-sim-token"));
    let token = ("anthropic-sim-token", "secret");
    for (line, headers, status) in [
        ("GET /_sim/rules", &[("origin", origin)][..], 401),
        ("GET /_sim/rules", &[("origin", origin), token], 200),
        ("GET /health", &[("origin", origin)], 200),
    ] {
        let answer = raw_to(address, line, &host, headers).await;
        assert_eq!(answer.status, status, "{line}");
        let readable = answer.header("access-control-allow-origin");
        assert_eq!(readable, Some(origin), "{line} {status}");
    }
    let foreign = [("origin", "https://evil.example"), asked[1], asked[2]];
    let refused = raw_to(address, "OPTIONS /_sim/rules", &host, &foreign).await;
    assert_eq!(refused.status, 403);
}

#[tokio::test]
async fn names_that_never_match_are_refused_at_the_start() {
    let cors = |origin: &str| Simulator::builder().cors(origin);
    let host = |name: &str| Simulator::builder().allow_host(name);
    for (builder, instead) in [
        (
            cors("http://localhost:5173/"),
            "its host and port: http://localhost:5173",
        ),
        (
            cors("http://a.example/app"),
            "its host and port: http://a.example",
        ),
        (cors("localhost:5173"), "its scheme: http://localhost:5173"),
        (cors("a.example"), "its scheme: http://a.example"),
        (host("sim:4010"), "no port: sim"),
        (host("http://sim"), "such as sim"),
    ] {
        let problem = builder.start().await.unwrap_err().to_string();
        assert!(problem.ends_with(instead), "{problem}");
    }
    for builder in [
        cors("*"),
        cors("https://a.example"),
        cors("http://[::1]:5173"),
        cors("chrome-extension://abcdefgh"),
        host("sim.internal"),
        host("[::1]"),
    ] {
        started(builder).await;
    }
}
