//! Whether a client may have a credential in a page, where everyone who opens it can read it.

use http::HeaderMap;

use crate::config::CredentialKind;
use crate::request::headers::{BROWSER_ACCESS, has_credential};
use crate::web::global::is_page;
use crate::{Error, Result};

const REFUSED: &str = "a client with a credential is refused in a page, since everyone who opens the page can read the \
     credential and use it at your cost; let a server of yours add it (`anonymous()` with that server's \
     `base_url`), or call `dangerous_allow_browser()` if that is what you want, with a short-lived token at best";

/// Refuses a client with a credential in a page that isn't allowed to have one.
pub(crate) fn check_client(headers: &HeaderMap, source: CredentialKind) -> Result<()> {
    let has_none = matches!(source, CredentialKind::Anonymous | CredentialKind::Missing);
    if has_none || headers.contains_key(BROWSER_ACCESS) || !is_page() {
        return Ok(());
    }
    Err(Error::config(REFUSED))
}

/// Refuses a request with a credential of its own, likewise.
pub(super) fn check_request(headers: &HeaderMap) -> std::result::Result<(), &'static str> {
    if headers.contains_key(BROWSER_ACCESS) || !has_credential(headers) || !is_page() {
        return Ok(());
    }
    Err(REFUSED)
}
