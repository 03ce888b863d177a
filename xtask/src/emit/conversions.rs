//! Conversions between types that share most of their fields: `from` in the overlay.
//!
//! Every field of the target is taken from the source's field of the same name, so that one which
//! both gain later is taken over by the next generation. Where a field has no source, generating
//! fails.

use std::fmt::Write as _;

use crate::model::{Def, Field, Model, Presence};
use crate::names::ident;
use crate::overlay::Overlay;

/// The conversions into the types of one file, by the types' keys.
pub(crate) fn write(model: &Model, overlay: &Overlay, keys: &[&str]) -> Result<String, String> {
    let mut code = String::new();
    for key in keys {
        let from = overlay
            .type_overlay(key)
            .and_then(|ours| ours.from.as_deref());
        if let Some(from) = from {
            code.push_str(&conversion(model, overlay, key, from)?);
        }
    }
    Ok(code)
}

fn conversion(model: &Model, overlay: &Overlay, into: &str, from: &str) -> Result<String, String> {
    let (target, source) = (fields(model, into)?, fields(model, from)?);
    let (into_type, from_type) = (path(into), path(from));
    let mut values = String::new();
    for field in target {
        let missing = || format!("{into}.{}: {from} has no such field", field.wire);
        let given = source.iter().find(|given| given.wire == field.wire);
        let given = given.ok_or_else(missing)?;
        let is_boxed = |key: &str| {
            let ours = overlay.type_overlay(key);
            ours.is_some_and(|ours| ours.boxed.contains(&field.wire))
        };
        let name = ident(&field.wire);
        let value = match (given.presence, field.presence) {
            _ if given.ty != field.ty || is_boxed(into) != is_boxed(from) => None,
            (given, taken) if given == taken => Some(format!("from.{name}")),
            (Presence::Required, Presence::Optional) => Some(format!("Some(from.{name})")),
            _ => None,
        };
        let other = || format!("{into}.{}: {from} has it in another form", field.wire);
        let value = value.ok_or_else(other)?;
        let _ = writeln!(values, "            {name}: {value},");
    }
    Ok(format!(
        "impl From<{from_type}> for {into_type} {{
    /// Takes over the fields that both have, and all unknown ones. What was kept of a field that
    /// only the other has, such as a value that did not fit, is left behind.
    fn from(from: {from_type}) -> Self {{
        Self {{
{values}            extra: from.extra.converted({from_type}::LAYOUT, Self::LAYOUT),
        }}
    }}
}}

impl From<&{from_type}> for {into_type} {{
    /// The same from a clone.
    #[inline]
    fn from(from: &{from_type}) -> Self {{
        from.clone().into()
    }}
}}

"
    ))
}

fn path(key: &str) -> String {
    format!("crate::{}", key.replace('.', "::"))
}

