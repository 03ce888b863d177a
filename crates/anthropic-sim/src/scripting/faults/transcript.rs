//! Event streams as data: what a stream would be if nothing went wrong.

use bytes::Bytes;
use serde_json::{Value, json};

use crate::base::wire;
use crate::http::event_stream::{self, Framing};

/// How a transcript's lines end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum LineEnd {
    /// `\n`, as the API sends it.
    #[default]
    Lf,
    /// `\r\n`.
    CrLf,
    /// `\r` alone.
    Cr,
}

impl LineEnd {
    fn text(self) -> &'static str {
        match self {
            Self::Lf => "\n",
            Self::CrLf => "\r\n",
            Self::Cr => "\r",
        }
    }
}

/// The events of a stream, in order.
#[derive(Debug, Clone, Default)]
pub struct Transcript {
    /// Each event's lines, without the blank line that ends it.
    events: Vec<Vec<String>>,
    line_end: LineEnd,
    bom: bool,
    /// Whether its bytes are those of an event stream of AWS's.
    framed: bool,
}

impl Transcript {
    /// A complete message stream of ten events: start, ping, one text block in four deltas, end.
    pub fn sample() -> Self {
        let usage = json!({"input_tokens": 10, "output_tokens": 1});
        let message = json!({
            "id": "msg_01FaultServerSample", "type": "message", "role": "assistant", "model": "claude-opus-5-5",
            "content": [], "stop_reason": null, "stop_sequence": null, "usage": usage,
        });
        let delta = |text: &str| json!({"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": text}});
        let block = json!({"type": "text", "text": ""});
        Self::from_events(&[
            json!({"type": "message_start", "message": message}),
            json!({"type": "content_block_start", "index": 0, "content_block": block}),
            json!({"type": "ping"}),
            delta("One, "),
            delta("two, "),
            delta("thr"),
            delta("ee."),
            json!({"type": "content_block_stop", "index": 0}),
            json!({
                "type": "message_delta", "delta": {"stop_reason": "end_turn", "stop_sequence": null},
                "usage": {"output_tokens": 6},
            }),
            json!({"type": "message_stop"}),
        ])
    }

    /// One event per value, named by its `type`.
    pub fn from_events(events: &[Value]) -> Self {
        events.iter().fold(Self::default(), Self::event)
    }

    /// Reads a captured stream: events are separated by blank lines, lines end in LF or CRLF.
    pub fn parse(text: &str) -> Self {
        let lines = text
            .strip_prefix('\u{feff}')
            .unwrap_or(text)
            .lines()
            .map(str::to_owned)
            .collect::<Vec<_>>();
        let events = lines
            .split(String::is_empty)
            .filter(|event| !event.is_empty());
        Self {
            events: events.map(<[String]>::to_vec).collect(),
            ..Self::default()
        }
    }

    /// Adds an event.
    pub fn event(mut self, event: &Value) -> Self {
        let name = event
            .get("type")
            .and_then(Value::as_str)
            .unwrap_or("message");
        self.events.push(vec![
            format!("event: {name}"),
            format!("data: {}", wire::text(event)),
        ]);
        self
    }

    /// Adds an event's lines as they are: a comment, a second `data:`, anything.
    pub fn lines<I: IntoIterator<Item = S>, S: Into<String>>(mut self, lines: I) -> Self {
        self.events
            .push(lines.into_iter().map(Into::into).collect());
        self
    }

    /// Ends every line this way.
    pub fn line_end(mut self, line_end: LineEnd) -> Self {
        self.line_end = line_end;
        self
    }

    /// Opens with a byte order mark.
    pub fn bom(mut self) -> Self {
        self.bom = true;
        self
    }

    /// The same as an event stream of AWS's, in which line ends mean nothing.
    pub(super) fn framed(mut self, framed: bool) -> Self {
        self.framed = framed;
        self
    }

    /// One event, in the form that this transcript has.
    pub(super) fn alone(&self, event: &Value) -> Bytes {
        let alone = Self::default().framed(self.framed);
        alone.event(event).bytes()
    }

    /// An event with this data, whatever it is, in the form that this transcript has.
    pub(super) fn raw(&self, data: &[u8]) -> Bytes {
        if self.framed {
            return event_stream::chunk(data).into();
        }
        [b"event: content_block_delta\ndata: ", data, b"\n\n"]
            .concat()
            .into()
    }

    /// The first `count` events only.
    pub fn first(mut self, count: usize) -> Self {
        self.events.truncate(count);
        self
    }

    /// How many events there are.
    pub fn len(&self) -> usize {
        self.events.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.events.is_empty()
    }

    /// The bytes of each event; a byte order mark is part of the first.
    pub fn chunks(&self) -> Vec<Bytes> {
        let end = self.line_end.text();
        let events = self.events.iter().enumerate().map(|(index, lines)| {
            let bom = if self.bom && index == 0 {
                "\u{feff}"
            } else {
                ""
            };
            Bytes::from(format!("{bom}{}{end}{end}", lines.join(end)))
        });
        if !self.framed {
            return events.collect();
        }
        let mut framing = Framing::default();
        let events = self.events.iter();
        let frames = events.map(|lines| framing.event(lines.join("\n").as_bytes()));
        frames.filter(|frame| !frame.is_empty()).collect()
    }

    /// The bytes of the whole stream.
    pub fn bytes(&self) -> Bytes {
        self.chunks().concat().into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_transcript_reads_back() {
        for line_end in [LineEnd::Lf, LineEnd::CrLf] {
            let original = Transcript::sample().line_end(line_end).bom();
            let text = String::from_utf8(original.bytes().to_vec()).unwrap();
            assert_eq!(
                Transcript::parse(&text).line_end(line_end).bom().bytes(),
                original.bytes()
            );
        }
        assert_eq!(Transcript::sample().len(), 10);
    }

    #[test]
    fn a_lone_cr_ends_lines_too() {
        let transcript = Transcript::default()
            .lines(["event: a", "data: 1"])
            .line_end(LineEnd::Cr);
        assert_eq!(&transcript.bytes()[..], b"event: a\rdata: 1\r\r");
    }
}
