//! The paths of every platform, and what they are of the API's.

use super::*;

const PROJECT: &str = "/v1/projects/p/locations/eu";

/// A platform, a method and a path, in which `P` stands for a project and `M` for its models, and
/// the API's path.
const PATHS: [(Platform, &str, &str, Option<&str>); 22] = [
    (
        Platform::Bedrock,
        "POST",
        "/model/a%3A0/invoke",
        Some(MESSAGES),
    ),
    (
        Platform::Bedrock,
        "POST",
        "/model/a/count-tokens",
        Some(COUNT_TOKENS),
    ),
    (Platform::Bedrock, "GET", "/model/a/invoke", None),
    (Platform::Bedrock, "POST", "/model/a/converse", None),
    (
        Platform::Bedrock,
        "POST",
        "/anthropic/v1/messages",
        Some(MESSAGES),
    ),
    (Platform::Bedrock, "POST", "/v1/messages", None),
    (
        Platform::Mantle,
        "POST",
        "/anthropic/v1/messages",
        Some(MESSAGES),
    ),
    (Platform::Mantle, "GET", "/anthropic/v1/models", None),
    (Platform::Aws, "GET", "/v1/models", Some("/v1/models")),
    (
        Platform::Aws,
        "POST",
        "/v1/user_profiles/u/action_urls",
        None,
    ),
    (Platform::Vertex, "POST", "M/m:rawPredict", Some(MESSAGES)),
    (
        Platform::Vertex,
        "POST",
        "M/m:streamRawPredict",
        Some(MESSAGES),
    ),
    (
        Platform::Vertex,
        "POST",
        "M/count-tokens:rawPredict",
        Some(COUNT_TOKENS),
    ),
    (Platform::Vertex, "POST", "M/m:predict", None),
    (Platform::Vertex, "POST", "M/a/m:rawPredict", None),
    (Platform::Vertex, "POST", "/v1/messages", None),
    (
        Platform::GoogleCloud,
        "GET",
        "P/workspaces/w/invoke/v1/models",
        Some("/v1/models"),
    ),
    (
        Platform::GoogleCloud,
        "GET",
        "P/claudeOrganization/invoke/v1/user_profiles",
        Some("/v1/user_profiles"),
    ),
    (Platform::GoogleCloud, "GET", "P/invoke/v1/models", None),
    (
        Platform::Foundry,
        "POST",
        "/anthropic/v1/files",
        Some("/v1/files"),
    ),
    (Platform::Foundry, "GET", "/anthropic/v1/models/m", None),
    (
        Platform::Foundry,
        "POST",
        "/anthropic/v1/messages/batches",
        None,
    ),
];

#[test]
fn every_platforms_paths_are_the_apis() {
    for (platform, method, path, wanted) in PATHS {
        let path = path.replace("M/", "P/publishers/anthropic/models/");
        let path = path.replace("P/", &format!("{PROJECT}/"));
        let method = method.parse().unwrap();
        let route = Route::of(platform, &method, &path);
        let found = route.as_ref().map(|route| route.path.as_str());
        assert_eq!(found, wanted, "{platform} {method} {path}");
    }
}
