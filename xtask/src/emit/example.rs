//! Examples: a call of each method that compiles.

use super::operations::{Method, OperationWriter, chain};
use super::sample::{Sampler, sample_id};
use crate::names::ident;
use crate::overlay::OperationOverlay;

impl OperationWriter<'_> {
    /// A call that compiles, as an example.
    pub(crate) fn example(&self, resource: &str, method: &Method<'_>) -> String {
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
            let file = match name.as_str() {
                "files" => "folder/README.md",
                "archive" => "marketplace.zip",
                _ => "report.pdf",
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
            let sampler = Sampler {
                model: self.layout.model,
                overlay: self.overlay,
            };
            arguments.push(own.unwrap_or_else(|| sampler.concept(params)));
        }
        let call = format!(
            "client{}.{}({})",
            chain(resource),
            ident(&method.name),
            arguments.join(", ")
        );
        let mut lines = vec!["```no_run".to_owned()];
        lines.push("# use anthropic::{Client, Upload, types::*};".to_owned());
        lines.push("# async fn run(client: Client) -> anthropic::Result<()> {".to_owned());
        lines.push(usage(&method.answer, &call));
        lines.push("# Ok(())\n# }\n```".to_owned());
        lines.join("\n")
    }
}

/// What to do with a response.
fn usage(answer: &str, call: &str) -> String {
    if answer.starts_with("Page<") {
        return format!(
            "let mut items = {call}.items();\n\
             while let Some(item) = items.try_next().await? {{\n    println!(\"{{item:?}}\");\n}}"
        );
    }
    if answer.starts_with("EventStream<") {
        return format!(
            "let mut events = {call}.await?;\n\
             while let Some(event) = events.try_next().await? {{\n    println!(\"{{}}\", event.type_name());\n}}"
        );
    }
    if answer == "Body" {
        return format!(
            "let mut bytes = {call}.await?;\n\
             while let Some(chunk) = bytes.try_next().await? {{\n    println!(\"{{}} bytes\", chunk.len());\n}}"
        );
    }
    let name = if answer == "Message" {
        "message"
    } else {
        "response"
    };
    format!("let {name} = {call}.await?;\nprintln!(\"{{{name}:?}}\");")
}
