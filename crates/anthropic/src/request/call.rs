//! A request as data: what hop 1 hands to hop 2.
//!
//! A [`Call`] has no type parameter and knows nothing of the response's type, so the attempt loop is
//! compiled once. Pages and streams keep it to send it again with another cursor or another try.

use std::time::Duration;

use http::{HeaderMap, HeaderName, HeaderValue};
use serde_json::value::RawValue;

use crate::config::{StreamLimits, is_absolute};
use crate::operation::OperationInfo;
use crate::request::query::{Object, Pairs};
use crate::response::LastMeta;
use crate::transport::Body;
use crate::{Error, Result};

/// Everything a request says.
#[derive(Debug)]
pub(crate) struct Call {
    pub(crate) info: &'static OperationInfo,
    /// A path below the base URL, or an absolute URL.
    pub(crate) target: String,
    pub(crate) query: Pairs,
    /// Headers of the caller's; the values are marked sensitive.
    pub(crate) headers: HeaderMap,
    pub(crate) removed_headers: Vec<HeaderName>,
    pub(crate) betas: Vec<String>,
    pub(crate) content_type: Option<HeaderValue>,
    pub(crate) body: Body,
    /// Keys to put into the JSON body when it is sent.
    pub(crate) extra_body: Vec<(String, Box<RawValue>)>,
    pub(crate) options: Options,
    /// Whether a decoded answer is to be streamed, though the caller didn't ask for a stream.
    pub(crate) streams_unasked: bool,
    /// Whether the caller wants the body as it arrives.
    pub(crate) raw: bool,
    /// Where the last answer's status, headers and attempts go, if somebody wants to know.
    pub(crate) last_meta: Option<LastMeta>,
    /// What has been spent on the call before, when a broken stream is asked for again.
    pub(crate) spent: Option<Spent>,
}

/// The attempts made for a call, which a stream that starts over goes on counting.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Spent {
    pub(crate) attempts: u32,
    pub(crate) started: Duration,
}

/// A request's own settings; what is `None` is the client's.
#[derive(Debug, Clone, Default)]
pub(crate) struct Options {
    pub(crate) connect_timeout: Limit,
    pub(crate) timeout: Limit,
    pub(crate) total_timeout: Limit,
    pub(crate) max_retries: Option<u32>,
    pub(crate) max_retry_after: Option<Duration>,
    pub(crate) retry_budget: Option<Duration>,
    pub(crate) allow_hosts: Vec<String>,
    pub(crate) stream: Option<StreamLimits>,
}

/// A time limit that a request may leave to the client.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) enum Limit {
    #[default]
    Client,
    Own(Option<Duration>),
}

impl Limit {
    pub(crate) fn or(self, client: Option<Duration>) -> Option<Duration> {
        match self {
            Self::Client => client,
            Self::Own(limit) => limit,
        }
    }
}

impl Call {
    pub(crate) fn new(info: &'static OperationInfo, target: String) -> Self {
        Self {
            info,
            target,
            query: Pairs::new(),
            headers: HeaderMap::new(),
            removed_headers: Vec::new(),
            betas: Vec::new(),
            content_type: None,
            body: Body::empty(),
            extra_body: Vec::new(),
            options: Options::default(),
            streams_unasked: false,
            raw: false,
            last_meta: None,
            spent: None,
        }
    }

    /// The same call once more, or `None` when its body can be read only once.
    pub(crate) fn try_clone(&self) -> Option<Self> {
        Some(Self {
            info: self.info,
            target: self.target.clone(),
            query: self.query.clone(),
            headers: self.headers.clone(),
            removed_headers: self.removed_headers.clone(),
            betas: self.betas.clone(),
            content_type: self.content_type.clone(),
            body: self.body.try_clone()?,
            extra_body: self.extra_body.clone(),
            options: self.options.clone(),
            streams_unasked: self.streams_unasked,
            raw: self.raw,
            last_meta: None,
            spent: None,
        })
    }

    pub(crate) fn set_json(&mut self, json: Vec<u8>) {
        self.body = Body::from(json);
        self.content_type = Some(HeaderValue::from_static("application/json"));
    }

    /// The value of a query parameter.
    pub(crate) fn query_value(&self, key: &str) -> Option<&str> {
        self.query
            .iter()
            .find(|(name, _)| name == key)
            .map(|(_, value)| value.as_str())
    }

    /// Removes a query parameter.
    #[cfg(feature = "agents")]
    pub(crate) fn take_query(&mut self, key: &str) -> Option<String> {
        let at = self.query.iter().position(|(name, _)| name == key)?;
        Some(self.query.remove(at).1)
    }

    /// Moves keys of the JSON body into the query.
    #[cfg(feature = "agents")]
    pub(crate) fn body_to_query(&mut self, keys: &[&str]) -> Result<()> {
        let unreadable = |source| Error::request("the body is not an object").caused_by(source);
        let bytes = self.body.as_bytes().cloned().unwrap_or_default();
        let object: Object = serde_json::from_slice(&bytes).map_err(unreadable)?;
        let mut kept = Object(Vec::new());
        for (key, value) in object.0 {
            if keys.contains(&key.as_str()) {
                crate::request::query::push_json(key, value.get(), &mut self.query)?;
            } else {
                kept.0.push((key, value));
            }
        }
        self.set_json(kept.to_json());
        Ok(())
    }

    /// Gives a query parameter one value, in the place where it was.
    pub(crate) fn set_query(&mut self, key: &str, value: &str) {
        match self.query.iter_mut().find(|(name, _)| name == key) {
            Some((_, old)) => value.clone_into(old),
            None => self.query.push((key.to_owned(), value.to_owned())),
        }
    }

    /// The path without a query, for people and logs; of an absolute URL only the path.
    pub(crate) fn display_path(&self) -> &str {
        let bare = self.target.split(['?', '#']).next().unwrap_or_default();
        match bare.split_once("://") {
            Some((_, rest)) if is_absolute(bare) => {
                rest.find('/').and_then(|at| rest.get(at..)).unwrap_or("/")
            }
            _ => bare,
        }
    }

    /// Puts the extra keys into the body: a known key gets the new value, others come at the end.
    pub(crate) fn merge_extra_body(&mut self) -> Result<()> {
        let mut extra = std::mem::take(&mut self.extra_body);
        if self.streams_unasked && !self.raw {
            // First, so that the caller's own word wins.
            extra.insert(0, ("stream".to_owned(), RawValue::TRUE.to_owned()));
        }
        if extra.is_empty() {
            return Ok(());
        }
        let refused = || Error::request("extra body keys need a JSON object as the body");
        let bytes = self.body.as_bytes().ok_or_else(refused)?;
        let mut object = if bytes.is_empty() {
            Object(Vec::new())
        } else {
            let text = std::str::from_utf8(bytes).map_err(|source| refused().caused_by(source))?;
            serde_json::from_str(text).map_err(|source| refused().caused_by(source))?
        };
        for (key, value) in extra {
            match object.0.iter_mut().find(|(name, _)| *name == key) {
                Some((_, old)) => *old = value,
                None => object.0.push((key, value)),
            }
        }
        self.set_json(object.to_json());
        Ok(())
    }
}
