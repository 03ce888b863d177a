//! Rules as text, for the request header and the command line:
//! `status=429; retry-after=1; path=/v1/messages`.

use std::fmt::Display;
use std::str::FromStr;
use std::time::Duration;

use super::fault::Fault;
use super::rule::Rule;
use super::transcript::{LineEnd, Transcript};

const KINDS: &str = "status, overloaded, error-after, end-after, cut-after, reset-after, stall-after, pings-after, \
                     bad-utf8-after, bad-json-after, huge-event-after, byte-by-byte, rechunk, crlf, cr, bom, half, \
                     content-type, html, empty, garbage, silence, hang-up, reset, slow-headers, slow-body";

/// The parts of a rule, each taken once.
struct Parts<'a>(Vec<(&'a str, &'a str)>);

impl<'a> Parts<'a> {
    fn read(text: &'a str) -> Self {
        let parts = text
            .split(';')
            .map(str::trim)
            .filter(|part| !part.is_empty());
        let pairs = parts.map(|part| match part.split_once('=') {
            Some((name, value)) => (name.trim(), value.trim()),
            None => (part, ""),
        });
        Self(pairs.collect())
    }

    /// A part's value, which is empty where none is given.
    fn take(&mut self, name: &str) -> Option<&'a str> {
        let index = self.0.iter().position(|(given, _)| *given == name)?;
        Some(self.0.remove(index).1)
    }

    fn text(&mut self, name: &str) -> Result<Option<&'a str>, String> {
        match self.take(name) {
            None => Ok(None),
            Some(value) if !value.is_empty() => Ok(Some(value)),
            Some(_) => Err(format!("{name} needs a value")),
        }
    }

    fn number<N: FromStr>(&mut self, name: &str) -> Result<Option<N>, String> {
        let parse = |value: &str| parsed(name, value);
        self.text(name)?.map(parse).transpose()
    }

    fn millis(&mut self, name: &str) -> Result<Option<Duration>, String> {
        Ok(self.number(name)?.map(Duration::from_millis))
    }
}

fn parsed<N: FromStr>(name: impl Display, value: &str) -> Result<N, String> {
    let wrong = || format!("{name}: {value:?} is not a number that fits");
    value.parse().map_err(|_| wrong())
}

pub(super) fn parse(text: &str) -> Result<Rule, String> {
    let mut parts = Parts::read(text);
    let mut rule = Rule::new(Fault::slow_headers(Duration::ZERO));
    text.trim().clone_into(&mut rule.name);
    rule.method = parts.text("method")?.map(str::to_owned);
    rule.path = parts.text("path")?.map(str::to_owned);
    rule.model = parts.text("model")?.map(str::to_owned);
    rule.skip = parts.number("after")?.unwrap_or_default();
    rule.times = parts.number("times")?;
    rule.attempts = parts.number("attempts")?;
    if let Some(nth) = parts.number("nth")? {
        rule = rule.nth(nth);
    }
    let delay = parts.millis("slow-headers")?;
    let pace = parts.millis("slow-body")?;
    let fault = match (kind(&mut parts)?, delay, pace) {
        (Some(fault), _, Some(pace)) => fault.paced(pace),
        (Some(fault), _, None) => fault,
        (None, _, Some(pace)) => Fault::slow_body(pace),
        (None, Some(_), None) => Fault::slow_headers(Duration::ZERO),
        (None, None, None) => {
            return Err(match parts.0.first() {
                Some((name, _)) => format!("{name:?} is no kind of fault; there are {KINDS}"),
                None => format!("no kind of fault is named; there are {KINDS}"),
            });
        }
    };
    rule.fault = match delay {
        Some(delay) => fault.delayed(delay),
        None => fault,
    };
    match parts.0.first() {
        Some((name, _)) => Err(format!("{name:?} means nothing here")),
        None => Ok(rule),
    }
}

fn kind(parts: &mut Parts<'_>) -> Result<Option<Fault>, String> {
    if let Some(fault) = error(parts)? {
        return Ok(Some(fault));
    }
    if let Some(fault) = stream(parts)? {
        return Ok(Some(fault));
    }
    whole(parts)
}

