//! Bodies into files, and for tokio's readers.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use anthropic::transport::Body;
use anthropic::transport::tokio_1::BodyReader;
use anthropic::{Error, ErrorKind};
use bytes::Bytes;
use futures_util::StreamExt as _;
use tokio::io::{AsyncBufReadExt, AsyncReadExt};

use crate::support::{Reply, Script, client};

/// A folder that goes when the test does.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("anthropic-{}-{name}", std::process::id()));
        fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    fn file(&self) -> PathBuf {
        self.0.join("report.pdf")
    }

    /// What is in it.
    fn names(&self) -> Vec<String> {
        let names = fs::read_dir(&self.0).unwrap();
        let mut names: Vec<_> = names
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        names
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// Whether a file is one that is still written.
fn is_part(name: &str) -> bool {
    let end = Path::new(name).extension();
    name.starts_with('.') && end.is_some_and(|end| end == "part")
}

/// A body of these pieces, the last of which may be an error.
fn pieces(pieces: Vec<Result<Vec<u8>, Error>>, len: Option<u64>) -> Body {
    let pieces = pieces.into_iter().map(|piece| piece.map(Bytes::from));
    Body::stream(futures_util::stream::iter(pieces), len)
}

type Seen = Arc<Mutex<Vec<(u64, Option<u64>)>>>;

fn watch() -> (Seen, impl FnMut(u64, Option<u64>) + Send + 'static) {
    let seen = Seen::default();
    let into = seen.clone();
    (seen, move |written, total| {
        into.lock().unwrap().push((written, total));
    })
}

#[tokio::test]
async fn a_download_becomes_a_file_and_reports_its_progress() {
    let folder = Folder::new("download");
    let script = Script::new([Reply::new(
        200,
        &[("content-type", "application/pdf")],
        "%PDF-",
    )]);
    let body = client(&script).files().download("file_1").await.unwrap();
    assert_eq!(body.save_to(folder.file()).await.unwrap(), 5);
    assert_eq!(fs::read(folder.file()).unwrap(), b"%PDF-");

    // In pieces, over what is there, with a known and an unknown length.
    let large: Vec<u8> = (0..1_000_000_u32).map(|at| at.to_le_bytes()[0]).collect();
    let chunks = || {
        large
            .chunks(70_001)
            .map(|chunk| Ok(chunk.to_vec()))
            .collect()
    };
    for len in [Some(1_000_000), None] {
        let (seen, progress) = watch();
        let save = pieces(chunks(), len)
            .save_to(folder.file())
            .on_progress(progress);
        assert_eq!(save.await.unwrap(), 1_000_000);
        assert_eq!(fs::read(folder.file()).unwrap(), large);
        let seen = seen.lock().unwrap();
        assert!(seen.len() > 2 && seen.is_sorted(), "{seen:?}");
        assert_eq!(seen.last(), Some(&(1_000_000, len)));
    }
    let empty = Body::empty().save_to(folder.file()).await.unwrap();
    assert_eq!((empty, fs::read(folder.file()).unwrap().len()), (0, 0));
    assert_eq!(folder.names(), ["report.pdf"]);
}

#[tokio::test]
async fn what_breaks_leaves_what_was_there() {
    let folder = Folder::new("broken");
    for before in [None, Some("before")] {
        if let Some(before) = before {
            fs::write(folder.file(), before).unwrap();
        }
        let broken = pieces(
            vec![
                Ok(vec![7; 600_000]),
                Err(Error::new(ErrorKind::Timeout, "idle")),
            ],
            None,
        );
        let error = broken.save_to(folder.file()).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Timeout);
        let short = pieces(vec![Ok(vec![7; 3])], Some(5));
        let error = short.save_to(folder.file()).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Body);
        assert!(error.to_string().contains("3 of 5 bytes"), "{error}");
        let now = fs::read_to_string(folder.file()).ok();
        assert_eq!(now.as_deref(), before);
        assert_eq!(folder.names().len(), usize::from(before.is_some()));
    }
}

