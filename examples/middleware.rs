//! Code around every attempt: one middleware adds a header, another one logs requests and
//! responses.
//!
//! `cargo run --example middleware` always talks to a simulator, because it needs an error on
//! demand.

use anthropic::transport::{HttpRequest, HttpResponse};
use anthropic::types::{MessageCreateParams, Model};
use anthropic::{Attempt, BoxFuture, Client, Middleware, Next, middleware_fn};
use anthropic_sim::{Reply, Simulator};
use http::HeaderValue;

/// Adds the tenant on whose behalf a request is made.
#[derive(Debug)]
struct Tenant(HeaderValue);

impl Middleware for Tenant {
    fn handle<'a>(
        &'a self,
        mut request: HttpRequest,
        next: Next<'a>,
    ) -> BoxFuture<'a, anthropic::Result<HttpResponse>> {
        request.headers_mut().insert("x-tenant", self.0.clone());
        next.run(request)
    }
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let simulator = Simulator::start().await?;
    // A closure will do. Credentials are added further in: no middleware sees them.
    let log = middleware_fn(|request, next| {
        let attempt = request.extensions().get::<Attempt>().copied();
        Box::pin(async move {
            let result = next.run(request).await;
            if let Some(attempt) = attempt {
                let outcome = match &result {
                    Ok(response) => response.status().as_u16().to_string(),
                    Err(error) => error.to_string(),
                };
                println!("{} ({}): {outcome}", attempt.route, attempt.number);
            }
            result
        })
    });
    // The first one added is the outermost.
    let client = Client::builder()
        .api_key(simulator.api_key())
        .base_url(simulator.url())
        .middleware(log)
        .middleware(Tenant(HeaderValue::from_static("blue")))
        .build()?;

    let overloaded = Reply::error(529, "overloaded_error", "Overloaded");
    simulator.reply(overloaded.header("retry-after-ms", "20"));
    let params = MessageCreateParams::new(Model::CLAUDE_OPUS_5_5, 1024).user("Name a river.");
    println!("{}", client.messages().create(params).await?.text());

    for request in simulator.requests() {
        println!("the server saw {:?}", request.header("x-tenant"));
    }
    Ok(())
}
