//! Inputs of tools, whose deltas are pieces of JSON text.

use anthropic_types::{ContentBlock, Extra, Json, RepairKind};

use super::fold::copy;
use crate::partial_json::Parser;

/// A tool input on its way.
#[derive(Debug)]
pub(super) enum Input {
    Text(String),
    Parsed(Box<Parser>),
}

impl Input {
    pub(super) fn text(&self) -> &str {
        match self {
            Self::Text(text) => text,
            Self::Parsed(parser) => parser.text(),
        }
    }

    pub(super) fn push(&mut self, piece: &str) {
        match self {
            Self::Text(text) => text.push_str(piece),
            // A fault ends the view; the text goes on, and the block's end reports the fault.
            Self::Parsed(parser) => drop(parser.push(piece)),
        }
    }
}

/// Gives a tool's block its input, as it was sent. No text at all leaves what the block started
/// with, and so does what is no input in a document.
pub(super) fn set_input(block: &mut ContentBlock, text: &str) {
    let given = text.trim_ascii();
    if given.is_empty() || block.note_no_input(given) {
        return;
    }
    let Some((input, extra)) = input_of(block) else {
        return;
    };
    *input = Json::recover(text);
    // Half a character that was replaced in what came stays noted.
    if extra.repair("input") != Some(RepairKind::LoneSurrogate) {
        extra.settle("input");
    }
}

/// The same at the block's end. Returns the block as it started, if that was with another input,
/// which is lost now.
pub(super) fn end_input(block: &mut ContentBlock, text: &str) -> Option<ContentBlock> {
    let (input, extra) = input_of(block)?;
    let is_vacant = is_nothing(input) && extra.get("input").is_none_or(is_nothing);
    let started = if is_vacant {
        None
    } else {
        copy(block, "content_block_start").ok()
    };
    set_input(block, text);
    let mut started = started?;
    let (now, rest) = input_of(block)?;
    let (before, came) = input_of(&mut started)?;
    let is_kept = now == before && rest.get("input") == came.get("input");
    (!is_kept).then_some(started)
}

/// Whether it is what a block starts with whose input is still to come.
fn is_nothing(input: &Json) -> bool {
    let text = input.as_str();
    let object = text.strip_prefix('{').and_then(|it| it.strip_suffix('}'));
    matches!(text, "null" | r#""""#) || object.is_some_and(|it| it.trim_ascii().is_empty())
}

fn input_of(block: &mut ContentBlock) -> Option<(&mut Json, &mut Extra)> {
    match block {
        ContentBlock::ToolUse(block) => Some((&mut block.input, &mut block.extra)),
        ContentBlock::ServerToolUse(block) => Some((&mut block.input, &mut block.extra)),
        ContentBlock::McpToolUse(block) => Some((&mut block.input, &mut block.extra)),
        _ => None,
    }
}

/// Gives a copy of a block the input that the block has, which may be no JSON.
pub(super) fn keep_input(from: &ContentBlock, to: &mut ContentBlock) {
    match (from, to) {
        (ContentBlock::ToolUse(from), ContentBlock::ToolUse(to)) => {
            to.input.clone_from(&from.input);
        }
        (ContentBlock::ServerToolUse(from), ContentBlock::ServerToolUse(to)) => {
            to.input.clone_from(&from.input);
        }
        (ContentBlock::McpToolUse(from), ContentBlock::McpToolUse(to)) => {
            to.input.clone_from(&from.input);
        }
        _ => {}
    }
}
