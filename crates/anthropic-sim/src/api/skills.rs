//! Skills and their versions: made from uploaded files, named by the front matter of their
//! `SKILL.md`.

use std::io::{Cursor, Write};
use std::sync::Arc;
use std::time::Duration;

use axum::extract::{Path, State};
use axum::routing::{get, post};
use axum::{Extension, Router};
use bytes::Bytes;
use http::StatusCode;
use serde_json::{Value, json};
use zip::result::ZipError;
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

use super::shelf::{Kept, Shelf};
use crate::base::clock::{Clock, rfc3339};
use crate::base::errors::ApiError;
use crate::base::ids::Ids;
use crate::http::call::{Call, CallArg, HandlerResult, json as answer, typed};
use crate::http::multipart::{self, Part};
use crate::http::paging;

/// The beta whose objects have shapes of their own.
const BETA: &str = "skills-";

#[derive(Debug)]
pub(crate) struct Skills(Shelf<Skill>);

impl Skills {
    pub(crate) fn new(clock: Arc<Clock>, ids: Arc<Ids>, lenient: bool) -> Self {
        Self(Shelf::new(clock, ids, lenient))
    }

    pub(crate) fn forget(&self) {
        self.0.forget();
    }

    pub(crate) fn routes(self: Arc<Self>) -> Router {
        let versions = "/v1/skills/{id}/versions";
        Router::new()
            .route("/v1/skills", post(create).get(list))
            .route("/v1/skills/{id}", get(retrieve).delete(delete))
            .route(versions, post(create_version).get(list_versions))
            .route(
                "/v1/skills/{id}/versions/{version}",
                get(retrieve_version).delete(delete_version),
            )
            .route("/v1/skills/{id}/versions/{version}/content", get(download))
            .with_state(self)
    }

    /// A version of the uploaded files, or of none of them where nobody looks at ids.
    fn version(&self, parts: &[Part], now: Duration) -> Result<Version, ApiError> {
        match version(&self.0.ids, parts, now) {
            Err(_) if self.0.lenient => {
                let (number, id) = self.0.ids.numbered("skillver");
                Ok(Version::stand_in(&id, number, now))
            }
            version => version,
        }
    }

    /// Looks a version of a skill up, by its place in the skill's list.
    fn with_version<R>(
        &self,
        id: &str,
        version: &str,
        look: impl FnOnce(&mut Skill, usize) -> Result<R, ApiError>,
    ) -> Result<R, ApiError> {
        self.0.with(id, |skill| {
            let place = skill.versions.iter().position(|known| known.id == version);
            let place = match place {
                None if self.0.lenient => {
                    let (number, _) = self.0.ids.numbered("");
                    let made = Version::stand_in(version, number, self.0.now());
                    skill.versions.push(made);
                    skill.versions.len() - 1
                }
                place => place.ok_or_else(|| missing_version(version))?,
            };
            look(skill, place)
        })
    }
}

impl Kept for Skill {
    fn id(&self) -> &str {
        &self.id
    }

    fn stand_in(id: &str, number: u64, now: Duration) -> Self {
        Self {
            number,
            id: id.to_owned(),
            display_name: "simulated".to_owned(),
            created: now,
            updated: now,
            versions: vec![Version::stand_in("skillver_simulated", number, now)],
        }
    }

    fn missing(id: &str) -> ApiError {
        ApiError::not_found(format!("Skill not found: {id}"))
    }
}

#[derive(Debug)]
struct Skill {
    number: u64,
    id: String,
    display_name: String,
    created: Duration,
    updated: Duration,
    /// Oldest first, never empty.
    versions: Vec<Version>,
}

#[derive(Debug)]
struct Version {
    number: u64,
    id: String,
    name: String,
    description: String,
    created: Duration,
    /// By path.
    files: Vec<(String, Bytes)>,
}

impl Version {
    fn stand_in(id: &str, number: u64, now: Duration) -> Self {
        Self {
            number,
            id: id.to_owned(),
            name: "simulated".to_owned(),
            description: "A simulated skill.".to_owned(),
            created: now,
            files: vec![(
                "simulated/SKILL.md".to_owned(),
                Bytes::from_static(b"---\nname: simulated\n---\n"),
            )],
        }
    }

    /// The files as a zip archive, stored as they are.
    fn archive(&self) -> Result<Bytes, ZipError> {
        let options = SimpleFileOptions::default().compression_method(CompressionMethod::Stored);
        let mut archive = ZipWriter::new(Cursor::new(Vec::new()));
        for (path, data) in &self.files {
            archive.start_file(path.as_str(), options)?;
            archive.write_all(data)?;
        }
        Ok(archive.finish()?.into_inner().into())
    }
}

