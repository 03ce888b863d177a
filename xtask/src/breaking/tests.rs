use serde_json::{Value, json};

use super::*;
use crate::generate::read;

/// A small description with one of everything that can break.
fn small() -> Value {
    let string = json!({"k": "string"});
    let field = |name: &str, required: bool| json!({"name": name, "wire": name, "required": required, "nullable": false, "type": string});
    let dot = |name: &str| json!({"k": "ref", "to": format!("types.{name}")});
    let constant = |value: &str| {
        json!({"name": "type", "wire": "type", "required": true, "nullable": false,
            "type": {"k": "literal", "values": [value]}})
    };
    json!({
        "sdk": {"version": "1"}, "betas": [], "models": [], "constants": {"deprecated_models": {}},
        "types": {
            "types.river.River": {"kind": "model", "fields": [field("name", true), field("mouth", false)]},
            "types.lake.Lake": {"kind": "model", "fields": [constant("lake"), field("depth", true)]},
            "types.sea.Sea": {"kind": "model", "fields": [constant("sea"), field("salt", true)]},
            "types.pond.Pond": {"kind": "model", "fields": [constant("pond"), field("frogs", true)]},
            "types.water.Water": {"kind": "alias", "type": {"k": "union", "tag": "type",
                "of": [dot("lake.Lake"), dot("sea.Sea"), dot("pond.Pond")]}},
            "types.flow.Flow": {"kind": "alias", "type": {"k": "literal", "values": ["fast", "slow"]}},
            "types.river_find_params.RiverFindParams": {"kind": "dict", "fields": [field("near", true)]},
        },
        "endpoints": [{
            "id": "rivers.find", "method": "POST", "path": "/v1/rivers/{river_id}", "body": "json",
            "body_type": "types.river_find_params.RiverFindParams", "stream": null,
            "params": [{"name": "near", "wire": "near", "in": "body", "required": true, "nullable": false, "type": string}],
            "response": {"kind": "json", "type": dot("river.River")},
        }],
    })
}

/// What breaks when the small description changes.
fn after(change: impl FnOnce(&mut Value)) -> Breaks {
    let overlay = read().unwrap().overlay;
    let surface = |value: &Value| {
        let description: Description = serde_json::from_value(value.clone()).unwrap();
        Surface::new(&description, &overlay)
    };
    let mut other = small();
    change(&mut other);
    breaks(&surface(&small()), &surface(&other))
}

fn lines(change: impl FnOnce(&mut Value)) -> Vec<String> {
    after(change).lines
}

/// Takes a type out of the description.
fn take(api: &mut Value, name: &str) -> Value {
    api["types"].as_object_mut().unwrap().remove(name).unwrap()
}

#[test]
fn what_is_new_breaks_nobody() {
    let found = after(|api| {
        api["types"]["types.dam.Dam"] = json!({"kind": "model", "fields": []});
        let fields = api["types"]["types.river.River"]["fields"]
            .as_array_mut()
            .unwrap();
        fields.push(
            json!({"name": "length", "wire": "length", "required": false, "nullable": true,
            "type": {"k": "integer"}}),
        );
        let values = &mut api["types"]["types.flow.Flow"]["type"]["values"];
        values.as_array_mut().unwrap().push("still".into());
        let mut other = api["endpoints"][0].clone();
        other["id"] = "rivers.lose".into();
        other["path"] = "/v1/rivers/{river_id}/lose".into();
        api["endpoints"].as_array_mut().unwrap().push(other);
    });
    assert_eq!(found, Breaks::default());
    assert_eq!(render(&found), "");
}

#[test]
fn types_that_are_gone_or_renamed_are_told_apart() {
    let found = after(|api| {
        take(api, "types.flow.Flow");
        let river = take(api, "types.river.River");
        api["types"]["types.stream.Stream"] = river;
        api["endpoints"][0]["response"]["type"]["to"] = "types.stream.Stream".into();
    });
    let expected = [
        "type removed: Flow",
        "type renamed: River → Stream",
        "method returns something else: rivers.find: json River → json Stream",
    ];
    assert_eq!(found.lines, expected);
    let pair = ("River".to_owned(), "Stream".to_owned());
    assert_eq!(found.renamed.types, [pair]);
    assert!(render(&found).starts_with("would break users: 3\n  type removed: Flow\n"));
}

#[test]
fn of_two_types_that_are_alike_none_is_the_renamed_one() {
    let found = after(|api| {
        let flow = take(api, "types.flow.Flow");
        api["types"]["types.pace.Pace"] = flow.clone();
        api["types"]["types.speed.Haste"] = flow;
    });
    assert_eq!(found.lines, ["type removed: Flow"]);
    assert_eq!(found.renamed.types, []);
}

