//! The limits of time and of attempts.

use anthropic::RequestOptions;
use anthropic::retry::RetryPolicy;

use super::{Observed, Row, count, fine, seconds};
use crate::support::Reply;

pub(super) const ROWS: &[Row] = &[
    Row {
        name: "connect_timeout",
        client: |it, _| it.connect_timeout(seconds(5)),
        value: |it, _| it.connect_timeout(seconds(7)),
        setter: |it, _| it.connect_timeout(seconds(9)),
        lifted: Some(|it, _| it.connect_timeout(None)),
        replies: fine,
        observe: |seen| format!("{:?}", seen.connect),
        seen: ["Some(5s)", "Some(7s)", "Some(9s)", "None", "Some(7s)"],
    },
    Row {
        name: "timeout",
        client: |it, _| it.timeout(seconds(5)),
        value: |it, _| it.timeout(seconds(7)),
        setter: |it, _| it.timeout(seconds(9)),
        lifted: Some(|it, _| it.timeout(None)),
        replies: never,
        observe: elapsed,
        seen: ["5", "7", "9", "1000", "7"],
    },
    Row {
        name: "attempt_timeout",
        client: |it, _| it.attempt_timeout(seconds(5)),
        value: |it, _| it.attempt_timeout(seconds(7)),
        setter: |it, _| it.attempt_timeout(seconds(9)),
        lifted: Some(|it, _| it.attempt_timeout(None)),
        replies: never,
        observe: elapsed,
        seen: ["5", "7", "9", "600", "7"],
    },
    Row {
        name: "total_timeout",
        client: |it, _| it.total_timeout(seconds(5)),
        value: |it, _| it.total_timeout(seconds(7)),
        setter: |it, _| it.total_timeout(seconds(9)),
        lifted: Some(|it, _| it.total_timeout(None)),
        replies: never,
        observe: elapsed,
        seen: ["5", "7", "9", "600", "7"],
    },
    Row {
        name: "max_retries",
        client: |it, _| it.max_retries(1),
        value: |it, _| it.max_retries(3),
        setter: |it, _| it.max_retries(2),
        lifted: None,
        replies: down,
        observe: count,
        seen: ["2", "4", "3", "", "4"],
    },
    Row {
        name: "retry_policy",
        client: |it, _| it.retry_policy(retries(1)),
        value: |it, _| it.retry_policy(retries(3)),
        setter: |it, _| it.options(RequestOptions::new().retry_policy(retries(2))),
        lifted: None,
        replies: down,
        observe: count,
        seen: ["2", "4", "3", "", "4"],
    },
    Row {
        name: "max_retry_after",
        client: |it, _| it.retry_policy(policy(|it| it.max_retry_after = Some(seconds(10)))),
        value: |it, _| it.max_retry_after(seconds(60)).max_retries(1),
        setter: |it, _| it.max_retry_after(seconds(20)),
        lifted: Some(|it, _| it.max_retry_after(None)),
        replies: down_for_50_s,
        observe: elapsed,
        seen: ["0", "50", "0", "50", "50"],
    },
    Row {
        name: "retry_budget",
        client: |it, _| it.retry_policy(policy(|it| it.budget = Some(seconds(10)))),
        value: |it, _| it.retry_budget(seconds(60)).max_retries(1),
        setter: |it, _| it.retry_budget(seconds(20)),
        lifted: Some(|it, _| it.retry_budget(None)),
        replies: down_for_50_s,
        observe: elapsed,
        seen: ["0", "50", "0", "50", "50"],
    },
    Row {
        name: "retry_policy and max_retries",
        client: |it, _| it.max_retries(1),
        value: |it, _| it.retry_policy(retries(3)),
        setter: |it, _| it.max_retries(0),
        lifted: None,
        replies: down,
        observe: count,
        seen: ["2", "4", "1", "", "4"],
    },
    Row {
        name: "retry_policy and max_retry_after",
        client: |it, _| it.retry_policy(policy(|it| it.max_retry_after = Some(seconds(10)))),
        value: |it, _| it.retry_policy(retries(1)),
        setter: |it, _| it.max_retry_after(seconds(20)),
        lifted: None,
        replies: down_for_50_s,
        observe: elapsed,
        seen: ["0", "50", "0", "", "50"],
    },
    Row {
        name: "retry_policy and retry_budget",
        client: |it, _| it.retry_policy(policy(|it| it.budget = Some(seconds(10)))),
        value: |it, _| it.retry_policy(retries(1)),
        setter: |it, _| it.retry_budget(seconds(20)),
        lifted: None,
        replies: down_for_50_s,
        observe: elapsed,
        seen: ["0", "50", "0", "", "50"],
    },
];

fn never() -> Vec<Reply> {
    vec![Reply::Never]
}

fn down() -> Vec<Reply> {
    (0..9).map(|_| Reply::status(503)).collect()
}

fn down_for_50_s() -> Vec<Reply> {
    let busy = Reply::new(503, &[("retry-after", "50")], "");
    vec![busy, Reply::json("{}")]
}

fn elapsed(seen: &Observed) -> String {
    seen.elapsed.as_secs().to_string()
}

fn policy(edit: impl Fn(&mut RetryPolicy)) -> RetryPolicy {
    let mut policy = RetryPolicy::default();
    edit(&mut policy);
    policy
}

fn retries(count: u32) -> RetryPolicy {
    policy(|policy| policy.max_retries = count)
}
