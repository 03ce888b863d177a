//! What must hold of the real description, whatever version it is of.

use std::collections::BTreeMap;

use crate::description::Type;
use crate::emit::docs::Docs;
use crate::emit::facts::Facts;
use crate::emit::operations::OperationWriter;
use crate::emit::sample::Sampler;
use crate::fold::fold;
use crate::generate::{Input, read};
use crate::layout::{Layout, gate};
use crate::model::{Def, Model, Presence};
use crate::names::{Names, bare, pascal};

/// Reads everything and hands it to a test.
pub(crate) fn with(test: impl FnOnce(&Input, &Names<'_>, &Model, &Layout<'_>)) {
    let input = read().unwrap();
    let names = Names::new(&input.description, &input.overlay);
    let model = fold(&names);
    assert!(model.problems.is_empty(), "{:?}", model.problems);
    let layout = Layout::new(&names, &model, &input.overlay).unwrap();
    test(&input, &names, &model, &layout);
}

#[test]
fn a_concept_never_names_one_that_may_be_missing() {
    with(|_, _, model, layout| {
        for (key, concept) in &model.defs {
            let own = layout.features(key);
            for other in crate::layout::names_of(concept) {
                if !model.defs.contains_key(&other) {
                    continue;
                }
                let needed = layout.features(&other);
                let is_there = needed.is_empty() || (!own.is_empty() && own.is_subset(&needed));
                assert!(is_there, "{key} {own:?} names {other} {needed:?}");
            }
        }
    });
}

#[test]
fn every_official_type_has_a_name_here_or_a_reason() {
    with(|input, names, model, layout| {
        let operations = OperationWriter {
            description: &input.description,
            overlay: &input.overlay,
            docs: &input.docs,
            names,
            layout,
        };
        for name in input.description.types.keys() {
            if input.overlay.fold.exceptions.contains_key(name) {
                continue;
            }
            let rust = operations.rust(&Type::Ref { to: name.clone() });
            let inner = rust
                .trim_start_matches("Vec<")
                .trim_start_matches("BTreeMap<String, ");
            let inner = inner.trim_end_matches('>');
            let is_plain = ["String", "Json", "bool", "i64", "u64", "f64"].contains(&inner);
            let key = inner.replace("::", ".");
            assert!(
                is_plain || model.defs.contains_key(&key),
                "{name} is {rust}"
            );
        }
    });
}

#[test]
fn acronyms_are_words_in_every_name() {
    let has_run = |name: &str| {
        let letters = name.as_bytes().windows(2);
        letters
            .into_iter()
            .any(|pair| pair.iter().all(u8::is_ascii_uppercase))
    };
    with(|input, names, model, _| {
        let mut runs = Vec::new();
        for (key, concept) in &model.defs {
            let variants: Vec<String> = match &concept.def {
                Def::Union { variants, .. } | Def::Shape { variants } => {
                    variants.iter().map(|it| it.name.clone()).collect()
                }
                Def::Enum { values } => values.iter().map(|value| pascal(value)).collect(),
                Def::Struct { .. } | Def::Set { .. } => Vec::new(),
            };
            let all = variants.iter().map(String::as_str).chain([bare(key)]);
            runs.extend(
                all.filter(|name| has_run(name))
                    .map(|name| format!("{key}: {name}")),
            );
        }
        assert!(runs.is_empty(), "{}", runs.join("\n"));
        // The rule has something to do, and the official spelling is still found.
        let official = "types.beta.beta_mcp_tool_use_block.BetaMCPToolUseBlock";
        assert_eq!(names.key(official), "McpToolUseBlock");
        let words = Docs::default();
        let layout = Layout::new(names, model, &input.overlay).unwrap();
        let facts = Facts::new(names, &layout, &input.overlay, &words).unwrap();
        let aliases: Vec<&str> = facts.aliases("McpToolUseBlock").collect();
        assert!(aliases.contains(&"MCPToolUseBlock"), "{aliases:?}");
    });
}

#[test]
fn a_plain_type_and_its_beta_are_one() {
    with(|input, names, _, _| {
        let mut plain: BTreeMap<String, &str> = BTreeMap::new();
        for name in input
            .description
            .types
            .keys()
            .filter(|name| !name.contains("beta"))
        {
            plain.insert(name.to_lowercase(), name);
        }
        let (mut pairs, mut apart) = (0, Vec::new());
        for beta in input.description.types.keys() {
            let stripped = beta
                .replacen("types.beta.", "types.", 1)
                .replacen("beta_", "", 1);
            let stripped = stripped.replacen(".Beta", ".", 1).to_lowercase();
            if let (true, Some(plain)) = (beta.contains("beta"), plain.get(&stripped)) {
                if !input.overlay.fold.exceptions.contains_key(beta) {
                    pairs += 1;
                    if names.key(beta) != names.key(plain) {
                        apart.push(format!("{beta} and {plain}"));
                    }
                }
            }
        }
        assert!(apart.is_empty(), "{}", apart.join("\n"));
        assert!(pairs > 300, "{pairs} pairs");
    });
}

#[test]
fn no_parameter_of_a_path_is_asked_for_twice() {
    with(|input, names, model, _| {
        for endpoint in &input.description.endpoints {
            let Some(params) = &endpoint.body_type else {
                continue;
            };
            let Some(concept) = model.defs.get(&names.key(params)) else {
                continue;
            };
            let Def::Struct { fields, .. } = &concept.def else {
                continue;
            };
            for field in fields {
                let placeholder = format!("{{{}}}", field.wire);
                assert!(
                    !endpoint.path.contains(&placeholder),
                    "{}: {}",
                    endpoint.id,
                    field.wire
                );
            }
        }
    });
}

#[test]
fn modules_and_features_follow_from_the_overlay() {
    with(|_, names, _, layout| {
        let session = names.key("types.beta.beta_managed_agents_session.BetaManagedAgentsSession");
        assert_eq!(session, "agents.Session");
        assert_eq!(
            gate(&layout.features(&session)),
            "#[cfg(feature = \"agents\")]\n#[cfg_attr(docsrs, doc(cfg(feature = \"agents\")))]\n"
        );
        assert_eq!(names.key("types.message.Message"), "Message");
        assert_eq!(gate(&layout.features("Message")), "");
        let workspace = names.key("types.beta.organization.beta_workspace.BetaWorkspace");
        assert_eq!(workspace, "organization.Workspace");
        assert!(layout.features("Completion").contains("completions"));
    });
}

#[test]
fn examples_give_what_is_required() {
    with(|input, _, model, _| {
        let sampler = Sampler {
            model,
            overlay: &input.overlay,
        };
        assert_eq!(
            sampler.concept("agents.SessionCreateParams"),
            "agents::SessionCreateParams::new(\"agent_01\", \"environment_01\")"
        );
        let updates = model.defs.get("agents.AgentUpdateParams").unwrap();
        let Def::Struct { fields, .. } = &updates.def else {
            panic!("parameters are a struct");
        };
        let description = fields
            .iter()
            .find(|field| field.wire == "description")
            .unwrap();
        assert_eq!(description.presence, Presence::Patch);
    });
}

#[test]
fn betas_that_no_type_names_are_constants_too() {
    with(|input, _, model, _| {
        let Def::Set { values } = &model.defs.get("Beta").unwrap().def else {
            panic!("betas are a set of strings");
        };
        let mut values = values.clone();
        values.sort();
        assert_eq!(values, input.description.betas);
        assert!(values.contains(&"oauth-2025-04-20".to_owned()));
    });
}
