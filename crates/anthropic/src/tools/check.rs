//! What is wrong with a set of tools, found before anything is sent.

use std::borrow::Cow;
use std::collections::HashSet;
use std::error::Error as StdError;
use std::fmt;

use anthropic_types::{JsonOutputFormat, MessageCreateParams, Tool as Definition, ToolUnion};

use super::accepted::{self, Of};
use super::set::Tools;
use super::tool::ToolSettings;
use crate::Error;
use crate::schema::{Counts, Finding};

/// The longest name of a tool.
pub(super) const MAX_NAME: usize = 128;

/// What the API would refuse of a set of tools.
///
/// A run fails with it before its first request, as the [source](StdError::source) of an error of
/// kind [`Request`](crate::ErrorKind::Request).
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum ToolsFault {
    /// Two tools have this name.
    DuplicateName(String),
    /// Two toolsets have this type. A toolset of an MCP server is named with the server.
    DuplicateToolset(String),
    /// The API takes no such name: letters, digits, `_` and `-` only, at most 128.
    Name(String),
    /// A tool's definition has another name than the tool itself.
    OtherName {
        /// The tool's own.
        name: String,
        /// The definition's.
        defined: String,
    },
    /// The tool has an empty description. The model decides by it when to call the tool.
    Description(String),
    /// The API would refuse the tool's schema.
    Schema {
        /// The tool.
        name: String,
        /// What it would refuse, at least one.
        findings: Vec<Finding>,
    },
    /// An argument of a function with `#[tool]` has no description, and its type has none.
    Argument {
        /// The tool.
        name: String,
        /// The argument, as the model sees it.
        argument: String,
    },
    /// The API would refuse the schema of the output format.
    Format(Vec<Finding>),
    /// The strict tools and the output format together have more than the API takes.
    TooMany(Vec<Finding>),
}

impl fmt::Display for ToolsFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let list = |f: &mut fmt::Formatter<'_>, findings: &[Finding]| {
            let findings: Vec<String> = findings.iter().map(Finding::to_string).collect();
            f.write_str(&findings.join("; "))
        };
        match self {
            Self::DuplicateName(name) => {
                write!(f, "two tools have the name `{name}`; rename one of them")
            }
            Self::DuplicateToolset(kind) => {
                write!(
                    f,
                    "two toolsets have the type `{kind}`; leave one of them out"
                )
            }
            Self::Name(name) => write!(
                f,
                "`{name}` is no name for a tool; take 1 to 128 letters, digits, `_` and `-`"
            ),
            Self::OtherName { name, defined } => {
                write!(
                    f,
                    "the tool `{name}` is defined as `{defined}`; give both one name"
                )
            }
            Self::Description(name) => write!(
                f,
                "the description of the tool `{name}` is empty; write what it does and when to use it"
            ),
            Self::Schema { name, findings } => {
                write!(f, "the schema of the tool `{name}`: ")?;
                list(f, findings)
            }
            Self::Argument { name, argument } => write!(
                f,
                "the argument `{argument}` of the tool `{name}` has no description, by which the model fills it in; write a doc comment above it, or above its type"
            ),
            Self::Format(findings) => {
                f.write_str("the schema of the output format: ")?;
                list(f, findings)
            }
            Self::TooMany(findings) => list(f, findings),
        }
    }
}

impl StdError for ToolsFault {}

impl From<ToolsFault> for Error {
    fn from(fault: ToolsFault) -> Self {
        Self::request("the tools can't be sent").caused_by(fault)
    }
}

impl Tools {
    /// Finds what the API would refuse: two tools of one name, names and schemas that it does not
    /// take. A run does it by itself, with the tools and the output format of its parameters.
    ///
    /// It also finds arguments of functions with `#[tool]` that have no description: where the type
    /// of one is to have it, the compiler can't see whether it does.
    ///
    /// # Errors
    ///
    /// The first fault.
    pub fn check(&self) -> Result<(), ToolsFault> {
        let asked: Vec<(ToolUnion, ToolSettings)> = self
            .iter()
            .map(|tool| (tool.definition(), tool.settings()))
            .collect();
        let tools = self.names().zip(&asked);
        let tools: Vec<Defined<'_>> = tools
            .map(|(name, (definition, settings))| Defined {
                name,
                definition,
                settings,
            })
            .collect();
        check_defined(&tools, Beside::default())
    }
}

/// What is sent beside tools, and counts towards the same limits.
#[derive(Clone, Copy, Default)]
pub(super) struct Beside<'a> {
    pub(super) tools: &'a [ToolUnion],
    pub(super) format: Option<&'a JsonOutputFormat>,
}

impl<'a> Beside<'a> {
    /// These tools, and the output format of parameters.
    pub(super) fn of(tools: &'a [ToolUnion], params: &'a MessageCreateParams) -> Self {
        let config = params.output_config.as_ref();
        let format = config.and_then(|config| config.format.as_ref());
        Self { tools, format }
    }
}

/// A tool's name, its definition and how it is called.
pub(super) struct Defined<'a> {
    pub(super) name: &'a str,
    pub(super) definition: &'a ToolUnion,
    pub(super) settings: &'a ToolSettings,
}

