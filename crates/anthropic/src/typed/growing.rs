//! A value that is read again and again while its text grows.

use std::any::TypeId;

use anthropic_types::{ContentBlock, StreamEvent};
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::partial_json::{Parser, Strings};

/// By which part of itself a text has to grow before it is decoded anew.
const PART: usize = 16;

/// What was decoded for one type of view.
#[derive(Debug)]
struct View {
    of: TypeId,
    /// How much of the text was there when it was decoded last.
    decoded: usize,
    /// Whether the complete text was decoded.
    is_over: bool,
}

/// The message's text so far.
///
/// Decoding a value costs as much as the value is long. If it were done for each piece, all of them
/// together would cost the square of that; so a text is decoded anew only when it has grown by a
/// sixteenth, which makes at most 17 times the whole.
///
/// A model that takes over from another continues the other's text, or begins anew. Which of these
/// it does is seen as soon as only one of them is JSON; until then the value is what it was.
#[derive(Debug, Default)]
pub(super) struct Growing {
    parser: Parser,
    /// How far each type of view is, so that one takes nothing from another.
    views: Vec<View>,
    /// Whether a text block has begun, of which there is no text yet.
    is_new_block: bool,
    /// Whether another model has taken over since the last text.
    is_taken_over: bool,
    /// What the text may be where a model took over, from the longest to the one that begins last.
    /// None elsewhere.
    readings: Vec<Parser>,
}

impl Growing {
    /// Takes in what an event adds. A text block after one that is no value, or a whole one, begins
    /// anew.
    pub(super) fn take(&mut self, event: &StreamEvent) {
        match event {
            StreamEvent::ContentBlockStart(start) => match &*start.content_block {
                ContentBlock::Text(_) => self.is_new_block = true,
                ContentBlock::Fallback(_) => self.is_taken_over = true,
                _ => {}
            },
            StreamEvent::MessageStop(_) => {
                // What is whole is what was meant.
                if let Some(at) = self.readings.iter().position(Parser::is_complete) {
                    self.decide(at);
                }
            }
            _ => {}
        }
        let Some(text) = event.text() else {
            return;
        };
        if self.is_new_block && !text.trim().is_empty() {
            self.begin();
        }
        self.push(text);
    }

    /// A text block begins.
    fn begin(&mut self) {
        let is_broken = match &*self.readings {
            [] => self.parser.error().is_some(),
            readings => readings.iter().all(|it| it.error().is_some()),
        };
        if is_broken || self.parser.is_complete() {
            *self = Self::default();
        }
        if self.is_taken_over && !self.parser.text().trim().is_empty() {
            if self.readings.is_empty() {
                let mut continued = Parser::new();
                let _ = continued.push(self.parser.text());
                self.readings.push(continued);
            }
            self.readings.push(Parser::new());
        }
        self.is_taken_over = false;
        self.is_new_block = false;
    }

    /// What is no JSON stays without a view.
    fn push(&mut self, text: &str) {
        if self.readings.is_empty() {
            let _ = self.parser.push(text);
            return;
        }
        for reading in &mut self.readings {
            let _ = reading.push(text);
        }
        if self.readings.iter().any(|it| it.error().is_none()) {
            self.readings.retain(|it| it.error().is_none());
        }
        if self.readings.len() == 1 {
            self.decide(0);
        }
    }

    /// One of the readings is the text.
    fn decide(&mut self, at: usize) {
        let reading = self.readings.swap_remove(at);
        if !reading.text().starts_with(self.parser.text()) {
            self.views.clear();
        }
        self.parser = reading;
        self.readings.clear();
    }

    /// What can be read of the value, as far as it has come.
    pub(super) fn value(&mut self, strings: Strings) -> Option<&Value> {
        self.parser.view(strings)
    }

