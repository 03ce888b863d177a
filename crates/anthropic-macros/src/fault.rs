//! All mistakes of an item at once, each at its place.

use proc_macro2::TokenStream;
use quote::ToTokens;
use syn::Error;

/// The mistakes that were found so far.
#[derive(Default)]
pub(crate) struct Faults(Option<Error>);

impl Faults {
    /// A mistake in `place`.
    pub(crate) fn at(&mut self, place: impl ToTokens, message: impl std::fmt::Display) {
        self.add(Error::new_spanned(place, message));
    }

    pub(crate) fn add(&mut self, error: Error) {
        match &mut self.0 {
            Some(first) => first.combine(error),
            none => *none = Some(error),
        }
    }

    /// What was made, unless it failed.
    pub(crate) fn keep<T>(&mut self, result: Result<T, Error>) -> Option<T> {
        result.map_err(|error| self.add(error)).ok()
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_none()
    }

    /// The mistakes as code that does not compile; nothing if there are none.
    pub(crate) fn into_code(self) -> TokenStream {
        self.0.map(Error::into_compile_error).unwrap_or_default()
    }
}
