//! A panic ends all that a module is doing: what waits for it would wait for ever, and what calls
//! it later would find it as the panic has left it.

use std::cell::RefCell;
use std::sync::Once;

use js_sys::Function;
use wasm_bindgen::JsValue;
use wasm_bindgen::handler::schedule_reinit;
use wasm_bindgen::prelude::wasm_bindgen;

thread_local! {
    static TOLD: RefCell<Option<Function>> = const { RefCell::new(None) };
}

/// Has a function called with the text of a panic. Whatever is called here after a panic gets a new
/// instance of the module, which has to be given the function again.
#[wasm_bindgen]
pub fn on_panic(told: Function) {
    static HOOK: Once = Once::new();
    TOLD.set(Some(told));
    HOOK.call_once(|| {
        std::panic::set_hook(Box::new(|panic| {
            schedule_reinit();
            let told = TOLD.take();
            let _ = told.map(|told| told.call1(&JsValue::NULL, &panic.to_string().into()));
        }));
    });
}
