//! Starting and stopping.

use std::net::TcpListener;

use anthropic_sim::Simulator;
use tokio::io::AsyncReadExt;
use tokio::net::TcpStream;

use crate::client::get;

fn port(simulator: &Simulator) -> u16 {
    simulator.url().rsplit(':').next().unwrap().parse().unwrap()
}

#[tokio::test]
async fn dropping_frees_the_port_before_drop_returns() {
    let simulator = Simulator::start().await.unwrap();
    let port = port(&simulator);
    assert!(TcpListener::bind(("127.0.0.1", port)).is_err());
    drop(simulator);
    TcpListener::bind(("127.0.0.1", port)).expect("the port is free");
}

#[tokio::test]
async fn dropping_closes_idle_connections() {
    let simulator = Simulator::start().await.unwrap();
    let mut idle = TcpStream::connect(("127.0.0.1", port(&simulator)))
        .await
        .unwrap();
    // A request answered elsewhere shows that the idle connection, made earlier, is accepted too.
    assert_eq!(get(simulator.url(), "/v1/models").await.status, 200);
    drop(simulator);
    let mut bytes = Vec::new();
    let ended = tokio::time::timeout(
        std::time::Duration::from_secs(5),
        idle.read_to_end(&mut bytes),
    )
    .await;
    ended.expect("the connection ends").ok();
    assert!(bytes.is_empty());
}

#[tokio::test]
async fn a_taken_port_is_an_error() {
    let simulator = Simulator::start().await.unwrap();
    let second = Simulator::builder().port(port(&simulator)).start().await;
    assert_eq!(second.unwrap_err().kind(), std::io::ErrorKind::AddrInUse);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn many_clients_are_served_at_once() {
    let simulator = Simulator::start().await.unwrap();
    let url: &'static str = simulator.url().to_owned().leak();
    let clients: Vec<_> = (0..50)
        .map(|_| tokio::spawn(get(url, "/v1/models")))
        .collect();
    for client in clients {
        assert_eq!(client.await.unwrap().status, 200);
    }
    assert_eq!(simulator.requests().len(), 50);
}

#[tokio::test]
async fn the_clock_starts_where_it_is_told_and_moves_when_it_is_told() {
    let day = std::time::Duration::from_secs(24 * 60 * 60);
    let start = std::time::UNIX_EPOCH + day * 365;
    let simulator = Simulator::builder()
        .clock_start(start)
        .clock_step(std::time::Duration::ZERO)
        .start()
        .await
        .unwrap();
    assert_eq!(simulator.now(), start);
    simulator.advance(day);
    assert_eq!(simulator.now(), start + day);
    let batch =
        serde_json::json!({"requests": [{"custom_id": "a", "params": crate::messages::hello()}]});
    let batch = crate::client::post(simulator.url(), "/v1/messages/batches", &batch)
        .await
        .ok();
    assert_eq!(batch["created_at"], "1971-01-02T00:00:00.000000Z");
}