#[test]
fn a_type_that_is_renamed_and_gets_a_field_is_the_same() {
    let grown = |api: &mut Value, more: &[(&str, bool)]| {
        let mut river = take(api, "types.river.River");
        for (name, required) in more {
            let field = json!({"name": name, "wire": name, "required": required, "nullable": false,
                "type": {"k": "integer"}});
            river["fields"].as_array_mut().unwrap().push(field);
        }
        river
    };
    let renamed = |name: &str| vec![("River".to_owned(), name.to_owned())];
    for more in [
        &[("length", false)][..],
        &[("length", false), ("age", false)],
    ] {
        let found = after(|api| api["types"]["types.brook.Brook"] = grown(api, more));
        assert_eq!(found.lines[0], "type renamed: River → Brook");
        assert_eq!(found.renamed.types, renamed("Brook"));
    }
    // Its `new` would take another argument.
    let found = after(|api| api["types"]["types.brook.Brook"] = grown(api, &[("length", true)]));
    assert_eq!(found.lines[0], "type removed: River");
    assert_eq!(found.renamed.types, []);
    // One that is the same comes before one that has more.
    let found = after(|api| {
        api["types"]["types.rill.Rill"] = api["types"]["types.river.River"].clone();
        api["types"]["types.brook.Brook"] = grown(api, &[("length", false)]);
    });
    assert_eq!(found.renamed.types, renamed("Rill"));
    // Of two that have more, none is it for sure.
    let found = after(|api| {
        let more = grown(api, &[("length", false)]);
        api["types"]["types.brook.Brook"] = more.clone();
        api["types"]["types.rill.Rill"] = more;
    });
    assert_eq!(found.renamed.types, []);
    // Nor of two that are gone, if one has all of both.
    let with = |names: &[&str]| {
        let fields = names.iter().map(|name| Field {
            wire: (*name).to_owned(),
            ty: crate::model::Ty::String,
            presence: Presence::Optional,
            beta_only: false,
            response_only: false,
            null_sent: false,
            is_object: false,
            limits: crate::description::Limits::default(),
        });
        Def::Struct {
            constants: Vec::new(),
            fields: fields.collect(),
        }
    };
    let surface = |types: &[(&str, &[&str])]| Surface {
        types: types
            .iter()
            .map(|(key, names)| ((*key).to_owned(), with(names)))
            .collect(),
        methods: BTreeMap::new(),
    };
    let both = surface(&[("A", &["a"]), ("B", &["b"])]);
    let found = breaks(&both, &surface(&[("C", &["a", "b"])]));
    assert_eq!(found.lines, ["type removed: A", "type removed: B"]);
    let found = breaks(&both, &surface(&[("C", &["a", "c"])]));
    assert_eq!(found.lines, ["type renamed: A → C", "type removed: B"]);
}

#[test]
fn fields_that_change_are_named() {
    let found = lines(|api| {
        let fields = &mut api["types"]["types.river.River"]["fields"];
        fields[0]["required"] = false.into();
        fields[1] = json!({"name": "source", "wire": "source", "required": true, "nullable": false,
            "type": {"k": "integer"}});
        api["types"]["types.sea.Sea"]["fields"][1]["type"] = json!({"k": "number"});
    });
    let expected = [
        "field has another type: River.name: String → Option<String>",
        "field removed: River.mouth",
        "`new` takes one more: River.source",
        "field has another type: Sea.salt: String → f64",
    ];
    assert_eq!(found, expected);
}

#[test]
fn members_with_another_name_are_noted() {
    let found = after(|api| {
        api["types"]["types.river.River"]["fields"][1] = json!({"name": "delta", "wire": "delta",
            "required": false, "nullable": false, "type": {"k": "string"}});
    });
    assert_eq!(found.lines, ["field renamed: River.mouth → delta"]);
    let pair = ("River::mouth".to_owned(), "River::delta".to_owned());
    assert_eq!(found.renamed.members, [pair]);
    // Of two that it could be, it is neither.
    let found = after(|api| {
        let field = |name: &str| json!({"name": name, "wire": name, "required": false, "nullable": false, "type": {"k": "string"}});
        let fields = api["types"]["types.river.River"]["fields"].as_array_mut();
        fields
            .unwrap()
            .splice(1.., [field("delta"), field("estuary")]);
    });
    assert_eq!(found.lines, ["field removed: River.mouth"]);
    assert_eq!(found.renamed.members, []);
}

