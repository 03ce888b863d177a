//! Somebody's decision about a call that waits, bound to the call's input.

use std::collections::HashMap;

use serde_json::Value;

use super::canonical::canonical;
use super::control::Decision;
use super::transcript::Transcript;
use crate::text::sha256;
use crate::tools::call::ToolCall;
use crate::{Error, Result};

/// A decision about a call that waits: see [`Outcome::Waiting`](super::Outcome::Waiting).
///
/// It names the call and the [digest](ToolCall::digest) of the input that was shown to whoever
/// decided. A run that is resumed refuses an approval whose digest is not that of its call. It is
/// plain data, to be made in one process and used in another.
#[derive(Debug, Clone)]
#[must_use = "an approval does nothing until a run is resumed with it"]
pub struct Approval {
    call_id: String,
    digest: String,
    decision: Decision,
}

impl Approval {
    /// A decision about the call with this id, whose input had this digest.
    pub fn new(call_id: impl Into<String>, digest: impl Into<String>, decision: Decision) -> Self {
        Self {
            call_id: call_id.into(),
            digest: digest.into(),
            decision,
        }
    }

    /// The id of the call that it is about.
    pub fn call_id(&self) -> &str {
        &self.call_id
    }

    /// The digest of the call's input as it was shown.
    pub fn digest(&self) -> &str {
        &self.digest
    }

    /// What becomes of the call.
    pub fn decision(&self) -> &Decision {
        &self.decision
    }
}

impl ToolCall {
    /// A digest of the tool's name, its toolset's and the input, which names what is approved:
    /// SHA-256, in 64 hexadecimal digits. Spacing, the order of keys and how strings are escaped do
    /// not count, so the digest outlives a store that changes them. Numbers count as they are
    /// written, and a key that is there twice counts twice.
    pub fn digest(&self) -> String {
        let mut text = Value::from(self.name()).to_string();
        if let Some(family) = self.toolset_name() {
            text.push('/');
            text.push_str(&Value::from(family).to_string());
        }
        let input = self.input().as_str();
        match canonical(input) {
            Ok(canonical) => text.push_str(&canonical),
            // What is nested too deeply has its text only.
            Err(_) => text.push_str(input),
        }
        sha256(text.as_bytes())
    }

    /// The approval of this call: the tool runs.
    pub fn approve(&self) -> Approval {
        self.decide(Decision::Run)
    }

    /// The refusal of this call; the model sees the reason.
    pub fn deny(&self, reason: impl Into<String>) -> Approval {
        self.decide(Decision::deny(reason))
    }

    /// Any decision about this call.
    pub fn decide(&self, decision: Decision) -> Approval {
        Approval::new(self.id(), self.digest(), decision)
    }
}

/// The approvals with which a run is resumed.
#[derive(Debug, Default)]
pub(super) struct Approvals(Vec<Approval>);

impl Approvals {
    pub(super) fn new(approvals: impl IntoIterator<Item = Approval>) -> Self {
        Self(approvals.into_iter().collect())
    }

    /// Fails unless each of them is about a call that waits, and about its input, and what is to
    /// run has code.
    pub(super) fn check(
        &self,
        transcript: &Transcript,
        has_code: impl Fn(&ToolCall) -> bool,
    ) -> Result<()> {
        let mut waiting: HashMap<&str, &ToolCall> = HashMap::new();
        for open in transcript.open.iter().filter(|open| open.result.is_none()) {
            waiting.insert(open.call.id(), &open.call);
        }
        for approval in &self.0 {
            let id = &approval.call_id;
            let Some(call) = waiting.remove(id.as_str()) else {
                return Err(Error::request(format!(
                    "no call `{id}` waits for a decision, or there are two about it; load the run's newest state"
                )));
            };
            if call.digest() != approval.digest {
                return Err(Error::request(format!(
                    "the decision about the call `{id}` is about another input; show the newest one, and ask again"
                )));
            }
            let runs = matches!(approval.decision, Decision::Run | Decision::RunWith(_));
            if runs && !has_code(call) {
                let name = call.name();
                return Err(Error::request(format!(
                    "no code for the tool `{name}`; give the run the tool, or decide with `Decision::Answer`"
                )));
            }
        }
        Ok(())
    }

    /// The decision about a call.
    pub(super) fn take(&mut self, id: &str) -> Option<Decision> {
        let at = self.0.iter().position(|approval| approval.call_id == id)?;
        Some(self.0.swap_remove(at).decision)
    }
}

#[cfg(test)]
mod tests {
    use anthropic_types::{Json, ToolUseBlock};

    use super::*;

    /// States are stored, so a digest stays what it was.
    #[test]
    fn the_digest_is_of_the_name_and_the_sorted_input() {
        for input in [
            r#"{"days": [1, 2], "city": "Oslo"}"#,
            r#"{"city":"Oslo","days":[1,2]}"#,
        ] {
            let input: Json = input.parse().unwrap();
            let call = ToolCall::new(ToolUseBlock::new("toolu_1", input, "weather"));
            let wanted = "8c1c6233020b7c05c4c51b729957545c1d58d5c98b51d36d7b47cf7a97e40651";
            assert_eq!(call.digest(), wanted);
        }
    }
}
