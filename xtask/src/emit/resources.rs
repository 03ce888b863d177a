//! The resources as Rust: their handles, a method for each endpoint, and the accessors that lead to
//! them.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use super::aliases;
use super::calls;
use super::docs::{Docs, comment};
use super::facts::Facts;
use super::files::Files;
use super::operations::{FOLDER, Method, OperationWriter, Resource, handle, module, split};
use super::types::identifiers;
use crate::description::Endpoint;
use crate::layout::{CORE, Layout, gate};
use crate::names::ident;

impl OperationWriter<'_> {
    /// Writes every resource, the accessors that lead to them, and the table of operations.
    pub(crate) fn write(&self, files: &mut Files) -> Result<(), String> {
        let resources = self.resources()?;
        let mut areas: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
        for (name, resource) in &resources {
            let code = self.code(name, resource, &resources)?;
            let about = format!("The resource `{name}`.");
            let path = format!(
                "{FOLDER}/{}/{}.rs",
                resource.area,
                module(resource.area, name)
            );
            files.add(path, &about, &code);
            areas.entry(resource.area).or_default().push(name);
        }
        let mut index = String::new();
        for (area, names) in &areas {
            let mut code = String::new();
            for name in names {
                let _ = writeln!(code, "pub(crate) mod {};", module(area, name));
            }
            code.push('\n');
            for name in names {
                let _ = writeln!(code, "pub use {}::{};", module(area, name), handle(name));
            }
            let about = format!("The resources of the {area} area.");
            files.add(format!("{FOLDER}/{area}/mod.rs"), &about, &code);
            let cfg = self.cfg(area);
            let _ = writeln!(index, "{cfg}pub(crate) mod {area};");
        }
        index.push_str("pub(crate) mod beta;\nmod client;\n");
        index.push_str(
            "#[cfg(feature = \"operations\")]\n#[allow(clippy::wildcard_imports, dead_code, unused_imports, reason = \"some areas may be \
             missing\")]\npub(crate) mod described;\nmod operations;\n\n",
        );
        index.push_str("pub(crate) use operations::OPERATIONS;\n");
        files.add(
            format!("{FOLDER}/mod.rs"),
            "The resources of the API, by area.",
            &index,
        );
        let beta = self.beta(&resources);
        let about = "The beta side of the API.";
        files.add(format!("{FOLDER}/beta.rs"), about, &beta);
        let client = self.client(&resources);
        let about = "The client's accessors of its resources.";
        files.add(format!("{FOLDER}/client.rs"), about, &client);
        let table = self.table(&resources);
        let about = "The table of operations.";
        files.add(format!("{FOLDER}/operations.rs"), about, &table);
        Ok(())
    }

    /// Only the condition under which an area is there.
    pub(crate) fn cfg(&self, area: &str) -> String {
        let gate = gate(&self.features(area));
        let condition = gate.lines().next();
        condition.map_or_else(String::new, |line| format!("{line}\n"))
    }

    fn code(
        &self,
        name: &str,
        resource: &Resource<'_>,
        all: &BTreeMap<String, Resource<'_>>,
    ) -> Result<String, String> {
        let mut out = String::new();
        let generated = || resource.methods.iter().filter(|it| it.by_hand.is_none());
        for method in &resource.methods {
            Self::info(&mut out, resource.area, method);
            if method.by_hand.is_none() {
                Self::operation(&mut out, method);
            }
        }
        let handle = handle(name);
        let facts = self.docs.resource_doc(name, &format!("`{name}`."));
        comment(&mut out, "", &facts);
        // The feature shows in the documentation, wherever the handle is found.
        let gate = gate(&self.features(resource.area));
        out.extend(gate.lines().skip(1).map(|line| format!("{line}\n")));
        let _ = writeln!(out, "#[derive(Debug, Clone, Copy)]");
        let _ = writeln!(out, "pub struct {handle}<'a>(pub(crate) &'a Client);\n");
        let children = children(name, all);
        // Children live as long as the client does, not as long as this handle.
        let lifetimes = if children.is_empty() {
            ("", "'_")
        } else {
            ("<'a>", "'a")
        };
        let _ = writeln!(out, "impl{} {handle}<{}> {{", lifetimes.0, lifetimes.1);
        for (child, area) in children {
            let gate = if area == resource.area {
                String::new()
            } else {
                self.gate(area)
            };
            accessor(&mut out, &child, self.docs, "self.0", &gate);
        }
        for method in generated() {
            self.method_code(&mut out, name, method)?;
        }
        out.push_str("}\n");
        Ok(format!("{}{out}", self.imports(&out)))
    }

    fn gate(&self, area: &str) -> String {
        gate(&self.features(area))
    }

    /// A type below the types' crate, as a resource names it.
    pub(crate) fn named(path: &str) -> String {
        let mut out = String::new();
        let mut word = String::new();
        let flush = |word: &mut String, out: &mut String| {
            if word.contains("::") {
                out.push_str("types::");
            }
            out.push_str(word);
            word.clear();
        };
        for c in path.chars() {
            if c.is_ascii_alphanumeric() || c == '_' || c == ':' {
                word.push(c);
            } else {
                flush(&mut word, &mut out);
                out.push(c);
            }
        }
        flush(&mut word, &mut out);
        out
    }

    fn method_code(
        &self,
        out: &mut String,
        resource: &str,
        method: &Method<'_>,
    ) -> Result<(), String> {
        let endpoint = method.endpoint;
        comment(out, "    ", &self.method_text(endpoint));
        out.push_str("    ///\n");
        comment(out, "    ", &self.example(resource, method));
        let arguments = Self::arguments(method);
        let path: Vec<String> = method
            .path
            .iter()
            .map(|name| format!("{}.as_ref()", ident(name)))
            .collect();
        let _ = write!(
            out,
            "    pub fn {}(&self, {}) -> Request<{}> {{\n        self.0.request(&{}, &[{}])",
            ident(&method.name),
            arguments.join(", "),
            Self::named(&method.answer),
            method.name.to_uppercase(),
            path.join(", ")
        );
        match (endpoint.body.as_str(), &method.params) {
            ("json" | "none", Some(_)) => out.push_str(".params(&params.into())"),
            ("multipart", _) => {
                let _ = write!(out, ".multipart({})", form(method));
            }
            (_, None) => {}
            (other, _) => return Err(format!("{}: a body of kind {other}", endpoint.id)),
        }
        out.push_str("\n    }\n\n");
        let aliases = &self.overlay.aliases;
        let answer = Self::named(&method.answer);
        out.push_str(&aliases::methods(
            aliases,
            &endpoint.id,
            &arguments,
            &answer,
        )?);
        Ok(())
    }

    /// What a method takes: the path's parameters, files, then everything else.
    fn arguments(method: &Method<'_>) -> Vec<String> {
        let mut arguments: Vec<String> = method
            .path
            .iter()
            .map(|name| format!("{}: impl AsRef<str>", ident(name)))
            .collect();
        for (name, several) in &method.files {
            let ty = if *several {
                "impl IntoIterator<Item = Upload>"
            } else {
                "Upload"
            };
            arguments.push(format!("{}: {ty}", ident(name)));
        }
        arguments.extend(method.params.iter().map(|key| {
            let ty = Self::named(&Layout::path(key));
            format!("params: impl Into<{ty}>")
        }));
        arguments
    }

    /// What a method does, what its call needs, and where the API describes it.
    pub(crate) fn method_text(&self, endpoint: &Endpoint) -> String {
        let facts = Facts::method(endpoint, self.docs);
        let mut out = self.docs.method_doc(&endpoint.id, &facts);
        let http = calls::http(endpoint);
        let is_named = out.contains(&format!("`{http}`"));
        out.push_str("\n\n");
        if !is_named {
            let _ = writeln!(out, "Sends `{http}`.");
        }
        let betas: Vec<String> = endpoint
            .betas
            .iter()
            .map(|beta| format!("`{beta}`"))
            .collect();
        if !betas.is_empty() {
            let _ = writeln!(out, "Sends the beta header {}.", betas.join(", "));
        }
        let area = self.layout.area(endpoint).map_or(CORE, |(area, _)| area);
        for feature in self.features(area) {
            let _ = writeln!(out, "Needs the crate feature `{feature}`.");
        }
        let _ = write!(out, "[API reference]({})", calls::page(&endpoint.id));
        out
    }

    /// `client.beta()`: the resources that have a beta side.
    fn beta(&self, all: &BTreeMap<String, Resource<'_>>) -> String {
        let mut out = String::from("use crate::Client;\n\n");
        let about = self.docs.resource_doc("beta", "The beta side of the API.");
        comment(&mut out, "", &about);
        out.push_str("#[derive(Debug, Clone, Copy)]\npub struct BetaResources<'a>(pub(crate) &'a Client);\n\n");
        out.push_str("impl<'a> BetaResources<'a> {\n");
        for (child, area) in children("beta", all) {
            accessor(&mut out, &child, self.docs, "self.0", &self.gate(area));
        }
        out.push_str("}\n");
        out
    }

    /// The accessors that the client itself has.
    fn client(&self, all: &BTreeMap<String, Resource<'_>>) -> String {
        let mut out = String::from("use crate::Client;\n\nimpl Client {\n");
        for (name, resource) in all.iter().filter(|(name, _)| !name.contains('.')) {
            accessor(&mut out, name, self.docs, "self", &self.gate(resource.area));
        }
        let about = self.docs.resource_doc("beta", "The beta side of the API.");
        comment(&mut out, "    ", &about);
        out.push_str(
            "    pub fn beta(&self) -> crate::resources::BetaResources<'_> {\n        \
             crate::resources::BetaResources(self)\n    }\n}\n",
        );
        out
    }

    /// The `use` lines of a resource: what it names.
    fn imports(&self, code: &str) -> String {
        let names = identifiers(code);
        let concepts = self.layout.model.defs.keys().map(String::as_str);
        // The types of the other areas are named by their path.
        let paths: BTreeSet<&str> = code
            .split(|c: char| !c.is_ascii_alphanumeric() && c != '_' && c != ':')
            .collect();
        let types: Vec<&str> = concepts
            .filter(|name| names.contains(name) && paths.contains(name))
            .collect();
        let mut out = String::new();
        if !types.is_empty() {
            let _ = writeln!(out, "use anthropic_types::{{{}}};", types.join(", "));
        }
        if names.contains("Method") {
            out.push_str("use http::Method;\n");
        }
        out.push('\n');
        for (name, path) in [
            ("Placed", "operation::{Place, Placed}"),
            ("EventStream", "stream::EventStream"),
            ("Body", "transport::Body"),
        ] {
            if names.contains(name) {
                let _ = writeln!(out, "use crate::{path};");
            }
        }
        let own: Vec<&str> = OWN
            .into_iter()
            .filter(|name| names.contains(name))
            .collect();
        let _ = writeln!(out, "use crate::{{{}}};\n", own.join(", "));
        out
    }
}

