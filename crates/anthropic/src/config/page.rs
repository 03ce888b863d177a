//! Whether a client may have a credential in a page, where everyone who opens it can read it.

use http::HeaderMap;
#[cfg(all(feature = "web", any(target_arch = "wasm32", anthropic_docs)))]
use http::HeaderName;

use super::CredentialKind;
#[cfg(all(feature = "web", target_arch = "wasm32"))]
use crate::Error;
use crate::Result;
#[cfg(all(feature = "web", any(target_arch = "wasm32", anthropic_docs)))]
use crate::request::headers::has_credential;
#[cfg(all(feature = "web", any(target_arch = "wasm32", anthropic_docs)))]
use crate::web::global::is_page;

/// Without it the API allows no request of a page.
#[cfg(feature = "web")]
pub(crate) const ACCESS: &str = "anthropic-dangerous-direct-browser-access";

#[cfg(all(feature = "web", any(target_arch = "wasm32", anthropic_docs)))]
const REFUSED: &str = "a client with a credential is refused in a page, since everyone who opens the page can read the \
     credential and use it at your cost; let a server of yours add it (`anonymous()` with that server's \
     `base_url`), or call `dangerous_allow_browser()` if that is what you want, with a short-lived token at best";

/// Refuses a client with a credential in a page that isn't allowed to have one.
#[cfg(all(feature = "web", target_arch = "wasm32"))]
pub(crate) fn check_client(headers: &HeaderMap, source: CredentialKind) -> Result<()> {
    let has_none = matches!(source, CredentialKind::Anonymous | CredentialKind::Missing);
    if has_none || headers.contains_key(ACCESS) || !is_page() {
        return Ok(());
    }
    Err(Error::config(REFUSED))
}

/// Nothing else is a page.
#[cfg(not(all(feature = "web", target_arch = "wasm32")))]
#[expect(clippy::unnecessary_wraps, reason = "in a page it can fail")]
pub(crate) fn check_client(_: &HeaderMap, _: CredentialKind) -> Result<()> {
    Ok(())
}

/// Refuses a request with a credential of its own, likewise.
#[cfg(all(feature = "web", any(target_arch = "wasm32", anthropic_docs)))]
pub(crate) fn check_request(headers: &HeaderMap) -> std::result::Result<(), &'static str> {
    let is_allowed = headers.contains_key(HeaderName::from_static(ACCESS));
    if is_allowed || !has_credential(headers) || !is_page() {
        return Ok(());
    }
    Err(REFUSED)
}
