//! What must hold of the docs of the real description.

use crate::emit::docs::{Docs, Sentence};
use crate::emit::facts::{Facts, values};
use crate::emit::operations::OperationWriter;
use crate::layout::{CORE, Layout, module};
use crate::model::{Concept, Def, Field, Model};
use crate::tests::with;

fn concept<'m>(model: &'m Model, key: &str) -> &'m Concept {
    model.defs.get(key).unwrap_or_else(|| panic!("{key}"))
}

fn field<'m>(model: &'m Model, key: &str, wire: &str) -> &'m Field {
    let Def::Struct { fields, .. } = &concept(model, key).def else {
        panic!("{key} is no struct");
    };
    let found = fields.iter().find(|field| field.wire == wire);
    found.unwrap_or_else(|| panic!("{key}.{wire}"))
}

/// The sentence about a field, its words left aside.
fn found(facts: &Facts<'_>, model: &Model, key: &str, wire: &str) -> (String, bool) {
    let field = field(model, key, wire);
    let found = facts.field(key, field, values(field, model));
    (found.text, found.informs)
}

/// The docs of a field, as they are written.
fn docs(facts: &Facts<'_>, layout: &Layout<'_>, key: &str, wire: &str) -> String {
    let model = layout.seen_from(module(key), "crate::");
    let concept = concept(layout.model, key);
    facts
        .field_text(key, concept, field(layout.model, key, wire), &model)
        .all()
}

/// Sentences that add to the name: the type, the field, the sentence.
const SENTENCES: [(&str, &str, &str); 14] = [
    (
        "agents.Session",
        "archived_at",
        "When the session was archived (RFC 3339).",
    ),
    (
        "agents.Session",
        "environment_id",
        "The id of the environment.",
    ),
    (
        "agents.SessionListParams",
        "agent_id",
        "Only sessions whose agent id is this.",
    ),
    (
        "agents.SessionListParams",
        "statuses",
        "Only sessions whose status is one of these.",
    ),
    (
        "agents.environments.SelfHostedWork",
        "stop_requested_at",
        "When the stop was requested (RFC 3339).",
    ),
    (
        "organization.federation.FederationIssuerPollStatus",
        "last_fetched_at",
        "When it was last fetched (RFC 3339).",
    ),
    (
        "organization.federation.FederationIssuerPollStatus",
        "next_poll_at",
        "When the next poll is due (RFC 3339).",
    ),
    (
        "organization.federation.RuleCreateParams",
        "applies_to_all_workspaces",
        "Whether it applies to all workspaces.",
    ),
    (
        "agents.vaults.RefreshHttpResponse",
        "body_truncated",
        "Whether the body is truncated.",
    ),
    (
        "agents.environments.SelfHostedWorkHeartbeatResponse",
        "lease_extended",
        "Whether the lease was extended.",
    ),
    (
        "organization.PluginMarketplaceValidationReport",
        "valid",
        "Whether it is valid.",
    ),
    (
        "organization.AnalyticsOfficeProductMetrics",
        "skills_used_count",
        "How many skills were used.",
    ),
    (
        "organization.federation.FederationRule",
        "created_by_actor_id",
        "The id of who created it.",
    ),
    (
        "organization.plugins.PluginInstallationSetting",
        "plugin_id",
        "The id of the plugin.",
    ),
];

#[test]
fn sentences_say_what_is_known() {
    with(|input, names, model, layout| {
        let words = Docs::default();
        let facts = Facts::new(names, layout, &input.overlay, &words).unwrap();
        for (key, wire, expected) in SENTENCES {
            let found = found(&facts, model, key, wire);
            assert_eq!(found, (expected.to_owned(), true), "{key}.{wire}");
        }
    });
}

#[test]
fn a_name_in_other_words_is_reported() {
    with(|input, names, model, layout| {
        let words = Docs::default();
        let facts = Facts::new(names, layout, &input.overlay, &words).unwrap();
        for (key, wire, expected) in [
            (
                "agents.DeltaEvent",
                "delta",
                "The event's delta: a [`agents.DeltaContent`].",
            ),
            (
                "organization.analytics.AnalyticsCostMetrics",
                "list_amount",
                "The analytics cost metrics' list amount: text.",
            ),
            (
                "user_profiles.UserProfileCyberRequirements",
                "human_review",
                "Yes or no: human review.",
            ),
        ] {
            assert_eq!(
                found(&facts, model, key, wire),
                (expected.to_owned(), false),
                "{key}.{wire}"
            );
        }
    });
}

