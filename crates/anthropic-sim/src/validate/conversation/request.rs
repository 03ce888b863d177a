//! Rules on a request as a whole.

use serde_json::Value;

use super::turns::{Check, Conversation, items, kind, refuse, role, text};
use crate::models::{self, Model};

/// The media types of images.
const IMAGES: [&str; 4] = ["image/jpeg", "image/png", "image/gif", "image/webp"];

/// <https://github.com/anthropics/claude-code/issues/5349>: a model that does not exist is not
/// found.
pub(super) fn model(conversation: Conversation<'_>) -> Check {
    models::check(conversation.model_name())
}

/// <https://platform.claude.com/docs/en/api/messages>: there is a message. The text is quoted in
/// public code.
pub(super) fn messages(conversation: Conversation<'_>) -> Check {
    // A turn that was paused goes on from nothing new.
    let thread = conversation.body.get("thread");
    let continued = thread.is_some_and(|thread| kind(thread) == "continue");
    if conversation.messages.is_empty() && !continued {
        return refuse("messages: at least one message is required");
    }
    Ok(())
}

/// <https://github.com/ianarawjo/ChainForge/issues/271> and
/// <https://github.com/anthropics/claude-agent-sdk-typescript/issues/350>: models before Opus 4.8
/// take no message whose role is `system`.
pub(super) fn system_role(conversation: Conversation<'_>) -> Check {
    let mut roles = conversation.messages.iter().map(role);
    let able = conversation.model_is(Model::takes_system_messages);
    if !able && roles.any(|role| role == "system") {
        return refuse(
            "messages: Unexpected role \"system\". The Messages API accepts a top-level `system` parameter, not \"system\" \
             as an input message role.",
        );
    }
    Ok(())
}

/// <https://docs.cloud.google.com/vertex-ai/generative-ai/docs/partner-models/claude/structured_outputs>: the first
/// message's role is `user`. A thread's first turn has been checked before. A summary of what was
/// before, by the `compaction` of a request, is the model's.
pub(super) fn first_role(conversation: Conversation<'_>) -> Check {
    let first = conversation.messages.first();
    let summary = |message: &Value| {
        let mut blocks = items(message, "content").iter();
        blocks.any(|block| kind(block) == "compaction")
    };
    let is_summary = first.is_some_and(summary);
    if first.map_or("", role) == "assistant" && !is_summary && !conversation.has_thread() {
        return refuse("messages: first message must use the \"user\" role");
    }
    Ok(())
}

/// <https://github.com/anthropics/claude-code/issues/24451>: `max_tokens` is at most what the model
/// can produce. Betas raise that limit.
pub(super) fn max_tokens(conversation: Conversation<'_>) -> Check {
    let given = conversation.body.get("max_tokens");
    if given
        .and_then(Value::as_f64)
        .is_some_and(|given| given < 0.0)
    {
        return refuse("max_tokens: Input should be greater than or equal to 0");
    }
    let asked = conversation.max_tokens();
    let Some(model) = conversation.model else {
        return Ok(());
    };
    if asked <= model.output {
        return Ok(());
    }
    let most = model.most_output(&conversation.betas());
    if asked <= most {
        return Ok(());
    }
    refuse(format!(
        "max_tokens: {asked} > {most}, which is the maximum allowed number of output tokens for {}",
        conversation.model_name()
    ))
}

/// <https://github.com/anthropics/claude-code/issues/12186>: the prompt fits the context window.
/// For models before 4.5, <https://github.com/continuedev/continue/issues/6080>: so does it
/// together with `max_tokens`.
pub(super) fn window(conversation: Conversation<'_>) -> Check {
    let Some(model) = conversation.model else {
        return Ok(());
    };
    let window = model.window(&conversation.betas());
    let prompt = conversation.scope.prompt;
    let edited = conversation.body.get("context_management");
    let edits = edited.map_or(&[][..], |edited| items(edited, "edits"));
    if prompt > window && edits.is_empty() {
        return refuse(format!(
            "prompt is too long: {prompt} tokens > {window} maximum"
        ));
    }
    let max_tokens = conversation.max_tokens();
    if model.reserves_output() && prompt.saturating_add(max_tokens) > window {
        return refuse(format!(
            "input length and `max_tokens` exceed context limit: {prompt} + {max_tokens} > {window}, decrease input length \
             or `max_tokens` and try again"
        ));
    }
    Ok(())
}

/// <https://github.com/BerriAI/litellm/issues/3286>: a stop sequence is not blank.
pub(super) fn stop_sequences(conversation: Conversation<'_>) -> Check {
    let sequences = items(conversation.body, "stop_sequences").iter();
    let mut sequences = sequences.filter_map(Value::as_str);
    if sequences.any(|sequence| sequence.trim().is_empty()) {
        return refuse("stop_sequences: each stop sequence must contain non-whitespace");
    }
    Ok(())
}

/// <https://platform.claude.com/docs/en/api/messages>: a user's id has at most 256 characters. The
/// message is ours, with the wording of other lengths, as in
/// <https://github.com/anthropics/claude-code/issues/96152>.
pub(super) fn metadata(conversation: Conversation<'_>) -> Check {
    const MOST: usize = 256;
    let metadata = conversation.body.get("metadata").unwrap_or(&Value::Null);
    if text(metadata, "user_id").chars().count() > MOST {
        return refuse(format!(
            "metadata.user_id: String should have at most {MOST} characters"
        ));
    }
    Ok(())
}

/// <https://platform.claude.com/docs/en/build-with-claude/files>: a file that a message refers to
/// exists.
pub(super) fn files(conversation: Conversation<'_>) -> Check {
    referred(conversation).try_for_each(|(_, id)| (conversation.scope.file)(id).map(drop))
}

/// <https://platform.claude.com/docs/en/build-with-claude/files>: a file's type is one of its
/// block's. The message for documents is in
/// <https://github.com/anthropics/anthropic-sdk-ruby/issues/128>, that for images is ours.
pub(super) fn file_types(conversation: Conversation<'_>) -> Check {
    for (block, id) in referred(conversation) {
        // Whether it exists is the business of the rule above.
        let media_type = (conversation.scope.file)(id).unwrap_or_default();
        let of_block = match (block, media_type.as_str()) {
            (_, "") => continue,
            ("document", other) => ["application/pdf", "text/plain"].contains(&other),
            ("image", other) => IMAGES.contains(&other),
            _ => continue,
        };
        if of_block {
            continue;
        }
        return refuse(if block == "document" {
            format!(
                "Unsupported document file format: {media_type}. Only PDF and plaintext documents are supported."
            )
        } else {
            format!(
                "Unsupported image file format: {media_type}. Only JPEG, PNG, GIF and WebP images are supported."
            )
        });
    }
    Ok(())
}

/// The files that the user's messages refer to, each with the type of its block.
fn referred(conversation: Conversation<'_>) -> impl Iterator<Item = (&str, &str)> {
    // What the assistant refers to came from the simulator, or from a test.
    let asked = move |index: usize| {
        let message = conversation.messages.get(index);
        message.is_some_and(|message| role(message) == "user")
    };
    conversation
        .inner_blocks()
        .filter_map(move |(place, block)| {
            let source = block
                .get("source")
                .filter(|source| text(source, "type") == "file");
            let upload = Some(block).filter(|block| text(block, "type") == "container_upload");
            let id = source.or(upload).map_or("", |value| text(value, "file_id"));
            (!id.is_empty() && asked(place.message)).then(|| (kind(block), id))
        })
}
