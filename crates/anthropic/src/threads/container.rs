//! The container in which a conversation's code runs.

use anthropic_types::MessageCreateParamsContainer;

/// Later requests use the container of the model's message, in which calls may be pending. What was
/// asked of it stays.
pub(crate) fn keep_container(container: &mut Option<MessageCreateParamsContainer>, id: &str) {
    match container {
        Some(MessageCreateParamsContainer::Params(params)) => params.id = Some(id.to_owned()),
        container => *container = Some(id.into()),
    }
}
