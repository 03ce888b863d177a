//! Calls that a platform may or may not serve, with a response to each.

use anthropic::types::{
    BatchListParams, FileListParams, MessageCountTokensParams, MessageCreateParams, ModelListParams,
};
use anthropic::{BoxFuture, Client, Result};
use serde_json::{Value, json};

/// A call: the operation's id, what is called, and the response's body.
pub(super) struct Call {
    pub(super) id: &'static str,
    pub(super) send: for<'a> fn(&'a Client) -> BoxFuture<'a, Result<()>>,
    pub(super) response: fn() -> Value,
}

/// Calls of each kind: with a body, with a query, with parts of the path, and without anything.
pub(super) const CALLS: [Call; 6] = [
    Call {
        id: "messages.create",
        send: |client| Box::pin(async { client.messages().create(params()).await.map(drop) }),
        response: message,
    },
    Call {
        id: "messages.count_tokens",
        send: |client| Box::pin(async { client.messages().count_tokens(count()).await.map(drop) }),
        response: || json!({"input_tokens": 7}),
    },
    Call {
        id: "messages.batches.list",
        send: |client| {
            let params = BatchListParams::new().limit(3);
            Box::pin(async { client.messages().batches().list(params).await.map(drop) })
        },
        response: page,
    },
    Call {
        id: "models.list",
        send: |client| {
            let params = ModelListParams::new().limit(3);
            Box::pin(async { client.models().list(params).await.map(drop) })
        },
        response: page,
    },
    Call {
        id: "models.retrieve",
        send: |client| Box::pin(async { client.models().retrieve("a b").await.map(drop) }),
        response: || json!({"type": "model", "id": "a b", "display_name": "A"}),
    },
    Call {
        id: "files.list",
        send: |client| {
            let params = FileListParams::new();
            Box::pin(async { client.files().list(params).await.map(drop) })
        },
        response: page,
    },
];

pub(super) fn params() -> MessageCreateParams {
    MessageCreateParams::new("claude-contract-1", 64)
        .system("Be brief.")
        .user("Name a river, é \"quoted\".")
}

pub(super) fn count() -> MessageCountTokensParams {
    MessageCountTokensParams::new("claude-contract-1").user("Name a river.")
}

/// A message, with a block and fields that no version of the SDK knows.
pub(super) fn message() -> Value {
    json!({
        "id": "msg_contract", "type": "message", "role": "assistant", "model": "claude-contract-1",
        "content": [{"type": "text", "text": "The Rhône."}, {"type": "new_block", "field": [1, 2]}],
        "stop_reason": "end_turn", "stop_sequence": null,
        "usage": {"input_tokens": 12, "output_tokens": 5, "new_count": 1},
        "new_field": {"a": null},
    })
}

fn page() -> Value {
    json!({"data": [], "has_more": false, "first_id": null, "last_id": null, "next_page": null})
}
