//! Decisions and approvals as plain data.

use anthropic_types::ToolResultBlockContent;
use serde::de::Error as _;
use serde::ser::{SerializeMap, Serializer};
use serde::{Deserialize, Deserializer, Serialize};

use super::approval::Approval;
use super::control::Decision;
use super::waiting::Fields;
use crate::tools::output::ToolOutput;

/// An object with a `type`: `run`, `run_with`, `answer`, `deny`, `defer` or `stop`.
impl Serialize for Decision {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let name = match self {
            Self::Run => "run",
            Self::RunWith(_) => "run_with",
            Self::Answer(_) => "answer",
            Self::Deny(_) => "deny",
            Self::Defer => "defer",
            Self::Stop(_) => "stop",
        };
        let mut map = to.serialize_map(None)?;
        map.serialize_entry("type", name)?;
        match self {
            Self::RunWith(input) => map.serialize_entry("input", input)?,
            Self::Answer(output) => {
                map.serialize_entry("content", &output.content())?;
                map.serialize_entry("is_error", &output.is_error())?;
            }
            Self::Deny(reason) | Self::Stop(reason) => map.serialize_entry("reason", reason)?,
            Self::Run | Self::Defer => {}
        }
        map.end()
    }
}

impl<'de> Deserialize<'de> for Decision {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let fields = Fields::read("the decision", from)?;
        decision(&fields).map_err(D::Error::custom)
    }
}

/// Compiled where decisions are loaded.
#[inline]
fn decision(fields: &Fields) -> Result<Decision, String> {
    let name: String = fields.get("type")?;
    Ok(match name.as_str() {
        "run" => Decision::Run,
        "run_with" => Decision::RunWith(fields.get("input")?),
        "answer" => {
            let content: Option<ToolResultBlockContent> = fields.get("content")?;
            let output = content.map_or_else(ToolOutput::empty, ToolOutput::from);
            Decision::Answer(if fields.get("is_error")? {
                output.into_error()
            } else {
                output
            })
        }
        "deny" => Decision::Deny(fields.get("reason")?),
        "defer" => Decision::Defer,
        "stop" => Decision::Stop(fields.get("reason")?),
        other => return Err(format!("there is no decision `{other}`")),
    })
}

impl Serialize for Approval {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let mut map = to.serialize_map(Some(3))?;
        map.serialize_entry("call_id", self.call_id())?;
        map.serialize_entry("digest", self.digest())?;
        map.serialize_entry("decision", self.decision())?;
        map.end()
    }
}

impl<'de> Deserialize<'de> for Approval {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let fields = Fields::read("the approval", from)?;
        let read = || -> Result<Self, String> {
            let (id, digest): (String, String) = (fields.get("call_id")?, fields.get("digest")?);
            Ok(Self::new(id, digest, fields.get("decision")?))
        };
        read().map_err(D::Error::custom)
    }
}
