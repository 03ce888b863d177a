//! What servers send, as the API takes it: the table of the official helpers.

#![expect(
    clippy::needless_pass_by_value,
    clippy::too_many_lines,
    reason = "tables of JSON values"
)]

use anthropic_mcp::{ErrorKind, rmcp_3};
use rmcp::model::{CallToolResult, ContentBlock, PromptMessage, ReadResourceResult};
use serde_json::{Value, json};

/// The beginning of one.
const PNG: &str = "iVBORw0KGgoAAAANSUhEUgAAAAE=";

fn of<T: serde::de::DeserializeOwned>(value: Value) -> T {
    serde_json::from_value(value).unwrap()
}

fn resource(contents: Value) -> ContentBlock {
    of(json!({"type": "resource", "resource": contents}))
}

#[test]
fn content_is_what_the_official_helpers_make_of_it() {
    let png = json!({"type": "base64", "media_type": "image/png", "data": PNG});
    let plain = |text: &str| json!({"type": "document", "source": {"type": "text", "media_type": "text/plain", "data": text}});
    for (block, expected) in [
        (
            ContentBlock::text("Hi"),
            json!({"type": "text", "text": "Hi"}),
        ),
        (
            ContentBlock::image(PNG, "image/png"),
            json!({"type": "image", "source": png}),
        ),
        (
            ContentBlock::image(PNG, "IMAGE/PNG"),
            json!({"type": "image", "source": png}),
        ),
        (
            resource(json!({"uri": "a://b", "mimeType": "image/png", "blob": PNG})),
            json!({"type": "image", "source": png}),
        ),
        (
            resource(json!({"uri": "a://b", "mimeType": "application/pdf", "blob": "AAAA"})),
            json!({"type": "document", "source": {"type": "base64", "media_type": "application/pdf", "data": "AAAA"}}),
        ),
        (
            resource(json!({"uri": "a://b", "mimeType": "text/csv", "text": "a,b"})),
            plain("a,b"),
        ),
        (resource(json!({"uri": "a://b", "text": "a"})), plain("a")),
        // Text is text, whatever it is of.
        (
            resource(json!({"uri": "a://b", "mimeType": "application/json", "text": "[1]"})),
            plain("[1]"),
        ),
        (
            resource(json!({"uri": "a://b", "mimeType": "application/x-sh", "text": "ls"})),
            plain("ls"),
        ),
        (
            resource(json!({"uri": "a://b", "mimeType": "application/ld+json", "blob": "WzFd"})),
            plain("[1]"),
        ),
        (
            resource(
                json!({"uri": "a://b", "mimeType": "text/plain; charset=utf-8", "blob": "w6k="}),
            ),
            plain("é"),
        ),
    ] {
        let made = rmcp_3::content(&block).unwrap();
        assert_eq!(serde_json::to_value(&made).unwrap(), expected, "{block:?}");
    }
    for (block, named) in [
        (ContentBlock::image("AAAA", "image/bmp"), "image/bmp"),
        (ContentBlock::image("AAAA", ""), "no type"),
        (ContentBlock::image("AAAA", "image/png"), "image/png"),
        (ContentBlock::audio("AAAA", "audio/wav"), "audio/wav"),
        (
            of(json!({"type": "resource_link", "uri": "a://b", "name": "b"})),
            "a://b",
        ),
        (
            resource(json!({"uri": "a://b", "mimeType": "image/png", "text": "AAAA"})),
            "a://b",
        ),
        (
            resource(json!({"uri": "a://b", "mimeType": "application/pdf", "text": "AAAA"})),
            "a://b",
        ),
        (
            resource(json!({"uri": "a://b", "mimeType": "application/zip", "blob": "AAAA"})),
            "application/zip",
        ),
        (
            resource(json!({"uri": "a://b", "mimeType": "text/plain", "blob": "A"})),
            "not Base64",
        ),
        (
            resource(json!({"uri": "a://b", "mimeType": "text/plain", "blob": "/w=="})),
            "not UTF-8",
        ),
    ] {
        let error = rmcp_3::content(&block).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Unsupported);
        assert!(error.to_string().contains(named), "{error}");
    }
}

/// The API refuses a request with an image that is not what it is called, and servers call it
/// wrongly, or write its Base64 in a form of their own.
#[test]
fn an_image_is_what_its_bytes_are() {
    let png = PNG;
    let lines = format!("{}\n{}\r\n", &png[..8], &png[8..]);
    let url = format!("data:image/jpeg;base64,{png}");
    for (data, mime_type) in [
        (png, "image/jpeg"),
        (png, "image/bmp"),
        (png, ""),
        (&*lines, "image/png"),
        (&*url, "image/jpeg"),
    ] {
        let expected = json!({"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": png}});
        let blob = json!({"uri": "a://b", "mimeType": "image/x", "blob": data});
        for block in [ContentBlock::image(data, mime_type), resource(blob)] {
            let made = rmcp_3::content(&block).unwrap();
            assert_eq!(serde_json::to_value(&made).unwrap(), expected, "{block:?}");
        }
    }
    let jpg = rmcp_3::content(&ContentBlock::image("/9j/4AAQSkZJRgA=", "image/jpg")).unwrap();
    let jpg = serde_json::to_value(&jpg).unwrap();
    assert_eq!(jpg["source"]["media_type"], "image/jpeg");
    // What the API would refuse is an error of this call, and not of the conversation.
    for data in ["!!", "AAA", "QUJD_-=="] {
        let error = rmcp_3::content(&ContentBlock::image(data, "image/png")).unwrap_err();
        assert!(error.to_string().contains("not Base64"), "{error}");
        let pdf = json!({"uri": "a://b", "mimeType": "application/pdf", "blob": data});
        let error = rmcp_3::content(&resource(pdf)).unwrap_err();
        assert!(error.to_string().contains("a://b is not Base64"), "{error}");
    }
}

