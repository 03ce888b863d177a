//! What is different in a page.

use anthropic::types::ModelListParams;
use anthropic::{Client, ErrorKind};
use js_sys::Reflect;
use wasm_bindgen::JsValue;

use crate::Outcome;
use crate::support::{
    KEY, Place, error, fetch_json, global, hello, holds, is_browser, same, unique,
};
use crate::watched::Watched;

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

/// What `fetch` is given: no cache and no cookies, no address of the page, nothing that goes on
/// when the page has gone, and no redirect that it follows by itself.
pub async fn nothing_is_kept_of_a_request(place: Place) -> Outcome {
    let fetch = Watched::global("fetch", |arguments, _| arguments.get(1));
    place.client()?.messages().create(hello()).await?;
    place
        .client()?
        .models()
        .list(ModelListParams::new())
        .await?;
    let given = fetch.noted();
    drop(fetch);
    same(given.len(), 2)?;
    let request = Reflect::get(&global("Request"), &"prototype".into()).unwrap_or_default();
    for init in given {
        let get = |name: &str| Reflect::get(&init, &name.into()).unwrap_or_default();
        same(get("redirect").as_string().as_deref(), Some("manual"))?;
        holds(get("keepalive").is_falsy(), "keepalive is on")?;
        holds(get("signal").is_object(), "nothing aborts it")?;
        for (name, wanted) in [
            ("cache", "no-store"),
            ("credentials", "omit"),
            ("referrerPolicy", "no-referrer"),
        ] {
            // Where requests have that; every browser's do.
            let is_known = Reflect::has(&request, &name.into()).unwrap_or_default();
            holds(is_known || !is_browser(), format!("there is no {name}"))?;
            let found = get(name).as_string();
            same((name, found.as_deref()), (name, is_known.then_some(wanted)))?;
        }
    }
    Ok(())
}
