//! Sentences about fields, from their names and types.

use super::betas::named;
use super::docs::{Sentence, restates};
use crate::model::{Field, Presence, Ty};
use crate::names::bare;
use crate::words::{
    are, article, continued, first_sentence, indefinite, is_done, phrase, plural, sentence,
    singular, spoken,
};

/// What a sentence is made of beside the field itself.
pub(crate) struct Subject<'a> {
    /// What the field belongs to: `session`.
    pub(crate) noun: &'a str,
    /// The call whose parameters they are, if they are: `list`.
    pub(crate) verb: &'a str,
    /// The parameters of a report, which counts rather than lists.
    pub(crate) is_report: bool,
    /// The values that the field may have.
    pub(crate) values: &'a [String],
    /// Our words about the field's type, and its name.
    pub(crate) about: Option<&'a str>,
    pub(crate) type_name: &'a str,
    /// Whether something of this name has an id.
    pub(crate) has_id: &'a dyn Fn(&str) -> bool,
    /// Whether the field's owner is found below what the id is of.
    pub(crate) is_below: bool,
}

/// What a field is.
pub(crate) fn field(subject: &Subject<'_>, field: &Field) -> Sentence {
    let mut found = bounded(field)
        .or_else(|| time(field, subject.noun))
        .or_else(|| kind(subject, field))
        .or_else(|| filter(subject, field))
        .or_else(|| flag(field))
        .or_else(|| amount(field))
        .or_else(|| id(subject, field))
        .or_else(|| actor(field))
        .or_else(|| about(subject, field))
        .unwrap_or_else(|| name(subject, field));
    if field.presence == Presence::RequiredOrNull {
        found.text.push_str(if matches!(field.ty, Ty::Timestamp) {
            "; null while that has not happened"
        } else {
            "; null where there is none"
        });
    }
    found.text.push('.');
    found
}

/// One end of a range of times: `created_at[gte]`.
fn bounded(field: &Field) -> Option<Sentence> {
    let (stem, bound) = field.wire.strip_suffix(']')?.split_once('[')?;
    let what = spoken(stem.strip_suffix("_at").unwrap_or(stem));
    let bound = match bound {
        "gt" => "after",
        "gte" => "at or after",
        "lt" => "before",
        "lte" => "at or before",
        _ => return None,
    };
    let text = format!("Only those {what} {bound} this time (RFC 3339)");
    Some(Sentence::fact(text))
}

/// A point in time.
fn time(field: &Field, noun: &str) -> Option<Sentence> {
    let stem = field.wire.strip_suffix("_at")?;
    if matches!(field.ty, Ty::List(_)) {
        let text = format!("The times of the {} (RFC 3339)", spoken(stem));
        return Some(Sentence::fact(text));
    }
    let what = spoken(stem);
    let words: Vec<&str> = what.split(' ').collect();
    let happened = |who: &str, done: &str| match done {
        "updated" => format!("the {who} {} last changed", were(who)),
        "ended" | "expired" => format!("the {who} {done}"),
        _ => format!("the {who} {} {done}", were(who)),
    };
    let when = match words.as_slice() {
        ["starting" | "start"] => {
            return Some(Sentence::fact("The beginning of the time range (RFC 3339)"));
        }
        ["ending" | "end"] => return Some(Sentence::fact("The end of the time range (RFC 3339)")),
        [one] if is_done(one) => happened(noun, one),
        [one] if one.ends_with('s') => format!("the {noun} {one}"),
        ["oldest", done] if is_done(done) => happened("oldest one", done),
        ["last" | "latest", done] if is_done(done) => format!("it was last {done}"),
        ["next", rest @ ..] => format!("the next {} is due", rest.join(" ")),
        ["last" | "latest", rest @ .., done] if is_done(done) => {
            happened(&format!("last {}", rest.join(" ")), done)
        }
        ["last" | "latest", rest @ ..] => format!("the last {} was", rest.join(" ")),
        [rest @ .., done] if is_done(done) => happened(&rest.join(" "), done),
        _ => {
            let text = format!("The time of the {what} (RFC 3339)");
            return Some(Sentence::name(text));
        }
    };
    Some(Sentence::fact(format!("When {when} (RFC 3339)")))
}

fn were(noun: &str) -> &'static str {
    if are(noun) { "were" } else { "was" }
}

/// The key that distinguishes kinds, and other sets of few values.
fn kind(subject: &Subject<'_>, field: &Field) -> Option<Sentence> {
    if field.wire.ends_with("bucket_width") {
        return Some(Sentence::fact("How long a time bucket is"));
    }
    match subject.values {
        [] => None,
        [only] if !matches!(field.ty, Ty::List(_)) => {
            Some(Sentence::fact(format!("Always `{only}`")))
        }
        _ if field.wire == "type" => {
            let text = format!("Which kind of {} it is", subject.noun);
            Some(Sentence::fact(text))
        }
        _ => None,
    }
}

