//! Listings: five shapes, as pages and as streams.

use anthropic::operation::{Operation, PageShape};
use anthropic::types::Json;
use anthropic::{ErrorKind, Page, Request};
use futures_util::StreamExt;
use http::Method;

use crate::support::{Reply, Script, client};

macro_rules! listing {
    ($name:ident, $shape:ident) => {
        static $name: Operation<Page<Json>> =
            Operation::page("things.list", Method::GET, "/v1/things", PageShape::$shape);
    };
}
listing!(IDS, Ids);
listing!(TOKEN, Token);
listing!(CURSOR, Cursor);
listing!(BIDIRECTIONAL, Bidirectional);
listing!(REPORT, Report);

fn list(script: &Script, operation: &'static Operation<Page<Json>>) -> Request<Page<Json>> {
    client(script)
        .request(operation, &[])
        .query("limit", 2)
        .header("x-kept", "yes")
}

fn script(replies: &[&'static str]) -> Script {
    Script::new(replies.iter().map(|reply| Reply::json(reply)))
}

fn queries(script: &Script) -> Vec<String> {
    let sent = script.sent();
    assert!(sent.iter().all(|sent| sent.header("x-kept") == Some("yes")));
    sent.iter()
        .map(|sent| sent.uri.query().unwrap().to_owned())
        .collect()
}

async fn items(request: Request<Page<Json>>) -> Vec<String> {
    let items = request
        .items()
        .map(|item| item.unwrap().as_str().to_owned());
    items.collect().await
}

#[tokio::test]
async fn ids_go_on_after_the_last_one_until_there_is_no_more() {
    let script = script(&[
        r#"{"data":[1,2],"has_more":true,"first_id":"a","last_id":"b"}"#,
        r#"{"data":[3],"has_more":false,"first_id":"c","last_id":"c"}"#,
    ]);
    assert_eq!(items(list(&script, &IDS)).await, ["1", "2", "3"]);
    assert_eq!(queries(&script), ["limit=2", "limit=2&after_id=b"]);
}

#[tokio::test]
async fn a_page_without_items_is_the_last_one_whatever_it_promises() {
    let empty = r#"{"data":[],"has_more":true,"last_id":"b","next_page":"p"}"#;
    for operation in [&IDS, &TOKEN] {
        let script = script(&[empty]);
        let page = list(&script, operation).await.unwrap();
        assert!(!page.has_next_page());
        assert!(page.fetch_next().await.unwrap().is_none());
        assert_eq!(script.sent().len(), 1);
    }
}

#[tokio::test]
async fn ids_go_back_when_asked_from_the_end() {
    let script = script(&[
        r#"{"data":[3,4],"has_more":true,"first_id":"c","last_id":"d"}"#,
        r#"{"data":[1,2],"has_more":false,"first_id":"a","last_id":"b"}"#,
    ]);
    assert_eq!(
        items(list(&script, &IDS).query("before_id", "e")).await,
        ["3", "4", "1", "2"]
    );
    assert_eq!(
        queries(&script),
        ["limit=2&before_id=e", "limit=2&before_id=c"]
    );
}

#[tokio::test]
async fn tokens_go_on_with_page_token() {
    let script = script(&[
        r#"{"data":[1],"has_more":true,"next_page":"t"}"#,
        r#"{"data":[2],"has_more":false,"next_page":"u"}"#,
    ]);
    assert_eq!(items(list(&script, &TOKEN)).await, ["1", "2"]);
    assert_eq!(queries(&script), ["limit=2", "limit=2&page_token=t"]);
}

#[tokio::test]
async fn cursors_go_on_past_an_empty_page() {
    let script = script(&[
        r#"{"data":[1],"next_page":"p"}"#,
        r#"{"data":[],"next_page":"q"}"#,
        r#"{"data":[2],"next_page":null}"#,
    ]);
    assert_eq!(items(list(&script, &CURSOR)).await, ["1", "2"]);
    assert_eq!(
        queries(&script),
        ["limit=2", "limit=2&page=p", "limit=2&page=q"]
    );
}

#[tokio::test]
async fn bidirectional_cursors_go_both_ways() {
    let script = script(&[
        r#"{"data":[3],"next_page":"n","prev_page":"p"}"#,
        r#"{"data":[4],"prev_page":"x"}"#,
        r#"{"data":[2],"next_page":"y"}"#,
    ]);
    let page = list(&script, &BIDIRECTIONAL).await.unwrap();
    assert!(page.has_next_page() && page.has_prev_page());
    let next = page.fetch_next().await.unwrap().unwrap();
    assert!(next.fetch_next().await.unwrap().is_none());
    let previous = page.fetch_prev().await.unwrap().unwrap();
    assert!(previous.fetch_prev().await.unwrap().is_none());
    assert_eq!(
        queries(&script),
        ["limit=2", "limit=2&page=n", "limit=2&page=p"]
    );
}

#[tokio::test]
async fn reports_end_when_there_is_no_more_and_say_their_date() {
    let script = script(&[
        r#"{"data":[1],"next_page":"p","has_more":false,"data_refreshed_at":"2026-10-21T00:00:00Z","new":7}"#,
    ]);
    let page = list(&script, &REPORT).await.unwrap();
    assert!(!page.has_next_page());
    assert_eq!(
        page.data_refreshed_at.unwrap().as_str(),
        "2026-10-21T00:00:00Z"
    );
    assert_eq!(page.extra.get("new").unwrap().as_str(), "7");
}

#[tokio::test]
async fn a_cursor_that_comes_again_is_an_error() {
    let at_once = script(&[
        r#"{"data":[1],"next_page":"p"}"#,
        r#"{"data":[2],"next_page":"p"}"#,
    ]);
    let mut pages = list(&at_once, &CURSOR).pages();
    assert_eq!(pages.next().await.unwrap().unwrap().data.len(), 1);
    let second = pages.next().await.unwrap().unwrap();
    assert_eq!(
        pages.next().await.unwrap().unwrap_err().kind(),
        ErrorKind::Pagination
    );
    assert!(pages.next().await.is_none());
    assert_eq!(
        second.fetch_next().await.unwrap_err().kind(),
        ErrorKind::Pagination
    );
    assert_eq!(at_once.sent().len(), 2);

    let in_a_ring = script(&[
        r#"{"data":[1],"next_page":"p"}"#,
        r#"{"data":[2],"next_page":"q"}"#,
        r#"{"data":[3],"next_page":"p"}"#,
    ]);
    let results: Vec<_> = list(&in_a_ring, &CURSOR).items().collect().await;
    assert_eq!(results.len(), 4);
    let error = results.into_iter().next_back().unwrap().unwrap_err();
    assert_eq!(
        (error.kind(), error.operation()),
        (ErrorKind::Pagination, Some("things.list"))
    );
}

#[tokio::test]
async fn more_without_a_cursor_is_an_error_and_no_end() {
    for (operation, query, reply) in [
        (
            &IDS,
            "after_id",
            r#"{"data":[1],"has_more":true,"first_id":"a","last_id":null}"#,
        ),
        (
            &IDS,
            "before_id",
            r#"{"data":[1],"has_more":true,"last_id":"a"}"#,
        ),
        (
            &TOKEN,
            "x",
            r#"{"data":[1],"has_more":true,"next_page":""}"#,
        ),
        (&REPORT, "x", r#"{"data":[1],"has_more":true}"#),
    ] {
        let script = script(&[reply, reply]);
        let list = || list(&script, operation).query(query, "z");
        let page = list().await.unwrap();
        assert!(page.has_next_page(), "{reply}");
        let error = page.fetch_next().await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Pagination, "{reply}");
        let results: Vec<_> = list().items().collect().await;
        assert_eq!(results.len(), 2, "{reply}");
        let error = results.into_iter().next_back().unwrap().unwrap_err();
        assert!(error.to_string().contains("no cursor"), "{error}");
        assert_eq!(error.operation(), Some("things.list"));
        assert_eq!(script.sent().len(), 2);
    }
}

#[tokio::test]
async fn a_stream_of_items_ends_after_an_error() {
    let script = Script::new([
        Reply::json(r#"{"data":[1],"next_page":"p"}"#),
        Reply::status(400),
    ]);
    let mut items = list(&script, &CURSOR).items();
    assert!(items.try_next().await.unwrap().is_some());
    assert_eq!(
        items.try_next().await.unwrap_err().kind(),
        ErrorKind::InvalidRequest
    );
    assert!(items.try_next().await.unwrap().is_none());
}

#[test]
fn streams_of_listings_are_send_and_unpin() {
    fn check<T: Send + Unpin>() {}
    check::<anthropic::Items<Json>>();
    check::<anthropic::Pages<Json>>();
    check::<anthropic::Poller<Json>>();
}

#[tokio::test]
async fn what_is_no_page_is_no_empty_listing() {
    for body in [
        r#"{"object":"list","models":[{"id":"m"}]}"#,
        r#"{"message":"hello"}"#,
        r#"{"id":"msg_1","type":"message","content":[]}"#,
    ] {
        let script = Script::new([Reply::json(body)]);
        let error = list(&script, &IDS).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Decode, "{body}");
        assert!(
            error.to_string().contains("missing field `data`"),
            "{error}"
        );
        assert!(error.to_string().contains(body), "{error}");
    }
    // Empty lists are left out by some, or null.
    for body in [
        "{}",
        r#"{"data":null}"#,
        r#"{"data":[],"object":"list"}"#,
        r#"{"has_more":false}"#,
        r#"{"next_page":null,"total":0}"#,
    ] {
        let script = Script::new([Reply::json(body)]);
        assert!(list(&script, &IDS).await.unwrap().data.is_empty(), "{body}");
    }
}

#[tokio::test]
async fn pages_come_one_after_the_other_and_then_no_more() {
    let script = script(&[
        r#"{"data":[1],"has_more":true,"next_page":"t"}"#,
        r#"{"data":[2],"has_more":false,"next_page":null}"#,
    ]);
    let mut pages = list(&script, &TOKEN).pages();
    for number in ["1", "2"] {
        let page = pages.try_next().await.unwrap().unwrap();
        assert_eq!(page.data[0].as_str(), number);
        assert!(!page.has_prev_page(), "this listing can't go back");
        assert!(page.fetch_prev().await.unwrap().is_none());
    }
    assert!(pages.try_next().await.unwrap().is_none());
}
