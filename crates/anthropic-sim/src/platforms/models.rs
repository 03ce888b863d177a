//! The platforms' ids of models, and the API's.

use super::platform::Platform;
use crate::models::{all, find};

/// The API's id of a model by the platform's. What is none stays as it is, for the rule on models;
/// what names no model by itself, such as a deployment, is the newest.
pub(super) fn canonical(platform: Platform, id: &str) -> String {
    match platform {
        Platform::Bedrock => bedrock(id),
        Platform::Mantle => id
            .strip_prefix("anthropic.")
            .map_or_else(|| foreign(id), str::to_owned),
        Platform::Vertex => vertex(id),
        Platform::Foundry if find(id).is_none() => newest(),
        Platform::Foundry | Platform::Aws | Platform::GoogleCloud => id.to_owned(),
    }
}

fn newest() -> String {
    all()
        .next()
        .map(|model| model.id.to_owned())
        .unwrap_or_default()
}

/// An id that is none of Bedrock's, though it may be one of the API's.
fn foreign(id: &str) -> String {
    format!("{id}, which is no id of Bedrock's")
}

/// An id of a foundation model or of an inference profile, or the ARN of one.
fn bedrock(id: &str) -> String {
    let name = id.rsplit('/').next().unwrap_or_default();
    let Some((_, name)) = name.split_once("anthropic.") else {
        let is_profile =
            id.starts_with("arn:aws") && id.contains(":application-inference-profile/");
        return if is_profile { newest() } else { foreign(id) };
    };
    // A version, such as `-v1:0`.
    let name = name.split(':').next().unwrap_or_default();
    let version = name.rsplit_once("-v").filter(|(_, version)| {
        !version.is_empty() && version.bytes().all(|byte| byte.is_ascii_digit())
    });
    version.map_or(name, |(name, _)| name).to_owned()
}

/// A name, with the date of older models behind an `@`.
fn vertex(id: &str) -> String {
    match id.split_once('@') {
        Some((name, "default" | "latest")) => name.to_owned(),
        Some((name, date)) => format!("{name}-{date}"),
        None => id.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_platforms_ids_are_the_apis() {
        let newest = newest();
        for (platform, id, wanted) in [
            (
                Platform::Bedrock,
                "anthropic.claude-opus-4-5-20251101-v1:0",
                "claude-opus-4-5-20251101",
            ),
            (
                Platform::Bedrock,
                "eu.anthropic.claude-opus-5-5",
                "claude-opus-5-5",
            ),
            (
                Platform::Bedrock,
                "arn:aws:bedrock:eu-west-1:1:inference-profile/global.anthropic.claude-opus-5-5-v1:0",
                "claude-opus-5-5",
            ),
            (
                Platform::Bedrock,
                "arn:aws:bedrock:eu-west-1:1:application-inference-profile/a1b2",
                &newest,
            ),
            (
                Platform::Mantle,
                "anthropic.claude-opus-5-5",
                "claude-opus-5-5",
            ),
            (
                Platform::Vertex,
                "claude-opus-4-5@20251101",
                "claude-opus-4-5-20251101",
            ),
            (Platform::Vertex, "claude-opus-5-5", "claude-opus-5-5"),
            (Platform::Foundry, "my-deployment", &newest),
            (Platform::Foundry, "claude-opus-4-5", "claude-opus-4-5"),
            (Platform::Aws, "claude-opus-5-5", "claude-opus-5-5"),
        ] {
            assert_eq!(canonical(platform, id), wanted, "{platform} {id}");
        }
        for platform in [Platform::Bedrock, Platform::Mantle] {
            assert!(find(&canonical(platform, "claude-opus-5-5")).is_none());
        }
    }
}
