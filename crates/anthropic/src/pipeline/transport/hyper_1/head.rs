//! What has to be known of a response's head before it is parsed: where it ends, and whether the
//! body behind it comes in chunks.

/// Looks at heads as they arrive. hyper parses them, too; this has to find the end where it does,
/// and takes for chunked only what is so beyond doubt.
#[derive(Debug, Default)]
pub(super) struct Head {
    /// The beginning of a line whose end has not arrived.
    begun: Vec<u8>,
    status: Option<Status>,
    codings: Codings,
}

/// What a status line means for the body.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Status {
    /// Another head follows.
    Informational,
    /// There is no body, or it can't be in chunks.
    Bare,
    Final,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
enum Codings {
    #[default]
    None,
    Chunked,
    Other,
}

/// Where the head ends, or that it doesn't in what has arrived.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Seen {
    Unfinished,
    /// With a body in chunks, which begins at this place.
    Chunked(usize),
    Other,
}

impl Head {
    /// Looks at the next bytes.
    pub(super) fn look(&mut self, bytes: &[u8]) -> Seen {
        let mut at = 0;
        for end in memchr::memchr_iter(b'\n', bytes) {
            let line = &bytes[at..end];
            at = end + 1;
            let is_end = if self.begun.is_empty() {
                self.line(line)
            } else {
                let mut begun = std::mem::take(&mut self.begun);
                begun.extend_from_slice(line);
                self.line(&begun)
            };
            if !is_end {
                continue;
            }
            match self.status {
                Some(Status::Informational) => *self = Self::default(),
                Some(Status::Final) if self.codings == Codings::Chunked => {
                    return Seen::Chunked(at);
                }
                _ => return Seen::Other,
            }
        }
        self.begun.extend_from_slice(&bytes[at..]);
        Seen::Unfinished
    }

    /// Whether the head ends with the line.
    fn line(&mut self, line: &[u8]) -> bool {
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        match line {
            // Lines may be empty before the first one.
            [] => return self.status.is_some(),
            _ if self.status.is_none() => self.status = Some(status(line)),
            // A line that goes on.
            [b' ' | b'\t', ..] => self.codings = Codings::Other,
            [b't' | b'T', ..] => {
                if let Some(coding) = value(line, b"transfer-encoding:") {
                    let is_chunked = coding.trim_ascii().eq_ignore_ascii_case(b"chunked");
                    self.codings = match self.codings {
                        Codings::None if is_chunked => Codings::Chunked,
                        _ => Codings::Other,
                    };
                }
            }
            _ => {}
        }
        false
    }
}

fn status(line: &[u8]) -> Status {
    let code = line
        .strip_prefix(b"HTTP/1.1 ")
        .and_then(|rest| rest.get(..3));
    match code {
        Some(b"101" | b"204" | b"304") | None => Status::Bare,
        Some([b'1', ..]) => Status::Informational,
        Some(_) => Status::Final,
    }
}

fn value<'a>(line: &'a [u8], name: &[u8]) -> Option<&'a [u8]> {
    let (start, value) = line.split_at_checked(name.len())?;
    start.eq_ignore_ascii_case(name).then_some(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What is seen of a head that arrives in pieces of this length, and where in all of it.
    fn seen(wire: &str, length: usize) -> (Seen, usize) {
        let (mut head, mut before) = (Head::default(), 0);
        for piece in wire.as_bytes().chunks(length) {
            match head.look(piece) {
                Seen::Unfinished => before += piece.len(),
                Seen::Chunked(at) => return (Seen::Chunked(0), before + at),
                Seen::Other => return (Seen::Other, 0),
            }
        }
        (Seen::Unfinished, 0)
    }

    #[test]
    fn a_body_in_chunks_begins_where_its_head_ends() {
        let body = "3\r\nabc\r\n";
        let heads = [
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n",
            "HTTP/1.1 200\r\ntransfer-encoding:CHUNKED \r\n\r\n",
            "HTTP/1.1 500 Broken\r\nte: x\r\ntransfer-encoding: chunked\r\nx: y\r\n\r\n",
            "HTTP/1.1 200 OK\ntransfer-encoding: chunked\n\n",
            "\r\n\nHTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n",
            "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Hints\r\nlink: x\r\n\r\nHTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n",
        ];
        for head in heads {
            let wire = format!("{head}{body}");
            for length in 1..=wire.len() {
                assert_eq!(
                    seen(&wire, length),
                    (Seen::Chunked(0), head.len()),
                    "{head:?} by {length}"
                );
            }
        }
    }

    #[test]
    fn all_else_is_left_to_hyper() {
        let heads = [
            "HTTP/1.1 200 OK\r\ncontent-length: 3\r\n\r\n",
            "HTTP/1.1 200 OK\r\nx-transfer-encoding: chunked\r\n\r\n",
            "HTTP/1.1 200 OK\r\ntransfer-encoding: gzip, chunked\r\n\r\n",
            "HTTP/1.1 200 OK\r\ntransfer-encoding: gzip\r\ntransfer-encoding: chunked\r\n\r\n",
            "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\ntransfer-encoding: chunked\r\n\r\n",
            "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n , gzip\r\n\r\n",
            "HTTP/1.1 204 No Content\r\ntransfer-encoding: chunked\r\n\r\n",
            "HTTP/1.1 304 Not Modified\r\ntransfer-encoding: chunked\r\n\r\n",
            "HTTP/1.1 101 Switching\r\ntransfer-encoding: chunked\r\n\r\n",
            "HTTP/1.0 200 OK\r\ntransfer-encoding: chunked\r\n\r\n",
            "nonsense\r\ntransfer-encoding: chunked\r\n\r\n",
        ];
        for head in heads {
            for length in 1..=head.len() {
                assert_eq!(seen(head, length).0, Seen::Other, "{head:?} by {length}");
            }
            let begun = &head[..head.len() - 1];
            assert_eq!(seen(begun, 7).0, Seen::Unfinished, "{begun:?}");
        }
    }
}