#[test]
fn results_of_tools() {
    let output = |value: Value| rmcp_3::output(&of::<CallToolResult>(value));
    let text = json!({"type": "text", "text": "a"});
    assert_eq!(output(json!({"content": [text]})).unwrap().text(), "a");
    assert!(output(json!({"content": []})).unwrap().content().is_none());
    assert!(
        output(json!({"content": [{"type": "text", "text": " "}]}))
            .unwrap()
            .content()
            .is_none()
    );
    // Structured content counts where there is no other.
    let both = json!({"content": [text], "structuredContent": {"a": 1}});
    assert_eq!(output(both).unwrap().text(), "a");
    let alone = json!({"content": [], "structuredContent": {"a": 1}});
    assert_eq!(output(alone).unwrap().text(), r#"{"a":1}"#);
    let empty = json!({"type": "text", "text": ""});
    let blank = json!({"content": [empty], "structuredContent": {"a": 1}});
    assert_eq!(output(blank).unwrap().text(), r#"{"a":1}"#);
    let failed = json!({"content": [], "structuredContent": {"a": 1}, "isError": true});
    let failed = output(failed).unwrap_err().output().text();
    assert_eq!(failed, r#"{"a":1}"#);
    // What the API does not take is left out, and only where there is nothing else it is an error.
    let link = json!({"type": "resource_link", "uri": "a://b", "name": "b"});
    let audio = json!({"type": "audio", "data": "AAAA", "mimeType": "audio/wav"});
    let shown = output(json!({"content": [link, text, audio]}))
        .unwrap()
        .text();
    let notes = [
        "a",
        "[left out of the result: the API takes no links to resources, such as the one to a://b]",
        "[left out of the result: the API does not take audio of audio/wav]",
    ];
    assert_eq!(shown, notes.join("\n"));
    let structured = output(json!({"content": [link], "structuredContent": {"a": 1}}));
    assert_eq!(
        structured.unwrap().text(),
        format!("{{\"a\":1}}\n{}", notes[1])
    );
    let alone = output(json!({"content": [link]}))
        .unwrap_err()
        .output()
        .text();
    assert!(alone.ends_with("such as the one to a://b"), "{alone}");
    // Of an error only the text is left, and there is always one.
    let image = json!({"type": "image", "data": "AAAA", "mimeType": "image/png"});
    for (content, shown) in [
        (json!([text, image]), "a"),
        (json!([image]), "the tool failed, and gave no reason"),
        (json!([]), "the tool failed, and gave no reason"),
        (
            json!([{"type": "audio", "data": "AAAA", "mimeType": "audio/wav"}, text]),
            "a",
        ),
    ] {
        let error = output(json!({"content": content, "isError": true})).unwrap_err();
        assert_eq!(error.output().text(), shown);
        assert!(error.output().is_error());
    }
}

#[test]
fn prompts_and_resources() {
    let message = |role: &str, content: Value| {
        rmcp_3::message(&of::<PromptMessage>(
            json!({"role": role, "content": content}),
        ))
    };
    let turn = message("assistant", json!({"type": "text", "text": "Hi"})).unwrap();
    let expected = json!({"role": "assistant", "content": [{"type": "text", "text": "Hi"}]});
    assert_eq!(serde_json::to_value(&turn).unwrap(), expected);
    assert!(
        message(
            "user",
            json!({"type": "audio", "data": "", "mimeType": "audio/wav"})
        )
        .is_err()
    );

    let read = |contents: Value| of::<ReadResourceResult>(json!({"contents": contents}));
    let zip = json!({"uri": "file:///a/b.zip?x=1", "mimeType": "application/zip", "blob": "AAAA"});
    let text = json!({"uri": "file:///a/b.txt", "text": "é"});
    // The first that the API takes; a file is the first of all.
    let both = read(json!([zip, text]));
    assert_eq!(rmcp_3::resource(&both).unwrap().type_name(), "document");
    let file = rmcp_3::file(&both).unwrap();
    assert_eq!(
        (file.name(), file.content_type(), file.len()),
        ("b.zip", "application/zip", Some(3))
    );
    let file = rmcp_3::file(&read(json!([text]))).unwrap();
    assert_eq!(
        (file.name(), file.content_type(), file.len()),
        ("b.txt", "text/plain", Some(2))
    );
    for uri in ["file:///a/..", "file:///a/.", "file:///a/", "a:.."] {
        let file = rmcp_3::file(&read(json!([{"uri": uri, "text": ""}]))).unwrap();
        assert!(["file", "a:.."].contains(&file.name()), "{}", file.name());
    }
    for none in [json!([]), json!([zip])] {
        assert!(rmcp_3::resource(&read(none)).is_err());
    }
    assert!(rmcp_3::file(&read(json!([]))).is_err());
}
