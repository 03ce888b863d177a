//! The table of operations: what each endpoint is, how its response is opened, and the list of all.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use super::docs::comment;
use super::operations::{Method, OperationWriter, Resource, module, split};
use crate::layout::CORE;

impl OperationWriter<'_> {
    /// The entry of the table: what an operation is.
    pub(crate) fn info(out: &mut String, area: &str, method: &Method<'_>) {
        let endpoint = method.endpoint;
        let name = method.name.to_uppercase();
        let mut options = String::new();
        let shape = match endpoint.response.page.as_deref() {
            Some("Page") => Some("Ids"),
            Some("TokenPage") => Some("Token"),
            Some("PageCursor") => Some("Cursor"),
            Some("BidirectionalPageCursor") => Some("Bidirectional"),
            Some("ReportPageCursor") => Some("Report"),
            _ => None,
        };
        if let Some(shape) = shape {
            let _ = write!(options, ".page(PageShape::{shape})");
        }
        if matches!(endpoint.response.kind.as_str(), "binary" | "jsonl") {
            options.push_str(".accepting(\"application/binary\")");
        }
        let body = match endpoint.body.as_str() {
            "none" => Some("None"),
            "multipart" => Some("Multipart"),
            _ => None,
        };
        if let Some(body) = body {
            let _ = write!(options, ".takes(BodyKind::{body})");
        }
        if endpoint.beta {
            options.push_str(".beta()");
        }
        if !endpoint.betas.is_empty() {
            let _ = write!(options, ".asks_for(&{:?})", endpoint.betas);
        }
        let places = method.places();
        if !places.is_empty() {
            let _ = write!(options, ".places(&[{}])", places.concat());
        }
        let mut entry = |name: &str, id: &str, kind: &str, more: &str| {
            let _ = writeln!(
                out,
                "pub(crate) static {name}_INFO: OperationInfo = OperationInfo::new({id:?}, Method::{}, {:?}, \
                 AnswerKind::{kind}).of_area({area:?}){options}{more};\n",
                endpoint.method, endpoint.path,
            );
        };
        let mut more = String::new();
        if endpoint.may_stream() {
            let (resource, _) = split(&endpoint.id);
            let id = format!("{resource}.stream");
            let more_of_stream = ".ends_with(\"message_stop\")";
            entry(&format!("{name}_STREAM"), &id, "Events", more_of_stream);
            more = format!(".streams_as(&{name}_STREAM_INFO)");
        }
        entry(&name, &endpoint.id, endpoint.answer_kind(), &more);
    }

    pub(crate) fn operation(out: &mut String, method: &Method<'_>) {
        let endpoint = method.endpoint;
        let constructor = match endpoint.answer_kind() {
            "Page" => "listed_page",
            "Bytes" => "listed_bytes",
            "Events" => "listed_events",
            _ => "listed_json",
        };
        let name = method.name.to_uppercase();
        let _ = writeln!(
            out,
            "pub(crate) static {name}: Operation<{}> = Operation::{constructor}(&{name}_INFO);\n",
            Self::named(&method.answer),
        );
    }

    /// Every operation of every area.
    pub(crate) fn table(&self, all: &BTreeMap<String, Resource<'_>>) -> String {
        let mut out = String::from("use crate::OperationInfo;\n\n");
        let about = "Every operation that this build has: what the tools and the tests go through.";
        comment(&mut out, "", about);
        out.push_str("pub(crate) static OPERATIONS: &[&OperationInfo] = &[\n");
        for (name, resource) in all {
            let cfg = self.cfg(resource.area);
            for method in &resource.methods {
                let (area, file) = (resource.area, module(resource.area, name));
                let entry = method.name.to_uppercase();
                let _ = writeln!(out, "{cfg}&super::{area}::{file}::{entry}_INFO,");
            }
        }
        for id in self.undescribed() {
            let by_hand = self
                .overlay
                .operations
                .get(id)
                .and_then(|own| own.by_hand.as_ref());
            let area = all.get(split(id).0).map_or(CORE, |resource| resource.area);
            if let Some(path) = by_hand {
                let _ = writeln!(out, "{}&{path}_INFO,", self.cfg(area));
            }
        }
        out.push_str("];\n");
        out
    }
}
