//! A file goes up, is looked up, asked about, downloaded, and deleted.
//!
//! `cargo run --example files` needs no key: without one it talks to a simulator. The API lets
//! nobody download what was uploaded, only what a tool or a skill has written; the simulator does,
//! so that there is something to see.

use std::io::Write as _;

use anthropic::types::{FileUploadParams, MessageCreateParams, Model};
use anthropic::{Client, Upload};
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

    // From memory here; `Upload::from_path("rivers.txt")?` reads a file piece by piece while it is
    // sent.
    let upload = Upload::bytes("rivers.txt", "The Aare is 288 km long.\n")
        .on_progress(|sent, of| eprintln!("{sent} of {of:?} bytes sent"));
    let file = client
        .files()
        .upload(upload, FileUploadParams::new())
        .await?;
    println!("uploaded {} as {}", file.filename, file.id);

    // Messages refer to it by its id. By its type it is a document; a picture would be an image.
    let question = (file.content_block(), "How long is the Aare?");
    let params = MessageCreateParams::new(Model::CLAUDE_OPUS_5_5, 1024).user(question);
    println!("{}", client.messages().create(params).await?.text());

    // The content comes in pieces, so a large file needs little memory.
    if file.downloadable == Some(true) {
        let mut content = client.files().download(&file.id).await?;
        let mut out = std::io::stdout();
        while let Some(piece) = content.try_next().await? {
            out.write_all(&piece)?;
        }
    }

    client.files().delete(&file.id).await?;
    println!("deleted {}", file.id);
    Ok(())
}