#[test]
fn docs_have_bounds_values_and_what_null_does() {
    with(|input, names, _, layout| {
        let words =
            "[fields]\n\"ErrorDetails.field\" = \"The field, with `workspace_policy_violation`.\"";
        let words: Docs = toml::from_str(words).unwrap();
        let facts = Facts::new(names, layout, &input.overlay, &words).unwrap();
        let limit = docs(&facts, layout, "agents.AgentListParams", "limit");
        assert!(limit.ends_with("At most 100; 20 by default."), "{limit}");
        let name = docs(&facts, layout, "agents.VaultUpdateParams", "display_name");
        assert!(name.contains("1 to 255 characters."), "{name}");
        assert!(
            name.ends_with("Left out, it stays as it is; `Null` sends `null`."),
            "{name}"
        );
        // A backtick in the words is no reason to leave out the values.
        let field = docs(&facts, layout, "ErrorDetails", "field");
        assert!(field.contains("Known: `external_key_id` or"), "{field}");
    });
}

#[test]
fn every_patch_field_says_what_null_is() {
    with(|input, names, model, layout| {
        let facts = Facts::new(names, layout, &input.overlay, &input.docs).unwrap();
        let mut seen = 0;
        for (key, concept) in &model.defs {
            let Def::Struct { fields, .. } = &concept.def else {
                continue;
            };
            for field in fields
                .iter()
                .filter(|it| it.presence == crate::model::Presence::Patch)
            {
                let text = docs(&facts, layout, key, &field.wire);
                assert!(
                    text.to_lowercase().contains("null"),
                    "{key}.{}: {text}",
                    field.wire
                );
                seen += 1;
            }
        }
        assert!(seen > 50, "{seen}");
    });
}

#[test]
fn betas_name_their_header() {
    with(|input, names, model, layout| {
        let words = Docs::default();
        let facts = Facts::new(names, layout, &input.overlay, &words).unwrap();
        for (key, header) in [
            ("McpToolset", "mcp-client-2025-11-20"),
            ("CompactionBlock", "compact-2026-01-12"),
            ("ClearToolUses20250919Edit", "context-management-2025-06-27"),
            ("ThreadCreateParams", "message-threads-2026-08-12"),
            ("ToolUsesKeep", "context-management-2025-06-27"),
            ("agents.Session", "managed-agents-2026-04-01"),
        ] {
            let text = facts.type_text(key, concept(model, key));
            assert!(text.contains(&format!("`{header}`")), "{key}: {text}");
        }
        let id = docs(&facts, layout, "user_profiles.UserProfile", "external_id");
        assert!(
            id.ends_with("Beta (`user-profiles-2026-03-24` or `user-profiles-2026-08-18`)."),
            "{id}"
        );
        let programs = docs(&facts, layout, "user_profiles.UserProfile", "programs");
        assert!(
            programs.contains("Absent under the beta `user-profiles-2026-03-24`"),
            "{programs}"
        );
        for (key, concept) in &model.defs {
            let text = facts.type_text(key, concept);
            let is_named = text.contains("Beta (`") || text.contains("On the beta side");
            assert_eq!(is_named, concept.beta_only, "{key}: {text}");
        }
    });
}

#[test]
fn a_beta_of_the_core_without_a_header_is_refused() {
    with(|input, names, _, layout| {
        let mut overlay = crate::generate::read().unwrap().overlay;
        overlay.betas.remove("TokenTaskBudget");
        let problem = Facts::new(names, layout, &overlay, &input.docs).err();
        let problem = problem.unwrap_or_default();
        assert!(problem.contains("TokenTaskBudget"), "{problem}");
        overlay.betas.insert("NoSuchType".to_owned(), Vec::new());
        let problem = Facts::new(names, layout, &overlay, &input.docs).err();
        assert!(problem.unwrap_or_default().contains("NoSuchType"));
    });
}

#[test]
fn parameters_and_responses_name_their_endpoints() {
    with(|input, names, model, layout| {
        let facts = Facts::new(names, layout, &input.overlay, &input.docs).unwrap();
        for endpoint in &input.description.endpoints {
            let taken = endpoint.body_type.as_deref();
            for official in taken.into_iter().chain(endpoint.answers()) {
                let key = names.key(official);
                let Some(concept) = model.defs.get(&key) else {
                    continue;
                };
                let text = facts.type_text(&key, concept);
                assert!(
                    text.contains("(https://platform.claude.com/docs/en/api/"),
                    "{key}: {text}"
                );
                assert!(text.contains(" /v1/"), "{key}: {text}");
                let is_named = ["Returned by ", "as returned by ", "Sent to ", "send to "];
                assert!(is_named.iter().any(|it| text.contains(it)), "{key}: {text}");
                for feature in layout.features(&key) {
                    assert!(text.contains(&format!("`{feature}`")), "{key}: {text}");
                }
                if concept.beta_only && !endpoint.betas.is_empty() {
                    assert!(text.contains("beta"), "{key}: {text}");
                }
            }
        }
    });
}

