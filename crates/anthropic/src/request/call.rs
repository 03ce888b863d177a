//! A request as data: what the typed handle hands to the pipeline.
//!
//! A [`Call`] has no type parameter and knows nothing of the response's type, so the attempt loop
//! is compiled once. Pages and streams keep it to send it again, with another cursor or in another
//! attempt.

use std::borrow::Cow;
use std::time::Duration;

use http::HeaderValue;
use serde_json::value::RawValue;

use super::extra::{Edited, ExtraKey};
use super::headers::JSON;
use super::options::RequestOptions;
use super::query::{self, RawObject, from_json, push_json};
use crate::config::is_absolute;
use crate::error::BodyHead;
use crate::operation::{BodyKind, OperationInfo, Place};
use crate::response::meta::Last;
use crate::text::{join, read_json};
use crate::transport::Body;
use crate::{Error, Result};

/// Everything about one request.
#[derive(Debug)]
pub(crate) struct Call {
    pub(crate) info: &'static OperationInfo,
    /// A path below the base URL, or an absolute URL.
    pub(crate) target: Cow<'static, str>,
    pub(crate) options: RequestOptions,
    pub(crate) content_type: Option<HeaderValue>,
    pub(crate) body: Body,
    pub(crate) writer: Writer,
    /// What to put into the JSON body when it is sent.
    pub(crate) extra_body: Vec<ExtraKey>,
    /// Whether a decoded response is to be streamed, though the caller didn't ask for a stream.
    pub(crate) streams_unasked: bool,
    /// Whether the caller wants the body as it arrives.
    pub(crate) raw: bool,
    /// Whether the body is read within the attempt even where the operation leaves that to its
    /// opener.
    pub(crate) whole: bool,
    /// What the last response leaves beside its value, if somebody wants it.
    pub(crate) last: Option<Last>,
    /// What has been spent on the call before, when a broken stream is resent.
    pub(crate) spent: Option<Spent>,
    /// What a dump shows of a body that is no longer there.
    pub(crate) kept: Option<BodyHead>,
}

/// Who has written a body.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Writer {
    /// This crate, as one JSON value.
    Crate,
    Caller,
}

/// The attempts made for a call, which a stream that starts over goes on counting.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Spent {
    pub(crate) attempts: u32,
    /// Whether one of them was made because a credential was refused, which happens once and is no
    /// retry.
    pub(crate) renewed: bool,
    /// When the first attempt began.
    pub(crate) started: Duration,
}

impl Call {
    pub(crate) fn new(info: &'static OperationInfo, target: Cow<'static, str>) -> Self {
        Self {
            info,
            target,
            options: RequestOptions::default(),
            content_type: None,
            body: Body::empty(),
            writer: Writer::Caller,
            extra_body: Vec::new(),
            streams_unasked: false,
            raw: false,
            whole: false,
            last: None,
            spent: None,
            kept: None,
        }
    }

    /// The same call once more, or `None` when its body can be read only once.
    pub(crate) fn try_clone(&self) -> Option<Self> {
        Some(Self {
            info: self.info,
            target: self.target.clone(),
            options: self.options.clone(),
            content_type: self.content_type.clone(),
            body: self.body.try_clone()?,
            writer: self.writer,
            extra_body: self.extra_body.clone(),
            streams_unasked: self.streams_unasked,
            raw: self.raw,
            whole: self.whole,
            last: None,
            spent: None,
            kept: None,
        })
    }

    /// The body to send. One that can be read once is gone from the call then; others stay in it.
    pub(crate) fn take_body(&mut self) -> Body {
        match self.body.try_clone() {
            Some(copy) => copy,
            None => std::mem::replace(&mut self.body, Body::spent()),
        }
    }

    pub(crate) fn set_json(&mut self, json: Vec<u8>) {
        self.body = Body::from(json);
        self.writer = Writer::Crate;
        self.content_type = Some(HeaderValue::from_static(JSON));
    }

    /// The value of a query parameter.
    pub(crate) fn query_value(&self, key: &str) -> Option<&str> {
        self.options
            .query
            .iter()
            .find(|(name, _)| name == key)
            .map(|(_, value)| value.as_str())
    }

