//! Captured answers, cut and split in every place: the same events, the same message, or one error.

use anthropic::sse::Decoder;
use anthropic::stream::{MessageAccumulator, SnapshotEvents};
use anthropic::types::{Message, StreamEvent, from_slice};
use anthropic::{Error, ErrorKind, MessageStream, Result};
use futures_util::{FutureExt, Stream, StreamExt};

use crate::stream_support::{TRANSCRIPTS, Transcript, fold, replayed};

const BOM: &str = "\u{feff}";

/// Hands out its bytes in pieces of these sizes, the last one again and again.
struct Pieces {
    bytes: Vec<u8>,
    at: usize,
    sizes: Vec<usize>,
}

impl std::io::Read for Pieces {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let size = if self.sizes.len() > 1 {
            self.sizes.remove(0)
        } else {
            self.sizes[0]
        };
        let rest = &self.bytes[self.at..];
        let count = size.min(rest.len()).min(buffer.len());
        buffer[..count].copy_from_slice(&rest[..count]);
        self.at += count;
        Ok(count)
    }
}

fn in_pieces(body: &str, sizes: Vec<usize>) -> (Vec<StreamEvent>, Message) {
    let pieces = Pieces {
        bytes: body.as_bytes().to_vec(),
        at: 0,
        sizes,
    };
    let mut stream = MessageStream::replay(pieces);
    let read = async {
        let mut events = Vec::new();
        while let Some(event) = stream.try_next().await.unwrap() {
            events.push(event);
        }
        (events, stream.final_message().await.unwrap())
    };
    read.now_or_never().unwrap()
}

#[test]
fn every_transcript_is_the_message_it_says() {
    for transcript in TRANSCRIPTS {
        let events = transcript.events();
        let folded = fold(&events);
        assert!(folded.is_complete());
        assert_eq!(
            folded.message(),
            Some(&transcript.message()),
            "{}",
            transcript.name
        );
        for body in transcript.bodies {
            for bom in ["", BOM] {
                for size in [1, 2, 3, 7, 64, usize::MAX] {
                    let (read, message) = in_pieces(&format!("{bom}{body}"), vec![size]);
                    assert_eq!(read, events, "{} in pieces of {size}", transcript.name);
                    assert_eq!(
                        message,
                        transcript.message(),
                        "{} of {size}",
                        transcript.name
                    );
                }
            }
        }
    }
}

#[test]
fn the_message_alone_and_the_text_alone_agree_with_the_events() {
    for transcript in TRANSCRIPTS {
        let body = transcript.lf().as_bytes();
        let message = MessageStream::replay(body)
            .final_message()
            .now_or_never()
            .unwrap()
            .unwrap();
        assert_eq!(message, transcript.message(), "{}", transcript.name);

        let mut stream = MessageStream::replay(body);
        let text = async {
            let mut text = String::new();
            let mut pieces = stream.text_stream();
            while let Some(piece) = pieces.try_next().await.unwrap() {
                assert!(!piece.is_empty());
                text.push_str(&piece);
            }
            text
        };
        let text = text.now_or_never().unwrap();
        assert_eq!(text, transcript.message().text(), "{}", transcript.name);
        let after = stream.final_message().now_or_never().unwrap().unwrap();
        assert_eq!(after, transcript.message(), "{}", transcript.name);
        let whole = MessageStream::replay(body)
            .final_text()
            .now_or_never()
            .unwrap()
            .unwrap();
        assert_eq!(whole, text);
    }
}

/// Decodes a body that comes in two pieces: whether these are its events, each with its name and
/// data. What they add up to depends on nothing else.
fn split_gives(body: &[u8], at: usize, wanted: &[Frame]) -> bool {
    let mut decoder = Decoder::new();
    let mut wanted = wanted.iter();
    for piece in [&body[..at], &body[at..]] {
        decoder.push(piece);
        while let Some(event) = decoder.next_event() {
            let event = event.unwrap();
            let same = |frame: &Frame| event.name() == frame.name && event.data() == frame.data;
            if !wanted.next().is_some_and(same) {
                return false;
            }
        }
    }
    decoder.finish().is_none() && wanted.next().is_none()
}