#[test]
fn every_method_says_where_it_goes_and_what_it_needs() {
    with(|input, names, _, layout| {
        let writer = OperationWriter {
            description: &input.description,
            overlay: &input.overlay,
            docs: &input.docs,
            names,
            layout,
        };
        for endpoint in &input.description.endpoints {
            let (area, _) = layout.area(endpoint).unwrap();
            let by_hand = input.overlay.operations.get(&endpoint.id);
            let text = match by_hand.and_then(|own| own.by_hand.as_deref()) {
                Some(path) => by_hand_docs(path),
                None => writer.method_text(endpoint),
            };
            let http = format!("`{} {}`", endpoint.method, endpoint.path);
            assert!(text.contains(&http), "{}: {text}", endpoint.id);
            let link = crate::emit::calls::page(&endpoint.id);
            assert!(
                text.contains(&format!("[API reference]({link})")),
                "{}: {text}",
                endpoint.id
            );
            for beta in &endpoint.betas {
                assert!(
                    text.contains(&format!("`{beta}`")),
                    "{}: {text}",
                    endpoint.id
                );
            }
            if area != CORE {
                for feature in writer.features(area) {
                    let needs = format!("crate feature `{feature}`");
                    assert!(text.contains(&needs), "{}: {text}", endpoint.id);
                }
            }
        }
    });
}

/// The file that has an operation written by hand, docs and all.
fn by_hand_docs(path: &str) -> String {
    let file = path.split("::").nth(2).unwrap_or_default();
    let path = format!("crates/anthropic/src/resources/{file}.rs");
    std::fs::read_to_string(crate::generate::root().join(path)).unwrap()
}

#[test]
fn words_that_nobody_asks_for_are_found() {
    let docs: Docs =
        toml::from_str("[types]\nHere = \"a\"\nGone = \"b\"\n[fields]\n\"*.gone\" = \"c\"\n")
            .unwrap();
    docs.type_doc("Here", &Sentence::fact("d"));
    assert_eq!(docs.unused(), ["types.Gone", "fields.*.gone"]);
}

/// Words that have none beside those of the name and of what it belongs to, and one that adds to
/// them, of every section: what is generated asks for all of them.
const REPEATED: &str = r#"
[types]
"agents.Session" = "An agent's session."
"agents.Vault" = "An agent's vault, with credentials."
[fields]
"agents.Vault.name" = "The vault's name."
"agents.Vault.id" = "The vault's id (`vlt_…`)."
"*.session_id" = "The id of the session."
"*.file_id" = "The file that was uploaded."
[variants]
"agents.VaultStatus.open" = "`open`: the vault is open."
"agents.VaultStatus.shut" = "`shut`: nothing is given out."
"*Filter.chat" = "`chat`: in chat."
[methods]
"vaults.list" = "List vaults."
"vaults.seal" = "Closes a vault for good."
[resources]
vaults = "Vaults."
"vaults.items" = "What a vault has inside."
[modules]
agents = "Agents."
"agents.vaults" = "Secrets that agents use."
"#;

#[test]
fn words_that_repeat_the_name_are_reported() {
    let docs: Docs = toml::from_str(REPEATED).unwrap();
    let facts = Sentence::fact("a fact");
    for key in ["agents.Session", "agents.Vault"] {
        docs.type_doc(key, &facts);
    }
    for field in ["name", "id", "file_id"] {
        docs.field_doc("agents.Vault", field, "vault", &facts);
    }
    docs.field_doc("Message", "session_id", "message", &facts);
    // Words for many types that are only the name of this one give way to a fact.
    let fact = docs.field_doc("agents.Vault", "session_id", "vault", &facts);
    assert_eq!(fact, "a fact");
    for value in ["open", "shut"] {
        docs.variant_doc("agents.VaultStatus", value, &facts);
    }
    docs.variant_doc("ChatFilter", "chat", &facts);
    for id in ["vaults.list", "beta.vaults.seal"] {
        docs.method_doc(id, &facts);
    }
    for id in ["vaults", "vaults.items"] {
        docs.resource_doc(id, "");
    }
    for path in ["agents", "agents.vaults"] {
        docs.module_doc(path);
    }
    let expected = [
        "fields.Message.session_id",
        "fields.agents.Vault.name",
        "methods.vaults.list",
        "modules.agents",
        "resources.vaults",
        "types.agents.Session",
        "variants.ChatFilter.chat",
        "variants.agents.VaultStatus.open",
    ];
    assert_eq!(docs.missing(), expected);
    assert_eq!(docs.unused(), Vec::<String>::new());
}

#[test]
fn ids_have_their_form_where_it_is_known() {
    let words =
        "[fields]\n\"agents.*.id\" = \"The {owner}'s id{form}; no more.\"\n[ids]\nvault = \"vlt_\"";
    let docs: Docs = toml::from_str(words).unwrap();
    let facts = Sentence::fact("a fact");
    let vault = docs.field_doc("agents.Vault", "id", "vault", &facts);
    assert_eq!(vault, "The vault's id (`vlt_…`); no more.");
    let other = docs.field_doc("agents.Other", "id", "other", &facts);
    assert_eq!(other, "The other's id; no more.");
}
