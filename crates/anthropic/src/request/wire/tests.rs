use bytes::Bytes;

use crate::Client;
use crate::operation::Operation;
use crate::pipeline::resolved::wire;
use crate::request::call::Call;
use crate::transport::{Body, ConnectTimeout};

static PUT: Operation<()> = Operation::empty("thing.put", http::Method::PUT, "/v1/thing");

#[tokio::test]
async fn a_body_that_can_be_read_once_goes_out_once_and_leaves_nothing_to_send_again() {
    let client = Client::new("key").unwrap();
    let once = futures_util::stream::iter([Ok::<_, std::io::Error>(Bytes::from("once"))]);
    let mut call = Call::new(PUT.info(), "/v1/thing".into());
    call.body = Body::stream(once, None);
    let body = call.take_body();
    let config = &client.shared().config;
    let mut wire = wire(config, &config.base_url, &call, body).unwrap();
    assert!(!wire.is_replayable());
    assert!(
        call.try_clone().is_none(),
        "an empty body would be sent in its place"
    );
    let request = wire.request(&call, 1, ConnectTimeout(None));
    assert_eq!(request.into_body().bytes().await.unwrap(), "once");
}
