//! Files on their way up.

use std::io::{Cursor, Write};
use std::sync::{Arc, Mutex};

use anthropic::transport::Body;
use anthropic::transport::tokio_1::body_of;
use anthropic::{Client, ErrorKind, Form, Upload};
use serde_json::Value;

use crate::support::server::Server;
use crate::support::{Reply, Script, client};

/// A multipart body with its boundary replaced by `B`.
fn normal(content_type: &str, body: &[u8]) -> String {
    let boundary = content_type
        .strip_prefix("multipart/form-data; boundary=")
        .unwrap();
    String::from_utf8(body.to_vec())
        .unwrap()
        .replace(boundary, "B")
}

#[tokio::test]
async fn a_form_has_names_types_and_quoted_file_names() {
    let script = Script::new([Reply::json("{}")]);
    let form = Form::new()
        .text("display_name", "Mine")
        .file("files[]", Upload::bytes("my-skill/SKILL.md", "# Hi"))
        .file(
            "files[]",
            Upload::bytes("a\"b\r\n.bin", "\0").with_content_type("x/y"),
        );
    client(&script)
        .post::<Value>("/v1/skills")
        .multipart(form)
        .await
        .unwrap();
    let sent = script.only();
    assert_eq!(
        normal(sent.header("content-type").unwrap(), &sent.body),
        "--B\r\nContent-Disposition: form-data; name=\"display_name\"\r\n\r\nMine\r\n\
         --B\r\nContent-Disposition: form-data; name=\"files[]\"; filename=\"my-skill/SKILL.md\"\r\n\
         Content-Type: text/markdown\r\n\r\n# Hi\r\n\
         --B\r\nContent-Disposition: form-data; name=\"files[]\"; filename=\"a%22b%0D%0A.bin\"\r\n\
         Content-Type: x/y\r\n\r\n\0\r\n--B--\r\n",
    );
}

/// A file in the temporary folder that goes when the test does.
struct Temporary(std::path::PathBuf);

impl Temporary {
    fn new(name: &str, bytes: &[u8]) -> Self {
        let path = std::env::temp_dir().join(format!("anthropic-{}-{name}", std::process::id()));
        std::fs::File::create(&path)
            .unwrap()
            .write_all(bytes)
            .unwrap();
        Self(path)
    }
}

impl Drop for Temporary {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.0);
    }
}

#[tokio::test]
async fn a_file_is_streamed_with_its_length_and_its_progress() {
    let bytes = vec![b'~'; 200_000];
    let file = Temporary::new("big.csv", &bytes);
    let seen = Arc::new(Mutex::new(Vec::<(u64, Option<u64>)>::new()));
    let log = seen.clone();
    let upload = Upload::from_path(&file.0).unwrap().named("big.csv");
    assert_eq!(
        (upload.content_type(), upload.len()),
        ("text/csv", Some(200_000))
    );
    let upload = upload.on_progress(move |sent, len| log.lock().unwrap().push((sent, len)));

    let server = Server::start().await;
    let client = Client::builder()
        .api_key("k")
        .base_url(server.url("http"))
        .build()
        .unwrap();
    let sending = client
        .post::<Value>("/v1/files")
        .multipart(Form::new().file("file", upload))
        .send();
    let receiving = async {
        let mut connection = server.accept().await;
        let (head, body) = connection.request().await;
        connection.answer("200 OK", "", "{}").await;
        (head, body)
    };
    let (answer, (head, body)) = tokio::join!(sending, receiving);
    answer.unwrap();
    assert!(
        head.contains("\r\ncontent-length: ") && !head.contains("chunked"),
        "{head}"
    );
    assert!(body.windows(bytes.len()).any(|window| window == bytes));
    let seen = seen.lock().unwrap().clone();
    assert!(seen.len() > 2 && seen.is_sorted(), "{seen:?}");
    assert_eq!(seen.last(), Some(&(200_000, Some(200_000))));
}

