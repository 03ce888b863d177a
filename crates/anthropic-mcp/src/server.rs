//! A server, and what is asked of it.

use std::fmt;
use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use anthropic::Upload;
use anthropic::types::{ContentBlock, MessageParam};
use rmcp::ServiceExt as _;
use rmcp::model::{
    CallToolRequestParams, CallToolResult, GetPromptRequestParams, GetPromptResult, JsonObject,
    ReadResourceRequestParams, ReadResourceResult, Tool,
};
use rmcp::service::{ClientCacheConfig, Peer, RoleClient, RunningService, ServiceError};
use rmcp::transport::IntoTransport;
use serde::Serialize;
use tokio::runtime::Handle;
use tokio::sync::{Mutex, RwLock};

use crate::convert;
use crate::error::{Error, ErrorKind, Result};
use crate::handler::{Handler, News};
use crate::listing::{self, Prompt, Resource, ResourceTemplate};

const TIMEOUT: Duration = Duration::from_secs(60);

/// What servers of all kinds have set.
#[derive(Debug, Clone)]
pub(crate) struct Settings {
    pub(crate) name: Option<String>,
    /// What is connected to, without secrets, as errors name it.
    pub(crate) place: String,
    pub(crate) timeout: Duration,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            name: None,
            place: String::new(),
            timeout: TIMEOUT,
        }
    }
}

impl Settings {
    /// Of a server at a place, whose name is this one unless it was given another.
    pub(crate) fn of(self, name: String, place: String) -> Self {
        Self {
            name: self.name.or(Some(name)),
            place,
            ..self
        }
    }

    pub(crate) fn name(&self) -> &str {
        self.name.as_deref().unwrap_or_default()
    }
}

/// A connected MCP server. Cheap to clone; all clones and all tools share one session.
#[derive(Clone)]
pub struct Server(Arc<Inner>);

struct Inner {
    settings: Settings,
    session: Session,
    news: Arc<News>,
}

type Running = RunningService<RoleClient, Handler>;

/// Whose session it is.
enum Session {
    /// This crate's.
    Own {
        /// None once it is closed.
        running: RwLock<Option<Running>>,
        /// Held while it is closed.
        closing: Mutex<()>,
    },
    /// The caller's, made with rmcp.
    Given(Peer<RoleClient>),
}

impl Server {
    /// Makes a session over a transport.
    pub(crate) async fn serve<T, E, A>(transport: T, settings: Settings) -> Result<Self>
    where
        T: IntoTransport<RoleClient, E, A>,
        E: std::error::Error + Send + Sync + 'static,
    {
        let news = Arc::<News>::default();
        let handler = Handler {
            news: Arc::clone(&news),
        };
        let started = tokio::time::timeout(settings.timeout, handler.serve(transport)).await;
        let Ok(started) = started else {
            let what = format!("making a session with {}", settings.place);
            return Err(too_slow(&settings, &what));
        };
        let running =
            started.map_err(|error| Error::of_start(settings.name(), &settings.place, error))?;
        // Lists are asked for to be compared with what was approved; an older one proves nothing.
        let cache = ClientCacheConfig::disabled();
        running.peer().set_response_cache_config(cache).await;
        Ok(Self(Arc::new(Inner {
            settings,
            session: Session::Own {
                running: RwLock::new(Some(running)),
                closing: Mutex::default(),
            },
            news,
        })))
    }

    pub(crate) fn given(name: String, peer: Peer<RoleClient>) -> Self {
        let settings = Settings {
            name: Some(name),
            ..Settings::default()
        };
        Self(Arc::new(Inner {
            settings,
            session: Session::Given(peer),
            news: Arc::default(),
        }))
    }

    /// The server's name here: the one that was given, else its program's or its host's.
    pub fn name(&self) -> &str {
        self.0.settings.name()
    }

    pub(crate) fn news(&self) -> u64 {
        self.0.news.count()
    }

