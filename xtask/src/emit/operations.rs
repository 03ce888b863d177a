//! The endpoints of an area as Rust: one `static` operation and one method each.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use super::docs::{Docs, comment};
use super::files::Files;
use super::types::{identifiers, rust};
use crate::description::{Description, Endpoint, Type};
use crate::merge::Merger;
use crate::model::{Def, Model};
use crate::names::{Names, ident, pascal};
use crate::overlay::{Area, OperationOverlay, Overlay, matches};

/// Where the generated resources live.
pub(crate) const FOLDER: &str = "crates/anthropic/src/generated";

/// Writes the resources of an area.
pub(crate) struct OperationWriter<'a> {
    pub(crate) description: &'a Description,
    pub(crate) overlay: &'a Overlay,
    pub(crate) docs: &'a Docs,
    pub(crate) model: &'a Model,
}

/// What a method needs to know of its endpoint.
pub(crate) struct Method<'a> {
    pub(crate) endpoint: &'a Endpoint,
    pub(crate) name: String,
    /// The names of the path's parameters, in its order.
    pub(crate) path: Vec<String>,
    /// The type of the parameters that are not files, if there are any.
    pub(crate) params: Option<String>,
    /// The files of a multipart body: the part's name and whether there may be several.
    pub(crate) files: Vec<(String, bool)>,
    pub(crate) by_hand: Option<String>,
    answer: String,
}

