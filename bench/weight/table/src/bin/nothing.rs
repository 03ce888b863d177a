//! Links the crate and uses nothing that is large.

fn main() {
    println!("{}", anthropic::API_VERSION);
}
