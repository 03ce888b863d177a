//! Calls by name: parameters go where the table has them, and what does not fit is not sent.

use std::collections::BTreeSet;
use std::error::Error as _;

use anthropic::operation::{AnswerKind, BodyKind, OperationInfo, Place};
use anthropic::operations::{
    Answer, Call, FieldInfo, ParameterError, ParameterErrorKind, ParameterInfo, TypeKind, TypeRef,
    VariantInfo, find, operations,
};
use anthropic::{ErrorKind, Upload};
use serde_json::{Value, json};

use crate::support::server::Server;
use crate::support::{Reply, Script, client};

fn operation(id: &str) -> &'static OperationInfo {
    find(id).unwrap()
}

fn body(script: &Script) -> Value {
    serde_json::from_slice(&script.only().body).unwrap()
}

const MESSAGE: &str = r#"{"id":"m","type":"message","content":[]}"#;

#[tokio::test]
async fn the_body_has_the_parameters_and_the_answer_is_as_it_came() {
    let script = Script::new([Reply::json(MESSAGE)]);
    let call = client(&script)
        .call(operation("messages.create"))
        .params(&json!({"model": "m", "max_tokens": 1}))
        .param("max_tokens", 2)
        .param("messages", json!([{"role": "user", "content": "Hi"}]))
        .extra("brand_new", [1]);
    let Answer::Json(message) = call.request().header("x-trace", "t").await.unwrap() else {
        panic!("no document");
    };
    assert_eq!(message.as_str(), MESSAGE);
    let sent = script.only();
    assert_eq!(sent.uri.path(), "/v1/messages");
    assert_eq!(sent.header("x-trace"), Some("t"));
    let expected = json!({
        "model": "m", "max_tokens": 2, "messages": [{"role": "user", "content": "Hi"}], "brand_new": [1],
    });
    assert_eq!(body(&script), expected);
}

#[tokio::test]
async fn an_extra_key_replaces_a_parameter() {
    let script = Script::new([Reply::json(MESSAGE), Reply::json(MESSAGE)]);
    let base = || {
        let call = client(&script).call(operation("messages.create"));
        call.params(&json!({"model": "m", "max_tokens": 1, "messages": []}))
    };
    let call = base()
        .extra("max_tokens", 2)
        .extra("new", 1)
        .extra("new", 2);
    call.await.unwrap();
    let expected = r#"{"max_tokens":2,"messages":[],"model":"m","new":2}"#;
    assert_eq!(script.take().remove(0).body, expected);
    // What makes it a stream is the value that is sent.
    let call = base().param("stream", true).extra("stream", false);
    assert!(matches!(call.await.unwrap(), Answer::Json(_)));
    let sent = script.only().body;
    assert_eq!(
        sent.windows(8)
            .filter(|text| *text == b"\"stream\"")
            .count(),
        1
    );
}

#[derive(serde::Serialize)]
struct Hot {
    temperature: f64,
}

#[tokio::test]
async fn a_number_that_is_not_finite_is_refused_by_name() {
    let script = Script::default();
    let base = || client(&script).call(operation("messages.create"));
    for (call, place) in [
        (
            base().param("temperature", f64::NAN),
            "`temperature` can't be written: NaN",
        ),
        (
            base().param_in(Place::Body, "top_p", [f64::INFINITY]),
            "`top_p` can't be written: [0]: inf",
        ),
        (
            base().params(&Hot {
                temperature: f64::NAN,
            }),
            "temperature: NaN",
        ),
        (base().extra("new", f64::NAN), "`new` can't be written: NaN"),
    ] {
        let error = call.await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Request);
        let line = error.to_string();
        assert!(
            line.contains(place) && line.contains("is not a finite number"),
            "{line}"
        );
    }
    assert!(script.sent().is_empty());
}

