//! Captured streams, in pieces of several sizes.

use anthropic::types::{Message, from_slice};

use crate::Outcome;
use crate::support::{Place, hello, same};

macro_rules! transcripts {
    ($($name:literal)*) => {
        &[$(($name, include_str!(concat!("../../../../../examples/transcripts/", $name, ".message.json")))),*]
    };
}

const TRANSCRIPTS: &[(&str, &str)] = transcripts![
    "citations" "compaction" "fallback_unknown" "interleaved" "refusal" "thinking_tool_use" "web_search"
];

pub async fn every_transcript_is_the_message_it_says(place: Place) -> Outcome {
    for (name, message) in TRANSCRIPTS {
        let message: Message = from_slice(message.as_bytes())?;
        for ends in ["lf", "crlf", "cr"] {
            for size in [7, 64, 100_000] {
                let client = place.helped(&format!("transcript/{name}.{ends}/{size}"))?;
                let stream = client.messages().stream(hello()).await?;
                let read = stream.final_message().await?;
                same((name, ends, size, &read), (name, ends, size, &message))?;
            }
        }
    }
    Ok(())
}
