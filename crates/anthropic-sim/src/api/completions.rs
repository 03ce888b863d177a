//! Text completions, as API versions before 2026-10-21 have them.

use std::time::Duration;

use axum::extract::State;
use axum::routing::post;
use axum::{Extension, Router};
use bytes::Bytes;
use serde_json::{Value, json};

use crate::base::errors::ApiError;
use crate::base::ids::Hash;
use crate::base::wire;
use crate::http::call::{CallArg, HandlerResult, json as answer};
use crate::http::sse;
use crate::{models, tokens};

const CURRENT: &str = "2026-10-21";
const TEXT: &str = " This is a simulator of the Claude API, not a model. Your prompt was";
const PIECE: usize = 12;

/// The routes; `pace` is the pause after each event of a stream, and `any_model` whether the model
/// need not exist.
pub(crate) fn routes(pace: Duration, any_model: bool) -> Router {
    Router::new()
        .route("/v1/complete", post(create))
        .with_state((pace, any_model))
}

async fn create(
    State((pace, any_model)): State<(Duration, bool)>,
    Extension(call): CallArg,
) -> HandlerResult {
    let body = call.json()?;
    if call.header("anthropic-version") == Some(CURRENT) {
        return Err(ApiError::invalid(
            "anthropic-version: text completions need 2023-06-01",
        ));
    }
    let said = Completion::of(body)?;
    if !any_model {
        models::check(&said.model)?;
    }
    if body.get("stream").is_some_and(|stream| stream == true) {
        return Ok(sse::response(said.events(), pace));
    }
    Ok(answer(&said.json(&said.text, Some(said.stop_reason))))
}

struct Completion {
    id: String,
    model: String,
    text: String,
    stop_reason: &'static str,
    stop: Option<String>,
}

impl Completion {
    fn of(body: &Value) -> Result<Self, ApiError> {
        let field = |name: &str| {
            body.get(name)
                .ok_or_else(|| ApiError::invalid(format!("{name}: Field required")))
        };
        let string = |name: &str| {
            let text = field(name)?.as_str();
            text.ok_or_else(|| ApiError::invalid(format!("{name}: Input should be a valid string")))
        };
        let (model, prompt) = (string("model")?, string("prompt")?);
        let most = field("max_tokens_to_sample")?
            .as_u64()
            .filter(|most| *most > 0);
        let most = most.ok_or_else(|| {
            ApiError::invalid("max_tokens_to_sample: Input should be a positive integer")
        })?;

        let full = format!("{TEXT} {} characters long.", prompt.chars().count());
        let sequences = body
            .get("stop_sequences")
            .and_then(Value::as_array)
            .into_iter()
            .flatten();
        let sequences = sequences
            .filter_map(Value::as_str)
            .filter(|sequence| !sequence.is_empty());
        let found = sequences
            .filter_map(|sequence| Some((full.find(sequence)?, sequence)))
            .min();
        let said = found.map_or(full.as_str(), |(at, _)| full.get(..at).unwrap_or(&full));
        let kept = tokens::cut(said, most);
        let whole = kept.len() == said.len();

        let mut asked = body.clone();
        if let Some(asked) = asked.as_object_mut() {
            asked.remove("stream");
        }
        Ok(Self {
            id: Hash::new().value(&asked).id("compl"),
            model: model.to_owned(),
            text: kept.to_owned(),
            // Completions knew no other natural end than the next human turn, itself a stop
            // sequence.
            stop_reason: if whole { "stop_sequence" } else { "max_tokens" },
            stop: whole.then(|| {
                found
                    .map_or("\n\nHuman:", |(_, sequence)| sequence)
                    .to_owned()
            }),
        })
    }

    fn json(&self, text: &str, reason: Option<&str>) -> Value {
        json!({
            "type": "completion",
            "id": self.id,
            "completion": text,
            "stop_reason": reason,
            "stop": reason.and(self.stop.as_ref()),
            "model": self.model,
            "log_id": self.id,
        })
    }

    /// Pieces of the text, then an empty one with the stop reason; lines end in CRLF, as they did.
    fn events(&self) -> Vec<Bytes> {
        let chars: Vec<char> = self.text.chars().collect();
        let pieces = chars
            .chunks(PIECE)
            .map(|piece| self.json(&piece.iter().collect::<String>(), None));
        let mut events: Vec<Bytes> = pieces.map(|piece| event("completion", &piece)).collect();
        events.insert(events.len().min(1), event("ping", &json!({"type": "ping"})));
        events.push(event("completion", &self.json("", Some(self.stop_reason))));
        events
    }
}

fn event(name: &str, data: &Value) -> Bytes {
    let data = wire::text(data);
    format!("event: {name}\r\ndata: {data}\r\n\r\n").into()
}
