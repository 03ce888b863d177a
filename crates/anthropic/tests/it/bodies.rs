//! What is put into bodies, queries and forms: numbers that JSON can't hold, keys that come twice,
//! and keys further down.

use anthropic::types::{
    BatchRequest, Json, MessageCountTokensParams, MessageCreateParams, Null, Tool,
};
use anthropic::{Client, Error, ErrorKind};
use serde::Serialize;
use serde_json::{Value, json};

use crate::support::{Reply, Script, client};

const MESSAGE: &str = r#"{"type":"message","id":"msg_1","role":"assistant","model":"m","content":[],
    "stop_reason":"end_turn","usage":{"input_tokens":1,"output_tokens":1}}"#;

/// An enum and a map around a number.
#[derive(Serialize)]
struct Mine {
    none: Option<u8>,
    kinds: Vec<Kind>,
    by_name: std::collections::BTreeMap<&'static str, (u8, f32)>,
}

#[derive(Serialize)]
enum Kind {
    Plain,
    Pair(u8, f64),
    Named { share: f64 },
    One(f64),
}

fn mine(kinds: Vec<Kind>, value: f32) -> Mine {
    Mine {
        none: None,
        kinds,
        by_name: [("a b", (1, value))].into(),
    }
}

fn params() -> MessageCreateParams {
    MessageCreateParams::new("m", 10).user("Hi")
}

async fn refused<T: std::fmt::Debug + 'static>(
    make: impl FnOnce(&Client) -> anthropic::Request<T>,
    place: &str,
) -> Error {
    let script = Script::default();
    let error = make(&client(&script)).await.unwrap_err();
    assert!(script.sent().is_empty(), "{place} is sent");
    assert_eq!(error.kind(), ErrorKind::Request, "{error}");
    let line = error.to_string();
    assert!(line.contains(place), "{place}: {line}");
    assert!(line.contains("not a finite number"), "{line}");
    error
}

