//! Uploads of a `Blob` or a `File` of a page, by the types of web-sys 0.3.
//!
//! It is read piece by piece when it is sent, as often as needed. What reads it runs in a task of
//! its own, which ends when the upload and everything made of it is dropped.
#![expect(
    clippy::future_not_send,
    reason = "JavaScript's values stay where they are"
)]

use std::sync::Arc;

use bytes::Bytes;
use js_sys::Uint8Array;
use js_sys::futures::JsFuture;
use wasm_bindgen::JsValue;
use web_sys::{Blob, File};

use super::Upload;
use crate::transport::{Body, BoxError};
use crate::web::global::Thrown;
use crate::web::local::{Sender, channel, run};
use crate::{Error, ErrorKind};

/// How much is read at a time.
const PIECE: f64 = 262_144.0;

type Pieces = Sender<Result<Bytes, BoxError>>;

#[cfg_attr(docsrs, doc(cfg(all(feature = "web", target_arch = "wasm32"))))]
impl Upload {
    /// A `File` of a page, such as one that its user has chosen, under its own name and type.
    ///
    /// It can be read again, so the request is retried as others are. One that has changed since it
    /// was chosen is an error of kind [`File`](crate::ErrorKind::File) when it is sent.
    pub fn from_web_file(file: &File) -> Self {
        Self::from_web_blob(file.name(), file)
    }

    /// A `Blob` under a name and its own type; without a type, the one that the name's extension
    /// suggests.
    pub fn from_web_blob(name: impl Into<String>, blob: &Blob) -> Self {
        let kind = blob.type_();
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "it is a number of bytes"
        )]
        let len = blob.size() as u64;
        let upload = Self::body(name, body(blob.clone(), len));
        if kind.is_empty() {
            upload
        } else {
            upload.with_content_type(kind)
        }
    }
}

fn body(blob: Blob, len: u64) -> Body {
    let (sender, mut readers) = channel::<Pieces>();
    js_sys::futures::spawn_local(async move {
        while let Some(pieces) = readers.next().await {
            let blob = blob.clone();
            run(pieces, async move |pieces| {
                if let Err(value) = read(&blob, len, &pieces).await {
                    pieces.push(Err(unreadable(&value)));
                }
            });
        }
    });
    let sender = Arc::new(sender);
    let open = move || {
        let (pieces, receiver) = channel();
        sender.push(pieces);
        receiver
    };
    Body::replayable(open, Some(len))
}

/// Reads all of it, a piece whenever the one before it has been taken.
async fn read(blob: &Blob, len: u64, pieces: &Pieces) -> Result<(), JsValue> {
    #[expect(clippy::cast_precision_loss, reason = "no file is that long")]
    let len = len as f64;
    let mut at = 0.0;
    while at < len {
        let end = f64::min(at + PIECE, len);
        let slice = blob.slice_with_f64_and_f64(at, end)?;
        let buffer = JsFuture::from(slice.array_buffer()).await?;
        let piece = Uint8Array::new(&buffer).to_vec();
        pieces.push(Ok(piece.into()));
        pieces.received().await;
        at = end;
    }
    Ok(())
}

fn unreadable(value: &JsValue) -> BoxError {
    Box::new(Error::new(ErrorKind::File, "the file can't be read").caused_by(Thrown::new(value)))
}
