//! The requests of a new batch.
//!
//! There may be a hundred thousand, so they are read one by one: as values, all of them would take
//! ten times the memory of their text.

use std::collections::{BTreeMap, HashSet};

use serde_json::value::RawValue;
use serde_json::{Map, Value};

use crate::base::errors::ApiError;
use crate::http::bounded::bounded;
use crate::http::call::{Call, not_json};
use crate::validate::Checks;

const FIELD: &str = "requests";
const MAX_REQUESTS: usize = 100_000;
const MAX_ID: usize = 64;

/// The requests as they came, each of which has been read and checked once.
pub(super) struct Requests<'a>(Vec<&'a RawValue>);

impl<'a> Requests<'a> {
    /// Checks the body of a new batch: its fields, and of each request its shape and its custom id,
    /// which must be there, well formed and unique. What the requests ask for is looked at when
    /// they are dealt with.
    pub(super) fn read(call: &'a Call, checks: Checks) -> Result<Self, ApiError> {
        let fields: BTreeMap<String, &RawValue> =
            serde_json::from_slice(&call.body).map_err(|error| {
                if error.is_data() {
                    ApiError::invalid("The request body should be a JSON object")
                } else {
                    not_json(error)
                }
            })?;
        let listed = fields.get(FIELD).filter(|raw| raw.get().starts_with('['));
        let mut others = Map::new();
        for (name, raw) in &fields {
            let value = if listed.is_some() && name == FIELD {
                Value::Array(Vec::new())
            } else {
                value(raw)?
            };
            others.insert(name.clone(), value);
        }
        checks.batch(call, &others)?;
        let rows: Vec<&RawValue> = match listed {
            Some(raw) => serde_json::from_str(raw.get()).map_err(not_json)?,
            None => Vec::new(),
        };
        if rows.is_empty() || rows.len() > MAX_REQUESTS {
            return Err(ApiError::invalid(format!(
                "requests: a batch holds 1 to {MAX_REQUESTS} requests"
            )));
        }
        let mut seen = HashSet::new();
        for (index, raw) in rows.iter().enumerate() {
            let row = value(raw)?;
            checks.batch_request(call, &row, index)?;
            let id = custom_id(&row, index)?;
            if !seen.insert(id.to_owned()) {
                let problem = format!("Duplicate custom_id '{id}'");
                return Err(at(index, &problem));
            }
        }
        Ok(Self(rows))
    }

    /// The custom id and the parameters of each.
    pub(super) fn iter(&self) -> impl Iterator<Item = Result<(String, Value), ApiError>> {
        self.0.iter().enumerate().map(|(index, raw)| {
            let mut row = value(raw)?;
            let id = custom_id(&row, index)?.to_owned();
            let params = row.get_mut("params").map(Value::take);
            Ok((id, params.unwrap_or_default()))
        })
    }
}

fn value(raw: &RawValue) -> Result<Value, ApiError> {
    bounded(raw.get().as_bytes()).map_err(not_json)?;
    serde_json::from_str(raw.get()).map_err(not_json)
}

fn at(index: usize, problem: &str) -> ApiError {
    ApiError::invalid(format!("{FIELD}.{index}.custom_id: {problem}"))
}

/// The custom id of a request whose shape is right.
fn custom_id(row: &Value, index: usize) -> Result<&str, ApiError> {
    let id = row.get("custom_id").and_then(Value::as_str);
    let id = id.ok_or_else(|| at(index, "Field required"))?;
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-';
    if id.is_empty() || id.len() > MAX_ID || !id.bytes().all(plain) {
        let problem = "String should match pattern '^[a-zA-Z0-9_-]{1,64}$'";
        return Err(at(index, problem));
    }
    Ok(id)
}
