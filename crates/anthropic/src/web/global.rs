//! What the global has: a window, a worker's scope, or that of Node, Deno, Bun or an edge runtime.

use std::fmt;

use js_sys::{Function, Reflect};
use wasm_bindgen::{JsCast, JsValue};

/// A property of the global, where there is one.
pub(crate) fn get(name: &str) -> Option<JsValue> {
    property(&js_sys::global(), name)
}

/// A property of a value, where the value has any and this one among them.
pub(crate) fn property(of: &JsValue, name: &str) -> Option<JsValue> {
    let value = Reflect::get(of, &JsValue::from_str(name)).ok()?;
    let is_there = !value.is_undefined() && !value.is_null();
    is_there.then_some(value)
}

/// A text property of a value.
pub(crate) fn text(of: &JsValue, name: &str) -> Option<String> {
    property(of, name)?.as_string()
}

/// A function of the global.
pub(crate) fn function(name: &str) -> Result<Function, Thrown> {
    get(name)
        .and_then(|value| value.dyn_into().ok())
        .ok_or_else(|| Thrown(format!("there is no global function `{name}`")))
}

/// Whether this runs in a page, which shows whatever it has to whoever opens it.
pub(crate) fn is_page() -> bool {
    get("window").is_some_and(|window| property(&window, "document").is_some())
}

/// Whether this runs in a browser, in a page or in a worker. All of them begin their name like this
/// (WHATWG HTML, "client identification"), and nothing else does.
pub(crate) fn is_browser() -> bool {
    get("navigator")
        .and_then(|navigator| text(&navigator, "userAgent"))
        .is_some_and(|name| name.starts_with("Mozilla/"))
}

/// Whether the browser knows that there is no network.
pub(crate) fn is_offline() -> bool {
    get("navigator")
        .and_then(|navigator| property(&navigator, "onLine"))
        .is_some_and(|is_online| is_online == JsValue::FALSE)
}

/// What JavaScript threw, as text.
#[derive(Debug)]
pub(crate) struct Thrown(pub(crate) String);

impl Thrown {
    /// The error's text and that of its causes.
    pub(crate) fn new(value: &JsValue) -> Self {
        let mut texts: Vec<String> = Vec::new();
        let mut next = Some(value.clone());
        // An error can be its own cause.
        for _ in 0..8 {
            let Some(value) = next.filter(|_| texts.len() < 4) else {
                break;
            };
            let text = value.as_string().or_else(|| text(&value, "message"));
            texts.extend(text.filter(|text| !text.is_empty() && !texts.contains(text)));
            next = property(&value, "cause");
        }
        if texts.is_empty() {
            texts.push("an error without a message".to_owned());
        }
        Self(texts.join(": "))
    }
}

impl fmt::Display for Thrown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Thrown {}
