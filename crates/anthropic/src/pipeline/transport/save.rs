//! Bodies into files.
//!
//! Writing blocks, so it happens on tokio's blocking pool, a piece at a time. The futures here are
//! generic, so that only the programs that use them have their code.

use std::fmt;
use std::fs::{self, File, OpenOptions};
use std::future::IntoFuture;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Weak};

use tokio::runtime::Handle;

use super::Body;
use crate::clock::boundary;
use crate::{BoxFuture, Error, ErrorKind, Result};

/// How much is written at a time.
const PIECE: usize = 256 << 10;
/// How many links to links are followed, as on Linux.
const LINKS: usize = 40;

/// Writes a body into a file; made by [`Body::save_to`]. Awaited, it returns the number of bytes.
#[must_use = "nothing is written until this is awaited"]
pub struct Save<P = fn(u64, Option<u64>)> {
    body: Body,
    path: PathBuf,
    progress: P,
}

#[cfg_attr(docsrs, doc(cfg(feature = "tokio")))]
impl Body {
    /// Writes the body into a file, piece by piece as it arrives, and returns the number of bytes.
    ///
    /// The bytes go into a file beside it, whose name begins with a dot and ends in `.part`, and
    /// which takes the file's place when all of them have arrived: so there is either the whole
    /// body at `path` or what was there before. What fails or is dropped leaves nothing behind.
    /// Links are followed. A file that may not be written is refused, and so is one in a folder
    /// that may not: the place is taken by renaming, which needs the folder, and fails over a file
    /// that is mounted by itself, as containers have them.
    ///
    /// Where `path` is there and is no file, such as a pipe or a device, it is written to directly.
    /// Opening a pipe that nobody reads blocks a thread of the runtime, which dropping does not
    /// end.
    ///
    /// ```no_run
    /// # async fn run(client: anthropic::Client) -> anthropic::Result<()> {
    /// let body = client.files().download("file_01").await?;
    /// let bytes = body
    ///     .save_to("report.pdf")
    ///     .on_progress(|written, total| println!("{written} of {total:?} bytes"))
    ///     .await?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// [`File`](ErrorKind::File) where the file can't be written, with its path. An error of the
    /// body, such as [`Timeout`](ErrorKind::Timeout); [`Body`](ErrorKind::Body) where it ends
    /// before its announced length.
    pub fn save_to(self, path: impl AsRef<Path>) -> Save {
        fn nothing(_: u64, _: Option<u64>) {}
        Save {
            body: self,
            path: path.as_ref().to_owned(),
            progress: nothing,
        }
    }
}

impl<P> Save<P> {
    /// Calls `progress` with the bytes written so far and, where it is known, their final number.
    pub fn on_progress<N: FnMut(u64, Option<u64>) + Send + 'static>(self, progress: N) -> Save<N> {
        Save {
            body: self.body,
            path: self.path,
            progress,
        }
    }

    async fn write(mut self) -> Result<u64>
    where
        P: FnMut(u64, Option<u64>),
    {
        let (path, total) = (self.path, self.body.len());
        let target = path.clone();
        // Lives as long as this future.
        let wanted = Arc::new(());
        let still = Arc::downgrade(&wanted);
        let mut target = blocking(&path, move || Target::create(target, still)).await?;
        let (mut written, mut piece) = (0_u64, Vec::new());
        loop {
            let chunk = self.body.try_next().await?;
            let is_end = chunk.is_none();
            piece.extend_from_slice(&chunk.unwrap_or_default());
            if piece.len() >= PIECE || is_end && !piece.is_empty() {
                let write = move || target.write(&piece).map(|()| (target, piece));
                (target, piece) = blocking(&path, write).await?;
                written += piece.len() as u64;
                piece.clear();
                (self.progress)(written, total);
            }
            if is_end {
                break;
            }
        }
        if let Some(total) = total.filter(|total| *total != written) {
            let message = format!("the body ended after {written} of {total} bytes");
            return Err(Error::new(ErrorKind::Body, message));
        }
        blocking(&path, move || target.finish()).await?;
        drop(wanted);
        Ok(written)
    }
}

impl<P: FnMut(u64, Option<u64>) + Send + 'static> IntoFuture for Save<P> {
    type Output = Result<u64>;
    type IntoFuture = BoxFuture<'static, Result<u64>>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(self.write())
    }
}

