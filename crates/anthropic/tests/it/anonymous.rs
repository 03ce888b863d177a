//! A client that said it sends no credential sends none.

use anthropic::platform::{AttemptContext, MaybeReady, Platform};
use anthropic::transport::HttpRequest;
use anthropic::{Client, ClientBuilder, CredentialKind, ErrorKind, Result};
use http::Uri;

use crate::support::{Reply, Script, builder, client, get};

const GATEWAY: &str = "https://gateway.example";

#[derive(Debug)]
struct Elsewhere;

impl Platform for Elsewhere {
    fn name(&self) -> &'static str {
        "elsewhere"
    }

    fn base_url(&self) -> &Uri {
        static BASE: std::sync::LazyLock<Uri> =
            std::sync::LazyLock::new(|| Uri::from_static("https://elsewhere.example"));
        &BASE
    }

    fn authorize<'a>(
        &'a self,
        request: HttpRequest,
        _: &'a AttemptContext,
    ) -> MaybeReady<'a, Result<HttpRequest>> {
        MaybeReady::ready(Ok(request))
    }
}

fn script() -> Script {
    Script::new((0..4).map(|_| Reply::json("{}")))
}

/// Whether the client's next request carries a credential.
async fn proves_who_asks(script: &Script, client: &Client) -> bool {
    get(client).await.unwrap();
    let sent = script.take().remove(0);
    sent.header("authorization").is_some() || sent.header("x-api-key").is_some()
}

#[tokio::test]
async fn an_inherited_credential_is_forgotten() {
    let bases: [fn(ClientBuilder) -> ClientBuilder; 4] = [
        |builder| builder,
        |builder| builder.header("Authorization", "canary"),
        |builder| builder.header("x-api-key", "canary"),
        |builder| builder.header("x-mine", "kept"),
    ];
    for base in bases {
        let script = script();
        let client = base(builder(&script)).build().unwrap();
        assert!(proves_who_asks(&script, &client).await);
        let anonymous = client.to_builder().anonymous().base_url(GATEWAY);
        let anonymous = anonymous.build().unwrap();
        assert_eq!(
            anonymous.credential_source().kind,
            CredentialKind::Anonymous
        );
        assert!(!proves_who_asks(&script, &anonymous).await);
        // What is derived from it knows nothing either, until it is told.
        let derived = anonymous.to_builder().max_retries(1).build().unwrap();
        assert!(!proves_who_asks(&script, &derived).await);
        let told = anonymous.to_builder().auth_token("new").build().unwrap();
        assert_eq!(told.credential_source().kind, CredentialKind::AuthToken);
        get(&told).await.unwrap();
        let sent = script.only();
        assert_eq!(sent.header("authorization"), Some("Bearer new"));
        assert_eq!(sent.header("x-api-key"), None);
    }
}

#[tokio::test]
async fn other_headers_are_kept() {
    let script = script();
    let client = builder(&script).header("x-mine", "kept").build().unwrap();
    get(&client.to_builder().anonymous().build().unwrap())
        .await
        .unwrap();
    assert_eq!(script.only().header("x-mine"), Some("kept"));
}

#[test]
fn a_credential_beside_it_is_a_contradiction() {
    let script = script();
    let fresh = || Client::builder().transport(script.clone());
    let derived = || client(&script).to_builder();
    for contradiction in [
        fresh().anonymous().api_key("k"),
        fresh().api_key("k").anonymous(),
        fresh().auth_token("t").anonymous(),
        fresh().header("X-Api-Key", "k").anonymous(),
        fresh().anonymous().header("authorization", "t"),
        fresh().anonymous().platform(Elsewhere),
        derived().anonymous().api_key("k"),
        derived().api_key("k").anonymous(),
        derived().header("authorization", "t").anonymous(),
    ] {
        let error = contradiction.build().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Config);
        assert!(error.to_string().contains("`anonymous`"), "{error}");
    }
}

#[tokio::test]
async fn a_derived_client_may_be_told_who_asks_after_all() {
    let script = script();
    let anonymous = Client::builder().transport(script.clone()).anonymous();
    let anonymous = anonymous.build().unwrap();
    assert!(!proves_who_asks(&script, &anonymous).await);
    for told in [
        anonymous.to_builder().api_key("k"),
        anonymous.to_builder().header("authorization", "t"),
    ] {
        assert!(proves_who_asks(&script, &told.build().unwrap()).await);
    }
    let elsewhere = anonymous.to_builder().platform(Elsewhere).build();
    assert_eq!(
        elsewhere.unwrap().credential_source().kind,
        CredentialKind::Platform
    );
}