#[tokio::test]
async fn what_is_dropped_leaves_nothing() {
    let folder = Folder::new("dropped");
    let first = futures_util::stream::iter([Ok::<_, Error>(Bytes::from(vec![7; 600_000]))]);
    let stuck = futures_util::StreamExt::chain(first, futures_util::stream::pending());
    let (seen, progress) = watch();
    let save = Body::stream(stuck, None)
        .save_to(folder.file())
        .on_progress(progress);
    let saving = tokio::spawn(async move { save.await });
    while seen.lock().unwrap().is_empty() {
        tokio::task::yield_now().await;
    }
    let names = folder.names();
    assert!(names.len() == 1 && is_part(&names[0]), "{names:?}");
    saving.abort();
    assert!(saving.await.unwrap_err().is_cancelled());
    assert_eq!(folder.names(), Vec::<String>::new());
}

#[tokio::test]
async fn a_file_that_cannot_be_written_is_named() {
    let folder = Folder::new("unwritable");
    for path in [
        folder.0.join("no/such/folder/report.pdf"),
        folder.0.clone(),
        PathBuf::new(),
    ] {
        let error = Body::from("x").save_to(&path).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::File);
        let line = error.to_string();
        assert!(
            line.contains(&format!("`{}` can't be written", path.display())),
            "{line}"
        );
    }
    assert!(folder.names().is_empty());
}

#[cfg(unix)]
#[tokio::test]
async fn links_are_followed_modes_stay_and_devices_are_written_to() {
    use std::os::unix::fs::{PermissionsExt, symlink};

    let folder = Folder::new("links");
    fs::write(folder.file(), "before").unwrap();
    fs::set_permissions(folder.file(), fs::Permissions::from_mode(0o640)).unwrap();
    let link = folder.0.join("link");
    symlink(folder.file(), &link).unwrap();
    Body::from("after").save_to(&link).await.unwrap();
    assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
    assert_eq!(fs::read_to_string(folder.file()).unwrap(), "after");
    let mode = fs::metadata(folder.file()).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o640);
    assert_eq!(Body::from("gone").save_to("/dev/null").await.unwrap(), 4);
    assert_eq!(folder.names(), ["link", "report.pdf"]);

    // Links to a file that is not there yet, by way of another folder.
    fs::create_dir(folder.0.join("sub")).unwrap();
    symlink("../new.pdf", folder.0.join("sub/absent")).unwrap();
    symlink("sub/absent", folder.0.join("far")).unwrap();
    let far = folder.0.join("far");
    Body::from("new").save_to(&far).await.unwrap();
    assert!(fs::symlink_metadata(&far).unwrap().is_symlink());
    assert_eq!(fs::read_to_string(folder.0.join("new.pdf")).unwrap(), "new");
    let circle = folder.0.join("circle");
    symlink(&circle, &circle).unwrap();
    let error = Body::from("x").save_to(&circle).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::File);
}

/// A name as long as names can be.
#[tokio::test]
async fn a_long_name_is_one_like_others() {
    let folder = Folder::new("long");
    let path = folder.0.join("x".repeat(255));
    fs::write(&path, "before").unwrap();
    Body::from("after").save_to(&path).await.unwrap();
    assert_eq!(fs::read_to_string(&path).unwrap(), "after");
}

