//! Fields that are always written, `null` where they have no value: in a response as it came, in a
//! request whatever came.

use anthropic_types::{
    CitationPageLocation, CitationSearchResultLocation, CitationWebSearchResultLocation, Decoding,
    Encode, Message, MessageParam, TextBlock, TextCitation, from_slice, from_slice_with, to_vec,
};
use serde_json::{Map, Value, json};

/// A citation of each kind, and the key of its title.
fn citations() -> [(Value, &'static str); 5] {
    [
        (
            json!({"type": "char_location", "cited_text": "c", "document_index": 0,
                "start_char_index": 0, "end_char_index": 1}),
            "document_title",
        ),
        (
            json!({"type": "page_location", "cited_text": "c", "document_index": 0,
                "start_page_number": 1, "end_page_number": 2}),
            "document_title",
        ),
        (
            json!({"type": "content_block_location", "cited_text": "c", "document_index": 0,
                "start_block_index": 0, "end_block_index": 1}),
            "document_title",
        ),
        (
            json!({"type": "web_search_result_location", "cited_text": "c",
                "encrypted_index": "e", "url": "https://a.b/"}),
            "title",
        ),
        (
            json!({"type": "search_result_location", "cited_text": "c", "source": "s",
                "search_result_index": 0, "start_block_index": 0, "end_block_index": 1}),
            "title",
        ),
    ]
}

/// Each of them with its title, with `null` and without the key.
fn variants() -> impl Iterator<Item = (Map<String, Value>, &'static str)> {
    citations().into_iter().flat_map(|(citation, key)| {
        let citation = citation.as_object().unwrap().clone();
        let with = |title: Value| {
            let mut citation = citation.clone();
            citation.insert(key.to_owned(), title);
            citation
        };
        let with = [with(json!("t")), with(Value::Null), citation.clone()];
        with.map(|citation| (citation, key))
    })
}

fn message(citation: &Map<String, Value>) -> Value {
    json!({
        "id": "msg_1", "type": "message", "role": "assistant", "model": "m",
        "content": [{"type": "text", "text": "x", "citations": [citation]}],
        "usage": {"input_tokens": 1, "output_tokens": 2},
    })
}

fn written(value: &dyn Encode) -> Value {
    serde_json::from_slice(&to_vec(value)).unwrap()
}

fn citation(message: &Message) -> &TextCitation {
    &message.content[0].citations().unwrap()[0]
}

fn was_null(citation: &TextCitation, key: &str) -> bool {
    let extra = match citation {
        TextCitation::CharLocation(citation) => &citation.extra,
        TextCitation::PageLocation(citation) => &citation.extra,
        TextCitation::ContentBlockLocation(citation) => &citation.extra,
        TextCitation::WebSearchResultLocation(citation) => &citation.extra,
        TextCitation::SearchResultLocation(citation) => &citation.extra,
        other => panic!("{other:?}"),
    };
    extra.was_null(key)
}

#[test]
fn a_response_is_written_as_it_came_and_a_request_in_full() {
    for (came, key) in variants() {
        let json = message(&came);
        let message: Message =
            from_slice_with(json.to_string().as_bytes(), Decoding::Strict).unwrap();
        assert_eq!(written(&message), json);
        for other in ["cited_text", "document_title", "title", "start_block_index"] {
            let is_null = other == key && came.get(key) == Some(&Value::Null);
            assert_eq!(was_null(citation(&message), other), is_null, "{other}");
        }
        let turn = written(&MessageParam::from(message));
        let mut sent = came;
        sent.entry(key).or_insert(Value::Null);
        assert_eq!(turn["content"][0]["citations"][0], Value::Object(sent));
    }
}

#[test]
fn what_is_made_here_is_written_in_full() {
    let citation = CitationPageLocation::new("c", 0_u64, 2_u64, 1_u64);
    let block = TextBlock::new("x").citations([citation]);
    let expected = json!({"type": "page_location", "cited_text": "c", "document_index": 0,
        "document_title": null, "end_page_number": 2, "start_page_number": 1});
    assert_eq!(written(&block)["citations"][0], expected);
}

#[test]
fn a_repair_of_another_field_changes_nothing_about_it() {
    for (came, _) in variants() {
        let mut lacking = came.clone();
        lacking.remove("cited_text");
        let mut mistyped = came.clone();
        mistyped.insert("cited_text".into(), json!(5));
        for bent in [lacking, mistyped] {
            let json = message(&bent);
            let message: Message = from_slice(json.to_string().as_bytes()).unwrap();
            assert_eq!(message.repairs().len(), 1, "{json}");
            assert_eq!(written(&message), json);
        }
    }
}

#[test]
fn a_field_that_is_settled_takes_nothing_from_another() {
    for title in [None, Some(Value::Null)] {
        let mut came = json!({"type": "page_location", "cited_text": 5, "document_index": 0,
            "start_page_number": 1, "end_page_number": 2});
        if let Some(title) = title {
            came["document_title"] = title;
        }
        let mut json = message(came.as_object().unwrap());
        let mut message: Message = from_slice(json.to_string().as_bytes()).unwrap();
        let block = message.content[0].as_text_mut().unwrap();
        let [TextCitation::PageLocation(citation)] = &mut block.citations.as_mut().unwrap()[..]
        else {
            panic!("{block:?}")
        };
        "c".clone_into(&mut citation.cited_text);
        citation.extra.settle("cited_text");
        json["content"][0]["citations"][0]["cited_text"] = json!("c");
        assert!(message.repairs().is_empty());
        assert_eq!(written(&message), json);
    }
}

#[test]
fn what_is_noted_goes_with_the_key_to_another_type() {
    // In one the title is the third field, in the other the last.
    let web = |title: Option<Value>| {
        let mut came = json!({"type": "web_search_result_location", "cited_text": "c",
            "encrypted_index": "e", "url": "https://a.b/"});
        if let Some(title) = title {
            came["title"] = title;
        }
        from_slice::<CitationWebSearchResultLocation>(came.to_string().as_bytes()).unwrap()
    };
    for (title, expected) in [
        (None, None),
        (Some(Value::Null), Some(&Value::Null)),
        (Some(json!("t")), Some(&Value::Null)),
    ] {
        let mut moved = CitationSearchResultLocation::new("c", 1_u64, 0_u64, "s", 0_u64);
        moved.extra = web(title).extra;
        let mut message: Message = from_slice(message(&Map::new()).to_string().as_bytes()).unwrap();
        message.content = vec![TextBlock::new("x").citations([moved]).into()];
        let written = written(&message);
        let citation = &written["content"][0]["citations"][0];
        assert_eq!(citation.get("title"), expected, "{citation}");
    }
}