    /// What to ask. Nothing holds the session's lock while it waits for a response, so that closing
    /// waits for nobody.
    async fn peer(&self) -> Result<Peer<RoleClient>> {
        match &self.0.session {
            Session::Own { running, .. } => {
                let running = running.read().await;
                let peer = running.as_ref().map(|running| running.peer().clone());
                peer.ok_or_else(|| {
                    let message = "the connection is closed";
                    Error::new(ErrorKind::Closed, self.name(), message)
                })
            }
            Session::Given(peer) => Ok(peer.clone()),
        }
    }

    /// Waits for something of the server, but not forever.
    async fn within<T>(&self, what: &str, work: impl Future<Output = Result<T>>) -> Result<T> {
        match tokio::time::timeout(self.0.settings.timeout, work).await {
            Ok(done) => done,
            Err(_) => Err(too_slow(&self.0.settings, what)),
        }
    }

    fn failed(&self, what: &str, error: ServiceError) -> Error {
        Error::of_service(self.name(), what, error)
    }

    /// How the server describes its use; empty if it does not. It is the server's text: whoever
    /// puts it into a system prompt trusts the server.
    pub async fn instructions(&self) -> Result<String> {
        let info = self.peer().await?.peer_info();
        let instructions = info.and_then(|info| info.instructions.clone());
        Ok(instructions.unwrap_or_default())
    }

    pub(crate) async fn list_tools(&self) -> Result<Vec<Tool>> {
        const WHAT: &str = "the list of tools";
        self.within(WHAT, async {
            let peer = self.peer().await?;
            let page = |params| async {
                let page = peer.list_tools(params).await?;
                Ok((page.tools, page.next_cursor))
            };
            listing::all(self.name(), WHAT, page).await
        })
        .await
    }

    pub(crate) async fn call_tool(
        &self,
        name: &str,
        arguments: JsonObject,
    ) -> Result<CallToolResult> {
        let params = CallToolRequestParams::new(name.to_owned()).with_arguments(arguments);
        let called = self.peer().await?.call_tool(params).await;
        called.map_err(|error| self.failed(&format!("the tool `{name}`"), error))
    }

    /// The server's prompts.
    pub async fn prompts(&self) -> Result<Vec<Prompt>> {
        const WHAT: &str = "the list of prompts";
        self.within(WHAT, async {
            let peer = self.peer().await?;
            let page = |params| async {
                let page = peer.list_prompts(params).await?;
                Ok((page.prompts, page.next_cursor))
            };
            let all = listing::all(self.name(), WHAT, page).await?;
            Ok(all.into_iter().map(Prompt::from).collect())
        })
        .await
    }

    /// A prompt, filled in with these arguments (an object), as turns of a conversation.
    ///
    /// ```no_run
    /// # async fn run(server: anthropic_mcp::Server) -> Result<(), Box<dyn std::error::Error>> {
    /// use anthropic::types::{MessageCreateParams, Model};
    /// use serde_json::json;
    ///
    /// let turns = server.prompt("review", json!({"language": "Rust"})).await?;
    /// let params = MessageCreateParams::new(Model::CLAUDE_OPUS_5_5, 1024);
    /// let params = turns.into_iter().fold(params, MessageCreateParams::message);
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// [`Unsupported`](ErrorKind::Unsupported) if the API does not take something of it, such as
    /// audio.
    pub async fn prompt(
        &self,
        name: impl AsRef<str>,
        arguments: impl Serialize,
    ) -> Result<Vec<MessageParam>> {
        let name = name.as_ref();
        let what = format!("the prompt `{name}`");
        let config = |message: &str| Error::new(ErrorKind::Config, self.name(), message);
        let arguments = match serde_json::to_value(arguments) {
            Ok(serde_json::Value::Object(arguments)) => arguments,
            Ok(serde_json::Value::Null) => JsonObject::new(),
            Ok(_) => return Err(config("the arguments of a prompt are an object")),
            Err(error) => {
                return Err(config("the arguments of a prompt can't be written").caused_by(error));
            }
        };
        let params = GetPromptRequestParams::new(name).with_arguments(arguments);
        let result: GetPromptResult = self
            .within(&what, async {
                let got = self.peer().await?.get_prompt(params).await;
                got.map_err(|error| self.failed(&what, error))
            })
            .await?;
        result.messages.iter().map(convert::message).collect()
    }

