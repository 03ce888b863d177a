//! Listings as streams, of pages or of their items.

use std::collections::HashSet;
use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use futures_core::Stream;

use super::{Cursor, Page, repeated};
use crate::response::meta::ResponseMeta;
use crate::{BoxFuture, Result};

/// The pages of a listing, each fetched when it is asked for.
///
/// A [`Stream`], with [`next`](Self::next) and [`try_next`](Self::try_next) of its own. It ends
/// after an error.
#[must_use = "a stream does nothing until it is polled"]
pub struct Pages<T: 'static> {
    state: State<T>,
    /// Every cursor so far: one that comes again would go on for ever.
    seen: HashSet<String>,
}

enum State<T: 'static> {
    Waiting(BoxFuture<'static, Result<Page<T>>>),
    Ended,
}

impl<T: Send + 'static> Pages<T> {
    /// Pages from the first one on, which is being fetched.
    pub(crate) fn new(first: BoxFuture<'static, Result<Page<T>>>) -> Self {
        Self {
            state: State::Waiting(first),
            seen: HashSet::new(),
        }
    }

    /// The next page, or `None` at the end.
    pub async fn next(&mut self) -> Option<Result<Page<T>>> {
        std::future::poll_fn(|context| Pin::new(&mut *self).poll_next(context)).await
    }

    /// The next page; `Ok(None)` is the end.
    pub async fn try_next(&mut self) -> Result<Option<Page<T>>> {
        self.next().await.transpose()
    }

    /// How the listing goes on after `page`.
    fn advance(&mut self, page: &Page<T>) -> State<T> {
        let cursor = page.next_cursor();
        if let Some(Cursor { value, .. }) = &cursor {
            if !self.seen.insert(value.clone()) {
                let error = page
                    .source
                    .as_ref()
                    .map(|source| source.context.complete(repeated()));
                let error = error.unwrap_or_else(repeated);
                return State::Waiting(Box::pin(std::future::ready(Err(error))));
            }
        }
        match page.fetch_after(cursor) {
            Ok(Some(fetching)) => State::Waiting(fetching),
            Ok(None) => State::Ended,
            Err(error) => State::Waiting(Box::pin(std::future::ready(Err(error)))),
        }
    }
}

impl<T: Send + 'static> Stream for Pages<T> {
    type Item = Result<Page<T>>;

    fn poll_next(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Page<T>>>> {
        let State::Waiting(fetching) = &mut self.state else {
            return Poll::Ready(None);
        };
        let page = ready!(fetching.as_mut().poll(context));
        self.state = match &page {
            Ok(page) => self.advance(page),
            Err(_) => State::Ended,
        };
        Poll::Ready(Some(page))
    }
}

impl<T> fmt::Debug for Pages<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pages")
            .field("cursors_seen", &self.seen.len())
            .finish_non_exhaustive()
    }
}

/// The items of a listing, over all its pages.
///
/// A [`Stream`], with [`next`](Self::next) and [`try_next`](Self::try_next) of its own. It ends
/// after an error.
#[must_use = "a stream does nothing until it is polled"]
pub struct Items<T: 'static> {
    pages: Pages<T>,
    current: std::vec::IntoIter<T>,
    /// Of the page that the current items are on.
    meta: Option<ResponseMeta>,
}

// Items are moved out, never pinned.
impl<T> Unpin for Items<T> {}

impl<T: Send + 'static> Items<T> {
    pub(crate) fn new(pages: Pages<T>) -> Self {
        Self {
            pages,
            current: Vec::new().into_iter(),
            meta: None,
        }
    }

    /// Status, headers, ids, rate limits, attempts of the response that the last item came with;
    /// `None` before the first one.
    pub fn meta(&self) -> Option<&ResponseMeta> {
        self.meta.as_ref()
    }

    /// The next item, or `None` at the end.
    pub async fn next(&mut self) -> Option<Result<T>> {
        std::future::poll_fn(|context| Pin::new(&mut *self).poll_next(context)).await
    }

    /// The next item; `Ok(None)` is the end.
    pub async fn try_next(&mut self) -> Result<Option<T>> {
        self.next().await.transpose()
    }
}

impl<T: Send + 'static> Stream for Items<T> {
    type Item = Result<T>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Result<T>>> {
        loop {
            if let Some(item) = self.current.next() {
                return Poll::Ready(Some(Ok(item)));
            }
            match ready!(Pin::new(&mut self.pages).poll_next(context)) {
                Some(Ok(page)) => {
                    self.meta = page.meta().cloned();
                    self.current = page.data.into_iter();
                }
                Some(Err(error)) => return Poll::Ready(Some(Err(error))),
                None => return Poll::Ready(None),
            }
        }
    }
}

impl<T> fmt::Debug for Items<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Items")
            .field("pages", &self.pages)
            .field("left_on_page", &self.current.len())
            .finish_non_exhaustive()
    }
}
