//! A platform's requests as the API's own.

use bytes::Bytes;
use http::request::Parts;
use http::uri::PathAndQuery;
use http::{HeaderMap, HeaderName, HeaderValue, Method, Uri, header};
use serde_json::{Map, Value};

use super::errors::Refusal;
use super::form::Form;
use super::models;
use super::platform::Platform;
use crate::base::base64;
use crate::http::bounded::bounded;
use crate::http::call::decode;

const VERSION: HeaderName = HeaderName::from_static("anthropic-version");
const BETA: HeaderName = HeaderName::from_static("anthropic-beta");
const USER_PROFILE: HeaderName = HeaderName::from_static("anthropic-user-profile-id");
const WORKSPACE: HeaderName = HeaderName::from_static("anthropic-workspace-id");
/// How the platforms themselves call the version of 2023.
const LITERALS: [&str; 2] = ["bedrock-2023-05-31", "vertex-2023-10-16"];
const VERSION_OF_2023: &str = "2023-06-01";

const MESSAGES: &str = "/v1/messages";
const COUNT_TOKENS: &str = "/v1/messages/count_tokens";
const BATCHES: &str = "/v1/messages/batches";

/// What is in a request's path.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Route {
    /// The API's path.
    pub(crate) path: String,
    /// The model, where it is in the path.
    model: Option<String>,
    /// What the path has about streaming.
    streams: Option<bool>,
    /// The workspace, where it is in the path.
    workspace: Option<String>,
}

impl Route {
    fn plain(path: &str) -> Self {
        Self {
            path: path.to_owned(),
            model: None,
            streams: None,
            workspace: None,
        }
    }

    /// The route of a platform's path, if the platform serves it.
    pub(crate) fn of(platform: Platform, method: &Method, path: &str) -> Option<Self> {
        match platform {
            Platform::Bedrock => match path.strip_prefix("/model/") {
                Some(rest) => invoke_model(method, rest),
                None => messages(path.strip_prefix("/anthropic")?),
            },
            Platform::Mantle => messages(path.strip_prefix("/anthropic")?),
            Platform::Aws => {
                let urls = path.starts_with("/v1/user_profiles/") && path.ends_with("/action_urls");
                (!urls).then(|| Self::plain(path))
            }
            Platform::Vertex => vertex(method, path),
            Platform::GoogleCloud => google_cloud(path),
            Platform::Foundry => {
                let path = path.strip_prefix("/anthropic")?;
                let lacks = |family: &str| {
                    let rest = path.strip_prefix(family);
                    rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
                };
                (!lacks("/v1/models") && !lacks(BATCHES)).then(|| Self::plain(path))
            }
        }
    }

    /// Whether the request is in a form of the platform's own.
    fn is_invoked(&self, platform: Platform) -> bool {
        platform == Platform::Bedrock && self.model.is_some()
    }

    /// The form that the response has to have.
    pub(crate) fn form(&self, platform: Platform) -> Form {
        Form {
            platform,
            invoked: self.is_invoked(platform),
            counts: self.path == COUNT_TOKENS,
        }
    }

    /// Whether the body is looked at, which has to be read for it.
    pub(crate) fn reads_body(&self, platform: Platform) -> bool {
        let has_models = !matches!(platform, Platform::Aws | Platform::GoogleCloud);
        has_models && [MESSAGES, COUNT_TOKENS, BATCHES].contains(&self.path.as_str())
    }
}

fn messages(path: &str) -> Option<Route> {
    let is_own = path == MESSAGES || path.starts_with("/v1/messages/");
    is_own.then(|| Route::plain(path))
}

fn invoke_model(method: &Method, rest: &str) -> Option<Route> {
    let (model, action) = rest.split_once('/')?;
    let (path, streams) = match action {
        "invoke" => (MESSAGES, Some(false)),
        "invoke-with-response-stream" => (MESSAGES, Some(true)),
        "count-tokens" => (COUNT_TOKENS, None),
        _ => return None,
    };
    (method == Method::POST && !model.is_empty()).then(|| Route {
        model: Some(decode(model, false)),
        streams,
        ..Route::plain(path)
    })
}