    /// The server's resources.
    pub async fn resources(&self) -> Result<Vec<Resource>> {
        const WHAT: &str = "the list of resources";
        self.within(WHAT, async {
            let peer = self.peer().await?;
            let page = |params| async {
                let page = peer.list_resources(params).await?;
                Ok((page.resources, page.next_cursor))
            };
            let all = listing::all(self.name(), WHAT, page).await?;
            Ok(all.into_iter().map(Resource::from).collect())
        })
        .await
    }

    /// The server's templates of resources.
    pub async fn resource_templates(&self) -> Result<Vec<ResourceTemplate>> {
        const WHAT: &str = "the list of resource templates";
        self.within(WHAT, async {
            let peer = self.peer().await?;
            let page = |params| async {
                let page = peer.list_resource_templates(params).await?;
                Ok((page.resource_templates, page.next_cursor))
            };
            let all = listing::all(self.name(), WHAT, page).await?;
            Ok(all.into_iter().map(ResourceTemplate::from).collect())
        })
        .await
    }

    async fn read(&self, uri: &str) -> Result<ReadResourceResult> {
        let what = format!("the resource {uri}");
        let params = ReadResourceRequestParams::new(uri);
        self.within(&what, async {
            let read = self.peer().await?.read_resource(params).await;
            read.map_err(|error| self.failed(&what, error))
        })
        .await
    }

    /// A resource as a block of a message: an image, a PDF or a text.
    ///
    /// # Errors
    ///
    /// [`Unsupported`](ErrorKind::Unsupported) if it is nothing that the API takes.
    pub async fn resource(&self, uri: impl AsRef<str>) -> Result<ContentBlock> {
        convert::resource(&self.read(uri.as_ref()).await?)
    }

    /// A resource as a file to upload, whatever it is, under the last part of its URI.
    pub async fn resource_file(&self, uri: impl AsRef<str>) -> Result<Upload> {
        convert::file(&self.read(uri.as_ref()).await?)
    }

    /// Ends the session, and waits for it: a program gets the end of its standard input, then,
    /// after 3 s, SIGTERM, and is killed after 3 s more; both reach what it has started, too. What
    /// is under way fails. Another call at the same time waits for the same end. A session that was
    /// [given](crate::rmcp_3::server) stays its owner's.
    ///
    /// # Errors
    ///
    /// [`Closed`](ErrorKind::Closed) if the session has ended badly before.
    pub async fn close(&self) -> Result<()> {
        let Session::Own { running, closing } = &self.0.session else {
            return Ok(());
        };
        let _turn = closing.lock().await;
        if let Some(running) = running.read().await.as_ref() {
            running.cancellation_token().cancel();
        }
        let taken = running.write().await.take();
        match taken {
            Some(mut running) => match running.close().await {
                Ok(_) => Ok(()),
                Err(error) => {
                    let message = "the session has ended badly";
                    Err(Error::new(ErrorKind::Closed, self.name(), message).caused_by(error))
                }
            },
            None => Ok(()),
        }
    }
}

/// Fails where there is no runtime to run a session's tasks on.
pub(crate) fn on_runtime(settings: &Settings) -> Result<()> {
    Handle::try_current().map(drop).map_err(|error| {
        let message = "servers are connected to on a tokio runtime";
        Error::new(ErrorKind::Config, settings.name(), message).caused_by(error)
    })
}

fn too_slow(settings: &Settings, what: &str) -> Error {
    let limit = settings.timeout;
    let message = format!("{what} took longer than {limit:?}; raise `timeout` if it has to");
    Error::new(ErrorKind::Timeout, settings.name(), message)
}

impl fmt::Debug for Server {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Server")
            .field("name", &self.name())
            .finish_non_exhaustive()
    }
}
