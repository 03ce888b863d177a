//! What things are called: prefixes of ids, and plausible values for fields by their names.

use serde_json::{Value, json};

use crate::base::ids::Hash;

/// Prefixes where the API's documentation shows them, by collection or by the name of the id.
const PREFIXES: [(&str, &str); 39] = [
    ("/v1/compliance/review/notices", "rvn"),
    ("/v1/organizations/claude_tag/bundles", "capp"),
    ("/v1/organizations/claude_tag/slack_channels", "slch"),
    ("/v1/organizations/claude_tag/slack_workspaces", "slws"),
    (
        "/v1/organizations/plugins/{plugin_id}/versions",
        "pluginver",
    ),
    ("/v1/sessions/{session_id}/events", "sevt"),
    ("/v1/sessions/{session_id}/resources", "sesrsc"),
    ("api_key_id", "apikey"),
    ("bundle_id", "capp"),
    ("case_id", "rvc"),
    ("certificate_id", "tcrt"),
    ("credential_id", "vcrd"),
    ("deployment_id", "depl"),
    ("deployment_run_id", "drun"),
    ("destination_id", "tdst"),
    ("dream_id", "drm"),
    ("environment_id", "env"),
    ("external_key_id", "ekey"),
    ("external_storage_id", "estrg"),
    ("federation_issuer_id", "fdis"),
    ("federation_rule_id", "fdrl"),
    ("issuer_id", "fdis"),
    ("item_id", "msg"),
    ("memory_id", "mem"),
    ("memory_store_id", "memstore"),
    ("memory_version_id", "memver"),
    ("organization_id", "org"),
    ("outcome_id", "outc"),
    ("rbac_group_id", "rbac_group"),
    ("rbac_role_id", "rbac_role"),
    ("service_account_id", "svac"),
    ("session_id", "sesn"),
    ("spend_limit_id", "spl"),
    ("target_id", "btgt"),
    ("thread_id", "sthr"),
    ("tunnel_id", "tnl"),
    ("user_profile_id", "uprof"),
    ("vault_id", "vlt"),
    ("workspace_id", "wrkspc"),
];

fn known(name: &str) -> Option<&'static str> {
    let found = PREFIXES.iter().find(|(known, _)| *known == name);
    found.map(|(_, prefix)| *prefix)
}

/// What the ids of a collection's objects open with: as known, or the name of the id without `_id`.
pub(super) fn prefix(path: &str, param: Option<&str>) -> String {
    let last = path.rsplit('/').next().unwrap_or_default();
    let named = param.filter(|param| param.ends_with("_id"));
    let found = known(path).or_else(|| known(named?));
    let own = named.map(|param| param.trim_end_matches("_id"));
    found
        .or(own)
        .unwrap_or_else(|| last.trim_end_matches('s'))
        .to_owned()
}

/// The prefix of the id in a field: `workspace_id`, or `id` in something of a type.
pub(super) fn field_prefix(field: &str, kind: Option<&str>) -> String {
    let named = match (field, kind) {
        ("id", Some(kind)) => format!("{}_id", kind.rsplit('.').next().unwrap_or(kind)),
        _ => field.to_owned(),
    };
    known(&named).map_or_else(|| named.trim_end_matches("_id").to_owned(), str::to_owned)
}

/// A text for a field.
pub(super) fn text(field: &str, now: &str, seed: Hash) -> String {
    let ends = |end: &str| field.ends_with(end);
    match field {
        "model" => "claude-opus-5-5".to_owned(),
        "currency" => "USD".to_owned(),
        "geo" => "us".to_owned(),
        "email" => "simulator@example.com".to_owned(),
        "display_color" => "#6C5BB9".to_owned(),
        _ if ends("_at") || ends("heartbeat") => now.to_owned(),
        _ if ends("_sha256") => format!("{0}{0}", seed.hex()),
        _ if ends("url") => format!("https://example.com/{field}"),
        _ if ends("amount") || ends("spend") || ends("cost") => "0.00".to_owned(),
        _ => format!("simulated {}", field.replace('_', " ")),
    }
}

/// States that things begin in.
const BEGINNINGS: [&str; 8] = [
    "pending",
    "queued",
    "idle",
    "active",
    "enabled",
    "created",
    "in_progress",
    "success",
];

/// The value of a set that a new thing has: a state to begin in, or the first.
pub(super) fn first(values: &[Value]) -> Option<&Value> {
    let state = |name: &&str| values.iter().find(|value| value == name);
    let mut states = BEGINNINGS.iter().filter_map(state);
    states.next().or_else(|| values.first())
}

pub(super) fn number(field: &str) -> Value {
    match field {
        "version" => json!(1),
        _ if field.ends_with("_seconds") => json!(3_600),
        _ => json!(0),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_open_as_the_api_writes_them() {
        for (path, param, expected) in [
            ("/v1/agents", Some("agent_id"), "agent"),
            ("/v1/sessions", Some("session_id"), "sesn"),
            ("/v1/sessions/{session_id}/events", None, "sevt"),
            (
                "/v1/organizations/claude_tag/slack_channels",
                Some("id"),
                "slch",
            ),
            ("/v1/organizations/users", Some("user_id"), "user"),
            ("/v1/organizations/invites", Some("invite_id"), "invite"),
            ("/v1/things", None, "thing"),
        ] {
            assert_eq!(prefix(path, param), expected, "{path}");
        }
        assert_eq!(field_prefix("id", Some("session_thread")), "session_thread");
        assert_eq!(field_prefix("workspace_id", None), "wrkspc");
    }
}
