//! Strings as JSON text.

use anthropic_types::{MessageCreateParams, to_vec};

#[test]
fn they_are_written_as_serde_json_writes_them() {
    let all = (0..=0x100).chain([0x2028, 0xFFFD, 0x1F600]);
    for char in all.filter_map(char::from_u32) {
        // Beside and within the pieces that are looked at as one.
        for before in [0, 1, 31, 32, 63, 64] {
            for behind in [0, 1, 40] {
                let text = format!("{}{char}{}", "a".repeat(before), "z".repeat(behind));
                let json = serde_json::to_string(&text).unwrap();
                assert_eq!(to_vec(&text), json.as_bytes());
                // A key, too.
                let mut params = MessageCreateParams::new("m", 1);
                params.extra.set(text, &true).unwrap();
                let params = String::from_utf8(to_vec(&params)).unwrap();
                assert!(params.contains(&format!("{json}:true")), "{params}");
            }
        }
    }
}
