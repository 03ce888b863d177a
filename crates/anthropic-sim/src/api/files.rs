//! Files: kept in memory until they are deleted or expire.
//!
//! One departure from the API: uploaded files can be downloaded again, which makes round trips
//! testable.

use std::sync::Arc;
use std::time::Duration;

use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Extension, Router};
use bytes::Bytes;
use http::{HeaderValue, StatusCode, header};
use serde_json::{Value, json};

use super::shelf::{Kept, Shelf};
use crate::base::clock::{Clock, rfc3339};
use crate::base::errors::ApiError;
use crate::base::ids::Ids;
use crate::http::call::{CallArg, HandlerResult, json as answer};
use crate::http::multipart::{self, Part};
use crate::http::paging;

/// The beta whose lists have the shape of other lists by id.
const BETA: &str = "files-api-";
const MAX_NAME: usize = 255;
const MAX_IDS: usize = 100;
const FORBIDDEN: [char; 9] = ['<', '>', ':', '"', '|', '?', '*', '\\', '/'];

#[derive(Debug)]
pub(crate) struct Files(Shelf<File>);

impl Files {
    pub(crate) fn new(clock: Arc<Clock>, ids: Arc<Ids>, lenient: bool) -> Self {
        Self(Shelf::new(clock, ids, lenient))
    }

    pub(crate) fn forget(&self) {
        self.0.forget();
    }

    pub(crate) fn routes(self: Arc<Self>) -> Router {
        Router::new()
            .route("/v1/files", post(upload).get(list))
            .route("/v1/files/{id}", get(retrieve).delete(delete))
            .route("/v1/files/{id}/content", get(download))
            .with_state(self)
    }

    fn find(&self, id: &str) -> Result<File, ApiError> {
        let file = self.0.with(id, |file| Ok(file.clone()))?;
        if file.has_expired(self.0.now()) {
            let expired = ApiError::not_found(format!("File {id} has expired"));
            return Err(expired.details(json!({"error_code": "file_expired"})));
        }
        Ok(file)
    }

    /// The newest files, newest first.
    pub(crate) fn newest(&self, most: usize) -> Vec<Value> {
        let now = self.0.now();
        let all = self.0.all();
        let alive = all.iter().rev().filter(|file| !file.has_expired(now));
        alive.take(most).map(File::json).collect()
    }

    /// The media type of a file, empty for one that stands in for whatever file is meant; fails
    /// unless it exists.
    pub(crate) fn media_type(&self, id: &str) -> Result<String, ApiError> {
        let file = self.find(id)?;
        Ok(if file.stands_in {
            String::new()
        } else {
            file.mime_type
        })
    }
}

#[derive(Debug, Clone)]
struct File {
    number: u64,
    id: String,
    name: String,
    mime_type: String,
    /// Whether nobody has uploaded it.
    stands_in: bool,
    created: Duration,
    expires: Option<Duration>,
    data: Bytes,
}

impl Kept for File {
    fn id(&self) -> &str {
        &self.id
    }

    fn stand_in(id: &str, number: u64, now: Duration) -> Self {
        Self {
            number,
            id: id.to_owned(),
            name: "simulated.txt".to_owned(),
            mime_type: "text/plain".to_owned(),
            stands_in: true,
            created: now,
            expires: None,
            data: Bytes::from_static(b"A simulated file.\n"),
        }
    }

    fn missing(id: &str) -> ApiError {
        ApiError::not_found(format!("File not found: {id}"))
    }
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

async fn upload(State(files): State<Arc<Files>>, Extension(call): CallArg) -> HandlerResult {
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
    let created = files.0.now();
    let (number, id) = files.0.ids.numbered("file");
    let file = File {
        number,
        id,
        name: name(part)?,
        mime_type: part
            .content_type
            .clone()
            .unwrap_or_else(|| "application/octet-stream".to_owned()),
        stands_in: false,
        created,
        expires: lifetime.map(|seconds| created.saturating_add(Duration::from_secs(seconds))),
        data: part.data.clone(),
    };
    let body = file.json();
    files.0.add(file);
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

async fn list(State(files): State<Arc<Files>>, Extension(call): CallArg) -> HandlerResult {
    let ids: Vec<&str> = call.params("ids").collect();
    if !ids.is_empty()
        && !call.lenient_ids
        && (call.param("page").is_some() || call.param("limit").is_some())
    {
        return Err(ApiError::invalid(
            "ids: may not be combined with page or limit",
        ));
    }
    if ids.len() > MAX_IDS {
        return Err(ApiError::invalid("ids: at most 100 ids may be given"));
    }
    let now = files.0.now();
    let all = files.0.all();
    // Uploads are of no session, which is the one scope there is.
    let scoped = call.param("scope_id").is_some();
    let alive = all
        .iter()
        .rev()
        .filter(|file| !scoped && !file.has_expired(now));
    let items: Vec<_> = alive
        .filter(|file| ids.is_empty() || ids.contains(&file.id.as_str()))
        .map(|file| (file.number, file.json()))
        .collect();
    if call.keeps_beta(BETA) {
        let keyed = items.into_iter().filter_map(|(_, file)| {
            let id = file.get("id")?.as_str()?.to_owned();
            Some((id, file))
        });
        return Ok(answer(&paging::by_id(&call, &keyed.collect::<Vec<_>>())?));
    }
    if ids.is_empty() {
        return Ok(answer(&paging::by_cursor(&call, &items)?));
    }
    let data: Vec<Value> = items.into_iter().map(|(_, file)| file).collect();
    Ok(answer(&json!({"data": data, "next_page": null})))
}

async fn retrieve(State(files): State<Arc<Files>>, Path(id): Path<String>) -> HandlerResult {
    Ok(answer(&files.find(&id)?.json()))
}

async fn download(State(files): State<Arc<Files>>, Path(id): Path<String>) -> HandlerResult {
    let file = files.find(&id)?;
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

async fn delete(State(files): State<Arc<Files>>, Path(id): Path<String>) -> HandlerResult {
    files.0.remove(&id, |_| Ok(()))?;
    Ok(answer(&json!({"id": id, "type": "file_deleted"})))
}
