//! Makes the call of any operation, without sending it.

fn main() -> anthropic::Result<()> {
    let client = anthropic::Client::new("key")?;
    for info in anthropic::operations() {
        println!("{:?}", client.call(info).request());
    }
    Ok(())
}
