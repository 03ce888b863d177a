//! The dispatch of the conformance driver: from official names to typed code.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use super::files::Files;
use super::operations::{Method, OperationWriter, chain, split};
use crate::description::{Endpoint, Place};
use crate::layout::Layout;
use crate::names::ident;

/// Where the dispatch lives.
pub(crate) const FOLDER: &str = "crates/conformance/src/generated";

/// Writes the dispatch over all types and calls.
pub(crate) fn write(operations: &OperationWriter<'_>, files: &mut Files) -> Result<(), String> {
    let types = types(operations);
    let about = "Official type names and the Rust types that stand for them";
    parts(files, "types", about, &types, &type_index(&types));
    let calls = calls(operations)?;
    let about = "Official method names and the typed calls that stand for them";
    parts(files, "calls", about, &calls, &call_index(&calls));
    let modules = "pub(crate) mod calls;\npub(crate) mod types;\n";
    files.add(
        format!("{FOLDER}/mod.rs"),
        "What is generated for the driver.",
        modules,
    );
    Ok(())
}

/// Writes a table in parts, with an index.
fn parts(
    files: &mut Files,
    folder: &str,
    about: &str,
    found: &BTreeMap<String, String>,
    index: &str,
) {
    for (part, code) in found {
        let about = format!("{about}: `{part}`.");
        files.add(format!("{FOLDER}/{folder}/{part}.rs"), &about, code);
    }
    let mut out = String::new();
    for part in found.keys() {
        let _ = writeln!(out, "mod {part};");
    }
    files.add(
        format!("{FOLDER}/{folder}/mod.rs"),
        &format!("{about}."),
        &format!("{out}{index}"),
    );
}

/// The part of the dispatch that a Rust type goes to: the first module of its path.
fn part(ty: &str) -> &str {
    let path = ty.rsplit(['<', ' ']).next().unwrap_or(ty);
    path.split_once("::").map_or("core", |(module, _)| module)
}

fn type_index(parts: &BTreeMap<String, String>) -> String {
    let mut finds = parts.keys().map(|part| format!("{part}::find(name)"));
    let first = finds.next().unwrap_or_else(|| String::from("None"));
    let chain = finds.fold(first, |chain, find| format!("{chain}.or_else(|| {find})"));
    format!(
        "\nuse crate::types::Type;\n\n\
         /// The Rust type behind an official name; nothing if there is none.\n\
         pub(crate) fn find(name: &str) -> Option<Type> {{\n    {chain}\n}}\n"
    )
}

fn call_index(parts: &BTreeMap<String, String>) -> String {
    let tables: Vec<String> = parts.keys().map(|part| format!("{part}::CALLS")).collect();
    format!(
        "\nuse crate::calls::Call;\n\n\
         /// All calls, by resource.\n\
         pub(crate) static CALLS: &[&[Call]] = &[{}];\n",
        tables.join(", ")
    )
}

/// The part of the dispatch that an official method goes to: its resource, of which two steps
/// count.
fn head(id: &str) -> String {
    let steps: Vec<&str> = id.split('.').collect();
    let beta = usize::from(id.starts_with("beta."));
    let resource = steps.split_last().map_or(&[][..], |(_, resource)| resource);
    let counted: Vec<&str> = resource.iter().take(beta + 2).copied().collect();
    counted.join("_")
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
        let part = part(ty);
        let patterns: Vec<String> = officials.iter().map(|name| format!("{name:?}")).collect();
        let out = parts.entry(part.to_owned()).or_insert_with(|| {
            String::from(
                "use crate::types::Type;\n\n\
                 #[rustfmt::skip]\n\
                 #[allow(clippy::too_many_lines)]\n\
                 pub(super) fn find(name: &str) -> Option<Type> {\n    Some(match name {\n",
            )
        });
        let _ = writeln!(
            out,
            "        {} => Type::of::<{}>(),",
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
        let out = parts.entry(head(&endpoint.id)).or_insert_with(|| {
            String::from(
                "use crate::calls::{Answer, Call};\n\npub(super) static CALLS: &[Call] = &[\n",
            )
        });
        call(out, endpoint, &operations.method(endpoint)?);
    }
    for out in parts.values_mut() {
        out.push_str("];\n");
    }
    Ok(parts)
}

/// An entry of the table of calls.
fn call(out: &mut String, endpoint: &Endpoint, method: &Method<'_>) {
    let constructor = match &endpoint.stream {
        Some(_) => "streaming",
        None => "new",
    };
    let _ = writeln!(
        out,
        "Call::{constructor}({:?}, |client, mut arguments| Box::pin(async move {{",
        endpoint.id
    );
    let mut inputs = Vec::new();
    for name in &method.path {
        let variable = ident(name);
        let _ = writeln!(out, "let {variable} = arguments.text({name:?})?;");
        inputs.push(format!("&{variable}"));
    }
    for (name, several) in &method.files {
        let variable = ident(name);
        let read = if *several { "files" } else { "file" };
        let _ = writeln!(out, "let {variable} = arguments.{read}({name:?})?;");
        inputs.push(variable);
    }
    options(out, endpoint);
    let may_stream = endpoint.may_stream();
    if may_stream {
        let _ = writeln!(out, "let streams = arguments.streams()?;");
    }
    if let Some(params) = &method.params {
        out.push_str(&parameters(params, endpoint));
        inputs.push("params".to_owned());
    }
    let _ = writeln!(out, "arguments.done()?;");
    let (resource, _) = split(&endpoint.id);
    let chain = chain(resource);
    let inputs = inputs.join(", ");
    if may_stream {
        let _ = writeln!(
            out,
            "if streams {{\nlet request = client{chain}.stream({inputs});\n\
             return Answer::stream(options.apply(request).await).await;\n}}"
        );
    }
    let _ = writeln!(
        out,
        "let request = client{chain}.{}({inputs});\nAnswer::{}\n}})),",
        method.name,
        finish(endpoint)
    );
}

/// Takes what is an option here, and gives the rest the names of the wire.
fn options(out: &mut String, endpoint: &Endpoint) {
    let options: Vec<&str> = endpoint
        .params
        .iter()
        .filter(|param| param.r#in == Place::Header)
        .map(|param| param.name.as_str())
        .collect();
    let _ = writeln!(out, "let options = arguments.options(&{options:?})?;");
    for param in endpoint
        .params
        .iter()
        .filter(|param| param.r#in == Place::Query)
    {
        if param.name != param.wire {
            let _ = writeln!(out, "arguments.rename({:?}, {:?});", param.name, param.wire);
        }
    }
}

/// Reads the parameters: all arguments that are left, or the one that is the body.
fn parameters(key: &str, endpoint: &Endpoint) -> String {
    let path = format!("anthropic::types::{}", Layout::path(key));
    let whole = endpoint.params.iter().find(|param| param.whole_body);
    let read = match whole {
        Some(param) => format!("value::<{path}>({:?})", param.name),
        None => format!("params(|params: &{path}| &params.extra)"),
    };
    format!("let params = arguments.{read}?;\n")
}

/// What becomes of the response.
fn finish(endpoint: &Endpoint) -> &'static str {
    match endpoint.answer_kind() {
        "Page" => "page(options.apply(request).await)",
        "Lines" => "lines(options.apply(request).await).await",
        "Bytes" => "bytes(options.apply(request).await).await",
        "Events" => "events(options.apply(request).await).await",
        _ => "json(options.apply(request).await)",
    }
}