/// An event as its lines say it, and what it says.
struct Frame {
    name: String,
    data: String,
    event: StreamEvent,
}

/// The events, read without the decoder.
fn by_hand(body: &str) -> Vec<Frame> {
    let events = body.split("\n\n").filter_map(|event| {
        let field = |name: &str| event.lines().find_map(|line| line.strip_prefix(name));
        let (name, data) = (field("event: ")?, field("data: ")?);
        Some(Frame {
            name: name.to_owned(),
            data: data.to_owned(),
            event: from_slice(data.as_bytes()).unwrap(),
        })
    });
    events.collect()
}

fn split_everywhere(transcript: &Transcript) {
    let wanted = by_hand(transcript.lf());
    let mut machine = MessageAccumulator::new();
    for frame in &wanted {
        machine.apply(&frame.event).unwrap();
    }
    assert!(machine.is_complete());
    assert_eq!(machine.message(), Some(&transcript.message()));
    for body in transcript.bodies {
        for body in [body.to_owned(), format!("{BOM}{body}")] {
            for at in 0..=body.len() {
                assert!(
                    split_gives(body.as_bytes(), at, &wanted),
                    "{} at {at}",
                    transcript.name
                );
            }
        }
    }
}

/// Every transcript, with each line end, with and without a byte order mark, in every place. The
/// reader around the decoder doesn't see where chunks end; it is run for every place of the one
/// transcript that has a bit of everything.
#[test]
fn a_split_changes_nothing_wherever_it_is() {
    std::thread::scope(|scope| {
        for transcript in TRANSCRIPTS {
            scope.spawn(|| split_everywhere(transcript));
        }
    });
    let transcript = Transcript::named("interleaved");
    let events = transcript.events();
    for at in 1..transcript.lf().len() {
        let (read, message) = in_pieces(transcript.lf(), vec![at, usize::MAX]);
        assert!(read == events && message == transcript.message(), "at {at}");
    }
}

/// Cuts a body in one place: one error, after the events so far, with what they add up to.
fn cut(transcript: &Transcript, body: &str, at: usize, events: &[StreamEvent]) {
    let (read, error) = replayed(&body.as_bytes()[..at]);
    let place = format!("{} at {at}", transcript.name);
    assert!(events.starts_with(&read), "{place}");
    if read.len() == events.len() {
        // The whole of the last event was there; only what ends it was cut.
        assert!(
            error.is_none() && body[at..].trim_ascii().is_empty(),
            "{place}"
        );
        return;
    }
    let error = error.expect(&place);
    assert_eq!(error.kind(), ErrorKind::StreamTruncated, "{place}: {error}");
    assert_eq!(
        error.partial::<Message>(),
        fold(&read).partial().as_ref(),
        "{place}"
    );
}

#[test]
fn a_cut_is_one_error_wherever_it_is() {
    for transcript in TRANSCRIPTS {
        let events = transcript.events();
        for at in 0..=transcript.lf().len() {
            cut(transcript, transcript.lf(), at, &events);
        }
    }
}

/// Reads to the end, whatever comes; gives the errors.
async fn errors<T>(mut stream: impl Stream<Item = Result<T>> + Unpin) -> Vec<Error> {
    let mut errors = Vec::new();
    while let Some(item) = stream.next().await {
        errors.extend(item.err());
    }
    errors
}

/// The same for helper events, which are lent.
async fn helped(mut events: SnapshotEvents) -> Error {
    loop {
        match events.try_next().await {
            Ok(event) => assert!(event.is_some(), "an end without an error"),
            Err(error) => return error,
        }
    }
}

