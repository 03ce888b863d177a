//! Files: kept in memory until they are deleted or expire.
//!
//! One departure from the API: uploaded files can be downloaded again, which makes round trips testable.

use std::{sync::Mutex, time::Duration};

use axum::{
    Extension,
    extract::{Path, State as Shared},
    response::{IntoResponse, Response},
};
use bytes::Bytes;
use http::{HeaderValue, StatusCode, header};
use serde_json::{Value, json};

use crate::{
    call::{In, Out, json as answer},
    clock::rfc3339,
    errors::ApiError,
    multipart::{self, Part},
    pages,
    state::{App, State, lock},
};

const MAX_NAME: usize = 255;
const MAX_IDS: usize = 100;
const FORBIDDEN: [char; 9] = ['<', '>', ':', '"', '|', '?', '*', '\\', '/'];

/// All files, oldest first.
#[derive(Debug, Default)]
pub(crate) struct Files(Mutex<Vec<File>>);

#[derive(Debug, Clone)]
struct File {
    number: u64,
    id: String,
    name: String,
    mime_type: String,
    created: Duration,
    expires: Option<Duration>,
    data: Bytes,
}

impl File {
    fn json(&self) -> Value {
        json!({
            "id": self.id,
            "type": "file",
            "filename": self.name,
            "mime_type": self.mime_type,
            "size_bytes": self.data.len(),
            "created_at": rfc3339(self.created),
            "expires_at": self.expires.map(rfc3339),
            "downloadable": true,
        })
    }

    fn has_expired(&self, now: Duration) -> bool {
        self.expires.is_some_and(|expires| now >= expires)
    }
}

pub(crate) async fn upload(Shared(app): Shared<App>, Extension(call): In) -> Out {
    let parts = multipart::parts(&call)?;
    let find = |name: &str| parts.iter().find(|part| part.field() == name);
    let part = find("file").ok_or_else(|| ApiError::invalid("file: Field required"))?;
    let lifetime = find("expires_in_seconds").map(|part| part.text().trim().parse::<u64>());
    let lifetime = lifetime
        .transpose()
        .ok()
        .filter(|seconds| *seconds != Some(0));
    let lifetime = lifetime.ok_or_else(|| {
        ApiError::invalid("expires_in_seconds: Input should be a positive integer")
    })?;
    let created = app.clock.now();
    let (number, id) = app.ids.numbered("file");
    let file = File {
        number,
        id,
        name: name(part)?,
        mime_type: part
            .content_type
            .clone()
            .unwrap_or_else(|| "application/octet-stream".to_owned()),
        created,
        expires: lifetime.map(|seconds| created.saturating_add(Duration::from_secs(seconds))),
        data: part.data.clone(),
    };
    let body = file.json();
    lock(&app.files.0).push(file);
    Ok(answer(&body))
}

/// Clients may leave the name out; the API then makes one up.
fn name(part: &Part) -> Result<String, ApiError> {
    let name = part
        .filename
        .as_deref()
        .filter(|name| !name.is_empty())
        .unwrap_or("unnamed");
    if name.chars().count() > MAX_NAME
        || name.contains(FORBIDDEN)
        || name.contains(char::is_control)
    {
        return Err(ApiError::invalid(
            "file: The filename is longer than 255 characters or has forbidden ones",
        ));
    }
    Ok(name.to_owned())
}

pub(crate) async fn list(Shared(app): Shared<App>, Extension(call): In) -> Out {
    let ids: Vec<&str> = call.params("ids").collect();
    if !ids.is_empty() && (call.param("page").is_some() || call.param("limit").is_some()) {
        return Err(ApiError::invalid(
            "ids: may not be combined with page or limit",
        ));
    }
    if ids.len() > MAX_IDS {
        return Err(ApiError::invalid("ids: at most 100 ids may be given"));
    }
    let now = app.clock.now();
    let files = lock(&app.files.0);
    // Uploads are of no session, which is the one scope there is.
    let scoped = call.param("scope_id").is_some();
    let alive = files
        .iter()
        .rev()
        .filter(|file| !scoped && !file.has_expired(now));
    let items: Vec<_> = alive
        .filter(|file| ids.is_empty() || ids.contains(&file.id.as_str()))
        .map(|file| (file.number, file.json()))
        .collect();
    if ids.is_empty() {
        return Ok(answer(&pages::by_cursor(&call, &items)?));
    }
    let data: Vec<Value> = items.into_iter().map(|(_, file)| file).collect();
    Ok(answer(&json!({"data": data, "next_page": null})))
}

/// Refuses messages that refer to a file that isn't there.
pub(crate) fn check_referred(app: &State, messages: &[Value]) -> Result<(), ApiError> {
    let asked = messages.iter().filter(|message| {
        // What the assistant refers to it was told by the simulator, or by a test.
        message.get("role").is_some_and(|role| role == "user")
    });
    let blocks = asked.filter_map(|message| message.get("content")?.as_array());
    for block in blocks.flatten() {
        let kind =
            |value: &Value, wanted: &str| value.get("type").is_some_and(|kind| kind == wanted);
        let source = block.get("source").filter(|source| kind(source, "file"));
        let referring = source.or(Some(block).filter(|block| kind(block, "container_upload")));
        if let Some(id) = referring.and_then(|value| value.get("file_id")?.as_str()) {
            find(app, id)?;
        }
    }
    Ok(())
}

fn find(app: &State, id: &str) -> Result<File, ApiError> {
    let file = lock(&app.files.0)
        .iter()
        .find(|file| file.id == id)
        .cloned()
        .ok_or_else(|| missing(id))?;
    if file.has_expired(app.clock.now()) {
        let expired = ApiError::not_found(format!("File {id} has expired"));
        return Err(expired.details(json!({"error_code": "file_expired"})));
    }
    Ok(file)
}

fn missing(id: &str) -> ApiError {
    ApiError::not_found(format!("File not found: {id}"))
}

pub(crate) async fn retrieve(Shared(app): Shared<App>, Path(id): Path<String>) -> Out {
    Ok(answer(&find(&app, &id)?.json()))
}

pub(crate) async fn download(Shared(app): Shared<App>, Path(id): Path<String>) -> Out {
    let file = find(&app, &id)?;
    Ok(content(&file))
}

fn content(file: &File) -> Response {
    let octets = HeaderValue::from_static("application/octet-stream");
    let kind = HeaderValue::from_str(&file.mime_type).unwrap_or(octets);
    (
        StatusCode::OK,
        [(header::CONTENT_TYPE, kind)],
        file.data.clone(),
    )
        .into_response()
}

pub(crate) async fn delete(Shared(app): Shared<App>, Path(id): Path<String>) -> Out {
    let mut files = lock(&app.files.0);
    let index = files
        .iter()
        .position(|file| file.id == id)
        .ok_or_else(|| missing(&id))?;
    files.remove(index);
    Ok(answer(&json!({"id": id, "type": "file_deleted"})))
}
