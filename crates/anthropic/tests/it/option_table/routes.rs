//! Where the request goes, and through what.

use anthropic::platform::credentials_fn;
use anthropic::transport::{HttpRequest, HttpResponse, Transport, TransportError};
use anthropic::{BoxFuture, Middleware, RequestOptions, middleware_fn};
use http::HeaderValue;

use super::{Observed, Row, count, fine};
use crate::support::{Reply, Script};

pub(super) const ROWS: &[Row] = &[
    Row {
        name: "allow_host",
        client: |it, _| it.allow_host("a.example"),
        value: |it, _| it.allow_host("b.example"),
        setter: |it, _| it.allow_host("c.example"),
        lifted: None,
        replies: around,
        observe: count,
        seen: ["2", "3", "4", "", "4"],
    },
    Row {
        name: "credential",
        client: |it, _| it,
        value: |it, _| it.api_key("value"),
        setter: |it, _| it.options(RequestOptions::new().auth_token("setter")),
        lifted: Some(|it, _| it.without_header("authorization")),
        replies: fine,
        observe: |seen| seen.header("authorization"),
        seen: [
            "Bearer canary-key-7f3a",
            "Bearer value",
            "Bearer setter",
            "none",
            "Bearer value",
        ],
    },
    Row {
        name: "fetched credential",
        client: |it, _| it,
        value: |it, _| it.credentials(credentials_fn(|| async { Ok("value") })),
        setter: |it, _| it.header("authorization", "Bearer setter"),
        lifted: None,
        replies: fine,
        observe: |seen| seen.header("authorization"),
        seen: [
            "Bearer canary-key-7f3a",
            "Bearer value",
            "Bearer setter",
            "",
            "Bearer value",
        ],
    },
    Row {
        name: "credential and key in a header",
        client: |it, _| it,
        value: |it, _| it.api_key("value"),
        setter: |it, _| it.header("x-api-key", "setter"),
        lifted: None,
        replies: fine,
        observe: |seen| {
            format!(
                "{} {}",
                seen.header("authorization"),
                seen.header("x-api-key")
            )
        },
        seen: [
            "Bearer canary-key-7f3a none",
            "Bearer value none",
            "none setter",
            "",
            "Bearer value none",
        ],
    },
    Row {
        name: "base_url",
        client: |it, _| it.base_url("https://client.example"),
        value: |it, _| it.base_url("https://value.example"),
        setter: |it, _| it.options(RequestOptions::new().base_url("https://setter.example")),
        lifted: None,
        replies: fine,
        observe: host,
        seen: [
            "client.example",
            "value.example",
            "setter.example",
            "",
            "value.example",
        ],
    },
    Row {
        name: "middleware",
        client: |it, _| it.middleware(passing("client,")),
        value: |it, _| it.middleware(passing("value,")),
        setter: |it, _| it.options(RequestOptions::new().middleware(passing("setter"))),
        lifted: None,
        replies: fine,
        observe: |seen| seen.header("x-trail"),
        seen: [
            "client,",
            "client,value,",
            "client,value,setter",
            "",
            "client,settervalue,",
        ],
    },
    Row {
        name: "transport",
        client: |it, script| it.transport(Through("client", script.clone())),
        value: |it, script| it.transport(Through("value", script.clone())),
        setter: |it, script| {
            let through = Through("setter", script.clone());
            it.options(RequestOptions::new().transport(through))
        },
        lifted: None,
        replies: fine,
        observe: |seen| seen.header("x-through"),
        seen: ["client", "value", "setter", "", "value"],
    },
];

/// One host after the other, as long as they are allowed.
fn around() -> Vec<Reply> {
    let to = |place: &str| Reply::new(307, &[("location", place)], "");
    let hosts = ["a", "b", "c"].map(|host| to(&format!("https://{host}.example/")));
    hosts.into_iter().chain([Reply::json("{}")]).collect()
}

fn host(seen: &Observed) -> String {
    seen.last().uri.host().unwrap().to_owned()
}

/// A middleware that leaves its name in the request.
fn passing(name: &'static str) -> impl Middleware {
    middleware_fn(move |mut request, next| {
        let trail = request.headers().get("x-trail");
        let trail = trail.map_or("", |trail| trail.to_str().unwrap());
        let trail = HeaderValue::from_str(&format!("{trail}{name}")).unwrap();
        request.headers_mut().insert("x-trail", trail);
        next.run(request)
    })
}

/// A transport that leaves its name in the request.
#[derive(Debug)]
struct Through(&'static str, Script);

impl Transport for Through {
    fn send(
        &self,
        mut request: HttpRequest,
    ) -> BoxFuture<'static, Result<HttpResponse, TransportError>> {
        let name = HeaderValue::from_static(self.0);
        request.headers_mut().insert("x-through", name);
        self.1.send(request)
    }
}
