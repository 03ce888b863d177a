//! Rules on images and documents.

use serde_json::{Value, json};

use super::bytes::{self as content, Pdf};
use super::turns::{Check, Conversation, Place, kind, refuse, text};
use crate::base::base64;
use crate::base::errors::ApiError;

/// In Base64.
const MAX_IMAGE: usize = 10 * 1024 * 1024;
const MAX_SIDE: u32 = 8_000;
/// From more images than `MANY`, sides are shorter.
const MANY: usize = 20;
const MAX_SIDE_OF_MANY: u32 = 2_000;
/// Windows below a million tokens have room for fewer.
const SMALL_WINDOW: u64 = 1_000_000;

/// An image or document that is in the request.
struct Attached<'a> {
    place: Place,
    name: &'a str,
    declared: &'a str,
    data: &'a str,
}

fn attached(conversation: Conversation<'_>) -> impl Iterator<Item = Attached<'_>> {
    conversation.inner_blocks().filter_map(|(place, block)| {
        let source = block
            .get("source")
            .filter(|source| kind(source) == "base64")?;
        matches!(kind(block), "image" | "document").then(|| Attached {
            place,
            name: kind(block),
            declared: text(source, "media_type"),
            data: text(source, "data"),
        })
    })
}

/// <https://github.com/anthropics/anthropic-sdk-typescript/issues/603>: data is Base64, without a
/// `data:` prefix.
pub(super) fn base64(conversation: Conversation<'_>) -> Check {
    for Attached {
        place, name, data, ..
    } in attached(conversation)
    {
        if !base64::is_valid(data) {
            return refuse(format!("{place}.{name}.source.base64: invalid base64 data"));
        }
    }
    Ok(())
}

/// An image is one (<https://github.com/anthropics/claude-code/issues/60920>), not empty
/// (<https://github.com/anthropics/claude-code/issues/12750>), and of the type that is declared
/// (<https://github.com/BerriAI/litellm/issues/24900>).
pub(super) fn types(conversation: Conversation<'_>) -> Check {
    for it in attached(conversation).filter(|it| it.name == "image") {
        match content::format(&content::head(it.data)) {
            Some(found) if found != it.declared => {
                return refuse(format!(
                    "{}.image.source.base64: The image was specified using the {} media type, but the image appears to be a \
                     {found} image",
                    it.place, it.declared
                ));
            }
            Some(_) => {}
            None if it.data.is_empty() => {
                return refuse(format!(
                    "{}.image.source.base64: image cannot be empty",
                    it.place
                ));
            }
            None => return refuse("Could not process image"),
        }
    }
    Ok(())
}

/// <https://platform.claude.com/docs/en/build-with-claude/vision>: an image has at most 10 MB, and
/// so many pixels a side (<https://github.com/anthropics/claude-code/issues/4778>), fewer where
/// there are many (<https://github.com/anthropics/claude-code/issues/9375>). The details are those
/// of `ImageDimensionsTooLargeError` in the official clients.
pub(super) fn sizes(conversation: Conversation<'_>) -> Check {
    let images = conversation.inner_blocks();
    let many = images.filter(|(_, block)| kind(block) == "image").count() > MANY;
    let (side, words) = if many {
        (MAX_SIDE_OF_MANY, " for many-image requests")
    } else {
        (MAX_SIDE, "")
    };
    let mut too_long = Vec::new();
    for it in attached(conversation).filter(|it| it.name == "image") {
        let bytes = it.data.len();
        if bytes > MAX_IMAGE {
            return refuse(format!(
                "{}.image.source.base64: image exceeds 10 MB maximum: {bytes} bytes > {MAX_IMAGE} bytes",
                it.place
            ));
        }
        let pixels = content::dimensions(it.data);
        if pixels.is_some_and(|(width, height)| width.max(height) > side) {
            too_long.push(it.place);
        }
    }
    let Some(first) = too_long.first() else {
        return Ok(());
    };
    let error = ApiError::invalid(format!(
        "{first}.image.source.base64.data: At least one of the image dimensions exceed max allowed size{words}: {side} pixels"
    ));
    let paths: Vec<String> = too_long.iter().map(Place::path).collect();
    Err(error.details(json!({
        "error_code": "image_dimensions_too_large",
        "max_side_length_pixels": side,
        "paths": paths,
    })))
}

/// <https://platform.claude.com/docs/en/build-with-claude/vision>: a request has at most 600
/// images, or 100 where the window is small. PDFs count, too
/// (<https://github.com/anthropics/claude-code/issues/23392>); of documents that are text nothing
/// is known.
pub(super) fn count(conversation: Conversation<'_>) -> Check {
    let most = most(conversation);
    let (mut images, mut documents) = (0, 0);
    for (_, block) in conversation.inner_blocks() {
        match kind(block) {
            "image" => images += 1,
            "document" if !is_text(block) => documents += 1,
            _ => {}
        }
    }
    if images + documents > most {
        return refuse(format!(
            "too many images and documents: {images} + {documents} > {most}"
        ));
    }
    Ok(())
}

/// Whether a document has its text in the request.
fn is_text(document: &Value) -> bool {
    let source = document.get("source").map_or("", kind);
    matches!(source, "text" | "content")
}

/// A PDF is one (the message is quoted in public code), and those of a request have at most 600
/// pages, or 100 where the window is small
/// (<https://github.com/anthropics/claude-code/issues/6231>,
/// <https://platform.claude.com/docs/en/build-with-claude/pdf-support>). Where pages can't be
/// counted, they aren't.
pub(super) fn pdf(conversation: Conversation<'_>) -> Check {
    let most = most(conversation);
    let mut all = 0;
    let documents = attached(conversation).filter(|it| it.name == "document");
    for it in documents.filter(|it| it.declared == "application/pdf") {
        let problem = match content::pdf(it.data) {
            Pdf::None => "The PDF specified was not valid.".to_owned(),
            Pdf::Pages(pages) => {
                all += pages;
                if all <= most {
                    continue;
                }
                format!("A maximum of {most} PDF pages may be provided.")
            }
            Pdf::Unknown => continue,
        };
        return refuse(format!("{}.pdf.source.base64.data: {problem}", it.place));
    }
    Ok(())
}

/// How many images, or pages, a request may have.
fn most(conversation: Conversation<'_>) -> usize {
    let small = |it: &crate::models::Model| it.window(&conversation.betas()) < SMALL_WINDOW;
    if conversation.model.is_some_and(small) {
        100
    } else {
        600
    }
}
