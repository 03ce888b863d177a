//! The tools of a server, before a run has them.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;

use anthropic::schema;
use anthropic::tools::{Tool, ToolSettings, Tools};
use anthropic::types;
use rmcp::model;
use serde_json::{Map, Value};

use crate::approval::{Approval, Change, ChangeKind, digest};
use crate::arguments::Renamed;
use crate::error::{Error, ErrorKind, Result};
use crate::name::{api_name, written};
use crate::server::Server;
use crate::tool::McpTool;

impl Server {
    /// The server's tools, as they are now.
    ///
    /// Arguments whose names the API does not take have others for the model (`$top` is `_top`),
    /// and the server's own when the tool is called.
    ///
    /// A run refuses tools whose names the API does not take, or that have one name once they are
    /// written as it takes them (`a.b` and `a_b`): leave one [out](ServerTools::without).
    ///
    /// # Errors
    ///
    /// As the docs of each kind have it.
    pub async fn tools(&self) -> Result<ServerTools> {
        // Counted before, so that what is announced meanwhile counts as news.
        let news = self.news();
        let tools = self.list_tools().await?;
        Ok(ServerTools::new(self.clone(), news, &tools))
    }
}

/// The tools of a server, as it listed them; made by [`Server::tools`].
///
/// A run takes them beside others: `run.tools([files.tools().await?, search.tools().await?])`. The
/// definitions stay those of the listing, which keeps the prompt cache.
#[derive(Clone)]
#[must_use = "tools do nothing until a run has them"]
pub struct ServerTools {
    server: Server,
    news: u64,
    tools: Vec<Listed>,
}

#[derive(Clone)]
struct Listed {
    /// The server's own name for it.
    name: String,
    digest: String,
    definition: types::Tool,
    renamed: Renamed,
    settings: ToolSettings,
}

impl ServerTools {
    fn new(server: Server, news: u64, tools: &[model::Tool]) -> Self {
        let tools = tools.iter().map(|tool| {
            let (definition, renamed) = definition(tool, written("", &tool.name));
            Listed {
                name: tool.name.to_string(),
                digest: digest(tool),
                definition,
                renamed,
                settings: ToolSettings::new(),
            }
        });
        Self {
            server,
            news,
            tools: tools.collect(),
        }
    }

