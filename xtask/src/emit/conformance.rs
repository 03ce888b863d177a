//! The dispatch of the conformance driver: from official names to typed code.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use super::files::Files;
use super::operations::{Method, OperationWriter, chain};
use super::types::rust;
use crate::description::Endpoint;
use crate::merge::Merger;
use crate::names::{Names, ident};
use crate::overlay::Area;

/// Where the dispatch lives.
pub(crate) const FOLDER: &str = "crates/conformance/src/generated";

/// Writes the dispatch over an area's types and calls.
pub(crate) fn write(
    operations: &OperationWriter<'_>,
    area: &Area,
    selected: &BTreeSet<&str>,
    files: &mut Files,
) -> Result<(), String> {
    files.add(
        format!("{FOLDER}/types.rs"),
        "Official type names and the Rust types that stand for them.",
        &types(operations, selected),
    )?;
    files.add(
        format!("{FOLDER}/calls.rs"),
        "Official method names and the typed calls that stand for them.",
        &calls(operations, area)?,
    )?;
    let modules = "pub(crate) mod calls;\npub(crate) mod types;\n";
    files.add(
        format!("{FOLDER}/mod.rs"),
        "What is generated for the driver.",
        modules,
    )
}

fn types(operations: &OperationWriter<'_>, selected: &BTreeSet<&str>) -> String {
    let description = operations.description;
    let names = Names {
        description,
        overlay: operations.overlay,
        flat: true,
    };
    let merger = Merger {
        names: &names,
        description,
        absorbed: std::cell::RefCell::default(),
    };
    let mut by_type: BTreeMap<String, Vec<&str>> = BTreeMap::new();
    for qualified in selected {
        let official = crate::description::Type::Ref {
            to: (*qualified).to_owned(),
        };
        by_type
            .entry(rust(&merger.lower(&official)))
            .or_default()
            .push(qualified);
    }
    let mut out = String::from(
        "use crate::types::{Through, Visit};\n\n\
         /// Visits the Rust type behind an official name; nothing if there is none.\n\
         #[rustfmt::skip]\n\
         #[allow(clippy::too_many_lines)]\n\
         pub(crate) fn visit<V: Visit>(name: &str, visit: V) -> Option<V::Answer> {\n    \
         let through: &dyn Through<V> = match name {\n",
    );
    for (ty, officials) in &by_type {
        let patterns: Vec<String> = officials.iter().map(|name| format!("{name:?}")).collect();
        let _ = writeln!(
            out,
            "        {} => &std::marker::PhantomData::<{}>,",
            patterns.join(" | "),
            qualified(ty)
        );
    }
    out.push_str("        _ => return None,\n    };\n    Some(through.visit(visit))\n}\n");
    out
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

fn calls(operations: &OperationWriter<'_>, area: &Area) -> Result<String, String> {
    let mut out = String::from(
        "use anthropic::Client;\n\
         \nuse crate::calls::{Answer, Arguments, Problem};\n\n\
         /// Makes the call of an official name.\n\
         #[allow(clippy::too_many_lines)]\n\
         pub(crate) async fn call(\n    client: &Client,\n    name: &str,\n    \
         mut arguments: Arguments,\n) -> Result<Answer, Problem> {\n    match name {\n",
    );
    for endpoint in operations.endpoints(area) {
        let method = operations.method(endpoint)?;
        let _ = writeln!(out, "        {:?} => {{", endpoint.id);
        arm(&mut out, endpoint, &method);
        out.push_str("        }\n");
    }
    out.push_str("        other => Err(Problem::unknown(other)),\n    }\n}\n");
    Ok(out)
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
    if endpoint.stream.is_some() {
        let _ = writeln!(
            out,
            "            let streams = arguments.flag(\"stream\")?;"
        );
    }
    if let Some(params) = &method.params {
        let _ = writeln!(
            out,
            "            let params: anthropic::types::{params} = arguments.params()?;"
        );
        inputs.push("params".to_owned());
    }
    let (resource, _) = endpoint.id.rsplit_once('.').unwrap_or(("", &endpoint.id));
    let chain = chain(resource);
    let inputs = inputs.join(", ");
    if endpoint.stream.is_some() {
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
    let _ = writeln!(
        out,
        "            let request = client{chain}.{}({inputs});\n            \
         Answer::{finish}(options.apply(request).await){wait}",
        method.name
    );
}
