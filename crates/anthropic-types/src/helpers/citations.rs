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
