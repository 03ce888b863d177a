//! The SDK as a client of the benchmark: `ours URL CASE SIZE`.

#[path = "ours/huge.rs"]
mod huge;

use std::error::Error;

use anthropic::partial_json::Strings;
use anthropic::types::{Message, MessageBatchResult, MessageCreateParams, Model};
use anthropic::{Client, MessageStream};
use bench_streams::{Document, report};
use tokio::task::JoinSet;

type Result<T> = std::result::Result<T, Box<dyn Error + Send + Sync>>;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<()> {
    let mut args = std::env::args().skip(1);
    let mut next = || args.next().ok_or("usage: ours URL CASE SIZE");
    let (url, case, size) = (next()?, next()?, next()?);
    let client = |kind: &str, size: &str| {
        let builder = Client::builder().api_key("sk-bench").max_retries(0);
        builder.base_url(format!("{url}/{kind}/{size}")).build()
    };
    let mut base = 0;
    let check = match case.as_str() {
        "text" => length(&open(&client("text", &size)?).await?.final_message().await?),
        "text-events" => events(open(&client("text", &size)?).await?).await?,
        "text-pieces" => pieces(open(&client("text", &size)?).await?).await?,
        "tool" => input(&open(&client("tool", &size)?).await?.final_message().await?)?,
        "tool-view" => view(open(&client("tool", &size)?).await?).await?,
        "plain" => plain(&client("plain", &size)?, size.parse()?).await?,
        "events" => {
            length(&open(&client("text", "1")?).await?.final_message().await?);
            base = report::memory("VmRSS");
            let client = client("together", &size)?;
            counted(&client, size.parse()?).await?
        }
        "lines" => lines(&client("lines", &size)?).await?,
        "huge_decoded" => huge::decoded(size.parse()?)?,
        "deltas" => huge::deltas(size.parse()?, false).await?,
        "deltas-spaced" => huge::deltas(size.parse()?, true).await?,
        "huge_text" => huge::read(size.parse()?, "text").await?,
        "huge_input" => huge::read(size.parse()?, "tool_use").await?,
        "together" | "burst" => {
            length(&open(&client("text", "1")?).await?.final_message().await?);
            base = report::memory("VmRSS");
            let client = client("together", &size)?;
            match case.as_str() {
                "burst" => burst(&client, size.parse()?).await?,
                _ => together(&client, size.parse()?).await?,
            }
        }
        _ => return Err("no such case".into()),
    };
    report::print(check, base);
    Ok(())
}

async fn open(client: &Client) -> anthropic::Result<MessageStream> {
    let params = MessageCreateParams::new(Model::CLAUDE_OPUS_5_5, 1024).user("Hello");
    client.messages().stream(params).await
}

fn length(message: &Message) -> u64 {
    message.text().len() as u64
}

async fn events(mut stream: MessageStream) -> Result<u64> {
    let mut length = 0;
    while let Some(event) = stream.try_next().await? {
        length += event.text().map_or(0, str::len);
    }
    Ok(length as u64)
}

async fn pieces(mut stream: MessageStream) -> Result<u64> {
    let (mut length, mut text) = (0, stream.text_stream());
    while let Some(piece) = text.try_next().await? {
        length += piece.len();
    }
    Ok(length as u64)
}

/// The tool's input, typed at the end.
fn input(message: &Message) -> Result<u64> {
    let tool = message.tool_uses().next().ok_or("no tool use")?;
    let document: Document = tool.input_as()?;
    Ok(document.rows.iter().map(|row| row.id).sum())
}

/// The same, with a look at what can be read of it at every delta.
async fn view(stream: MessageStream) -> Result<u64> {
    let mut stream = stream.with_partial_input();
    let mut most = 0;
    while let Some(event) = stream.try_next().await? {
        if let (Some(_), Some(index)) = (event.partial_json(), event.index()) {
            let view = stream.partial_input(index, Strings::Show);
            let rows = view.and_then(|view| view["rows"].as_array());
            most = most.max(rows.map_or(0, Vec::len));
        }
    }
    let message = stream.final_message().await?;
    let rows = message
        .tool_uses()
        .next()
        .ok_or("no tool use")?
        .input_as::<Document>()?
        .rows;
    if rows.len() != most {
        return Err("the last view is not the input".into());
    }
    Ok(rows.iter().map(|row| row.id).sum())
}

/// Messages that aren't streamed, one after the other.
async fn plain(client: &Client, count: usize) -> Result<u64> {
    let mut total = 0;
    for _ in 0..count {
        let params = MessageCreateParams::new(Model::CLAUDE_OPUS_5_5, 1024).user("Hello");
        total += length(&client.messages().create(params).await?);
    }
    Ok(total)
}

/// Many streams at once, whose events are counted.
async fn counted(client: &Client, streams: usize) -> Result<u64> {
    let mut tasks = JoinSet::<Result<u64>>::new();
    for _ in 0..streams {
        let client = client.clone();
        tasks.spawn(async move {
            let (mut stream, mut seen) = (open(&client).await?, 0);
            while stream.try_next().await?.is_some() {
                seen += 1;
            }
            Ok(seen)
        });
    }
    let mut total = 0;
    while let Some(seen) = tasks.join_next().await {
        total += seen??;
    }
    Ok(total)
}

async fn lines(client: &Client) -> Result<u64> {
    let mut results = client.messages().batches().results("batch").await?;
    let mut tokens = 0;
    while let Some(line) = results.try_next().await? {
        if let MessageBatchResult::Succeeded(result) = &line.result {
            tokens += result.message.usage.output_tokens;
        }
    }
    Ok(tokens)
}

/// Many streams at once, opened one after the other or in the same instant.
async fn together(client: &Client, streams: usize) -> Result<u64> {
    let mut tasks = JoinSet::new();
    for _ in 0..streams {
        tasks.spawn(open(client).await?.final_message());
    }
    let mut total = 0;
    while let Some(message) = tasks.join_next().await {
        total += length(&message??);
    }
    Ok(total)
}

/// All in the same instant. A task returns a number, as those of the pooled client do: tokio copies
/// the room for its output at each poll, and a message is large.
async fn burst(client: &Client, streams: usize) -> Result<u64> {
    let mut tasks = JoinSet::<anthropic::Result<u64>>::new();
    for _ in 0..streams {
        let client = client.clone();
        tasks.spawn(async move { Ok(length(&open(&client).await?.final_message().await?)) });
    }
    let mut total = 0;
    while let Some(length) = tasks.join_next().await {
        total += length??;
    }
    Ok(total)
}
