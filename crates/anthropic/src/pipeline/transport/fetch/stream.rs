//! A body as a `ReadableStream`, which is read piece by piece while it is sent.

use std::cell::RefCell;
use std::rc::Rc;

use js_sys::futures::future_to_promise;
use js_sys::{Function, Object, Promise, Reflect, Uint8Array};
use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::ReadableStream;

use crate::Error;
use crate::transport::Body;
use crate::web::global;

type Pull = dyn FnMut(JsValue) -> Promise;

/// The stream, and the function that it takes its pieces from.
pub(super) struct Pulled {
    stream: ReadableStream,
    failed: Rc<RefCell<Option<Error>>>,
    _pull: Closure<Pull>,
}

impl Pulled {
    pub(super) fn new(body: Body) -> Result<Self, JsValue> {
        // A stream asks for one piece at a time, so the body is always there when it does.
        let body = Rc::new(RefCell::new(Some(body)));
        let failed = Rc::new(RefCell::new(None));
        let keep = failed.clone();
        let pull = Closure::<Pull>::new(move |controller: JsValue| {
            let (body, failed) = (body.clone(), keep.clone());
            future_to_promise(async move {
                let Some(mut source) = body.take() else {
                    return Ok(JsValue::UNDEFINED);
                };
                match source.next().await {
                    Some(Ok(piece)) => {
                        call(&controller, "enqueue", Some(&Uint8Array::from(&*piece)))?;
                        body.replace(Some(source));
                    }
                    None => call(&controller, "close", None)?,
                    Some(Err(error)) => {
                        let text = JsValue::from_str("the request's body could not be read");
                        failed.replace(Some(error));
                        return Err(text);
                    }
                }
                Ok(JsValue::UNDEFINED)
            })
        });
        let source = Object::new();
        Reflect::set(&source, &JsValue::from_str("pull"), pull.as_ref())?;
        Ok(Self {
            stream: ReadableStream::new_with_underlying_source(&source)?,
            failed,
            _pull: pull,
        })
    }

    pub(super) fn stream(&self) -> JsValue {
        self.stream.clone().into()
    }

    /// Why the body could not be read to its end.
    pub(super) fn failure(&self) -> Option<Error> {
        self.failed.take()
    }
}

fn call(object: &JsValue, name: &str, argument: Option<&JsValue>) -> Result<(), JsValue> {
    let function: Function = global::property(object, name)
        .unwrap_or_default()
        .dyn_into()?;
    match argument {
        Some(argument) => function.call1(object, argument)?,
        None => function.call0(object)?,
    };
    Ok(())
}