impl<P> fmt::Debug for Save<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Save")
            .field("body", &self.body)
            .field("path", &self.path)
            .finish_non_exhaustive()
    }
}

/// Does something with a file on the blocking pool.
async fn blocking<T: Send + 'static>(
    path: &Path,
    work: impl FnOnce() -> io::Result<T> + Send + 'static,
) -> Result<T> {
    let done = match Handle::try_current() {
        Ok(runtime) => match runtime.spawn_blocking(work).await {
            Ok(done) => done,
            Err(cancelled) => Err(io::Error::other(cancelled)),
        },
        Err(none) => {
            let message = "files are written on a tokio runtime, and none is running";
            Err(io::Error::other(format!("{message}: {none}")))
        }
    };
    done.map_err(|source| {
        let message = format!("`{}` can't be written", path.display());
        Error::new(ErrorKind::File, message).caused_by(source)
    })
}

/// A file that is written; dropped before its end, nothing is left of it.
struct Target {
    /// Until it is closed.
    file: Option<File>,
    /// Where the bytes are until all of them are there.
    temporary: Option<PathBuf>,
    path: PathBuf,
    /// Whether somebody still waits for it: steps that were queued are done in any case.
    wanted: Weak<()>,
}

impl Target {
    #[inline]
    fn create(path: PathBuf, wanted: Weak<()>) -> io::Result<Self> {
        let before = match fs::metadata(&path) {
            Ok(meta) => Some(meta),
            Err(error) if error.kind() == io::ErrorKind::NotFound => None,
            Err(error) => return Err(error),
        };
        if before.as_ref().is_some_and(|meta| !meta.is_file()) {
            let file = OpenOptions::new().write(true).open(&path)?;
            return Ok(Self {
                file: Some(file),
                temporary: None,
                path,
                wanted,
            });
        }
        let path = linked(path)?;
        // Renaming asks nobody whether the file may be written.
        if before.as_ref().is_some_and(is_read_only) {
            return Err(io::ErrorKind::PermissionDenied.into());
        }
        if path.file_name().is_none() {
            return Err(io::ErrorKind::InvalidInput.into());
        }
        // Without the file's own name, which may be as long as names can be.
        let random = boundary();
        let hidden = format!(".{}.part", random.get(..16).unwrap_or_default());
        let temporary = path.with_file_name(hidden);
        let mut options = OpenOptions::new();
        options.write(true).create_new(true);
        // From the start, so that nobody opens it who could not open the file.
        #[cfg(unix)]
        if let Some(before) = &before {
            use std::os::unix::fs::{OpenOptionsExt as _, PermissionsExt as _};
            options.mode(before.permissions().mode() & 0o777);
        }
        let file = options.open(&temporary)?;
        let target = Self {
            file: Some(file),
            temporary: Some(temporary),
            path,
            wanted,
        };
        if let (Some(file), Some(before)) = (&target.file, before) {
            file.set_permissions(before.permissions())?;
        }
        Ok(target)
    }

    #[inline]
    fn write(&mut self, piece: &[u8]) -> io::Result<()> {
        match &mut self.file {
            Some(file) => file.write_all(piece),
            None => Ok(()),
        }
    }

    #[inline]
    fn finish(mut self) -> io::Result<()> {
        if let (Some(file), Some(_)) = (self.file.take(), &self.temporary) {
            // Some file systems report only then that they have no room.
            file.sync_all()?;
        }
        if self.wanted.strong_count() == 0 {
            return Err(io::ErrorKind::Interrupted.into());
        }
        if let Some(temporary) = &self.temporary {
            fs::rename(temporary, &self.path)?;
            self.temporary = None;
        }
        Ok(())
    }
}

/// The file that a link is one to, which need not be there yet.
#[inline]
fn linked(mut path: PathBuf) -> io::Result<PathBuf> {
    for _ in 0..LINKS {
        match fs::read_link(&path) {
            // From the folder of the link, if it is relative.
            Ok(next) => path = path.parent().unwrap_or(Path::new("")).join(next),
            Err(_) => return Ok(path),
        }
    }
    Err(io::Error::other("it is a link to links without an end"))
}

#[inline]
fn is_read_only(meta: &fs::Metadata) -> bool {
    meta.permissions().readonly()
}

impl Drop for Target {
    #[inline]
    fn drop(&mut self) {
        // Some systems remove no file that is open.
        self.file = None;
        if let Some(temporary) = &self.temporary {
            let _ = fs::remove_file(temporary);
        }
    }
}