    /// The names by which the model calls them: the server's, with underscores in place of what the
    /// API takes in no name.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.tools.iter().map(|tool| tool.definition.name.as_str())
    }

    /// The definitions, as they are sent.
    pub fn definitions(&self) -> impl Iterator<Item = &types::Tool> {
        self.tools.iter().map(|tool| &tool.definition)
    }

    /// Puts this in front of all names, to set them apart from those of other servers.
    ///
    /// # Errors
    ///
    /// [`Names`](ErrorKind::Names) if one is longer than the API takes.
    pub fn prefixed(mut self, prefix: impl AsRef<str>) -> Result<Self> {
        for tool in &mut self.tools {
            let name = api_name(prefix.as_ref(), &tool.definition.name);
            tool.definition.name = name.ok_or_else(|| no_name(&self.server, &tool.name))?;
        }
        Ok(self)
    }

    /// Keeps these tools, by the server's names for them.
    ///
    /// # Errors
    ///
    /// [`Names`](ErrorKind::Names) if the server does not have one of them.
    pub fn only<N: AsRef<str>>(mut self, names: impl IntoIterator<Item = N>) -> Result<Self> {
        let names = self.known(names)?;
        self.tools.retain(|tool| names.contains(&tool.name));
        Ok(self)
    }

    /// Leaves these tools out, by the server's names for them.
    ///
    /// # Errors
    ///
    /// [`Names`](ErrorKind::Names) if the server does not have one of them.
    pub fn without<N: AsRef<str>>(mut self, names: impl IntoIterator<Item = N>) -> Result<Self> {
        let names = self.known(names)?;
        self.tools.retain(|tool| !names.contains(&tool.name));
        Ok(self)
    }

    fn known<N: AsRef<str>>(&self, names: impl IntoIterator<Item = N>) -> Result<Vec<String>> {
        let names = names.into_iter().map(|name| {
            let name = name.as_ref();
            if self.tools.iter().any(|tool| tool.name == name) {
                return Ok(name.to_owned());
            }
            let message = format!("it has no tool `{name}`");
            Err(Error::new(ErrorKind::Names, self.server.name(), message))
        });
        names.collect()
    }

    /// How a run calls them, by the server's name for each:
    ///
    /// ```
    /// # fn run(tools: anthropic_mcp::ServerTools) -> anthropic_mcp::ServerTools {
    /// use anthropic::tools::ToolSettings;
    ///
    /// tools.settings(|name| match name {
    ///     "read_file" => ToolSettings::new(),
    ///     _ => ToolSettings::new().needs_approval(),
    /// })
    /// # }
    /// ```
    pub fn settings(mut self, of: impl Fn(&str) -> ToolSettings) -> Self {
        for tool in &mut self.tools {
            tool.settings = of(&tool.name);
        }
        self
    }

    /// Changes the definitions that are sent, such as `|tool| tool.defer_loading(true)`, or
    /// `cache_control`. The name stays.
    pub fn define(mut self, change: impl Fn(types::Tool) -> types::Tool) -> Self {
        for tool in &mut self.tools {
            let name = tool.definition.name.clone();
            tool.definition = change(tool.definition.clone());
            tool.definition.name = name;
        }
        self
    }

    fn digests(&self) -> impl Iterator<Item = (&str, &str)> {
        let tools = self.tools.iter();
        tools.map(|tool| (tool.name.as_str(), tool.digest.as_str()))
    }

    /// These definitions as approved ones: what somebody who has looked at them stores.
    pub fn approval(&self) -> Approval {
        Approval::of(self.digests())
    }

    /// What is not as it was approved.
    pub fn changes(&self, approval: &Approval) -> Vec<Change> {
        approval.changes(self.digests())
    }

    /// The same tools, all of them approved.
    ///
    /// ```no_run
    /// # async fn run(server: anthropic_mcp::Server) -> Result<(), Box<dyn std::error::Error>> {
    /// use anthropic_mcp::ErrorKind;
    ///
    /// let approval = serde_json::from_slice(&std::fs::read("approved.json")?)?;
    /// let tools = match server.tools().await?.approved_by(&approval) {
    ///     Ok(tools) => tools,
    ///     Err(error) if error.kind() == ErrorKind::Changed => {
    ///         eprintln!("look at these: {:?}", error.changes());
    ///         server.tools().await?.only_approved_by(&approval)
    ///     }
    ///     Err(error) => return Err(error.into()),
    /// };
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// [`Changed`](ErrorKind::Changed) if a tool is new or another than it was; that one is gone is
    /// no error.
    pub fn approved_by(self, approval: &Approval) -> Result<Self> {
        let mut changes = self.changes(approval);
        changes.retain(|change| change.kind != ChangeKind::Removed);
        if changes.is_empty() {
            Ok(self)
        } else {
            Err(Error::changed(self.server.name(), changes))
        }
    }

    /// Those tools that are approved and are as they were.
    pub fn only_approved_by(mut self, approval: &Approval) -> Self {
        self.tools
            .retain(|tool| approval.has(&tool.name, &tool.digest));
        self
    }
}

fn no_name(server: &Server, name: &str) -> Error {
    let message = format!(
        "the API takes no name for its tool `{name}`: at most 128 characters; leave it out with `without`"
    );
    Error::new(ErrorKind::Names, server.name(), message)
}

/// A definition as the API takes it. The schema's own keywords stay, if they are of the draft that
/// the API checks; the root is an object, which is what arguments are. A server that has another
/// would have the whole request refused.
fn definition(tool: &model::Tool, name: String) -> (types::Tool, Renamed) {
    let schema = Value::Object((*tool.input_schema).clone());
    let mut schema = match schema::mended(schema).to_value() {
        Value::Object(schema) => schema,
        _ => Map::new(),
    };
    schema.remove("$schema");
    schema.insert("type".to_owned(), "object".into());
    if !schema.get("properties").is_some_and(Value::is_object) {
        schema.insert("properties".to_owned(), Map::new().into());
    }
    let renamed = Renamed::in_schema(&mut schema);
    let mut definition = types::Tool::new(Value::Object(schema), name);
    // A run refuses a blank one, since the API's own tools have none; here nobody can mend it.
    let described = tool.description.as_deref();
    definition.description = described
        .filter(|text| !text.trim().is_empty())
        .map(str::to_owned);
    (definition, renamed)
}

impl From<ServerTools> for Tools {
    fn from(tools: ServerTools) -> Self {
        let ServerTools {
            server,
            news,
            tools,
        } = tools;
        let tools = tools.into_iter().map(|tool| -> Arc<dyn Tool> {
            Arc::new(McpTool {
                server: server.clone(),
                definition: tool.definition,
                name: tool.name,
                renamed: tool.renamed,
                digest: tool.digest,
                seen: AtomicU64::new(news),
                settings: tool.settings,
            })
        });
        tools.collect()
    }
}

impl fmt::Debug for ServerTools {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ServerTools")
            .field("server", &self.server.name())
            .field("names", &self.names().collect::<Vec<_>>())
            .finish_non_exhaustive()
    }
}
