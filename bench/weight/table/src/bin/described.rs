//! Lists every operation with what it takes.

fn main() {
    for info in anthropic::operations() {
        println!("{}: {}", info.id(), info.doc());
        for parameter in info.parameters() {
            println!("  {}: {:?}", parameter.name(), parameter.ty());
        }
    }
}
