//! Random responses over connections that are used again: each request gets its own.

use std::fmt::Write;

use anthropic::hyper_1::HyperTransport;
use anthropic::transport::Body;

use super::{get_with, streamed};
use crate::connections::soon;
use crate::support::server::{Connection, Server};

/// Numbers that are the same in each run.
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005);
        self.0 = self.0.wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap() % limit
    }

    fn one_in(&mut self, many: usize) -> bool {
        self.below(many) == 0
    }
}

/// A response, as it is on the wire, its body, and whether its connection is closed after it.
fn response(numbers: &mut Numbers) -> (String, String, bool) {
    let words = [
        "a",
        "\r\n0\r\n\r\n",
        "HTTP/1.1 200 OK\r\n",
        "5\r\n",
        "\n\n",
        "data: {}\n\n",
    ];
    let (mut body, mut chunks) = (String::new(), String::new());
    for _ in 0..numbers.below(6) {
        let chunk = words[numbers.below(words.len())].repeat(1 + numbers.below(300));
        let extension = if numbers.one_in(4) { ";x=1" } else { "" };
        write!(chunks, "{:x}{extension}\r\n{chunk}\r\n", chunk.len()).unwrap();
        body.push_str(&chunk);
    }
    let trailer = if numbers.one_in(4) { "x: y\r\n" } else { "" };
    write!(chunks, "0\r\n{trailer}\r\n").unwrap();
    let hint = if numbers.one_in(4) {
        "HTTP/1.1 103 Early Hints\r\n\r\n"
    } else {
        ""
    };
    let closes = numbers.one_in(6);
    let close = if closes { "connection: close\r\n" } else { "" };
    let wire = if numbers.one_in(3) {
        let length = body.len();
        format!("{hint}HTTP/1.1 200 OK\r\n{close}content-length: {length}\r\n\r\n{body}")
    } else {
        format!("{hint}HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n{close}\r\n{chunks}")
    };
    (wire, body, closes)
}

/// The path of each request is what its response is made of.
async fn serve(mut connection: Connection) {
    while connection.goes_on().await {
        let (head, _) = connection.request().await;
        let path = head.split(['/', ' ']).nth(2).unwrap();
        let mut numbers = Numbers(path.parse().unwrap());
        let (wire, _, closes) = response(&mut numbers);
        let mut rest = &wire[..];
        while !rest.is_empty() {
            let (now, later) = rest.split_at(rest.len().min(1 + numbers.below(1000)));
            // A reader may be gone.
            if !connection.try_write(now).await {
                return;
            }
            if numbers.one_in(2) {
                tokio::task::yield_now().await;
            }
            rest = later;
        }
        if closes {
            return;
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn each_request_gets_its_own_response_whatever_came_before() {
    let server = Server::start().await;
    let url = server.url("http");
    tokio::spawn(async move {
        loop {
            tokio::spawn(serve(server.accept().await));
        }
    });
    let transport = HyperTransport::builder().no_proxy().build().unwrap();
    let clients = (0..8_u64).map(|client| {
        let (transport, url) = (transport.clone(), url.clone());
        tokio::spawn(async move {
            for round in 0..100_u64 {
                let seed = client << 32 | round;
                let (_, expected, _) = response(&mut Numbers(seed));
                let url = format!("{url}/{seed}");
                let sent = if round % 3 == 0 {
                    streamed()
                } else {
                    Body::empty()
                };
                let mut body = get_with(&transport, &url, sent).await.into_body();
                if round % 7 == 6 {
                    // Not read, or not to its end.
                    if round % 2 == 0 {
                        soon(body.next()).await;
                    }
                    continue;
                }
                let found = soon(body.bytes()).await.unwrap();
                assert!(found == expected.as_bytes(), "{seed}: {found:?}");
            }
        })
    });
    for client in clients.collect::<Vec<_>>() {
        client.await.unwrap();
    }
}