/// What is behind `/v1/projects/{project}/locations/{location}/`.
fn in_project(path: &str) -> Option<&str> {
    let rest = path.strip_prefix("/v1/projects/")?;
    let (project, rest) = rest.split_once("/locations/")?;
    let (location, rest) = rest.split_once('/')?;
    let is_name = |name: &str| !name.is_empty() && !name.contains('/');
    (is_name(project) && is_name(location)).then_some(rest)
}

fn vertex(method: &Method, path: &str) -> Option<Route> {
    let rest = in_project(path)?.strip_prefix("publishers/anthropic/models/")?;
    let (model, action) = rest.rsplit_once(':')?;
    let is_own = matches!(action, "rawPredict" | "streamRawPredict") && method == Method::POST;
    if !is_own || model.is_empty() || model.contains('/') {
        return None;
    }
    if model == "count-tokens" {
        return (action == "rawPredict").then(|| Route::plain(COUNT_TOKENS));
    }
    Some(Route {
        model: Some(decode(model, false)),
        ..Route::plain(MESSAGES)
    })
}

fn google_cloud(path: &str) -> Option<Route> {
    let rest = in_project(path)?;
    if let Some(path) = rest.strip_prefix("claudeOrganization/invoke") {
        return path.starts_with("/v1/").then(|| Route::plain(path));
    }
    let rest = rest.strip_prefix("workspaces/")?;
    let (workspace, path) = rest.split_once("/invoke")?;
    let is_own = !workspace.is_empty() && !workspace.contains('/') && path.starts_with("/v1/");
    is_own.then(|| Route {
        workspace: Some(decode(workspace, false)),
        ..Route::plain(path)
    })
}

/// Makes a request one of the API's own, at this route.
pub(crate) fn adapt(
    platform: Platform,
    route: &Route,
    parts: &mut Parts,
    body: Bytes,
) -> Result<Bytes, Refusal> {
    parts.uri = retargeted(&parts.uri, &route.path).unwrap_or_default();
    if platform == Platform::Aws && !parts.headers.contains_key(WORKSPACE) {
        let message = "anthropic-workspace-id: header is required";
        return Err(Refusal::malformed(platform, false, message));
    }
    if let Some(workspace) = &route.workspace {
        if let Ok(workspace) = HeaderValue::from_str(workspace) {
            parts.headers.insert(WORKSPACE, workspace);
        }
    }
    if !route.reads_body(platform) || parts.method != Method::POST {
        return Ok(body);
    }
    let own = Own { platform, route };
    let mut fields = own.fields(&body)?;
    own.name_model(&mut fields)?;
    if platform != Platform::Foundry {
        own.move_profile(&mut fields, &mut parts.headers);
    }
    if own.has_version() {
        own.move_version(&mut fields, &mut parts.headers)?;
    }
    parts.headers.remove(header::CONTENT_LENGTH);
    serde_json::to_vec(&fields)
        .map(Bytes::from)
        .map_err(|error| own.malformed(&error.to_string()))
}

fn retargeted(uri: &Uri, path: &str) -> Option<Uri> {
    let target = match uri.query() {
        Some(query) => format!("{path}?{query}"),
        None => path.to_owned(),
    };
    let mut parts = uri.clone().into_parts();
    parts.path_and_query = Some(target.parse::<PathAndQuery>().ok()?);
    Uri::from_parts(parts).ok()
}

/// A request in a platform's own form.
#[derive(Clone, Copy)]
struct Own<'a> {
    platform: Platform,
    route: &'a Route,
}