impl<'a> OperationWriter<'a> {
    /// The endpoints of an area, in the description's order.
    pub(crate) fn endpoints(&self, area: &Area) -> Vec<&'a Endpoint> {
        let is_in = |endpoint: &&Endpoint| area.endpoints.iter().any(|p| matches(p, &endpoint.id));
        self.description.endpoints.iter().filter(is_in).collect()
    }

    pub(crate) fn write(&self, area: &str, files: &mut Files) -> Result<(), String> {
        let Some(rules) = self.overlay.areas.get(area) else {
            return Ok(());
        };
        let mut resources: BTreeMap<String, Vec<Method<'a>>> = BTreeMap::new();
        for endpoint in self.endpoints(rules) {
            let (resource, _) = endpoint.id.rsplit_once('.').unwrap_or(("", &endpoint.id));
            resources
                .entry(resource.to_owned())
                .or_default()
                .push(self.method(endpoint)?);
        }
        for (id, operation) in &self.overlay.operations {
            let known = self
                .description
                .endpoints
                .iter()
                .any(|endpoint| endpoint.id == *id);
            if let (false, Some(_)) = (known, &operation.by_hand) {
                let (resource, _) = id.rsplit_once('.').unwrap_or(("", id));
                resources.entry(resource.to_owned()).or_default();
            }
        }
        let names: BTreeSet<String> = resources.keys().cloned().collect();
        for (resource, methods) in &resources {
            let code = self.resource(resource, methods, &names)?;
            let about = format!("The resource `{resource}`.");
            files.add(
                format!("{FOLDER}/{area}/{}.rs", module(resource)),
                &about,
                &code,
            )?;
        }
        let beta = self.beta(&names);
        files.add(
            format!("{FOLDER}/{area}/beta.rs"),
            "The beta side of the API.",
            &beta,
        )?;
        let index = self.index(&resources);
        files.add(
            format!("{FOLDER}/{area}/mod.rs"),
            "The resources of the area.",
            &index,
        )
    }

    /// What is needed of an endpoint.
    pub(crate) fn method(&self, endpoint: &'a Endpoint) -> Result<Method<'a>, String> {
        let (_, name) = endpoint.id.rsplit_once('.').unwrap_or(("", &endpoint.id));
        let overlay = self.overlay.operations.get(&endpoint.id);
        let path = endpoint
            .path
            .split('{')
            .skip(1)
            .filter_map(|part| part.split_once('}').map(|(name, _)| name.to_owned()))
            .collect();
        let files = endpoint
            .files
            .iter()
            .filter_map(|path| path.first().map(|name| (name.clone(), path.len() > 1)))
            .collect();
        Ok(Method {
            endpoint,
            name: overlay
                .and_then(|own| own.method.clone())
                .unwrap_or_else(|| name.to_owned()),
            path,
            params: self.params(endpoint),
            files,
            by_hand: overlay.and_then(|own| own.by_hand.clone()),
            answer: self.answer(endpoint)?,
        })
    }

    /// The parameters type, if anything is left in it.
    fn params(&self, endpoint: &Endpoint) -> Option<String> {
        let names = self.names();
        let concept = names.concept(endpoint.body_type.as_deref()?);
        match self.model.defs.get(&concept).map(|concept| &concept.def) {
            Some(Def::Struct { fields, .. }) if !fields.is_empty() => Some(concept),
            _ => None,
        }
    }

    fn names(&self) -> Names<'a> {
        Names {
            description: self.description,
            overlay: self.overlay,
            flat: true,
        }
    }

    fn answer(&self, endpoint: &Endpoint) -> Result<String, String> {
        let item = |ty: &Option<Type>| {
            let ty = ty
                .as_ref()
                .ok_or_else(|| format!("{}: no response type", endpoint.id))?;
            let names = self.names();
            let merger = Merger {
                names: &names,
                description: self.description,
                absorbed: std::cell::RefCell::default(),
            };
            Ok::<_, String>(rust(&merger.lower(ty)))
        };
        Ok(match endpoint.response.kind.as_str() {
            "json" => item(&endpoint.response.r#type)?,
            "page" => format!("Page<{}>", item(&endpoint.response.r#type)?),
            "jsonl" => format!("JsonLines<{}>", item(&endpoint.response.r#type)?),
            "binary" => "Body".to_owned(),
            "none" => "()".to_owned(),
            other => return Err(format!("{}: a response of kind {other}", endpoint.id)),
        })
    }

    fn resource(
        &self,
        resource: &str,
        methods: &[Method<'_>],
        all: &BTreeSet<String>,
    ) -> Result<String, String> {
        let mut out = String::new();
        for method in methods.iter().filter(|method| method.by_hand.is_none()) {
            operation(&mut out, method);
        }
        let handle = handle(resource);
        comment(
            &mut out,
            "",
            &self.docs.resource_doc(resource, &format!("`{resource}`.")),
        );
        let _ = writeln!(out, "#[derive(Clone, Copy, Debug)]");
        let _ = writeln!(out, "pub struct {handle}<'a>(pub(crate) &'a Client);\n");
        let children = children(resource, all);
        // Children live as long as the client does, not as long as this handle.
        let lifetimes = if children.is_empty() {
            ("", "'_")
        } else {
            ("<'a>", "'a")
        };
        let _ = writeln!(out, "impl{} {handle}<{}> {{", lifetimes.0, lifetimes.1);
        for child in children {
            accessor(&mut out, &child, self.docs, "self.0", &handle_path(&child));
        }
        for method in methods.iter().filter(|method| method.by_hand.is_none()) {
            self.method_code(&mut out, resource, method)?;
        }
        out.push_str("}\n");
        Ok(format!("{}{out}", imports(self.model, &out)))
    }

    fn method_code(
        &self,
        out: &mut String,
        resource: &str,
        method: &Method<'_>,
    ) -> Result<(), String> {
        let endpoint = method.endpoint;
        let facts = format!("`{} {}`", endpoint.method, endpoint.path);
        comment(out, "    ", &self.docs.method_doc(&endpoint.id, &facts));
        out.push_str("    ///\n");
        comment(out, "    ", &self.example(resource, method));
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
        arguments.extend(
            method
                .params
                .iter()
                .map(|ty| format!("params: impl Into<{ty}>")),
        );
        let path: Vec<String> = method
            .path
            .iter()
            .map(|name| format!("{}.as_ref()", ident(name)))
            .collect();
        let _ = write!(
            out,
            "    pub fn {}(&self, {}) -> Request<{}> {{\n        self.0.request(&{}, &[{}])",
            method.name,
            arguments.join(", "),
            method.answer,
            method.name.to_uppercase(),
            path.join(", ")
        );
        match (endpoint.body.as_str(), &method.params) {
            ("json", Some(_)) => out.push_str(".params(&params.into())"),
            ("none", Some(_)) => out.push_str(".query_params(&params.into())"),
            ("multipart", _) => {
                let _ = write!(out, ".multipart({})", form(method));
            }
            (_, None) => {}
            (other, _) => return Err(format!("{}: a body of kind {other}", endpoint.id)),
        }
        out.push_str("\n    }\n\n");
        Ok(())
    }

    /// A call that compiles, as an example.
    fn example(&self, resource: &str, method: &Method<'_>) -> String {
        let overlay: Option<&OperationOverlay> = self.overlay.operations.get(&method.endpoint.id);
        let plain = method
            .endpoint
            .id
            .strip_prefix("beta.")
            .unwrap_or(&method.endpoint.id);
        let overlay = overlay.or_else(|| self.overlay.operations.get(plain));
        let mut arguments: Vec<String> = method
            .path
            .iter()
            .map(|name| format!("{:?}", sample_id(name)))
            .collect();
        for (name, several) in &method.files {
            let file = if name == "files" {
                "skill/SKILL.md"
            } else {
                "report.pdf"
            };
            let upload = format!("Upload::from_path({file:?})?");
            arguments.push(if *several {
                format!("[{upload}]")
            } else {
                upload
            });
        }
        if let Some(params) = &method.params {
            let own = overlay.and_then(|overlay| overlay.example.clone());
            arguments.push(own.unwrap_or_else(|| format!("{params}::new()")));
        }
        let chain = chain(resource);
        let call = format!("client{chain}.{}({})", method.name, arguments.join(", "));
        let mut lines = vec!["```no_run".to_owned()];
        lines.push("# use anthropic::{Client, Upload, types::*};".to_owned());
        lines.push("# async fn run(client: Client) -> anthropic::Result<()> {".to_owned());
        match method.answer.as_str() {
            answer if answer.starts_with("Page<") => {
                lines.push(format!("let mut items = {call}.items();"));
                lines.push("while let Some(item) = items.try_next().await? {".to_owned());
                lines.push("    println!(\"{item:?}\");\n}".to_owned());
            }
            "Body" => {
                lines.push(format!("let mut bytes = {call}.await?;"));
                lines.push("while let Some(chunk) = bytes.try_next().await? {".to_owned());
                lines.push("    println!(\"{} bytes\", chunk.len());\n}".to_owned());
            }
            _ => {
                lines.push(format!("let answer = {call}.await?;"));
                lines.push("println!(\"{answer:?}\");".to_owned());
            }
        }
        lines.push("# Ok(())\n# }\n```".to_owned());
        lines.join("\n")
    }

    /// `client.beta()`: the resources that have a beta side.
    fn beta(&self, all: &BTreeSet<String>) -> String {
        let mut out = String::from("use crate::Client;\n\n");
        comment(
            &mut out,
            "",
            &self.docs.resource_doc("beta", "The beta side of the API."),
        );
        out.push_str("#[derive(Clone, Copy, Debug)]\npub struct BetaResources<'a>(pub(crate) &'a Client);\n\n");
        out.push_str("impl<'a> BetaResources<'a> {\n");
        for child in children("beta", all) {
            accessor(&mut out, &child, self.docs, "self.0", &handle_path(&child));
        }
        out.push_str("}\n");
        out
    }

    /// The modules, the client's accessors and the table of operations.
    fn index(&self, resources: &BTreeMap<String, Vec<Method<'_>>>) -> String {
        let names: BTreeSet<String> = resources.keys().cloned().collect();
        let mut out = String::from("pub(crate) mod beta;\n");
        for resource in &names {
            let _ = writeln!(out, "pub(crate) mod {};", module(resource));
        }
        out.push_str("\npub use beta::BetaResources;\n");
        for resource in &names {
            let _ = writeln!(out, "pub use {}::{};", module(resource), handle(resource));
        }
        out.push_str("\nuse crate::{Client, OperationInfo};\n\nimpl Client {\n");
        for resource in names.iter().filter(|name| !name.contains('.')) {
            accessor(
                &mut out,
                resource,
                self.docs,
                "self",
                &handle_path(resource),
            );
        }
        comment(
            &mut out,
            "    ",
            &self.docs.resource_doc("beta", "The beta side of the API."),
        );
        out.push_str(
            "    pub fn beta(&self) -> BetaResources<'_> {\n        \
             BetaResources(self)\n    }\n}\n\n",
        );
        comment(
            &mut out,
            "",
            "Every operation of the area: what the tools and the tests go through.",
        );
        out.push_str("pub(crate) static OPERATIONS: &[&OperationInfo] = &[\n");
        for method in resources.values().flatten() {
            let (resource, _) = method
                .endpoint
                .id
                .rsplit_once('.')
                .unwrap_or(("", &method.endpoint.id));
            let operation = method
                .by_hand
                .clone()
                .unwrap_or_else(|| format!("{}::{}", module(resource), method.name.to_uppercase()));
            let _ = writeln!(out, "    {operation}.info(),");
        }
        for (id, operation) in &self.overlay.operations {
            let known = self
                .description
                .endpoints
                .iter()
                .any(|endpoint| endpoint.id == *id);
            if let (false, Some(path)) = (known, &operation.by_hand) {
                let _ = writeln!(out, "    {path}.info(),");
            }
        }
        out.push_str("];\n");
        out
    }
}

/// What resources may need of this crate.
const OWN: [&str; 7] = [
    "Client",
    "Form",
    "Operation",
    "Page",
    "PageShape",
    "Request",
    "Upload",
];

/// The `use` lines of a resource: what it names.
fn imports(model: &Model, code: &str) -> String {
    let names = identifiers(code);
    let types: Vec<&str> = model
        .defs
        .keys()
        .map(String::as_str)
        .filter(|name| names.contains(name))
        .collect();
    let mut out = String::new();
    if !types.is_empty() {
        let _ = writeln!(out, "use anthropic_types::{{{}}};", types.join(", "));
    }
    if names.contains("Method") {
        out.push_str("use http::Method;\n");
    }
    out.push('\n');
    if names.contains("Body") {
        out.push_str("use crate::transport::Body;\n");
    }
    let own: Vec<&str> = OWN
        .into_iter()
        .filter(|name| names.contains(name))
        .collect();
    let _ = writeln!(out, "use crate::{{{}}};\n", own.join(", "));
    out
}

fn operation(out: &mut String, method: &Method<'_>) {
    let endpoint = method.endpoint;
    let constructor = match endpoint.response.kind.as_str() {
        "page" => "page",
        "binary" => "bytes",
        "none" => "empty",
        _ => "json",
    };
    let shape = match endpoint.response.page.as_deref() {
        Some("Page") => ", PageShape::Ids",
        Some("TokenPage") => ", PageShape::Token",
        Some("PageCursor") => ", PageShape::Cursor",
        Some("BidirectionalPageCursor") => ", PageShape::Bidirectional",
        Some("ReportPageCursor") => ", PageShape::Report",
        _ => "",
    };
    let mut options = String::new();
    if endpoint.beta {
        options.push_str(".beta()");
    }
    if !endpoint.betas.is_empty() {
        let _ = write!(options, ".betas(&{:?})", endpoint.betas);
    }
    let _ = writeln!(
        out,
        "pub(crate) static {}: Operation<{}> = Operation::{constructor}({:?}, Method::{}, {:?}{shape}){options};\n",
        method.name.to_uppercase(),
        method.answer,
        endpoint.id,
        endpoint.method,
        endpoint.path,
    );
}

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

fn accessor(out: &mut String, resource: &str, docs: &Docs, client: &str, handle: &str) {
    let name = resource.rsplit('.').next().unwrap_or(resource);
    comment(
        out,
        "    ",
        &docs.resource_doc(resource, &format!("`{resource}`.")),
    );
    let lifetime = if client == "self" { "'_" } else { "'a" };
    let _ = writeln!(
        out,
        "    pub fn {name}(&self) -> {handle}<{lifetime}> {{\n        {handle}({client})\n    }}\n"
    );
}

/// The resources directly below one.
fn children(resource: &str, all: &BTreeSet<String>) -> Vec<String> {
    let prefix = format!("{resource}.");
    all.iter()
        .filter(|name| {
            name.strip_prefix(&prefix)
                .is_some_and(|rest| !rest.contains('.'))
        })
        .cloned()
        .collect()
}

/// `beta.messages` → `.beta().messages()`.
pub(crate) fn chain(resource: &str) -> String {
    resource
        .split('.')
        .fold(String::new(), |chain, part| chain + "." + part + "()")
}

/// `beta.messages.batches` → `beta_messages_batches`.
pub(crate) fn module(resource: &str) -> String {
    resource.replace('.', "_")
}

/// `skills.versions` → `SkillsVersions`, `beta.messages` → `BetaMessages`.
fn handle(resource: &str) -> String {
    pascal(resource)
}

fn handle_path(resource: &str) -> String {
    format!("crate::resources::{}", handle(resource))
}

fn sample_id(name: &str) -> &'static str {
    match name {
        "message_batch_id" => "msgbatch_013Zva2CMHLNnXjNJJKqJ2EF",
        "file_id" => "file_011CNha8iCJcU1wXNR6q4V8w",
        "skill_id" => "skill_01JAbcdefghijklmnopqrstuv",
        "version" => "1759178010641129",
        "model_id" => "claude-opus-5-5",
        _ => "id",
    }
}
