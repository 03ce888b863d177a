//! Tools of two MCP servers in one run: a program that is started, and one over HTTP.
//!
//! `cargo run -p anthropic-mcp --example mcp` needs no key: without one it talks to a simulator,
//! which is scripted to call the tools. The servers are written with `rmcp` below; with the path of
//! a server for Node behind `--`, such as `@modelcontextprotocol/server-everything`'s
//! `dist/index.js`, the program is that one.

use std::error::Error;
use std::ffi::OsString;
use std::process::Stdio;
use std::sync::Arc;

use anthropic::Client;
use anthropic::tools::ToolSettings;
use anthropic::types::{MessageCreateParams, Model};
use anthropic_mcp::{Approval, Server};
use anthropic_sim::{Reply, Simulator};
use axum::Router;
use rmcp::model::{
    CallToolRequestParams, CallToolResponse, CallToolResult, ContentBlock, ErrorData, JsonObject,
    ListToolsResult, PaginatedRequestParams, ServerCapabilities, ServerConfig, Tool,
};
use rmcp::service::RequestContext;
use rmcp::transport::streamable_http_server::session::local::LocalSessionManager;
use rmcp::transport::{StreamableHttpServerConfig, StreamableHttpService};
use rmcp::{RoleServer, ServerHandler, ServiceExt};
use serde_json::json;
use tokio::net::TcpListener;

/// A tool of the server for Node.
const IMAGE: &str = "get-tiny-image";

/// A server with one tool.
#[derive(Clone)]
struct Echo;

impl ServerHandler for Echo {
    fn get_info(&self) -> ServerConfig {
        ServerConfig::new(ServerCapabilities::builder().enable_tools().build())
    }

    async fn list_tools(
        &self,
        _: Option<PaginatedRequestParams>,
        _: RequestContext<RoleServer>,
    ) -> Result<ListToolsResult, ErrorData> {
        let mut schema = JsonObject::new();
        schema.insert("type".into(), json!("object"));
        schema.insert("properties".into(), json!({"message": {"type": "string"}}));
        let echo = Tool::new("echo", "Returns the message.", schema);
        Ok(ListToolsResult::with_all_items(vec![echo]))
    }

    async fn call_tool(
        &self,
        params: CallToolRequestParams,
        _: RequestContext<RoleServer>,
    ) -> Result<CallToolResponse, ErrorData> {
        let arguments = params.arguments.unwrap_or_default();
        let message = arguments
            .get("message")
            .and_then(|message| message.as_str());
        let Some(message) = message else {
            return Err(ErrorData::invalid_params("`message` is missing", None));
        };
        let echo = ContentBlock::text(format!("Echo: {message}"));
        Ok(CallToolResponse::Complete(CallToolResult::success(vec![
            echo,
        ])))
    }
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let script = std::env::args_os().nth(1);
    if script.as_ref().is_some_and(|arg| arg == "serve") {
        Echo.serve(rmcp::transport::stdio())
            .await?
            .waiting()
            .await?;
        return Ok(());
    }
    let program = start(script).await?;
    let over_http = Server::http(serve_http().await?)
        .named("notes")
        .connect()
        .await?;

    look_around(&program).await?;

    // Somebody looks at the definitions, and stores that. What has changed when the server is used
    // later is reported.
    let stored = serde_json::to_string(&program.tools().await?.approval())?;
    let approval: Approval = serde_json::from_str(&stored)?;
    let tools = program.tools().await?.approved_by(&approval)?;
    let has_image = tools.names().any(|name| name == IMAGE);
    let tools = if has_image {
        tools.only(["echo", IMAGE])?
    } else {
        tools.only(["echo"])?
    };
    let tools = tools.prefixed("program_")?;
    let others = over_http.tools().await?;
    let others = others.settings(|_| ToolSettings::new().sequential());

    let (client, _simulator) = client(has_image).await?;
    let params = MessageCreateParams::new(Model::CLAUDE_OPUS_5_5, 1024)
        .user("Have both servers echo a river.");
    let outcome = client
        .messages()
        .run(params)
        .tools([tools, others])
        .max_turns(4)
        .await?;
    for message in outcome.transcript().messages() {
        println!("{}", serde_json::to_string(message)?);
    }
    println!("{}", outcome.text()?);
    program.close().await?;
    over_http.close().await?;
    Ok(())
}

/// Prints what a server has beside tools.
async fn look_around(server: &Server) -> Result<(), Box<dyn Error>> {
    for prompt in server.prompts().await? {
        println!(
            "prompt {}: {}",
            prompt.name,
            prompt.description.unwrap_or_default()
        );
        if prompt.arguments.is_empty() {
            let turns = server.prompt(&prompt.name, ()).await?;
            println!("  {}", serde_json::to_string(&turns)?);
        }
    }
    if let Some(resource) = server.resources().await?.first() {
        let block = server.resource(&resource.uri).await?;
        println!("resource {}: {}", resource.uri, block.type_name());
    }
    Ok(())
}

/// The server that is a program: a script for Node, or this one.
async fn start(script: Option<OsString>) -> Result<Server, Box<dyn Error>> {
    let program = match script {
        Some(script) => Server::program("node").arg(script).arg("stdio"),
        None => Server::program(std::env::current_exe()?).arg("serve"),
    };
    let program = program.named("program").stderr(Stdio::null());
    Ok(program.start().await?)
}

/// The server over HTTP; its URL.
async fn serve_http() -> Result<String, Box<dyn Error>> {
    let service = StreamableHttpService::new(
        || Ok(Echo),
        Arc::<LocalSessionManager>::default(),
        StreamableHttpServerConfig::default(),
    );
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let url = format!("http://{}/mcp", listener.local_addr()?);
    let app = Router::new().nest_service("/mcp", service);
    tokio::spawn(async move { axum::serve(listener, app).await });
    Ok(url)
}

/// A client of the API, or without a key of a simulator that calls the tools.
async fn client(has_image: bool) -> Result<(Client, Option<Simulator>), Box<dyn Error>> {
    let Some(simulator) = Simulator::start_unless_keyed().await? else {
        return Ok((Client::from_env()?, None));
    };
    let mut calls = Reply::tool_use("program_echo", json!({"message": "Rhine"}))
        .with_tool_use("echo", json!({"message": "Aare"}));
    if has_image {
        calls = calls.with_tool_use(format!("program_{IMAGE}"), json!({}));
    }
    simulator.reply(calls);
    simulator.reply(Reply::text("They echo the Rhine and the Aare."));
    let client = Client::builder()
        .api_key(simulator.api_key())
        .base_url(simulator.url());
    Ok((client.build()?, Some(simulator)))
}
