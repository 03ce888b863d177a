//! Images and documents.

use anthropic_sim::Simulator;
use serde_json::{Value, json};

use super::{Case, OLD, blocks, case, turn};
use crate::client::post;
use crate::messages::hello_with;

/// A PNG's head, of 1 × 1.
const PNG: &str = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAAB";
/// The same, of 8,001 × 1 and 2,001 × 1.
const WIDE: &str = "iVBORw0KGgoAAAANSUhEUgAAH0EAAAAB";
const WIDE_OF_MANY: &str = "iVBORw0KGgoAAAANSUhEUgAAB9EAAAAB";

fn image(kind: &str, data: &str) -> Value {
    json!({"type": "image", "source": {"type": "base64", "media_type": kind, "data": data}})
}

fn png(data: &str) -> Value {
    image("image/png", data)
}

fn pdf(data: &str) -> Value {
    json!({"type": "base64", "media_type": "application/pdf", "data": data})
}

fn document(data: &str) -> Value {
    blocks(&[json!({"type": "document", "source": pdf(data)})])
}

/// An image within a tool's result.
fn screenshot(data: &str) -> Value {
    let result = json!({"type": "tool_result", "tool_use_id": "a", "content": [png(data)]});
    turn(&[super::call("a")], &[result])
}

/// An image within a document.
fn page(data: &str) -> Value {
    json!({"type": "document", "source": {"type": "content", "content": [png(data)]}})
}

fn scrapbook(data: &str) -> Value {
    blocks(&[page(data)])
}

/// Two images that are too long and one that is not, and one more within a document of a tool's.
#[tokio::test]
async fn the_places_of_all_images_that_are_too_long_are_in_the_details() {
    let simulator = Simulator::start().await.unwrap();
    let result = json!({"type": "tool_result", "tool_use_id": "a", "content": [png(PNG), png(WIDE), page(WIDE)]});
    let body = turn(
        &[super::call("a")],
        &[result, png(PNG), png(WIDE), page(WIDE)],
    );
    let answer = post(simulator.url(), "/v1/messages", &hello_with(body)).await;
    assert_eq!(answer.status, 400);
    assert_eq!(
        answer.json()["error"]["details"],
        json!({
            "error_code": "image_dimensions_too_large",
            "max_side_length_pixels": 8000,
            "paths": [
                "messages.2.content.0.content.1",
                "messages.2.content.0.content.2.source.content.0",
                "messages.2.content.2",
                "messages.2.content.3.source.content.0",
            ],
        })
    );
}

pub(super) fn cases() -> Vec<Case> {
    let large = |more: usize| {
        png(&format!(
            "{PNG}{}",
            "A".repeat(10 * 1024 * 1024 - PNG.len() + more)
        ))
    };
    let many = |count: usize| {
        let mut images = vec![png(PNG); count];
        images.push(png(WIDE_OF_MANY));
        blocks(&images)
    };
    let album = |count: usize, more: &[Value]| {
        let mut body = blocks(&[&vec![png(PNG); count], more].concat());
        body["model"] = json!(OLD);
        body
    };
    let note = json!({"type": "document", "source": {"type": "text", "media_type": "text/plain", "data": "Once."}});
    let paper = json!({"type": "document", "source": pdf("JVBERi0xLjQK")});
    // "%PDF-1.4 <</Type/Pages/Count 600>>", and 601.
    let pages = |end: &str| document(&format!("JVBERi0xLjQgPDwvVHlwZS9QYWdlcy9Db3VudCA2{end}"));
    // The first with that count, and one more page.
    let binder = |ends: &[&str]| {
        let paper = |end: &&str| json!({"type": "document", "source": pdf(&format!("JVBERi0xLjQgPDwvVHlwZS9QYWdlcy9Db3VudCA2{end}"))});
        blocks(&ends.iter().map(paper).collect::<Vec<_>>())
    };
    vec![
        case(
            "media-data",
            "messages.0.content.0.image.source.base64: invalid base64 data",
            blocks(&[png(&format!("data:image/png;base64,{PNG}"))]),
            blocks(&[png(PNG)]),
        ),
        case(
            "media-data",
            "messages.2.content.0.tool_result.content.0.image.source.base64: invalid base64 data",
            screenshot("no data"),
            screenshot(PNG),
        ),
        case(
            "media-type",
            "messages.0.content.0.image.source.base64: The image was specified using the image/jpeg media type, but the \
             image appears to be a image/png image",
            blocks(&[image("image/jpeg", PNG)]),
            blocks(&[image("image/png", PNG)]),
        ),
        case(
            "media-type",
            "Could not process image",
            blocks(&[png("aGVsbG8gdGhlcmU=")]),
            blocks(&[png(PNG)]),
        ),
        case(
            "media-type",
            "messages.0.content.0.image.source.base64: image cannot be empty",
            blocks(&[png("")]),
            blocks(&[png(PNG)]),
        ),
        case(
            "media-type",
            "Could not process image",
            screenshot("UklGRgAAAABBVkkg"),
            screenshot(PNG),
        ),
        case(
            "media-size",
            "messages.0.content.0.image.source.base64: image exceeds 10 MB maximum: 10485764 bytes > 10485760 bytes",
            blocks(&[large(4)]),
            blocks(&[large(0)]),
        ),
        case(
            "media-size",
            "messages.0.content.0.image.source.base64.data: At least one of the image dimensions exceed max allowed size: \
             8000 pixels",
            blocks(&[png(WIDE)]),
            blocks(&[png(WIDE_OF_MANY)]),
        ),
        case(
            "media-size",
            "messages.0.content.20.image.source.base64.data: At least one of the image dimensions exceed max allowed size \
             for many-image requests: 2000 pixels",
            many(20),
            many(19),
        ),
        case(
            "media-size",
            "messages.0.content.0.document.source.content.content.0.image.source.base64.data: At least one of the image \
             dimensions exceed max allowed size: 8000 pixels",
            scrapbook(WIDE),
            scrapbook(PNG),
        ),
        case(
            "media-count",
            "too many images and documents: 101 + 0 > 100",
            album(101, &[]),
            album(100, &[note]),
        ),
        case(
            "media-count",
            "too many images and documents: 100 + 1 > 100",
            album(100, std::slice::from_ref(&paper)),
            album(99, &[paper]),
        ),
        case(
            "pdf",
            "messages.0.content.0.pdf.source.base64.data: The PDF specified was not valid.",
            document(PNG),
            document("JVBERi0xLjQK"),
        ),
        case(
            "pdf",
            "messages.0.content.0.pdf.source.base64.data: A maximum of 600 PDF pages may be provided.",
            pages("MDE+Pg=="),
            pages("MDA+Pg=="),
        ),
        case(
            "pdf",
            "messages.0.content.1.pdf.source.base64.data: A maximum of 600 PDF pages may be provided.",
            binder(&["MDA+Pg==", "Pj4="]),
            binder(&["MDA+Pg=="]),
        ),
    ]
}