impl Skill {
    /// As the request wants it: an earlier version with the beta has the beta's shape.
    fn shown(&self, call: &Call) -> Value {
        if !call.keeps_beta(BETA) {
            return self.json();
        }
        json!({
            "id": self.id,
            "type": "skill",
            "display_title": self.display_name,
            "latest_version": self.versions.last().map(|version| &version.id),
            "source": "custom",
            "created_at": rfc3339(self.created),
            "updated_at": rfc3339(self.updated),
        })
    }

    fn shown_version(&self, version: &Version, call: &Call) -> Value {
        let mut shown = self.version(version);
        if let Some(fields) = shown.as_object_mut().filter(|_| call.keeps_beta(BETA)) {
            fields.insert("version".to_owned(), json!(version.id));
            fields.insert("directory".to_owned(), json!(version.name));
        }
        shown
    }

    fn json(&self) -> Value {
        json!({
            "id": self.id,
            "type": "skill",
            "display_name": self.display_name,
            "latest_version_id": self.versions.last().map(|version| &version.id),
            "source": {"type": "custom"},
            "created_at": rfc3339(self.created),
            "updated_at": rfc3339(self.updated),
        })
    }

    fn version(&self, version: &Version) -> Value {
        json!({
            "id": version.id,
            "type": "skill_version",
            "skill_id": self.id,
            "name": version.name,
            "description": version.description,
            "created_at": rfc3339(version.created),
        })
    }
}

/// Reads a version from the uploaded files: one top directory with a `SKILL.md` in it.
fn version(ids: &Ids, parts: &[Part], now: Duration) -> Result<Version, ApiError> {
    let files: Vec<&Part> = parts
        .iter()
        .filter(|part| part.field() == "files")
        .collect();
    let names = files
        .iter()
        .map(|part| part.filename.as_deref().unwrap_or_default());
    let tops: Vec<&str> = names
        .clone()
        .map(|name| name.split_once('/').map_or("", |(top, _)| top))
        .collect();
    let kept = names
        .clone()
        .zip(&files)
        .map(|(name, part)| (name.to_owned(), part.data.clone()));
    let kept = kept.collect();
    let top = tops
        .first()
        .copied()
        .ok_or_else(|| ApiError::invalid("files: Field required"))?;
    if top.is_empty() || tops.iter().any(|other| *other != top) {
        return Err(ApiError::invalid(
            "files: All files must be in the same top-level directory",
        ));
    }
    let wanted = format!("{top}/SKILL.md");
    let found = files.iter().zip(names).find(|(_, name)| *name == wanted);
    let text = found.map(|(part, _)| part.text());
    let text = text.ok_or_else(|| {
        ApiError::invalid("files: SKILL.md must be at the root of the top-level directory")
    })?;
    let (number, id) = ids.numbered("skillver");
    Ok(Version {
        number,
        id,
        name: front_matter(&text, "name").unwrap_or(top).to_owned(),
        description: front_matter(&text, "description")
            .unwrap_or_default()
            .to_owned(),
        created: now,
        files: kept,
    })
}

/// One plain value of the YAML between the first two `---` lines.
fn front_matter<'a>(text: &'a str, key: &str) -> Option<&'a str> {
    let mut lines = text.lines();
    lines.next().filter(|line| line.trim() == "---")?;
    let mut pairs = lines
        .take_while(|line| line.trim() != "---")
        .filter_map(|line| line.split_once(':'));
    let (_, value) = pairs.find(|(name, _)| *name == key)?;
    let value = value.trim();
    Some(
        value
            .strip_prefix('"')
            .and_then(|value| value.strip_suffix('"'))
            .unwrap_or(value),
    )
}

fn missing_version(id: &str) -> ApiError {
    ApiError::not_found(format!("Skill version not found: {id}"))
}

async fn create(State(skills): State<Arc<Skills>>, Extension(call): CallArg) -> HandlerResult {
    let parts = multipart::parts(&call)?;
    let now = skills.0.now();
    let version = skills.version(&parts, now)?;
    let given = parts
        .iter()
        .find(|part| matches!(part.field(), "display_name" | "display_title"))
        .map(Part::text);
    let display_name = given
        .filter(|name| !name.is_empty())
        .unwrap_or_else(|| version.name.clone());
    let (number, id) = skills.0.ids.numbered("skill");
    let skill = Skill {
        number,
        id,
        display_name,
        created: now,
        updated: now,
        versions: vec![version],
    };
    let body = skill.shown(&call);
    skills.0.add(skill);
    Ok(answer(&body))
}

