//! The arguments of a call, by their official names, on their way to typed ones.

use anthropic::types::{Decode, from_slice};
use anthropic::{Request, Upload};
use serde::Deserialize;
use serde_json::value::RawValue;

use super::Problem;
use crate::object::Object;

/// The arguments that have not been taken yet.
#[derive(Debug, Default)]
pub(crate) struct Arguments(Object);

/// An upload as it stands among the arguments.
#[derive(Deserialize)]
struct File {
    #[serde(rename = "@file")]
    name: String,
    content: String,
    #[serde(rename = "type")]
    content_type: Option<String>,
}

impl From<File> for Upload {
    fn from(file: File) -> Self {
        let upload = Self::bytes(file.name, file.content);
        match file.content_type {
            Some(content_type) => upload.with_content_type(content_type),
            None => upload,
        }
    }
}

impl Arguments {
    pub(crate) fn new(object: Object) -> Self {
        Self(object)
    }

    /// Says that the method's stream is wanted.
    pub(crate) fn streaming(mut self) -> Self {
        let _ = self.0.take("stream");
        self.0.set("stream", RawValue::TRUE.to_owned());
        self
    }

    fn take<T: serde::de::DeserializeOwned>(&mut self, name: &str) -> Result<Option<T>, Problem> {
        let Some(json) = self.0.take(name) else {
            return Ok(None);
        };
        let read = serde_json::from_str(json.get());
        read.map(Some)
            .map_err(|error| Problem::usage(format!("argument `{name}`: {error}")))
    }

    fn needed<T: serde::de::DeserializeOwned>(&mut self, name: &str) -> Result<T, Problem> {
        let missing = || Problem::usage(format!("argument `{name}` is missing"));
        self.take(name)?.ok_or_else(missing)
    }

    /// Takes a path parameter.
    pub(crate) fn text(&mut self, name: &str) -> Result<String, Problem> {
        self.needed(name)
    }

    /// Takes an upload.
    pub(crate) fn file(&mut self, name: &str) -> Result<Upload, Problem> {
        self.needed::<File>(name).map(Upload::from)
    }

    /// Takes a list of uploads.
    pub(crate) fn files(&mut self, name: &str) -> Result<Vec<Upload>, Problem> {
        let files = self.needed::<Vec<File>>(name)?;
        Ok(files.into_iter().map(Upload::from).collect())
    }

    /// Takes a flag; it is off unless it is there.
    pub(crate) fn flag(&mut self, name: &str) -> Result<bool, Problem> {
        Ok(self
            .take::<Option<bool>>(name)?
            .flatten()
            .unwrap_or_default())
    }

    /// Takes what is not a parameter here but an option of every request.
    pub(crate) fn options(&mut self) -> Result<Options, Problem> {
        Ok(Options {
            betas: self
                .take::<Option<Vec<String>>>("betas")?
                .flatten()
                .unwrap_or_default(),
            workspace_id: self.take("workspace_id")?,
            user_profile_id: self.take("user_profile_id")?,
        })
    }

    /// Takes all that is left as a parameters type.
    pub(crate) fn params<T: Decode>(&mut self) -> Result<T, Problem> {
        let json = std::mem::take(&mut self.0).to_json();
        from_slice(json.as_bytes()).map_err(|error| Problem::usage(format!("arguments: {error}")))
    }
}

/// Options of a request that are parameters of the official methods.
pub(crate) struct Options {
    betas: Vec<String>,
    workspace_id: Option<String>,
    user_profile_id: Option<String>,
}

impl Options {
    /// Sets them.
    pub(crate) fn apply<T>(self, mut request: Request<T>) -> Request<T> {
        for beta in self.betas {
            request = request.beta(beta);
        }
        if let Some(id) = self.workspace_id {
            request = request.workspace_id(id);
        }
        if let Some(id) = self.user_profile_id {
            request = request.user_profile_id(id);
        }
        request
    }
}