/// Errors: the response's, or an event's.
fn error(parts: &mut Parts<'_>) -> Result<Option<Fault>, String> {
    let status = match parts.take("overloaded") {
        Some("") => Some(529),
        // In the middle of a stream.
        Some(events) => {
            let events = parsed("overloaded", events)?;
            return Ok(Some(Fault::on_stream(move |answer| {
                Fault::error_after(answer, events, "overloaded_error", "Overloaded")
            })));
        }
        None => parts.number::<u16>("status")?,
    };
    let kind = parts.text("type")?.map(str::to_owned);
    let message = parts.text("message")?.map(str::to_owned);
    if let Some(events) = parts.number("error-after")? {
        let kind = kind.unwrap_or_else(|| "api_error".to_owned());
        let message = message.unwrap_or_else(|| "Internal server error".to_owned());
        return Ok(Some(Fault::on_stream(move |answer| {
            Fault::error_after(answer, events, &kind, &message)
        })));
    }
    let Some(status) = status else {
        return match (kind, message) {
            (None, None) => Ok(None),
            _ => Err("type and message go with status or error-after".to_owned()),
        };
    };
    if !(200..=599).contains(&status) {
        return Err(format!("status: {status} is not between 200 and 599"));
    }
    let mut fault = Fault::status(status).reworded(kind, message);
    if let Some(seconds) = parts.text("retry-after")? {
        fault = fault.header("retry-after", seconds);
    }
    if let Some(retry) = parts.text("should-retry")? {
        fault = fault.header("x-should-retry", retry);
    }
    Ok(Some(fault))
}

type OnStream = fn(&Transcript, usize) -> Fault;

/// What happens after so many events of the stream, or to its bytes.
fn stream(parts: &mut Parts<'_>) -> Result<Option<Fault>, String> {
    const AFTER: [Named<OnStream>; 6] = [
        ("end-after", Fault::end_after),
        ("cut-after", Fault::cut_after),
        ("reset-after", Fault::reset_after),
        ("stall-after", Fault::stall_after),
        ("bad-utf8-after", Fault::bad_utf8_after),
        ("bad-json-after", Fault::bad_json_after),
    ];
    for (name, make) in AFTER {
        if let Some(events) = parts.number(name)? {
            return Ok(Some(Fault::on_stream(move |answer| make(answer, events))));
        }
    }
    if let Some(events) = parts.number("pings-after")? {
        let every = parts.millis("every")?.unwrap_or(Duration::from_millis(100));
        return Ok(Some(Fault::on_stream(move |answer| {
            Fault::pings_after(answer, events, every)
        })));
    }
    if let Some(events) = parts.number("huge-event-after")? {
        let bytes = parts.number("bytes")?.unwrap_or(1 << 20).min(1 << 28);
        return Ok(Some(Fault::on_stream(move |answer| {
            Fault::huge_event_after(answer, events, bytes)
        })));
    }
    if let Some(size) = parts.number("rechunk")? {
        return Ok(Some(Fault::on_stream(move |answer| {
            Fault::rechunked(answer, size)
        })));
    }
    let line_end = match (parts.take("crlf"), parts.take("cr")) {
        (Some(_), _) => Some(LineEnd::CrLf),
        (_, Some(_)) => Some(LineEnd::Cr),
        _ => None,
    };
    let bom = parts.take("bom").is_some();
    Ok((bom || line_end.is_some()).then(|| {
        Fault::on_stream(move |answer| {
            let answer = answer.clone().line_end(line_end.unwrap_or_default());
            Fault::sse(&if bom { answer.bom() } else { answer })
        })
    }))
}

/// What happens to any response.
fn whole(parts: &mut Parts<'_>) -> Result<Option<Fault>, String> {
    if let Some(pause) = parts.take("byte-by-byte") {
        let pause = or(pause, 0, "byte-by-byte")?;
        return Ok(Some(Fault::byte_by_byte(Duration::from_millis(pause))));
    }
    if let Some(content_type) = parts.text("content-type")? {
        return Ok(Some(Fault::retyped(content_type)));
    }
    for (name, make) in STATUS {
        if let Some(status) = parts.take(name) {
            return Ok(Some(make(or(status, 200, name)?)));
        }
    }
    let found = BARE
        .into_iter()
        .find(|(name, _)| parts.take(name).is_some());
    Ok(found.map(|(_, make)| make()))
}

type Named<F> = (&'static str, F);

type WithStatus = fn(u16) -> Fault;
type Bare = fn() -> Fault;

const STATUS: [Named<WithStatus>; 2] = [("html", Fault::html), ("empty", Fault::empty)];
const BARE: [Named<Bare>; 5] = [
    ("half", Fault::half),
    ("garbage", Fault::garbage),
    ("silence", Fault::silence),
    ("hang-up", Fault::hang_up),
    ("reset", Fault::reset),
];

fn or<N: FromStr>(value: &str, default: N, name: &str) -> Result<N, String> {
    if value.is_empty() {
        Ok(default)
    } else {
        parsed(name, value)
    }
}
