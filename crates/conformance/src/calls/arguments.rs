//! The arguments of a call, by their official names, on their way to typed ones.

use anthropic::types::{Decode, Decoding, Extra, from_slice_with};
use anthropic::{Request, Upload};
use serde::Deserialize;
use serde_json::value::RawValue;

use super::Problem;
use crate::object::RawObject;

/// The arguments that have not been taken yet.
#[derive(Debug, Default)]
pub(crate) struct Arguments {
    left: RawObject,
    streams: bool,
}

/// An upload as it stands among the arguments.
#[derive(Deserialize)]
pub(crate) struct File {
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
    pub(crate) fn new(given: RawObject) -> Self {
        Self {
            left: given,
            streams: false,
        }
    }

    /// All of them, and whether a stream is wanted.
    pub(crate) fn into_parts(self) -> (Vec<(String, Box<RawValue>)>, bool) {
        (self.left.into_entries(), self.streams)
    }

    /// Notes that the method's stream is wanted.
    pub(crate) fn streaming(mut self) -> Self {
        self.streams = true;
        self
    }

    fn take<T: serde::de::DeserializeOwned>(&mut self, name: &str) -> Result<Option<T>, Problem> {
        let Some(json) = self.left.take(name) else {
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

    fn optional<T: serde::de::DeserializeOwned>(
        &mut self,
        name: &str,
    ) -> Result<Option<T>, Problem> {
        Ok(self.take::<Option<T>>(name)?.flatten())
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

    /// Whether the method's stream is wanted; the official methods have an argument for it.
    pub(crate) fn streams(&mut self) -> Result<bool, Problem> {
        let wanted: Option<bool> = self.optional("stream")?;
        Ok(self.streams || wanted.unwrap_or_default())
    }

    /// Takes those of a method's header parameters that are options of every request here.
    pub(crate) fn options(&mut self, headers: &[&str]) -> Result<Options, Problem> {
        let mut options = Options::default();
        for name in headers {
            match *name {
                "betas" => options.betas = self.optional(name)?.unwrap_or_default(),
                "workspace_id" => options.workspace_id = self.optional(name)?,
                "user_profile_id" => options.user_profile_id = self.optional(name)?,
                _ => {}
            }
        }
        Ok(options)
    }

    /// Gives an argument the name that it has on the wire.
    pub(crate) fn rename(&mut self, name: &str, wire: &str) {
        self.left.rename(name, wire);
    }

    /// Takes all that is left as a parameters type. What that type does not know is no argument: as
    /// an unknown field it would reach the API by a side door.
    pub(crate) fn params<T: Decode>(&mut self, extra: fn(&T) -> &Extra) -> Result<T, Problem> {
        let json = std::mem::take(&mut self.left).to_json();
        let params = from_slice_with(json.as_bytes(), Decoding::Strict)
            .map_err(|error| Problem::usage(format!("arguments: {error}")))?;
        let unknown = extra(&params)
            .iter()
            .next()
            .map(|(name, _)| no_argument(name));
        unknown.map_or(Ok(params), Err)
    }

    /// Takes an argument that is a parameters type by itself.
    pub(crate) fn value<T: Decode>(&mut self, name: &str) -> Result<T, Problem> {
        let json = self.needed::<Box<RawValue>>(name)?;
        from_slice_with(json.get().as_bytes(), Decoding::Strict)
            .map_err(|error| Problem::usage(format!("argument `{name}`: {error}")))
    }

    /// Checks that every argument has been taken.
    pub(crate) fn done(&self) -> Result<(), Problem> {
        self.left
            .first()
            .map_or(Ok(()), |name| Err(no_argument(name)))
    }
}

fn no_argument(name: &str) -> Problem {
    Problem::usage(format!("there is no argument `{name}`"))
}

/// Options of a request that are parameters of the official methods.
#[derive(Default)]
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