/// Steps that wait for a thread are done, whoever has gone meanwhile: none of them changes
/// anything.
#[test]
fn what_is_dropped_while_a_step_waits_leaves_nothing() {
    use std::sync::mpsc;

    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .max_blocking_threads(1)
        .build()
        .unwrap();
    let folder = Folder::new("queued");
    fs::write(folder.file(), "before").unwrap();
    // Before the file is made, before it is written, and before it takes its place.
    for step in 0..3 {
        runtime.block_on(async {
            let (open, gate) = mpsc::channel::<()>();
            let mut gate = Some(gate);
            let mut close = move || {
                let gate = gate.take();
                tokio::task::spawn_blocking(move || gate.map(|gate| gate.recv()));
            };
            let reached = Arc::new(Mutex::new(step == 0));
            if step == 0 {
                close();
            }
            let seen = reached.clone();
            let body = futures_util::stream::iter(1..3).filter_map(move |at| {
                if at == step {
                    close();
                    *seen.lock().unwrap() = true;
                }
                let piece = Ok::<_, Error>(Bytes::from(vec![7; 600_000]));
                std::future::ready((at == 1).then_some(piece))
            });
            let saving = Body::stream(body, None).save_to(folder.file());
            let mut saving = Box::pin(saving.into_future());
            loop {
                let tick = std::time::Duration::from_millis(1);
                let waits = tokio::time::timeout(tick, &mut saving).await;
                waits.expect_err("it waits for the gate");
                if *reached.lock().unwrap() {
                    break;
                }
            }
            drop(saving);
            open.send(()).unwrap();
            // After all that was queued.
            tokio::task::spawn_blocking(|| ()).await.unwrap();
        });
        assert_eq!(folder.names(), ["report.pdf"], "{step}");
        let now = fs::read_to_string(folder.file()).unwrap();
        assert_eq!(now, "before", "{step}");
    }
}

#[cfg(unix)]
#[tokio::test]
async fn a_file_is_as_closed_while_it_is_written_as_before() {
    use std::os::unix::fs::PermissionsExt;

    let folder = Folder::new("closed");
    fs::write(folder.file(), "before").unwrap();
    fs::set_permissions(folder.file(), fs::Permissions::from_mode(0o600)).unwrap();
    // A body whose first piece comes, and whose second never does.
    let first = futures_util::stream::iter([Ok::<_, Error>(Bytes::from("after"))]);
    let body = futures_util::StreamExt::chain(first, futures_util::stream::pending());
    let mut saving = Box::pin(
        Body::stream(body, None)
            .save_to(folder.file())
            .into_future(),
    );
    let mut part = None;
    for _ in 0..300 {
        let tick = std::time::Duration::from_millis(10);
        tokio::time::timeout(tick, &mut saving).await.unwrap_err();
        part = folder.names().into_iter().find(|it| is_part(it));
        if part.is_some() {
            break;
        }
    }
    let part = folder.0.join(part.expect("nothing is written"));
    let mode = fs::metadata(part).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    drop(saving);

    fs::set_permissions(folder.file(), fs::Permissions::from_mode(0o444)).unwrap();
    let error = Body::from("after")
        .save_to(folder.file())
        .await
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::File);
    assert_eq!(fs::read_to_string(folder.file()).unwrap(), "before");
}

#[test]
fn without_a_runtime_it_fails() {
    let folder = Folder::new("no-runtime");
    let save = Body::from("x").save_to(folder.file());
    let error = futures_util::FutureExt::now_or_never(save.into_future());
    let error = error.unwrap().unwrap_err();
    assert!(error.to_string().contains("tokio runtime"), "{error}");
}

#[tokio::test]
async fn a_body_is_a_reader() {
    let body = || {
        let lines = [&b"one\ntw"[..], b"", b"o\nthree"];
        pieces(lines.map(|line| Ok(line.to_vec())).into(), None)
    };
    let mut lines = BodyReader::new(body()).lines();
    for line in ["one", "two", "three"] {
        assert_eq!(lines.next_line().await.unwrap().as_deref(), Some(line));
    }
    assert_eq!(lines.next_line().await.unwrap(), None);

    // In reads of any size.
    for size in 1..8 {
        let (mut reader, mut all, mut piece) = (BodyReader::from(body()), Vec::new(), [0; 8]);
        loop {
            let read = reader.read(&mut piece[..size]).await.unwrap();
            if read == 0 {
                break;
            }
            all.extend_from_slice(&piece[..read]);
        }
        assert_eq!(all, b"one\ntwo\nthree");
        assert_eq!(reader.read(&mut piece).await.unwrap(), 0);
    }

    let broken = vec![
        Ok(b"one".to_vec()),
        Err(Error::new(ErrorKind::Timeout, "idle")),
    ];
    let short = pieces(vec![Ok(b"one".to_vec())], Some(5));
    let mut text = String::new();
    let mut reader = BodyReader::new(short);
    for _ in 0..2 {
        let error = reader.read_to_string(&mut text).await.unwrap_err();
        assert_eq!(error.kind(), std::io::ErrorKind::UnexpectedEof);
        assert!(error.to_string().contains("2 bytes"), "{error}");
    }
    let whole = pieces(vec![Ok(b"one".to_vec()), Ok(b"two".to_vec())], Some(6));
    let mut text = String::new();
    BodyReader::new(whole)
        .read_to_string(&mut text)
        .await
        .unwrap();
    assert_eq!(text, "onetwo");

    let mut text = String::new();
    let mut reader = BodyReader::new(pieces(broken, None));
    let error = reader.read_to_string(&mut text).await.unwrap_err();
    let source = error.get_ref().and_then(|it| it.downcast_ref::<Error>());
    assert_eq!(source.unwrap().kind(), ErrorKind::Timeout);
}

