//! A quotation from the first source that may be cited, with its citation.

use serde_json::Value;

use crate::scripting::reply::Citation;
use crate::scripting::request::{MessageRequest, is, plain};

const QUOTED_CHARS: usize = 60;
/// PDFs are not read, so their words can't be quoted.
const UNREAD: &str = "(the simulator does not read PDFs)";

pub(super) fn quotation(request: &MessageRequest) -> Option<(String, Citation)> {
    let on = |block: &Value| block.pointer("/citations/enabled") == Some(&Value::Bool(true));
    let of =
        |kind: &'static str| (0_u64..).zip(request.blocks().filter(move |block| is(block, kind)));
    let document = of("document").find(|(_, block)| on(block));
    let result = || of("search_result").find(|(_, block)| on(block));
    let (block, (text, citation)) = match document {
        Some((index, block)) => (block, in_document(block, index)?),
        None => result().and_then(|(index, block)| Some((block, in_result(block, index)?)))?,
    };
    let title = block.get("title").and_then(Value::as_str);
    let citation = match title {
        Some(title) => citation.title(title),
        None => citation,
    };
    Some((text, citation))
}

fn in_document(block: &Value, index: u64) -> Option<(String, Citation)> {
    let source = block.get("source")?;
    match source.get("type")?.as_str()? {
        "text" => {
            let text = start(source.get("data")?.as_str()?);
            let end = text.chars().count() as u64;
            Some((text.clone(), Citation::characters(text, index, 0..end)))
        }
        "content" => {
            let text = start(&plain(source.get("content")?));
            Some((text.clone(), Citation::blocks(text, index, 0..1)))
        }
        _ => {
            let citation = Citation::pages(UNREAD, index, 1..2);
            let file = source.get("file_id").and_then(Value::as_str);
            let citation = match file {
                Some(file) => citation.file(file),
                None => citation,
            };
            Some((UNREAD.to_owned(), citation))
        }
    }
}

fn in_result(block: &Value, index: u64) -> Option<(String, Citation)> {
    let text = start(&plain(block.get("content")?));
    let source = block.get("source")?.as_str()?;
    Some((
        text.clone(),
        Citation::search_result(text, index, 0..1).source(source),
    ))
}

fn start(text: &str) -> String {
    text.chars().take(QUOTED_CHARS).collect()
}
