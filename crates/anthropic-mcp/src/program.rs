//! Servers that are programs, started here.

use std::ffi::{OsStr, OsString};
use std::fmt;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use process_wrap::tokio::{CommandWrap, KillOnDrop};
use rmcp::transport::TokioChildProcess;
use tokio::process::Command;

use crate::error::{Error, ErrorKind, Result};
use crate::server::{Server, Settings, on_runtime};

/// What programs need to run, and nothing that is a secret.
#[cfg(not(windows))]
const INHERITED: [&str; 9] = [
    "HOME", "LANG", "LC_ALL", "LOGNAME", "PATH", "SHELL", "TERM", "TMPDIR", "USER",
];
/// What programs need to run, and nothing that is a secret.
#[cfg(windows)]
const INHERITED: [&str; 13] = [
    "APPDATA",
    "HOMEDRIVE",
    "HOMEPATH",
    "LOCALAPPDATA",
    "PATH",
    "PATHEXT",
    "PROCESSOR_ARCHITECTURE",
    "SYSTEMDRIVE",
    "SYSTEMROOT",
    "TEMP",
    "TMP",
    "USERNAME",
    "USERPROFILE",
];

impl Server {
    /// A server that is this program, started here and spoken to over its standard input and
    /// output.
    ///
    /// ```no_run
    /// # async fn run() -> anthropic_mcp::Result<()> {
    /// use anthropic_mcp::Server;
    ///
    /// let everything = Server::program("npx")
    ///     .args(["-y", "@modelcontextprotocol/server-everything"])
    ///     .env("LOG_LEVEL", "error")
    ///     .start()
    ///     .await?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn program(program: impl AsRef<OsStr>) -> Program {
        Program::new(program.as_ref().to_owned())
    }
}

/// A program that is to be started as a server; made by [`Server::program`].
///
/// It gets these variables of this process's environment, where they are set, and those that are
/// named here: `HOME`, `LANG`, `LC_ALL`, `LOGNAME`, `PATH`, `SHELL`, `TERM`, `TMPDIR` and `USER`;
/// on Windows `APPDATA`, `HOMEDRIVE`, `HOMEPATH`, `LOCALAPPDATA`, `PATH`, `PATHEXT`,
/// `PROCESSOR_ARCHITECTURE`, `SYSTEMDRIVE`, `SYSTEMROOT`, `TEMP`, `TMP`, `USERNAME` and
/// `USERPROFILE`.
#[must_use = "nothing is started until this is"]
pub struct Program {
    file: OsString,
    args: Vec<OsString>,
    /// Names, with values unless they are this process's.
    env: Vec<(OsString, Option<OsString>)>,
    dir: Option<PathBuf>,
    stderr: Option<Stdio>,
    settings: Settings,
}

impl Program {
    fn new(program: OsString) -> Self {
        Self {
            file: program,
            args: Vec::new(),
            env: INHERITED.iter().map(|name| (name.into(), None)).collect(),
            dir: None,
            stderr: None,
            settings: Settings::default(),
        }
    }

    /// The server's name in errors; that of the program unless set.
    pub fn named(mut self, name: impl Into<String>) -> Self {
        self.settings.name = Some(name.into());
        self
    }

    /// Adds an argument.
    pub fn arg(mut self, arg: impl AsRef<OsStr>) -> Self {
        self.args.push(arg.as_ref().to_owned());
        self
    }

    /// Adds arguments.
    pub fn args<A: AsRef<OsStr>>(self, args: impl IntoIterator<Item = A>) -> Self {
        args.into_iter().fold(self, Self::arg)
    }

    /// Sets a variable of the program's environment. Its value does not show in `Debug`.
    pub fn env(mut self, name: impl AsRef<OsStr>, value: impl AsRef<OsStr>) -> Self {
        let value = Some(value.as_ref().to_owned());
        self.env.push((name.as_ref().to_owned(), value));
        self
    }

    /// Lets the program have this variable of this process's environment, too.
    pub fn inherit(mut self, name: impl AsRef<OsStr>) -> Self {
        self.env.push((name.as_ref().to_owned(), None));
        self
    }

    /// The folder in which the program runs; this process's unless set.
    pub fn dir(mut self, dir: impl AsRef<Path>) -> Self {
        self.dir = Some(dir.as_ref().to_owned());
        self
    }

    /// Where the program's standard error goes; to this process's unless set.
    pub fn stderr(mut self, stderr: impl Into<Stdio>) -> Self {
        self.stderr = Some(stderr.into());
        self
    }

    /// How long the server may take to make a session, and to respond to listings, prompts and
    /// resources; 60 s by default. Calls of tools have the limits of their run, which waits without
    /// an end unless it has [one](anthropic::tools::ToolSettings::timeout).
    pub fn timeout(mut self, limit: Duration) -> Self {
        self.settings.timeout = limit;
        self
    }

    /// Starts the program and makes a session, on the tokio runtime this is called from, which
    /// needs I/O and time (`enable_all`).
    ///
    /// The program is the leader of a process group of its own (a job, on Windows), so that what it
    /// starts in turn, as `npx` does, ends with it. A Ctrl-C in a terminal does not reach it: it
    /// gets the end of its standard input when this process ends.
    ///
    /// # Errors
    ///
    /// [`Start`](ErrorKind::Start) if there is no such program, [`Config`](ErrorKind::Config) if no
    /// runtime is running, and else as the docs of each kind have it.
    pub async fn start(self) -> Result<Server> {
        let name = Path::new(&self.file).file_stem();
        let name = name.unwrap_or_default().to_string_lossy().into_owned();
        let place = format!("the program `{}`", Path::new(&self.file).display());
        let settings = self.settings.of(name, place);
        on_runtime(&settings)?;
        let mut command = Command::new(&self.file);
        command.args(&self.args).env_clear();
        for (name, value) in self.env {
            if let Some(value) = value.or_else(|| inherited(&name)) {
                command.env(name, value);
            }
        }
        if let Some(dir) = self.dir {
            command.current_dir(dir);
        }
        let transport = TokioChildProcess::builder(with_descendants(command))
            .stderr(self.stderr.unwrap_or_else(Stdio::inherit))
            .spawn();
        let (transport, _) = transport.map_err(|error| {
            let message = format!("{} can't be started", settings.place);
            Error::new(ErrorKind::Start, settings.name(), message).caused_by(error)
        })?;
        Server::serve(transport, settings).await
    }
}

/// What is ended, and killed when it is dropped, together with all that it starts: a program such
/// as `npx` is only in front of the server.
fn with_descendants(command: Command) -> CommandWrap {
    let mut command = CommandWrap::from(command);
    command.wrap(KillOnDrop);
    #[cfg(unix)]
    command.wrap(process_wrap::tokio::ProcessGroup::leader());
    #[cfg(windows)]
    command.wrap(process_wrap::tokio::JobObject);
    command
}

/// The value of a variable of this process. One that a shell takes for a function is left out.
#[expect(
    clippy::disallowed_methods,
    reason = "what a program inherits is this process's environment"
)]
fn inherited(name: &OsStr) -> Option<OsString> {
    let value = std::env::var_os(name)?;
    let is_function = value.as_encoded_bytes().starts_with(b"()");
    (!is_function).then_some(value)
}

impl fmt::Debug for Program {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let env: Vec<&OsString> = self.env.iter().map(|(name, _)| name).collect();
        f.debug_struct("Program")
            .field("program", &self.file)
            .field("env", &env)
            .field("settings", &self.settings)
            .finish_non_exhaustive()
    }
}
