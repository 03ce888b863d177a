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
    /// let params = params.user((file.content_block(), "Which river is that?"));
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
