//! Calls by name: any operation of the table, its parameters as any `Serialize`.

use std::borrow::Cow;
use std::fmt;
use std::future::IntoFuture;

use serde::Serialize;
use serde_json::value::RawValue;

use super::answer::{self, Answer};
use super::described::{ParameterInfo, TypeRef};
use super::error::{ParameterError, ParameterErrorKind};
use crate::operation::{AnswerKind, BodyKind, OperationInfo, Place};
use crate::request::call::Call as Outgoing;
use crate::request::extra::ExtraKey;
use crate::request::query::{self, Pairs, RawObject, push_json};
use crate::request::{Form, Request, Upload, deprecation, encode, path};
use crate::{BoxFuture, Client, Error, Result};

/// A call of an operation of the table, made by [`Client::call`](crate::Client::call).
///
/// Parameters go by their names. With an unknown name, without a required parameter, or with a
/// value that a path, a header or a query can't hold (such as an object in a path), the call fails
/// with [`Request`](crate::ErrorKind::Request), caused by a [`ParameterError`], and nothing is
/// sent. Types are not checked here, but by the API: a text in place of a number is sent, and
/// refused with [`InvalidRequest`](crate::ErrorKind::InvalidRequest).
///
/// Betas that the operation always needs are sent; a parameter `stream` that is `true` makes the
/// response [`Answer::Events`]. Options of the request, such as retries and timeouts, are set on
/// what [`request`](Self::request) returns.
#[must_use = "a call is sent only when it is awaited"]
pub struct Call {
    client: Client,
    info: &'static OperationInfo,
    values: Vec<(&'static ParameterInfo, Box<RawValue>)>,
    files: Vec<(&'static ParameterInfo, Vec<Upload>)>,
    extra: RawObject,
    fault: Option<Error>,
}

impl Call {
    pub(crate) fn new(client: Client, info: &'static OperationInfo) -> Self {
        Self {
            client,
            info,
            values: Vec::new(),
            files: Vec::new(),
            extra: RawObject(Vec::new()),
            fault: None,
        }
    }

    /// Sets a parameter; a second value of one name replaces the first.
    pub fn param(mut self, name: impl AsRef<str>, value: impl Serialize) -> Self {
        self.set(None, name.as_ref(), &value);
        self
    }

    /// Sets a parameter that must go to this place: for programs whose users choose the place.
    pub fn param_in(mut self, place: Place, name: impl AsRef<str>, value: impl Serialize) -> Self {
        self.set(Some(place), name.as_ref(), &value);
        self
    }

    /// Sets the parameters that are the keys of an object.
    pub fn params(mut self, object: &(impl Serialize + ?Sized)) -> Self {
        let read = encode::raw(object)
            .map_err(|source| Error::request("the parameters can't be written").caused_by(source))
            .and_then(|json| {
                serde_json::from_str::<RawObject>(json.get()).map_err(|source| {
                    Error::request("parameters must be an object").caused_by(source)
                })
            });
        match read {
            Ok(object) => {
                for (name, value) in object.0 {
                    self.put(None, &name, value);
                }
            }
            Err(error) => self.fail(error),
        }
        self
    }

    /// Adds a file. Where the operation takes several, each call adds one; where it takes one, a
    /// second replaces the first.
    pub fn file(self, name: impl AsRef<str>, file: Upload) -> Self {
        self.files(name, [file])
    }

    /// Adds files, of which there may be none.
    pub fn files(mut self, name: impl AsRef<str>, files: impl IntoIterator<Item = Upload>) -> Self {
        self.put_files(name.as_ref(), files.into_iter().collect());
        self
    }

    /// Sets a key of the JSON body, whether the table has it or not, such as one of a newer version
    /// of the API. It replaces a parameter of that name.
    pub fn extra(mut self, key: impl Into<String>, value: impl Serialize) -> Self {
        let key = key.into();
        if self.info.body_kind() != BodyKind::Json {
            self.refuse(&key, ParameterErrorKind::WrongPlace);
            return self;
        }
        match encode::raw(&value) {
            Ok(value) => self.extra.set(key, value),
            Err(source) => self.fail(unwritable(&key, source)),
        }
        self
    }

    /// The request, which takes [options](Request) before it is awaited.
    pub fn request(mut self) -> Request<Answer> {
        let info = match self.info.streaming() {
            Some(streaming) if self.streams() => streaming,
            _ => self.info,
        };
        let mut call = Outgoing::new(info, info.path().into());
        call.whole = matches!(info.answer_kind(), AnswerKind::Json | AnswerKind::Page);
        let filled = match self.fault {
            None => self.fill(&mut call),
            Some(_) => Ok(()),
        };
        if let Err(error) = filled {
            self.fail(error);
        }
        let request = self.client.untyped(answer::open, call, self.fault);
        match info.api_version() {
            Some(version) => request.api_version(version),
            None => request,
        }
    }

    /// Sends the call; the same as awaiting it.
    pub fn send(self) -> BoxFuture<'static, Result<Answer>> {
        self.request().send()
    }

    /// Whether the body asks for a stream.
    fn streams(&self) -> bool {
        let given = self.values.iter();
        let mut given = given
            .filter(|(it, _)| it.name == "stream")
            .map(|(_, value)| value);
        let value = self
            .extra
            .get("stream")
            .or_else(|| given.next().map(|value| &**value));
        value.is_some_and(|value| value.get() == "true")
    }

    fn set(&mut self, place: Option<Place>, name: &str, value: &impl Serialize) {
        match encode::raw(value) {
            Ok(value) => self.put(place, name, value),
            Err(source) => self.fail(unwritable(name, source)),
        }
    }

    fn put(&mut self, place: Option<Place>, name: &str, value: Box<RawValue>) {
        let Some(parameter) = self.info.parameter(name) else {
            return self.refuse(name, ParameterErrorKind::Unknown);
        };
        if parameter.is_file() || place.is_some_and(|place| place != parameter.place) {
            return self.refuse(name, ParameterErrorKind::WrongPlace);
        }
        self.values
            .retain(|(other, _)| other.name != parameter.name);
        self.values.push((parameter, value));
    }

    fn put_files(&mut self, name: &str, mut files: Vec<Upload>) {
        let Some(parameter) = self.info.parameter(name) else {
            return self.refuse(name, ParameterErrorKind::Unknown);
        };
        if !parameter.is_file() {
            return self.refuse(name, ParameterErrorKind::WrongPlace);
        }
        let is_list = matches!(parameter.ty, TypeRef::List(_));
        if !is_list && files.len() != 1 {
            return self.refuse(name, ParameterErrorKind::WrongValue);
        }
        let mut all = self.files.iter_mut();
        match all.find(|(other, _)| other.name == parameter.name) {
            Some((_, given)) if is_list => given.append(&mut files),
            Some((_, given)) => *given = files,
            None => self.files.push((parameter, files)),
        }
    }

    /// Puts every parameter where the table has it.
    fn fill(&mut self, call: &mut Outgoing) -> Result<()> {
        self.check_required()?;
        call.target = self.target()?;
        let mut form = Form::new();
        let mut body = RawObject(Vec::new());
        let mut whole = None;
        for (parameter, value) in std::mem::take(&mut self.values) {
            let wire = parameter.wire.to_owned();
            match parameter.place {
                Place::Path => {}
                Place::Query => push_json(wire, value.get(), &mut call.options.query)?,
                Place::Header if parameter.wire == "anthropic-beta" => {
                    call.options
                        .betas
                        .extend(texts(self.info, parameter, &value)?);
                }
                Place::Header => {
                    let texts = texts(self.info, parameter, &value)?;
                    call.set_header(parameter.wire, &texts);
                }
                Place::Body if parameter.is_whole_body() => whole = Some(value),
                Place::Body if self.info.body_kind() == BodyKind::Multipart => {
                    let mut pairs = Pairs::new();
                    push_json(wire, value.get(), &mut pairs)?;
                    for (name, value) in pairs {
                        form = form.text(&name, value);
                    }
                }
                Place::Body => body.0.push((wire, value)),
            }
        }
        for (key, value) in std::mem::take(&mut self.extra.0) {
            body.set(key, value);
        }
        match (self.info.body_kind(), whole) {
            (BodyKind::Multipart, _) => {
                for (parameter, files) in std::mem::take(&mut self.files) {
                    let name = match parameter.ty {
                        TypeRef::List(_) => format!("{}[]", parameter.wire),
                        _ => parameter.wire.to_owned(),
                    };
                    form = form.files(&name, files);
                }
                let (content_type, body) = form.into_body()?;
                call.content_type = Some(content_type);
                call.body = body;
            }
            (BodyKind::Json, Some(whole)) => {
                deprecation::warn(whole.get().as_bytes());
                call.set_json(whole.get().as_bytes().to_vec());
                call.extra_body = body.0.into_iter().map(ExtraKey::from).collect();
            }
            (BodyKind::Json, None) if self.has_body() || !body.0.is_empty() => {
                let json = body.to_json();
                deprecation::warn(&json);
                call.set_json(json);
            }
            _ => {}
        }
        Ok(())
    }

    fn has_body(&self) -> bool {
        let mut all = self.info.parameters().iter();
        all.any(|parameter| parameter.place == Place::Body)
    }

    fn check_required(&self) -> Result<()> {
        let given = |parameter: &ParameterInfo| {
            let value = self.values.iter().any(|(it, _)| it.name == parameter.name);
            let is_key = parameter.place == Place::Body && !parameter.is_whole_body();
            value
                || self.files.iter().any(|(it, _)| it.name == parameter.name)
                || (is_key && self.extra.get(parameter.wire).is_some())
        };
        let mut required = self.info.parameters().iter().filter(|it| it.is_required());
        match required.find(|parameter| !given(parameter)) {
            Some(missing) => Err(fault(self.info, missing.name, ParameterErrorKind::Missing)),
            None => Ok(()),
        }
    }

    /// The path with its parameters.
    fn target(&self) -> Result<Cow<'static, str>> {
        let names = self.info.path().split('{').skip(1);
        let names = names.filter_map(|part| part.split_once('}').map(|(name, _)| name));
        let mut parts = Vec::new();
        for name in names {
            let missing = || fault(self.info, name, ParameterErrorKind::Missing);
            let given = self.values.iter().find(|(it, _)| it.wire == name);
            let (parameter, value) = given.ok_or_else(missing)?;
            match texts(self.info, parameter, value)?.as_slice() {
                [text] => parts.push(text.clone()),
                _ => return Err(fault(self.info, name, ParameterErrorKind::WrongValue)),
            }
        }
        let parts: Vec<&str> = parts.iter().map(String::as_str).collect();
        path::expand(self.info.path(), &parts)
    }