#[tokio::test]
async fn a_number_that_is_not_finite_is_refused_wherever_it_is() {
    for bad in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
        let hot = || params().temperature(bad);
        refused(|it| it.messages().create(hot()), "temperature: ").await;
        refused(|it| it.messages().stream(hot()), "temperature: ").await;
        refused(|it| it.messages().stream(hot()).events(), "temperature: ").await;
        refused(|it| it.beta().messages().create(hot()), "temperature: ").await;
        let batch = || {
            [
                BatchRequest::new("one", params()),
                BatchRequest::new("two", hot()),
            ]
        };
        let place = "requests[1].params.temperature: ";
        refused(|it| it.messages().batches().create(batch()), place).await;

        let extra = |it: &Client| it.messages().create(params()).extra_body("new", bad);
        refused(extra, "`new` can't be written").await;
        let deep = |it: &Client| it.messages().create(params()).extra_body_at("/a/b", [bad]);
        refused(deep, "`/a/b` can't be written: [0]: ").await;
        let merged = |it: &Client| {
            let request = it.messages().create(params());
            request.merge_body(&json_like(bad))
        };
        refused(merged, "a.b: ").await;
        let query = |it: &Client| it.get::<Value>("/v1/thing").query("share", bad);
        refused(query, "`share` can't be written").await;
        let listed = |it: &Client| it.get::<Value>("/v1/thing").query("share", [0.5, bad]);
        refused(listed, "`share` can't be written: [1]: ").await;
        let narrow = if bad.is_nan() {
            f32::NAN
        } else {
            f32::INFINITY
        };
        for (body, place) in [
            (
                mine(vec![Kind::Plain, Kind::Pair(1, bad)], 0.5),
                "kinds[1].Pair[1]: ",
            ),
            (
                mine(vec![Kind::Named { share: bad }], 0.5),
                "kinds[0].Named.share: ",
            ),
            (mine(vec![Kind::One(bad)], 0.5), "kinds[0].One: "),
            (mine(vec![], narrow), "by_name.a b[1]: "),
        ] {
            refused(|it| it.post::<Value>("/v1/thing").json(&body), place).await;
        }
    }
    let mut counted = params().temperature(f64::NAN);
    counted.extra.set("new", &1).unwrap();
    let counted = MessageCountTokensParams::from(counted);
    // Counting takes no temperature, so there is none.
    let script = Script::new([Reply::json(r#"{"input_tokens":1}"#)]);
    client(&script)
        .messages()
        .count_tokens(counted)
        .await
        .unwrap();
    let sent: Value = serde_json::from_slice(&script.only().body).unwrap();
    assert_eq!(sent["new"], 1);
    assert!(Json::new(&[f64::NAN]).is_err());
    assert!(params().extra.set("new", &f64::NAN).is_err());
}

fn json_like(bad: f64) -> impl Serialize {
    #[derive(Serialize)]
    struct Outer {
        a: Inner,
    }
    #[derive(Serialize)]
    struct Inner {
        b: f64,
    }
    Outer {
        a: Inner { b: bad },
    }
}

#[tokio::test]
async fn what_is_finite_or_null_on_purpose_is_sent() {
    let script = Script::new([Reply::json("{}")]);
    let body = mine(
        vec![Kind::Plain, Kind::Pair(1, 1e300), Kind::One(-0.0)],
        0.5,
    );
    let request = client(&script).post::<Value>("/v1/thing").json(&body);
    request.query("none", None::<f64>).await.unwrap();
    let sent = script.only();
    assert_eq!(
        sent.body,
        r#"{"none":null,"kinds":["Plain",{"Pair":[1,1e+300]},{"One":-0.0}],"by_name":{"a b":[1,0.5]}}"#
    );
    assert_eq!(sent.uri.query(), None);
}

/// The body that is sent for a message.
async fn body_of(
    change: impl FnOnce(
        anthropic::Request<anthropic::types::Message>,
    ) -> anthropic::Request<anthropic::types::Message>,
    params: MessageCreateParams,
) -> String {
    let script = Script::new([Reply::json(MESSAGE)]);
    change(client(&script).messages().create(params))
        .await
        .unwrap();
    String::from_utf8(script.only().body.to_vec()).unwrap()
}

#[tokio::test]
async fn a_key_is_never_sent_twice() {
    let plain = body_of(|it| it, params()).await;
    assert_eq!(
        body_of(|it| it.extra_body("new", 1), params()).await,
        plain.replace("}]}", r#"}],"new":1}"#)
    );
    let null = body_of(|it| it.extra_body("stop_sequences", Null), params()).await;
    assert!(null.contains(r#""stop_sequences":null"#), "{null}");
    let known = body_of(|it| it.extra_body("max_tokens", 7), params()).await;
    assert_eq!(known, plain.replace("10", "7"));
    // A key that is there only in a text, and one that is spelled in another way.
    let quoted = params().user(r#"{"new": 0}"#);
    let sent = body_of(|it| it.extra_body("new", 1), quoted).await;
    assert!(sent.ends_with(r#","new":1}"#), "{sent}");
    let schema = Json::parse(r#"{"n\u0065w": 0}"#).unwrap();
    let tools = params().tools([Tool::new(schema, "t")]);
    let sent = body_of(|it| it.extra_body("new", 1), tools).await;
    assert!(
        sent.ends_with(r#","new":1}"#) && sent.contains(r#""n\u0065w": 0"#),
        "{sent}"
    );
    let mut spelled = params();
    spelled.extra.insert("a\u{1}", Json::parse("0").unwrap());
    let sent = body_of(|it| it.extra_body("a\u{1}", 1), spelled).await;
    assert_eq!(sent.matches(r"a\u0001").count(), 1, "{sent}");
    let slashed = serde_json::value::RawValue::from_string(r#"{"a\/b":0}"#.to_owned()).unwrap();
    let script = Script::new([Reply::json("{}")]);
    let request = client(&script).post::<Value>("/v1/thing").json(&slashed);
    request.extra_body("a/b", 1).await.unwrap();
    assert_eq!(script.only().body, r#"{"a/b":1}"#);
    // None to begin with, and one that is not ours.
    let script = Script::new([Reply::json("{}"), Reply::json("{}")]);
    let client = client(&script);
    let request = client.post::<Value>("/v1/thing").extra_body("a", 1);
    request.await.unwrap();
    let request = client.post::<Value>("/v1/thing");
    let request = request.body("application/json", r#"{ "a": 1 , "b": 2 }"#);
    request.extra_body("a", 3).await.unwrap();
    let sent: Vec<_> = script.sent().into_iter().map(|sent| sent.body).collect();
    assert_eq!(sent, [r#"{"a":1}"#, r#"{"a":3,"b":2}"#]);
}

#[tokio::test]
async fn a_pointer_reaches_what_parameters_have() {
    let sent = body_of(
        |it| {
            let it = it.extra_body_at("/messages/0/cache", true);
            it.extra_body_at("/metadata/user_id", "u")
                .extra_body_at("/tools/-", json!({"name": "t"}))
        },
        params().metadata(anthropic::types::Metadata::new()),
    );
    let error = {
        let script = Script::default();
        let request = client(&script).messages().create(params());
        request.extra_body_at("/model/x", 1).await.unwrap_err()
    };
    assert!(
        error
            .to_string()
            .contains("the body's `/model/x` can't be set"),
        "{error}"
    );
    let sent: Value = serde_json::from_str(&sent.await).unwrap();
    assert_eq!(sent["messages"][0]["cache"], true);
    assert_eq!(sent["messages"][0]["role"], "user");
    assert_eq!(sent["metadata"]["user_id"], "u");
    // Where there is no list, a pointer makes an object.
    assert_eq!(sent["tools"]["-"]["name"], "t");
}

/// What the caller decided holds for the resent request, too.
#[tokio::test(start_paused = true)]
async fn a_resent_request_is_the_same() {
    let long = MessageCreateParams::new("m", 100_000).user("Hi");
    let broken = || {
        let failed = std::io::Error::from(std::io::ErrorKind::ConnectionReset);
        let body = futures_util::stream::iter([Err::<bytes::Bytes, _>(failed)]);
        let body = anthropic::transport::Body::stream(body, None);
        Reply::new(200, &[("content-type", "application/json")], body)
    };
    let script = Script::new([broken(), broken(), Reply::json(MESSAGE)]);
    let request = client(&script).messages().create(long);
    request.extra_body("stream", false).await.unwrap();
    let sent = script.sent();
    assert_eq!(sent.len(), 3);
    for one in sent {
        let body: Value = serde_json::from_slice(&one.body).unwrap();
        assert_eq!(body["stream"], false);
    }
}

/// Parameters can be lent, and what is sent is the same; the user profile is a header either way.
#[tokio::test]
async fn parameters_are_lent_or_given() {
    let lent = params().user_profile_id("uprof_1").temperature(0.25);
    let script = Script::new([const { MESSAGE }; 4].map(Reply::json));
    let client = client(&script);
    client.messages().create(&lent).await.unwrap();
    client.messages().create(lent.clone()).await.unwrap();
    client.beta().messages().create(&lent).await.unwrap();
    let plain = params();
    client.messages().create(&plain).await.unwrap();
    let sent = script.sent();
    for sent in &sent[..3] {
        assert_eq!(sent.header("anthropic-user-profile-id"), Some("uprof_1"));
        let body: Value = serde_json::from_slice(&sent.body).unwrap();
        assert_eq!(
            (&body["temperature"], body.get("user_profile_id")),
            (&json!(0.25), None)
        );
    }
    assert_eq!(sent[0].body, sent[1].body);
    assert_eq!(sent[3].header("anthropic-user-profile-id"), None);
    // The caller has them still, with what was sent elsewhere.
    assert_eq!(lent.user_profile_id.as_deref(), Some("uprof_1"));
}

#[tokio::test]
async fn a_pointer_makes_the_object_that_parameters_lack() {
    let sent = body_of(|it| it.extra_body_at("/metadata/user_id", "u"), params()).await;
    let sent: Value = serde_json::from_str(&sent).unwrap();
    assert_eq!(sent["metadata"], json!({"user_id": "u"}));
}

#[tokio::test]
async fn a_body_of_the_callers_that_is_no_object_takes_no_key() {
    for (body, cause) in [
        ("[{}]", Some("an object")),
        (r#"{"a": }"#, None),
        (r#"{"a": {}"#, None),
    ] {
        let script = Script::default();
        let request = client(&script).post::<Value>("/v1/thing");
        let request = request.body("application/json", body).extra_body("b", 1);
        let error = request.await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Request, "{body}");
        assert!(script.sent().is_empty(), "{body}");
        let text = format!("{error:?}");
        assert!(text.contains(cause.unwrap_or_default()), "{body}: {text}");
    }
}
