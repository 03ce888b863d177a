//! What is different in a page.

use anthropic::{Client, ErrorKind};
use js_sys::Reflect;
use wasm_bindgen::JsValue;

use crate::Outcome;
use crate::support::{
    KEY, Place, error, fetch_json, global, hello, holds, is_browser, same, unique,
};

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

/// A browser keeps cookies and sends them back to their server, with the address of what asks,
/// unless a request forbids it.
pub async fn neither_cookies_nor_the_pages_address_go_along(place: Place) -> Outcome {
    let (refused, kept) = (unique(), unique());
    // The helper sets a cookie that is named as its request.
    let ours = place.helped(&format!("cookie/{refused}"))?;
    ours.messages().create(hello()).await?;
    fetch_json(&format!("{}/cookie/{kept}", place.helper)).await?;
    // Whoever asks past the client has the cookie that came past the client.
    let id = unique();
    fetch_json(&format!("{}/message/{id}", place.helper)).await?;
    let seen = place.seen(&id).await?;
    let headers = &seen["headers"];
    let cookies = headers["cookie"].as_str().unwrap_or_default();
    holds(cookies.contains(&kept) == is_browser(), headers)?;
    holds(headers["referer"].is_string() == is_browser(), headers)?;
    holds(!cookies.contains(&refused), "a response set a cookie")?;
    let id = unique();
    let ours = place.helped(&format!("message/{id}"))?;
    ours.messages().create(hello()).await?;
    let seen = place.seen(&id).await?;
    let headers = &seen["headers"];
    let has_none = headers["cookie"].is_null() && headers["referer"].is_null();
    holds(has_none, headers)
}