    fn refuse(&mut self, name: &str, kind: ParameterErrorKind) {
        let error = fault(self.info, name, kind);
        self.fail(error);
    }

    /// Keeps the first mistake, for the await to report.
    fn fail(&mut self, error: Error) {
        self.fault.get_or_insert(error);
    }
}

fn fault(info: &OperationInfo, name: &str, kind: ParameterErrorKind) -> Error {
    let cause = ParameterError::new(info.id(), name, kind);
    Error::request(cause.to_string()).caused_by(cause)
}

fn unwritable(name: &str, source: serde_json::Error) -> Error {
    Error::request(format!("the parameter `{name}` can't be written")).caused_by(source)
}

/// A plain value as text, or a list of them.
fn texts(info: &OperationInfo, parameter: &ParameterInfo, value: &RawValue) -> Result<Vec<String>> {
    let wrong = || fault(info, parameter.name, ParameterErrorKind::WrongValue);
    query::texts(value.get())?.ok_or_else(wrong)
}

impl Client {
    /// Calls an operation of the table by the names of its parameters, for programs that know them
    /// only when they run.
    ///
    /// ```
    /// # async fn run(client: anthropic::Client) -> anthropic::Result<()> {
    /// use anthropic::operations::{self, Answer};
    /// use serde_json::json;
    ///
    /// let create = operations::find("messages.create").unwrap();
    /// let answer = client
    ///     .call(create)
    ///     .param("model", "claude-opus-5-5")
    ///     .param("max_tokens", 1024)
    ///     .param("messages", json!([{"role": "user", "content": "Name three rivers."}]))
    ///     .request()
    ///     .max_retries(5)
    ///     .await?;
    /// if let Answer::Json(message) = answer {
    ///     println!("{}", message.as_str());
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub fn call(&self, operation: &'static OperationInfo) -> Call {
        Call::new(self.clone(), operation)
    }
}

impl IntoFuture for Call {
    type Output = Result<Answer>;
    type IntoFuture = BoxFuture<'static, Result<Answer>>;

    fn into_future(self) -> Self::IntoFuture {
        self.send()
    }
}

impl fmt::Debug for Call {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<&str> = self.values.iter().map(|(it, _)| it.name).collect();
        f.debug_struct("Call")
            .field("operation", &self.info.id())
            .field("parameters", &names)
            .field("fault", &self.fault)
            .finish_non_exhaustive()
    }
}
