//! Requests and responses that are no streams.

use std::time::Duration;

use anthropic::platform::credentials_fn;
use anthropic::types::{BatchRequest, MessageCreateParams, Model, ModelListParams};
use anthropic::web::send;
use anthropic::{Client, Error, ErrorKind, middleware_fn};
use futures_util::FutureExt;
use futures_util::future::join_all;
use http::HeaderValue;
use wasm_bindgen::JsValue;

use crate::Outcome;
use crate::support::{KEY, Place, failed, hello, holds, same, sleep, unique};

pub async fn a_message_with_its_ids_and_limits(place: Place) -> Outcome {
    let response = place
        .client()?
        .messages()
        .create(hello())
        .with_response()
        .await?;
    holds(response.text().contains("simulator"), response.text())?;
    let meta = response.meta();
    holds(
        meta.request_id().is_some_and(|id| id.starts_with("req_")),
        "no request id",
    )?;
    holds(meta.workspace_id().is_some(), "no workspace")?;
    holds(
        meta.rate_limits().requests.remaining.is_some(),
        "no rate limits",
    )?;
    holds(response.usage.output_tokens > 0, "no usage")
}

pub async fn models_in_pages(place: Place) -> Outcome {
    let client = place.client()?;
    let mut items = client
        .models()
        .list(ModelListParams::new().limit(2))
        .items();
    let mut found = Vec::new();
    while let Some(model) = items.try_next().await? {
        found.push(model.id.to_string());
    }
    let whole = client
        .models()
        .list(ModelListParams::new().limit(1000))
        .await?;
    let all: Vec<String> = whole
        .data
        .iter()
        .map(|model| model.id.to_string())
        .collect();
    holds(all.len() > 4, format!("{all:?}"))?;
    same(found, all)
}

pub async fn rows_of_a_batch(place: Place) -> Outcome {
    let client = place.client()?;
    let requests = ["a", "b", "c"].map(|id| BatchRequest::new(id, hello()));
    let batches = client.messages().batches();
    let batch = batches.create(requests).await?;
    let batch = batches
        .poll(&batch.id)
        .every(Duration::from_millis(50))
        .await?;
    let mut results = batches.results(&batch.id).await?;
    let mut ids = Vec::new();
    while let Some(row) = results.try_next().await? {
        ids.push(row.custom_id);
    }
    ids.sort();
    same(ids, ["a", "b", "c"].map(String::from).to_vec())
}

pub async fn a_compressed_response(place: Place) -> Outcome {
    let message = place.helped("gzip/x")?.messages().create(hello()).await?;
    holds(message.text().contains("packed"), message.text())
}

pub async fn a_length_before_decoding_is_not_the_bodys(place: Place) -> Outcome {
    for (kind, client) in [
        ("gzip/x", place.helped("gzip/x")?),
        ("gzip/x", place.helped_elsewhere("gzip/x")?),
        ("hidden/x", place.helped_elsewhere("hidden/x")?),
    ] {
        let response = client.messages().create(hello()).raw().await?;
        let headers = response.headers();
        same(headers.get("content-length"), None)?;
        same(response.body().len(), None)?;
        let body = response.into_body().bytes().await?;
        holds(body.len() > 1000, kind)?;
    }
    Ok(())
}

pub async fn a_dropped_request_is_aborted(place: Place) -> Outcome {
    let id = unique();
    let client = place.helped(&format!("silent/{id}"))?;
    let mut request = Box::pin(client.messages().create(hello()).into_future());
    for _ in 0..50 {
        if (&mut request).now_or_never().is_some() {
            return failed("there is no response to this");
        }
        if place.seen(&id).await?["requests"] == 1 {
            break;
        }
        sleep(20).await;
    }
    same(place.seen(&id).await?["closed"].as_u64(), Some(0))?;
    drop(request);
    place.sees_the_close(&id).await
}

pub async fn two_clients_at_once(place: Place) -> Outcome {
    let (one, two) = (place.client()?, place.client()?);
    let asked = (0..12).map(|n| {
        let client = if n % 2 == 0 { &one } else { &two };
        let text = format!("Repeat the number {n}.");
        let params = MessageCreateParams::new(Model::CLAUDE_OPUS_5_5, 64).user(text);
        async move {
            let streamed = client
                .messages()
                .stream(params.clone())
                .await?
                .final_message()
                .await?;
            let plain = client.messages().create(params).await?;
            Ok::<_, anthropic::Error>((streamed.text(), plain.text()))
        }
    });
    for pair in join_all(asked).await {
        let (streamed, plain) = pair?;
        same(streamed, plain)?;
    }
    Ok(())
}

/// A token that is fetched by a future which can't cross threads.
pub async fn credentials_from_a_promise(place: Place) -> Outcome {
    let credentials = credentials_fn(|| {
        send(async {
            let held = std::rc::Rc::new(KEY);
            sleep(5).await;
            Ok(String::from(*held))
        })
    });
    let client = Client::builder()
        .credentials(credentials)
        .base_url(&place.simulator)
        .dangerous_allow_browser()
        .build()?;
    client.messages().create(hello()).await?;
    Ok(())
}

/// A middleware that signs requests with what a promise gives, which can't cross threads.
pub async fn a_middleware_that_awaits_a_promise(place: Place) -> Outcome {
    let signing = middleware_fn(|mut request, next| {
        Box::pin(async move {
            let path = request.uri().path().to_owned();
            let signature = send(async move {
                let held = JsValue::from_str(&path);
                sleep(5).await;
                format!("signed {}", held.as_string().unwrap_or_default())
            });
            let signature = HeaderValue::from_str(&signature.await)
                .map_err(|error| Error::new(ErrorKind::Middleware, error.to_string()))?;
            request.headers_mut().insert("x-signature", signature);
            next.run(request).await
        })
    });
    let id = unique();
    let client = Client::builder()
        .api_key(KEY)
        .base_url(format!("{}/message/{id}", place.helper))
        .middleware(signing)
        .dangerous_allow_browser()
        .build()?;
    let message = client.messages().create(hello()).await?;
    same(message.text(), "here".to_owned())?;
    let seen = place.seen(&id).await?;
    let signature = seen["headers"]["x-signature"].as_str();
    same(
        signature,
        Some(&*format!("signed /message/{id}/v1/messages")),
    )
}