    /// The value so far, if there is more of it than the last time that this type was asked for.
    pub(super) fn partial<P: DeserializeOwned + 'static>(&mut self) -> Option<P> {
        if !self.is_due(TypeId::of::<P>()) {
            return None;
        }
        let shown = P::deserialize(self.parser.view(Strings::Show)?);
        // Half of a string may be no value of its type, such as a name of a variant.
        shown
            .or_else(|error| match self.parser.view(Strings::Hide) {
                Some(value) => P::deserialize(value),
                None => Err(error),
            })
            .ok()
    }

    /// Whether the text is to be decoded anew; it is taken to be, then.
    fn is_due(&mut self, of: TypeId) -> bool {
        let length = self.parser.text().len();
        let is_complete = self.parser.is_complete();
        let next = View {
            of,
            decoded: length,
            is_over: is_complete,
        };
        let Some(view) = self.views.iter_mut().find(|view| view.of == of) else {
            if length > 0 {
                self.views.push(next);
            }
            return length > 0;
        };
        let grown = length.saturating_sub(view.decoded);
        let is_due = !view.is_over && grown > 0 && (is_complete || grown >= view.decoded / PART);
        if is_due {
            *view = next;
        }
        is_due
    }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use serde::{Deserialize, Deserializer};
    use serde_json::json;

    use super::*;

    fn event(json: &Value) -> StreamEvent {
        anthropic_types::from_slice(json.to_string().as_bytes()).unwrap()
    }

    fn start(text: &str) -> StreamEvent {
        event(&json!({"type": "content_block_start", "index": 0,
            "content_block": {"type": "text", "text": text}}))
    }

    fn delta(text: &str) -> StreamEvent {
        event(&json!({"type": "content_block_delta", "index": 0,
            "delta": {"type": "text_delta", "text": text}}))
    }

    #[derive(Debug, PartialEq, Default, Deserialize)]
    #[serde(default)]
    struct Tour {
        name: String,
        kind: Option<Kind>,
        stops: Vec<String>,
    }

    #[derive(Debug, PartialEq, Deserialize)]
    enum Kind {
        Boat,
    }

    #[test]
    fn each_view_has_what_came() {
        let mut growing = Growing::default();
        growing.take(&start(""));
        assert_eq!(growing.partial::<Tour>(), None);
        let mut names = Vec::new();
        for piece in [
            r#"{"na"#,
            r#"me": "Rhi"#,
            r#"ne", "kind": "Bo"#,
            r#"at", "stops": ["Ba"#,
        ] {
            growing.take(&delta(piece));
            let tour = growing.partial::<Tour>().unwrap();
            assert_eq!(growing.partial::<Tour>(), None, "nothing came since");
            names.push((tour.name, tour.kind, tour.stops));
        }
        let text = str::to_owned;
        assert_eq!(
            names,
            [
                (text(""), None, vec![]),
                (text("Rhi"), None, vec![]),
                // Half of a variant's name is left out, and the rest is not.
                (text("Rhine"), None, vec![]),
                (text("Rhine"), Some(Kind::Boat), vec![text("Ba")]),
            ]
        );
        growing.take(&delta(r#"sel"]}"#));
        assert_eq!(growing.partial::<Tour>().unwrap().stops, ["Basel"]);
        growing.take(&delta("\n"));
        assert_eq!(growing.partial::<Tour>(), None, "it was complete");
    }

    #[test]
    fn views_of_two_types_take_nothing_from_each_other() {
        #[derive(Debug, PartialEq, Deserialize)]
        struct Name {
            name: String,
        }

        let mut growing = Growing::default();
        growing.take(&start(""));
        for piece in [r#"{"name": "Rh"#, r#"ine", "stops": ["Basel"#, r#""]}"#] {
            growing.take(&delta(piece));
            let tour = growing.partial::<Tour>().unwrap();
            let name = growing.partial::<Name>().unwrap();
            assert_eq!(tour.name, name.name, "after {piece}");
            assert_eq!(growing.partial::<Tour>(), None, "nothing came since");
            assert_eq!(growing.partial::<Name>(), None, "nothing came since");
        }
    }

    #[test]
    fn a_text_before_the_value_is_passed_over() {
        let mut growing = Growing::default();
        for event in [
            start("Let me "),
            delta("look."),
            start(""),
            delta(r#"{"name": "Aare"}"#),
        ] {
            growing.take(&event);
        }
        assert_eq!(growing.partial::<Tour>().unwrap().name, "Aare");
        growing.take(&start(" "));
        assert_eq!(growing.value(Strings::Hide).unwrap()["name"], "Aare");
    }

    const WHOLE: &str = r#"{"name":"Rhine","stops":["Basel"]}"#;

    /// The value at the end, when another model takes over after each of the parts; what was seen
    /// on the way is the beginning of it.
    fn taken_over(parts: &[&str]) -> Value {
        let mut growing = Growing::default();
        let seam = json!({"type": "content_block_start", "index": 0, "content_block":
            {"type": "fallback", "from": {"model": "a"}, "to": {"model": "b"}}});
        let stop = event(&json!({"type": "content_block_stop", "index": 0}));
        for (number, part) in parts.iter().enumerate() {
            if number > 0 {
                growing.take(&event(&seam));
                growing.take(&stop);
            }
            growing.take(&start(""));
            for char in part.chars() {
                growing.take(&delta(&char.to_string()));
                let Some(value) = growing.value(Strings::Show) else {
                    continue;
                };
                let names = value.as_object().unwrap().keys();
                let known = ["name", "stops"];
                assert!(names.clone().all(|it| known.contains(&&**it)), "{parts:?}");
                let name = value.get("name").map_or("", |name| name.as_str().unwrap());
                assert!("Rhine".starts_with(name), "{name} of {parts:?}");
            }
            growing.take(&stop);
        }
        growing.take(&event(&json!({"type": "message_stop"})));
        growing.value(Strings::Hide).unwrap().clone()
    }

    #[test]
    fn a_model_that_takes_over_continues_or_begins_anew() {
        let whole: Value = serde_json::from_str(WHOLE).unwrap();
        for first in 1..WHOLE.len() {
            let (begun, rest) = WHOLE.split_at(first);
            assert_eq!(taken_over(&[begun, rest]), whole, "{begun} goes on");
            assert_eq!(taken_over(&[begun, WHOLE]), whole, "{begun} and anew");
            for second in 1..WHOLE.len() {
                let (again, last) = WHOLE.split_at(second);
                for parts in [[begun, again, last], [begun, again, WHOLE]] {
                    assert_eq!(taken_over(&parts), whole, "{parts:?}");
                }
                if let Some(middle) = WHOLE.get(first..second.max(first + 1)) {
                    let parts = [begun, middle, WHOLE];
                    assert_eq!(taken_over(&parts), whole, "{parts:?}");
                }
            }
        }
    }

    #[test]
    fn views_begin_anew_with_the_value() {
        let mut growing = Growing::default();
        let seam = json!({"type": "content_block_start", "index": 1, "content_block":
            {"type": "fallback", "from": {"model": "a"}, "to": {"model": "b"}}});
        growing.take(&start(r#"{"name":"Rh"#));
        assert_eq!(growing.partial::<Tour>().unwrap().name, "Rh");
        growing.take(&event(&seam));
        growing.take(&start(""));
        growing.take(&delta("{"));
        assert_eq!(growing.partial::<Tour>(), None, "it may be of the name");
        growing.take(&delta(r#""name":"A"#));
        assert_eq!(growing.partial::<Tour>().unwrap().name, "A");
        growing.take(&delta(r#"are"}"#));
        assert_eq!(growing.partial::<Tour>().unwrap().name, "Aare");
    }

    thread_local! {
        static DECODED: Cell<usize> = const { Cell::new(0) };
    }

    /// Counts the members that are decoded.
    struct Counted;

    impl<'de> Deserialize<'de> for Counted {
        fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
            let list = Vec::<u64>::deserialize(from)?;
            DECODED.with(|it| it.set(it.get() + list.len()));
            Ok(Self)
        }
    }

    #[test]
    fn all_views_together_are_linear() {
        let decoded = |members: usize| {
            DECODED.with(|it| it.set(0));
            let mut growing = Growing::default();
            growing.take(&start("["));
            for _ in 0..members {
                growing.take(&delta("7777777,"));
                let _ = growing.partial::<Counted>();
            }
            DECODED.with(Cell::get)
        };
        for members in [1_000, 10_000, 40_000] {
            let decoded = decoded(members);
            assert!(decoded < members * (PART + 2), "{decoded} of {members}");
            assert!(decoded > members * (PART / 2), "{decoded} of {members}");
        }
    }
}