#[tokio::test(start_paused = true)]
async fn a_file_is_read_again_for_a_retry() {
    let file = Temporary::new("again.txt", b"again");
    let script = Script::new([Reply::status(500), Reply::json("{}")]);
    let form = Form::new().file("file", Upload::from_path(&file.0).unwrap());
    client(&script)
        .post::<Value>("/v1/files")
        .multipart(form)
        .await
        .unwrap();
    let sent = script.sent();
    assert_eq!(sent[0].body, sent[1].body);
    assert!(String::from_utf8_lossy(&sent[1].body).contains("\r\n\r\nagain\r\n"));
}

#[tokio::test(start_paused = true)]
async fn a_reader_is_read_once_and_not_retried() {
    let script = Script::new([Reply::status(500)]);
    let form = Form::new().file("file", Upload::reader("r.txt", Cursor::new("once")));
    let request = client(&script).post::<Value>("/v1/files").multipart(form);
    assert_eq!(request.await.unwrap_err().attempts(), 1);
    assert!(String::from_utf8_lossy(&script.only().body).contains("\r\n\r\nonce\r\n"));
}

#[tokio::test]
async fn a_file_that_became_shorter_is_an_error_and_a_longer_one_is_cut() {
    let short = Upload::reopenable("s", 9, || Ok(Cursor::new("short")));
    let script = Script::new([]);
    let request = client(&script)
        .post::<Value>("/v1/files")
        .multipart(Form::new().file("f", short));
    assert!(request.await.is_err());
    let long = Upload::reopenable("l", 4, || Ok(Cursor::new("longer")));
    let script = Script::new([Reply::json("{}")]);
    let request = client(&script)
        .post::<Value>("/v1/files")
        .multipart(Form::new().file("f", long));
    request.await.unwrap();
    assert!(String::from_utf8_lossy(&script.only().body).contains("\r\n\r\nlong\r\n"));
}

#[test]
fn a_file_that_is_not_there_is_an_error_that_names_it() {
    let error = Upload::from_path("/no/such/file.pdf").unwrap_err();
    assert_eq!(error.kind(), ErrorKind::File);
    let line = error.to_string();
    assert!(
        line.starts_with("file: `/no/such/file.pdf` can't be read: No such file"),
        "{line}"
    );
    let folder = Upload::from_path(std::env::temp_dir()).unwrap_err();
    assert_eq!(folder.kind(), ErrorKind::File);
}

/// Sends a body, and gives what arrived.
async fn sent(body: Body) -> anthropic::Result<(String, Option<u64>)> {
    let script = Script::new([Reply::json("{}")]);
    let len = body.len();
    let request = client(&script).post::<Value>("/v1/rows");
    request.body("text/plain", body).max_retries(0).await?;
    let sent = script.only();
    assert_eq!(sent.header("content-type"), Some("text/plain"));
    Ok((String::from_utf8(sent.body.to_vec()).unwrap(), len))
}

/// The `io::Error` somewhere behind an error.
fn cause(error: &anthropic::Error) -> std::io::ErrorKind {
    let mut next = std::error::Error::source(error);
    while let Some(cause) = next {
        if let Some(cause) = cause.downcast_ref::<std::io::Error>() {
            return cause.kind();
        }
        next = cause.source();
    }
    panic!("{error:?}")
}

#[tokio::test]
async fn a_body_that_was_begun_is_uploaded_whole_with_its_length() {
    for watched in [false, true] {
        let open = || {
            let chunks = ["one", "two", "three"].map(|it| Ok::<_, std::io::Error>(it.into()));
            futures_util::stream::iter(chunks)
        };
        let mut body = Body::replayable(open, Some(11));
        assert_eq!(body.try_next().await.unwrap().unwrap(), "one");
        let mut upload = Upload::body("x.csv", body);
        assert_eq!(upload.len(), Some(11));
        if watched {
            upload = upload.on_progress(|_, _| ());
        }
        let server = Server::start().await;
        let client = Client::builder()
            .api_key("k")
            .base_url(server.url("http"))
            .build()
            .unwrap();
        let sending = client
            .post::<Value>("/v1/files")
            .multipart(Form::new().file("file", upload))
            .send();
        let receiving = async {
            let mut connection = server.accept().await;
            let (_, body) = connection.request().await;
            connection.answer("200 OK", "", "{}").await;
            String::from_utf8(body).unwrap()
        };
        let (answer, body) = tokio::join!(sending, receiving);
        answer.unwrap();
        assert!(body.contains("\r\n\r\nonetwothree\r\n--"), "{body}");
        assert!(body.ends_with("--\r\n"), "{body}");
    }
}

