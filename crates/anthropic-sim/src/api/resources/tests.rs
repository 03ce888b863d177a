//! Values that are made are of the types they are made for, whatever they are made from.

use serde_json::{Value, json};

use super::catalog::{Role, catalog};
use super::make::Maker;
use crate::description::description;
use crate::validate::{Checker, Place};

const NOW: &str = "2026-11-01T00:00:00.000000Z";
const LATER: &str = "2026-11-22T00:00:00.000000Z";

#[test]
fn every_answer_is_of_its_type() {
    let checker = Checker {
        extras: false,
        any_number: false,
        later: None,
    };
    let mut count = 0;
    for operation in &description().operations {
        let Some(of) = operation.of else {
            continue;
        };
        for given in [
            json!({}),
            json!(null),
            json!("text"),
            json!({"id": 5, "type": "?", "status": []}),
        ] {
            for maker in [
                Maker::new(NOW, LATER, "seed"),
                Maker::new(NOW, LATER, "seed").filled(),
            ] {
                let made = maker.value(of, &given);
                let refusal = checker.value(of, &made, Place::Body).err();
                assert!(refusal.is_none(), "{}: {refusal:?} {made}", operation.id);
                count += 1;
            }
        }
    }
    assert!(count > 2_000, "{count}");
}

#[test]
fn the_same_seed_makes_the_same_value() {
    let find = |id: &str| {
        description()
            .operations
            .iter()
            .find(|operation| operation.id == id)
    };
    let of = find("beta.sessions.retrieve")
        .and_then(|operation| operation.of)
        .unwrap();
    let made = |seed: &str| Maker::new(NOW, LATER, seed).filled().value(of, &json!({}));
    assert_eq!(made("one"), made("one"));
    assert_ne!(made("one"), made("two"));
    // What is made is as good as what was given.
    assert_eq!(
        Maker::new(NOW, LATER, "three").value(of, &made("one")),
        made("one")
    );
}

#[test]
fn references_stand_for_objects() {
    let find = |id: &str| {
        description()
            .operations
            .iter()
            .find(|operation| operation.id == id)
    };
    let of = find("beta.agents.retrieve")
        .and_then(|operation| operation.of)
        .unwrap();
    let made =
        Maker::new(NOW, LATER, "").value(of, &json!({"model": "claude-opus-5-5", "name": "n"}));
    assert_eq!(made["model"]["id"], "claude-opus-5-5");
    assert_eq!(made["created_at"], NOW);
    assert_eq!(
        (&made["archived_at"], &made["tools"]),
        (&Value::Null, &json!([]))
    );
}

#[test]
fn roles_follow_from_paths() {
    for (id, role) in [
        ("beta.agents.create", Role::Create),
        ("beta.agents.archive", Role::Act),
        ("beta.environments.work.poll", Role::Poll),
        ("beta.environments.work.stats", Role::Single),
        (
            "beta.organization.plugin_marketplaces.validate_repository",
            Role::Compute,
        ),
        (
            "beta.organization.plugins.installation_settings.set",
            Role::Put,
        ),
        (
            "beta.organization.plugins.versions.download",
            Role::Download,
        ),
        ("beta.sessions.events.stream", Role::Stream),
        ("organization.compliance_settings.update", Role::Change),
        (
            "beta.user_profiles.providers.google.data_controls.update",
            Role::Change,
        ),
        ("organization.workspaces.members.remove", Role::Remove),
        ("organization.workspaces.update", Role::Update),
    ] {
        let operation = description()
            .operations
            .iter()
            .find(|operation| operation.id == id);
        assert_eq!(catalog().role(operation.unwrap()), role, "{id}");
    }
    for (path, seeded) in [
        ("/v1/agents", false),
        ("/v1/organizations/users", true),
        ("/v1/organizations/analytics/users", true),
        (
            "/v1/organizations/plugins/{plugin_id}/installation_settings",
            false,
        ),
    ] {
        assert_eq!(catalog().get(path).unwrap().seeded, seeded, "{path}");
    }
}
