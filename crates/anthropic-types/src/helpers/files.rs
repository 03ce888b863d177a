//! Uploaded files as parts of messages.

use crate::{
    ContainerUploadBlock, ContentBlock, DocumentBlock, DocumentBlockSource, FileDocumentSource,
    FileImageSource, FileMetadata, ImageBlock, ImageBlockSource,
};

impl FileMetadata {
    /// The file as a part of a message, by its MIME type: an image that the model sees, a PDF or a
    /// plain text that it reads, or else a file in the container of its code execution.
    ///
    /// ```
    /// use anthropic_types::{FileMetadata, MessageCreateParams, Model};
    ///
    /// let time = "2026-11-01T00:00:00Z";
    /// let file = FileMetadata::new("file_01", time, "map.png", "image/png", 1_024);
    /// let params = MessageCreateParams::new(Model::CLAUDE_OPUS_5_5, 1024);
    /// let params = params.user([file.content_block(), "Which river is that?".into()]);
    /// ```
    #[inline]
    pub fn content_block(&self) -> ContentBlock {
        match self.mime_type.split(';').next().unwrap_or_default().trim() {
            "image/jpeg" | "image/png" | "image/gif" | "image/webp" => ImageBlock::new(self).into(),
            "application/pdf" | "text/plain" => DocumentBlock::new(self).into(),
            _ => ContainerUploadBlock::new(&self.id).into(),
        }
    }
}

impl From<&FileMetadata> for ImageBlockSource {
    #[inline]
    fn from(file: &FileMetadata) -> Self {
        FileImageSource::new(&file.id).into()
    }
}

impl From<&FileMetadata> for DocumentBlockSource {
    #[inline]
    fn from(file: &FileMetadata) -> Self {
        FileDocumentSource::new(&file.id).into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_the_part_that_the_api_takes_it_as() {
        for (mime_type, expected) in [
            ("image/webp", "image"),
            ("image/svg+xml", "container_upload"),
            ("application/pdf", "document"),
            ("text/plain; charset=utf-8", "document"),
            ("text/csv", "container_upload"),
            ("", "container_upload"),
        ] {
            let file = FileMetadata::new("file_7", "2026-11-01T00:00:00Z", "a", mime_type, 1);
            let block = file.content_block();
            assert_eq!(block.type_name(), expected, "{mime_type}");
            let json = serde_json::to_string(&block).unwrap();
            assert!(json.contains(r#""file_id":"file_7""#), "{json}");
        }
    }
}
