//! Reads one document so many times, to be counted by callgrind: `repeat CASE TIMES`.

use anthropic::types::{Message, ModelInfo, from_slice};
use bench_decode::borrowed::{self, Block, Flat};
use bench_decode::call::Call;
use bench_decode::document;

fn main() {
    let mut args = std::env::args().skip(1);
    let case = args.next().expect("a case");
    let times: usize = args
        .next()
        .and_then(|times| times.parse().ok())
        .expect("a number");
    let (message, models) = (document::message(), &*document::models().leak());
    let call = Call::new(models);
    for _ in 0..times {
        let (message, models) = (message.as_bytes(), models.as_bytes());
        match case.as_str() {
            "message" => drop(from_slice::<Message>(message).unwrap()),
            "message-flat" => {
                drop(serde_json::from_slice::<borrowed::Message<Flat>>(message).unwrap())
            }
            "message-tagged" => {
                drop(serde_json::from_slice::<borrowed::Message<Block>>(message).unwrap())
            }
            "list" => drop(from_slice::<Vec<ModelInfo>>(list(models)).unwrap()),
            "call" => drop(call.models()),
            "models-borrowed" => drop(serde_json::from_slice::<borrowed::Models>(models).unwrap()),
            _ => panic!("no such case"),
        }
    }
}

fn list(page: &[u8]) -> &[u8] {
    document::list(std::str::from_utf8(page).unwrap()).as_bytes()
}