/// A body whose stream panics when it is polled behind its end, as many do.
fn strict(pieces: &'static [&'static str], len: Option<u64>) -> Body {
    let pieces = futures_util::stream::unfold(pieces, |left| async move {
        let (first, rest) = left.split_first()?;
        Some((Ok::<_, Error>(Bytes::from_static(first.as_bytes())), rest))
    });
    Body::stream(pieces, len)
}

#[tokio::test]
async fn a_body_has_one_end_however_often_it_is_read() {
    let mut reader = BodyReader::new(strict(&["one", "two"], None));
    let mut text = String::new();
    for read in [6, 0, 0] {
        assert_eq!(reader.read_to_string(&mut text).await.unwrap(), read);
    }
    assert_eq!(text, "onetwo");
    let mut body = strict(&["one"], Some(3));
    while body.try_next().await.unwrap().is_some() {}
    assert!(body.next().await.is_none() && body.bytes().await.unwrap().is_empty());
    let failing = [
        Err(Error::new(ErrorKind::Timeout, "idle")),
        Ok(Bytes::from("more")),
    ];
    let mut failing = Body::stream(futures_util::stream::iter(failing), None);
    assert!(failing.next().await.unwrap().is_err() && failing.next().await.is_none());
}

#[tokio::test]
async fn the_rest_of_a_body_is_whole_once_its_beginning_was_looked_at() {
    let folder = Folder::new("rest");
    let once = || strict(&["one", "two", "three"], Some(11));
    let again = || Body::replayable(|| strict(&["one", "two", "three"], None), Some(11));
    for body in [once, again] {
        let begun = || async {
            let mut body = body();
            assert_eq!(body.len(), Some(11));
            assert_eq!(body.try_next().await.unwrap().unwrap(), "one");
            assert_eq!((body.len(), body.is_empty()), (Some(8), false));
            body
        };
        let (seen, progress) = watch();
        let save = begun().await.save_to(folder.file()).on_progress(progress);
        assert_eq!(save.await.unwrap(), 8);
        assert_eq!(fs::read(folder.file()).unwrap(), b"twothree");
        assert_eq!(*seen.lock().unwrap(), [(8, Some(8))]);
        let mut text = String::new();
        let mut reader = BodyReader::new(begun().await);
        reader.read_to_string(&mut text).await.unwrap();
        assert_eq!(text, "twothree");
        let clone = begun().await.try_clone();
        let whole = clone.map(|clone| (clone.len(), clone.is_empty()));
        assert!(whole.is_none_or(|whole| whole == (Some(11), false)));
    }
}

#[tokio::test]
async fn a_name_that_no_file_can_have_is_refused_before_the_body_is_read() {
    let folder = Folder::new("name");
    let never = futures_util::stream::pending::<Result<Bytes, Error>>();
    let saving = Body::stream(never, None).save_to(folder.0.join("n".repeat(300)));
    let limit = std::time::Duration::from_secs(10);
    let saved = tokio::time::timeout(limit, saving.into_future()).await;
    let error = saved.expect("it waits for the body").unwrap_err();
    assert_eq!(error.kind(), ErrorKind::File);
    assert!(folder.names().is_empty());
}
