//! Summing up the conversation between two turns.
//!
//! The summary is a request of its own, for a message that has nothing but a compaction block. That
//! block takes the place of the conversation so far.

use anthropic_types::{
    AssistantMessage, Beta, CompactionConfig, ContentBlock, Fallbacks, Message,
    MessageCreateParams, MessageParam, StopReason, ToolChoice,
};

use super::event::RunEvent;
use super::request::{Make, written};
use super::sync::lock;
use super::turns::Run;
use crate::resources::messages::{created, streamed};
use crate::{Error, Request, Result};

impl Run {
    /// The compaction that is asked for, by a hook or by the run's limit, if it can take place now.
    pub(super) fn compaction_due(&mut self) -> Option<CompactionConfig> {
        let above = self.settings.compact_above;
        if self.compaction.is_none() && above.is_none() {
            return None;
        }
        let transcript = lock(&self.shared);
        // A turn of the model's that is paused goes on before.
        let last = transcript.messages.last()?;
        if last.as_assistant().is_some() || transcript.messages.len() < 2 {
            return None;
        }
        if let Some(config) = self.compaction.take() {
            return Some(config);
        }
        above
            .is_some_and(|above| transcript.is_above(above))
            .then(CompactionConfig::new)
    }

    /// Puts a summary in place of the conversation. One that the API could not make leaves the
    /// conversation as it is. Its events, if it is streamed, are for nobody: it is no message of
    /// the conversation.
    pub(super) async fn compact(&mut self, config: CompactionConfig) -> Result<()> {
        let mut params = self.params.clone();
        prepare(&mut params, config)?;
        let message = if self.settings.stream {
            let stream = self.summary(&mut params, streamed).await?;
            let summary = stream.final_message().await;
            // Half a summary is no part of a turn.
            summary.map_err(|error| error.with_partial(()))?
        } else {
            self.summary(&mut params, created).await?
        };
        let cost = self.priced(&message);
        let usage = message.usage.clone();
        let summary = summary_of(message);
        let has_summary = summary.is_some();
        let turn = {
            let mut transcript = lock(&self.shared);
            transcript.add_usage(&usage, *cost.as_ref().unwrap_or(&0));
            transcript.summed_up(has_summary);
            if let Some(summary) = summary {
                transcript.complete();
                transcript.messages = vec![MessageParam::Assistant(AssistantMessage::new(vec![
                    summary,
                ]))];
                self.seen.reset();
            }
            transcript.turns
        };
        cost?;
        if !has_summary {
            tracing::warn!(
                target: "anthropic::tools",
                "the conversation was not summed up: there is no summary; it stays as it is"
            );
            return Ok(());
        }
        if let Some(thread) = &mut self.thread {
            thread.restart();
        }
        self.out.emit(RunEvent::Compacted { turn }).await;
        Ok(())
    }

    /// The request for a summary of the conversation.
    fn summary<T>(&mut self, params: &mut MessageCreateParams, make: Make<T>) -> Request<T> {
        let mut transcript = lock(&self.shared);
        params.messages = std::mem::take(&mut transcript.messages);
        let changed = self.seen.has_changes(&params.messages);
        let options = self.settings.options.as_deref();
        let request = written(&self.client, self.beta, params, make, options, changed);
        transcript.messages = std::mem::take(&mut params.messages);
        request.beta(Beta::COMPACT_2026_09_04)
    }
}

/// The summary of a message, if it is whole: nothing else of it stands for a conversation. One that
/// the model refused, or did not finish, is none.
fn summary_of(message: Message) -> Option<ContentBlock> {
    let is_whole = matches!(
        message.stop_reason,
        Some(StopReason::Compaction | StopReason::EndTurn)
    );
    let is_summary = |block: &ContentBlock| {
        let block = block.as_compaction();
        block.is_some_and(|it| {
            it.content
                .as_deref()
                .is_some_and(|it| !it.trim().is_empty())
        })
    };
    message
        .content
        .into_iter()
        .filter(|_| is_whole)
        .find(is_summary)
}

/// Takes out what shapes a response, since a summary is none, and what the API takes in no request
/// for one.
fn prepare(params: &mut MessageCreateParams, config: CompactionConfig) -> Result<()> {
    let edits = params.context_management.take().and_then(|it| it.edits);
    let compacts = |edit: &anthropic_types::ContextEdit| edit.type_name().starts_with("compact_");
    if edits.iter().flatten().any(compacts) {
        let fault = "the conversation can't be summed up between turns where `context_management` does it, too; \
                     leave one of them out";
        return Err(Error::request(fault));
    }
    params.stop_sequences = None;
    if let Some(ToolChoice::Any(_) | ToolChoice::Tool(_)) = &params.tool_choice {
        params.tool_choice = None;
    }
    if let Some(config) = &mut params.output_config {
        config.format = None;
    }
    if let Some(Fallbacks::List(fallbacks)) = &mut params.fallbacks {
        let configs = fallbacks
            .iter_mut()
            .filter_map(|it| it.output_config.as_mut());
        configs.for_each(|config| config.format = None);
    }
    params.thread = None;
    params.compaction = Some(config);
    Ok(())
}