#[test]
fn variants_and_values_of_sets_are_noted() {
    let variant = |name: &str, ty: &str| Variant {
        name: name.to_owned(),
        marks: vec![name.to_lowercase()],
        ty: crate::model::Ty::Named(ty.to_owned()),
        is_boxed: false,
    };
    let union = |variants: Vec<Variant>| Def::Union {
        tag: "type".to_owned(),
        variants,
        default: None,
    };
    let set = |values: &[&str]| Def::Set {
        values: values.iter().map(|it| (*it).to_owned()).collect(),
    };
    let surface = |defs: Vec<(&str, Def)>| Surface {
        types: defs
            .into_iter()
            .map(|(key, def)| (key.to_owned(), def))
            .collect(),
        methods: BTreeMap::new(),
    };
    let before = surface(vec![
        ("Beta", set(&["a-1", "b-2"])),
        ("Model", set(&["old", "new"])),
        (
            "Water",
            union(vec![variant("Lake", "Lake"), variant("Sea", "Sea")]),
        ),
    ]);
    let after = surface(vec![
        ("Beta", set(&["b-2"])),
        ("Model", set(&["new"])),
        (
            "Water",
            union(vec![variant("Mere", "Lake"), variant("Ocean", "Ocean")]),
        ),
    ]);
    let found = breaks(&before, &after);
    let pair = |old: &str, new: &str| (old.to_owned(), new.to_owned());
    let expected = [pair("Beta::a-1", ""), pair("Water::Lake", "Water::Mere")];
    assert_eq!(found.renamed.members, expected);
    assert!(
        found
            .lines
            .contains(&"variant removed: Water::Sea".to_owned())
    );
    assert!(
        found
            .lines
            .contains(&"variant renamed: Water::Lake → Mere".to_owned())
    );
}

#[test]
fn variants_values_and_kinds_that_go_are_named() {
    let found = lines(|api| {
        let members = api["types"]["types.water.Water"]["type"]["of"]
            .as_array_mut()
            .unwrap();
        members.remove(0);
        api["types"]["types.flow.Flow"]["type"]["values"] = json!(["fast"]);
        api["types"]["types.lake.Lake"] =
            json!({"kind": "alias", "type": {"k": "open", "values": ["deep"]}});
    });
    for line in [
        "value removed: Flow.slow",
        "another kind of type: Lake: struct → enum of strings",
        "variant removed: Water::Lake",
    ] {
        assert!(found.iter().any(|it| it == line), "{line}: {found:?}");
    }
}

#[test]
fn methods_that_go_or_change_are_named() {
    let gone = lines(|api| api["endpoints"] = json!([]));
    assert_eq!(
        gone,
        ["method removed: rivers.find (POST /v1/rivers/{river_id})"]
    );
    let renamed = after(|api| api["endpoints"][0]["id"] = "rivers.search".into());
    assert_eq!(
        renamed.lines,
        ["method renamed: rivers.find → rivers.search"]
    );
    let pair = ("rivers.find".to_owned(), "rivers.search".to_owned());
    assert_eq!(renamed.renamed.methods, [pair]);
    // Under another handle there is no place for an alias.
    let moved = after(|api| api["endpoints"][0]["id"] = "waters.find".into());
    assert_eq!(moved.lines, ["method renamed: rivers.find → waters.find"]);
    assert_eq!(moved.renamed.methods, []);
    let changed = lines(|api| {
        let endpoint = &mut api["endpoints"][0];
        endpoint["path"] = "/v1/rivers".into();
        endpoint["params"] = json!([]);
        endpoint["response"] = json!({"kind": "none", "type": null});
    });
    let expected = [
        "method's path arguments: rivers.find: (river_id) → ()",
        "method's parameters: rivers.find: RiverFindParams → none",
        "method returns something else: rivers.find: json River → none",
    ];
    assert_eq!(changed, expected);
}

/// The real description, against itself with something taken away.
#[test]
fn the_whole_surface_is_compared() {
    let mut input = read().unwrap();
    let before = Surface::new(&input.description, &input.overlay);
    assert!(before.types.len() > 1_000 && before.methods.len() > 300);
    let again = Surface::new(&input.description, &input.overlay);
    assert_eq!(breaks(&before, &again), Breaks::default());
    input
        .description
        .endpoints
        .retain(|endpoint| endpoint.id != "models.list");
    let after = Surface::new(&input.description, &input.overlay);
    assert_eq!(
        breaks(&before, &after).lines,
        ["method removed: models.list (GET /v1/models)"]
    );
}
