//! tower services below the pipeline.

use anthropic::transport::HttpRequest;
use anthropic::transport::tower::{ServiceTransport, TransportService};
use anthropic::{Client, ErrorKind};
use tower::ServiceExt;

use crate::support::{Reply, Script, get};

fn client(transport: impl anthropic::transport::Transport) -> Client {
    let builder = Client::builder().api_key("k").max_retries(0);
    builder.transport(transport).build().unwrap()
}

#[tokio::test]
async fn a_layer_may_stand_around_a_transport() {
    let script = Script::new([Reply::json("{}")]);
    let service = TransportService::new(script.clone()).map_request(|mut request: HttpRequest| {
        request
            .headers_mut()
            .insert("x-layer", http::HeaderValue::from_static("on"));
        request
    });
    get(&client(ServiceTransport::new(service))).await.unwrap();
    assert_eq!(script.only().header("x-layer"), Some("on"));
}

#[tokio::test]
async fn a_transports_errors_keep_their_kind_through_a_service() {
    let script = Script::new([Reply::refused()]);
    let transport = ServiceTransport::new(TransportService::new(script));
    assert_eq!(
        get(&client(transport)).await.unwrap_err().kind(),
        ErrorKind::Connect
    );
    let broken = tower::service_fn(|_: HttpRequest| async {
        Err::<anthropic::transport::HttpResponse, _>(std::io::Error::other("broken"))
    });
    assert_eq!(
        get(&client(ServiceTransport::new(broken)))
            .await
            .unwrap_err()
            .kind(),
        ErrorKind::Body
    );
}
