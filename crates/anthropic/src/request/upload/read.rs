//! Uploads from files and readers.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use super::Upload;
use crate::transport::Body;
use crate::{Error, ErrorKind, Result};

#[cfg_attr(docsrs, doc(cfg(feature = "tokio")))]
impl Upload {
    /// The file at `path`, read piece by piece while it is sent, under its own name.
    ///
    /// Its length is taken now, which blocks for as long as the file system takes; a file that has
    /// become shorter when it is sent is an error.
    ///
    /// # Errors
    ///
    /// [`File`](crate::ErrorKind::File) when there is no such file, or it can't be read.
    pub fn from_path(path: impl AsRef<Path>) -> Result<Self> {
        let path = path.as_ref().to_owned();
        let unreadable = |source: io::Error| {
            let message = format!("`{}` can't be read", path.display());
            Error::new(ErrorKind::File, message).caused_by(source)
        };
        let meta = std::fs::metadata(&path).map_err(unreadable)?;
        if !meta.is_file() {
            let message = format!("`{}` is not a file", path.display());
            return Err(Error::new(ErrorKind::File, message));
        }
        let name = path
            .file_name()
            .map(|name| name.to_string_lossy().into_owned());
        let name = name.unwrap_or_default();
        Ok(Self::reopenable(name, meta.len(), move || {
            File::open(&path)
        }))
    }

    /// The bytes of `reader`, whose number is not known. They can be read only once, so the request
    /// is not retried.
    pub fn reader(name: impl Into<String>, reader: impl Read + Send + 'static) -> Self {
        Self::body(name, Body::reader(reader, None))
    }

    /// `len` bytes from a reader that can be opened again, so that the request can be retried.
    pub fn reopenable<R: Read + Send + 'static>(
        name: impl Into<String>,
        len: u64,
        open: impl Fn() -> io::Result<R> + Send + Sync + 'static,
    ) -> Self {
        Self::body(name, Body::reopenable(len, open))
    }
}
