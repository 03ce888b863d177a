#![allow(unused)]

use anthropic_macros::{tool, tools};

#[tool]
async fn weather(city: String, days: Option<u8>, #[serde(default)] place: (f64, f64)) -> String {
    format!("{city} {days:?} {place:?}")
}

struct Shop;

#[tools]
impl Shop {
    /// The price of an article.
    #[tool]
    async fn price(&self, article: Vec<Article>) -> u32 {
        0
    }

    ///
    #[tool]
    fn stock(&self) -> u32 {
        0
    }
}

struct Article;

fn main() {}
