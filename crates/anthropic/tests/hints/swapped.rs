//~ expected `Base64ImageSourceMediaType`, found `&str`
//~ Base64ImageSource::new
use anthropic::types::{Base64ImageSource, Base64ImageSourceMediaType};

fn main() {
    let _ = Base64ImageSource::new("AAAA", Base64ImageSourceMediaType::ImagePng);
    let _ = Base64ImageSource::new("image/png", "AAAA");
}
