//! The dispatch of the conformance driver: from official names to typed code.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use super::files::Files;
use super::operations::{Method, OperationWriter, chain};
use crate::description::Endpoint;
use crate::layout::Layout;
use crate::names::ident;

/// Where the dispatch lives.
pub(crate) const FOLDER: &str = "crates/conformance/src/generated";

/// Writes the dispatch over an area's types and calls.
pub(crate) fn write(operations: &OperationWriter<'_>, files: &mut Files) -> Result<(), String> {
    let types = types(operations);
    let calls = calls(operations)?;
    for (folder, found, about) in [
        (
            "types",
            &types,
            "Official type names and the Rust types that stand for them",
        ),
        (
            "calls",
            &calls,
            "Official method names and the typed calls that stand for them",
        ),
    ] {
        for (part, code) in found {
            let about = format!("{about}: `{part}`.");
            files.add(format!("{FOLDER}/{folder}/{part}.rs"), &about, code)?;
        }
    }
    let parts: Vec<&str> = types.keys().map(String::as_str).collect();
    files.add(
        format!("{FOLDER}/types/mod.rs"),
        "Official type names and the Rust types that stand for them.",
        &visit(&parts),
    )?;
    let parts: Vec<&str> = calls.keys().map(String::as_str).collect();
    files.add(
        format!("{FOLDER}/calls/mod.rs"),
        "Official method names and the typed calls that stand for them.",
        &call(&parts),
    )?;
    let modules = "pub(crate) mod calls;\npub(crate) mod types;\n";
    files.add(
        format!("{FOLDER}/mod.rs"),
        "What is generated for the driver.",
        modules,
    )
}

/// The part of the dispatch that an official type goes to: the first module of its Rust path.
fn part(ty: &str) -> String {
    let path = ty.rsplit(['<', ' ']).next().unwrap_or(ty);
    path.split_once("::")
        .map_or("core", |(module, _)| module)
        .to_owned()
}

fn visit(parts: &[&str]) -> String {
    let mut out = String::new();
    for part in parts {
        let _ = writeln!(out, "mod {part};");
    }
    out.push_str(
        "\nuse crate::types::{Through, Visit};\n\n\
         /// Visits the Rust type behind an official name; nothing if there is none.\n\
         pub(crate) fn visit<V: Visit>(name: &str, visit: V) -> Option<V::Answer> {\n    \
         let through: Option<&dyn Through<V>> = None;\n    let through = through",
    );
    for part in parts {
        let _ = write!(out, ".or_else(|| {part}::find(name))");
    }
    out.push_str(";\n    Some(through?.visit(visit))\n}\n");
    out
}

fn call(parts: &[&str]) -> String {
    let mut out = String::new();
    for part in parts {
        let _ = writeln!(out, "mod {part};");
    }
    out.push_str(
        "\nuse anthropic::Client;\n\nuse crate::calls::{Answer, Arguments, Problem};\n\n\
         /// Makes the call of an official name.\n\
         pub(crate) async fn call(\n    client: &Client,\n    name: &str,\n    \
         arguments: Arguments,\n) -> Result<Answer, Problem> {\n    \
         match head(name).as_str() {\n",
    );
    for part in parts {
        let _ = writeln!(
            out,
            "        {part:?} => Box::pin({part}::call(client, name, arguments)).await,",
        );
    }
    out.push_str(
        "        _ => Err(Problem::unknown(name)),\n    }\n}\n\n\
         /// The part that has a method: its resource, of which two steps count.\n\
         fn head(name: &str) -> String {\n    \
         let steps: Vec<&str> = name.split('.').collect();\n    \
         let beta = usize::from(name.starts_with(\"beta.\"));\n    \
         let resource = steps.split_last().map_or(&[][..], |(_, resource)| resource);\n    \
         resource.iter().take(beta + 2).copied().collect::<Vec<_>>().join(\"_\")\n}\n",
    );
    out
}

/// The part of the dispatch that an official method goes to: its resource, of which two steps count.
fn head(id: &str) -> String {
    let steps: Vec<&str> = id.split('.').collect();
    let beta = usize::from(id.starts_with("beta."));
    let resource = steps.split_last().map_or(&[][..], |(_, resource)| resource);
    resource
        .iter()
        .take(beta + 2)
        .copied()
        .collect::<Vec<_>>()
        .join("_")
}

