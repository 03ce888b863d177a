//! Listings: thing by thing, page by page, and one page at a time.
//!
//! `cargo run --example paging` needs no key: without one it talks to a simulator.

use anthropic::Client;
use anthropic::types::ModelListParams;
use anthropic_sim::Simulator;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let simulator = Simulator::start_unless_keyed().await?;
    let client = match &simulator {
        Some(simulator) => Client::builder()
            .api_key(simulator.api_key())
            .base_url(simulator.url())
            .build()?,
        None => Client::from_env()?,
    };
    let params = ModelListParams::new().limit(4);

    // Thing by thing: the next page is asked for when the last one has been read.
    let mut models = client.models().list(params.clone()).items();
    while let Some(model) = models.try_next().await? {
        println!("{}: {}", model.id, model.display_name);
    }

    // Page by page.
    let mut pages = client.models().list(params.clone()).pages();
    while let Some(page) = pages.try_next().await? {
        println!("a page of {}", page.data.len());
    }

    // One page; its ids are what a later program goes on from, with `after_id`.
    let first = client.models().list(params.clone()).await?;
    println!("has more: {}", first.has_next_page());
    if let Some(last) = &first.last_id {
        let rest = client.models().list(params.after_id(last)).await?;
        let next = rest.data.first().map(|model| model.id.as_str());
        println!("after {last} comes {next:?}");
    }
    Ok(())
}
