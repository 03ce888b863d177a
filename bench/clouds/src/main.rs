//! Our clients of the benchmark of the clouds: `bench-clouds CASE COUNT [URL]`.
//!
//! | case | what is done |
//! |---|---|
//! | `sse` | a stream of the API, read to its final message |
//! | `invoke` | the same through InvokeModel, from frames |
//! | `sha256` | SHA-256 of 5 MB, so many times |
//! | `keyed`, `signed` | a message of 5 MB to Bedrock, so many times, with a key and with a signature; nothing is sent |

use std::error::Error;
use std::hint::black_box;

use anthropic::transport::{HttpRequest, HttpResponse, Transport, TransportError};
use anthropic::types::{MessageCreateParams, Model};
use anthropic::{BoxFuture, Client};
use anthropic_aws::{AwsBuilder, bedrock};
use sha2::{Digest, Sha256};

type Result<T> = std::result::Result<T, Box<dyn Error + Send + Sync>>;

/// The body's size.
const SIZE: usize = 5_000_000;
const BEDROCK_MODEL: &str = "eu.anthropic.claude-opus-5-5";

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<()> {
    let usage = "usage: bench-clouds CASE COUNT [URL]";
    let mut args = std::env::args().skip(1);
    let case = args.next().ok_or(usage)?;
    let count: usize = args.next().ok_or(usage)?.parse()?;
    let url = args.next().unwrap_or_default();
    let check = match case.as_str() {
        "sse" => {
            let client = Client::builder().api_key("sk-bench").base_url(url);
            read(&client.max_retries(0).build()?, Model::CLAUDE_OPUS_5_5).await?
        }
        "invoke" => {
            let cloud = bedrock().region("eu-west-1").api_key("bench").base_url(url);
            read(&client(cloud)?.build()?, Model::from(BEDROCK_MODEL)).await?
        }
        "sha256" => {
            let body = vec![b'a'; SIZE];
            let mut first = 0;
            for _ in 0..count {
                first += usize::from(Sha256::digest(black_box(&body))[0]);
            }
            first
        }
        "keyed" => send(bedrock().api_key("bench"), count).await?,
        "signed" => send(bedrock().access_key("AKIDEXAMPLE", "secret", None), count).await?,
        _ => return Err(usage.into()),
    };
    println!("{check}");
    Ok(())
}

fn client(cloud: AwsBuilder) -> Result<anthropic::ClientBuilder> {
    Ok(Client::builder().platform(cloud.platform()?).max_retries(0))
}

/// The length of a streamed message's text.
async fn read(client: &Client, model: Model) -> Result<usize> {
    let params = MessageCreateParams::new(model, 1024).user("Hello");
    let stream = client.messages().stream(params).await?;
    Ok(stream.final_message().await?.text().len())
}

/// Receives requests and sends nothing; the response is an error, as short as can be.
#[derive(Debug)]
struct Nowhere;

impl Transport for Nowhere {
    fn send(
        &self,
        request: HttpRequest,
    ) -> BoxFuture<'static, std::result::Result<HttpResponse, TransportError>> {
        let is_whole = request.body().len() >= Some(SIZE as u64);
        let response = http::Response::builder().status(if is_whole { 400 } else { 500 });
        let response = response.body(Vec::new().into());
        Box::pin(async { response.map_err(TransportError::other) })
    }
}

/// How many of the messages arrived whole.
async fn send(cloud: AwsBuilder, count: usize) -> Result<usize> {
    let client = client(cloud.region("eu-west-1"))?
        .transport(Nowhere)
        .build()?;
    let params = MessageCreateParams::new(BEDROCK_MODEL, 1024).user("a".repeat(SIZE));
    let mut arrived = 0;
    for _ in 0..count {
        match client.messages().create(&params).await {
            Ok(_) => return Err("nothing was sent, and there is a message".into()),
            Err(error) => {
                arrived += usize::from(error.status().is_some_and(|it| it.as_u16() == 400))
            }
        }
    }
    Ok(arrived)
}
