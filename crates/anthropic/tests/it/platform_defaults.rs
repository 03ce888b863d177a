//! A platform and a credential that have only what they must have, and what an attempt shows them.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use anthropic::platform::{AttemptContext, MaybeReady};
use anthropic::transport::HttpRequest;
use anthropic::{Client, Credentials, ErrorKind, Platform, RequestOptions, Result};
use http::{HeaderMap, HeaderValue, Uri};
use serde_json::Value;

use crate::support::{Reply, Script, client, get};

/// Keeps what each attempt shows.
#[derive(Debug, Default)]
struct Bare {
    seen: Mutex<Vec<(String, String)>>,
}

impl Platform for Bare {
    fn name(&self) -> &'static str {
        "bare"
    }

    fn base_url(&self) -> &Uri {
        static BASE: std::sync::LazyLock<Uri> =
            std::sync::LazyLock::new(|| Uri::from_static("https://bare.example/at/"));
        &BASE
    }

    fn authorize<'a>(
        &'a self,
        request: HttpRequest,
        cx: &'a AttemptContext,
    ) -> MaybeReady<'a, Result<HttpRequest>> {
        let shown = (cx.base_url().to_owned(), format!("{cx:?}"));
        self.seen.lock().unwrap().push(shown);
        MaybeReady::ready(Ok(request))
    }
}

#[derive(Debug)]
struct Fixed;

impl Credentials for Fixed {
    fn headers<'a>(&'a self, _: &'a AttemptContext) -> MaybeReady<'a, Result<HeaderMap>> {
        let value = HeaderValue::from_static("Bearer fixed");
        let headers = HeaderMap::from_iter([(http::header::AUTHORIZATION, value)]);
        MaybeReady::ready(Ok(headers))
    }
}

#[tokio::test(start_paused = true)]
async fn an_attempt_shows_where_it_goes_and_how_long_it_may_take() {
    let script = Script::new([Reply::json("{}")]);
    let bare = Arc::new(Bare::default());
    let client = Client::builder().transport(script).platform(bare.clone());
    let client = client.timeout(Duration::from_secs(9)).build().unwrap();
    get(&client).await.unwrap();
    let (url, shown) = bare.seen.lock().unwrap().remove(0);
    assert_eq!(url, "https://bare.example/at");
    assert_eq!(
        shown,
        r#"AttemptContext { operation: "client.get", number: 1, time_left: Some(9s), .. }"#
    );
}

#[tokio::test]
async fn a_credential_that_does_not_change_is_not_sent_twice() {
    let platform = Client::builder().platform(Bare::default());
    let fixed = Client::builder().credentials(Fixed);
    for builder in [platform, fixed] {
        let script = Script::new([Reply::status(401), Reply::json("{}")]);
        let client = builder.transport(script.clone()).build().unwrap();
        let error = get(&client).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Authentication);
        assert_eq!(script.sent().len(), 1);
    }
}

#[tokio::test]
async fn a_platform_is_named() {
    let script = Script::new([]);
    let bare = Client::builder().transport(script.clone());
    let bare = bare.platform(Arc::new(Bare::default())).build().unwrap();
    let text = format!("{bare:?}");
    assert!(text.contains(r#"platform: "bare""#), "{text}");
    let options = RequestOptions::new().api_key("key");
    let request = bare.get::<Value>("/v1/thing").options(options);
    let line = request.await.unwrap_err().to_string();
    assert!(line.contains("the platform bare has its own"), "{line}");
    let text = format!("{:?}", client(&script));
    assert!(text.contains(r#"platform: "anthropic""#), "{text}");
}
