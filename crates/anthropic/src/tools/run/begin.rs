//! What a run begins with: its tools are checked, and offered beside those of the parameters.

use std::borrow::Cow;

use anthropic_types::ToolUnion;

use super::approval::Approvals;
use super::changes::{self, History};
use super::known::KnownTools;
use super::sync::lock;
use super::turns::Run;
use super::waiting::{Pending, Waiting};
use crate::tools::call::ToolCall;
use crate::tools::check::{Beside, check_defined, defined_name, family, key};
use crate::{Error, Result};

impl Run {
    /// Checks what the run was given, before anything happens, and offers the tools.
    pub(super) fn begin(&mut self) -> Result<Option<Approvals>> {
        let known = KnownTools::of(&self.given);
        let known = known.map_err(|fault| Error::request(format!("{fault}; nothing was sent")))?;
        check_defined(&known.defined(), Beside::of(&self.beside(), &self.params))?;
        let transcript = lock(&self.shared);
        let history = History::of(&transcript.messages);
        let pending = changes::message(self.changes.blocks().to_vec());
        let next = history.clone().and(&[pending]);
        let mut definitions: Vec<ToolUnion> = Vec::with_capacity(known.len());
        for tool in known.iter() {
            let key = key(tool.definition());
            if !key.as_ref().is_some_and(|key| next.defines(key)) {
                definitions.push(tool.definition().clone());
                self.own.extend(key.map(Cow::into_owned));
            }
        }
        let given = (!self.changes.is_empty()).then(|| known.clone());
        self.tools = known;
        for name in history.removed() {
            self.tools.remove(name);
        }
        if let Some(given) = given {
            let is_new = |key: &str| next.defines(key) && !history.defines(key);
            self.changes
                .adopt(&given, &mut self.tools, |key| !is_new(key));
        }
        if let Some(resumed) = &self.resumed {
            let has_code = |call: &ToolCall| self.tool(call).is_some();
            resumed.approvals.check(&transcript, has_code)?;
        }
        drop(transcript);
        match &mut self.params.tools {
            Some(tools) => tools.extend(definitions),
            None if definitions.is_empty() => {}
            tools => *tools = Some(definitions),
        }
        let resumed = self.resumed.as_mut();
        Ok(resumed.map(|resumed| std::mem::take(&mut resumed.approvals)))
    }

    /// The error of a run that could not begin: with the state, which another try may resume.
    pub(super) fn not_begun(&self, error: Error) -> Error {
        let transcript = lock(&self.shared).seen();
        let Some(resumed) = &self.resumed else {
            return error.with_partial(transcript);
        };
        error.with_partial(Waiting {
            id: resumed.id.clone(),
            version: resumed.version,
            beta: self.beta,
            params: (*self.params).clone(),
            transcript,
            thread: resumed.thread.clone(),
            pending: self.pending(),
        })
    }

    /// What hooks asked for that has not taken place yet.
    pub(super) fn pending(&self) -> Pending {
        Pending {
            changes: self.changes.blocks().to_vec(),
            compaction: self.compaction.clone(),
        }
    }

    /// The tools of the caller's parameters, without code here.
    pub(super) fn beside(&self) -> Vec<ToolUnion> {
        let defined = self.params.tools.iter().flatten();
        let own = |tool: &&ToolUnion| {
            key(tool).is_some_and(|key| self.own.iter().any(|own| **own == *key))
        };
        defined.filter(|tool| !own(tool)).cloned().collect()
    }

    /// Whether somebody else runs the tool that is called: one of the parameters, or one that the
    /// conversation defines. The API's own tools are not called so.
    pub(super) fn is_defined(&self, call: &ToolCall) -> bool {
        let beside = self.beside();
        let mut beside = beside.iter();
        let history = History::of(&lock(&self.shared).messages);
        if let Some(name) = call.toolset_name() {
            let of_family = |tool| family(tool).is_some_and(|family| family == name);
            return history.defines_family(name) || beside.any(of_family);
        }
        history.offers(call.name()).unwrap_or_else(|| {
            beside.any(|tool| defined_name(tool).is_some_and(|defined| defined == call.name()))
        })
    }
}
