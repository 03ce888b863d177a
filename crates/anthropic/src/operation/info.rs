//! What there is to know about an operation besides its types: data alone.

use http::Method;

/// What there is to know about an operation besides its types.
#[derive(Debug, Clone)]
pub struct OperationInfo {
    id: &'static str,
    method: Method,
    path: &'static str,
    betas: &'static [&'static str],
    accept: &'static str,
    area: &'static str,
    version: Option<&'static str>,
    beta: bool,
    body: BodyKind,
    answer: AnswerKind,
    buffered: bool,
    page: Option<PageShape>,
    stream: Option<&'static Self>,
    last_event: Option<&'static str>,
    placed: &'static [Placed],
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

/// What the body of a request is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum BodyKind {
    /// There is none: parameters go into the path, the query and headers.
    None,
    /// A JSON document.
    Json,
    /// A multipart form: text fields and files.
    Multipart,
}

/// What a successful response is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum AnswerKind {
    /// One JSON document.
    Json,
    /// A page of a listing.
    Page,
    /// A stream of events.
    Events,
    /// Lines of JSON.
    Lines,
    /// Bytes, such as a file.
    Bytes,
    /// Nothing but its success.
    Empty,
}

/// Where a parameter goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Place {
    /// Into the path.
    Path,
    /// Into the query.
    Query,
    /// Into a header.
    Header,
    /// Into the body.
    Body,
}

/// A parameter that does not go where the others of its operation go, which is the body, or the
/// query where there is no body.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Placed {
    pub(crate) key: &'static str,
    pub(crate) place: Place,
    /// The name there.
    pub(crate) wire: &'static str,
}

impl OperationInfo {
    /// An operation whose parameters go into the body, unless its method has none.
    pub(crate) const fn new(
        id: &'static str,
        method: Method,
        path: &'static str,
        answer: AnswerKind,
    ) -> Self {
        Self {
            id,
            method,
            path,
            betas: &[],
            accept: "application/json",
            area: "",
            version: None,
            beta: false,
            body: BodyKind::Json,
            answer,
            buffered: matches!(
                answer,
                AnswerKind::Json | AnswerKind::Page | AnswerKind::Empty
            ),
            page: None,
            stream: None,
            last_event: None,
            placed: &[],
        }
    }

    pub(crate) const fn of_area(mut self, area: &'static str) -> Self {
        self.area = area;
        self
    }

    #[cfg(feature = "completions")]
    pub(crate) const fn of_version(mut self, version: &'static str) -> Self {
        self.version = Some(version);
        self
    }

    pub(crate) const fn takes(mut self, body: BodyKind) -> Self {
        self.body = body;
        self
    }

    pub(crate) const fn accepting(mut self, accept: &'static str) -> Self {
        self.set_accept(accept);
        self
    }

    pub(crate) const fn beta(mut self) -> Self {
        self.set_beta();
        self
    }

    pub(crate) const fn asks_for(mut self, betas: &'static [&'static str]) -> Self {
        self.set_betas(betas);
        self
    }

    pub(crate) const fn page(mut self, shape: PageShape) -> Self {
        self.page = Some(shape);
        self
    }

    /// What the operation becomes when it streams. A gateway may stream though nobody asked, so the
    /// body is not read before its opener has looked at it.
    pub(crate) const fn streams_as(mut self, stream: &'static Self) -> Self {
        self.stream = Some(stream);
        self.buffered = false;
        self
    }

    pub(crate) const fn ends_with(mut self, event: &'static str) -> Self {
        self.last_event = Some(event);
        self
    }

    #[allow(dead_code, reason = "not every area has such parameters")]
    pub(crate) const fn places(mut self, placed: &'static [Placed]) -> Self {
        self.placed = placed;
        self
    }

    pub(crate) const fn set_accept(&mut self, accept: &'static str) {
        self.accept = accept;
    }

    pub(crate) const fn set_beta(&mut self) {
        self.beta = true;
    }

    pub(crate) const fn set_betas(&mut self, betas: &'static [&'static str]) {
        self.betas = betas;
    }

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

    /// The part of the API that the operation belongs to, such as `core` or `agents`; empty for one
    /// of a program's own.
    pub const fn area(&self) -> &'static str {
        self.area
    }

    /// The API version that requests ask for whatever the client's is, where only an older one has
    /// the operation.
    pub const fn api_version(&self) -> Option<&'static str> {
        self.version
    }

    /// Whether the endpoint is of the API's beta side.
    pub const fn is_beta(&self) -> bool {
        self.beta
    }

    /// What the body of a request is.
    pub const fn body_kind(&self) -> BodyKind {
        self.body
    }

    /// What a successful response is.
    pub const fn answer_kind(&self) -> AnswerKind {
        self.answer
    }

    /// How its pages follow each other, if it returns pages.
    pub const fn page_shape(&self) -> Option<PageShape> {
        self.page
    }

    /// What the operation becomes when its parameter `stream` is true, where it has one.
    pub const fn streaming(&self) -> Option<&'static Self> {
        self.stream
    }

    /// The type of the event without which a stream of events is cut short.
    pub const fn last_event(&self) -> Option<&'static str> {
        self.last_event
    }

    /// Parameters that go elsewhere than the others.
    pub(crate) const fn placed(&self) -> &'static [Placed] {
        self.placed
    }

    /// Whether the body is read within the attempt, so that a broken one is retried. One that may
    /// turn out to be a stream is not.
    pub(crate) const fn is_buffered(&self) -> bool {
        self.buffered
    }
}
