//! Citations, in the five shapes that the API has.

use std::ops::Range;

use serde_json::{Value, json};

/// Where a citation is from that names no place.
const SOURCE: &str = "https://example.com/";

/// Where a cited text comes from: one entry of a text block's `citations`.
///
/// ```
/// use anthropic_sim::{Citation, Reply};
///
/// let reply = Reply::new()
///     .with_text("By its own account, ")
///     .with_cited_text("the sky is blue", [Citation::characters("The sky is blue.", 0, 10..26)]);
/// # let _ = reply;
/// ```
#[derive(Debug, Clone, PartialEq)]
#[must_use = "a citation does nothing until a text has it"]
pub struct Citation(Value);

impl Citation {
    /// Characters of a plain text document, the `document`th of the request, counted from 0.
    pub fn characters(cited: impl Into<String>, document: u64, range: Range<u64>) -> Self {
        Self::in_document(
            "char_location",
            "char_index",
            &cited.into(),
            document,
            range,
        )
    }

    /// Pages of a PDF, counted from 1; the range's end is not included.
    pub fn pages(cited: impl Into<String>, document: u64, range: Range<u64>) -> Self {
        Self::in_document(
            "page_location",
            "page_number",
            &cited.into(),
            document,
            range,
        )
    }

    /// Blocks of a document made of content blocks.
    pub fn blocks(cited: impl Into<String>, document: u64, range: Range<u64>) -> Self {
        let kind = "content_block_location";
        Self::in_document(kind, "block_index", &cited.into(), document, range)
    }

    fn in_document(kind: &str, unit: &str, cited: &str, document: u64, range: Range<u64>) -> Self {
        let mut citation = json!({
            "type": kind, "cited_text": cited, "document_index": document, "document_title": null, "file_id": null,
        });
        if let Some(fields) = citation.as_object_mut() {
            fields.insert(format!("start_{unit}"), json!(range.start));
            fields.insert(format!("end_{unit}"), json!(range.end));
        }
        Self(citation)
    }

    /// A result of the web search, of `https://example.com/` unless [`source`](Self::source) names
    /// another page.
    pub fn web(cited: impl Into<String>) -> Self {
        let cited: String = cited.into();
        Self(json!({
            "type": "web_search_result_location", "cited_text": cited, "url": SOURCE, "title": null,
            "encrypted_index": "simulated",
        }))
    }

    /// Blocks of a `search_result` block, the `result`th of the request, counted from 0; of
    /// `https://example.com/` unless [`source`](Self::source) names another.
    pub fn search_result(cited: impl Into<String>, result: u64, blocks: Range<u64>) -> Self {
        let cited: String = cited.into();
        Self(json!({
            "type": "search_result_location", "cited_text": cited, "source": SOURCE, "title": null,
            "search_result_index": result, "start_block_index": blocks.start, "end_block_index": blocks.end,
        }))
    }

    /// Sets the URL of the web page, or the source of the search result. Documents have none.
    pub fn source(mut self, source: impl Into<String>) -> Self {
        let source: String = source.into();
        for field in ["url", "source"] {
            if let Some(slot) = self.0.get_mut(field) {
                *slot = json!(source);
            }
        }
        self
    }

    /// Names the uploaded file that the document is.
    pub fn file(mut self, id: impl Into<String>) -> Self {
        let id: String = id.into();
        if let Some(slot) = self.0.get_mut("file_id") {
            *slot = json!(id);
        }
        self
    }

    /// Names the document, the web page or the search result.
    pub fn title(mut self, title: impl Into<String>) -> Self {
        let title: String = title.into();
        let field = if self.0.get("document_index").is_some() {
            "document_title"
        } else {
            "title"
        };
        if let Some(fields) = self.0.as_object_mut() {
            fields.insert(field.to_owned(), json!(title));
        }
        self
    }
}

impl From<Citation> for Value {
    fn from(citation: Citation) -> Self {
        citation.0
    }
}