/// A reader that fails, or waits for ever, once its text is read.
struct Then<const WAITS: bool>(&'static [u8]);

impl<const WAITS: bool> std::io::Read for Then<WAITS> {
    fn read(&mut self, into: &mut [u8]) -> std::io::Result<usize> {
        if self.0.is_empty() {
            // For ever would hold up the end of the runtime.
            assert!(!WAITS, "a socket would be waited for");
            return Err(std::io::ErrorKind::BrokenPipe.into());
        }
        self.0.read(into)
    }
}

impl<const WAITS: bool> tokio::io::AsyncRead for Then<WAITS> {
    fn poll_read(
        mut self: std::pin::Pin<&mut Self>,
        _: &mut std::task::Context<'_>,
        into: &mut tokio::io::ReadBuf<'_>,
    ) -> std::task::Poll<std::io::Result<()>> {
        match self.0.split_first() {
            Some((byte, rest)) => {
                into.put_slice(&[*byte]);
                self.0 = rest;
            }
            None if WAITS => return std::task::Poll::Pending,
            None => return std::task::Poll::Ready(Err(std::io::ErrorKind::BrokenPipe.into())),
        }
        std::task::Poll::Ready(Ok(()))
    }
}

#[tokio::test]
async fn a_reader_is_a_body() {
    let long = "0123456789".repeat(20_000);
    let of = |text: &str| Cursor::new(text.to_owned().into_bytes());
    for len in [None, Some(200_000)] {
        let whole = Ok((long.clone(), len));
        assert_eq!(
            sent(Body::reader(of(&long), len)).await.map_err(drop),
            whole
        );
        assert_eq!(sent(body_of(of(&long), len)).await.map_err(drop), whole);
    }
    // What there is beyond the length is not sent.
    let cut = Ok(("01".to_owned(), Some(2)));
    assert_eq!(
        sent(Body::reader(of(&long), Some(2))).await.map_err(drop),
        cut
    );
    assert_eq!(sent(body_of(of(&long), Some(2))).await.map_err(drop), cut);
    // And nor is it waited for.
    let waiting = Body::reader(Then::<true>(b"01"), Some(2));
    assert_eq!(sent(waiting).await.map_err(drop), cut);
    let waiting = Body::reader(Then::<true>(b""), Some(0));
    assert_eq!(
        sent(waiting).await.map_err(drop),
        Ok((String::new(), Some(0)))
    );
    let waiting = body_of(Then::<true>(b"01"), Some(2));
    assert_eq!(sent(waiting).await.map_err(drop), cut);
    let nothing = Ok((String::new(), Some(0)));
    assert_eq!(
        sent(body_of(Then::<true>(b""), Some(0)))
            .await
            .map_err(drop),
        nothing
    );
}

#[tokio::test(start_paused = true)]
async fn a_reader_that_fails_or_ends_early_fails_the_request() {
    for body in [
        Body::reader(Cursor::new("01"), Some(3)),
        body_of(Cursor::new("01"), Some(3)),
        Body::reopenable(3, || Ok(Cursor::new("01"))),
    ] {
        let error = sent(body).await.unwrap_err();
        assert_eq!(cause(&error), std::io::ErrorKind::UnexpectedEof);
        assert!(error.to_string().contains("ended 1 bytes early"), "{error}");
    }
    for body in [
        Body::reader(Then::<false>(b"01"), None),
        body_of(Then::<false>(b"01"), None),
        Body::reopenable(2, || {
            Err::<Then<false>, _>(std::io::ErrorKind::BrokenPipe.into())
        }),
    ] {
        let error = sent(body).await.unwrap_err();
        assert_eq!(cause(&error), std::io::ErrorKind::BrokenPipe);
    }
}

#[tokio::test(start_paused = true)]
async fn a_body_of_a_reader_is_retried_if_it_can_be_opened_again() {
    let open = || Ok(Cursor::new("again"));
    for (body, attempts) in [
        (Body::reopenable(5, open), 2),
        (Body::reader(Cursor::new("again"), Some(5)), 1),
        (body_of(Cursor::new("again"), Some(5)), 1),
    ] {
        let script = Script::new([Reply::status(500), Reply::json("{}")]);
        let form = Form::new().file("file", Upload::body("a.txt", body));
        let request = client(&script).post::<Value>("/v1/files").multipart(form);
        assert_eq!(request.await.is_ok(), attempts == 2);
        let sent = script.sent();
        assert_eq!(sent.len(), attempts);
        for sent in sent {
            let text = String::from_utf8_lossy(&sent.body).into_owned();
            assert!(text.contains("text/plain\r\n\r\nagain\r\n"), "{text}");
        }
    }
}

#[test]
fn a_files_name_suggests_its_content_type() {
    for (names, content_type) in [
        (&["a.css"][..], "text/css"),
        (&["a.csv"], "text/csv"),
        (&["a.b.gif", "A.GIF"], "image/gif"),
        (&["a.gz", "a.tgz", "a.tar.gz"], "application/gzip"),
        (&["a.htm", "a.html"], "text/html"),
        (&["a.jpeg", "a.jpg", "A.JPG"], "image/jpeg"),
        (&["a.js", "a.mjs"], "text/javascript"),
        (&["a.json"], "application/json"),
        (&["a.jsonl"], "application/jsonl"),
        (&["a.md", "a.markdown"], "text/markdown"),
        (&["a.mp3"], "audio/mpeg"),
        (&["a.mp4"], "video/mp4"),
        (&["a.pdf", "folder.zip/a.pdf"], "application/pdf"),
        (&["a.png"], "image/png"),
        (&["a.py"], "text/x-python"),
        (&["a.rtf"], "application/rtf"),
        (&["a.sh"], "application/x-sh"),
        (&["a.svg"], "image/svg+xml"),
        (&["a.tar"], "application/x-tar"),
        (&["a.tsv"], "text/tab-separated-values"),
        (&["a.txt", "a.log"], "text/plain"),
        (&["a.wav"], "audio/wav"),
        (&["a.webp"], "image/webp"),
        (&["a.xml"], "application/xml"),
        (&["a.yaml", "a.yml"], "application/yaml"),
        (&["a.zip"], "application/zip"),
        (&["", "a", "pdf", "a.", "a.b"], "application/octet-stream"),
    ] {
        for name in names {
            let upload = Upload::bytes(*name, "x");
            assert_eq!(upload.content_type(), content_type, "{name:?}");
        }
    }
    let office = "application/vnd.openxmlformats-officedocument";
    for (name, kind) in [
        ("a.docx", "wordprocessingml.document"),
        ("a.pptx", "presentationml.presentation"),
        ("a.xlsx", "spreadsheetml.sheet"),
    ] {
        let upload = Upload::bytes(name, "x");
        assert_eq!(upload.content_type(), format!("{office}.{kind}"));
    }
}

#[test]
fn an_upload_is_empty_where_it_is_known_to_have_no_bytes() {
    let none = || futures_util::stream::empty::<std::io::Result<bytes::Bytes>>();
    for (upload, is_empty) in [
        (Upload::bytes("a", ""), true),
        (Upload::bytes("a", "x"), false),
        (Upload::stream("a", none(), Some(0)), true),
        (Upload::stream("a", none(), None), false),
        (Upload::body("a", Body::from(&b"bytes"[..])), false),
    ] {
        assert_eq!(upload.is_empty(), is_empty, "{upload:?}");
    }
}

#[tokio::test]
async fn a_body_may_be_bytes_of_the_program() {
    let body = Body::from(&b"bytes"[..]);
    assert_eq!((body.len(), body.is_replayable()), (Some(5), true));
    assert_eq!(body.bytes().await.unwrap(), "bytes");
}
