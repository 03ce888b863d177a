//! Which endpoints take a concept as their parameters, and which return it.

use std::collections::BTreeMap;

use super::docs::Docs;
use super::operations::{chain, split};
use crate::description::Endpoint;
use crate::layout::concepts;
use crate::names::Names;

/// How many endpoints a type's docs name; of the others they have the number.
const NAMED: usize = 3;

/// An endpoint as docs refer to it.
#[derive(Debug, Clone)]
pub(crate) struct Call {
    /// `client.beta().agents().create`
    pub(crate) chain: String,
    /// `POST /v1/agents`
    pub(crate) http: String,
    pub(crate) verb: String,
    pub(crate) noun: String,
    pub(crate) path: String,
    page: String,
}

impl Call {
    fn new(endpoint: &Endpoint, docs: &Docs) -> Self {
        let (resource, verb) = split(&endpoint.id);
        Self {
            chain: format!("client{}.{verb}", chain(resource)),
            http: http(endpoint),
            verb: verb.to_owned(),
            noun: docs.noun(resource),
            path: endpoint.path.clone(),
            page: page(&endpoint.id),
        }
    }
}

/// The endpoints of every concept that is their parameters or their response.
#[derive(Default)]
pub(crate) struct Calls {
    takes: BTreeMap<String, Vec<Call>>,
    answers: BTreeMap<String, Vec<Call>>,
}

impl Calls {
    pub(crate) fn new(names: &Names<'_>, docs: &Docs) -> Self {
        let mut calls = Self::default();
        for endpoint in &names.description.endpoints {
            let call = Call::new(endpoint, docs);
            let whole = endpoint.params.iter().filter(|param| param.whole_body);
            let mut takes: Vec<&str> = whole.flat_map(|param| param.r#type.refs()).collect();
            takes.extend(endpoint.body_type.as_deref());
            for key in concepts(names, takes) {
                add(calls.takes.entry(key).or_default(), &call);
            }
            for key in concepts(names, endpoint.answers()) {
                add(calls.answers.entry(key).or_default(), &call);
            }
        }
        calls
    }

    /// The call that a concept is the parameters of: the plain one rather than the beta one.
    pub(crate) fn takes(&self, key: &str) -> Option<&Call> {
        self.takes.get(key)?.last()
    }

    pub(crate) fn answers(&self, key: &str) -> &[Call] {
        self.answers.get(key).map_or(&[], Vec::as_slice)
    }

    /// `What to send to …`
    pub(crate) fn params_text(&self, key: &str) -> Option<String> {
        let calls = self.takes.get(key)?;
        let chain = &calls.last()?.chain;
        Some(format!("What to send to {}, by `{chain}`.", list(calls)))
    }

    /// Where a concept goes and where it comes from, for docs whose words leave it open.
    pub(crate) fn text(&self, key: &str) -> Vec<String> {
        let sent = self
            .takes
            .get(key)
            .map(|calls| format!("Sent to {}.", list(calls)));
        let returned = self.answers.get(key);
        let returned = returned.map(|calls| format!("Returned by {}.", list(calls)));
        sent.into_iter().chain(returned).collect()
    }

    /// `as returned by …`
    pub(crate) fn answer_text(&self, key: &str) -> Option<String> {
        let calls = self.answers.get(key)?;
        Some(format!("as returned by {}", list(calls)))
    }
}

/// A plain endpoint and its beta form are one, and the plain one's page has more.
fn add(calls: &mut Vec<Call>, call: &Call) {
    match calls.iter_mut().find(|known| known.http == call.http) {
        Some(known) => *known = call.clone(),
        None => calls.push(call.clone()),
    }
}

/// `GET /v1/models` and `GET /v1/models/{model_id}`, as links to the reference.
fn list(calls: &[Call]) -> String {
    let link = |call: &Call| format!("[`{}`]({})", call.http, call.page);
    let mut parts: Vec<String> = calls.iter().take(NAMED).map(link).collect();
    match calls.len().saturating_sub(NAMED) {
        0 => {}
        1 => parts.push("one more endpoint".to_owned()),
        more => parts.push(format!("{more} more endpoints")),
    }
    match parts.split_last() {
        Some((last, rest)) if !rest.is_empty() => format!("{} and {last}", rest.join(", ")),
        _ => parts.concat(),
    }
}

/// `POST /v1/agents`
pub(crate) fn http(endpoint: &Endpoint) -> String {
    format!("{} {}", endpoint.method, endpoint.path)
}

/// The page of the API reference about an endpoint; the official docstrings link such pages too.
pub(crate) fn page(id: &str) -> String {
    let path = id.replace('.', "/");
    format!("https://platform.claude.com/docs/en/api/{path}")
}