    /// Puts the parameters of an encoded object where the operation's description has them.
    pub(crate) fn set_params(&mut self, json: Vec<u8>) -> Result<()> {
        let has_body = self.info.body_kind() != BodyKind::None;
        if self.info.placed().is_empty() {
            if has_body {
                self.set_json(json);
                return Ok(());
            }
            return from_json(&json, &mut self.options.query);
        }
        let object: RawObject = read_json(&json).map_err(|source| {
            Error::request("the parameters are not an object").caused_by(source)
        })?;
        let mut body = RawObject(Vec::new());
        for (key, value) in object.0 {
            let placed = self.info.placed().iter().find(|placed| placed.key == key);
            match placed.map(|placed| (placed.place, placed.wire)) {
                Some((Place::Header, name)) => {
                    let wrong = || Error::request(format!("`{key}` can't be sent in a header"));
                    let texts = query::texts(value.get())?.ok_or_else(wrong)?;
                    self.set_header(name, &texts);
                }
                Some((Place::Query, name)) => {
                    push_json(name.to_owned(), value.get(), &mut self.options.query)?;
                }
                None if !has_body => push_json(key, value.get(), &mut self.options.query)?,
                Some((Place::Body | Place::Path, _)) | None => body.0.push((key, value)),
            }
        }
        if has_body {
            self.set_json(body.to_json());
        }
        Ok(())
    }

    /// Sends a parameter as a header: a plain value, or several as a list with commas.
    pub(crate) fn set_header(&mut self, name: &str, texts: &[String]) {
        if !texts.is_empty() {
            self.options.put_header(name, &join(texts, ", "));
        }
    }

    /// Gives a query parameter one value, in the place where it was.
    pub(crate) fn set_query(&mut self, key: &str, value: &str) {
        match self.options.query.iter_mut().find(|(name, _)| name == key) {
            Some((_, old)) => value.clone_into(old),
            None => self.options.query.push((key.to_owned(), value.to_owned())),
        }
    }

    /// Whether sending it again may change something once more: it is sent by a method that is not
    /// idempotent, and not to an endpoint that only has a model write or count.
    pub(crate) fn may_change(&self) -> bool {
        let path = self.display_path();
        let writes = ["/v1/messages", "/v1/messages/count_tokens", "/v1/complete"];
        !self.info.method().is_idempotent() && !writes.iter().any(|it| path.ends_with(it))
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
    ///
    /// `is_bounded` is whether the caller has set how long the response may take.
    pub(crate) fn merge_extra_body(&mut self, is_bounded: bool) -> Result<()> {
        let mut extra = std::mem::take(&mut self.extra_body);
        // Once: when the call is sent again, it is in the body, unless the caller decided
        // otherwise.
        if std::mem::take(&mut self.streams_unasked) && !self.raw && !is_bounded {
            // First, so that a key of the caller's wins.
            extra.insert(0, ("stream".to_owned(), RawValue::TRUE.to_owned()).into());
        }
        if let [only] = extra.as_slice() {
            if self.append(only) {
                return Ok(());
            }
        }
        if extra.is_empty() {
            return Ok(());
        }
        let refused = || Error::request("extra body keys need a JSON object as the body");
        let bytes = self.body.as_bytes().ok_or_else(refused)?;
        let object = if bytes.is_empty() {
            RawObject(Vec::new())
        } else {
            let text = std::str::from_utf8(bytes).map_err(|source| refused().caused_by(source))?;
            serde_json::from_str(text).map_err(|source| refused().caused_by(source))?
        };
        let mut edited = Edited::new(object);
        for key in extra {
            edited.set(key)?;
        }
        self.set_json(edited.to_json());
        Ok(())
    }

    /// Puts a key at the end of the body where the body is an object that can't have it, by its
    /// text: a long prompt is not taken apart for it.
    pub(super) fn append(&mut self, extra: &ExtraKey) -> bool {
        let Some(json) = self
            .body
            .as_bytes()
            .filter(|_| self.writer == Writer::Crate)
        else {
            return false;
        };
        let key = serde_json::Value::from(extra.key.as_str()).to_string();
        // An escape could spell the key in another way.
        let may_have_it = [key.as_bytes(), b"\\u", b"\\/"]
            .iter()
            .any(|text| memchr::memmem::find(json, text).is_some());
        if may_have_it || !json.ends_with(b"}") || !extra.below.is_empty() {
            return false;
        }
        let mut json = std::mem::take(&mut self.body).into_memory();
        json.pop();
        json.truncate(json.trim_ascii_end().len());
        let comma = if json.ends_with(b"{") { "" } else { "," };
        for text in [comma, &key, ":", extra.value.get(), "}"] {
            json.extend_from_slice(text.as_bytes());
        }
        self.set_json(json);
        true
    }
}
