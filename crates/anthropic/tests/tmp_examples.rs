#![allow(unused)]
mod e1 { // crates/anthropic/src/generated/agents/beta_agents.rs
use anthropic::{Client, Upload, types::*};
async fn run(client: Client) -> anthropic::Result<()> {
let answer = client.beta().agents().archive("agent_01").await?;
println!("{answer:?}");
Ok(())
}
}
mod e2 { // crates/anthropic/src/generated/agents/beta_agents.rs
use anthropic::{Client, Upload, types::*};
async fn run(client: Client) -> anthropic::Result<()> {
let answer = client.beta().agents().create(agents::AgentCreateParams::new(agents::ModelConfigParams::new("claude-fable-5-2"), "My first one")).await?;
println!("{answer:?}");
Ok(())
}
}
mod e3 { // crates/anthropic/src/generated/agents/beta_agents.rs
use anthropic::{Client, Upload, types::*};
async fn run(client: Client) -> anthropic::Result<()> {
let mut items = client.beta().agents().list(agents::AgentListParams::new()).items();
while let Some(item) = items.try_next().await? {
    println!("{item:?}");
}
Ok(())
}
}
mod e4 { // crates/anthropic/src/generated/agents/beta_agents.rs
use anthropic::{Client, Upload, types::*};
async fn run(client: Client) -> anthropic::Result<()> {
let answer = client.beta().agents().retrieve("agent_01", agents::AgentRetrieveParams::new()).await?;
println!("{answer:?}");
Ok(())
}
}
mod e5 { // crates/anthropic/src/generated/agents/beta_agents.rs
use anthropic::{Client, Upload, types::*};
async fn run(client: Client) -> anthropic::Result<()> {
let answer = client.beta().agents().update("agent_01", agents::AgentUpdateParams::new()).await?;
println!("{answer:?}");
Ok(())
}
}
mod e6 { // crates/anthropic/src/generated/agents/beta_agents_versions.rs
use anthropic::{Client, Upload, types::*};
async fn run(client: Client) -> anthropic::Result<()> {
let mut items = client.beta().agents().versions().list("agent_01", agents::AgentVersionListParams::new()).items();
while let Some(item) = items.try_next().await? {
    println!("{item:?}");
}
Ok(())
}
}
mod e7 { // crates/anthropic/src/generated/agents/beta_deployment_runs.rs
use anthropic::{Client, Upload, types::*};
async fn run(client: Client) -> anthropic::Result<()> {
let mut items = client.beta().deployment_runs().list(agents::DeploymentRunListParams::new()).items();
while let Some(item) = items.try_next().await? {
    println!("{item:?}");
}
Ok(())
}
}
mod e8 { // crates/anthropic/src/generated/agents/beta_deployment_runs.rs
use anthropic::{Client, Upload, types::*};
async fn run(client: Client) -> anthropic::Result<()> {
let answer = client.beta().deployment_runs().retrieve("deployment_run_01").await?;
println!("{answer:?}");
Ok(())
}
}
mod e9 { // crates/anthropic/src/generated/agents/beta_deployments.rs
use anthropic::{Client, Upload, types::*};
async fn run(client: Client) -> anthropic::Result<()> {
let answer = client.beta().deployments().archive("deployment_01").await?;
println!("{answer:?}");
Ok(())
}
}
mod e10 { // crates/anthropic/src/generated/agents/beta_deployments.rs
use anthropic::{Client, Upload, types::*};
async fn run(client: Client) -> anthropic::Result<()> {
let answer = client.beta().deployments().create(agents::DeploymentCreateParams::new("agent", "environment_01", [agents::sessions::UserMessageEventParams::new([agents::sessions::RedactedBlock::new()])], "My first one")).await?;
println!("{answer:?}");
Ok(())
}
}
mod e11 { // crates/anthropic/src/generated/agents/beta_deployments.rs
use anthropic::{Client, Upload, types::*};
async fn run(client: Client) -> anthropic::Result<()> {
let mut items = client.beta().deployments().list(agents::DeploymentListParams::new()).items();
while let Some(item) = items.try_next().await? {
    println!("{item:?}");
}
Ok(())
}
}
mod e12 { // crates/anthropic/src/generated/agents/beta_deployments.rs
use anthropic::{Client, Upload, types::*};
async fn run(client: Client) -> anthropic::Result<()> {
let answer = client.beta().deployments().pause("deployment_01").await?;
println!("{answer:?}");
Ok(())
}
}
mod e13 { // crates/anthropic/src/generated/agents/beta_deployments.rs
use anthropic::{Client, Upload, types::*};
async fn run(client: Client) -> anthropic::Result<()> {
let answer = client.beta().deployments().retrieve("deployment_01").await?;
println!("{answer:?}");
Ok(())
}
}
mod e14 { // crates/anthropic/src/generated/agents/beta_deployments.rs
use anthropic::{Client, Upload, types::*};
async fn run(client: Client) -> anthropic::Result<()> {
let answer = client.beta().deployments().run("deployment_01").await?;
println!("{answer:?}");
Ok(())
}
}
mod e15 { // crates/anthropic/src/generated/agents/beta_deployments.rs
use anthropic::{Client, Upload, types::*};
async fn run(client: Client) -> anthropic::Result<()> {
let answer = client.beta().deployments().unpause("deployment_01").await?;
println!("{answer:?}");
Ok(())
}
}
mod e16 { // crates/anthropic/src/generated/agents/beta_deployments.rs
use anthropic::{Client, Upload, types::*};
async fn run(client: Client) -> anthropic::Result<()> {
let answer = client.beta().deployments().update("deployment_01", agents::DeploymentUpdateParams::new()).await?;
println!("{answer:?}");
Ok(())
}
}
mod e17 { // crates/anthropic/src/generated/agents/beta_dreams.rs
use anthropic::{Client, Upload, types::*};
async fn run(client: Client) -> anthropic::Result<()> {
let answer = client.beta().dreams().archive("dream_01").await?;
println!("{answer:?}");
Ok(())
}
}
mod e18 { // crates/anthropic/src/generated/agents/beta_dreams.rs
use anthropic::{Client, Upload, types::*};
async fn run(client: Client) -> anthropic::Result<()> {
let answer = client.beta().dreams().cancel("dream_01").await?;
println!("{answer:?}");
Ok(())
}
}
mod e19 { // crates/anthropic/src/generated/agents/beta_dreams.rs
use anthropic::{Client, Upload, types::*};
async fn run(client: Client) -> anthropic::Result<()> {
let answer = client.beta().dreams().create(agents::DreamCreateParams::new([agents::DreamSessionsInput::new(["session_ids"])], "model")).await?;
println!("{answer:?}");
Ok(())
}
}
mod e20 { // crates/anthropic/src/generated/agents/beta_dreams.rs
use anthropic::{Client, Upload, types::*};
async fn run(client: Client) -> anthropic::Result<()> {
let mut items = client.beta().dreams().list(agents::DreamListParams::new()).items();
while let Some(item) = items.try_next().await? {
    println!("{item:?}");
}
Ok(())
}
}
mod e21 { // crates/anthropic/src/generated/agents/beta_dreams.rs
use anthropic::{Client, Upload, types::*};
async fn run(client: Client) -> anthropic::Result<()> {
let answer = client.beta().dreams().retrieve("dream_01").await?;
println!("{answer:?}");
Ok(())
}
}
mod e22 { // crates/anthropic/src/generated/agents/beta_environments.rs
use anthropic::{Client, Upload, types::*};
async fn run(client: Client) -> anthropic::Result<()> {
let answer = client.beta().environments().archive("environment_01").await?;
println!("{answer:?}");
Ok(())
}
}
mod e23 { // crates/anthropic/src/generated/agents/beta_environments.rs
use anthropic::{Client, Upload, types::*};
async fn run(client: Client) -> anthropic::Result<()> {
let answer = client.beta().environments().create(agents::EnvironmentCreateParams::new("My first one")).await?;
println!("{answer:?}");
Ok(())
}
}
mod e24 { // crates/anthropic/src/generated/agents/beta_environments.rs
use anthropic::{Client, Upload, types::*};
async fn run(client: Client) -> anthropic::Result<()> {
let answer = client.beta().environments().delete("environment_01").await?;
println!("{answer:?}");
Ok(())
}
}
mod e25 { // crates/anthropic/src/generated/agents/beta_environments.rs
use anthropic::{Client, Upload, types::*};
async fn run(client: Client) -> anthropic::Result<()> {
let mut items = client.beta().environments().list(agents::EnvironmentListParams::new()).items();
while let Some(item) = items.try_next().await? {
    println!("{item:?}");
}
Ok(())
}
}
mod e26 { // crates/anthropic/src/generated/agents/beta_environments.rs
use anthropic::{Client, Upload, types::*};
async fn run(client: Client) -> anthropic::Result<()> {
let answer = client.beta().environments().retrieve("environment_01").await?;
println!("{answer:?}");
Ok(())
}
}
mod e27 { // crates/anthropic/src/generated/agents/beta_environments.rs
use anthropic::{Client, Upload, types::*};
async fn run(client: Client) -> anthropic::Result<()> {
let answer = client.beta().environments().update("environment_01", agents::EnvironmentUpdateParams::new()).await?;
println!("{answer:?}");
Ok(())
}
}
mod e28 { // crates/anthropic/src/generated/agents/beta_environments_work.rs
use anthropic::{Client, Upload, types::*};
async fn run(client: Client) -> anthropic::Result<()> {
let answer = client.beta().environments().work().ack("environment_01", "work_01").await?;
println!("{answer:?}");
Ok(())
}
}
mod e29 { // crates/anthropic/src/generated/agents/beta_environments_work.rs
use anthropic::{Client, Upload, types::*};
async fn run(client: Client) -> anthropic::Result<()> {
let answer = client.beta().environments().work().heartbeat("environment_01", "work_01", agents::environments::WorkHeartbeatParams::new("environment_01")).await?;
println!("{answer:?}");
Ok(())
}
}
mod e30 { // crates/anthropic/src/generated/agents/beta_environments_work.rs
use anthropic::{Client, Upload, types::*};
async fn run(client: Client) -> anthropic::Result<()> {
let mut items = client.beta().environments().work().list("environment_01", agents::environments::WorkListParams::new()).items();
while let Some(item) = items.try_next().await? {
    println!("{item:?}");
}
Ok(())
}
}
mod e31 { // crates/anthropic/src/generated/agents/beta_environments_work.rs
use anthropic::{Client, Upload, types::*};
async fn run(client: Client) -> anthropic::Result<()> {
let answer = client.beta().environments().work().poll("environment_01", agents::environments::WorkPollParams::new()).await?;
println!("{answer:?}");
Ok(())
}
}
mod e32 { // crates/anthropic/src/generated/agents/beta_environments_work.rs
use anthropic::{Client, Upload, types::*};
async fn run(client: Client) -> anthropic::Result<()> {
let answer = client.beta().environments().work().retrieve("environment_01", "work_01").await?;
println!("{answer:?}");
Ok(())
}
}
mod e33 { // crates/anthropic/src/generated/agents/beta_environments_work.rs
use anthropic::{Client, Upload, types::*};
async fn run(client: Client) -> anthropic::Result<()> {
let answer = client.beta().environments().work().stats("environment_01").await?;
println!("{answer:?}");
Ok(())
}
}
mod e34 { // crates/anthropic/src/generated/agents/beta_environments_work.rs
use anthropic::{Client, Upload, types::*};
async fn run(client: Client) -> anthropic::Result<()> {
let answer = client.beta().environments().work().stop("environment_01", "work_01", agents::environments::WorkStopParams::new("environment_01")).await?;
println!("{answer:?}");
Ok(())
}
}
mod e35 { // crates/anthropic/src/generated/agents/beta_environments_work.rs
use anthropic::{Client, Upload, types::*};
async fn run(client: Client) -> anthropic::Result<()> {
let answer = client.beta().environments().work().update("environment_01", "work_01", agents::environments::WorkUpdateParams::new("environment_01", [("key", Some("metadata".to_owned()))])).await?;
println!("{answer:?}");
Ok(())
}
}
mod e36 { // crates/anthropic/src/generated/agents/beta_memory_stores.rs
use anthropic::{Client, Upload, types::*};
async fn run(client: Client) -> anthropic::Result<()> {
let answer = client.beta().memory_stores().archive("memory_store_01").await?;
println!("{answer:?}");
Ok(())
}
}
mod e37 { // crates/anthropic/src/generated/agents/beta_memory_stores.rs
use anthropic::{Client, Upload, types::*};
async fn run(client: Client) -> anthropic::Result<()> {
let answer = client.beta().memory_stores().create(agents::MemoryStoreCreateParams::new("My first one")).await?;
println!("{answer:?}");
Ok(())
}
}
mod e38 { // crates/anthropic/src/generated/agents/beta_memory_stores.rs
use anthropic::{Client, Upload, types::*};
async fn run(client: Client) -> anthropic::Result<()> {
let answer = client.beta().memory_stores().delete("memory_store_01").await?;
println!("{answer:?}");
Ok(())
}
}
mod e39 { // crates/anthropic/src/generated/agents/beta_memory_stores.rs
use anthropic::{Client, Upload, types::*};
async fn run(client: Client) -> anthropic::Result<()> {
let mut items = client.beta().memory_stores().list(agents::MemoryStoreListParams::new()).items();
while let Some(item) = items.try_next().await? {
    println!("{item:?}");
}
Ok(())
}
}
mod e40 { // crates/anthropic/src/generated/agents/beta_memory_stores.rs
use anthropic::{Client, Upload, types::*};
async fn run(client: Client) -> anthropic::Result<()> {
let answer = client.beta().memory_stores().retrieve("memory_store_01").await?;
println!("{answer:?}");
Ok(())
}
}
mod e41 { // crates/anthropic/src/generated/agents/beta_memory_stores.rs
use anthropic::{Client, Upload, types::*};
async fn run(client: Client) -> anthropic::Result<()> {
let answer = client.beta().memory_stores().update("memory_store_01", agents::MemoryStoreUpdateParams::new()).await?;
println!("{answer:?}");
Ok(())
}
}
mod e42 { // crates/anthropic/src/generated/agents/beta_memory_stores_memories.rs
use anthropic::{Client, Upload, types::*};
async fn run(client: Client) -> anthropic::Result<()> {
let answer = client.beta().memory_stores().memories().create("memory_store_01", agents::memory_stores::MemoryCreateParams::new("/notes/today.md")).await?;
println!("{answer:?}");
Ok(())
}
}
mod e43 { // crates/anthropic/src/generated/agents/beta_memory_stores_memories.rs
use anthropic::{Client, Upload, types::*};
async fn run(client: Client) -> anthropic::Result<()> {
let answer = client.beta().memory_stores().memories().delete("memory_store_01", "memory_01", agents::memory_stores::MemoryDeleteParams::new("memory_store_01")).await?;
println!("{answer:?}");
Ok(())
}
}
mod e44 { // crates/anthropic/src/generated/agents/beta_memory_stores_memories.rs
use anthropic::{Client, Upload, types::*};
async fn run(client: Client) -> anthropic::Result<()> {
let mut items = client.beta().memory_stores().memories().list("memory_store_01", agents::memory_stores::MemoryListParams::new()).items();
while let Some(item) = items.try_next().await? {
    println!("{item:?}");
}
Ok(())
}
}
mod e45 { // crates/anthropic/src/generated/agents/beta_memory_stores_memories.rs
use anthropic::{Client, Upload, types::*};
async fn run(client: Client) -> anthropic::Result<()> {
let answer = client.beta().memory_stores().memories().retrieve("memory_store_01", "memory_01", agents::memory_stores::MemoryRetrieveParams::new("memory_store_01")).await?;
println!("{answer:?}");
Ok(())
}
}
mod e46 { // crates/anthropic/src/generated/agents/beta_memory_stores_memories.rs
use anthropic::{Client, Upload, types::*};
async fn run(client: Client) -> anthropic::Result<()> {
let answer = client.beta().memory_stores().memories().update("memory_store_01", "memory_01", agents::memory_stores::MemoryUpdateParams::new("memory_store_01")).await?;
println!("{answer:?}");
Ok(())
}
}
mod e47 { // crates/anthropic/src/generated/agents/beta_memory_stores_memory_versions.rs
use anthropic::{Client, Upload, types::*};
async fn run(client: Client) -> anthropic::Result<()> {
let mut items = client.beta().memory_stores().memory_versions().list("memory_store_01", agents::memory_stores::MemoryVersionListParams::new()).items();
while let Some(item) = items.try_next().await? {
    println!("{item:?}");
}
Ok(())
}
}
mod e48 { // crates/anthropic/src/generated/agents/beta_memory_stores_memory_versions.rs
use anthropic::{Client, Upload, types::*};
async fn run(client: Client) -> anthropic::Result<()> {
let answer = client.beta().memory_stores().memory_versions().redact("memory_store_01", "memory_version_01").await?;
println!("{answer:?}");
Ok(())
}
}
mod e49 { // crates/anthropic/src/generated/agents/beta_memory_stores_memory_versions.rs
use anthropic::{Client, Upload, types::*};
async fn run(client: Client) -> anthropic::Result<()> {
let answer = client.beta().memory_stores().memory_versions().retrieve("memory_store_01", "memory_version_01", agents::memory_stores::MemoryVersionRetrieveParams::new("memory_store_01")).await?;
println!("{answer:?}");
Ok(())
}
}
mod e50 { // crates/anthropic/src/generated/agents/beta_sessions.rs
use anthropic::{Client, Upload, types::*};
async fn run(client: Client) -> anthropic::Result<()> {
let answer = client.beta().sessions().archive("session_01").await?;
println!("{answer:?}");
Ok(())
}
}
mod e51 { // crates/anthropic/src/generated/agents/beta_sessions.rs
use anthropic::{Client, Upload, types::*};
async fn run(client: Client) -> anthropic::Result<()> {
let answer = client.beta().sessions().create(agents::SessionCreateParams::new("agent", "environment_01")).await?;
println!("{answer:?}");
Ok(())
}
}
mod e52 { // crates/anthropic/src/generated/agents/beta_sessions.rs
use anthropic::{Client, Upload, types::*};
async fn run(client: Client) -> anthropic::Result<()> {
let answer = client.beta().sessions().delete("session_01").await?;
println!("{answer:?}");
Ok(())
}
}
mod e53 { // crates/anthropic/src/generated/agents/beta_sessions.rs
use anthropic::{Client, Upload, types::*};
async fn run(client: Client) -> anthropic::Result<()> {
let mut items = client.beta().sessions().list(agents::SessionListParams::new()).items();
while let Some(item) = items.try_next().await? {
    println!("{item:?}");
}
Ok(())
}
}
mod e54 { // crates/anthropic/src/generated/agents/beta_sessions.rs
use anthropic::{Client, Upload, types::*};
async fn run(client: Client) -> anthropic::Result<()> {
let answer = client.beta().sessions().retrieve("session_01").await?;
println!("{answer:?}");
Ok(())
}
}
mod e55 { // crates/anthropic/src/generated/agents/beta_sessions.rs
use anthropic::{Client, Upload, types::*};
async fn run(client: Client) -> anthropic::Result<()> {
let answer = client.beta().sessions().update("session_01", agents::SessionUpdateParams::new()).await?;
println!("{answer:?}");
Ok(())
}
}
mod e56 { // crates/anthropic/src/generated/agents/beta_sessions_events.rs
use anthropic::{Client, Upload, types::*};
async fn run(client: Client) -> anthropic::Result<()> {
let mut items = client.beta().sessions().events().list("session_01", agents::sessions::EventListParams::new()).items();
while let Some(item) = items.try_next().await? {
    println!("{item:?}");
}
Ok(())
}
}
mod e57 { // crates/anthropic/src/generated/agents/beta_sessions_events.rs
use anthropic::{Client, Upload, types::*};
async fn run(client: Client) -> anthropic::Result<()> {
let answer = client.beta().sessions().events().send("session_01", agents::sessions::EventSendParams::new([agents::sessions::UserInterruptEventParams::new()])).await?;
println!("{answer:?}");
Ok(())
}
}
mod e58 { // crates/anthropic/src/generated/agents/beta_sessions_events.rs
use anthropic::{Client, Upload, types::*};
async fn run(client: Client) -> anthropic::Result<()> {
let mut events = client.beta().sessions().events().stream("session_01", agents::sessions::EventStreamParams::new()).await?;
while let Some(event) = events.try_next().await? {
    println!("{}", event.type_name());
}
Ok(())
}
}
mod e59 { // crates/anthropic/src/generated/agents/beta_sessions_resources.rs
use anthropic::{Client, Upload, types::*};
async fn run(client: Client) -> anthropic::Result<()> {
let answer = client.beta().sessions().resources().add("session_01", agents::sessions::ResourceAddParams::new("file_01")).await?;
println!("{answer:?}");
Ok(())
}
}
mod e60 { // crates/anthropic/src/generated/agents/beta_sessions_resources.rs
use anthropic::{Client, Upload, types::*};
async fn run(client: Client) -> anthropic::Result<()> {
let answer = client.beta().sessions().resources().delete("session_01", "resource_01").await?;
println!("{answer:?}");
Ok(())
}
}
mod e61 { // crates/anthropic/src/generated/agents/beta_sessions_resources.rs
use anthropic::{Client, Upload, types::*};
async fn run(client: Client) -> anthropic::Result<()> {
let mut items = client.beta().sessions().resources().list("session_01", agents::sessions::ResourceListParams::new()).items();
while let Some(item) = items.try_next().await? {
    println!("{item:?}");
}
Ok(())
}
}
mod e62 { // crates/anthropic/src/generated/agents/beta_sessions_resources.rs
use anthropic::{Client, Upload, types::*};
async fn run(client: Client) -> anthropic::Result<()> {
let answer = client.beta().sessions().resources().retrieve("session_01", "resource_01").await?;
println!("{answer:?}");
Ok(())
}
}
mod e63 { // crates/anthropic/src/generated/agents/beta_sessions_resources.rs
use anthropic::{Client, Upload, types::*};
async fn run(client: Client) -> anthropic::Result<()> {
let answer = client.beta().sessions().resources().update("session_01", "resource_01", agents::sessions::ResourceUpdateParams::new("session_01", "authorization_token")).await?;
println!("{answer:?}");
Ok(())
}
}
mod e64 { // crates/anthropic/src/generated/agents/beta_sessions_threads.rs
use anthropic::{Client, Upload, types::*};
async fn run(client: Client) -> anthropic::Result<()> {
let answer = client.beta().sessions().threads().archive("session_01", "thread_01").await?;
println!("{answer:?}");
Ok(())
}
}
mod e65 { // crates/anthropic/src/generated/agents/beta_sessions_threads.rs
use anthropic::{Client, Upload, types::*};
async fn run(client: Client) -> anthropic::Result<()> {
let mut items = client.beta().sessions().threads().list("session_01", agents::sessions::ThreadListParams::new()).items();
while let Some(item) = items.try_next().await? {
    println!("{item:?}");
}
Ok(())
}
}
mod e66 { // crates/anthropic/src/generated/agents/beta_sessions_threads.rs
use anthropic::{Client, Upload, types::*};
async fn run(client: Client) -> anthropic::Result<()> {
let answer = client.beta().sessions().threads().retrieve("session_01", "thread_01").await?;
println!("{answer:?}");
Ok(())
}
}
mod e67 { // crates/anthropic/src/generated/agents/beta_sessions_threads_events.rs
use anthropic::{Client, Upload, types::*};
async fn run(client: Client) -> anthropic::Result<()> {
let mut items = client.beta().sessions().threads().events().list("session_01", "thread_01", agents::sessions::threads::EventListParams::new("session_01")).items();
while let Some(item) = items.try_next().await? {
    println!("{item:?}");
}
Ok(())
}
}
mod e68 { // crates/anthropic/src/generated/agents/beta_sessions_threads_events.rs
use anthropic::{Client, Upload, types::*};
async fn run(client: Client) -> anthropic::Result<()> {
let mut events = client.beta().sessions().threads().events().stream("session_01", "thread_01", agents::sessions::threads::EventStreamParams::new("session_01")).await?;
while let Some(event) = events.try_next().await? {
    println!("{}", event.type_name());
}
Ok(())
}
}
mod e69 { // crates/anthropic/src/generated/agents/beta_tunnels.rs
use anthropic::{Client, Upload, types::*};
async fn run(client: Client) -> anthropic::Result<()> {
let answer = client.beta().tunnels().archive("tunnel_01").await?;
println!("{answer:?}");
Ok(())
}
}
mod e70 { // crates/anthropic/src/generated/agents/beta_tunnels.rs
use anthropic::{Client, Upload, types::*};
async fn run(client: Client) -> anthropic::Result<()> {
let answer = client.beta().tunnels().create(agents::TunnelCreateParams::new()).await?;
println!("{answer:?}");
Ok(())
}
}
mod e71 { // crates/anthropic/src/generated/agents/beta_tunnels.rs
use anthropic::{Client, Upload, types::*};
async fn run(client: Client) -> anthropic::Result<()> {
let mut items = client.beta().tunnels().list(agents::TunnelListParams::new()).items();
while let Some(item) = items.try_next().await? {
    println!("{item:?}");
}
Ok(())
}
}
mod e72 { // crates/anthropic/src/generated/agents/beta_tunnels.rs
use anthropic::{Client, Upload, types::*};
async fn run(client: Client) -> anthropic::Result<()> {
let answer = client.beta().tunnels().retrieve("tunnel_01").await?;
println!("{answer:?}");
Ok(())
}
}
mod e73 { // crates/anthropic/src/generated/agents/beta_tunnels.rs
use anthropic::{Client, Upload, types::*};
async fn run(client: Client) -> anthropic::Result<()> {
let answer = client.beta().tunnels().reveal_token("tunnel_01").await?;
println!("{answer:?}");
Ok(())
}
}
mod e74 { // crates/anthropic/src/generated/agents/beta_tunnels.rs
use anthropic::{Client, Upload, types::*};
async fn run(client: Client) -> anthropic::Result<()> {
let answer = client.beta().tunnels().rotate_token("tunnel_01", agents::TunnelRotateTokenParams::new()).await?;
println!("{answer:?}");
Ok(())
}
}
mod e75 { // crates/anthropic/src/generated/agents/beta_tunnels_certificates.rs
use anthropic::{Client, Upload, types::*};
async fn run(client: Client) -> anthropic::Result<()> {
let answer = client.beta().tunnels().certificates().archive("tunnel_01", "certificate_01").await?;
println!("{answer:?}");
Ok(())
}
}
mod e76 { // crates/anthropic/src/generated/agents/beta_tunnels_certificates.rs
use anthropic::{Client, Upload, types::*};
async fn run(client: Client) -> anthropic::Result<()> {
let answer = client.beta().tunnels().certificates().create("tunnel_01", agents::tunnels::CertificateCreateParams::new("ca_certificate_pem")).await?;
println!("{answer:?}");
Ok(())
}
}
mod e77 { // crates/anthropic/src/generated/agents/beta_tunnels_certificates.rs
use anthropic::{Client, Upload, types::*};
async fn run(client: Client) -> anthropic::Result<()> {
let mut items = client.beta().tunnels().certificates().list("tunnel_01", agents::tunnels::CertificateListParams::new()).items();
while let Some(item) = items.try_next().await? {
    println!("{item:?}");
}
Ok(())
}
}
mod e78 { // crates/anthropic/src/generated/agents/beta_tunnels_certificates.rs
use anthropic::{Client, Upload, types::*};
async fn run(client: Client) -> anthropic::Result<()> {
let answer = client.beta().tunnels().certificates().retrieve("tunnel_01", "certificate_01").await?;
println!("{answer:?}");
Ok(())
}
}
mod e79 { // crates/anthropic/src/generated/agents/beta_vaults.rs
use anthropic::{Client, Upload, types::*};
async fn run(client: Client) -> anthropic::Result<()> {
let answer = client.beta().vaults().archive("vault_01").await?;
println!("{answer:?}");
Ok(())
}
}
mod e80 { // crates/anthropic/src/generated/agents/beta_vaults.rs
use anthropic::{Client, Upload, types::*};
async fn run(client: Client) -> anthropic::Result<()> {
let answer = client.beta().vaults().create(agents::VaultCreateParams::new("My first one")).await?;
println!("{answer:?}");
Ok(())
}
}
mod e81 { // crates/anthropic/src/generated/agents/beta_vaults.rs
use anthropic::{Client, Upload, types::*};
async fn run(client: Client) -> anthropic::Result<()> {
let answer = client.beta().vaults().delete("vault_01").await?;
println!("{answer:?}");
Ok(())
}
}
mod e82 { // crates/anthropic/src/generated/agents/beta_vaults.rs
use anthropic::{Client, Upload, types::*};
async fn run(client: Client) -> anthropic::Result<()> {
let mut items = client.beta().vaults().list(agents::VaultListParams::new()).items();
while let Some(item) = items.try_next().await? {
    println!("{item:?}");
}
Ok(())
}
}
mod e83 { // crates/anthropic/src/generated/agents/beta_vaults.rs
use anthropic::{Client, Upload, types::*};
async fn run(client: Client) -> anthropic::Result<()> {
let answer = client.beta().vaults().retrieve("vault_01").await?;
println!("{answer:?}");
Ok(())
}
}
mod e84 { // crates/anthropic/src/generated/agents/beta_vaults.rs
use anthropic::{Client, Upload, types::*};
async fn run(client: Client) -> anthropic::Result<()> {
let answer = client.beta().vaults().update("vault_01", agents::VaultUpdateParams::new()).await?;
println!("{answer:?}");
Ok(())
}
}
mod e85 { // crates/anthropic/src/generated/agents/beta_vaults_credentials.rs
use anthropic::{Client, Upload, types::*};
async fn run(client: Client) -> anthropic::Result<()> {
let answer = client.beta().vaults().credentials().archive("vault_01", "credential_01").await?;
println!("{answer:?}");
Ok(())
}
}
mod e86 { // crates/anthropic/src/generated/agents/beta_vaults_credentials.rs
use anthropic::{Client, Upload, types::*};
async fn run(client: Client) -> anthropic::Result<()> {
let answer = client.beta().vaults().credentials().create("vault_01", agents::vaults::CredentialCreateParams::new(agents::vaults::StaticBearerCreateParams::new("token", "mcp_server_url"))).await?;
println!("{answer:?}");
Ok(())
}
}
mod e87 { // crates/anthropic/src/generated/agents/beta_vaults_credentials.rs
use anthropic::{Client, Upload, types::*};
async fn run(client: Client) -> anthropic::Result<()> {
let answer = client.beta().vaults().credentials().delete("vault_01", "credential_01").await?;
println!("{answer:?}");
Ok(())
}
}
mod e88 { // crates/anthropic/src/generated/agents/beta_vaults_credentials.rs
use anthropic::{Client, Upload, types::*};
async fn run(client: Client) -> anthropic::Result<()> {
let mut items = client.beta().vaults().credentials().list("vault_01", agents::vaults::CredentialListParams::new()).items();
while let Some(item) = items.try_next().await? {
    println!("{item:?}");
}
Ok(())
}
}
mod e89 { // crates/anthropic/src/generated/agents/beta_vaults_credentials.rs
use anthropic::{Client, Upload, types::*};
async fn run(client: Client) -> anthropic::Result<()> {
let answer = client.beta().vaults().credentials().mcp_oauth_validate("vault_01", "credential_01").await?;
println!("{answer:?}");
Ok(())
}
}
mod e90 { // crates/anthropic/src/generated/agents/beta_vaults_credentials.rs
use anthropic::{Client, Upload, types::*};
async fn run(client: Client) -> anthropic::Result<()> {
let answer = client.beta().vaults().credentials().retrieve("vault_01", "credential_01").await?;
println!("{answer:?}");
Ok(())
}
}
mod e91 { // crates/anthropic/src/generated/agents/beta_vaults_credentials.rs
use anthropic::{Client, Upload, types::*};
async fn run(client: Client) -> anthropic::Result<()> {
let answer = client.beta().vaults().credentials().update("vault_01", "credential_01", agents::vaults::CredentialUpdateParams::new("vault_01")).await?;
println!("{answer:?}");
Ok(())
}
}
mod e92 { // crates/anthropic/src/generated/core/beta_files.rs
use anthropic::{Client, Upload, types::*};
async fn run(client: Client) -> anthropic::Result<()> {
let answer = client.beta().files().delete("file_011CNha8iCJcU1wXNR6q4V8w").await?;
println!("{answer:?}");
Ok(())
}
}
mod e93 { // crates/anthropic/src/generated/core/beta_files.rs
use anthropic::{Client, Upload, types::*};
async fn run(client: Client) -> anthropic::Result<()> {
let mut bytes = client.beta().files().download("file_011CNha8iCJcU1wXNR6q4V8w").await?;
while let Some(chunk) = bytes.try_next().await? {
    println!("{} bytes", chunk.len());
}
Ok(())
}
}
mod e94 { // crates/anthropic/src/generated/core/beta_files.rs
use anthropic::{Client, Upload, types::*};
async fn run(client: Client) -> anthropic::Result<()> {
let mut items = client.beta().files().list(FileListParams::new()).items();
while let Some(item) = items.try_next().await? {
    println!("{item:?}");
}
Ok(())
}
}
mod e95 { // crates/anthropic/src/generated/core/beta_files.rs
use anthropic::{Client, Upload, types::*};
async fn run(client: Client) -> anthropic::Result<()> {
let answer = client.beta().files().retrieve_metadata("file_011CNha8iCJcU1wXNR6q4V8w").await?;
println!("{answer:?}");
Ok(())
}
}
mod e96 { // crates/anthropic/src/generated/core/beta_files.rs
use anthropic::{Client, Upload, types::*};
async fn run(client: Client) -> anthropic::Result<()> {
let answer = client.beta().files().upload(Upload::from_path("report.pdf")?, FileUploadParams::new()).await?;
println!("{answer:?}");
Ok(())
}
}
mod e97 { // crates/anthropic/src/generated/core/beta_messages.rs
use anthropic::{Client, Upload, types::*};
async fn run(client: Client) -> anthropic::Result<()> {
let answer = client.beta().messages().count_tokens(MessageCountTokensParams::new(Model::CLAUDE_OPUS_5_5).user("Name three rivers.")).await?;
println!("{answer:?}");
Ok(())
}
}
mod e98 { // crates/anthropic/src/generated/core/beta_messages_batches.rs
use anthropic::{Client, Upload, types::*};
async fn run(client: Client) -> anthropic::Result<()> {
let answer = client.beta().messages().batches().cancel("msgbatch_013Zva2CMHLNnXjNJJKqJ2EF").await?;
println!("{answer:?}");
Ok(())
}
}
mod e99 { // crates/anthropic/src/generated/core/beta_messages_batches.rs
use anthropic::{Client, Upload, types::*};
async fn run(client: Client) -> anthropic::Result<()> {
let answer = client.beta().messages().batches().create([BatchRequest::new("first", MessageCreateParams::new(Model::CLAUDE_OPUS_5_5, 1024).user("Name a river."))]).await?;
println!("{answer:?}");
Ok(())
}
}
mod e100 { // crates/anthropic/src/generated/core/beta_messages_batches.rs
use anthropic::{Client, Upload, types::*};
async fn run(client: Client) -> anthropic::Result<()> {
let answer = client.beta().messages().batches().delete("msgbatch_013Zva2CMHLNnXjNJJKqJ2EF").await?;
println!("{answer:?}");
Ok(())
}
}
mod e101 { // crates/anthropic/src/generated/core/beta_messages_batches.rs
use anthropic::{Client, Upload, types::*};
async fn run(client: Client) -> anthropic::Result<()> {
let mut items = client.beta().messages().batches().list(BatchListParams::new()).items();
while let Some(item) = items.try_next().await? {
    println!("{item:?}");
}
Ok(())
}
}
mod e102 { // crates/anthropic/src/generated/core/beta_messages_batches.rs
use anthropic::{Client, Upload, types::*};
async fn run(client: Client) -> anthropic::Result<()> {
let answer = client.beta().messages().batches().retrieve("msgbatch_013Zva2CMHLNnXjNJJKqJ2EF").await?;
println!("{answer:?}");
Ok(())
}
}
mod e103 { // crates/anthropic/src/generated/core/beta_models.rs
use anthropic::{Client, Upload, types::*};
async fn run(client: Client) -> anthropic::Result<()> {
let mut items = client.beta().models().list(ModelListParams::new()).items();
while let Some(item) = items.try_next().await? {
    println!("{item:?}");
}
Ok(())
}
}
mod e104 { // crates/anthropic/src/generated/core/beta_models.rs
use anthropic::{Client, Upload, types::*};
async fn run(client: Client) -> anthropic::Result<()> {
let answer = client.beta().models().retrieve("claude-opus-5-5").await?;
println!("{answer:?}");
Ok(())
}
}
mod e105 { // crates/anthropic/src/generated/core/beta_skills.rs
use anthropic::{Client, Upload, types::*};
async fn run(client: Client) -> anthropic::Result<()> {
let answer = client.beta().skills().create([Upload::from_path("folder/README.md")?], SkillCreateParams::new()).await?;
println!("{answer:?}");
Ok(())
}
}
mod e106 { // crates/anthropic/src/generated/core/beta_skills.rs
use anthropic::{Client, Upload, types::*};
async fn run(client: Client) -> anthropic::Result<()> {
let answer = client.beta().skills().delete("skill_01JAbcdefghijklmnopqrstuv").await?;
println!("{answer:?}");
Ok(())
}
}
mod e107 { // crates/anthropic/src/generated/core/beta_skills.rs
use anthropic::{Client, Upload, types::*};
async fn run(client: Client) -> anthropic::Result<()> {
let mut items = client.beta().skills().list(SkillListParams::new()).items();
while let Some(item) = items.try_next().await? {
    println!("{item:?}");
}
Ok(())
}
}
mod e108 { // crates/anthropic/src/generated/core/beta_skills.rs
use anthropic::{Client, Upload, types::*};
async fn run(client: Client) -> anthropic::Result<()> {
let answer = client.beta().skills().retrieve("skill_01JAbcdefghijklmnopqrstuv").await?;
println!("{answer:?}");
Ok(())
}
}
mod e109 { // crates/anthropic/src/generated/core/beta_skills_versions.rs
use anthropic::{Client, Upload, types::*};
async fn run(client: Client) -> anthropic::Result<()> {
let answer = client.beta().skills().versions().create("skill_01JAbcdefghijklmnopqrstuv", [Upload::from_path("folder/README.md")?]).await?;
println!("{answer:?}");
Ok(())
}
}
mod e110 { // crates/anthropic/src/generated/core/beta_skills_versions.rs
use anthropic::{Client, Upload, types::*};
async fn run(client: Client) -> anthropic::Result<()> {
let answer = client.beta().skills().versions().delete("skill_01JAbcdefghijklmnopqrstuv", "1759178010641129").await?;
println!("{answer:?}");
Ok(())
}
}
mod e111 { // crates/anthropic/src/generated/core/beta_skills_versions.rs
use anthropic::{Client, Upload, types::*};
async fn run(client: Client) -> anthropic::Result<()> {
let mut bytes = client.beta().skills().versions().download("skill_01JAbcdefghijklmnopqrstuv", "1759178010641129").await?;
while let Some(chunk) = bytes.try_next().await? {
    println!("{} bytes", chunk.len());
}
Ok(())
}
}
mod e112 { // crates/anthropic/src/generated/core/beta_skills_versions.rs
use anthropic::{Client, Upload, types::*};
async fn run(client: Client) -> anthropic::Result<()> {
let mut items = client.beta().skills().versions().list("skill_01JAbcdefghijklmnopqrstuv", SkillVersionListParams::new()).items();
while let Some(item) = items.try_next().await? {
    println!("{item:?}");
}
Ok(())
}
}
mod e113 { // crates/anthropic/src/generated/core/beta_skills_versions.rs
use anthropic::{Client, Upload, types::*};
async fn run(client: Client) -> anthropic::Result<()> {
let answer = client.beta().skills().versions().retrieve("skill_01JAbcdefghijklmnopqrstuv", "1759178010641129").await?;
println!("{answer:?}");
Ok(())
}
}
mod e114 { // crates/anthropic/src/generated/core/files.rs
use anthropic::{Client, Upload, types::*};
async fn run(client: Client) -> anthropic::Result<()> {
let answer = client.files().delete("file_011CNha8iCJcU1wXNR6q4V8w").await?;
println!("{answer:?}");
Ok(())
}
}
mod e115 { // crates/anthropic/src/generated/core/files.rs
use anthropic::{Client, Upload, types::*};
async fn run(client: Client) -> anthropic::Result<()> {
let mut bytes = client.files().download("file_011CNha8iCJcU1wXNR6q4V8w").await?;
while let Some(chunk) = bytes.try_next().await? {
    println!("{} bytes", chunk.len());
}
Ok(())
}
}
mod e116 { // crates/anthropic/src/generated/core/files.rs
use anthropic::{Client, Upload, types::*};
async fn run(client: Client) -> anthropic::Result<()> {
let mut items = client.files().list(FileListParams::new()).items();
while let Some(item) = items.try_next().await? {
    println!("{item:?}");
}
Ok(())
}
}
mod e117 { // crates/anthropic/src/generated/core/files.rs
use anthropic::{Client, Upload, types::*};
async fn run(client: Client) -> anthropic::Result<()> {
let answer = client.files().retrieve_metadata("file_011CNha8iCJcU1wXNR6q4V8w").await?;
println!("{answer:?}");
Ok(())
}
}
mod e118 { // crates/anthropic/src/generated/core/files.rs
use anthropic::{Client, Upload, types::*};
async fn run(client: Client) -> anthropic::Result<()> {
let answer = client.files().upload(Upload::from_path("report.pdf")?, FileUploadParams::new()).await?;
println!("{answer:?}");
Ok(())
}
}
mod e119 { // crates/anthropic/src/generated/core/messages.rs
use anthropic::{Client, Upload, types::*};
async fn run(client: Client) -> anthropic::Result<()> {
let answer = client.messages().count_tokens(MessageCountTokensParams::new(Model::CLAUDE_OPUS_5_5).user("Name three rivers.")).await?;
println!("{answer:?}");
Ok(())
}
}
mod e120 { // crates/anthropic/src/generated/core/messages_batches.rs
use anthropic::{Client, Upload, types::*};
async fn run(client: Client) -> anthropic::Result<()> {
let answer = client.messages().batches().cancel("msgbatch_013Zva2CMHLNnXjNJJKqJ2EF").await?;
println!("{answer:?}");
Ok(())
}
}
mod e121 { // crates/anthropic/src/generated/core/messages_batches.rs
use anthropic::{Client, Upload, types::*};
async fn run(client: Client) -> anthropic::Result<()> {
let answer = client.messages().batches().create([BatchRequest::new("first", MessageCreateParams::new(Model::CLAUDE_OPUS_5_5, 1024).user("Name a river."))]).await?;
println!("{answer:?}");
Ok(())
}
}
mod e122 { // crates/anthropic/src/generated/core/messages_batches.rs
use anthropic::{Client, Upload, types::*};
async fn run(client: Client) -> anthropic::Result<()> {
let answer = client.messages().batches().delete("msgbatch_013Zva2CMHLNnXjNJJKqJ2EF").await?;
println!("{answer:?}");
Ok(())
}
}
mod e123 { // crates/anthropic/src/generated/core/messages_batches.rs
use anthropic::{Client, Upload, types::*};
async fn run(client: Client) -> anthropic::Result<()> {
let mut items = client.messages().batches().list(BatchListParams::new()).items();
while let Some(item) = items.try_next().await? {
    println!("{item:?}");
}
Ok(())
}
}
mod e124 { // crates/anthropic/src/generated/core/messages_batches.rs
use anthropic::{Client, Upload, types::*};
async fn run(client: Client) -> anthropic::Result<()> {
let answer = client.messages().batches().retrieve("msgbatch_013Zva2CMHLNnXjNJJKqJ2EF").await?;
println!("{answer:?}");
Ok(())
}
}
mod e125 { // crates/anthropic/src/generated/core/models.rs
use anthropic::{Client, Upload, types::*};
async fn run(client: Client) -> anthropic::Result<()> {
let mut items = client.models().list(ModelListParams::new()).items();
while let Some(item) = items.try_next().await? {
    println!("{item:?}");
}
Ok(())
}
}
mod e126 { // crates/anthropic/src/generated/core/models.rs
use anthropic::{Client, Upload, types::*};
async fn run(client: Client) -> anthropic::Result<()> {
let answer = client.models().retrieve("claude-opus-5-5").await?;
println!("{answer:?}");
Ok(())
}
}
mod e127 { // crates/anthropic/src/generated/core/skills.rs
use anthropic::{Client, Upload, types::*};
async fn run(client: Client) -> anthropic::Result<()> {
let answer = client.skills().create([Upload::from_path("folder/README.md")?], SkillCreateParams::new()).await?;
println!("{answer:?}");
Ok(())
}
}
mod e128 { // crates/anthropic/src/generated/core/skills.rs
use anthropic::{Client, Upload, types::*};
async fn run(client: Client) -> anthropic::Result<()> {
let answer = client.skills().delete("skill_01JAbcdefghijklmnopqrstuv").await?;
println!("{answer:?}");
Ok(())
}
}
mod e129 { // crates/anthropic/src/generated/core/skills.rs
use anthropic::{Client, Upload, types::*};
async fn run(client: Client) -> anthropic::Result<()> {
let mut items = client.skills().list(SkillListParams::new()).items();
while let Some(item) = items.try_next().await? {
    println!("{item:?}");
}
Ok(())
}
}
mod e130 { // crates/anthropic/src/generated/core/skills.rs
use anthropic::{Client, Upload, types::*};
async fn run(client: Client) -> anthropic::Result<()> {
let answer = client.skills().retrieve("skill_01JAbcdefghijklmnopqrstuv").await?;
println!("{answer:?}");
Ok(())
}
}
mod e131 { // crates/anthropic/src/generated/core/skills_versions.rs
use anthropic::{Client, Upload, types::*};
async fn run(client: Client) -> anthropic::Result<()> {
let answer = client.skills().versions().create("skill_01JAbcdefghijklmnopqrstuv", [Upload::from_path("folder/README.md")?]).await?;
println!("{answer:?}");
Ok(())
}
}
mod e132 { // crates/anthropic/src/generated/core/skills_versions.rs
use anthropic::{Client, Upload, types::*};
async fn run(client: Client) -> anthropic::Result<()> {
let answer = client.skills().versions().delete("skill_01JAbcdefghijklmnopqrstuv", "1759178010641129").await?;
println!("{answer:?}");
Ok(())
}
}
mod e133 { // crates/anthropic/src/generated/core/skills_versions.rs
use anthropic::{Client, Upload, types::*};
async fn run(client: Client) -> anthropic::Result<()> {
let mut items = client.skills().versions().list("skill_01JAbcdefghijklmnopqrstuv", SkillVersionListParams::new()).items();
while let Some(item) = items.try_next().await? {
    println!("{item:?}");
}
Ok(())
}
}
mod e134 { // crates/anthropic/src/generated/core/skills_versions.rs
use anthropic::{Client, Upload, types::*};
async fn run(client: Client) -> anthropic::Result<()> {
let answer = client.skills().versions().retrieve("skill_01JAbcdefghijklmnopqrstuv", "1759178010641129").await?;
println!("{answer:?}");
Ok(())
}
}
mod e135 { // crates/anthropic/src/generated/organization/beta_organization.rs
use anthropic::{Client, Upload, types::*};
async fn run(client: Client) -> anthropic::Result<()> {
let answer = client.beta().organization().retrieve().await?;
println!("{answer:?}");
Ok(())
}
}
mod e136 { // crates/anthropic/src/generated/organization/beta_organization_analytics_apps_chat_projects.rs
use anthropic::{Client, Upload, types::*};
async fn run(client: Client) -> anthropic::Result<()> {
let mut items = client.beta().organization().analytics().apps().chat().projects().list(organization::analytics::apps::chat::ProjectListParams::new()).items();
while let Some(item) = items.try_next().await? {
    println!("{item:?}");
}
Ok(())
}
}
mod e137 { // crates/anthropic/src/generated/organization/beta_organization_analytics_artifacts.rs
use anthropic::{Client, Upload, types::*};
async fn run(client: Client) -> anthropic::Result<()> {
let mut items = client.beta().organization().analytics().artifacts().list(organization::analytics::ArtifactListParams::new("date")).items();
while let Some(item) = items.try_next().await? {
    println!("{item:?}");
}
Ok(())
}
}
mod e138 { // crates/anthropic/src/generated/organization/beta_organization_analytics_connectors.rs
use anthropic::{Client, Upload, types::*};
async fn run(client: Client) -> anthropic::Result<()> {
let mut items = client.beta().organization().analytics().connectors().list(organization::analytics::ConnectorListParams::new()).items();
while let Some(item) = items.try_next().await? {
    println!("{item:?}");
}
Ok(())
}
}
mod e139 { // crates/anthropic/src/generated/organization/beta_organization_analytics_cost.rs
use anthropic::{Client, Upload, types::*};
async fn run(client: Client) -> anthropic::Result<()> {
let mut items = client.beta().organization().analytics().cost().list(organization::analytics::CostListParams::new(Timestamp::parse("2026-10-01T00:00:00Z"))).items();
while let Some(item) = items.try_next().await? {
    println!("{item:?}");
}
Ok(())
}
}
mod e140 { // crates/anthropic/src/generated/organization/beta_organization_analytics_cost_report.rs
use anthropic::{Client, Upload, types::*};
async fn run(client: Client) -> anthropic::Result<()> {
let mut items = client.beta().organization().analytics().cost_report().list(organization::analytics::CostReportListParams::new(Timestamp::parse("2026-10-01T00:00:00Z"))).items();
while let Some(item) = items.try_next().await? {
    println!("{item:?}");
}
Ok(())
}
}
mod e141 { // crates/anthropic/src/generated/organization/beta_organization_analytics_plugins.rs
use anthropic::{Client, Upload, types::*};
async fn run(client: Client) -> anthropic::Result<()> {
let mut items = client.beta().organization().analytics().plugins().list(organization::analytics::PluginListParams::new()).items();
while let Some(item) = items.try_next().await? {
    println!("{item:?}");
}
Ok(())
}
}
mod e142 { // crates/anthropic/src/generated/organization/beta_organization_analytics_skills.rs
use anthropic::{Client, Upload, types::*};
async fn run(client: Client) -> anthropic::Result<()> {
let mut items = client.beta().organization().analytics().skills().list(organization::analytics::SkillListParams::new()).items();
while let Some(item) = items.try_next().await? {
    println!("{item:?}");
}
Ok(())
}
}
mod e143 { // crates/anthropic/src/generated/organization/beta_organization_analytics_summaries.rs
use anthropic::{Client, Upload, types::*};
async fn run(client: Client) -> anthropic::Result<()> {
let mut items = client.beta().organization().analytics().summaries().list(organization::analytics::SummaryListParams::new("starting_date")).items();
while let Some(item) = items.try_next().await? {
    println!("{item:?}");
}
Ok(())
}
}
mod e144 { // crates/anthropic/src/generated/organization/beta_organization_analytics_usage.rs
use anthropic::{Client, Upload, types::*};
async fn run(client: Client) -> anthropic::Result<()> {
let mut items = client.beta().organization().analytics().usage().list(organization::analytics::UsageListParams::new(Timestamp::parse("2026-10-01T00:00:00Z"))).items();
while let Some(item) = items.try_next().await? {
    println!("{item:?}");
}
Ok(())
}
}
mod e145 { // crates/anthropic/src/generated/organization/beta_organization_analytics_usage_report.rs
use anthropic::{Client, Upload, types::*};
async fn run(client: Client) -> anthropic::Result<()> {
let mut items = client.beta().organization().analytics().usage_report().list(organization::analytics::UsageReportListParams::new(Timestamp::parse("2026-10-01T00:00:00Z"))).items();
while let Some(item) = items.try_next().await? {
    println!("{item:?}");
}
Ok(())
}
}
mod e146 { // crates/anthropic/src/generated/organization/beta_organization_analytics_user_cost_report.rs
use anthropic::{Client, Upload, types::*};
async fn run(client: Client) -> anthropic::Result<()> {
let mut items = client.beta().organization().analytics().user_cost_report().list(organization::analytics::UserCostReportListParams::new(Timestamp::parse("2026-10-01T00:00:00Z"))).items();
while let Some(item) = items.try_next().await? {
    println!("{item:?}");
}
Ok(())
}
}
mod e147 { // crates/anthropic/src/generated/organization/beta_organization_analytics_user_usage_report.rs
use anthropic::{Client, Upload, types::*};
async fn run(client: Client) -> anthropic::Result<()> {
let mut items = client.beta().organization().analytics().user_usage_report().list(organization::analytics::UserUsageReportListParams::new(Timestamp::parse("2026-10-01T00:00:00Z"))).items();
while let Some(item) = items.try_next().await? {
    println!("{item:?}");
}
Ok(())
}
}
mod e148 { // crates/anthropic/src/generated/organization/beta_organization_analytics_users.rs
use anthropic::{Client, Upload, types::*};
async fn run(client: Client) -> anthropic::Result<()> {
let mut items = client.beta().organization().analytics().users().list(organization::analytics::UserListParams::new()).items();
while let Some(item) = items.try_next().await? {
    println!("{item:?}");
}
Ok(())
}
}
mod e149 { // crates/anthropic/src/generated/organization/beta_organization_api_keys.rs
use anthropic::{Client, Upload, types::*};
async fn run(client: Client) -> anthropic::Result<()> {
let mut items = client.beta().organization().api_keys().list(organization::APIKeyListParams::new()).items();
while let Some(item) = items.try_next().await? {
    println!("{item:?}");
}
Ok(())
}
}
mod e150 { // crates/anthropic/src/generated/organization/beta_organization_api_keys.rs
use anthropic::{Client, Upload, types::*};
async fn run(client: Client) -> anthropic::Result<()> {
let answer = client.beta().organization().api_keys().retrieve("api_key_01").await?;
println!("{answer:?}");
Ok(())
}
}
mod e151 { // crates/anthropic/src/generated/organization/beta_organization_api_keys.rs
use anthropic::{Client, Upload, types::*};
async fn run(client: Client) -> anthropic::Result<()> {
let answer = client.beta().organization().api_keys().update("api_key_01", organization::APIKeyUpdateParams::new()).await?;
println!("{answer:?}");
Ok(())
}
}
mod e152 { // crates/anthropic/src/generated/organization/beta_organization_claude_code_managed_settings_configuration.rs
use anthropic::{Client, Upload, types::*};
async fn run(client: Client) -> anthropic::Result<()> {
let answer = client.beta().organization().claude_code().managed_settings().configuration().retrieve().await?;
println!("{answer:?}");
Ok(())
}
}
mod e153 { // crates/anthropic/src/generated/organization/beta_organization_claude_code_managed_settings_configuration.rs
use anthropic::{Client, Upload, types::*};
async fn run(client: Client) -> anthropic::Result<()> {
let answer = client.beta().organization().claude_code().managed_settings().configuration().update(organization::claude_code::managed_settings::ConfigurationUpdateParams::new()).await?;
println!("{answer:?}");
Ok(())
}
}
mod e154 { // crates/anthropic/src/generated/organization/beta_organization_claude_code_managed_settings_rbac_group_default.rs
use anthropic::{Client, Upload, types::*};
async fn run(client: Client) -> anthropic::Result<()> {
let answer = client.beta().organization().claude_code().managed_settings().rbac_group_default().retrieve().await?;
println!("{answer:?}");
Ok(())
}
}
mod e155 { // crates/anthropic/src/generated/organization/beta_organization_claude_code_managed_settings_rbac_group_default.rs
use anthropic::{Client, Upload, types::*};
async fn run(client: Client) -> anthropic::Result<()> {
let answer = client.beta().organization().claude_code().managed_settings().rbac_group_default().update(organization::claude_code::managed_settings::RBACGroupDefaultUpdateParams::new()).await?;
println!("{answer:?}");
Ok(())
}
}
mod e156 { // crates/anthropic/src/generated/organization/beta_organization_claude_code_managed_settings_rbac_groups.rs
use anthropic::{Client, Upload, types::*};
async fn run(client: Client) -> anthropic::Result<()> {
let answer = client.beta().organization().claude_code().managed_settings().rbac_groups().delete("rbac_group_01").await?;
println!("{answer:?}");
Ok(())
}
}
mod e157 { // crates/anthropic/src/generated/organization/beta_organization_claude_code_managed_settings_rbac_groups.rs
use anthropic::{Client, Upload, types::*};
async fn run(client: Client) -> anthropic::Result<()> {
let mut items = client.beta().organization().claude_code().managed_settings().rbac_groups().list(organization::claude_code::managed_settings::RBACGroupListParams::new()).items();
while let Some(item) = items.try_next().await? {
    println!("{item:?}");
}
Ok(())
}
}
mod e158 { // crates/anthropic/src/generated/organization/beta_organization_claude_code_managed_settings_rbac_groups.rs
use anthropic::{Client, Upload, types::*};
async fn run(client: Client) -> anthropic::Result<()> {
let answer = client.beta().organization().claude_code().managed_settings().rbac_groups().retrieve("rbac_group_01").await?;
println!("{answer:?}");
Ok(())
}
}
mod e159 { // crates/anthropic/src/generated/organization/beta_organization_claude_code_managed_settings_rbac_groups.rs
use anthropic::{Client, Upload, types::*};
async fn run(client: Client) -> anthropic::Result<()> {
let answer = client.beta().organization().claude_code().managed_settings().rbac_groups().set("rbac_group_01", organization::claude_code::managed_settings::RBACGroupSetParams::new(serde_json::json!({}))).await?;
println!("{answer:?}");
Ok(())
}
}
mod e160 { // crates/anthropic/src/generated/organization/beta_organization_claude_tag_bundles.rs
use anthropic::{Client, Upload, types::*};
async fn run(client: Client) -> anthropic::Result<()> {
let mut items = client.beta().organization().claude_tag().bundles().list(organization::claude_tag::BundleListParams::new()).items();
while let Some(item) = items.try_next().await? {
    println!("{item:?}");
}
Ok(())
}
}
mod e161 { // crates/anthropic/src/generated/organization/beta_organization_claude_tag_bundles.rs
use anthropic::{Client, Upload, types::*};
async fn run(client: Client) -> anthropic::Result<()> {
let answer = client.beta().organization().claude_tag().bundles().retrieve("bundle_01").await?;
println!("{answer:?}");
Ok(())
}
}
mod e162 { // crates/anthropic/src/generated/organization/beta_organization_claude_tag_bundles.rs
use anthropic::{Client, Upload, types::*};
async fn run(client: Client) -> anthropic::Result<()> {
let answer = client.beta().organization().claude_tag().bundles().update("bundle_01", organization::claude_tag::BundleUpdateParams::new()).await?;
println!("{answer:?}");
Ok(())
}
}
mod e163 { // crates/anthropic/src/generated/organization/beta_organization_claude_tag_bundles_targets.rs
use anthropic::{Client, Upload, types::*};
async fn run(client: Client) -> anthropic::Result<()> {
let answer = client.beta().organization().claude_tag().bundles().targets().create("bundle_01", organization::claude_tag::bundles::ClaudeTagSlackChannelBundleTargetCreate::new("slack_channel_01")).await?;
println!("{answer:?}");
Ok(())
}
}
mod e164 { // crates/anthropic/src/generated/organization/beta_organization_claude_tag_bundles_targets.rs
use anthropic::{Client, Upload, types::*};
async fn run(client: Client) -> anthropic::Result<()> {
let answer = client.beta().organization().claude_tag().bundles().targets().delete("bundle_01", "target_01").await?;
println!("{answer:?}");
Ok(())
}
}
mod e165 { // crates/anthropic/src/generated/organization/beta_organization_claude_tag_bundles_targets.rs
use anthropic::{Client, Upload, types::*};
async fn run(client: Client) -> anthropic::Result<()> {
let mut items = client.beta().organization().claude_tag().bundles().targets().list("bundle_01", organization::claude_tag::bundles::TargetListParams::new()).items();
while let Some(item) = items.try_next().await? {
    println!("{item:?}");
}
Ok(())
}
}
mod e166 { // crates/anthropic/src/generated/organization/beta_organization_claude_tag_bundles_targets.rs
use anthropic::{Client, Upload, types::*};
async fn run(client: Client) -> anthropic::Result<()> {
let answer = client.beta().organization().claude_tag().bundles().targets().retrieve("bundle_01", "target_01").await?;
println!("{answer:?}");
Ok(())
}
}
mod e167 { // crates/anthropic/src/generated/organization/beta_organization_claude_tag_slack_channels.rs
use anthropic::{Client, Upload, types::*};
async fn run(client: Client) -> anthropic::Result<()> {
let answer = client.beta().organization().claude_tag().slack_channels().create(organization::claude_tag::SlackChannelCreateParams::new(organization::ClaudeTagSlackChannelIdentifiers::new("channel_01", "workspace_01"))).await?;
println!("{answer:?}");
Ok(())
}
}
mod e168 { // crates/anthropic/src/generated/organization/beta_organization_claude_tag_slack_channels.rs
use anthropic::{Client, Upload, types::*};
async fn run(client: Client) -> anthropic::Result<()> {
let answer = client.beta().organization().claude_tag().slack_channels().delete("id_01").await?;
println!("{answer:?}");
Ok(())
}
}
mod e169 { // crates/anthropic/src/generated/organization/beta_organization_claude_tag_slack_channels.rs
use anthropic::{Client, Upload, types::*};
async fn run(client: Client) -> anthropic::Result<()> {
let mut items = client.beta().organization().claude_tag().slack_channels().list(organization::claude_tag::SlackChannelListParams::new("slack_workspace_01")).items();
while let Some(item) = items.try_next().await? {
    println!("{item:?}");
}
Ok(())
}
}
mod e170 { // crates/anthropic/src/generated/organization/beta_organization_claude_tag_slack_channels.rs
use anthropic::{Client, Upload, types::*};
async fn run(client: Client) -> anthropic::Result<()> {
let answer = client.beta().organization().claude_tag().slack_channels().retrieve("id_01", organization::claude_tag::SlackChannelRetrieveParams::new()).await?;
println!("{answer:?}");
Ok(())
}
}
mod e171 { // crates/anthropic/src/generated/organization/beta_organization_claude_tag_slack_channels.rs
use anthropic::{Client, Upload, types::*};
async fn run(client: Client) -> anthropic::Result<()> {
let answer = client.beta().organization().claude_tag().slack_channels().update("id_01", organization::claude_tag::SlackChannelUpdateParams::new(organization::ClaudeTagSettingsUpdate::new())).await?;
println!("{answer:?}");
Ok(())
}
}
mod e172 { // crates/anthropic/src/generated/organization/beta_organization_claude_tag_slack_workspaces.rs
use anthropic::{Client, Upload, types::*};
async fn run(client: Client) -> anthropic::Result<()> {
let mut items = client.beta().organization().claude_tag().slack_workspaces().list(organization::claude_tag::SlackWorkspaceListParams::new()).items();
while let Some(item) = items.try_next().await? {
    println!("{item:?}");
}
Ok(())
}
}
mod e173 { // crates/anthropic/src/generated/organization/beta_organization_claude_tag_slack_workspaces.rs
use anthropic::{Client, Upload, types::*};
async fn run(client: Client) -> anthropic::Result<()> {
let answer = client.beta().organization().claude_tag().slack_workspaces().retrieve("id_01", organization::claude_tag::SlackWorkspaceRetrieveParams::new()).await?;
println!("{answer:?}");
Ok(())
}
}
mod e174 { // crates/anthropic/src/generated/organization/beta_organization_claude_tag_slack_workspaces.rs
use anthropic::{Client, Upload, types::*};
async fn run(client: Client) -> anthropic::Result<()> {
let answer = client.beta().organization().claude_tag().slack_workspaces().update("id_01", organization::claude_tag::SlackWorkspaceUpdateParams::new(organization::ClaudeTagSettingsUpdate::new())).await?;
println!("{answer:?}");
Ok(())
}
}
mod e175 { // crates/anthropic/src/generated/organization/beta_organization_compliance_settings.rs
use anthropic::{Client, Upload, types::*};
async fn run(client: Client) -> anthropic::Result<()> {
let answer = client.beta().organization().compliance_settings().retrieve().await?;
println!("{answer:?}");
Ok(())
}
}
mod e176 { // crates/anthropic/src/generated/organization/beta_organization_compliance_settings.rs
use anthropic::{Client, Upload, types::*};
async fn run(client: Client) -> anthropic::Result<()> {
let answer = client.beta().organization().compliance_settings().update(organization::ComplianceSettingUpdateParams::new(organization::ComplianceSettingsStateEnabled::new())).await?;
println!("{answer:?}");
Ok(())
}
}
mod e177 { // crates/anthropic/src/generated/organization/beta_organization_external_keys.rs
use anthropic::{Client, Upload, types::*};
async fn run(client: Client) -> anthropic::Result<()> {
let answer = client.beta().organization().external_keys().create(organization::ExternalKeyCreateParams::new(organization::AWSExternalKeyConfig::new("kms_arn"))).await?;
println!("{answer:?}");
Ok(())
}
}
mod e178 { // crates/anthropic/src/generated/organization/beta_organization_external_keys.rs
use anthropic::{Client, Upload, types::*};
async fn run(client: Client) -> anthropic::Result<()> {
let answer = client.beta().organization().external_keys().delete("external_key_01").await?;
println!("{answer:?}");
Ok(())
}
}
mod e179 { // crates/anthropic/src/generated/organization/beta_organization_external_keys.rs
use anthropic::{Client, Upload, types::*};
async fn run(client: Client) -> anthropic::Result<()> {
let mut items = client.beta().organization().external_keys().list(organization::ExternalKeyListParams::new()).items();
while let Some(item) = items.try_next().await? {
    println!("{item:?}");
}
Ok(())
}
}
mod e180 { // crates/anthropic/src/generated/organization/beta_organization_external_keys.rs
use anthropic::{Client, Upload, types::*};
async fn run(client: Client) -> anthropic::Result<()> {
let answer = client.beta().organization().external_keys().retrieve("external_key_01").await?;
println!("{answer:?}");
Ok(())
}
}
mod e181 { // crates/anthropic/src/generated/organization/beta_organization_external_keys.rs
use anthropic::{Client, Upload, types::*};
async fn run(client: Client) -> anthropic::Result<()> {
let answer = client.beta().organization().external_keys().update("external_key_01", organization::ExternalKeyUpdateParams::new()).await?;
println!("{answer:?}");
Ok(())
}
}
mod e182 { // crates/anthropic/src/generated/organization/beta_organization_external_keys.rs
use anthropic::{Client, Upload, types::*};
async fn run(client: Client) -> anthropic::Result<()> {
let answer = client.beta().organization().external_keys().validate("external_key_01").await?;
println!("{answer:?}");
Ok(())
}
}
mod e183 { // crates/anthropic/src/generated/organization/beta_organization_federation_issuers.rs
use anthropic::{Client, Upload, types::*};
async fn run(client: Client) -> anthropic::Result<()> {
let answer = client.beta().organization().federation().issuers().archive("federation_issuer_01").await?;
println!("{answer:?}");
Ok(())
}
}
mod e184 { // crates/anthropic/src/generated/organization/beta_organization_federation_issuers.rs
use anthropic::{Client, Upload, types::*};
async fn run(client: Client) -> anthropic::Result<()> {
let answer = client.beta().organization().federation().issuers().create(organization::federation::IssuerCreateParams::new("issuer_url", "My first one")).await?;
println!("{answer:?}");
Ok(())
}
}
mod e185 { // crates/anthropic/src/generated/organization/beta_organization_federation_issuers.rs
use anthropic::{Client, Upload, types::*};
async fn run(client: Client) -> anthropic::Result<()> {
let mut items = client.beta().organization().federation().issuers().list(organization::federation::IssuerListParams::new()).items();
while let Some(item) = items.try_next().await? {
    println!("{item:?}");
}
Ok(())
}
}
mod e186 { // crates/anthropic/src/generated/organization/beta_organization_federation_issuers.rs
use anthropic::{Client, Upload, types::*};
async fn run(client: Client) -> anthropic::Result<()> {
let answer = client.beta().organization().federation().issuers().retrieve("federation_issuer_01").await?;
println!("{answer:?}");
Ok(())
}
}
mod e187 { // crates/anthropic/src/generated/organization/beta_organization_federation_issuers.rs
use anthropic::{Client, Upload, types::*};
async fn run(client: Client) -> anthropic::Result<()> {
let answer = client.beta().organization().federation().issuers().update("federation_issuer_01", organization::federation::IssuerUpdateParams::new()).await?;
println!("{answer:?}");
Ok(())
}
}
mod e188 { // crates/anthropic/src/generated/organization/beta_organization_federation_rules.rs
use anthropic::{Client, Upload, types::*};
async fn run(client: Client) -> anthropic::Result<()> {
let answer = client.beta().organization().federation().rules().archive("federation_rule_01").await?;
println!("{answer:?}");
Ok(())
}
}
mod e189 { // crates/anthropic/src/generated/organization/beta_organization_federation_rules.rs
use anthropic::{Client, Upload, types::*};
async fn run(client: Client) -> anthropic::Result<()> {
let answer = client.beta().organization().federation().rules().create(organization::federation::RuleCreateParams::new("issuer_01", organization::federation::FederationRuleMatch::new(), "My first one", "oauth_scope", organization::federation::ServiceAccountTarget::new("service_account_01"))).await?;
println!("{answer:?}");
Ok(())
}
}
mod e190 { // crates/anthropic/src/generated/organization/beta_organization_federation_rules.rs
use anthropic::{Client, Upload, types::*};
async fn run(client: Client) -> anthropic::Result<()> {
let mut items = client.beta().organization().federation().rules().list(organization::federation::RuleListParams::new()).items();
while let Some(item) = items.try_next().await? {
    println!("{item:?}");
}
Ok(())
}
}
mod e191 { // crates/anthropic/src/generated/organization/beta_organization_federation_rules.rs
use anthropic::{Client, Upload, types::*};
async fn run(client: Client) -> anthropic::Result<()> {
let answer = client.beta().organization().federation().rules().retrieve("federation_rule_01").await?;
println!("{answer:?}");
Ok(())
}
}
mod e192 { // crates/anthropic/src/generated/organization/beta_organization_federation_rules.rs
use anthropic::{Client, Upload, types::*};
async fn run(client: Client) -> anthropic::Result<()> {
let answer = client.beta().organization().federation().rules().update("federation_rule_01", organization::federation::RuleUpdateParams::new()).await?;
println!("{answer:?}");
Ok(())
}
}
mod e193 { // crates/anthropic/src/generated/organization/beta_organization_federation_rules_workspaces.rs
use anthropic::{Client, Upload, types::*};
async fn run(client: Client) -> anthropic::Result<()> {
let answer = client.beta().organization().federation().rules().workspaces().add("federation_rule_01").await?;
println!("{answer:?}");
Ok(())
}
}
mod e194 { // crates/anthropic/src/generated/organization/beta_organization_federation_rules_workspaces.rs
use anthropic::{Client, Upload, types::*};
async fn run(client: Client) -> anthropic::Result<()> {
let mut items = client.beta().organization().federation().rules().workspaces().list("federation_rule_01", organization::federation::rules::WorkspaceListParams::new()).items();
while let Some(item) = items.try_next().await? {
    println!("{item:?}");
}
Ok(())
}
}
mod e195 { // crates/anthropic/src/generated/organization/beta_organization_federation_rules_workspaces.rs
use anthropic::{Client, Upload, types::*};
async fn run(client: Client) -> anthropic::Result<()> {
let answer = client.beta().organization().federation().rules().workspaces().remove("federation_rule_01", "workspace_01").await?;
println!("{answer:?}");
Ok(())
}
}
mod e196 { // crates/anthropic/src/generated/organization/beta_organization_invites.rs
use anthropic::{Client, Upload, types::*};
async fn run(client: Client) -> anthropic::Result<()> {
let answer = client.beta().organization().invites().create(organization::InviteCreateParams::new("ada@example.com", "billing")).await?;
println!("{answer:?}");
Ok(())
}
}
mod e197 { // crates/anthropic/src/generated/organization/beta_organization_invites.rs
use anthropic::{Client, Upload, types::*};
async fn run(client: Client) -> anthropic::Result<()> {
let answer = client.beta().organization().invites().delete("invite_01").await?;
println!("{answer:?}");
Ok(())
}
}
mod e198 { // crates/anthropic/src/generated/organization/beta_organization_invites.rs
use anthropic::{Client, Upload, types::*};
async fn run(client: Client) -> anthropic::Result<()> {
let mut items = client.beta().organization().invites().list(organization::InviteListParams::new()).items();
while let Some(item) = items.try_next().await? {
    println!("{item:?}");
}
Ok(())
}
}
mod e199 { // crates/anthropic/src/generated/organization/beta_organization_invites.rs
use anthropic::{Client, Upload, types::*};
async fn run(client: Client) -> anthropic::Result<()> {
let answer = client.beta().organization().invites().retrieve("invite_01").await?;
println!("{answer:?}");
Ok(())
}
}
mod e200 { // crates/anthropic/src/generated/organization/beta_organization_plugin_marketplaces.rs
use anthropic::{Client, Upload, types::*};
async fn run(client: Client) -> anthropic::Result<()> {
let mut items = client.beta().organization().plugin_marketplaces().list(organization::PluginMarketplaceListParams::new()).items();
while let Some(item) = items.try_next().await? {
    println!("{item:?}");
}
Ok(())
}
}
mod e201 { // crates/anthropic/src/generated/organization/beta_organization_plugin_marketplaces.rs
use anthropic::{Client, Upload, types::*};
async fn run(client: Client) -> anthropic::Result<()> {
let answer = client.beta().organization().plugin_marketplaces().retrieve("marketplace_01", organization::PluginMarketplaceRetrieveParams::new()).await?;
println!("{answer:?}");
Ok(())
}
}
mod e202 { // crates/anthropic/src/generated/organization/beta_organization_plugin_marketplaces.rs
use anthropic::{Client, Upload, types::*};
async fn run(client: Client) -> anthropic::Result<()> {
let answer = client.beta().organization().plugin_marketplaces().update("marketplace_01", organization::PluginMarketplaceUpdateParams::new("auto_install")).await?;
println!("{answer:?}");
Ok(())
}
}
mod e203 { // crates/anthropic/src/generated/organization/beta_organization_plugin_marketplaces.rs
use anthropic::{Client, Upload, types::*};
async fn run(client: Client) -> anthropic::Result<()> {
let answer = client.beta().organization().plugin_marketplaces().validate_archive(Upload::from_path("marketplace.zip")?).await?;
println!("{answer:?}");
Ok(())
}
}
mod e204 { // crates/anthropic/src/generated/organization/beta_organization_plugin_marketplaces.rs
use anthropic::{Client, Upload, types::*};
async fn run(client: Client) -> anthropic::Result<()> {
let answer = client.beta().organization().plugin_marketplaces().validate_repository(organization::PluginMarketplaceValidateRepositoryParams::new("repository_url")).await?;
println!("{answer:?}");
Ok(())
}
}
mod e205 { // crates/anthropic/src/generated/organization/beta_organization_plugins.rs
use anthropic::{Client, Upload, types::*};
async fn run(client: Client) -> anthropic::Result<()> {
let answer = client.beta().organization().plugins().create([Upload::from_path("folder/README.md")?], organization::PluginCreateParams::new()).await?;
println!("{answer:?}");
Ok(())
}
}
mod e206 { // crates/anthropic/src/generated/organization/beta_organization_plugins.rs
use anthropic::{Client, Upload, types::*};
async fn run(client: Client) -> anthropic::Result<()> {
let answer = client.beta().organization().plugins().delete("plugin_01").await?;
println!("{answer:?}");
Ok(())
}
}
mod e207 { // crates/anthropic/src/generated/organization/beta_organization_plugins.rs
use anthropic::{Client, Upload, types::*};
async fn run(client: Client) -> anthropic::Result<()> {
let mut items = client.beta().organization().plugins().list(organization::PluginListParams::new()).items();
while let Some(item) = items.try_next().await? {
    println!("{item:?}");
}
Ok(())
}
}
mod e208 { // crates/anthropic/src/generated/organization/beta_organization_plugins.rs
use anthropic::{Client, Upload, types::*};
async fn run(client: Client) -> anthropic::Result<()> {
let answer = client.beta().organization().plugins().retrieve("plugin_01", organization::PluginRetrieveParams::new()).await?;
println!("{answer:?}");
Ok(())
}
}
mod e209 { // crates/anthropic/src/generated/organization/beta_organization_plugins.rs
use anthropic::{Client, Upload, types::*};
async fn run(client: Client) -> anthropic::Result<()> {
let answer = client.beta().organization().plugins().update("plugin_01", organization::PluginUpdateParams::new("served_version_01")).await?;
println!("{answer:?}");
Ok(())
}
}
mod e210 { // crates/anthropic/src/generated/organization/beta_organization_plugins_installation_settings.rs
use anthropic::{Client, Upload, types::*};
async fn run(client: Client) -> anthropic::Result<()> {
let mut items = client.beta().organization().plugins().installation_settings().list("plugin_01", organization::plugins::InstallationSettingListParams::new()).items();
while let Some(item) = items.try_next().await? {
    println!("{item:?}");
}
Ok(())
}
}
mod e211 { // crates/anthropic/src/generated/organization/beta_organization_plugins_installation_settings.rs
use anthropic::{Client, Upload, types::*};
async fn run(client: Client) -> anthropic::Result<()> {
let answer = client.beta().organization().plugins().installation_settings().remove("plugin_01", "target_01").await?;
println!("{answer:?}");
Ok(())
}
}
mod e212 { // crates/anthropic/src/generated/organization/beta_organization_plugins_installation_settings.rs
use anthropic::{Client, Upload, types::*};
async fn run(client: Client) -> anthropic::Result<()> {
let answer = client.beta().organization().plugins().installation_settings().set("plugin_01", "target_01", organization::plugins::InstallationSettingSetParams::new("plugin_01", "auto_install")).await?;
println!("{answer:?}");
Ok(())
}
}
mod e213 { // crates/anthropic/src/generated/organization/beta_organization_plugins_shares.rs
use anthropic::{Client, Upload, types::*};
async fn run(client: Client) -> anthropic::Result<()> {
let mut items = client.beta().organization().plugins().shares().list("plugin_01", organization::plugins::ShareListParams::new()).items();
while let Some(item) = items.try_next().await? {
    println!("{item:?}");
}
Ok(())
}
}
mod e214 { // crates/anthropic/src/generated/organization/beta_organization_plugins_versions.rs
use anthropic::{Client, Upload, types::*};
async fn run(client: Client) -> anthropic::Result<()> {
let answer = client.beta().organization().plugins().versions().create("plugin_01", [Upload::from_path("folder/README.md")?], organization::plugins::VersionCreateParams::new()).await?;
println!("{answer:?}");
Ok(())
}
}
mod e215 { // crates/anthropic/src/generated/organization/beta_organization_plugins_versions.rs
use anthropic::{Client, Upload, types::*};
async fn run(client: Client) -> anthropic::Result<()> {
let mut bytes = client.beta().organization().plugins().versions().download("plugin_01", "1759178010641129", organization::plugins::VersionDownloadParams::new("plugin_01")).await?;
while let Some(chunk) = bytes.try_next().await? {
    println!("{} bytes", chunk.len());
}
Ok(())
}
}
mod e216 { // crates/anthropic/src/generated/organization/beta_organization_plugins_versions.rs
use anthropic::{Client, Upload, types::*};
async fn run(client: Client) -> anthropic::Result<()> {
let mut items = client.beta().organization().plugins().versions().list("plugin_01", organization::plugins::VersionListParams::new()).items();
while let Some(item) = items.try_next().await? {
    println!("{item:?}");
}
Ok(())
}
}
mod e217 { // crates/anthropic/src/generated/organization/beta_organization_plugins_versions.rs
use anthropic::{Client, Upload, types::*};
async fn run(client: Client) -> anthropic::Result<()> {
let answer = client.beta().organization().plugins().versions().retrieve("plugin_01", "1759178010641129", organization::plugins::VersionRetrieveParams::new("plugin_01")).await?;
println!("{answer:?}");
Ok(())
}
}
mod e218 { // crates/anthropic/src/generated/organization/beta_organization_rate_limits.rs
use anthropic::{Client, Upload, types::*};
async fn run(client: Client) -> anthropic::Result<()> {
let mut items = client.beta().organization().rate_limits().list(organization::RateLimitListParams::new()).items();
while let Some(item) = items.try_next().await? {
    println!("{item:?}");
}
Ok(())
}
}
mod e219 { // crates/anthropic/src/generated/organization/beta_organization_rbac_groups.rs
use anthropic::{Client, Upload, types::*};
async fn run(client: Client) -> anthropic::Result<()> {
let answer = client.beta().organization().rbac_groups().create(organization::RBACGroupCreateParams::new("My first one")).await?;
println!("{answer:?}");
Ok(())
}
}
mod e220 { // crates/anthropic/src/generated/organization/beta_organization_rbac_groups.rs
use anthropic::{Client, Upload, types::*};
async fn run(client: Client) -> anthropic::Result<()> {
let answer = client.beta().organization().rbac_groups().delete("rbac_group_01").await?;
println!("{answer:?}");
Ok(())
}
}
mod e221 { // crates/anthropic/src/generated/organization/beta_organization_rbac_groups.rs
use anthropic::{Client, Upload, types::*};
async fn run(client: Client) -> anthropic::Result<()> {
let mut items = client.beta().organization().rbac_groups().list(organization::RBACGroupListParams::new()).items();
while let Some(item) = items.try_next().await? {
    println!("{item:?}");
}
Ok(())
}
}
mod e222 { // crates/anthropic/src/generated/organization/beta_organization_rbac_groups.rs
use anthropic::{Client, Upload, types::*};
async fn run(client: Client) -> anthropic::Result<()> {
let answer = client.beta().organization().rbac_groups().retrieve("rbac_group_01").await?;
println!("{answer:?}");
Ok(())
}
}
mod e223 { // crates/anthropic/src/generated/organization/beta_organization_rbac_groups.rs
use anthropic::{Client, Upload, types::*};
async fn run(client: Client) -> anthropic::Result<()> {
let answer = client.beta().organization().rbac_groups().update("rbac_group_01", organization::RBACGroupUpdateParams::new()).await?;
println!("{answer:?}");
Ok(())
}
}
mod e224 { // crates/anthropic/src/generated/organization/beta_organization_rbac_groups_members.rs
use anthropic::{Client, Upload, types::*};
async fn run(client: Client) -> anthropic::Result<()> {
let answer = client.beta().organization().rbac_groups().members().add("rbac_group_01", organization::rbac_groups::MemberAddParams::new("user_01")).await?;
println!("{answer:?}");
Ok(())
}
}
mod e225 { // crates/anthropic/src/generated/organization/beta_organization_rbac_groups_members.rs
use anthropic::{Client, Upload, types::*};
async fn run(client: Client) -> anthropic::Result<()> {
let mut items = client.beta().organization().rbac_groups().members().list("rbac_group_01", organization::rbac_groups::MemberListParams::new()).items();
while let Some(item) = items.try_next().await? {
    println!("{item:?}");
}
Ok(())
}
}
mod e226 { // crates/anthropic/src/generated/organization/beta_organization_rbac_groups_members.rs
use anthropic::{Client, Upload, types::*};
async fn run(client: Client) -> anthropic::Result<()> {
let answer = client.beta().organization().rbac_groups().members().remove("rbac_group_01", "user_01").await?;
println!("{answer:?}");
Ok(())
}
}
mod e227 { // crates/anthropic/src/generated/organization/beta_organization_rbac_roles.rs
use anthropic::{Client, Upload, types::*};
async fn run(client: Client) -> anthropic::Result<()> {
let mut items = client.beta().organization().rbac_roles().list(organization::RBACRoleListParams::new()).items();
while let Some(item) = items.try_next().await? {
    println!("{item:?}");
}
Ok(())
}
}
mod e228 { // crates/anthropic/src/generated/organization/beta_organization_rbac_roles.rs
use anthropic::{Client, Upload, types::*};
async fn run(client: Client) -> anthropic::Result<()> {
let answer = client.beta().organization().rbac_roles().retrieve("rbac_role_01").await?;
println!("{answer:?}");
Ok(())
}
}
mod e229 { // crates/anthropic/src/generated/organization/beta_organization_rbac_roles_permissions.rs
use anthropic::{Client, Upload, types::*};
async fn run(client: Client) -> anthropic::Result<()> {
let mut items = client.beta().organization().rbac_roles().permissions().list("rbac_role_01", organization::rbac_roles::PermissionListParams::new()).items();
while let Some(item) = items.try_next().await? {
    println!("{item:?}");
}
Ok(())
}
}
mod e230 { // crates/anthropic/src/generated/organization/beta_organization_service_accounts.rs
use anthropic::{Client, Upload, types::*};
async fn run(client: Client) -> anthropic::Result<()> {
let answer = client.beta().organization().service_accounts().archive("service_account_01").await?;
println!("{answer:?}");
Ok(())
}
}
mod e231 { // crates/anthropic/src/generated/organization/beta_organization_service_accounts.rs
use anthropic::{Client, Upload, types::*};
async fn run(client: Client) -> anthropic::Result<()> {
let answer = client.beta().organization().service_accounts().create(organization::ServiceAccountCreateParams::new("My first one")).await?;
println!("{answer:?}");
Ok(())
}
}
mod e232 { // crates/anthropic/src/generated/organization/beta_organization_service_accounts.rs
use anthropic::{Client, Upload, types::*};
async fn run(client: Client) -> anthropic::Result<()> {
let mut items = client.beta().organization().service_accounts().list(organization::ServiceAccountListParams::new()).items();
while let Some(item) = items.try_next().await? {
    println!("{item:?}");
}
Ok(())
}
}
mod e233 { // crates/anthropic/src/generated/organization/beta_organization_service_accounts.rs
use anthropic::{Client, Upload, types::*};
async fn run(client: Client) -> anthropic::Result<()> {
let answer = client.beta().organization().service_accounts().retrieve("service_account_01").await?;
println!("{answer:?}");
Ok(())
}
}
mod e234 { // crates/anthropic/src/generated/organization/beta_organization_service_accounts.rs
use anthropic::{Client, Upload, types::*};
async fn run(client: Client) -> anthropic::Result<()> {
let answer = client.beta().organization().service_accounts().update("service_account_01", organization::ServiceAccountUpdateParams::new()).await?;
println!("{answer:?}");
Ok(())
}
}
mod e235 { // crates/anthropic/src/generated/organization/beta_organization_service_accounts_workspaces.rs
use anthropic::{Client, Upload, types::*};
async fn run(client: Client) -> anthropic::Result<()> {
let answer = client.beta().organization().service_accounts().workspaces().add("service_account_01", organization::service_accounts::WorkspaceAddParams::new("workspace_admin")).await?;
println!("{answer:?}");
Ok(())
}
}
mod e236 { // crates/anthropic/src/generated/organization/beta_organization_service_accounts_workspaces.rs
use anthropic::{Client, Upload, types::*};
async fn run(client: Client) -> anthropic::Result<()> {
let mut items = client.beta().organization().service_accounts().workspaces().list("service_account_01", organization::service_accounts::WorkspaceListParams::new()).items();
while let Some(item) = items.try_next().await? {
    println!("{item:?}");
}
Ok(())
}
}
mod e237 { // crates/anthropic/src/generated/organization/beta_organization_service_accounts_workspaces.rs
use anthropic::{Client, Upload, types::*};
async fn run(client: Client) -> anthropic::Result<()> {
let answer = client.beta().organization().service_accounts().workspaces().remove("service_account_01", "workspace_01").await?;
println!("{answer:?}");
Ok(())
}
}
mod e238 { // crates/anthropic/src/generated/organization/beta_organization_spend_limits.rs
use anthropic::{Client, Upload, types::*};
async fn run(client: Client) -> anthropic::Result<()> {
let answer = client.beta().organization().spend_limits().delete("spend_limit_01").await?;
println!("{answer:?}");
Ok(())
}
}
mod e239 { // crates/anthropic/src/generated/organization/beta_organization_spend_limits.rs
use anthropic::{Client, Upload, types::*};
async fn run(client: Client) -> anthropic::Result<()> {
let mut items = client.beta().organization().spend_limits().list(organization::SpendLimitListParams::new()).items();
while let Some(item) = items.try_next().await? {
    println!("{item:?}");
}
Ok(())
}
}
mod e240 { // crates/anthropic/src/generated/organization/beta_organization_spend_limits.rs
use anthropic::{Client, Upload, types::*};
async fn run(client: Client) -> anthropic::Result<()> {
let answer = client.beta().organization().spend_limits().retrieve("spend_limit_01").await?;
println!("{answer:?}");
Ok(())
}
}
mod e241 { // crates/anthropic/src/generated/organization/beta_organization_spend_limits.rs
use anthropic::{Client, Upload, types::*};
async fn run(client: Client) -> anthropic::Result<()> {
let answer = client.beta().organization().spend_limits().set(organization::SpendLimitSetParams::new(organization::SpendLimitOrganizationScope::new())).await?;
println!("{answer:?}");
Ok(())
}
}
mod e242 { // crates/anthropic/src/generated/organization/beta_organization_spend_limits_effective.rs
use anthropic::{Client, Upload, types::*};
async fn run(client: Client) -> anthropic::Result<()> {
let mut items = client.beta().organization().spend_limits().effective().list(organization::spend_limits::EffectiveListParams::new()).items();
while let Some(item) = items.try_next().await? {
    println!("{item:?}");
}
Ok(())
}
}
mod e243 { // crates/anthropic/src/generated/organization/beta_organization_spend_limits_increase_requests.rs
use anthropic::{Client, Upload, types::*};
async fn run(client: Client) -> anthropic::Result<()> {
let answer = client.beta().organization().spend_limits().increase_requests().approve("spend_limit_increase_request_01", organization::spend_limits::IncreaseRequestApproveParams::new("amount")).await?;
println!("{answer:?}");
Ok(())
}
}
mod e244 { // crates/anthropic/src/generated/organization/beta_organization_spend_limits_increase_requests.rs
use anthropic::{Client, Upload, types::*};
async fn run(client: Client) -> anthropic::Result<()> {
let answer = client.beta().organization().spend_limits().increase_requests().deny("spend_limit_increase_request_01", organization::spend_limits::IncreaseRequestDenyParams::new()).await?;
println!("{answer:?}");
Ok(())
}
}
mod e245 { // crates/anthropic/src/generated/organization/beta_organization_spend_limits_increase_requests.rs
use anthropic::{Client, Upload, types::*};
async fn run(client: Client) -> anthropic::Result<()> {
let mut items = client.beta().organization().spend_limits().increase_requests().list(organization::spend_limits::IncreaseRequestListParams::new()).items();
while let Some(item) = items.try_next().await? {
    println!("{item:?}");
}
Ok(())
}
}
mod e246 { // crates/anthropic/src/generated/organization/beta_organization_spend_limits_increase_requests.rs
use anthropic::{Client, Upload, types::*};
async fn run(client: Client) -> anthropic::Result<()> {
let answer = client.beta().organization().spend_limits().increase_requests().retrieve("spend_limit_increase_request_01").await?;
println!("{answer:?}");
Ok(())
}
}
mod e247 { // crates/anthropic/src/generated/organization/beta_organization_telemetry_destinations.rs
use anthropic::{Client, Upload, types::*};
async fn run(client: Client) -> anthropic::Result<()> {
let answer = client.beta().organization().telemetry_destinations().create(organization::TelemetryDestinationCreateParams::new("endpoint_url", organization::TelemetryDestinationWorkspacesAllParams::new())).await?;
println!("{answer:?}");
Ok(())
}
}
mod e248 { // crates/anthropic/src/generated/organization/beta_organization_telemetry_destinations.rs
use anthropic::{Client, Upload, types::*};
async fn run(client: Client) -> anthropic::Result<()> {
let answer = client.beta().organization().telemetry_destinations().delete("destination_01").await?;
println!("{answer:?}");
Ok(())
}
}
mod e249 { // crates/anthropic/src/generated/organization/beta_organization_telemetry_destinations.rs
use anthropic::{Client, Upload, types::*};
async fn run(client: Client) -> anthropic::Result<()> {
let mut items = client.beta().organization().telemetry_destinations().list(organization::TelemetryDestinationListParams::new()).items();
while let Some(item) = items.try_next().await? {
    println!("{item:?}");
}
Ok(())
}
}
mod e250 { // crates/anthropic/src/generated/organization/beta_organization_telemetry_destinations.rs
use anthropic::{Client, Upload, types::*};
async fn run(client: Client) -> anthropic::Result<()> {
let answer = client.beta().organization().telemetry_destinations().retrieve("destination_01").await?;
println!("{answer:?}");
Ok(())
}
}
mod e251 { // crates/anthropic/src/generated/organization/beta_organization_telemetry_destinations.rs
use anthropic::{Client, Upload, types::*};
async fn run(client: Client) -> anthropic::Result<()> {
let answer = client.beta().organization().telemetry_destinations().test("destination_01").await?;
println!("{answer:?}");
Ok(())
}
}
mod e252 { // crates/anthropic/src/generated/organization/beta_organization_telemetry_destinations.rs
use anthropic::{Client, Upload, types::*};
async fn run(client: Client) -> anthropic::Result<()> {
let answer = client.beta().organization().telemetry_destinations().update("destination_01", organization::TelemetryDestinationUpdateParams::new()).await?;
println!("{answer:?}");
Ok(())
}
}
mod e253 { // crates/anthropic/src/generated/organization/beta_organization_telemetry_destinations_workspaces.rs
use anthropic::{Client, Upload, types::*};
async fn run(client: Client) -> anthropic::Result<()> {
let answer = client.beta().organization().telemetry_destinations().workspaces().add("destination_01", "workspace_01").await?;
println!("{answer:?}");
Ok(())
}
}
mod e254 { // crates/anthropic/src/generated/organization/beta_organization_telemetry_destinations_workspaces.rs
use anthropic::{Client, Upload, types::*};
async fn run(client: Client) -> anthropic::Result<()> {
let mut items = client.beta().organization().telemetry_destinations().workspaces().list("destination_01", organization::telemetry_destinations::WorkspaceListParams::new()).items();
while let Some(item) = items.try_next().await? {
    println!("{item:?}");
}
Ok(())
}
}
mod e255 { // crates/anthropic/src/generated/organization/beta_organization_telemetry_destinations_workspaces.rs
use anthropic::{Client, Upload, types::*};
async fn run(client: Client) -> anthropic::Result<()> {
let answer = client.beta().organization().telemetry_destinations().workspaces().remove("destination_01", "workspace_01").await?;
println!("{answer:?}");
Ok(())
}
}
mod e256 { // crates/anthropic/src/generated/organization/beta_organization_users.rs
use anthropic::{Client, Upload, types::*};
async fn run(client: Client) -> anthropic::Result<()> {
let mut items = client.beta().organization().users().list(organization::UserListParams::new()).items();
while let Some(item) = items.try_next().await? {
    println!("{item:?}");
}
Ok(())
}
}
mod e257 { // crates/anthropic/src/generated/organization/beta_organization_users.rs
use anthropic::{Client, Upload, types::*};
async fn run(client: Client) -> anthropic::Result<()> {
let answer = client.beta().organization().users().remove("user_01").await?;
println!("{answer:?}");
Ok(())
}
}
mod e258 { // crates/anthropic/src/generated/organization/beta_organization_users.rs
use anthropic::{Client, Upload, types::*};
async fn run(client: Client) -> anthropic::Result<()> {
let answer = client.beta().organization().users().retrieve("user_01").await?;
println!("{answer:?}");
Ok(())
}
}
mod e259 { // crates/anthropic/src/generated/organization/beta_organization_users.rs
use anthropic::{Client, Upload, types::*};
async fn run(client: Client) -> anthropic::Result<()> {
let answer = client.beta().organization().users().sign_out("user_01").await?;
println!("{answer:?}");
Ok(())
}
}
mod e260 { // crates/anthropic/src/generated/organization/beta_organization_users.rs
use anthropic::{Client, Upload, types::*};
async fn run(client: Client) -> anthropic::Result<()> {
let answer = client.beta().organization().users().update("user_01", organization::UserUpdateParams::new("billing")).await?;
println!("{answer:?}");
Ok(())
}
}
mod e261 { // crates/anthropic/src/generated/organization/beta_organization_webhooks.rs
use anthropic::{Client, Upload, types::*};
async fn run(client: Client) -> anthropic::Result<()> {
let answer = client.beta().organization().webhooks().create(organization::WebhookCreateParams::new(["external_key.failed"], "https://example.com")).await?;
println!("{answer:?}");
Ok(())
}
}
mod e262 { // crates/anthropic/src/generated/organization/beta_organization_webhooks.rs
use anthropic::{Client, Upload, types::*};
async fn run(client: Client) -> anthropic::Result<()> {
let answer = client.beta().organization().webhooks().delete("webhook_endpoint_01").await?;
println!("{answer:?}");
Ok(())
}
}
mod e263 { // crates/anthropic/src/generated/organization/beta_organization_webhooks.rs
use anthropic::{Client, Upload, types::*};
async fn run(client: Client) -> anthropic::Result<()> {
let mut items = client.beta().organization().webhooks().list(organization::WebhookListParams::new()).items();
while let Some(item) = items.try_next().await? {
    println!("{item:?}");
}
Ok(())
}
}
mod e264 { // crates/anthropic/src/generated/organization/beta_organization_webhooks.rs
use anthropic::{Client, Upload, types::*};
async fn run(client: Client) -> anthropic::Result<()> {
let answer = client.beta().organization().webhooks().regenerate_signing_secret("webhook_endpoint_01").await?;
println!("{answer:?}");
Ok(())
}
}
mod e265 { // crates/anthropic/src/generated/organization/beta_organization_webhooks.rs
use anthropic::{Client, Upload, types::*};
async fn run(client: Client) -> anthropic::Result<()> {
let answer = client.beta().organization().webhooks().retrieve("webhook_endpoint_01").await?;
println!("{answer:?}");
Ok(())
}
}
mod e266 { // crates/anthropic/src/generated/organization/beta_organization_webhooks.rs
use anthropic::{Client, Upload, types::*};
async fn run(client: Client) -> anthropic::Result<()> {
let answer = client.beta().organization().webhooks().update("webhook_endpoint_01", organization::WebhookUpdateParams::new()).await?;
println!("{answer:?}");
Ok(())
}
}
mod e267 { // crates/anthropic/src/generated/organization/beta_organization_workspaces.rs
use anthropic::{Client, Upload, types::*};
async fn run(client: Client) -> anthropic::Result<()> {
let answer = client.beta().organization().workspaces().archive("workspace_01").await?;
println!("{answer:?}");
Ok(())
}
}
mod e268 { // crates/anthropic/src/generated/organization/beta_organization_workspaces.rs
use anthropic::{Client, Upload, types::*};
async fn run(client: Client) -> anthropic::Result<()> {
let answer = client.beta().organization().workspaces().create(organization::WorkspaceCreateParams::new("My first one")).await?;
println!("{answer:?}");
Ok(())
}
}
mod e269 { // crates/anthropic/src/generated/organization/beta_organization_workspaces.rs
use anthropic::{Client, Upload, types::*};
async fn run(client: Client) -> anthropic::Result<()> {
let mut items = client.beta().organization().workspaces().list(organization::WorkspaceListParams::new()).items();
while let Some(item) = items.try_next().await? {
    println!("{item:?}");
}
Ok(())
}
}
mod e270 { // crates/anthropic/src/generated/organization/beta_organization_workspaces.rs
use anthropic::{Client, Upload, types::*};
async fn run(client: Client) -> anthropic::Result<()> {
let answer = client.beta().organization().workspaces().retrieve("workspace_01").await?;
println!("{answer:?}");
Ok(())
}
}
mod e271 { // crates/anthropic/src/generated/organization/beta_organization_workspaces.rs
use anthropic::{Client, Upload, types::*};
async fn run(client: Client) -> anthropic::Result<()> {
let answer = client.beta().organization().workspaces().update("workspace_01", organization::WorkspaceUpdateParams::new()).await?;
println!("{answer:?}");
Ok(())
}
}
mod e272 { // crates/anthropic/src/generated/organization/beta_organization_workspaces_members.rs
use anthropic::{Client, Upload, types::*};
async fn run(client: Client) -> anthropic::Result<()> {
let answer = client.beta().organization().workspaces().members().add("workspace_01", organization::workspaces::MemberAddParams::new("user_01", "workspace_admin")).await?;
println!("{answer:?}");
Ok(())
}
}
mod e273 { // crates/anthropic/src/generated/organization/beta_organization_workspaces_members.rs
use anthropic::{Client, Upload, types::*};
async fn run(client: Client) -> anthropic::Result<()> {
let mut items = client.beta().organization().workspaces().members().list("workspace_01", organization::workspaces::MemberListParams::new()).items();
while let Some(item) = items.try_next().await? {
    println!("{item:?}");
}
Ok(())
}
}
mod e274 { // crates/anthropic/src/generated/organization/beta_organization_workspaces_members.rs
use anthropic::{Client, Upload, types::*};
async fn run(client: Client) -> anthropic::Result<()> {
let answer = client.beta().organization().workspaces().members().remove("workspace_01", "user_01").await?;
println!("{answer:?}");
Ok(())
}
}
mod e275 { // crates/anthropic/src/generated/organization/beta_organization_workspaces_members.rs
use anthropic::{Client, Upload, types::*};
async fn run(client: Client) -> anthropic::Result<()> {
let answer = client.beta().organization().workspaces().members().retrieve("workspace_01", "user_01").await?;
println!("{answer:?}");
Ok(())
}
}
mod e276 { // crates/anthropic/src/generated/organization/beta_organization_workspaces_members.rs
use anthropic::{Client, Upload, types::*};
async fn run(client: Client) -> anthropic::Result<()> {
let answer = client.beta().organization().workspaces().members().update("workspace_01", "user_01", organization::workspaces::MemberUpdateParams::new("workspace_admin")).await?;
println!("{answer:?}");
Ok(())
}
}
mod e277 { // crates/anthropic/src/generated/organization/beta_organization_workspaces_rate_limits.rs
use anthropic::{Client, Upload, types::*};
async fn run(client: Client) -> anthropic::Result<()> {
let mut items = client.beta().organization().workspaces().rate_limits().list("workspace_01", organization::workspaces::RateLimitListParams::new()).items();
while let Some(item) = items.try_next().await? {
    println!("{item:?}");
}
Ok(())
}
}
mod e278 { // crates/anthropic/src/generated/organization/beta_organization_workspaces_rate_limits.rs
use anthropic::{Client, Upload, types::*};
async fn run(client: Client) -> anthropic::Result<()> {
let answer = client.beta().organization().workspaces().rate_limits().update("workspace_01", "rate_limit_01", organization::workspaces::RateLimitUpdateParams::new([organization::workspaces::WorkspaceRateLimitUpdateValue::new("fast_itpmca")])).await?;
println!("{answer:?}");
Ok(())
}
}
mod e279 { // crates/anthropic/src/generated/organization/beta_organization_workspaces_service_accounts.rs
use anthropic::{Client, Upload, types::*};
async fn run(client: Client) -> anthropic::Result<()> {
let answer = client.beta().organization().workspaces().service_accounts().add("workspace_01", organization::workspaces::ServiceAccountAddParams::new("service_account_01", "workspace_admin")).await?;
println!("{answer:?}");
Ok(())
}
}
mod e280 { // crates/anthropic/src/generated/organization/beta_organization_workspaces_service_accounts.rs
use anthropic::{Client, Upload, types::*};
async fn run(client: Client) -> anthropic::Result<()> {
let mut items = client.beta().organization().workspaces().service_accounts().list("workspace_01", organization::workspaces::ServiceAccountListParams::new()).items();
while let Some(item) = items.try_next().await? {
    println!("{item:?}");
}
Ok(())
}
}
mod e281 { // crates/anthropic/src/generated/organization/beta_organization_workspaces_service_accounts.rs
use anthropic::{Client, Upload, types::*};
async fn run(client: Client) -> anthropic::Result<()> {
let answer = client.beta().organization().workspaces().service_accounts().remove("workspace_01", "service_account_01").await?;
println!("{answer:?}");
Ok(())
}
}
mod e282 { // crates/anthropic/src/generated/organization/beta_organization_workspaces_service_accounts.rs
use anthropic::{Client, Upload, types::*};
async fn run(client: Client) -> anthropic::Result<()> {
let answer = client.beta().organization().workspaces().service_accounts().retrieve("workspace_01", "service_account_01").await?;
println!("{answer:?}");
Ok(())
}
}
mod e283 { // crates/anthropic/src/generated/organization/beta_organization_workspaces_service_accounts.rs
use anthropic::{Client, Upload, types::*};
async fn run(client: Client) -> anthropic::Result<()> {
let answer = client.beta().organization().workspaces().service_accounts().update("workspace_01", "service_account_01", organization::workspaces::ServiceAccountUpdateParams::new("workspace_admin")).await?;
println!("{answer:?}");
Ok(())
}
}
mod e284 { // crates/anthropic/src/generated/organization/beta_user_profiles.rs
use anthropic::{Client, Upload, types::*};
async fn run(client: Client) -> anthropic::Result<()> {
let answer = client.beta().user_profiles().create(user_profiles::UserProfileCreateParams::new()).await?;
println!("{answer:?}");
Ok(())
}
}
mod e285 { // crates/anthropic/src/generated/organization/beta_user_profiles.rs
use anthropic::{Client, Upload, types::*};
async fn run(client: Client) -> anthropic::Result<()> {
let answer = client.beta().user_profiles().create_enrollment_url("user_profile_01").await?;
println!("{answer:?}");
Ok(())
}
}
mod e286 { // crates/anthropic/src/generated/organization/beta_user_profiles.rs
use anthropic::{Client, Upload, types::*};
async fn run(client: Client) -> anthropic::Result<()> {
let answer = client.beta().user_profiles().delete("user_profile_01").await?;
println!("{answer:?}");
Ok(())
}
}
mod e287 { // crates/anthropic/src/generated/organization/beta_user_profiles.rs
use anthropic::{Client, Upload, types::*};
async fn run(client: Client) -> anthropic::Result<()> {
let mut items = client.beta().user_profiles().list(user_profiles::UserProfileListParams::new()).items();
while let Some(item) = items.try_next().await? {
    println!("{item:?}");
}
Ok(())
}
}
mod e288 { // crates/anthropic/src/generated/organization/beta_user_profiles.rs
use anthropic::{Client, Upload, types::*};
async fn run(client: Client) -> anthropic::Result<()> {
let answer = client.beta().user_profiles().retrieve("user_profile_01").await?;
println!("{answer:?}");
Ok(())
}
}
mod e289 { // crates/anthropic/src/generated/organization/beta_user_profiles.rs
use anthropic::{Client, Upload, types::*};
async fn run(client: Client) -> anthropic::Result<()> {
let answer = client.beta().user_profiles().update("user_profile_01", user_profiles::UserProfileUpdateParams::new()).await?;
println!("{answer:?}");
Ok(())
}
}
mod e290 { // crates/anthropic/src/generated/organization/beta_user_profiles_action_urls.rs
use anthropic::{Client, Upload, types::*};
async fn run(client: Client) -> anthropic::Result<()> {
let answer = client.beta().user_profiles().action_urls().create("user_profile_01", user_profiles::ActionURLCreateParams::new(user_profiles::UserProfileEnrollEndUserAction::new())).await?;
println!("{answer:?}");
Ok(())
}
}
mod e291 { // crates/anthropic/src/generated/organization/organization.rs
use anthropic::{Client, Upload, types::*};
async fn run(client: Client) -> anthropic::Result<()> {
let answer = client.organization().retrieve().await?;
println!("{answer:?}");
Ok(())
}
}
mod e292 { // crates/anthropic/src/generated/organization/organization_analytics_apps_chat_projects.rs
use anthropic::{Client, Upload, types::*};
async fn run(client: Client) -> anthropic::Result<()> {
let mut items = client.organization().analytics().apps().chat().projects().list(organization::analytics::apps::chat::ProjectListParams::new()).items();
while let Some(item) = items.try_next().await? {
    println!("{item:?}");
}
Ok(())
}
}
mod e293 { // crates/anthropic/src/generated/organization/organization_analytics_artifacts.rs
use anthropic::{Client, Upload, types::*};
async fn run(client: Client) -> anthropic::Result<()> {
let mut items = client.organization().analytics().artifacts().list(organization::analytics::ArtifactListParams::new("date")).items();
while let Some(item) = items.try_next().await? {
    println!("{item:?}");
}
Ok(())
}
}
mod e294 { // crates/anthropic/src/generated/organization/organization_analytics_connectors.rs
use anthropic::{Client, Upload, types::*};
async fn run(client: Client) -> anthropic::Result<()> {
let mut items = client.organization().analytics().connectors().list(organization::analytics::ConnectorListParams::new()).items();
while let Some(item) = items.try_next().await? {
    println!("{item:?}");
}
Ok(())
}
}
mod e295 { // crates/anthropic/src/generated/organization/organization_analytics_plugins.rs
use anthropic::{Client, Upload, types::*};
async fn run(client: Client) -> anthropic::Result<()> {
let mut items = client.organization().analytics().plugins().list(organization::analytics::PluginListParams::new()).items();
while let Some(item) = items.try_next().await? {
    println!("{item:?}");
}
Ok(())
}
}
mod e296 { // crates/anthropic/src/generated/organization/organization_analytics_skills.rs
use anthropic::{Client, Upload, types::*};
async fn run(client: Client) -> anthropic::Result<()> {
let mut items = client.organization().analytics().skills().list(organization::analytics::SkillListParams::new()).items();
while let Some(item) = items.try_next().await? {
    println!("{item:?}");
}
Ok(())
}
}
mod e297 { // crates/anthropic/src/generated/organization/organization_analytics_summaries.rs
use anthropic::{Client, Upload, types::*};
async fn run(client: Client) -> anthropic::Result<()> {
let mut items = client.organization().analytics().summaries().list(organization::analytics::SummaryListParams::new("starting_date")).items();
while let Some(item) = items.try_next().await? {
    println!("{item:?}");
}
Ok(())
}
}
mod e298 { // crates/anthropic/src/generated/organization/organization_analytics_users.rs
use anthropic::{Client, Upload, types::*};
async fn run(client: Client) -> anthropic::Result<()> {
let mut items = client.organization().analytics().users().list(organization::analytics::UserListParams::new()).items();
while let Some(item) = items.try_next().await? {
    println!("{item:?}");
}
Ok(())
}
}
mod e299 { // crates/anthropic/src/generated/organization/organization_api_keys.rs
use anthropic::{Client, Upload, types::*};
async fn run(client: Client) -> anthropic::Result<()> {
let mut items = client.organization().api_keys().list(organization::APIKeyListParams::new()).items();
while let Some(item) = items.try_next().await? {
    println!("{item:?}");
}
Ok(())
}
}
mod e300 { // crates/anthropic/src/generated/organization/organization_api_keys.rs
use anthropic::{Client, Upload, types::*};
async fn run(client: Client) -> anthropic::Result<()> {
let answer = client.organization().api_keys().retrieve("api_key_01").await?;
println!("{answer:?}");
Ok(())
}
}
mod e301 { // crates/anthropic/src/generated/organization/organization_api_keys.rs
use anthropic::{Client, Upload, types::*};
async fn run(client: Client) -> anthropic::Result<()> {
let answer = client.organization().api_keys().update("api_key_01", organization::APIKeyUpdateParams::new()).await?;
println!("{answer:?}");
Ok(())
}
}
mod e302 { // crates/anthropic/src/generated/organization/organization_compliance_settings.rs
use anthropic::{Client, Upload, types::*};
async fn run(client: Client) -> anthropic::Result<()> {
let answer = client.organization().compliance_settings().retrieve().await?;
println!("{answer:?}");
Ok(())
}
}
mod e303 { // crates/anthropic/src/generated/organization/organization_compliance_settings.rs
use anthropic::{Client, Upload, types::*};
async fn run(client: Client) -> anthropic::Result<()> {
let answer = client.organization().compliance_settings().update(organization::ComplianceSettingUpdateParams::new(organization::ComplianceSettingsStateEnabled::new())).await?;
println!("{answer:?}");
Ok(())
}
}
mod e304 { // crates/anthropic/src/generated/organization/organization_external_keys.rs
use anthropic::{Client, Upload, types::*};
async fn run(client: Client) -> anthropic::Result<()> {
let answer = client.organization().external_keys().create(organization::ExternalKeyCreateParams::new(organization::AWSExternalKeyConfig::new("kms_arn"))).await?;
println!("{answer:?}");
Ok(())
}
}
mod e305 { // crates/anthropic/src/generated/organization/organization_external_keys.rs
use anthropic::{Client, Upload, types::*};
async fn run(client: Client) -> anthropic::Result<()> {
let answer = client.organization().external_keys().delete("external_key_01").await?;
println!("{answer:?}");
Ok(())
}
}
mod e306 { // crates/anthropic/src/generated/organization/organization_external_keys.rs
use anthropic::{Client, Upload, types::*};
async fn run(client: Client) -> anthropic::Result<()> {
let mut items = client.organization().external_keys().list(organization::ExternalKeyListParams::new()).items();
while let Some(item) = items.try_next().await? {
    println!("{item:?}");
}
Ok(())
}
}
mod e307 { // crates/anthropic/src/generated/organization/organization_external_keys.rs
use anthropic::{Client, Upload, types::*};
async fn run(client: Client) -> anthropic::Result<()> {
let answer = client.organization().external_keys().retrieve("external_key_01").await?;
println!("{answer:?}");
Ok(())
}
}
mod e308 { // crates/anthropic/src/generated/organization/organization_external_keys.rs
use anthropic::{Client, Upload, types::*};
async fn run(client: Client) -> anthropic::Result<()> {
let answer = client.organization().external_keys().update("external_key_01", organization::ExternalKeyUpdateParams::new()).await?;
println!("{answer:?}");
Ok(())
}
}
mod e309 { // crates/anthropic/src/generated/organization/organization_external_keys.rs
use anthropic::{Client, Upload, types::*};
async fn run(client: Client) -> anthropic::Result<()> {
let answer = client.organization().external_keys().validate("external_key_01").await?;
println!("{answer:?}");
Ok(())
}
}
mod e310 { // crates/anthropic/src/generated/organization/organization_federation_issuers.rs
use anthropic::{Client, Upload, types::*};
async fn run(client: Client) -> anthropic::Result<()> {
let answer = client.organization().federation().issuers().archive("federation_issuer_01").await?;
println!("{answer:?}");
Ok(())
}
}
mod e311 { // crates/anthropic/src/generated/organization/organization_federation_issuers.rs
use anthropic::{Client, Upload, types::*};
async fn run(client: Client) -> anthropic::Result<()> {
let answer = client.organization().federation().issuers().create(organization::federation::IssuerCreateParams::new("issuer_url", "My first one")).await?;
println!("{answer:?}");
Ok(())
}
}
mod e312 { // crates/anthropic/src/generated/organization/organization_federation_issuers.rs
use anthropic::{Client, Upload, types::*};
async fn run(client: Client) -> anthropic::Result<()> {
let mut items = client.organization().federation().issuers().list(organization::federation::IssuerListParams::new()).items();
while let Some(item) = items.try_next().await? {
    println!("{item:?}");
}
Ok(())
}
}
mod e313 { // crates/anthropic/src/generated/organization/organization_federation_issuers.rs
use anthropic::{Client, Upload, types::*};
async fn run(client: Client) -> anthropic::Result<()> {
let answer = client.organization().federation().issuers().retrieve("federation_issuer_01").await?;
println!("{answer:?}");
Ok(())
}
}
mod e314 { // crates/anthropic/src/generated/organization/organization_federation_issuers.rs
use anthropic::{Client, Upload, types::*};
async fn run(client: Client) -> anthropic::Result<()> {
let answer = client.organization().federation().issuers().update("federation_issuer_01", organization::federation::IssuerUpdateParams::new()).await?;
println!("{answer:?}");
Ok(())
}
}
mod e315 { // crates/anthropic/src/generated/organization/organization_federation_rules.rs
use anthropic::{Client, Upload, types::*};
async fn run(client: Client) -> anthropic::Result<()> {
let answer = client.organization().federation().rules().archive("federation_rule_01").await?;
println!("{answer:?}");
Ok(())
}
}
mod e316 { // crates/anthropic/src/generated/organization/organization_federation_rules.rs
use anthropic::{Client, Upload, types::*};
async fn run(client: Client) -> anthropic::Result<()> {
let answer = client.organization().federation().rules().create(organization::federation::RuleCreateParams::new("issuer_01", organization::federation::FederationRuleMatch::new(), "My first one", "oauth_scope", organization::federation::ServiceAccountTarget::new("service_account_01"))).await?;
println!("{answer:?}");
Ok(())
}
}
mod e317 { // crates/anthropic/src/generated/organization/organization_federation_rules.rs
use anthropic::{Client, Upload, types::*};
async fn run(client: Client) -> anthropic::Result<()> {
let mut items = client.organization().federation().rules().list(organization::federation::RuleListParams::new()).items();
while let Some(item) = items.try_next().await? {
    println!("{item:?}");
}
Ok(())
}
}
mod e318 { // crates/anthropic/src/generated/organization/organization_federation_rules.rs
use anthropic::{Client, Upload, types::*};
async fn run(client: Client) -> anthropic::Result<()> {
let answer = client.organization().federation().rules().retrieve("federation_rule_01").await?;
println!("{answer:?}");
Ok(())
}
}
mod e319 { // crates/anthropic/src/generated/organization/organization_federation_rules.rs
use anthropic::{Client, Upload, types::*};
async fn run(client: Client) -> anthropic::Result<()> {
let answer = client.organization().federation().rules().update("federation_rule_01", organization::federation::RuleUpdateParams::new()).await?;
println!("{answer:?}");
Ok(())
}
}
mod e320 { // crates/anthropic/src/generated/organization/organization_federation_rules_workspaces.rs
use anthropic::{Client, Upload, types::*};
async fn run(client: Client) -> anthropic::Result<()> {
let answer = client.organization().federation().rules().workspaces().add("federation_rule_01").await?;
println!("{answer:?}");
Ok(())
}
}
mod e321 { // crates/anthropic/src/generated/organization/organization_federation_rules_workspaces.rs
use anthropic::{Client, Upload, types::*};
async fn run(client: Client) -> anthropic::Result<()> {
let mut items = client.organization().federation().rules().workspaces().list("federation_rule_01", organization::federation::rules::WorkspaceListParams::new()).items();
while let Some(item) = items.try_next().await? {
    println!("{item:?}");
}
Ok(())
}
}
mod e322 { // crates/anthropic/src/generated/organization/organization_federation_rules_workspaces.rs
use anthropic::{Client, Upload, types::*};
async fn run(client: Client) -> anthropic::Result<()> {
let answer = client.organization().federation().rules().workspaces().remove("federation_rule_01", "workspace_01").await?;
println!("{answer:?}");
Ok(())
}
}
mod e323 { // crates/anthropic/src/generated/organization/organization_invites.rs
use anthropic::{Client, Upload, types::*};
async fn run(client: Client) -> anthropic::Result<()> {
let answer = client.organization().invites().create(organization::InviteCreateParams::new("ada@example.com", "billing")).await?;
println!("{answer:?}");
Ok(())
}
}
mod e324 { // crates/anthropic/src/generated/organization/organization_invites.rs
use anthropic::{Client, Upload, types::*};
async fn run(client: Client) -> anthropic::Result<()> {
let answer = client.organization().invites().delete("invite_01").await?;
println!("{answer:?}");
Ok(())
}
}
mod e325 { // crates/anthropic/src/generated/organization/organization_invites.rs
use anthropic::{Client, Upload, types::*};
async fn run(client: Client) -> anthropic::Result<()> {
let mut items = client.organization().invites().list(organization::InviteListParams::new()).items();
while let Some(item) = items.try_next().await? {
    println!("{item:?}");
}
Ok(())
}
}
mod e326 { // crates/anthropic/src/generated/organization/organization_invites.rs
use anthropic::{Client, Upload, types::*};
async fn run(client: Client) -> anthropic::Result<()> {
let answer = client.organization().invites().retrieve("invite_01").await?;
println!("{answer:?}");
Ok(())
}
}
mod e327 { // crates/anthropic/src/generated/organization/organization_rate_limits.rs
use anthropic::{Client, Upload, types::*};
async fn run(client: Client) -> anthropic::Result<()> {
let mut items = client.organization().rate_limits().list(organization::RateLimitListParams::new()).items();
while let Some(item) = items.try_next().await? {
    println!("{item:?}");
}
Ok(())
}
}
mod e328 { // crates/anthropic/src/generated/organization/organization_rbac_groups.rs
use anthropic::{Client, Upload, types::*};
async fn run(client: Client) -> anthropic::Result<()> {
let answer = client.organization().rbac_groups().create(organization::RBACGroupCreateParams::new("My first one")).await?;
println!("{answer:?}");
Ok(())
}
}
mod e329 { // crates/anthropic/src/generated/organization/organization_rbac_groups.rs
use anthropic::{Client, Upload, types::*};
async fn run(client: Client) -> anthropic::Result<()> {
let answer = client.organization().rbac_groups().delete("rbac_group_01").await?;
println!("{answer:?}");
Ok(())
}
}
mod e330 { // crates/anthropic/src/generated/organization/organization_rbac_groups.rs
use anthropic::{Client, Upload, types::*};
async fn run(client: Client) -> anthropic::Result<()> {
let mut items = client.organization().rbac_groups().list(organization::RBACGroupListParams::new()).items();
while let Some(item) = items.try_next().await? {
    println!("{item:?}");
}
Ok(())
}
}
mod e331 { // crates/anthropic/src/generated/organization/organization_rbac_groups.rs
use anthropic::{Client, Upload, types::*};
async fn run(client: Client) -> anthropic::Result<()> {
let answer = client.organization().rbac_groups().retrieve("rbac_group_01").await?;
println!("{answer:?}");
Ok(())
}
}
mod e332 { // crates/anthropic/src/generated/organization/organization_rbac_groups.rs
use anthropic::{Client, Upload, types::*};
async fn run(client: Client) -> anthropic::Result<()> {
let answer = client.organization().rbac_groups().update("rbac_group_01", organization::RBACGroupUpdateParams::new()).await?;
println!("{answer:?}");
Ok(())
}
}
mod e333 { // crates/anthropic/src/generated/organization/organization_rbac_groups_members.rs
use anthropic::{Client, Upload, types::*};
async fn run(client: Client) -> anthropic::Result<()> {
let answer = client.organization().rbac_groups().members().add("rbac_group_01", organization::rbac_groups::MemberAddParams::new("user_01")).await?;
println!("{answer:?}");
Ok(())
}
}
mod e334 { // crates/anthropic/src/generated/organization/organization_rbac_groups_members.rs
use anthropic::{Client, Upload, types::*};
async fn run(client: Client) -> anthropic::Result<()> {
let mut items = client.organization().rbac_groups().members().list("rbac_group_01", organization::rbac_groups::MemberListParams::new()).items();
while let Some(item) = items.try_next().await? {
    println!("{item:?}");
}
Ok(())
}
}
mod e335 { // crates/anthropic/src/generated/organization/organization_rbac_groups_members.rs
use anthropic::{Client, Upload, types::*};
async fn run(client: Client) -> anthropic::Result<()> {
let answer = client.organization().rbac_groups().members().remove("rbac_group_01", "user_01").await?;
println!("{answer:?}");
Ok(())
}
}
mod e336 { // crates/anthropic/src/generated/organization/organization_rbac_roles.rs
use anthropic::{Client, Upload, types::*};
async fn run(client: Client) -> anthropic::Result<()> {
let mut items = client.organization().rbac_roles().list(organization::RBACRoleListParams::new()).items();
while let Some(item) = items.try_next().await? {
    println!("{item:?}");
}
Ok(())
}
}
mod e337 { // crates/anthropic/src/generated/organization/organization_rbac_roles.rs
use anthropic::{Client, Upload, types::*};
async fn run(client: Client) -> anthropic::Result<()> {
let answer = client.organization().rbac_roles().retrieve("rbac_role_01").await?;
println!("{answer:?}");
Ok(())
}
}
mod e338 { // crates/anthropic/src/generated/organization/organization_rbac_roles_permissions.rs
use anthropic::{Client, Upload, types::*};
async fn run(client: Client) -> anthropic::Result<()> {
let mut items = client.organization().rbac_roles().permissions().list("rbac_role_01", organization::rbac_roles::PermissionListParams::new()).items();
while let Some(item) = items.try_next().await? {
    println!("{item:?}");
}
Ok(())
}
}
mod e339 { // crates/anthropic/src/generated/organization/organization_service_accounts.rs
use anthropic::{Client, Upload, types::*};
async fn run(client: Client) -> anthropic::Result<()> {
let answer = client.organization().service_accounts().archive("service_account_01").await?;
println!("{answer:?}");
Ok(())
}
}
mod e340 { // crates/anthropic/src/generated/organization/organization_service_accounts.rs
use anthropic::{Client, Upload, types::*};
async fn run(client: Client) -> anthropic::Result<()> {
let answer = client.organization().service_accounts().create(organization::ServiceAccountCreateParams::new("My first one")).await?;
println!("{answer:?}");
Ok(())
}
}
mod e341 { // crates/anthropic/src/generated/organization/organization_service_accounts.rs
use anthropic::{Client, Upload, types::*};
async fn run(client: Client) -> anthropic::Result<()> {
let mut items = client.organization().service_accounts().list(organization::ServiceAccountListParams::new()).items();
while let Some(item) = items.try_next().await? {
    println!("{item:?}");
}
Ok(())
}
}
mod e342 { // crates/anthropic/src/generated/organization/organization_service_accounts.rs
use anthropic::{Client, Upload, types::*};
async fn run(client: Client) -> anthropic::Result<()> {
let answer = client.organization().service_accounts().retrieve("service_account_01").await?;
println!("{answer:?}");
Ok(())
}
}
mod e343 { // crates/anthropic/src/generated/organization/organization_service_accounts.rs
use anthropic::{Client, Upload, types::*};
async fn run(client: Client) -> anthropic::Result<()> {
let answer = client.organization().service_accounts().update("service_account_01", organization::ServiceAccountUpdateParams::new()).await?;
println!("{answer:?}");
Ok(())
}
}
mod e344 { // crates/anthropic/src/generated/organization/organization_service_accounts_workspaces.rs
use anthropic::{Client, Upload, types::*};
async fn run(client: Client) -> anthropic::Result<()> {
let answer = client.organization().service_accounts().workspaces().add("service_account_01", organization::service_accounts::WorkspaceAddParams::new("workspace_admin")).await?;
println!("{answer:?}");
Ok(())
}
}
mod e345 { // crates/anthropic/src/generated/organization/organization_service_accounts_workspaces.rs
use anthropic::{Client, Upload, types::*};
async fn run(client: Client) -> anthropic::Result<()> {
let mut items = client.organization().service_accounts().workspaces().list("service_account_01", organization::service_accounts::WorkspaceListParams::new()).items();
while let Some(item) = items.try_next().await? {
    println!("{item:?}");
}
Ok(())
}
}
mod e346 { // crates/anthropic/src/generated/organization/organization_service_accounts_workspaces.rs
use anthropic::{Client, Upload, types::*};
async fn run(client: Client) -> anthropic::Result<()> {
let answer = client.organization().service_accounts().workspaces().remove("service_account_01", "workspace_01").await?;
println!("{answer:?}");
Ok(())
}
}
mod e347 { // crates/anthropic/src/generated/organization/organization_spend_limits_effective.rs
use anthropic::{Client, Upload, types::*};
async fn run(client: Client) -> anthropic::Result<()> {
let mut items = client.organization().spend_limits().effective().list(organization::spend_limits::EffectiveListParams::new()).items();
while let Some(item) = items.try_next().await? {
    println!("{item:?}");
}
Ok(())
}
}
mod e348 { // crates/anthropic/src/generated/organization/organization_spend_limits_increase_requests.rs
use anthropic::{Client, Upload, types::*};
async fn run(client: Client) -> anthropic::Result<()> {
let answer = client.organization().spend_limits().increase_requests().approve("spend_limit_increase_request_01", organization::spend_limits::IncreaseRequestApproveParams::new("amount")).await?;
println!("{answer:?}");
Ok(())
}
}
mod e349 { // crates/anthropic/src/generated/organization/organization_spend_limits_increase_requests.rs
use anthropic::{Client, Upload, types::*};
async fn run(client: Client) -> anthropic::Result<()> {
let answer = client.organization().spend_limits().increase_requests().deny("spend_limit_increase_request_01", organization::spend_limits::IncreaseRequestDenyParams::new()).await?;
println!("{answer:?}");
Ok(())
}
}
mod e350 { // crates/anthropic/src/generated/organization/organization_spend_limits_increase_requests.rs
use anthropic::{Client, Upload, types::*};
async fn run(client: Client) -> anthropic::Result<()> {
let mut items = client.organization().spend_limits().increase_requests().list(organization::spend_limits::IncreaseRequestListParams::new()).items();
while let Some(item) = items.try_next().await? {
    println!("{item:?}");
}
Ok(())
}
}
mod e351 { // crates/anthropic/src/generated/organization/organization_spend_limits_increase_requests.rs
use anthropic::{Client, Upload, types::*};
async fn run(client: Client) -> anthropic::Result<()> {
let answer = client.organization().spend_limits().increase_requests().retrieve("spend_limit_increase_request_01").await?;
println!("{answer:?}");
Ok(())
}
}
mod e352 { // crates/anthropic/src/generated/organization/organization_users.rs
use anthropic::{Client, Upload, types::*};
async fn run(client: Client) -> anthropic::Result<()> {
let mut items = client.organization().users().list(organization::UserListParams::new()).items();
while let Some(item) = items.try_next().await? {
    println!("{item:?}");
}
Ok(())
}
}
mod e353 { // crates/anthropic/src/generated/organization/organization_users.rs
use anthropic::{Client, Upload, types::*};
async fn run(client: Client) -> anthropic::Result<()> {
let answer = client.organization().users().remove("user_01").await?;
println!("{answer:?}");
Ok(())
}
}
mod e354 { // crates/anthropic/src/generated/organization/organization_users.rs
use anthropic::{Client, Upload, types::*};
async fn run(client: Client) -> anthropic::Result<()> {
let answer = client.organization().users().retrieve("user_01").await?;
println!("{answer:?}");
Ok(())
}
}
mod e355 { // crates/anthropic/src/generated/organization/organization_users.rs
use anthropic::{Client, Upload, types::*};
async fn run(client: Client) -> anthropic::Result<()> {
let answer = client.organization().users().update("user_01", organization::UserUpdateParams::new("billing")).await?;
println!("{answer:?}");
Ok(())
}
}
mod e356 { // crates/anthropic/src/generated/organization/organization_workspaces.rs
use anthropic::{Client, Upload, types::*};
async fn run(client: Client) -> anthropic::Result<()> {
let answer = client.organization().workspaces().archive("workspace_01").await?;
println!("{answer:?}");
Ok(())
}
}
mod e357 { // crates/anthropic/src/generated/organization/organization_workspaces.rs
use anthropic::{Client, Upload, types::*};
async fn run(client: Client) -> anthropic::Result<()> {
let answer = client.organization().workspaces().create(organization::WorkspaceCreateParams::new("My first one")).await?;
println!("{answer:?}");
Ok(())
}
}
mod e358 { // crates/anthropic/src/generated/organization/organization_workspaces.rs
use anthropic::{Client, Upload, types::*};
async fn run(client: Client) -> anthropic::Result<()> {
let mut items = client.organization().workspaces().list(organization::WorkspaceListParams::new()).items();
while let Some(item) = items.try_next().await? {
    println!("{item:?}");
}
Ok(())
}
}
mod e359 { // crates/anthropic/src/generated/organization/organization_workspaces.rs
use anthropic::{Client, Upload, types::*};
async fn run(client: Client) -> anthropic::Result<()> {
let answer = client.organization().workspaces().retrieve("workspace_01").await?;
println!("{answer:?}");
Ok(())
}
}
mod e360 { // crates/anthropic/src/generated/organization/organization_workspaces.rs
use anthropic::{Client, Upload, types::*};
async fn run(client: Client) -> anthropic::Result<()> {
let answer = client.organization().workspaces().update("workspace_01", organization::WorkspaceUpdateParams::new()).await?;
println!("{answer:?}");
Ok(())
}
}
mod e361 { // crates/anthropic/src/generated/organization/organization_workspaces_members.rs
use anthropic::{Client, Upload, types::*};
async fn run(client: Client) -> anthropic::Result<()> {
let answer = client.organization().workspaces().members().add("workspace_01", organization::workspaces::MemberAddParams::new("user_01", "workspace_admin")).await?;
println!("{answer:?}");
Ok(())
}
}
mod e362 { // crates/anthropic/src/generated/organization/organization_workspaces_members.rs
use anthropic::{Client, Upload, types::*};
async fn run(client: Client) -> anthropic::Result<()> {
let mut items = client.organization().workspaces().members().list("workspace_01", organization::workspaces::MemberListParams::new()).items();
while let Some(item) = items.try_next().await? {
    println!("{item:?}");
}
Ok(())
}
}
mod e363 { // crates/anthropic/src/generated/organization/organization_workspaces_members.rs
use anthropic::{Client, Upload, types::*};
async fn run(client: Client) -> anthropic::Result<()> {
let answer = client.organization().workspaces().members().remove("workspace_01", "user_01").await?;
println!("{answer:?}");
Ok(())
}
}
mod e364 { // crates/anthropic/src/generated/organization/organization_workspaces_members.rs
use anthropic::{Client, Upload, types::*};
async fn run(client: Client) -> anthropic::Result<()> {
let answer = client.organization().workspaces().members().retrieve("workspace_01", "user_01").await?;
println!("{answer:?}");
Ok(())
}
}
mod e365 { // crates/anthropic/src/generated/organization/organization_workspaces_members.rs
use anthropic::{Client, Upload, types::*};
async fn run(client: Client) -> anthropic::Result<()> {
let answer = client.organization().workspaces().members().update("workspace_01", "user_01", organization::workspaces::MemberUpdateParams::new("workspace_admin")).await?;
println!("{answer:?}");
Ok(())
}
}
mod e366 { // crates/anthropic/src/generated/organization/organization_workspaces_rate_limits.rs
use anthropic::{Client, Upload, types::*};
async fn run(client: Client) -> anthropic::Result<()> {
let mut items = client.organization().workspaces().rate_limits().list("workspace_01", organization::workspaces::RateLimitListParams::new()).items();
while let Some(item) = items.try_next().await? {
    println!("{item:?}");
}
Ok(())
}
}
mod e367 { // crates/anthropic/src/generated/organization/organization_workspaces_rate_limits.rs
use anthropic::{Client, Upload, types::*};
async fn run(client: Client) -> anthropic::Result<()> {
let answer = client.organization().workspaces().rate_limits().update("workspace_01", "rate_limit_01", organization::workspaces::RateLimitUpdateParams::new([organization::workspaces::WorkspaceRateLimitUpdateValue::new("fast_itpmca")])).await?;
println!("{answer:?}");
Ok(())
}
}
mod e368 { // crates/anthropic/src/generated/organization/organization_workspaces_service_accounts.rs
use anthropic::{Client, Upload, types::*};
async fn run(client: Client) -> anthropic::Result<()> {
let answer = client.organization().workspaces().service_accounts().add("workspace_01", organization::workspaces::ServiceAccountAddParams::new("service_account_01", "workspace_admin")).await?;
println!("{answer:?}");
Ok(())
}
}
mod e369 { // crates/anthropic/src/generated/organization/organization_workspaces_service_accounts.rs
use anthropic::{Client, Upload, types::*};
async fn run(client: Client) -> anthropic::Result<()> {
let mut items = client.organization().workspaces().service_accounts().list("workspace_01", organization::workspaces::ServiceAccountListParams::new()).items();
while let Some(item) = items.try_next().await? {
    println!("{item:?}");
}
Ok(())
}
}
mod e370 { // crates/anthropic/src/generated/organization/organization_workspaces_service_accounts.rs
use anthropic::{Client, Upload, types::*};
async fn run(client: Client) -> anthropic::Result<()> {
let answer = client.organization().workspaces().service_accounts().remove("workspace_01", "service_account_01").await?;
println!("{answer:?}");
Ok(())
}
}
mod e371 { // crates/anthropic/src/generated/organization/organization_workspaces_service_accounts.rs
use anthropic::{Client, Upload, types::*};
async fn run(client: Client) -> anthropic::Result<()> {
let answer = client.organization().workspaces().service_accounts().retrieve("workspace_01", "service_account_01").await?;
println!("{answer:?}");
Ok(())
}
}
mod e372 { // crates/anthropic/src/generated/organization/organization_workspaces_service_accounts.rs
use anthropic::{Client, Upload, types::*};
async fn run(client: Client) -> anthropic::Result<()> {
let answer = client.organization().workspaces().service_accounts().update("workspace_01", "service_account_01", organization::workspaces::ServiceAccountUpdateParams::new("workspace_admin")).await?;
println!("{answer:?}");
Ok(())
}
}
mod e373 { // crates/anthropic/src/generated/organization/user_profiles.rs
use anthropic::{Client, Upload, types::*};
async fn run(client: Client) -> anthropic::Result<()> {
let answer = client.user_profiles().create(user_profiles::UserProfileCreateParams::new()).await?;
println!("{answer:?}");
Ok(())
}
}
mod e374 { // crates/anthropic/src/generated/organization/user_profiles.rs
use anthropic::{Client, Upload, types::*};
async fn run(client: Client) -> anthropic::Result<()> {
let answer = client.user_profiles().delete("user_profile_01").await?;
println!("{answer:?}");
Ok(())
}
}
mod e375 { // crates/anthropic/src/generated/organization/user_profiles.rs
use anthropic::{Client, Upload, types::*};
async fn run(client: Client) -> anthropic::Result<()> {
let mut items = client.user_profiles().list(user_profiles::UserProfileListParams::new()).items();
while let Some(item) = items.try_next().await? {
    println!("{item:?}");
}
Ok(())
}
}
mod e376 { // crates/anthropic/src/generated/organization/user_profiles.rs
use anthropic::{Client, Upload, types::*};
async fn run(client: Client) -> anthropic::Result<()> {
let answer = client.user_profiles().retrieve("user_profile_01").await?;
println!("{answer:?}");
Ok(())
}
}
mod e377 { // crates/anthropic/src/generated/organization/user_profiles.rs
use anthropic::{Client, Upload, types::*};
async fn run(client: Client) -> anthropic::Result<()> {
let answer = client.user_profiles().update("user_profile_01", user_profiles::UserProfileUpdateParams::new()).await?;
println!("{answer:?}");
Ok(())
}
}
mod e378 { // crates/anthropic/src/generated/organization/user_profiles_action_urls.rs
use anthropic::{Client, Upload, types::*};
async fn run(client: Client) -> anthropic::Result<()> {
let answer = client.user_profiles().action_urls().create("user_profile_01", user_profiles::ActionURLCreateParams::new(user_profiles::UserProfileEnrollEndUserAction::new())).await?;
println!("{answer:?}");
Ok(())
}
}
fn main(){}
