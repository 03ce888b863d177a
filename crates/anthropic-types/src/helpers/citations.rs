//! Citations of all kinds, read in one way.

use std::ops::Range;

use crate::{ContentBlock, Message, TextCitation};

/// The place in a source that a citation is of.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum CitationPlace {
    /// Characters of a plain text, from 0.
    Characters(Range<u64>),
    /// Pages of a PDF, from 1.
    Pages(Range<u64>),
    /// Blocks of a document or a search result that was given as content, from 0.
    Blocks(Range<u64>),
}

impl Message {
    /// The citations of all text blocks, in order.
    ///
    /// ```
    /// # fn run(message: anthropic_types::Message) {
    /// for citation in message.citations() {
    ///     let source = citation.source().or(citation.title()).unwrap_or_default();
    ///     println!("“{}”: {source}, {:?}", citation.cited_text(), citation.place());
    /// }
    /// # }
    /// ```
    pub fn citations(&self) -> impl Iterator<Item = &TextCitation> {
        let blocks = self.content.iter().filter_map(ContentBlock::as_text);
        blocks.flat_map(|block| block.citations.iter().flatten())
    }
}

impl TextCitation {
    /// The cited text; empty for citations of an unknown kind.
    pub fn cited_text(&self) -> &str {
        match self {
            Self::CharLocation(it) => &it.cited_text,
            Self::PageLocation(it) => &it.cited_text,
            Self::ContentBlockLocation(it) => &it.cited_text,
            Self::WebSearchResultLocation(it) => &it.cited_text,
            Self::SearchResultLocation(it) => &it.cited_text,
            Self::Unrecognized(_) => "",
        }
    }

    /// The title of the document, the page or the search result.
    pub fn title(&self) -> Option<&str> {
        match self {
            Self::CharLocation(it) => it.document_title.as_deref(),
            Self::PageLocation(it) => it.document_title.as_deref(),
            Self::ContentBlockLocation(it) => it.document_title.as_deref(),
            Self::WebSearchResultLocation(it) => it.title.as_deref(),
            Self::SearchResultLocation(it) => it.title.as_deref(),
            Self::Unrecognized(_) => None,
        }
    }

    /// Where the text is from: the URL of a page, the source of a search result, the id of an
    /// uploaded file.
    pub fn source(&self) -> Option<&str> {
        match self {
            Self::CharLocation(it) => it.file_id.as_deref(),
            Self::PageLocation(it) => it.file_id.as_deref(),
            Self::ContentBlockLocation(it) => it.file_id.as_deref(),
            Self::WebSearchResultLocation(it) => Some(&it.url),
            Self::SearchResultLocation(it) => Some(&it.source),
            Self::Unrecognized(_) => None,
        }
    }

    /// The document's place among all documents of the request, or the search result's among all
    /// search results, from 0.
    pub fn index(&self) -> Option<u64> {
        match self {
            Self::CharLocation(it) => Some(it.document_index),
            Self::PageLocation(it) => Some(it.document_index),
            Self::ContentBlockLocation(it) => Some(it.document_index),
            Self::SearchResultLocation(it) => Some(it.search_result_index),
            Self::WebSearchResultLocation(_) | Self::Unrecognized(_) => None,
        }
    }

    /// The place in the source; web pages have none.
    pub fn place(&self) -> Option<CitationPlace> {
        Some(match self {
            Self::CharLocation(it) => {
                CitationPlace::Characters(it.start_char_index..it.end_char_index)
            }
            Self::PageLocation(it) => {
                CitationPlace::Pages(it.start_page_number..it.end_page_number)
            }
            Self::ContentBlockLocation(it) => {
                CitationPlace::Blocks(it.start_block_index..it.end_block_index)
            }
            Self::SearchResultLocation(it) => {
                CitationPlace::Blocks(it.start_block_index..it.end_block_index)
            }
            Self::WebSearchResultLocation(_) | Self::Unrecognized(_) => return None,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::from_slice;

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
}