fn fields<'m>(model: &'m Model, key: &str) -> Result<&'m [Field], String> {
    match model.defs.get(key).map(|concept| &concept.def) {
        Some(Def::Struct { fields, .. }) => Ok(fields),
        _ => Err(format!("{key}: `from` is for structs")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::description::Limits;
    use crate::model::{Concept, Ty};
    use crate::overlay::TypeOverlay;

    fn field(name: &str, ty: Ty, presence: Presence) -> Field {
        Field {
            wire: name.to_owned(),
            ty,
            presence,
            beta_only: false,
            response_only: false,
            null_sent: false,
            is_object: false,
            limits: Limits::default(),
        }
    }

    /// What is written for a type `Into` with one field that is converted from `From`, and with
    /// that field boxed in one of both.
    fn written(into: Field, from: &[Field], boxed_in: Option<&str>) -> Result<String, String> {
        let mut overlay = crate::generate::read().unwrap().overlay;
        overlay.types.clear();
        let boxed = into.wire.clone();
        let concept = |fields: &[Field]| Concept {
            def: Def::Struct {
                constants: Vec::new(),
                fields: fields.to_vec(),
            },
            beta_only: false,
        };
        let defs = [("Into", concept(&[into])), ("area.From", concept(from))];
        let model = Model {
            defs: defs.map(|(key, it)| (key.to_owned(), it)).into(),
            problems: Vec::new(),
        };
        let ours = TypeOverlay {
            from: Some("area.From".to_owned()),
            ..TypeOverlay::default()
        };
        overlay.types.insert("Into".to_owned(), ours);
        if let Some(key) = boxed_in {
            let ours = overlay.types.entry(key.to_owned()).or_default();
            ours.boxed.push(boxed);
        }
        write(&model, &overlay, &["area.From", "Into"])
    }

    #[test]
    fn a_field_is_moved_and_one_that_was_required_becomes_some() {
        use Presence::{Optional, Patch, Required, RequiredOrNull};
        for (given, taken, value) in [
            (Required, Required, "from.r#type"),
            (Optional, Optional, "from.r#type"),
            (Patch, Patch, "from.r#type"),
            (RequiredOrNull, RequiredOrNull, "from.r#type"),
            (Required, Optional, "Some(from.r#type)"),
        ] {
            let others = [
                field("other", Ty::Bool, Required),
                field("type", Ty::String, given),
            ];
            let code = written(field("type", Ty::String, taken), &others, None).unwrap();
            let expected = format!(
                "        Self {{
            r#type: {value},
            extra: from.extra.converted(crate::area::From::LAYOUT, Self::LAYOUT),
        }}
"
            );
            assert!(
                code.starts_with("impl From<crate::area::From> for crate::Into {\n"),
                "{code}"
            );
            assert!(code.contains(&expected), "{given:?} {taken:?}: {code}");
            assert!(
                code.contains("\nimpl From<&crate::area::From> for crate::Into {\n"),
                "{code}"
            );
            // What only the source has is left behind.
            assert!(!code.contains("from.other"), "{code}");
        }
    }

    #[test]
    fn what_the_source_lacks_or_has_otherwise_is_refused() {
        use Presence::{Optional, Patch, Required, RequiredOrNull};
        let name = || field("name", Ty::String, Required);
        let refused = |into: Field, from: &[Field], boxed: Option<&str>| {
            written(into, from, boxed).unwrap_err()
        };
        let lacking = refused(name(), &[field("names", Ty::String, Required)], None);
        assert_eq!(lacking, "Into.name: area.From has no such field");
        let otherwise = "Into.name: area.From has it in another form";
        let other_type = field("name", Ty::Bool, Required);
        assert_eq!(refused(name(), &[other_type], None), otherwise);
        for (given, taken) in [
            (Optional, Required),
            (RequiredOrNull, Required),
            (Patch, Optional),
            (RequiredOrNull, Optional),
        ] {
            let (into, from) = (
                field("name", Ty::String, taken),
                field("name", Ty::String, given),
            );
            assert_eq!(
                refused(into, &[from], None),
                otherwise,
                "{given:?} {taken:?}"
            );
        }
        for boxed_in in ["Into", "area.From"] {
            assert_eq!(
                refused(name(), &[name()], Some(boxed_in)),
                otherwise,
                "{boxed_in}"
            );
        }
    }

    #[test]
    fn only_structs_are_converted() {
        let mut overlay = crate::generate::read().unwrap().overlay;
        let ours = overlay.types.entry("Into".to_owned()).or_default();
        ours.from = Some("Words".to_owned());
        let concept = |def: Def| Concept {
            def,
            beta_only: false,
        };
        let defs = [
            (
                "Into",
                concept(Def::Struct {
                    constants: Vec::new(),
                    fields: Vec::new(),
                }),
            ),
            ("Words", concept(Def::Enum { values: Vec::new() })),
        ];
        let model = Model {
            defs: defs.map(|(key, it)| (key.to_owned(), it)).into(),
            problems: Vec::new(),
        };
        let error = write(&model, &overlay, &["Into"]).unwrap_err();
        assert_eq!(error, "Words: `from` is for structs");
        // What has no `from` has no conversion.
        assert_eq!(write(&model, &overlay, &["Words"]).unwrap(), "");
    }
}
