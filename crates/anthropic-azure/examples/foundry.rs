//! Claude on Microsoft Foundry: a message, a stream, a token count.
//!
//! `cargo run -p anthropic-azure --example foundry` needs no account: without
//! `ANTHROPIC_FOUNDRY_API_KEY` it talks to a simulator. With that and `ANTHROPIC_FOUNDRY_RESOURCE`
//! set, it talks to Foundry.

use std::error::Error;
use std::io::Write as _;

use anthropic::hyper_1::HyperTransport;
use anthropic::platform::env_var;
use anthropic::transport::{HttpRequest, HttpResponse, Transport, TransportError};
use anthropic::types::MessageCreateParams;
use anthropic::{BoxFuture, Client};
use anthropic_sim::{Platform, Simulator};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let resource = env_var("ANTHROPIC_FOUNDRY_RESOURCE")?;
    let key = env_var("ANTHROPIC_FOUNDRY_API_KEY")?;
    let simulator;
    let client = if let (Some(resource), Some(key)) = (resource, key) {
        anthropic_azure::foundry(resource).api_key(key).build()?
    } else {
        let builder = Simulator::builder().platform(Platform::Foundry);
        simulator = builder.start().await?;
        let foundry = anthropic_azure::foundry("my-resource").api_key(simulator.api_key());
        let transport = ToSimulator {
            url: simulator.url().to_owned(),
            transport: HyperTransport::builder().build()?,
        };
        let client = Client::builder().platform(foundry.platform()?);
        client.transport(transport).build()?
    };

    // The name of a deployment.
    let params = MessageCreateParams::new("claude-opus-5-5", 1024);
    let params = params.user("Name three rivers.");
    let message = client.messages().create(params.clone()).await?;
    println!("message: {}", message.text());

    let mut stream = client.messages().stream(params.clone()).await?;
    print!("stream: ");
    while let Some(event) = stream.try_next().await? {
        print!("{}", event.text().unwrap_or_default());
        std::io::stdout().flush()?;
    }
    let message = stream.final_message().await?;
    println!("\n  {} output tokens", message.usage.output_tokens);

    let count = client.messages().count_tokens(&params).await?;
    println!("count: {} input tokens", count.input_tokens);
    Ok(())
}

/// Sends what is for the resource's host to a simulator.
#[derive(Debug)]
struct ToSimulator {
    url: String,
    transport: HyperTransport,
}

impl Transport for ToSimulator {
    fn send(
        &self,
        mut request: HttpRequest,
    ) -> BoxFuture<'static, Result<HttpResponse, TransportError>> {
        let path = request.uri().path_and_query();
        let path = path.map_or("/", |path| path.as_str());
        match format!("{}{path}", self.url).parse() {
            Ok(url) => *request.uri_mut() = url,
            Err(error) => return Box::pin(async { Err(TransportError::other(error)) }),
        }
        self.transport.send(request)
    }
}
