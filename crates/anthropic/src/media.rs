//! Images and documents of files.
//!
//! [`ImageBlock::from_bytes`] and [`from_reader`](ImageBlock::from_reader) take what is no file.
//! What is used often is better [uploaded](crate::Upload) once.
//!
//! The block keeps the file's Base64, which is a third longer than the file, and a request has it
//! once more, in its body; with `create(params)` both are in memory until the body is written. What
//! is too large for that is better uploaded, too.
//!
//! Both functions block the thread while they read. In async code that matters where the file is
//! large or its disk slow: call them in tokio's `spawn_blocking`, or read the bytes with
//! `tokio::fs::read` and make the block of those.
//!
//! ```no_run
//! # async fn run() -> Result<(), Box<dyn std::error::Error>> {
//! use anthropic::media;
//!
//! let scan = tokio::task::spawn_blocking(|| media::document("scan.pdf")).await??;
//! # Ok(())
//! # }
//! ```

use std::fs::File;
use std::path::Path;

use anthropic_types::{DocumentBlock, ImageBlock, MediaError};

use crate::{Error, ErrorKind, Result};

/// An image of a file: JPEG, PNG, GIF or WebP, as its bytes begin; its name doesn't count.
///
/// It is read piece by piece, and only its Base64 is kept in memory. The thread is blocked while it
/// is read: see [above](self) for async code.
///
/// ```no_run
/// use anthropic::media;
/// use anthropic::types::{MessageCreateParams, Model};
///
/// # fn run() -> anthropic::Result<()> {
/// let params = MessageCreateParams::new(Model::CLAUDE_OPUS_5_5, 1024);
/// let params = params.user((media::image("map.png")?, "Which river is that?"));
/// # Ok(())
/// # }
/// ```
///
/// # Errors
///
/// [`File`](ErrorKind::File), with the path, when the file can't be read or is no such image.
pub fn image(path: impl AsRef<Path>) -> Result<ImageBlock> {
    read(path.as_ref(), ImageBlock::from_reader)
}

/// A document of a file: a PDF, as its bytes begin, or else text in UTF-8; its name doesn't count.
///
/// The thread is blocked while it is read: see [above](self) for async code.
///
/// # Errors
///
/// [`File`](ErrorKind::File), with the path, when the file can't be read or is neither.
pub fn document(path: impl AsRef<Path>) -> Result<DocumentBlock> {
    read(path.as_ref(), DocumentBlock::from_reader)
}

fn read<T>(path: &Path, block: fn(File) -> Result<T, MediaError>) -> Result<T> {
    let failed = |source: Box<dyn std::error::Error + Send + Sync>| {
        let name = path.display();
        Error::new(ErrorKind::File, format!("`{name}` can't be sent")).caused_by(source)
    };
    let file = File::open(path).map_err(|error| failed(error.into()))?;
    block(file).map_err(|error| failed(error.into()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_names_the_file_and_the_cause() {
        let manifest = concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.toml");
        let error = image(manifest).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::File);
        let line = error.to_string();
        assert!(
            line.contains("Cargo.toml") && line.contains("no JPEG"),
            "{line}"
        );
        assert!(document(manifest).unwrap().source.as_text().is_some());
        let line = image("no/such/file.png").unwrap_err().to_string();
        assert!(line.contains("no/such/file.png"), "{line}");
    }
}
