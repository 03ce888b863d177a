//! Files as content.

use anthropic_types::FileMetadata;

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
