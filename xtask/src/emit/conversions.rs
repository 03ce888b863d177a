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
    /// Takes over the fields that both have, and all unknown ones.
    fn from(from: {from_type}) -> Self {{
        Self {{
{values}            extra: from.extra,
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
