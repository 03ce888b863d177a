//! Models: those that the official SDK has, those that it had, and when their lives end.
//!
//! The official SDK drops a model some time after its end. Programs still name it, so
//! `api/models.json` keeps what was dropped; `cargo xtask sync` adds to it and never takes anything
//! away.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use serde::Deserialize;
use serde_json::{Value, json};

use crate::description::Description;
use crate::model::{Def, Model};

/// A model that the official SDK does not list any more, or never did.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Former {
    pub(crate) id: String,
    /// The day of its end as `2026-01-05`, where that was ever known.
    pub(crate) end: Option<String>,
}

impl Model {
    /// Adds the former models behind those that the official SDK lists.
    pub(crate) fn add_former(&mut self, former: &[Former]) {
        let Some(concept) = self.defs.get_mut("Model") else {
            return;
        };
        if let Def::Set { values } = &mut concept.def {
            for model in former {
                if !values.contains(&model.id) {
                    values.push(model.id.clone());
                }
            }
        }
    }
}

/// The deprecated models by id, with the day of their end where that is known.
pub(crate) type Ends = BTreeMap<String, Option<String>>;

/// All deprecated models: those that the official SDK warns of, and those that it has dropped.
pub(crate) fn ends(description: &Description, former: &[Former]) -> Result<Ends, String> {
    let gone = former
        .iter()
        .filter(|model| !description.models.contains(&model.id));
    let mut ends: Ends = gone
        .map(|model| (model.id.clone(), model.end.clone()))
        .collect();
    for (id, end) in &description.constants.deprecated_models {
        ends.insert(id.clone(), Some(day(end)?));
    }
    Ok(ends)
}

/// The former models after a sync: what there was, and what of the description before is not in the
/// one after.
pub(crate) fn keep(
    before: &Value,
    after: &Value,
    former: Vec<Former>,
) -> Result<Vec<Former>, String> {
    let listed = |of: &Value| -> Vec<String> {
        let models = of["models"].as_array().into_iter().flatten();
        models
            .filter_map(|id| Some(id.as_str()?.to_owned()))
            .collect()
    };
    let warned = |of: &Value| -> BTreeMap<String, String> {
        let table = of["constants"]["deprecated_models"].as_object();
        let entries = table.into_iter().flatten();
        let known = |(id, end): (&String, &Value)| Some((id.clone(), end.as_str()?.to_owned()));
        entries.filter_map(known).collect()
    };
    let (now, soon, ended) = (listed(after), warned(after), warned(before));
    let mut kept = former;
    for id in listed(before).into_iter().chain(ended.keys().cloned()) {
        if !now.contains(&id) && !kept.iter().any(|model| model.id == id) {
            kept.push(Former { id, end: None });
        }
    }
    for model in &mut kept {
        if let Some(end) = soon.get(&model.id).or_else(|| ended.get(&model.id)) {
            model.end = Some(day(end)?);
        }
    }
    Ok(kept)
}

/// `api/models.json`, a model a line.
pub(crate) fn render(former: &[Former]) -> String {
    let mut out = String::from("[\n");
    for (number, model) in former.iter().enumerate() {
        let comma = if number + 1 < former.len() { "," } else { "" };
        let (id, end) = (json!(model.id), json!(model.end));
        let _ = writeln!(out, r#"  {{"id":{id},"end":{end}}}{comma}"#);
    }
    out.push_str("]\n");
    out
}

/// `January 5th, 2026` as `2026-01-05`.
fn day(text: &str) -> Result<String, String> {
    const MONTHS: [&str; 12] = [
        "January",
        "February",
        "March",
        "April",
        "May",
        "June",
        "July",
        "August",
        "September",
        "October",
        "November",
        "December",
    ];
    let parts: Vec<&str> = text
        .split([' ', ','])
        .filter(|part| !part.is_empty())
        .collect();
    let read = || {
        let [month, day, year] = parts.as_slice() else {
            return None;
        };
        let month = MONTHS.iter().position(|name| name == month)? + 1;
        let day: u32 = day
            .trim_end_matches(|c: char| c.is_ascii_alphabetic())
            .parse()
            .ok()?;
        let year: u32 = year.parse().ok()?;
        let fits = (1..=31).contains(&day) && (2000..=9999).contains(&year);
        fits.then(|| format!("{year}-{month:02}-{day:02}"))
    };
    read().ok_or_else(|| format!("{text:?} is no date such as \"January 5th, 2026\""))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn former(id: &str, end: Option<&str>) -> Former {
        Former {
            id: id.to_owned(),
            end: end.map(str::to_owned),
        }
    }

    #[test]
    fn what_was_dropped_stays_with_its_end() {
        let before = json!({
            "models": ["new", "old", "older"],
            "constants": {"deprecated_models": {"old": "January 5th, 2026", "oldest": "July 21st, 2025"}},
        });
        let after = json!({
            "models": ["newest", "new"],
            "constants": {"deprecated_models": {"new": "June 30th, 2027"}},
        });
        let kept = keep(&before, &after, vec![former("ancient", None)]).unwrap();
        let expected = [
            former("ancient", None),
            former("old", Some("2026-01-05")),
            former("older", None),
            former("oldest", Some("2025-07-21")),
        ];
        assert_eq!(kept, expected);
        // Another sync, or the same one again, changes nothing.
        assert_eq!(keep(&after, &after, kept.clone()).unwrap(), kept);
        assert_eq!(
            serde_json::from_str::<Vec<Former>>(&render(&kept)).unwrap(),
            kept
        );
    }

    #[test]
    fn the_files_are_as_sync_writes_them() {
        let text = |name: &str| {
            let path = crate::generate::root().join("api").join(name);
            std::fs::read_to_string(path).unwrap()
        };
        let models = text("models.json");
        assert_eq!(
            render(&serde_json::from_str::<Vec<_>>(&models).unwrap()),
            models
        );
        let names = text("aliases.json");
        let aliases: Vec<crate::aliases::Alias> = serde_json::from_str(&names).unwrap();
        assert_eq!(crate::aliases::render(&aliases), names);
    }

    #[test]
    fn an_end_that_becomes_known_is_noted() {
        let with = |table: Value| json!({"models": [], "constants": {"deprecated_models": table}});
        let after = with(json!({"a": "May 1st, 2027"}));
        let kept = keep(&with(json!({})), &after, vec![former("a", None)]).unwrap();
        assert_eq!(kept, [former("a", Some("2027-05-01"))]);
    }

    #[test]
    fn dates_are_read_or_refused() {
        assert_eq!(day("January 22nd, 2027").unwrap(), "2027-01-22");
        assert_eq!(day("October 22, 2025").unwrap(), "2025-10-22");
        assert_eq!(day("August 1st, 2026").unwrap(), "2026-08-01");
        for text in [
            "",
            "soon",
            "Janvier 5th, 2026",
            "January 45th, 2026",
            "January 5th",
        ] {
            assert!(day(text).unwrap_err().contains("no date"), "{text}");
        }
    }
}
