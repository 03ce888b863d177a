//! What tools return and how they fail, as the model sees it.

use std::fmt;

use anthropic_types::{
    BrowserStateBlock, BrowserStateTabEntry, ContentBlockSource, ContentBlockSourceContent,
    DocumentBlock, ImageBlock, Json, PlainTextSource, SearchResultBlock, TextBlock, Tool,
    ToolReferenceBlock, ToolResultBlockContent, ToolResultContentBlock, ToolUseBlock,
    UrlImageSource,
};
use serde::de::Error as _;
use serde_json::json;

use super::{
    FunctionTool, IntoToolOutput, IntoToolResult, ToolCall, ToolError, ToolErrorKind, ToolOutput,
    Tools, tool_with,
};

fn image() -> ImageBlock {
    ImageBlock::new(UrlImageSource::new("https://example.com/a.png"))
}

fn output(value: impl IntoToolOutput) -> ToolOutput {
    value.into_tool_output().unwrap()
}

#[test]
fn values_are_json_strings_text_and_blocks_blocks() {
    assert_eq!(output(json!({"a": 1})).text(), r#"{"a":1}"#);
    assert_eq!(output("a \"b\"").text(), "a \"b\"");
    assert_eq!(output(String::from("a")).text(), "a");
    assert_eq!(output(Some(5)).text(), "5");
    for empty in [
        output(()),
        output(None::<u8>),
        output(None::<ImageBlock>),
        output(""),
    ] {
        assert_eq!(empty, ToolOutput::empty());
    }
    let one = [ToolResultContentBlock::from(image())];
    for blocks in [
        output(image()),
        output(Some(image())),
        output(vec![image()]),
        output(one.to_vec()),
    ] {
        assert_eq!(
            blocks.content(),
            Some(&ToolResultBlockContent::Blocks(one.to_vec()))
        );
    }
    let both = output("Here:").with(image());
    assert_eq!(both.text(), "Here:");
    assert!(
        matches!(both.content(), Some(ToolResultBlockContent::Blocks(blocks)) if blocks.len() == 2)
    );
    let map = std::collections::BTreeMap::from([((1, 2), 3)]);
    assert!(map.into_tool_output().is_err());
    // Arrays, too, and blocks that are given as they are.
    let text = || TextBlock::new("a");
    let found = || SearchResultBlock::new([text()], "s", "t");
    let document = || DocumentBlock::new(PlainTextSource::new("abc"));
    let reference = || ToolReferenceBlock::new("t");
    let state = || BrowserStateBlock::new(Vec::<BrowserStateTabEntry>::new());
    let block = || ToolResultContentBlock::from(text());
    for (of_array, expected) in [
        (output([block(), block()]), vec![block(), block()]),
        (output([text()]), vec![block()]),
        (output([image()]), vec![image().into()]),
        (output([document()]), vec![document().into()]),
        (output([found()]), vec![found().into()]),
        (output([reference()]), vec![reference().into()]),
        (output([state()]), vec![state().into()]),
        (ToolOutput::from(block()), vec![block()]),
    ] {
        let expected = ToolResultBlockContent::Blocks(expected);
        assert_eq!(of_array.content(), Some(&expected));
    }
    let failed: Result<ImageBlock, std::io::Error> = Err(std::io::Error::other("gone"));
    assert_eq!(failed.into_tool_result().unwrap_err().to_string(), "gone");
}

#[test]
fn text_beyond_the_limit_is_cut_and_the_rest_stays() {
    let found = SearchResultBlock::new([TextBlock::new("456"), TextBlock::new("789")], "s", "t");
    let long = output("123")
        .with(image())
        .with(found)
        .with(TextBlock::new("xyz"));
    assert_eq!(long.clone().capped(12), long);
    let cut = long.clone().capped(5);
    let Some(ToolResultBlockContent::Blocks(blocks)) = cut.content() else {
        panic!("{cut:?}");
    };
    assert_eq!(blocks.len(), 4);
    assert!(blocks[1].as_image().is_some());
    assert_eq!(
        blocks[2].as_search_result().unwrap().content,
        [TextBlock::new("45")]
    );
    assert_eq!(cut.text(), "123\n[7 bytes of this result were left out]");
    let cut = long.capped(3);
    let Some(ToolResultBlockContent::Blocks(blocks)) = cut.content() else {
        panic!("{cut:?}");
    };
    assert!(
        blocks
            .iter()
            .all(|block| block.as_search_result().is_none()),
        "one of which nothing is left goes"
    );
    assert_eq!(
        output("é").capped(1).text(),
        "\n[2 bytes of this result were left out]"
    );
    assert!(output("").capped(0).content().is_none());
}

#[test]
fn documents_count_as_text_and_are_cut() {
    let blocks = ContentBlockSourceContent::Blocks(vec![
        TextBlock::new("456").into(),
        TextBlock::new("789").into(),
    ]);
    let long = output("123")
        .with(DocumentBlock::new(PlainTextSource::new("abc")))
        .with(DocumentBlock::new(ContentBlockSource::new(blocks)));
    assert_eq!(long.clone().capped(12), long);
    let kept = |most| {
        let cut = long.clone().capped(most);
        serde_json::to_value(cut.content()).unwrap()
    };
    assert_eq!(
        kept(7),
        json!([
            {"type": "text", "text": "123"},
            {"type": "document", "source": {"type": "text", "media_type": "text/plain", "data": "abc"}},
            {"type": "document", "source": {"type": "content", "content": [{"type": "text", "text": "4"}]}},
            {"type": "text", "text": "[5 bytes of this result were left out]"},
        ])
    );
    assert_eq!(
        kept(5)[1]["source"]["data"],
        "ab",
        "and what follows is gone"
    );
    assert_eq!(kept(5).as_array().unwrap().len(), 3);
    assert_eq!(kept(3).as_array().unwrap().len(), 2, "neither of them");
    // One that has its text as it is.
    let plain = ContentBlockSource::new(ContentBlockSourceContent::Text("abc".to_owned()));
    let long = output(DocumentBlock::new(plain)).with(TextBlock::new("456"));
    for (most, left) in [
        (6, Some("abc")),
        (3, Some("abc")),
        (2, Some("ab")),
        (0, None),
    ] {
        let cut = serde_json::to_value(long.clone().capped(most).content()).unwrap();
        let first = &cut[0]["source"]["content"];
        assert_eq!(first.as_str(), left, "{most}: {cut}");
    }
}

/// The API refuses the conversation from then on.
#[test]
fn a_result_of_white_space_is_empty() {
    for blank in ["\r\n", " ", "\u{a0}\t"] {
        let output = ToolOutput::from(blank);
        assert!(output.clone().accepted().content().is_none(), "{blank:?}");
        assert_eq!(output.into_error().accepted().text(), "the tool failed");
        let block = ToolOutput::from(TextBlock::new(blank));
        assert!(block.accepted().content().is_none());
    }
    assert_eq!(ToolOutput::from(" a\n").accepted().text(), " a\n");
}

#[derive(Debug)]
struct Outer(std::io::Error, bool);

impl fmt::Display for Outer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.1 {
            write!(f, "it failed: {}", self.0)
        } else {
            f.write_str("it failed")
        }
    }
}

