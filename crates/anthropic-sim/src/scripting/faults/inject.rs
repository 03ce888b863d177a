//! Faults inside the simulator: which one a request gets, and how its connection plays it.

use std::sync::Mutex;

use axum::response::Response;
use http::{HeaderName, HeaderValue, StatusCode};

use super::answer::{Failure, Original};
use super::fault::{Fault, Plan};
use super::rule::{RequestFacts, Rule};
use super::step::Step;
use crate::base::clock::sleep;
use crate::base::errors::ApiError;
use crate::base::sync::lock;
use crate::http::call::FAULT_HEADER;

/// The rules of a running simulator, and how many requests each has seen.
#[derive(Debug)]
pub(crate) struct Faults {
    rules: Mutex<Vec<(Rule, usize)>>,
    /// How many of them there were at the start.
    initial: usize,
}

/// A fault that is due, and what the log and the page call it.
#[derive(Debug, Clone)]
pub(crate) struct Due {
    fault: Fault,
    pub(crate) name: String,
}

/// What a fault needs from the simulator.
pub(crate) enum Way {
    /// An error like any other.
    Refuse(ApiError),
    /// The same, to be written with pauses.
    Slow(ApiError),
    /// The response as it is; the fault was only to wait.
    Pass,
    /// The response, to be made into something else.
    Remake,
    /// Nothing.
    Play,
}

impl Faults {
    pub(crate) fn new(rules: Vec<Rule>) -> Self {
        Self {
            initial: rules.len(),
            rules: Mutex::new(rules.into_iter().map(|rule| (rule, 0)).collect()),
        }
    }

    pub(crate) fn is_empty(&self) -> bool {
        lock(&self.rules).is_empty()
    }

    pub(crate) fn add(&self, rule: Rule) {
        lock(&self.rules).push((rule, 0));
    }

    /// Goes back to the rules that there were at the start, none of which has seen a request.
    pub(crate) fn reset(&self) {
        let mut rules = lock(&self.rules);
        rules.truncate(self.initial);
        rules.iter_mut().for_each(|(_, seen)| *seen = 0);
    }

    /// The fault that the header asks for, or else that of the first rule that is due. Every rule
    /// counts every request that its conditions hold for.
    pub(crate) fn due(
        &self,
        header: Option<&HeaderValue>,
        request: RequestFacts<'_>,
    ) -> Result<Option<Due>, ApiError> {
        let mut found = match header {
            Some(value) => from_header(value)?.filter(|rule| rule.holds(request) && rule.due(0)),
            None => None,
        };
        for (rule, seen) in lock(&self.rules).iter_mut() {
            if rule.holds(request) {
                if found.is_none() && rule.due(*seen) {
                    found = Some(rule.clone());
                }
                *seen += 1;
            }
        }
        Ok(found.map(Due::from))
    }
}

impl From<Rule> for Due {
    fn from(rule: Rule) -> Self {
        Self {
            fault: rule.fault,
            name: rule.name,
        }
    }
}

fn from_header(value: &HeaderValue) -> Result<Option<Rule>, ApiError> {
    let text = value.to_str().unwrap_or_default();
    let rule = Rule::parse(text);
    rule.map(Some)
        .map_err(|problem| ApiError::invalid(format!("{FAULT_HEADER}: {problem}")))
}

impl Due {
    pub(crate) async fn wait(&self) {
        if let Some(delay) = self.fault.delay() {
            sleep(delay).await;
        }
    }

    /// Whether any HTTP connection will do.
    pub(crate) fn is_plain(&self) -> bool {
        matches!(self.way(), Way::Refuse(_) | Way::Pass)
    }

    pub(crate) fn way(&self) -> Way {
        match self.fault.plan() {
            Plan::Error(failure) if self.fault.is_paced() => Way::Slow(failure.into()),
            Plan::Error(failure) => Way::Refuse(failure.into()),
            Plan::Steps(_) => Way::Play,
            Plan::Untouched if !self.fault.is_paced() => Way::Pass,
            Plan::Stream(_) | Plan::Answer(_) | Plan::Untouched => Way::Remake,
        }
    }

    /// Whether it does anything to this response.
    pub(crate) fn applies(&self, response: &Response) -> bool {
        let stream = response
            .headers()
            .get("content-type")
            .is_some_and(|kind| kind.as_bytes().starts_with(b"text/event-stream"));
        match self.fault.plan() {
            Plan::Stream(_) => stream,
            Plan::Untouched => self.fault.is_paced(),
            _ => true,
        }
    }

    /// What is written to the socket instead of the response; `original` is what it is made of,
    /// and of [`Way::Slow`] the error itself.
    pub(crate) fn steps(&self, original: &Original, request_id: &str) -> Vec<Step> {
        let fault = match self.way() {
            Way::Slow(_) => self.fault.slowly(),
            _ => self.fault.clone().undelayed(),
        };
        fault.steps(original, request_id)
    }
}

impl From<&Failure> for ApiError {
    fn from(failure: &Failure) -> Self {
        let status =
            StatusCode::from_u16(failure.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let mut error = Self::new(status, &failure.kind, failure.message.as_str());
        let headers = failure.headers.iter().filter_map(|(name, value)| {
            Some((
                HeaderName::try_from(name).ok()?,
                HeaderValue::try_from(value).ok()?,
            ))
        });
        error.headers.extend(headers);
        error
    }
}
