//! Checks every request against the description, before a handler runs.
//!
//! What the description does not cover is let through: values behind headers, sets that are open,
//! limits on lengths, and numbers that it has no bounds of. Parameters of the beta are parameters
//! only of a request with an `anthropic-beta` header; which header a parameter needs is not
//! described, so any will do. What a message needs beyond its shape is in `conversation/`.

pub(crate) mod conversation;
mod place;
#[cfg(test)]
mod tests;
mod text;
pub(crate) mod times;
mod value;

use http::Method;
use serde_json::{Map, Value};

pub(crate) use self::place::{Check, Place};
pub(crate) use self::value::Checker;
use crate::base::errors::ApiError;
use crate::description::{BodyKind, Object, Operation, Type, description};
use crate::http::call::{Call, VERSION};
use crate::http::multipart;

/// Collections that the beta pages by ids, and how its headers begin.
const PAGED_BY_ID: [(&str, &str); 2] = [("/v1/files", "files-api-"), ("/v1/skills", "skills-")];
/// What a message in a batch is checked as; the batch itself is accepted whatever its messages look
/// like.
const MESSAGES: &str = "/v1/messages";
pub(crate) const BATCHES: &str = "/v1/messages/batches";
/// Its requests, and the field of one that is looked at later.
const REQUESTS: &str = "requests";
const LATER: &str = "params";

/// What a beta called `output_config.format`, and how its headers begin.
const OUTPUT_FORMAT: &str = "output_format";
const OUTPUTS: &str = "structured-outputs-";

/// Which checks are made.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Checks {
    /// Whether unknown parameters are allowed.
    pub(crate) extras: bool,
}

impl Checks {
    /// Checks a message in a batch as if it had been sent by itself.
    pub(crate) fn batched(self, call: &Call, params: &Value) -> Check {
        let matched = description().matched(&Method::POST, MESSAGES, call.has_betas());
        match matched {
            Some(matched) => self.json(call, matched.operation, params),
            None => Ok(()),
        }
    }

    fn checker(self, call: &Call) -> Checker {
        Checker {
            extras: self.extras,
            any_number: call.lenient_ids,
            later: None,
        }
    }

    /// Checks the fields of a new batch, without its requests.
    pub(crate) fn batch(self, call: &Call, fields: &Map<String, Value>) -> Check {
        match create_batch(call) {
            Some(operation) => self
                .checker(call)
                .fields(&[&operation.fields], fields, Place::Body),
            None => Ok(()),
        }
    }

    /// Checks the shape of a request of a batch.
    pub(crate) fn batch_request(self, call: &Call, request: &Value, index: usize) -> Check {
        let requests = create_batch(call).and_then(|operation| operation.fields.field(REQUESTS));
        let Some(Type::List(item)) = requests.map(|field| description().resolved(field.of)) else {
            return Ok(());
        };
        let checker = Checker {
            later: Some(LATER),
            ..self.checker(call)
        };
        let place = Place::Field(&Place::Body, REQUESTS);
        checker.value(*item, request, Place::Item(&place, index))
    }

    pub(crate) fn request(self, call: &Call, operation: &'static Operation) -> Check {
        let older = PAGED_BY_ID
            .iter()
            .any(|(path, beta)| operation.path == *path && call.keeps_beta(beta));
        let checker = self.checker(call);
        let older = Checker {
            extras: checker.extras || older,
            ..checker
        };
        text::query(&call.query, &operation.query, older)?;
        match operation.body {
            BodyKind::None => Ok(()),
            BodyKind::Multipart => text::form(&multipart::parts(call)?, &operation.fields, older),
            BodyKind::Json if call.body.is_empty() && !needs_body(operation) => Ok(()),
            // A batch is read request by request, where it is created.
            BodyKind::Json if operation.path == BATCHES => Ok(()),
            BodyKind::Json => self.json(call, operation, call.json()?),
        }
    }

    fn json(self, call: &Call, operation: &'static Operation, body: &Value) -> Check {
        let checker = self.checker(call);
        if let Some(whole) = operation.whole {
            return checker.value(whole, body, Place::Body);
        }
        let Some(fields) = body.as_object() else {
            return Err(ApiError::invalid(
                "The request body should be a JSON object",
            ));
        };
        let none = Object::default();
        let earlier = if call.header("anthropic-version") == Some(VERSION) {
            &none
        } else {
            &operation.earlier
        };
        if operation.path.starts_with(MESSAGES)
            && call.keeps_beta(OUTPUTS)
            && fields.contains_key(OUTPUT_FORMAT)
        {
            let mut fields = fields.clone();
            fields.remove(OUTPUT_FORMAT);
            return checker.fields(&[&operation.fields, earlier], &fields, Place::Body);
        }
        checker.fields(&[&operation.fields, earlier], fields, Place::Body)
    }
}

fn create_batch(call: &Call) -> Option<&'static Operation> {
    let matched = description().matched(&Method::POST, BATCHES, call.has_betas());
    matched.map(|matched| matched.operation)
}

fn needs_body(operation: &Operation) -> bool {
    operation.whole.is_some() || operation.fields.fields.iter().any(|field| field.required)
}