/// Checks tools, and what is sent beside them.
pub(super) fn check_defined(tools: &[Defined<'_>], beside: Beside<'_>) -> Result<(), ToolsFault> {
    let mut names = HashSet::new();
    let mut toolsets = HashSet::new();
    let mut counts = Counts::default();
    for definition in beside.tools {
        match defined_name(definition) {
            Some(name) => once(&mut names, name).map_err(ToolsFault::DuplicateName)?,
            None => once_of_type(&mut toolsets, definition)?,
        }
        if let Some(custom) = definition.as_custom() {
            named(&custom.name)?;
            counts = counts.plus(schema(custom)?);
        }
    }
    if let Some(format) = beside.format {
        let counted = accepted::counts(&format.schema, Of::Output);
        counts = counts.plus(counted.map_err(ToolsFault::Format)?);
    }
    for tool in tools {
        let Defined {
            name,
            definition,
            settings,
        } = *tool;
        once(&mut names, name.into()).map_err(ToolsFault::DuplicateName)?;
        let defined = defined_name(definition);
        if defined.is_none() {
            once_of_type(&mut toolsets, definition)?;
        }
        counts = counts.plus(check_one(name, definition, defined)?);
        if let Some(argument) = settings.undescribed.first() {
            let (name, argument) = (name.to_owned(), argument.clone());
            return Err(ToolsFault::Argument { name, argument });
        }
    }
    let findings: Vec<Finding> = counts.findings().collect();
    if findings.is_empty() {
        Ok(())
    } else {
        Err(ToolsFault::TooMany(findings))
    }
}

/// Fails with a name that was there before.
fn once<'a>(names: &mut HashSet<Cow<'a, str>>, name: Cow<'a, str>) -> Result<(), String> {
    let before = names.replace(name);
    before.map_or(Ok(()), |name| Err(name.into_owned()))
}

/// The same of a toolset, which has no name.
fn once_of_type(
    toolsets: &mut HashSet<Cow<'_, str>>,
    definition: &ToolUnion,
) -> Result<(), ToolsFault> {
    match toolset_key(definition) {
        Some(key) => once(toolsets, key.into()).map_err(ToolsFault::DuplicateToolset),
        None => Ok(()),
    }
}

/// Whether the API takes a tool's name: `^[a-zA-Z0-9_-]{1,128}$`.
pub(super) fn is_name(name: &str) -> bool {
    !name.is_empty() && name.len() <= MAX_NAME && name.bytes().all(is_plain)
}

/// Whether names and ids may have a character: `[a-zA-Z0-9_-]`.
pub(super) fn is_plain(byte: u8) -> bool {
    PLAIN[usize::from(byte)]
}

static PLAIN: [bool; 256] = {
    let mut plain = [false; 256];
    let mut byte = 0_u8;
    while byte < 128 {
        plain[byte as usize] = byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-');
        byte += 1;
    }
    plain
};

/// Fails with a name that the API does not take.
fn named(name: &str) -> Result<(), ToolsFault> {
    if is_name(name) {
        return Ok(());
    }
    Err(ToolsFault::Name(name.to_owned()))
}

/// Checks a tool, and returns what counts towards the limits of strict schemas.
fn check_one(
    name: &str,
    definition: &ToolUnion,
    defined: Option<Cow<'_, str>>,
) -> Result<Counts, ToolsFault> {
    named(name)?;
    if let Some(defined) = defined.filter(|defined| defined != name) {
        let (name, defined) = (name.to_owned(), defined.into_owned());
        return Err(ToolsFault::OtherName { name, defined });
    }
    let Some(custom) = definition.as_custom() else {
        return Ok(Counts::default());
    };
    let description = custom.description.as_deref();
    if description.is_some_and(|text| text.trim().is_empty()) {
        return Err(ToolsFault::Description(name.to_owned()));
    }
    schema(custom)
}

/// Checks a tool's schema, and returns what counts of it.
fn schema(custom: &Definition) -> Result<Counts, ToolsFault> {
    let of = match custom.strict {
        Some(true) => Of::StrictTool,
        _ => Of::Tool,
    };
    let counts = accepted::counts(&custom.input_schema, of);
    counts.map_err(|findings| {
        let name = custom.name.clone();
        ToolsFault::Schema { name, findings }
    })
}

/// The name in a definition. A toolset has none.
pub(super) fn defined_name(definition: &ToolUnion) -> Option<Cow<'_, str>> {
    match definition.as_custom() {
        Some(custom) => Some(Cow::Borrowed(&custom.name)),
        None => member(definition, "name").map(Cow::Owned),
    }
}

/// What distinguishes a definition from others: its name, or a toolset's type, with the server
/// that the toolset is of.
pub(super) fn key(definition: &ToolUnion) -> Option<Cow<'_, str>> {
    defined_name(definition).or_else(|| toolset_key(definition).map(Cow::Owned))
}

fn toolset_key(definition: &ToolUnion) -> Option<String> {
    let kind = member(definition, "type")?;
    Some(match member(definition, "mcp_server_name") {
        Some(server) => format!("{kind} {server}"),
        None => kind,
    })
}

/// The family of a toolset, as calls of its tools name it.
pub(super) fn family(definition: &ToolUnion) -> Option<String> {
    let kind = member(definition, "type")?;
    let (family, _) = kind.split_once("_toolset")?;
    Some(family.to_owned())
}

fn member(definition: &ToolUnion, name: &str) -> Option<String> {
    let definition = serde_json::to_value(definition).ok()?;
    definition.get(name)?.as_str().map(str::to_owned)
}