fn types(operations: &OperationWriter<'_>) -> BTreeMap<String, String> {
    let mut by_type: BTreeMap<String, Vec<&str>> = BTreeMap::new();
    for name in operations.description.types.keys() {
        if operations.overlay.fold.exceptions.contains_key(name) {
            continue;
        }
        let official = crate::description::Type::Ref { to: name.clone() };
        by_type
            .entry(operations.rust(&official))
            .or_default()
            .push(name);
    }
    let mut parts: BTreeMap<String, String> = BTreeMap::new();
    for (ty, officials) in &by_type {
        let patterns: Vec<String> = officials.iter().map(|name| format!("{name:?}")).collect();
        let out = parts.entry(part(ty)).or_insert_with(|| {
            String::from(
                "use std::marker::PhantomData;\n\nuse crate::types::{Through, Visit};\n\n\
                 #[rustfmt::skip]\n\
                 #[allow(clippy::too_many_lines)]\n\
                 pub(super) fn find<'a, V: Visit + 'a>(name: &str) -> Option<&'a dyn Through<V>> {\n    \
                 Some(match name {\n",
            )
        });
        let _ = writeln!(
            out,
            "        {} => &PhantomData::<{}>,",
            patterns.join(" | "),
            qualified(ty)
        );
    }
    for out in parts.values_mut() {
        out.push_str("        _ => return None,\n    })\n}\n");
    }
    parts
}

/// A type of ours with its path.
fn qualified(ty: &str) -> String {
    if let Some(of) = ty.strip_prefix("Vec<").and_then(|of| of.strip_suffix('>')) {
        return format!("Vec<{}>", qualified(of));
    }
    if let Some(of) = ty
        .strip_prefix("BTreeMap<String, ")
        .and_then(|of| of.strip_suffix('>'))
    {
        return format!("std::collections::BTreeMap<String, {}>", qualified(of));
    }
    match ty {
        "String" | "bool" | "i64" | "u64" | "f64" => ty.to_owned(),
        ty => format!("anthropic::types::{ty}"),
    }
}

fn calls(operations: &OperationWriter<'_>) -> Result<BTreeMap<String, String>, String> {
    let mut parts: BTreeMap<String, String> = BTreeMap::new();
    for endpoint in &operations.description.endpoints {
        let id = endpoint.id.as_str();
        let out = parts.entry(head(id)).or_insert_with(|| {
            String::from(
                "use anthropic::Client;\n\
                 \nuse crate::calls::{Answer, Arguments, Problem};\n\n\
                 #[allow(clippy::too_many_lines)]\n\
                 pub(super) async fn call(\n    client: &Client,\n    name: &str,\n    \
                 mut arguments: Arguments,\n) -> Result<Answer, Problem> {\n    match name {\n",
            )
        });
        let method = operations.method(endpoint)?;
        let _ = writeln!(out, "        {:?} => {{", endpoint.id);
        arm(out, endpoint, &method);
        out.push_str("        }\n");
    }
    for out in parts.values_mut() {
        out.push_str("        other => Err(Problem::unknown(other)),\n    }\n}\n");
    }
    Ok(parts)
}

fn arm(out: &mut String, endpoint: &Endpoint, method: &Method<'_>) {
    let mut inputs = Vec::new();
    for name in &method.path {
        let variable = ident(name);
        let _ = writeln!(
            out,
            "            let {variable} = arguments.text({name:?})?;"
        );
        inputs.push(format!("&{variable}"));
    }
    for (name, several) in &method.files {
        let variable = ident(name);
        let read = if *several { "files" } else { "file" };
        let _ = writeln!(
            out,
            "            let {variable} = arguments.{read}({name:?})?;"
        );
        inputs.push(variable);
    }
    let _ = writeln!(out, "            let options = arguments.options()?;");
    if endpoint.stream.is_some() && endpoint.response.kind != "none" {
        let _ = writeln!(
            out,
            "            let streams = arguments.flag(\"stream\")?;"
        );
    }
    if let Some(params) = &method.params {
        let params = Layout::path(params);
        let _ = writeln!(
            out,
            "            let params: anthropic::types::{params} = arguments.params()?;"
        );
        inputs.push("params".to_owned());
    }
    let (resource, _) = endpoint.id.rsplit_once('.').unwrap_or(("", &endpoint.id));
    let chain = chain(resource);
    let inputs = inputs.join(", ");
    if endpoint.stream.is_some() && endpoint.response.kind != "none" {
        let _ = writeln!(
            out,
            "            if streams {{\n                \
             let request = client{chain}.stream({inputs});\n                \
             return Answer::stream(options.apply(request).await).await;\n            }}"
        );
    }
    let (finish, wait) = match endpoint.response.kind.as_str() {
        "page" => ("page", ""),
        "jsonl" => ("lines", ".await"),
        "binary" => ("bytes", ".await"),
        "none" => ("empty", ""),
        _ => ("json", ""),
    };
    // What streams always has the name of its events.
    let (finish, wait) = match &endpoint.stream {
        Some(_) if endpoint.response.kind == "none" => ("events", ".await"),
        _ => (finish, wait),
    };
    let _ = writeln!(
        out,
        "            let request = client{chain}.{}({inputs});\n            \
         Answer::{finish}(options.apply(request).await){wait}",
        method.name
    );
}
