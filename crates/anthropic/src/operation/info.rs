//! What there is to know about an operation besides its types.

use http::Method;

/// What there is to know about an operation besides its types.
#[derive(Debug, Clone)]
pub struct OperationInfo {
    pub(super) id: &'static str,
    pub(super) method: Method,
    pub(super) path: &'static str,
    pub(super) betas: &'static [&'static str],
    pub(super) accept: &'static str,
    pub(super) beta: bool,
    pub(super) buffered: bool,
    pub(super) page: Option<PageShape>,
}

/// How an endpoint's pages follow each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum PageShape {
    /// `before_id` and `after_id` take `first_id` and `last_id`; `has_more` ends it.
    Ids,
    /// `page_token` takes `next_page`; `has_more` ends it.
    Token,
    /// `page` takes `next_page`; its absence ends it, an empty page doesn't.
    Cursor,
    /// As [`Cursor`](Self::Cursor), and `page` takes `prev_page` to go back.
    Bidirectional,
    /// As [`Cursor`](Self::Cursor); `has_more` ends it, too, and `data_refreshed_at` dates it.
    Report,
}

impl OperationInfo {
    /// The operation's name, such as `messages.create`.
    pub const fn id(&self) -> &'static str {
        self.id
    }

    /// The HTTP method.
    pub const fn method(&self) -> &Method {
        &self.method
    }

    /// The path, with its parameters in braces.
    pub const fn path(&self) -> &'static str {
        self.path
    }

    /// The betas that every request asks for.
    pub const fn betas(&self) -> &'static [&'static str] {
        self.betas
    }

    /// The media type that is asked for.
    pub const fn accept(&self) -> &'static str {
        self.accept
    }

    /// Whether the endpoint is of the API's beta side.
    pub const fn is_beta(&self) -> bool {
        self.beta
    }

    /// How its pages follow each other, if it answers with pages.
    pub const fn page_shape(&self) -> Option<PageShape> {
        self.page
    }

    /// Whether the body is read within the attempt, so that a broken one is retried.
    pub(crate) const fn is_buffered(&self) -> bool {
        self.buffered
    }
}