impl std::error::Error for Outer {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        Some(&self.0)
    }
}

#[test]
fn an_error_shows_its_causes_once_unless_it_is_hidden() {
    for written in [false, true] {
        let error = ToolError::from(Outer(std::io::Error::other("no disk"), written));
        assert_eq!(error.output().text(), "it failed: no disk");
        assert!(error.output().is_error());
        let hidden = error.hide_from_model();
        assert_eq!(hidden.output().text(), "the tool failed");
        assert_eq!(hidden.to_string(), "it failed: no disk");
        assert!(hidden.source().is_some());
    }
    let worded = ToolError::from(std::io::Error::other("a path")).for_model("try another");
    assert_eq!(worded.output().text(), "try another");
    assert_eq!(worded.to_string(), "try another: a path");
    // The model sees what a log does not.
    let lines = ToolError::new("no such file\n\u{1b}[2K\u{202e}");
    assert_eq!(lines.output().text(), "no such file\n\u{1b}[2K\u{202e}");
    assert_eq!(lines.to_string(), r"no such file\n\u{1b}[2K\u{202e}");
    assert!(!lines.is_retryable());
    let retryable = ToolError::new("busy")
        .retryable(true)
        .with_kind(ToolErrorKind::TimedOut);
    assert_eq!(
        retryable.output().text(),
        "busy\nThe same call may succeed later."
    );
    assert!(retryable.is_retryable() && retryable.kind() == ToolErrorKind::TimedOut);
}

fn call(id: &str, input: serde_json::Value) -> ToolCall {
    ToolCall::new(ToolUseBlock::new(id, input, "look"))
}

#[test]
fn a_call_is_the_same_with_the_same_block_and_input() {
    let one = || call("toolu_1", json!({"x": 1}));
    assert_eq!(one(), one());
    assert_eq!(one(), one().with_input(json!({"x": 1})));
    assert_ne!(one(), one().with_input(json!({"x": 2})), "a hook's input");
    assert_ne!(one(), call("toolu_2", json!({"x": 1})));
    assert_ne!(one(), call("toolu_2", json!({"x": 2})));
}

/// A type with a rule of its own.
#[derive(Debug)]
struct Station;

impl<'de> serde::Deserialize<'de> for Station {
    fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let input = Json::deserialize(from)?;
        let text = input.as_str();
        Err(D::Error::custom(format!(
            "no station at line {text} of the plan"
        )))
    }
}

/// A place in the JSON means nothing to the model, and other words stay.
#[test]
fn a_misfit_has_its_own_words_and_no_place() {
    let station = call("toolu_1", json!({"x": 1}));
    let text = station.input_as::<Station>().unwrap_err().output().text();
    let words = "no station at line {\"x\":1} of the plan. The tool did not run";
    assert_eq!(text, format!("the input does not fit: {words}"));
    let broken = station.with_input(Json::recover("{\"x\": "));
    let text = broken.input_as::<Station>().unwrap_err().output().text();
    let words = "EOF while parsing a value. The tool did not run";
    assert_eq!(text, format!("the input is not valid JSON: {words}"));
}

#[test]
fn tools_are_collected() {
    let one = |name: &str| -> FunctionTool {
        tool_with(
            Tool::new(json!({"type": "object"}), name),
            |_: Json, _| async {},
        )
    };
    let mut tools = Tools::from(vec![one("a"), one("b")]);
    tools.extend([one("c")]);
    assert_eq!(tools.names().collect::<Vec<_>>(), ["a", "b", "c"]);
    assert!(!tools.is_empty());
    assert!(Tools::new().is_empty());
}
