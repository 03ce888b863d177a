//! Lists every operation.

fn main() {
    for info in anthropic::operations() {
        println!(
            "{} {} {} {:?} {:?} {:?}",
            info.id(),
            info.method(),
            info.path(),
            info.betas(),
            info.body_kind(),
            info.answer_kind()
        );
    }
}