/// What a list is narrowed down to.
fn filter(subject: &Subject<'_>, field: &Field) -> Option<Sentence> {
    let wire = field.wire.as_str();
    let is_optional = field.presence == Presence::Optional;
    // Whose things they are is no property of the things.
    let is_whose = wire == "organization_id";
    if subject.verb != "list" || !is_optional || field.ty == Ty::Bool || is_whose {
        return None;
    }
    let is_other = [
        "order",
        "sort",
        "group_by",
        "view",
        "depth",
        "date",
        "bucket_width",
    ];
    if is_other.iter().any(|part| wire.contains(part)) {
        return None;
    }
    let many = matches!(field.ty, Ty::List(_));
    let nouns = plural(subject.noun);
    if wire == "filter" {
        return Some(Sentence::name(format!(
            "Only {nouns} that pass these filters"
        )));
    }
    let what = spoken(wire);
    Some(Sentence::fact(match (subject.is_report, many) {
        (true, true) => format!("Counts only what has one of these {what}"),
        (true, false) => format!("Counts only what has this {what}"),
        (false, true) if wire == "ids" => format!("Only the {nouns} with these ids"),
        (false, true) => format!("Only {nouns} whose {} is one of these", singular(&what)),
        (false, false) => format!("Only {nouns} whose {what} is this"),
    }))
}

/// Yes or no.
fn flag(field: &Field) -> Option<Sentence> {
    if !matches!(&field.ty, Ty::Bool) {
        return None;
    }
    let what = spoken(&field.wire);
    let (first, rest) = what.split_once(' ').unwrap_or((what.as_str(), ""));
    let (stem, last) = what.rsplit_once(' ').unwrap_or(("", what.as_str()));
    // A state lasts, an act is over.
    let is = |subject: &str| match (
        are(subject),
        [
            "enabled",
            "required",
            "allowed",
            "disabled",
            "truncated",
            "pinned",
            "inherited",
            "shared",
        ]
        .contains(&last),
    ) {
        (true, true) => "are",
        (false, true) => "is",
        (true, false) => "were",
        (false, false) => "was",
    };
    let text = match first {
        "include" if rest == "default" => "Whether the default one is listed as well".to_owned(),
        "include" => format!("Whether to include {rest}"),
        "exclude" => format!("Whether to leave out {rest}"),
        "is" => format!("Whether it is {rest}"),
        "has" => format!("Whether it has {}", article(rest)),
        "applies" | "accepts" | "supports" | "requires" => format!("Whether it {what}"),
        "allow" | "suppress" | "replace" | "check" | "skip" | "disable" | "enable" | "send"
        | "force" | "restart" => format!("Whether to {what}"),
        _ if stem.is_empty() && is_done(last) => format!("Whether it is {last}"),
        "valid" | "implicit" | "active" => format!("Whether it is {what}"),
        _ if is_done(last) => format!("Whether the {stem} {} {last}", is(stem)),
        _ => return Some(Sentence::name(format!("Yes or no: {what}"))),
    };
    Some(Sentence::fact(text))
}

/// A number with its unit.
fn amount(field: &Field) -> Option<Sentence> {
    let inner = match &field.ty {
        Ty::Nullable(of) => of,
        other => other,
    };
    if !matches!(inner, Ty::Signed | Ty::Unsigned | Ty::Float) {
        return None;
    }
    let wire = field.wire.as_str();
    let units = [
        ("_ms", "milliseconds"),
        ("_seconds", "seconds"),
        ("_bytes", "bytes"),
        ("_minutes", "minutes"),
        ("_hours", "hours"),
        ("_days", "days"),
        ("_pct", "per cent"),
        ("_percent", "per cent"),
    ];
    for (suffix, unit) in units {
        let Some(stem) = wire.strip_suffix(suffix) else {
            continue;
        };
        let what = match stem.strip_prefix("max_") {
            Some(stem) => format!("{} at most", sentence(&spoken(stem))),
            None if matches!(stem, "active" | "startup") => format!("{} time", sentence(stem)),
            None => sentence(&spoken(stem).replace("TTL", "time to live")),
        };
        return Some(Sentence::fact(format!("{what}, in {unit}")));
    }
    if let Some(stem) = wire.strip_suffix("_count") {
        return Some(Sentence::fact(counted(&spoken(stem))));
    }
    if let Some(stem) = wire.strip_prefix("max_") {
        return Some(Sentence::fact(format!(
            "How many {} there may be",
            spoken(stem)
        )));
    }
    let what = spoken(wire.strip_prefix("num_").unwrap_or(wire));
    let is_many = wire.starts_with("num_") || (wire.ends_with('s') && !wire.ends_with("ss"));
    is_many.then(|| Sentence::fact(format!("How many {what} there were")))
}

/// `skills used`: what was done stands behind what it was done to.
fn counted(what: &str) -> String {
    match what.rsplit_once(' ') {
        _ if is_done(what) && !what.contains(' ') => format!("How many were {what}"),
        Some((stem, done)) if is_done(done) => {
            format!("How many {} were {done}", plural(stem))
        }
        _ => match what.strip_prefix("total ") {
            Some(what) => format!("How many {} there are in all", plural(what)),
            None => format!("How many {} there are", plural(what)),
        },
    }
}

