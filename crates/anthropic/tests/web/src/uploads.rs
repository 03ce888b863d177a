//! Files and blobs on their way up.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use anthropic::types::FileUploadParams;
use anthropic::{ErrorKind, Upload};
use futures_util::stream;
use js_sys::{Array, Uint8Array};
use wasm_bindgen::JsValue;
use web_sys::{Blob, BlobPropertyBag, File, FilePropertyBag};

use crate::Outcome;
use crate::support::{Failed, Place, error, failed, holds, same, unique};

fn thrown<T>(result: Result<T, JsValue>) -> Result<T, Failed> {
    result.or_else(|value| failed(format!("{value:?}")))
}

pub async fn a_file_with_its_name_and_type(place: Place) -> Outcome {
    let parts = Array::of1(&JsValue::from_str("The Aare is 288 km long.\n"));
    let options = FilePropertyBag::new();
    options.set_type("text/markdown");
    let file = thrown(File::new_with_str_sequence_and_options(
        &parts,
        "rivers.md",
        &options,
    ))?;
    let upload = Upload::from_web_file(&file);
    same(upload.len(), Some(25))?;
    let client = place.client()?;
    let stored = client
        .files()
        .upload(upload, FileUploadParams::new())
        .await?;
    same(
        (stored.filename.as_str(), stored.mime_type.as_str()),
        ("rivers.md", "text/markdown"),
    )?;
    let mut content = client.files().download(&stored.id).await?;
    let mut bytes = Vec::new();
    while let Some(piece) = content.try_next().await? {
        bytes.extend_from_slice(&piece);
    }
    same(bytes, b"The Aare is 288 km long.\n".to_vec())
}

/// Several pieces, with progress; the second attempt reads it again.
pub async fn a_blob_of_many_pieces(place: Place) -> Outcome {
    let bytes: Vec<u8> = (0..1_000_000_u32).flat_map(|n| [(n % 251) as u8]).collect();
    let parts = Array::of1(&Uint8Array::from(&bytes[..]));
    let options = BlobPropertyBag::new();
    let blob = thrown(Blob::new_with_u8_array_sequence_and_options(
        &parts, &options,
    ))?;
    let sent = Arc::new(AtomicU64::new(0));
    let progress = sent.clone();
    let upload = Upload::from_web_blob("numbers.csv", &blob)
        .on_progress(move |now, _| progress.store(now, Ordering::Relaxed));
    same(upload.content_type(), "text/csv")?;
    drop(blob);
    let id = unique();
    let client = place.helped(&format!("upload-limited/{id}"))?;
    let request = client.files().upload(upload, FileUploadParams::new());
    let stored = request.max_retries(1).await?;
    same(stored.filename.as_str(), "numbers.csv")?;
    same(sent.load(Ordering::Relaxed), 1_000_000)?;
    let seen = place.seen(&id).await?;
    same(seen["requests"].as_u64(), Some(2))?;
    // The sum of what was in the form's file.
    let wanted: u64 = bytes.iter().map(|byte| u64::from(*byte)).sum();
    same(seen["sum"].as_u64(), Some(wanted))
}

pub async fn a_stream_is_sent(place: Place) -> Outcome {
    let pieces = ["one,", "two,", "three"].map(|piece| Ok::<_, std::io::Error>(piece.into()));
    let upload = Upload::stream("pieces.csv", stream::iter(pieces), None);
    let stored = place
        .client()?
        .files()
        .upload(upload, FileUploadParams::new())
        .await?;
    same(
        (stored.filename.as_str(), stored.size_bytes),
        ("pieces.csv", 13),
    )
}

pub async fn a_source_that_fails(place: Place) -> Outcome {
    let broken = std::io::Error::other("the disk is gone");
    let pieces = [Ok("one,".into()), Err(broken)];
    let upload = Upload::stream("pieces.csv", stream::iter(pieces), None);
    let request = place
        .client()?
        .files()
        .upload(upload, FileUploadParams::new());
    let error = error(request.max_retries(2).await)?;
    holds(
        error.kind() == ErrorKind::File,
        format!("{error} is {:?}", error.kind()),
    )?;
    same(error.attempts(), 1)
}