impl Own<'_> {
    fn malformed(self, message: &str) -> Refusal {
        Refusal::malformed(self.platform, self.route.is_invoked(self.platform), message)
    }

    /// Whether the version is in the body.
    fn has_version(self) -> bool {
        self.platform == Platform::Vertex || self.route.is_invoked(self.platform)
    }

    /// The body, and the one that is counted in the body of Bedrock's counts.
    fn fields(self, body: &[u8]) -> Result<Map<String, Value>, Refusal> {
        let read = |body: &[u8]| -> Result<Map<String, Value>, Refusal> {
            bounded(body)
                .and_then(|()| serde_json::from_slice(body).map_err(|error| error.to_string()))
                .map_err(|error| self.malformed(&format!("Malformed input request: {error}")))
        };
        let fields = read(body)?;
        if self.route.path != COUNT_TOKENS || !self.route.is_invoked(self.platform) {
            return Ok(fields);
        }
        let counted = fields
            .get("input")
            .and_then(|input| input.pointer("/invokeModel/body"));
        let counted = counted.and_then(Value::as_str);
        let counted = counted.filter(|counted| base64::is_valid(counted));
        let counted = counted
            .ok_or_else(|| self.malformed("input.invokeModel.body: a Base64 text is required"))?;
        let mut counted = read(&base64::decode(counted.as_bytes()))?;
        // It is an invocation's, which has a limit.
        if counted.remove("max_tokens").is_none() {
            return Err(self.malformed("max_tokens: Field required"));
        }
        Ok(counted)
    }

    /// Puts the API's id of the model into the body.
    fn name_model(self, fields: &mut Map<String, Value>) -> Result<(), Refusal> {
        let Some(model) = &self.route.model else {
            if let Some(rows) = fields.get_mut("requests").and_then(Value::as_array_mut) {
                let params = rows.iter_mut().filter_map(|row| row.get_mut("params"));
                params
                    .filter_map(Value::as_object_mut)
                    .for_each(|params| self.rename(params));
            }
            self.rename(fields);
            return Ok(());
        };
        let mut extra = vec!["model"];
        if self.route.is_invoked(self.platform) {
            extra.push("stream");
        }
        for name in extra {
            if fields.contains_key(name) {
                return Err(self.malformed(&format!("{name}: Extra inputs are not permitted")));
            }
        }
        let model = models::canonical(self.platform, model);
        fields.insert("model".to_owned(), model.into());
        if self.route.streams == Some(true) {
            fields.insert("stream".to_owned(), true.into());
        }
        Ok(())
    }

    fn rename(self, fields: &mut Map<String, Value>) {
        if let Some(Value::String(model)) = fields.get_mut("model") {
            *model = models::canonical(self.platform, model);
        }
    }

    /// The user profile, which Bedrock reads from the body.
    fn move_profile(self, fields: &mut Map<String, Value>, headers: &mut HeaderMap) {
        let in_body = matches!(self.platform, Platform::Bedrock | Platform::Mantle);
        if !in_body {
            return;
        }
        headers.remove(USER_PROFILE);
        let Some(Value::String(profile)) = fields.get("user_profile_id") else {
            return;
        };
        if let Ok(value) = HeaderValue::from_str(profile) {
            headers.insert(USER_PROFILE, value);
            fields.remove("user_profile_id");
        }
    }

    /// The version, and where the body has them the betas.
    fn move_version(
        self,
        fields: &mut Map<String, Value>,
        headers: &mut HeaderMap,
    ) -> Result<(), Refusal> {
        let version = match fields.remove("anthropic_version") {
            Some(Value::String(version)) => version,
            Some(_) => {
                let message = "anthropic_version: Input should be a valid string";
                return Err(self.malformed(message));
            }
            None => return Err(self.malformed("anthropic_version: Field required")),
        };
        let version = if LITERALS.contains(&version.as_str()) {
            VERSION_OF_2023
        } else {
            &version
        };
        let value = HeaderValue::from_str(version);
        let value =
            value.map_err(|_| self.malformed("anthropic_version: Input should be a version"))?;
        headers.insert(VERSION, value);
        let Some(betas) = fields.remove("anthropic_beta") else {
            return Ok(());
        };
        let betas = betas.as_array().map(Vec::as_slice).unwrap_or_default();
        let betas: Vec<&str> = betas.iter().filter_map(Value::as_str).collect();
        match HeaderValue::from_str(&betas.join(",")) {
            Ok(value) if !betas.is_empty() => {
                headers.append(BETA, value);
                Ok(())
            }
            _ => Err(self.malformed("anthropic_beta: Input should be a valid list")),
        }
    }
}

#[cfg(test)]
mod tests;
