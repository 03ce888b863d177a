//! Citations of every kind.

use anthropic_types::{CitationPlace, Message, from_slice};

#[test]
fn every_kind_reads_the_same_way() {
    let json = br#"{"id":"msg_1","type":"message","role":"assistant","model":"m","content":[
        {"type":"text","text":"x","citations":[
         {"type":"char_location","cited_text":"a","document_index":1,"document_title":"A","start_char_index":0,"end_char_index":9,"file_id":"file_1"},
         {"type":"page_location","cited_text":"b","document_index":2,"document_title":null,"start_page_number":1,"end_page_number":3}]},
        {"type":"text","text":"y","citations":[
         {"type":"content_block_location","cited_text":"c","document_index":0,"document_title":"C","start_block_index":4,"end_block_index":5},
         {"type":"web_search_result_location","cited_text":"d","encrypted_index":"e","title":"D","url":"https://example.com/"},
         {"type":"search_result_location","cited_text":"e","search_result_index":3,"source":"s","title":"E","start_block_index":0,"end_block_index":1},
         {"type":"later_location"}]}],
        "usage":{"input_tokens":1,"output_tokens":2}}"#;
    let message: Message = from_slice(json).unwrap();
    let read: Vec<_> = message
        .citations()
        .map(|it| {
            (
                it.cited_text(),
                it.title(),
                it.source(),
                it.index(),
                it.place(),
            )
        })
        .collect();
    assert_eq!(
        read,
        [
            (
                "a",
                Some("A"),
                Some("file_1"),
                Some(1),
                Some(CitationPlace::Characters(0..9))
            ),
            ("b", None, None, Some(2), Some(CitationPlace::Pages(1..3))),
            (
                "c",
                Some("C"),
                None,
                Some(0),
                Some(CitationPlace::Blocks(4..5))
            ),
            ("d", Some("D"), Some("https://example.com/"), None, None),
            (
                "e",
                Some("E"),
                Some("s"),
                Some(3),
                Some(CitationPlace::Blocks(0..1))
            ),
            ("", None, None, None, None),
        ]
    );
}
