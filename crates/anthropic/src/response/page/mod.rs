//! Pages of a listing, and the way from one to the next.
//!
//! The API has five ways of saying where the next page is ([`PageShape`]); a [`Page`] hides which one
//! it is. It remembers the request that it came from, so `next_page()` sends the same options again
//! with another cursor.

mod stream;

use std::fmt;
use std::sync::Arc;

use anthropic_types::codec::read_page;
use anthropic_types::{Decode, Extra, Timestamp};

use crate::operation::{Open, PageShape};
use crate::request::Request;
use crate::response::incoming::{Context, Incoming, misfit};
use crate::{BoxFuture, Error, ErrorKind, Result};

pub use stream::{Items, Pages};

/// One page of a listing.
///
/// ```
/// # async fn run(request: anthropic::Request<anthropic::Page<anthropic::types::Json>>)
/// # -> anthropic::Result<()> {
/// let first = request.await?;
/// println!("{} items", first.data.len());
/// if let Some(second) = first.next_page().await? {
///     println!("and {} more", second.data.len());
/// }
/// # Ok(())
/// # }
/// ```
#[non_exhaustive]
pub struct Page<T: 'static> {
    /// The items.
    pub data: Vec<T>,
    /// Whether there is more, where the listing says so.
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
    /// Fields that this version doesn't know.
    pub extra: Extra,
    origin: Option<Origin<T>>,
}

/// The request that a page came from.
struct Origin<T: 'static> {
    context: Arc<Context>,
    open: Open<Page<T>>,
}

impl<T: 'static> Clone for Origin<T> {
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
    let page = incoming.decode(|json| read_page(json).map_err(|error| misfit(error, json)));
    Box::pin(std::future::ready(page.map(|(data, envelope)| Page {
        data,
        has_more: envelope.has_more,
        first_id: envelope.first_id,
        last_id: envelope.last_id,
        next_page: envelope.next_page,
        prev_page: envelope.prev_page,
        data_refreshed_at: envelope.data_refreshed_at,
        extra: envelope.extra,
        origin: Some(Origin {
            context,
            open: open_page::<T>,
        }),
    })))
}

impl<T: 'static> Page<T> {
    /// Whether there is a next page, as far as this one tells.
    pub fn has_next_page(&self) -> bool {
        self.next_cursor().is_some()
    }

    /// Whether there is a way back; only listings with a `prev_page` cursor have one.
    pub fn has_prev_page(&self) -> bool {
        self.prev_cursor().is_some()
    }

    /// The next page, or `None` when this is the last.
    pub fn next_page(&self) -> BoxFuture<'static, Result<Option<Self>>> {
        self.turn(self.next_cursor())
    }

    /// The previous page, or `None` when this is the first or the listing can't go back.
    pub fn prev_page(&self) -> BoxFuture<'static, Result<Option<Self>>> {
        self.turn(self.prev_cursor())
    }

    fn turn(&self, cursor: Option<Cursor>) -> BoxFuture<'static, Result<Option<Self>>> {
        let request = self.request(cursor);
        Box::pin(async move {
            match request? {
                Some(request) => request.send().await.map(Some),
                None => Ok(None),
            }
        })
    }

    /// The request for the page at `cursor`, with everything else as it was.
    fn request(&self, cursor: Option<Cursor>) -> Result<Option<Request<Self>>> {
        let (Some(origin), Some(cursor)) = (&self.origin, cursor) else {
            return Ok(None);
        };
        let context = &origin.context;
        if context.call.query_value(cursor.key) == Some(cursor.value.as_str()) {
            return Err(context.complete(repeated()));
        }
        let call = context.call.try_clone();
        let mut call =
            call.ok_or_else(|| Error::request("the listing's body can't be sent again"))?;
        call.set_query(cursor.key, &cursor.value);
        Ok(Some(Request::again(
            context.client.clone(),
            origin.open,
            call,
        )))
    }

    fn shape(&self) -> Option<PageShape> {
        self.origin.as_ref()?.context.call.info.page_shape()
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

    fn prev_cursor(&self) -> Option<Cursor> {
        match self.shape()? {
            PageShape::Bidirectional => Cursor::new("page", self.prev_page.as_deref()),
            _ => None,
        }
    }

    /// Whether the listing was asked for from its end.
    fn goes_back(&self) -> bool {
        let call = self.origin.as_ref().map(|origin| &origin.context.call);
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

fn repeated() -> Error {
    Error::new(
        ErrorKind::Pagination,
        "the server gave a cursor that it had given before, so the listing would never end",
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
            origin: self.origin.clone(),
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