/// What resources may need of this crate.
const OWN: [&str; 11] = [
    "AnswerKind",
    "BodyKind",
    "Client",
    "Form",
    "Operation",
    "OperationInfo",
    "Page",
    "PageShape",
    "Request",
    "Upload",
    "types",
];

/// The multipart body of a method, as Rust.
fn form(method: &Method<'_>) -> String {
    let mut form = String::from("Form::new()");
    if method.params.is_some() {
        form.push_str(".params(&params.into())");
    }
    for (name, several) in &method.files {
        let variable = ident(name);
        let (call, part) = if *several {
            ("files", format!("{name}[]"))
        } else {
            ("file", name.clone())
        };
        let _ = write!(form, ".{call}({part:?}, {variable})");
    }
    form
}

fn accessor(out: &mut String, resource: &str, docs: &Docs, client: &str, gate: &str) {
    let (_, name) = split(resource);
    let handle = handle(resource);
    comment(
        out,
        "    ",
        &docs.resource_doc(resource, &format!("`{resource}`.")),
    );
    let lifetime = if client == "self" { "'_" } else { "'a" };
    let _ = writeln!(
        out,
        "{gate}    pub fn {name}(&self) -> crate::resources::{handle}<{lifetime}> {{\n        \
         crate::resources::{handle}({client})\n    }}\n"
    );
}

/// The resources directly below one, and their areas.
fn children<'r>(resource: &str, all: &BTreeMap<String, Resource<'r>>) -> Vec<(String, &'r str)> {
    let prefix = format!("{resource}.");
    all.iter()
        .filter(|(name, _)| {
            name.strip_prefix(&prefix)
                .is_some_and(|rest| !rest.contains('.'))
        })
        .map(|(name, resource)| (name.clone(), resource.area))
        .collect()
}