#[test]
fn a_cut_is_the_same_error_however_the_stream_is_read() {
    for transcript in TRANSCRIPTS {
        let body = transcript.lf().as_bytes();
        let ends = transcript.lf().match_indices("\n\n").map(|(at, _)| at + 2);
        for at in ends.filter(|at| *at < body.len()) {
            let stream = || MessageStream::replay(&body[..at]);
            let read = async {
                let alone = stream().final_message().await.unwrap_err();
                let text = stream().final_text().await.unwrap_err();
                [
                    errors(stream()).await,
                    errors(stream().into_text_stream()).await,
                    vec![helped(stream().snapshot_events()).await],
                    vec![alone],
                    vec![text],
                ]
            };
            let read = read.now_or_never().unwrap();
            for errors in &read {
                let [error] = errors.as_slice() else {
                    panic!("{} at {at}: {} errors", transcript.name, errors.len());
                };
                assert_eq!(error.kind(), ErrorKind::StreamTruncated);
                let (first, partial) = (&read[0][0], error.partial::<Message>());
                assert_eq!(partial, first.partial(), "{} at {at}", transcript.name);
            }
        }
    }
}

#[test]
fn a_cut_is_one_error_with_the_other_line_ends_too() {
    let transcript = Transcript::named("interleaved");
    let events = transcript.events();
    for body in &transcript.bodies[1..] {
        for at in 0..=body.len() {
            cut(transcript, body, at, &events);
        }
    }
}

/// Numbers without a pattern, the same in every run.
struct Noise(u64);

impl Noise {
    fn below(&mut self, limit: usize) -> usize {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap() % limit
    }
}

#[test]
fn damage_is_at_most_one_error() {
    let mut noise = Noise(7);
    for transcript in TRANSCRIPTS {
        for _ in 0..200 {
            let mut body = transcript.lf().as_bytes().to_vec();
            for _ in 0..=noise.below(4) {
                let (at, other) = (noise.below(body.len()), noise.below(body.len()));
                match noise.below(4) {
                    0 => body[at] = u8::try_from(noise.below(256)).unwrap(),
                    1 => body.swap(at, other),
                    2 => drop(body.drain(at.min(other)..at.max(other))),
                    _ => body.insert(at, body[other]),
                }
                body.push(b'\n');
            }
            let (events, error) = replayed(body);
            let ended = events
                .last()
                .is_some_and(|event| event.as_message_stop().is_some());
            assert_eq!(
                ended,
                error.is_none(),
                "an end or an error, {}",
                transcript.name
            );
        }
    }
}

#[test]
fn a_recording_replays_as_it_was() {
    for transcript in TRANSCRIPTS {
        let recording = Recording::default();
        let stream = MessageStream::replay(transcript.lf().as_bytes()).record(recording.clone());
        stream.final_message().now_or_never().unwrap().unwrap();
        assert_eq!(
            recording.bytes(),
            transcript.lf().as_bytes(),
            "{}",
            transcript.name
        );
    }
}

#[test]
fn a_recording_that_cannot_be_written_is_an_error() {
    struct Full;
    impl std::io::Write for Full {
        fn write(&mut self, _: &[u8]) -> std::io::Result<usize> {
            Err(std::io::Error::other("the disk is full"))
        }

        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }
    let transcript = Transcript::named("interleaved");
    let stream = MessageStream::replay(transcript.lf().as_bytes()).record(Full);
    let error = stream.final_message().now_or_never().unwrap().unwrap_err();
    assert_eq!(
        (error.kind(), error.is_retryable()),
        (ErrorKind::Recording, false)
    );
    assert!(error.to_string().contains("the disk is full"), "{error}");
}

/// A writer whose bytes can be looked at.
#[derive(Clone, Default)]
pub(crate) struct Recording(std::sync::Arc<std::sync::Mutex<Vec<u8>>>);

impl Recording {
    pub(crate) fn bytes(&self) -> Vec<u8> {
        self.0.lock().unwrap().clone()
    }
}

impl std::io::Write for Recording {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}
