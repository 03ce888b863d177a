//! Functions of the platform's, watched while they are called.

use std::cell::RefCell;
use std::rc::Rc;

use js_sys::{Array, Function, Object, Reflect};
use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast, JsValue};

/// A function of an object's, with one in its place that calls it and notes something of each call,
/// until this is dropped.
pub struct Watched<T> {
    object: Object,
    name: JsValue,
    /// Of the object itself, and not of its prototype.
    own: Option<JsValue>,
    noted: Rc<RefCell<Vec<T>>>,
    _instead: Closure<dyn Fn(JsValue, JsValue) -> Result<JsValue, JsValue>>,
}

impl<T: Clone + 'static> Watched<T> {
    /// `note` gets the arguments, of which there may be two, and the result.
    pub fn new(object: &JsValue, name: &str, note: fn(&Array, &JsValue) -> T) -> Self {
        let (object, name): (Object, _) =
            (object.clone().unchecked_into(), JsValue::from_str(name));
        let original = Reflect::get(&object, &name).unwrap_or_default();
        let is_own = Object::has_own(&object, &name);
        let own = is_own.then(|| original.clone());
        let noted: Rc<RefCell<Vec<T>>> = Rc::default();
        let (called, into): (Function, _) = (original.unchecked_into(), noted.clone());
        let this = object.clone();
        let instead = Closure::<dyn Fn(JsValue, JsValue) -> Result<JsValue, JsValue>>::new(
            move |one: JsValue, two: JsValue| {
                // As many as were given.
                let arguments = Array::of2(&one, &two);
                while arguments.length() > 0 && arguments.get(arguments.length() - 1).is_undefined()
                {
                    arguments.pop();
                }
                let result = called.apply(&this, &arguments)?;
                into.borrow_mut().push(note(&arguments, &result));
                Ok(result)
            },
        );
        let _ = Reflect::set(&object, &name, instead.as_ref());
        Self {
            object,
            name,
            own,
            noted,
            _instead: instead,
        }
    }

    /// A function of the global's.
    pub fn global(name: &str, note: fn(&Array, &JsValue) -> T) -> Self {
        Self::new(&js_sys::global(), name, note)
    }

    /// What was noted so far.
    pub fn noted(&self) -> Vec<T> {
        self.noted.borrow().clone()
    }
}

impl<T> Drop for Watched<T> {
    fn drop(&mut self) {
        let _ = match &self.own {
            Some(original) => Reflect::set(&self.object, &self.name, original),
            None => Reflect::delete_property(&self.object, &self.name),
        };
    }
}
