//! What is different in a page.

use anthropic::{Client, ErrorKind};
use js_sys::Reflect;
use wasm_bindgen::JsValue;

use crate::Outcome;
use crate::support::{KEY, Place, error, global, hello, holds, same, unique};

pub async fn a_credential_is_refused_in_a_page_only(place: Place) -> Outcome {
    let document = Reflect::has(&js_sys::global(), &JsValue::from_str("document"));
    let is_page = document.unwrap_or_default() && !global("window").is_undefined();
    if !is_page {
        Client::new(KEY)?;
        return Ok(());
    }
    for builder in [
        Client::builder().api_key(KEY),
        Client::builder().auth_token(KEY),
        Client::builder().header("x-api-key", KEY),
    ] {
        let error = error(builder.build())?;
        same(error.kind(), ErrorKind::Config)?;
        let line = error.to_string();
        holds(line.contains("dangerous_allow_browser()"), &line)?;
        holds(
            line.contains("everyone who opens the page can read the credential"),
            &line,
        )?;
        holds(line.contains("anonymous()"), &line)?;
    }
    // Without a credential it is allowed, and so stays without one.
    let client = Client::builder()
        .anonymous()
        .base_url(&place.simulator)
        .build()?;
    let error = error(
        client
            .messages()
            .create(hello())
            .header("x-api-key", KEY)
            .await,
    )?;
    holds(
        error.to_string().contains("dangerous_allow_browser()"),
        &error,
    )
}

pub async fn the_header_goes_with_the_permission(place: Place) -> Outcome {
    let id = unique();
    place
        .helped(&format!("message/{id}"))?
        .messages()
        .create(hello())
        .await?;
    let seen = place.seen(&id).await?;
    let headers = &seen["headers"];
    same(
        headers["anthropic-dangerous-direct-browser-access"].as_str(),
        Some("true"),
    )?;
    same(
        headers["authorization"].as_str(),
        Some("Bearer sk-ant-canary"),
    )?;
    holds(
        headers["cookie"].is_null() && headers["referer"].is_null(),
        headers,
    )?;
    // An anonymous client sends neither.
    let id = unique();
    let url = format!("{}/message/{id}", place.helper);
    let client = Client::builder().anonymous().base_url(url).build()?;
    client.messages().create(hello()).await?;
    let seen = place.seen(&id).await?;
    let headers = &seen["headers"];
    let access = &headers["anthropic-dangerous-direct-browser-access"];
    holds(
        access.is_null() && headers["authorization"].is_null(),
        headers,
    )
}
