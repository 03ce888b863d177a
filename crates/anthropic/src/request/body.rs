//! The bodies of requests: JSON, with keys that are set one by one, forms, and any other.

use serde::Serialize;
use serde_json::value::RawValue;

use super::call::Writer;
use super::encode;
use super::extra::ExtraKey;
use super::multipart::Form;
use super::query::RawObject;
use super::typed::Request;
use crate::transport::Body;
use crate::{Error, Result};

impl<T: 'static> Request<T> {
    /// A JSON body.
    pub fn json(mut self, body: &(impl Serialize + ?Sized)) -> Self {
        match encode::raw(body) {
            Ok(json) => self
                .call
                .set_json(String::from(Box::<str>::from(json)).into_bytes()),
            Err(source) => {
                self.fail(Error::request("the body can't be written").caused_by(source));
            }
        }
        self
    }

    /// Sets a key of the JSON body, whether this crate knows it or not.
    ///
    /// It replaces a parameter of that name and passes every check of this crate: use trusted data
    /// only, never what a user of your program or a model has written.
    pub fn extra_body(mut self, key: impl Into<String>, value: impl Serialize) -> Self {
        let key = key.into();
        let written = written(&key, &value).map(|value| ExtraKey::from((key, value)));
        self.put_extra(written);
        self
    }

    /// Sets a key of the body that this crate has written, at once.
    #[cfg(any(feature = "schemars-1", feature = "tools"))]
    pub(crate) fn body_key(mut self, key: &str, value: &impl Serialize) -> Self {
        let written = written(key, value).map(|value| ExtraKey::from((key.to_owned(), value)));
        match written {
            Ok(extra) if self.call.append(&extra) => {}
            written => self.put_extra(written),
        }
        self
    }

    /// Sets a value anywhere in the JSON body, by a JSON Pointer (RFC 6901): `/metadata/user_id`,
    /// `/messages/0/content`; `/tools/-` adds to a list.
    ///
    /// Objects on the way that are not there are made. Use trusted data only, as for
    /// [`extra_body`](Self::extra_body). The request fails with
    /// [`Request`](crate::ErrorKind::Request) where the pointer leads through a value that is
    /// neither an object nor a list, or behind the end of a list.
    ///
    /// ```
    /// # async fn run(client: anthropic::Client) -> anthropic::Result<()> {
    /// let person = serde_json::json!({"data": {"first_name": "Jane"}});
    /// let request = client.post::<serde_json::Value>("/v1/people").json(&person);
    /// let stored = request.extra_body_at("/data/last_name", "Doe").await?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn extra_body_at(mut self, pointer: impl AsRef<str>, value: impl Serialize) -> Self {
        let pointer = pointer.as_ref();
        let written = written(pointer, &value).and_then(|value| ExtraKey::at(pointer, value));
        self.put_extra(written);
        self
    }

    /// Sets all keys of an object in the JSON body, as [`extra_body`](Self::extra_body) sets one.
    pub fn merge_body(mut self, object: &(impl Serialize + ?Sized)) -> Self {
        let refused = |source| Error::request("only an object can be merged").caused_by(source);
        let merged = encode::raw(object)
            .map_err(|source| Error::request("the object can't be written").caused_by(source))
            .and_then(|json| serde_json::from_str::<RawObject>(json.get()).map_err(refused));
        match merged {
            Ok(RawObject(entries)) => {
                let entries = entries.into_iter().map(ExtraKey::from);
                self.call.extra_body.extend(entries);
            }
            Err(error) => self.fail(error),
        }
        self
    }

    /// A multipart body.
    pub fn multipart(mut self, form: Form) -> Self {
        let encoded = form.into_body().map(|(content_type, body)| {
            self.call.content_type = Some(content_type);
            self.call.body = body;
            self.call.writer = Writer::Caller;
        });
        self.note(encoded);
        self
    }

    /// A body of any other kind, with its content type.
    pub fn body(mut self, content_type: &str, body: impl Into<Body>) -> Self {
        self.call.body = body.into();
        self.call.writer = Writer::Caller;
        match content_type.parse() {
            Ok(value) => self.call.content_type = Some(value),
            Err(_) => self.fail(Error::request("the content type is no header value")),
        }
        self
    }

    fn put_extra(&mut self, written: Result<ExtraKey>) {
        match written {
            Ok(key) => self.call.extra_body.push(key),
            Err(error) => self.fail(error),
        }
    }
}

/// A value to put into the body, named by its place in errors.
fn written(place: &str, value: &impl Serialize) -> Result<Box<RawValue>> {
    encode::raw(value).map_err(|source| {
        Error::request(format!("the body's `{place}` can't be written")).caused_by(source)
    })
}
