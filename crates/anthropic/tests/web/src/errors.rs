//! What goes wrong, and how it is reported.

use std::time::Duration;

use anthropic::types::{MessageCreateParams, Model};
use anthropic::{Client, ErrorKind};

use crate::Outcome;
use crate::support::{KEY, Place, error, hello, holds, is_browser, names_causes, same, unique};

pub async fn a_refusal_is_typed(place: Place) -> Outcome {
    let params = MessageCreateParams::new(Model::CLAUDE_OPUS_5_5, 1024);
    let error = error(place.client()?.messages().create(params).await)?;
    same(error.kind(), ErrorKind::InvalidRequest)?;
    same(error.status().map(|it| it.as_u16()), Some(400))?;
    holds(
        error.request_id().is_some_and(|id| id.starts_with("req_")),
        &error,
    )?;
    holds(
        error
            .api_message()
            .is_some_and(|text| text.contains("messages")),
        &error,
    )
}

pub async fn a_rate_limit_is_waited_for(place: Place) -> Outcome {
    let id = unique();
    let client = place.helped(&format!("limited/{id}"))?;
    let response = client
        .messages()
        .create(hello())
        .max_retries(2)
        .with_response()
        .await?;
    same(response.meta().attempts(), 2)?;
    let elapsed = response.meta().elapsed();
    holds(
        elapsed >= Duration::from_millis(950),
        format!("after {elapsed:?}"),
    )?;
    // Not retried, its wait is reported.
    let client = place.helped(&format!("limited/{}", unique()))?;
    let error = error(client.messages().create(hello()).await)?;
    same(error.kind(), ErrorKind::RateLimited)?;
    same(error.retry_after(), Some(Duration::from_secs(1)))
}

pub async fn a_closed_port_is_named(place: Place) -> Outcome {
    let port = place.seen("closed-port").await?["port"]
        .as_u64()
        .unwrap_or_default();
    let client = Client::builder()
        .api_key(KEY)
        .base_url(format!("http://127.0.0.1:{port}"))
        .dangerous_allow_browser()
        .max_retries(0)
        .build()?;
    let error = error(client.messages().create(hello()).await)?;
    let kind = if names_causes() {
        ErrorKind::Connect
    } else {
        ErrorKind::Body
    };
    holds(
        error.kind() == kind,
        format!("{error} is {:?}", error.kind()),
    )?;
    holds(
        error.is_retryable() && error.to_string().contains(&format!("127.0.0.1:{port}")),
        &error,
    )?;
    holds(!is_browser() || error.to_string().contains("CORS"), &error)
}

pub async fn redirects_take_no_key_along(place: Place) -> Outcome {
    let id = unique();
    let client = place.helped(&format!("redirect/{id}"))?;
    let error = error(client.messages().create(hello()).max_retries(2).await)?;
    let kind = if is_browser() {
        ErrorKind::Request
    } else {
        ErrorKind::Redirect
    };
    holds(
        error.kind() == kind,
        format!("{error} is {:?}", error.kind()),
    )?;
    same(error.attempts(), 1)?;
    let seen = place.seen(&id).await?;
    holds(seen["requests"] == 1 && seen["landed"] == 0, seen)
}

/// To the same server, with the body and the key; a browser hides where to.
pub async fn a_redirect_is_followed_outside_of_browsers(place: Place) -> Outcome {
    let id = unique();
    let client = place.helped(&format!("moved/{id}"))?;
    let created = client.messages().create(hello()).await;
    let seen = place.seen(&id).await?;
    if is_browser() {
        let error = error(created)?;
        same(error.kind(), ErrorKind::Request)?;
        holds(error.to_string().contains("redirects"), &error)?;
        return holds(seen["requests"] == 1, &seen);
    }
    same(created?.text(), "here".to_owned())?;
    let key = seen["headers"]["authorization"].as_str();
    same(key, Some("Bearer sk-ant-canary"))?;
    let lengths: Vec<u64> = serde_json::from_value(seen["lengths"].clone())?;
    let is_same = lengths.len() == 2 && lengths[0] == lengths[1] && lengths[0] > 0;
    holds(is_same, format!("bodies of {lengths:?} bytes"))
}

pub async fn a_long_limit_does_not_fire_at_once(place: Place) -> Outcome {
    let years = Duration::from_secs(10 * 365 * 24 * 3600);
    let request = place.client()?.messages().create(hello());
    request.timeout(years).total_timeout(Duration::MAX).await?;
    Ok(())
}

pub async fn late_headers_time_out(place: Place) -> Outcome {
    let id = unique();
    let client = place.helped(&format!("silent/{id}"))?;
    let request = client
        .messages()
        .create(hello())
        .timeout(Duration::from_millis(200));
    let error = error(request.await)?;
    same(error.kind(), ErrorKind::Timeout)?;
    place.sees_the_close(&id).await
}

pub async fn the_total_limit_ends_a_request(place: Place) -> Outcome {
    let id = unique();
    let client = place.helped(&format!("hanging/{id}"))?;
    let request = client
        .messages()
        .create(hello())
        .total_timeout(Duration::from_millis(300));
    let error = error(request.await)?;
    same(error.kind(), ErrorKind::Timeout)?;
    place.sees_the_close(&id).await
}

pub async fn of_a_request(base_url: &str) -> Vec<String> {
    let builder = Client::builder().api_key(KEY).base_url(base_url);
    let asked = match builder.dangerous_allow_browser().max_retries(0).build() {
        Ok(client) => client.messages().create(hello()).await.map(|_| ()),
        Err(error) => Err(error),
    };
    match asked {
        Ok(()) => vec!["none".to_owned(), String::new()],
        Err(error) => vec![format!("{:?}", error.kind()), error.to_string()],
    }
}