async fn list(State(skills): State<Arc<Skills>>, Extension(call): CallArg) -> HandlerResult {
    let custom = call
        .param("source")
        .is_none_or(|source| source.is_empty() || source == "custom");
    let all = skills.0.all();
    let kept = all.iter().rev().filter(|_| custom);
    let items: Vec<_> = kept
        .map(|skill| (skill.number, skill.shown(&call)))
        .collect();
    Ok(answer(&page(&call, &items)?))
}

/// A page, which reports in the beta whether there are more.
fn page(call: &Call, items: &[paging::Numbered]) -> Result<Value, ApiError> {
    let mut page = paging::by_cursor(call, items)?;
    let more = page.get("next_page").is_some_and(Value::is_string);
    if let Some(fields) = page.as_object_mut().filter(|_| call.keeps_beta(BETA)) {
        fields.insert("has_more".to_owned(), json!(more));
    }
    Ok(page)
}

async fn retrieve(
    State(skills): State<Arc<Skills>>,
    Path(id): Path<String>,
    Extension(call): CallArg,
) -> HandlerResult {
    Ok(answer(&skills.0.with(&id, |skill| Ok(skill.shown(&call)))?))
}

async fn delete(State(skills): State<Arc<Skills>>, Path(id): Path<String>) -> HandlerResult {
    skills.0.remove(&id, |_| Ok(()))?;
    Ok(answer(&json!({"id": id, "type": "skill_deleted"})))
}

async fn create_version(
    State(skills): State<Arc<Skills>>,
    Path(id): Path<String>,
    Extension(call): CallArg,
) -> HandlerResult {
    let now = skills.0.now();
    let version = skills.version(&multipart::parts(&call)?, now)?;
    let body = skills.0.with(&id, |skill| {
        let first = skill.versions.first().map(|first| first.name.as_str());
        if first.is_some_and(|name| name != version.name) && !skills.0.lenient {
            return Err(ApiError::invalid(
                "files: the skill's name must stay the same in every version",
            ));
        }
        let body = skill.shown_version(&version, &call);
        skill.updated = now;
        skill.versions.push(version);
        Ok(body)
    })?;
    Ok(answer(&body))
}

async fn list_versions(
    State(skills): State<Arc<Skills>>,
    Path(id): Path<String>,
    Extension(call): CallArg,
) -> HandlerResult {
    let items: Vec<_> = skills.0.with(&id, |skill| {
        let newest_first = skill.versions.iter().rev();
        Ok(newest_first
            .map(|version| (version.number, skill.shown_version(version, &call)))
            .collect())
    })?;
    Ok(answer(&page(&call, &items)?))
}

async fn retrieve_version(
    State(skills): State<Arc<Skills>>,
    Path((id, wanted)): Path<(String, String)>,
    Extension(call): CallArg,
) -> HandlerResult {
    let body = skills.with_version(&id, &wanted, |skill, place| {
        let version = skill.versions.get(place);
        let version = version.ok_or_else(|| missing_version(&wanted))?;
        Ok(skill.shown_version(version, &call))
    })?;
    Ok(answer(&body))
}

async fn download(
    State(skills): State<Arc<Skills>>,
    Path((id, wanted)): Path<(String, String)>,
) -> HandlerResult {
    let archive = skills.with_version(&id, &wanted, |skill, place| {
        let version = skill.versions.get(place);
        Ok(version.ok_or_else(|| missing_version(&wanted))?.archive())
    })?;
    let archive = archive.map_err(|error| {
        ApiError::invalid(format!("The skill's files do not make an archive: {error}"))
    })?;
    Ok(typed(StatusCode::OK, "application/zip", archive))
}

async fn delete_version(
    State(skills): State<Arc<Skills>>,
    Path((id, wanted)): Path<(String, String)>,
) -> HandlerResult {
    skills.with_version(&id, &wanted, |skill, place| {
        if skill.versions.len() == 1 {
            return Err(ApiError::invalid(
                "The only version of a skill can't be deleted; delete the skill",
            ));
        }
        skill.versions.remove(place);
        Ok(())
    })?;
    Ok(answer(
        &json!({"id": wanted, "type": "skill_version_deleted"}),
    ))
}