#[tokio::test]
async fn path_query_and_headers_have_theirs() {
    let page = r#"{"data":[{"id":"a"}],"has_more":true,"first_id":"a","last_id":"a"}"#;
    let end = r#"{"data":[{"id":"b"}],"has_more":false,"first_id":"b","last_id":"b"}"#;
    let script = Script::new([Reply::json(page), Reply::json(end)]);
    let list = client(&script)
        .call(operation("beta.models.list"))
        .param("limit", 1)
        .param("betas", ["one", "two"]);
    let Answer::Page(first) = list.await.unwrap() else {
        panic!("no page");
    };
    let second = first.fetch_next().await.unwrap().unwrap();
    assert_eq!(second.data[0].as_str(), r#"{"id":"b"}"#);
    let sent = script.take();
    assert_eq!(sent[0].uri.query(), Some("limit=1"));
    assert_eq!(sent[0].header("anthropic-beta"), Some("one,two"));
    assert_eq!(sent[1].uri.query(), Some("limit=1&after_id=a"));
}

#[cfg(feature = "agents")]
#[tokio::test]
async fn places_differ_within_one_operation() {
    let script = Script::new([Reply::json("{}"), Reply::json("{}")]);
    let client = client(&script);
    let update = operation("beta.memory_stores.memories.update");
    let call = client
        .call(update)
        .param("memory_store_id", "memstore_1")
        .param_in(Place::Path, "memory_id", "mem 2")
        .param("view", "full")
        .param("path", "/x");
    call.await.unwrap();
    let sent = script.take().remove(0);
    assert_eq!(
        sent.uri.path(),
        "/v1/memory_stores/memstore_1/memories/mem%202"
    );
    assert_eq!(sent.uri.query(), Some("view=full"));
    assert_eq!(&sent.body[..], br#"{"path":"/x"}"#);

    let poll = client
        .call(operation("beta.environments.work.poll"))
        .param("environment_id", "env_1")
        .param("anthropic_worker_id", "w");
    poll.await.unwrap();
    assert_eq!(
        script.take().remove(0).header("anthropic-worker-id"),
        Some("w")
    );

    // A header has one line; what is no text has none.
    let poll = |value: Value| {
        let call = client.call(operation("beta.environments.work.poll"));
        let call = call.param("environment_id", "env_1");
        call.param("anthropic_worker_id", value)
    };
    let _ = poll(json!(["a", "b"])).await;
    let sent = script.take().remove(0);
    assert_eq!(sent.header("anthropic-worker-id"), Some("a, b"));
    let error = poll(json!({"a": "b"})).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Request);
    assert!(script.sent().is_empty());
}

#[tokio::test]
async fn a_parameter_makes_it_stream() {
    let events = "event: message_start\ndata: {\"type\":\"message_start\"}\n\nevent: ping\ndata: {}\n\n\
                  event: message_stop\ndata: {\"type\":\"message_stop\"}\n\n";
    let cut = events.split("event: message_stop").next().unwrap();
    let reply = |body| Reply::new(200, &[("content-type", "text/event-stream")], body);
    let script = Script::new([reply(events), reply(cut)]);
    for is_whole in [true, false] {
        let call = client(&script)
            .call(operation("messages.create"))
            .params(&json!({"model": "m", "max_tokens": 1, "messages": [], "stream": true}));
        let Answer::Events(mut events) = call.await.unwrap() else {
            panic!("no stream");
        };
        let first = events.try_next().await.unwrap().unwrap();
        assert_eq!(first.as_str(), r#"{"type":"message_start"}"#);
        let last = events.try_next().await;
        if is_whole {
            assert_eq!(
                last.unwrap().unwrap().as_str(),
                r#"{"type":"message_stop"}"#
            );
            assert!(events.try_next().await.unwrap().is_none());
        } else {
            assert_eq!(last.unwrap_err().kind(), ErrorKind::StreamTruncated);
        }
    }
}

#[cfg(feature = "completions")]
#[tokio::test]
async fn an_older_version_is_asked_for_where_only_it_has_the_operation() {
    let whole = "data: {\"type\":\"completion\",\"stop_reason\":null}\n\n\
                 data: {\"type\":\"completion\",\"stop_reason\":\"stop_sequence\"}\n\n";
    let cut = whole.split_inclusive("\n\n").next().unwrap();
    let reply = |body| Reply::new(200, &[("content-type", "text/event-stream")], body);
    let script = Script::new([Reply::json("{}"), reply(whole), reply(cut)]);
    let client = client(&script);
    let params = json!({"model": "m", "prompt": "p", "max_tokens_to_sample": 1});
    let create = || client.call(operation("completions.create")).params(&params);
    assert!(matches!(create().await.unwrap(), Answer::Json(_)));
    let sent = script.take().remove(0);
    assert_eq!(sent.uri.path(), "/v1/complete");
    assert_eq!(sent.header("anthropic-version"), Some("2023-06-01"));
    for is_whole in [true, false] {
        let Answer::Events(mut events) = create().param("stream", true).await.unwrap() else {
            panic!("no stream");
        };
        assert!(events.try_next().await.unwrap().is_some());
        let last = events.try_next().await;
        assert_eq!(last.is_ok(), is_whole, "{last:?}");
    }
    for sent in script.take() {
        assert_eq!(sent.header("anthropic-version"), Some("2023-06-01"));
    }
}

#[tokio::test]
async fn files_are_parts_of_a_form() {
    let script = Script::new([Reply::json("{}")]);
    let upload = client(&script)
        .call(operation("skills.create"))
        .param("display_name", "A skill")
        .file("files", Upload::bytes("a/SKILL.md", "one"))
        .file("files", Upload::bytes("a/b.md", "two"));
    upload.await.unwrap();
    let form = String::from_utf8(script.only().body.to_vec()).unwrap();
    assert_eq!(form.matches(r#"name="files[]""#).count(), 2, "{form}");
    assert!(form.contains("A skill"), "{form}");
}

#[tokio::test]
async fn there_may_be_no_files_and_one_replaces_another() {
    let script = Script::new([Reply::json("{}"), Reply::json("{}")]);
    let client = client(&script);
    let create = client.call(operation("skills.create"));
    create.files("files", []).await.unwrap();
    let form = String::from_utf8(script.take().remove(0).body.to_vec()).unwrap();
    assert!(!form.contains("files"), "{form}");

    let upload = client
        .call(operation("files.upload"))
        .file("file", Upload::bytes("a", "one"))
        .file("file", Upload::bytes("b", "two"));
    upload.await.unwrap();
    let form = String::from_utf8(script.only().body.to_vec()).unwrap();
    assert_eq!(form.matches("filename=").count(), 1, "{form}");
    assert!(form.contains("two"), "{form}");
}

#[tokio::test]
async fn an_extra_key_is_a_required_parameter_too() {
    let script = Script::new([Reply::json(MESSAGE)]);
    let call = client(&script).call(operation("messages.create"));
    let call = call.param("messages", json!([])).extra("model", "m");
    call.extra("max_tokens", "many").await.unwrap();
    let expected = json!({"messages": [], "model": "m", "max_tokens": "many"});
    assert_eq!(body(&script), expected);
    // Not one of another place.
    let update = client(&script).call(operation("beta.agents.update"));
    let update = update.extra("agent_id", "a").extra("version", 1);
    refused(update, "agent_id", ParameterErrorKind::Missing).await;
}

#[tokio::test]
async fn lines_are_read_one_by_one_over_a_socket() {
    let server = Server::start().await;
    let transport = anthropic::hyper_1::HyperTransport::builder().no_proxy();
    let client = anthropic::Client::builder()
        .api_key("key")
        .base_url(server.url("http"));
    let client = client
        .transport(transport.build().unwrap())
        .build()
        .unwrap();
    let call = client.call(operation("messages.batches.results"));
    let call = call.param("message_batch_id", "b").send();
    let (answer, mut connection) = tokio::join!(call, async {
        let mut connection = server.accept().await;
        let (head, _) = connection.request().await;
        assert!(
            head.starts_with("get /v1/messages/batches/b/results "),
            "{head}"
        );
        let head =
            "HTTP/1.1 200 OK\r\ncontent-type: application/x-jsonl\r\nconnection: close\r\n\r\n";
        connection.write(head).await;
        connection
    });
    let Answer::Lines(mut lines) = answer.unwrap() else {
        panic!("no lines");
    };
    // Each is there before the next one is sent.
    for line in [r#"{"n":1}"#, r#"{"n":2,"x":[]}"#] {
        connection.write(&format!("{line}\n")).await;
        assert_eq!(lines.try_next().await.unwrap().unwrap().as_str(), line);
    }
    drop(connection);
    assert!(lines.try_next().await.unwrap().is_none());
}

#[tokio::test]
async fn bytes_are_bytes() {
    let script = Script::new([Reply::new(200, &[], "content")]);
    let download = client(&script)
        .call(operation("files.download"))
        .param("file_id", "f");
    let Answer::Bytes(body) = download.await.unwrap() else {
        panic!("no bytes");
    };
    assert_eq!(&body.bytes().await.unwrap()[..], b"content");
}

/// An endpoint that the table does not have.
static CLEAR: anthropic::operation::Operation<()> =
    anthropic::operation::Operation::empty("things.clear", http::Method::POST, "/v1/things/clear");

#[tokio::test]
async fn an_endpoint_without_content_answers_with_nothing_over_a_socket() {
    let server = Server::start().await;
    let transport = anthropic::hyper_1::HyperTransport::builder().no_proxy();
    let client = anthropic::Client::builder()
        .api_key("key")
        .base_url(server.url("http"))
        .transport(transport.build().unwrap())
        .max_retries(0)
        .build()
        .unwrap();
    let replies = [
        ("HTTP/1.1 204 No Content\r\n\r\n", true),
        ("HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n", true),
        ("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}", true),
        (
            "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n",
            true,
        ),
        ("HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\n\r\n", false),
    ];
    let mut connection = None;
    for (reply, succeeds) in replies {
        let call = client.call(CLEAR.info()).send();
        let (answer, ()) = tokio::join!(call, async {
            // All of them, read to their ends, leave the connection to the next one.
            if connection.is_none() {
                connection = Some(server.accept().await);
            }
            let connection = connection.as_mut().unwrap();
            let (head, _) = connection.request().await;
            assert!(head.starts_with("post /v1/things/clear "), "{head}");
            connection.write(reply).await;
        });
        assert_eq!(
            matches!(answer, Ok(Answer::Empty)),
            succeeds,
            "{reply}: {answer:?}"
        );
        assert_eq!(answer.is_ok(), succeeds, "{reply}");
    }
}

/// Sends nothing: the call's parameter of this name does not fit.
async fn refused(call: Call, name: &str, kind: ParameterErrorKind) {
    let error = call.await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Request);
    assert!(error.to_string().contains(&format!("`{name}`")), "{error}");
    let cause = error.source().unwrap();
    let cause = cause.downcast_ref::<ParameterError>().unwrap();
    assert_eq!((cause.name(), cause.kind()), (name, kind), "{cause}");
}

#[tokio::test]
async fn what_does_not_fit_is_not_sent() {
    use ParameterErrorKind::{Missing, Unknown, WrongPlace, WrongValue};

    let script = Script::new([]);
    let client = client(&script);
    let bare = || client.call(operation("messages.create"));
    let create = || bare().params(&json!({"model": "m", "max_tokens": 1, "messages": []}));
    let retrieve = || client.call(operation("models.retrieve"));
    let upload = || client.call(operation("files.upload"));
    let file = || Upload::bytes("f", "x");

    refused(create().param("temprature", 1), "temprature", Unknown).await;
    refused(create().file("nothing", file()), "nothing", Unknown).await;
    refused(bare().param("model", "m"), "max_tokens", Missing).await;
    refused(retrieve(), "model_id", Missing).await;
    refused(upload(), "file", Missing).await;
    refused(upload().param("file", "x"), "file", WrongPlace).await;
    refused(create().file("model", file()), "model", WrongPlace).await;
    let none = upload().files("file", []);
    refused(none, "file", WrongValue).await;
    let in_query = create().param_in(Place::Query, "model", "m");
    refused(in_query, "model", WrongPlace).await;
    let named = retrieve().param("model_id", "m");
    refused(named.extra("x", 1), "x", WrongPlace).await;
    let wrong = retrieve().param("model_id", json!({"a": "b"}));
    refused(wrong, "model_id", WrongValue).await;
    assert!(bare().params(&[1]).await.is_err());
    assert!(script.sent().is_empty());
}

#[tokio::test]
async fn a_parameter_that_does_not_fit_is_described_once() {
    let client = client(&Script::new([]));
    let create = || client.call(operation("messages.create"));
    let retrieve = || client.call(operation("models.retrieve"));
    let upload = || client.call(operation("files.upload"));
    let delete = || client.call(operation("files.delete"));
    for (call, what) in [
        (
            create().param("modle", 1),
            "`messages.create` has no parameter `modle`",
        ),
        (
            create(),
            "`messages.create` needs the parameter `max_tokens`",
        ),
        (
            upload().param("file", "x"),
            "`file` of `files.upload` is a file",
        ),
        (
            upload().files("file", []),
            "`file` of `files.upload` takes one file",
        ),
        (
            create().file("model", Upload::bytes("f", "x")),
            "`model` of `messages.create` is a value for the body",
        ),
        (
            delete().extra("x", 1),
            "`files.delete` has no JSON body for `x`",
        ),
        (
            retrieve().param("model_id", [1, 2]),
            "`model_id` of `models.retrieve` takes a string, a number or a boolean",
        ),
    ] {
        let error = call.await.unwrap_err();
        let id = error.operation().unwrap();
        assert_eq!(error.to_string(), format!("bad request: {what} [{id}]"));
    }
}

#[tokio::test]
async fn a_broken_document_is_requested_again() {
    let broken = Reply::new(200, &[("content-length", "9")], broken_body());
    let script = Script::new([broken, Reply::json(MESSAGE)]);
    let call = client(&script)
        .call(operation("messages.create"))
        .params(&json!({"model": "m", "max_tokens": 1, "messages": []}));
    tokio::time::pause();
    assert!(matches!(call.await.unwrap(), Answer::Json(_)));
    assert_eq!(script.sent().len(), 2);
}

fn broken_body() -> anthropic::transport::Body {
    let failed = || std::io::Error::from(std::io::ErrorKind::ConnectionReset);
    anthropic::transport::Body::stream(
        futures_util::stream::iter([Err::<bytes::Bytes, _>(failed())]),
        None,
    )
}

#[test]
fn the_table_describes_all_that_it_lists() {
    let mut ids = BTreeSet::new();
    for info in operations() {
        assert!(ids.insert(info.id()), "{} comes twice", info.id());
        assert!(!info.doc().is_empty(), "{}", info.id());
        let path: BTreeSet<&str> = info
            .path()
            .split('{')
            .skip(1)
            .filter_map(|part| part.split('}').next())
            .collect();
        let described = info
            .parameters()
            .iter()
            .filter(|it| it.place() == Place::Path);
        assert_eq!(
            path,
            described.map(ParameterInfo::wire).collect(),
            "{}",
            info.id()
        );
        for parameter in info.parameters() {
            assert!(
                !parameter.doc().is_empty(),
                "{}.{}",
                info.id(),
                parameter.name()
            );
            let has_body = info.body_kind() != BodyKind::None;
            assert!(
                has_body || parameter.place() != Place::Body,
                "{}",
                info.id()
            );
        }
        let is_page = info.answer_kind() == AnswerKind::Page;
        assert_eq!(is_page, info.page_shape().is_some(), "{}", info.id());
    }
}

#[test]
fn nested_types_and_their_values_can_be_listed() {
    let create = operation("messages.create");
    let TypeRef::List(TypeRef::Named(message)) = create.parameter("messages").unwrap().ty() else {
        panic!("messages are a list");
    };
    assert_eq!(message.name(), "MessageParam");
    let TypeKind::Union { tag, variants, .. } = message.kind() else {
        panic!("a message is one of several roles");
    };
    assert_eq!(*tag, "role");
    let user = variants.iter().find(|it| it.values() == ["user"]).unwrap();
    let TypeRef::Named(user) = user.ty() else {
        panic!("a role has a type");
    };
    let TypeKind::Object {
        constants, fields, ..
    } = user.kind()
    else {
        panic!("a message is an object");
    };
    assert_eq!(*constants, [("role", "user")]);
    assert!(
        fields
            .iter()
            .any(|it| it.name() == "content" && it.is_required())
    );
    let mut seen = BTreeSet::new();
    for info in operations() {
        for parameter in info.parameters() {
            walk(parameter.ty(), &mut seen);
        }
    }
    assert!(seen.len() > 100, "{}", seen.len());
}

/// Follows every reference once: types may contain themselves.
fn walk(ty: TypeRef, seen: &mut BTreeSet<&'static str>) {
    let inner: Vec<TypeRef> = match ty {
        TypeRef::List(of) | TypeRef::Map(of) | TypeRef::Nullable(of) => vec![*of],
        TypeRef::OneOf(all) => all.to_vec(),
        TypeRef::Named(info) if seen.insert(info.name()) => match info.kind() {
            TypeKind::Object { fields, .. } => fields.iter().map(FieldInfo::ty).collect(),
            TypeKind::Union { variants, .. } | TypeKind::Shapes { variants, .. } => {
                variants.iter().map(VariantInfo::ty).collect()
            }
            _ => Vec::new(),
        },
        _ => Vec::new(),
    };
    for ty in inner {
        walk(ty, seen);
    }
}
