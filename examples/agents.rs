//! A managed agent: created, given an environment and a session, asked something, followed until it
//! is idle.
//!
//! `cargo run --example agents --features agents` needs no key: without one it talks to a
//! simulator. With a key it makes an agent, an environment and a session, and removes them when it
//! is done.

use anthropic::Client;
use anthropic::types::Model;
use anthropic::types::agents::sessions::{
    EventSendParams, EventStreamParams, StreamSessionEvents, TextBlock, UserMessageEventParams,
};
use anthropic::types::agents::{
    AgentCreateParams, AgentToolset20260401Params, EnvironmentCreateParams, SessionCreateParams,
};
use anthropic_sim::Simulator;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let simulator = Simulator::start_unless_keyed().await?;
    let client = match &simulator {
        Some(simulator) => Client::builder()
            .api_key(simulator.api_key())
            .base_url(simulator.url())
            .build()?,
        None => Client::from_env()?,
    };
    let beta = client.beta();

    let params = AgentCreateParams::new(Model::CLAUDE_OPUS_5_5, "Guide")
        .system("You know the rivers of Europe.")
        .tools([AgentToolset20260401Params::new()]);
    let agent = beta.agents().create(params).await?;
    let environment = EnvironmentCreateParams::new("examples");
    let environment = beta.environments().create(environment).await?;
    let session = SessionCreateParams::new(agent.id.as_str(), &environment.id);
    let session = beta.sessions().create(session).await?;
    println!("{} runs {}", session.id, agent.name);

    let result = talk(&client, &session.id).await;
    beta.sessions().delete(&session.id).await?;
    beta.environments().delete(&environment.id).await?;
    beta.agents().archive(&agent.id).await?;
    Ok(result?)
}

/// Asks, and prints what happens until the session waits for the next message.
async fn talk(client: &Client, session: &str) -> anthropic::Result<()> {
    // The stream is opened first, so that nothing is missed.
    let events = client.beta().sessions().events();
    let mut stream = events.stream(session, EventStreamParams::new()).await?;
    let question = UserMessageEventParams::new([TextBlock::new("Where does the Aare end?")]);
    let question = EventSendParams::new([question]);
    events.send(session, question).await?;
    while let Some(event) = stream.try_next().await? {
        match &event {
            StreamSessionEvents::AgentMessage(message) => {
                for text in message.content.iter().filter_map(|block| block.as_text()) {
                    println!("{}", text.text);
                }
            }
            StreamSessionEvents::SessionStatusIdle(_)
            | StreamSessionEvents::SessionStatusTerminated(_) => break,
            other => println!("[{}]", other.type_name()),
        }
    }
    Ok(())
}
