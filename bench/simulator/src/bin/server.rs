//! What is measured: `server simulator EVENTS` starts a simulator whose streams have about that
//! many events, 100 a second; `server lenient EVENTS` one without rules on conversations; `server
//! floor` returns the same bytes to every request, without an
//! HTTP library. One thread. Prints its URL.

use std::time::Duration;

use anthropic_sim::{Reply, Simulator};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

const PACE: Duration = Duration::from_millis(10);
/// What a text delta holds on average.
const PIECE: usize = 9;

#[tokio::main(flavor = "current_thread")]
async fn main() -> std::io::Result<()> {
    let mut args = std::env::args().skip(1);
    match (args.next().as_deref(), args.next()) {
        (Some(rules @ ("simulator" | "lenient")), Some(events)) => {
            let events: usize = events.parse().expect("a number of events");
            let text = "A river! ".repeat(events * PIECE / 9);
            let builder = Simulator::builder();
            let builder = if rules == "lenient" {
                builder.lenient()
            } else {
                builder
            };
            let simulator = builder
                .pace(PACE)
                .record_limit(0)
                .handler(move |request| request.is_stream().then(|| Reply::text(text.as_str())))
                .start()
                .await?;
            println!("{}", simulator.url());
            std::future::pending().await
        }
        (Some("floor"), None) => {
            let listener = TcpListener::bind("127.0.0.1:0").await?;
            println!("http://{}", listener.local_addr()?);
            loop {
                let (socket, _) = listener.accept().await?;
                tokio::spawn(echo(socket));
            }
        }
        _ => panic!("usage: server simulator EVENTS | server lenient EVENTS | server floor"),
    }
}

/// One response per read, which is one request here.
async fn echo(mut socket: TcpStream) {
    let answer = format!(
        "HTTP/1.1 200 OK\r\ncontent-length: 600\r\n\r\n{}",
        "x".repeat(600)
    );
    let mut buffer = [0; 65536];
    let _ = socket.set_nodelay(true);
    while socket.read(&mut buffer).await.is_ok_and(|read| read > 0) {
        if socket.write_all(answer.as_bytes()).await.is_err() {
            return;
        }
    }
}
