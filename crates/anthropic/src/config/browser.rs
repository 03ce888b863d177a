//! The permission for a client to have a credential in a page.

use super::ClientBuilder;
use crate::request::headers::BROWSER_ACCESS;

#[cfg_attr(docsrs, doc(cfg(feature = "web")))]
impl ClientBuilder {
    /// Allows a client to have a credential in a page.
    ///
    /// **Everyone who opens the page can read the credential**, and whatever else it sends, with
    /// the browser's own tools, and can use it at your cost: there is no way to hide it. Therefore
    /// [`build`](Self::build) fails in a page without this. Safer is a server of yours that adds
    /// the key, with a client without one in the page:
    ///
    /// ```
    /// // In the page: what the server asks of its users, and no key.
    /// # #[cfg(feature = "hyper")]
    /// let client = anthropic::Client::builder()
    ///     .base_url("https://example.com/claude")
    ///     .anonymous()
    ///     .header("x-session", "the user's own")
    ///     .build()?;
    /// # Ok::<(), anthropic::Error>(())
    /// ```
    ///
    /// or one that hands out short-lived tokens, for
    /// [`credentials_fn`](crate::platform::credentials_fn). What remains are pages that nobody else
    /// opens, such as a tool of your own, and pages whose users bring keys of their own.
    ///
    /// It sends the header `anthropic-dangerous-direct-browser-access`, without which the API lets
    /// no page read its responses. Workers, service workers, edge runtimes, Node, Deno and Bun are
    /// no pages and need nothing of this; only a web worker that asks the API itself needs the
    /// header.
    pub fn dangerous_allow_browser(self) -> Self {
        self.header(BROWSER_ACCESS.as_str(), "true")
    }
}