/// What an id is of, if that has ids.
fn id(subject: &Subject<'_>, field: &Field) -> Option<Sentence> {
    let wire = field.wire.as_str();
    let known = |stem: &str| {
        let starts = [
            "from_", "to_", "parent_", "latest_", "owner_", "custom_", "mcp_",
        ];
        let rest = starts.iter().find_map(|start| stem.strip_prefix(start));
        (subject.has_id)(stem) || rest.is_some_and(|rest| (subject.has_id)(rest))
    };
    if let Some(stem) = wire.strip_suffix("_ids") {
        let text = format!("The ids of the {}", plural(&spoken(stem)));
        return known(stem).then(|| Sentence::fact(text));
    }
    let stem = wire.strip_suffix("_id")?;
    let mut by = ["_by_actor", "_by_user"].iter();
    if let Some(did) = by.find_map(|by| stem.strip_suffix(by)) {
        return Some(Sentence::fact(format!("The id of who {} it", spoken(did))));
    }
    let what = spoken(stem);
    if subject.is_below {
        let text = format!("The id of the {what} that the {} belongs to", subject.noun);
        return Some(Sentence::fact(text));
    }
    known(stem).then(|| Sentence::fact(format!("The id of the {what}")))
}

/// Who did it: `created_by`.
fn actor(field: &Field) -> Option<Sentence> {
    let stem = field.wire.strip_suffix("_by")?;
    is_done(stem).then(|| Sentence::fact(format!("Who or what {} it", spoken(stem))))
}

/// What our words are for the field's type, which is what the field is.
fn about(subject: &Subject<'_>, field: &Field) -> Option<Sentence> {
    let about = subject.about?;
    let first = first_sentence(about);
    // `rubric` is a rubric; `list_cost` is more than an amount of money.
    if restates(&spoken(&field.wire), "", &phrase(subject.type_name)) {
        return Some(Sentence::fact(first));
    }
    let first = continued(&first);
    Some(Sentence::name(format!(
        "The {}: {first}",
        spoken(&field.wire)
    )))
}

/// Anything else: its name, and its type in words.
fn name(subject: &Subject<'_>, field: &Field) -> Sentence {
    let wire = field.wire.as_str();
    let what = match wire.strip_suffix("_url") {
        Some(stem) if stem != "endpoint" => format!("URL of the {}", spoken(stem)),
        _ => spoken(wire),
    };
    // A set of values names its subject.
    if subject.values.len() > 1 {
        return Sentence::fact(format!("{} {what}", owned(subject.noun)));
    }
    let form = form(&field.ty, wire);
    let is_tautology = restates(&what, "", subject.noun) || subject.noun.split(' ').count() > 3;
    let text = match subject.verb {
        _ if is_tautology || what.starts_with("URL of") => format!("The {what}: {form}"),
        "create" | "set" | "add" => format!("The {what} of the new {}: {form}", subject.noun),
        "update" => format!("{} new {what}: {form}", owned(subject.noun)),
        "list" => format!("The {what}: {form}"),
        _ => format!("{} {what}: {form}", owned(subject.noun)),
    };
    Sentence::name(text)
}

/// A type in words.
fn form(ty: &Ty, wire: &str) -> String {
    match ty {
        Ty::String if wire.ends_with("_date") || wire == "date" => {
            "a date (`YYYY-MM-DD`)".to_owned()
        }
        Ty::String | Ty::Words(_) => "text".to_owned(),
        Ty::Bool => "yes or no".to_owned(),
        Ty::Signed | Ty::Unsigned => "a whole number".to_owned(),
        Ty::Float => "a number".to_owned(),
        Ty::Timestamp => "a time (RFC 3339)".to_owned(),
        Ty::Json | Ty::File | Ty::Union { .. } => "free JSON".to_owned(),
        Ty::List(of) => match of.as_ref() {
            Ty::String | Ty::Words(_) => "a list of texts".to_owned(),
            inner => match named(inner) {
                Some(path) => format!("a list of {}", linked(path)),
                None => "a list".to_owned(),
            },
        },
        Ty::Map(of) => match named(of) {
            Some(path) => format!("{} by key", linked(path)),
            None => "values by key".to_owned(),
        },
        Ty::Nullable(of) => form(of, wire),
        Ty::Named(path) => {
            let an = indefinite(bare(&path.replace("::", ".")));
            format!("{an} {}", linked(path))
        }
    }
}

/// A link to a type that is named by its path where it is elsewhere.
pub(crate) fn linked(path: &str) -> String {
    match path.rsplit_once("::") {
        Some((_, name)) => format!("[`{name}`]({path})"),
        None => format!("[`{path}`]"),
    }
}

/// `The session's`, `The settings'`.
fn owned(noun: &str) -> String {
    let end = if noun.ends_with('s') { "'" } else { "'s" };
    format!("The {noun}{end}")
}
