//! When a webhook event is sent, by its name.

use crate::words::{article, is_done, singular, spoken};

/// When a webhook event is sent: `agent.archived`, `session.thread_created`.
pub(super) fn delivered(mark: &str) -> String {
    let event = format!("The data of the webhook event `{mark}`");
    let Some((noun, done)) = mark.rsplit_once('.').filter(|(_, done)| is_done(done)) else {
        return format!("{event}.");
    };
    let whole = article(&spoken(&singular(noun)));
    // A status is the thing's own.
    let done = done.strip_prefix("status_").unwrap_or(done);
    let (noun, done) = match done.rsplit_once('_') {
        Some((part, done)) => (format!("{} of {whole}", part_of(part)), done),
        None => (whole, done),
    };
    let done = match done {
        "idled" => "has become idle".to_owned(),
        "ended" | "expired" | "failed" | "started" | "succeeded" => format!("has {done}"),
        done => format!("was {}", spoken(done)),
    };
    format!("{event}, which is sent when {noun} {done}.")
}

/// A part of a thing, of which it may have several.
fn part_of(part: &str) -> String {
    match part {
        "budget" | "program_status" => format!("the {}", spoken(part)),
        part => article(&spoken(part)),
    }
}

#[cfg(test)]
mod tests {
    use super::delivered;

    #[test]
    fn the_sentence_about_a_webhook_event_is_one() {
        for (mark, expected) in [
            ("vault.created", "a vault was created"),
            ("session.idled", "a session has become idle"),
            (
                "session.status_run_started",
                "a run of a session has started",
            ),
            ("session.status_terminated", "a session was terminated"),
            (
                "session.thread_created",
                "a thread of a session was created",
            ),
            (
                "session.budget_reached",
                "the budget of a session was reached",
            ),
            ("deployment_run.failed", "a deployment run has failed"),
            (
                "vault_credential.refresh_failed",
                "a refresh of a vault credential has failed",
            ),
            (
                "session.outcome_evaluation_ended",
                "an outcome evaluation of a session has ended",
            ),
        ] {
            let sentence = delivered(mark);
            let end = format!("which is sent when {expected}.");
            assert!(sentence.ends_with(&end), "{sentence}");
        }
        assert!(!delivered("session.pending").contains("sent"));
    }
}
