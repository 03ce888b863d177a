//! Reads `description.json`.
//!
//! A type is the name of a scalar, or a list that opens with its kind; types name each other by
//! their place.

use http::Method;
use serde_json::Value;

use super::{
    AnswerKind, BodyKind, Bounds, Description, Field, Object, Operation, PageShape, Type, TypeId,
    Union, routes,
};

/// Nothing nests unions deeper.
const DEEPEST_UNION: usize = 8;

pub(super) fn description(text: &str) -> Option<Description> {
    let json: Value = serde_json::from_str(text).ok()?;
    let types = json.get("types")?.as_array()?;
    let types: Vec<Type> = types.iter().map(one_type).collect::<Option<_>>()?;
    let mut description = Description {
        types,
        ..Description::default()
    };
    sort_unions(&mut description);
    let operations = json.get("endpoints")?.as_array()?;
    description.operations = operations.iter().map(operation).collect::<Option<_>>()?;
    description.routes = routes::table(&description.operations);
    for (name, page) in json.get("pages")?.as_object()? {
        let next = page.get("next")?.as_array()?.iter();
        let shape = PageShape {
            fields: strings(page.get("fields")?)?,
            next: next.map(pair).collect::<Option<_>>()?,
        };
        description.pages.insert(name.clone(), shape);
    }
    Some(description)
}

fn strings(value: &Value) -> Option<Vec<String>> {
    let items = value.as_array()?.iter();
    items.map(|item| item.as_str().map(str::to_owned)).collect()
}

fn pair(value: &Value) -> Option<(String, String)> {
    let [one, two] = strings(value)?.try_into().ok()?;
    Some((one, two))
}

fn id(value: &Value) -> Option<TypeId> {
    value.as_u64().and_then(|id| usize::try_from(id).ok())
}

fn one_type(value: &Value) -> Option<Type> {
    if let Some(scalar) = value.as_str() {
        return Some(match scalar {
            "string" => Type::String,
            "integer" => Type::Integer,
            "number" => Type::Number,
            "boolean" => Type::Boolean,
            "datetime" => Type::Datetime,
            "date" => Type::Date,
            "any" => Type::Any,
            "file" => Type::File,
            "base64" => Type::Base64,
            _ => return None,
        });
    }
    let (kind, rest) = value.as_array()?.split_first()?;
    let only = || id(rest.first()?);
    Some(match kind.as_str()? {
        "list" => Type::List(only()?),
        "map" => Type::Map(only()?),
        "nullable" => Type::Nullable(only()?),
        "literal" if rest.len() == 2 && rest.iter().all(Value::is_boolean) => Type::Boolean,
        "literal" => Type::Literal(rest.to_vec()),
        "open" => Type::Open,
        "union" => {
            let (tag, members) = rest.split_first()?;
            Type::Union(Union {
                tag: tag.as_str().unwrap_or("type").to_owned(),
                members: members.iter().map(id).collect::<Option<_>>()?,
                tagged: Vec::new(),
                by_tag: std::collections::HashMap::new(),
                untagged: Vec::new(),
            })
        }
        "object" => {
            let (open, fields) = rest.split_first()?;
            object(open != 0, fields)?
        }
        _ => return None,
    })
}

fn object(open: bool, fields: &[Value]) -> Option<Type> {
    let fields = fields.iter().map(field).collect::<Option<_>>()?;
    Some(Type::Object(Object::new(open, fields)))
}

/// `["name", "!?", 5]`, or with bounds `["name", "!?", [1, 1000], 5]`
fn field(value: &Value) -> Option<Field> {
    let (name, flags, bounds, of) = match value.as_array()?.as_slice() {
        [name, flags, of] => (name, flags, Bounds::default(), of),
        [name, flags, Value::Array(bounds), of] => {
            let [least, most] = bounds.as_slice() else {
                return None;
            };
            let (least, most) = (least.as_f64(), most.as_f64());
            (name, flags, Bounds { least, most }, of)
        }
        _ => return None,
    };
    let flags = flags.as_str()?;
    Some(Field {
        name: name.as_str()?.to_owned(),
        required: flags.contains('!'),
        nullable: flags.contains('?'),
        bounds,
        of: id(of)?,
    })
}

/// Lays the unions inside of unions flat, and finds out what distinguishes their members.
fn sort_unions(description: &mut Description) {
    let sorted: Vec<Option<Union>> = description
        .types
        .iter()
        .map(|of| match of {
            Type::Union(union) => Some(sort(description, union)),
            _ => None,
        })
        .collect();
    for (place, union) in description.types.iter_mut().zip(sorted) {
        if let Some(union) = union {
            *place = Type::Union(union);
        }
    }
}

fn sort(description: &Description, union: &Union) -> Union {
    let mut members = Vec::new();
    flatten(description, &union.members, &mut members, DEEPEST_UNION);
    let mut sorted = Union {
        tag: union.tag.clone(),
        members,
        tagged: Vec::new(),
        by_tag: std::collections::HashMap::new(),
        untagged: Vec::new(),
    };
    for member in &sorted.members {
        let object = match description.get(*member) {
            Type::Object(object) => object,
            Type::Map(_) | Type::Any => {
                sorted.untagged.push(*member);
                continue;
            }
            _ => continue,
        };
        let tag = object.field(&sorted.tag);
        let values = tag.and_then(|tag| match description.get(tag.of) {
            Type::Literal(values) => Some(values),
            _ => None,
        });
        for value in values.into_iter().flatten().filter_map(Value::as_str) {
            let fresh = sorted.tagged.len();
            let place = *sorted.by_tag.entry(value.to_owned()).or_insert(fresh);
            if place == fresh {
                sorted.tagged.push((value.to_owned(), Vec::new()));
            }
            if let Some((_, variants)) = sorted.tagged.get_mut(place) {
                variants.push(*member);
            }
        }
        if values.is_none() || tag.is_some_and(|tag| !tag.required) {
            sorted.untagged.push(*member);
        }
    }
    sorted
}

fn flatten(description: &Description, from: &[TypeId], into: &mut Vec<TypeId>, depth: usize) {
    for member in from {
        match description.get(*member) {
            Type::Union(inner) if depth > 0 => {
                flatten(description, &inner.members, into, depth - 1);
            }
            _ if into.contains(member) => {}
            _ => into.push(*member),
        }
    }
}

fn operation(value: &Value) -> Option<Operation> {
    let text = |name: &str| value.get(name)?.as_str();
    let members = |name: &str| -> Option<Object> {
        let members = value.get(name).and_then(Value::as_array);
        let fields = members.map_or(&[] as &[Value], Vec::as_slice);
        let fields = fields.iter().map(field).collect::<Option<_>>()?;
        Some(Object::new(false, fields))
    };
    Some(Operation {
        id: text("id")?.to_owned(),
        method: Method::from_bytes(text("method")?.as_bytes()).ok()?,
        path: text("path")?.to_owned(),
        body: match text("body")? {
            "json" => BodyKind::Json,
            "multipart" => BodyKind::Multipart,
            _ => BodyKind::None,
        },
        query: members("query")?,
        fields: members("fields")?,
        whole: value.get("whole").and_then(id),
        earlier: members("earlier")?,
        answer: match text("answer")? {
            "json" => AnswerKind::Json,
            "page" => AnswerKind::Page,
            "binary" => AnswerKind::Binary,
            "jsonl" => AnswerKind::Lines,
            _ => AnswerKind::None,
        },
        page: text("page").map(str::to_owned),
        of: value.get("type").and_then(id),
    })
}
