//! Pages of a listing, and the way from one to the next.
//!
//! The API has five ways to name the next page ([`PageShape`]); a [`Page`] hides which one
//! it is. It keeps the request that it came from, so `fetch_next()` sends the same options again
//! with another cursor.

mod stream;

use std::fmt;
use std::sync::Arc;

use anthropic_types::codec::read_page;
use anthropic_types::{Decode, Extra, Timestamp};

use super::exchange::ExchangeContext;
use super::incoming::{Incoming, Open, misfit};
use super::meta::ResponseMeta;
use crate::operation::PageShape;
use crate::request::query::RawObject;
use crate::text::read_json;
use crate::{BoxFuture, Error, ErrorKind, Result};

pub use stream::{Items, Pages};

/// One page of a listing.
///
/// ```
/// # async fn run(request: anthropic::Request<anthropic::Page<anthropic::types::Json>>)
/// # -> anthropic::Result<()> {
/// let first = request.await?;
/// println!("{} items", first.data.len());
/// if let Some(second) = first.fetch_next().await? {
///     println!("and {} more", second.data.len());
/// }
/// # Ok(())
/// # }
/// ```
#[non_exhaustive]
pub struct Page<T: 'static> {
    /// The items.
    pub data: Vec<T>,
    /// Whether there is more, in listings that report it.
    pub has_more: Option<bool>,
    /// The first item's id, in listings that go by ids.
    pub first_id: Option<String>,
    /// The last item's id, in listings that go by ids.
    pub last_id: Option<String>,
    /// The next page's cursor, in listings that go by cursors.
    pub next_page: Option<String>,
    /// The previous page's cursor, in listings that can go back.
    pub prev_page: Option<String>,
    /// When a report's data was last refreshed.
    pub data_refreshed_at: Option<Timestamp>,
    /// Unknown fields.
    pub extra: Extra,
    source: Option<Source<T>>,
}

/// The request that a page came from.
struct Source<T: 'static> {
    context: Arc<ExchangeContext>,
    open: Open<Page<T>>,
}

impl<T: 'static> Clone for Source<T> {
    fn clone(&self) -> Self {
        Self {
            context: self.context.clone(),
            open: self.open,
        }
    }
}

/// Opens a page. The function names itself as the opener of the pages that follow.
pub(crate) fn open_page<T: Decode + Send + 'static>(
    incoming: Incoming,
) -> BoxFuture<'static, Result<Page<T>>> {
    let context = incoming.context().clone();
    let page = incoming.decode(|json, decoding| {
        let page = read_page::<T>(json, decoding).map_err(|error| misfit(error, json))?;
        if page.0.is_empty() {
            check_empty(json)?;
        }
        Ok(page)
    });
    // A page keeps the context.
    context.end_span();
    Box::pin(std::future::ready(page.map(|(data, envelope)| Page {
        data,
        has_more: envelope.has_more,
        first_id: envelope.first_id,
        last_id: envelope.last_id,
        next_page: envelope.next_page,
        prev_page: envelope.prev_page,
        data_refreshed_at: envelope.data_refreshed_at,
        extra: envelope.extra,
        source: Some(Source {
            context,
            open: open_page::<T>,
        }),
    })))
}

/// Refuses a document without items that is no page: it has fields, and not one that pages have.
/// Without a look it would pass for a listing of nothing.
fn check_empty(json: &[u8]) -> Result<()> {
    const FIELDS: [&str; 6] = [
        "data",
        "has_more",
        "first_id",
        "last_id",
        "next_page",
        "prev_page",
    ];
    let fields = read_json::<RawObject>(json).map_or_else(|_| Vec::new(), |object| object.0);
    let is_page = fields.is_empty() || fields.iter().any(|(key, _)| FIELDS.contains(&&**key));
    if is_page {
        return Ok(());
    }
    Err(Error::decode("", "missing field `data`", json))
}

