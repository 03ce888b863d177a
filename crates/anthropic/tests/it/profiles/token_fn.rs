//! A function as credentials, with the cache.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, SystemTime};

use anthropic::credentials::{Token, TokenFn, token_fn};
use anthropic::{CredentialKind, CredentialSource, Error, ErrorKind};
use tokio::sync::Semaphore;

use super::{Calendar, NOW, builder, ok, order};
use crate::support::{Reply, Script, get};

/// A function whose tokens are good for so long.
fn counted(expires_in: Option<u64>) -> (TokenFn, Arc<AtomicU32>) {
    let count = Arc::new(AtomicU32::new(0));
    let counted = count.clone();
    let function = token_fn(move || {
        let number = counted.fetch_add(1, Ordering::Relaxed);
        async move {
            let token = Token::new(format!("canary-access-{number}"));
            let at = |seconds| {
                SystemTime::UNIX_EPOCH + Duration::from_secs(NOW.unsigned_abs() + seconds)
            };
            Ok(match expires_in {
                // Each later than the one before.
                Some(seconds) => token.expires_at(at(seconds * (u64::from(number) + 1))),
                None => token,
            })
        }
    });
    (function, count)
}

#[tokio::test(start_paused = true)]
async fn one_that_never_ends_is_given_up_and_called_again() {
    let count = Arc::new(AtomicU32::new(0));
    let counted = count.clone();
    let function = token_fn(move || {
        let number = counted.fetch_add(1, Ordering::Relaxed);
        async move {
            if number == 0 {
                std::future::pending::<()>().await;
            }
            Ok(Token::new("canary-access"))
        }
    });
    let script = Script::new([ok()]);
    let client = builder(&script, function).max_retries(0).build().unwrap();
    let began = tokio::time::Instant::now();
    let error = get(&client).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Timeout);
    assert!(error.is_retryable());
    let text = error.to_string();
    assert!(
        text.contains("the access token was not fetched within 60s"),
        "{text}"
    );
    assert_eq!(began.elapsed().as_secs(), 60);
    get(&client).await.unwrap();
    assert_eq!(count.load(Ordering::Relaxed), 2);
}

#[tokio::test]
async fn it_is_called_when_there_is_no_good_token() {
    let shown = format!("{:?}", Token::new("canary-token"));
    assert!(!shown.contains("canary"), "{shown}");
    let (function, count) = counted(Some(600));
    let calendar = Calendar::default();
    let script = Script::new([ok(), ok(), ok(), Reply::status(401), ok()]);
    let client = builder(&script, function).clock(calendar.clone());
    let client = client.build().unwrap();
    get(&client).await.unwrap();
    calendar.advance(479);
    get(&client).await.unwrap();
    calendar.advance(1);
    get(&client).await.unwrap();
    get(&client).await.unwrap();
    let expected = ["access-0", "access-0", "access-1", "access-1", "access-2"];
    assert_eq!(order(&script), expected);
    assert_eq!(count.load(Ordering::Relaxed), 3);
    // Nothing is known of OAuth's beta here.
    assert_eq!(script.sent()[0].header("anthropic-beta"), None);
    let expiry = client.credential_source().expires_at.unwrap();
    let expiry = expiry.duration_since(SystemTime::UNIX_EPOCH).unwrap();
    assert_eq!(expiry.as_secs(), NOW.unsigned_abs() + 1800);
}

#[tokio::test]
async fn a_token_without_expiry_is_kept_until_it_is_refused() {
    let (function, _) = counted(None);
    let source = CredentialSource::new(CredentialKind::Custom).file("vault");
    let calendar = Calendar::default();
    let script = Script::new([ok(), ok(), Reply::status(401), ok()]);
    let client = builder(&script, function.source(source.clone()));
    let client = client.clock(calendar.clone()).build().unwrap();
    get(&client).await.unwrap();
    calendar.advance(1 << 30);
    get(&client).await.unwrap();
    get(&client).await.unwrap();
    assert_eq!(
        order(&script),
        ["access-0", "access-0", "access-0", "access-1"]
    );
    assert_eq!(client.credential_source(), source);
}

#[tokio::test]
async fn its_errors_are_the_requests() {
    let function = token_fn(|| async { Err(Error::new(ErrorKind::PermissionDenied, "not yours")) });
    let client = builder(&Script::new([]), function).build().unwrap();
    let error = get(&client).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::PermissionDenied);
    let line = super::line(&error);
    assert!(
        line.contains("could not be fetched") && line.contains("not yours"),
        "{line}"
    );
}

/// A function that panics takes nobody with it, and is called again.
#[tokio::test]
async fn a_panic_ends_the_renewal_and_nothing_else() {
    let count = Arc::new(AtomicU32::new(0));
    let counted = count.clone();
    let function = token_fn(move || {
        let number = counted.fetch_add(1, Ordering::Relaxed);
        async move {
            assert!(number > 0, "the first one panics");
            Ok(Token::new("canary-access-1"))
        }
    });
    let script = Script::new([ok()]);
    get(&builder(&script, function).build().unwrap())
        .await
        .unwrap();
    assert_eq!(count.load(Ordering::Relaxed), 2);
}

#[tokio::test]
async fn one_that_always_panics_is_an_error() {
    let function = token_fn(|| async { panic!("always") });
    let client = builder(&Script::new([]), function).build().unwrap();
    let error = get(&client).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Config);
}

/// A token that is about to expire is used while the next one is fetched, and refused meanwhile:
/// those who wait don't send it again, though the function returns it once more.
#[tokio::test]
async fn a_token_that_is_refused_while_it_is_fetched_is_not_sent_again() {
    let count = Arc::new(AtomicU32::new(0));
    let (begun, gate) = (Arc::new(Semaphore::new(0)), Arc::new(Semaphore::new(0)));
    let (counted, begins, waits) = (count.clone(), begun.clone(), gate.clone());
    let function = token_fn(move || {
        let number = counted.fetch_add(1, Ordering::Relaxed);
        let (begins, waits) = (begins.clone(), waits.clone());
        async move {
            if number == 1 {
                begins.add_permits(1);
                waits.acquire().await.unwrap().forget();
            }
            let (name, left) = if number < 2 { (0, 100) } else { (1, 600) };
            let at = SystemTime::UNIX_EPOCH + Duration::from_secs(NOW.unsigned_abs() + left);
            Ok(Token::new(format!("canary-access-{name}")).expires_at(at))
        }
    });
    let calendar = Calendar::default();
    let script = Script::new([ok(), Reply::status(401), ok(), ok()]);
    let client = builder(&script, function).clock(calendar.clone());
    let client = client.build().unwrap();
    get(&client).await.unwrap();
    // The first one rests for a while, for it was about to expire when it came.
    calendar.advance(6);
    let spawn = || {
        let client = client.clone();
        tokio::spawn(async move { get(&client).await })
    };
    let first = spawn();
    begun.acquire().await.unwrap().forget();
    let second = spawn();
    while script.sent().len() < 2 {
        tokio::task::yield_now().await;
    }
    for _ in 0..10 {
        tokio::task::yield_now().await;
    }
    gate.add_permits(1);
    first.await.unwrap().unwrap();
    second.await.unwrap().unwrap();
    assert_eq!(
        order(&script),
        ["access-0", "access-0", "access-1", "access-1"]
    );
    assert_eq!(count.load(Ordering::Relaxed), 3);
}