impl<T: 'static> Page<T> {
    /// Whether there is a next page, as far as this one shows.
    pub fn has_next_page(&self) -> bool {
        self.next_cursor().is_some() || self.is_cut_off()
    }

    /// Whether there is a previous page; only listings with a `prev_page` cursor have one.
    pub fn has_prev_page(&self) -> bool {
        self.prev_cursor().is_some()
    }

    /// Fetches the next page; `None` when this is the last.
    ///
    /// # Errors
    ///
    /// Those of the request, and [`Pagination`](ErrorKind::Pagination) where the next page has no
    /// cursor, or the one that led to this.
    pub fn fetch_next(&self) -> BoxFuture<'static, Result<Option<Self>>> {
        Self::turn(self.fetch_after(self.next_cursor()))
    }

    /// Fetches the previous page; `None` when this is the first or the listing can't go back.
    pub fn fetch_prev(&self) -> BoxFuture<'static, Result<Option<Self>>> {
        Self::turn(self.fetch(self.prev_cursor()))
    }

    /// Status, headers, ids, rate limits, attempts of the response; `None` for a page that didn't
    /// come from one.
    pub fn meta(&self) -> Option<&ResponseMeta> {
        Some(&self.source.as_ref()?.context.meta)
    }

    fn turn(fetching: Fetching<T>) -> BoxFuture<'static, Result<Option<Self>>> {
        Box::pin(async move {
            match fetching? {
                Some(fetching) => fetching.await.map(Some),
                None => Ok(None),
            }
        })
    }

    /// Fetches the next page, whose cursor this is.
    fn fetch_after(&self, cursor: Option<Cursor>) -> Fetching<T> {
        match &self.source {
            Some(source) if cursor.is_none() && self.is_cut_off() => {
                Err(source.context.complete(unnamed()))
            }
            _ => self.fetch(cursor),
        }
    }

    /// Fetches the page at `cursor`, with everything else as it was.
    fn fetch(&self, cursor: Option<Cursor>) -> Fetching<T> {
        let (Some(source), Some(cursor)) = (&self.source, cursor) else {
            return Ok(None);
        };
        let context = &source.context;
        if context.call.query_value(cursor.key) == Some(cursor.value.as_str()) {
            return Err(context.complete(repeated()));
        }
        let call = context.call.try_clone();
        let mut call =
            call.ok_or_else(|| Error::request("the listing's body can't be sent again"))?;
        call.set_query(cursor.key, &cursor.value);
        let sending = context.sender.clone().send(Box::new(call));
        let open = source.open;
        Ok(Some(Box::pin(async move { open(sending.await?).await })))
    }

    fn shape(&self) -> Option<PageShape> {
        self.source.as_ref()?.context.call.info.page_shape()
    }

    fn next_cursor(&self) -> Option<Cursor> {
        let shape = self.shape()?;
        let ended = self.has_more == Some(false);
        let (key, value) = match shape {
            PageShape::Ids | PageShape::Token | PageShape::Report if ended => return None,
            PageShape::Ids | PageShape::Token if self.data.is_empty() => return None,
            PageShape::Ids if self.goes_back() => ("before_id", &self.first_id),
            PageShape::Ids => ("after_id", &self.last_id),
            PageShape::Token => ("page_token", &self.next_page),
            PageShape::Cursor | PageShape::Bidirectional | PageShape::Report => {
                ("page", &self.next_page)
            }
        };
        Cursor::new(key, value.as_deref())
    }

    /// Whether there are more items, as the server reports, and no cursor to fetch them with. A
    /// page without items is the last one, whatever it reports.
    fn is_cut_off(&self) -> bool {
        let more = self.has_more == Some(true) && !self.data.is_empty();
        more && self.source.is_some() && self.next_cursor().is_none()
    }

    fn prev_cursor(&self) -> Option<Cursor> {
        match self.shape()? {
            PageShape::Bidirectional => Cursor::new("page", self.prev_page.as_deref()),
            _ => None,
        }
    }

    /// Whether the listing was asked for from its end.
    fn goes_back(&self) -> bool {
        let call = self.source.as_ref().map(|source| &source.context.call);
        call.and_then(|call| call.query_value("before_id"))
            .is_some_and(|id| !id.is_empty())
    }
}

/// Where a page is: a query parameter and its value.
struct Cursor {
    key: &'static str,
    value: String,
}

impl Cursor {
    fn new(key: &'static str, value: Option<&str>) -> Option<Self> {
        let value = value.filter(|value| !value.is_empty())?;
        Some(Self {
            key,
            value: value.to_owned(),
        })
    }
}

/// A page that is being fetched, if there is one.
type Fetching<T> = Result<Option<BoxFuture<'static, Result<Page<T>>>>>;

fn unnamed() -> Error {
    Error::new(
        ErrorKind::Pagination,
        "the server has more, and sent no cursor to go on with",
    )
}

fn repeated() -> Error {
    Error::new(
        ErrorKind::Pagination,
        "the server sent a cursor that it had sent before, so the listing would never end",
    )
}

impl<T: Clone> Clone for Page<T> {
    fn clone(&self) -> Self {
        Self {
            data: self.data.clone(),
            has_more: self.has_more,
            first_id: self.first_id.clone(),
            last_id: self.last_id.clone(),
            next_page: self.next_page.clone(),
            prev_page: self.prev_page.clone(),
            data_refreshed_at: self.data_refreshed_at.clone(),
            extra: self.extra.clone(),
            source: self.source.clone(),
        }
    }
}

impl<T: fmt::Debug> fmt::Debug for Page<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Page")
            .field("data", &self.data)
            .field("has_more", &self.has_more)
            .field("first_id", &self.first_id)
            .field("last_id", &self.last_id)
            .field("next_page", &self.next_page)
            .field("prev_page", &self.prev_page)
            .field("data_refreshed_at", &self.data_refreshed_at)
            .field("extra", &self.extra)
            .finish_non_exhaustive()
    }
}
