//! Nothing to read: what makes any place vacant, without its type being known.

use super::DecodeError;
use super::object::{Layout, Parts, Rest};
use super::source::{
    Attempt, Entries, Gap, Growing, Lenient, Look, LookRaw, Optional, Place, Source,
};

/// A value that leaves every place as it was before anything was read into it: strings and lists
/// empty, numbers zero, options without a value. Free JSON becomes the text inside.
pub(crate) struct Vacant(pub(crate) &'static str);

/// Makes a place vacant again.
pub(crate) fn vacate(place: &mut dyn Place, json: &'static str) {
    // Only a union fails. It is vacant already: what does not fit one is kept in it, and is no
    // failure.
    let _ = place.decode(&mut Vacant(json));
}

impl Parts for Vacant {
    fn read(
        &mut self,
        layout: &'static Layout,
        places: &mut [&mut dyn Place],
        rest: &mut dyn Rest,
    ) -> Result<(), DecodeError> {
        for (place, field) in places.iter_mut().zip(layout.fields) {
            vacate(*place, field.vacant());
        }
        rest.vacate(layout);
        Ok(())
    }
}

impl Source for Vacant {
    fn lenient(&self) -> Lenient<'_> {
        None
    }

    fn gap(&self) -> Option<Gap> {
        None
    }

    fn string(&mut self, out: &mut String) -> Result<(), DecodeError> {
        out.clear();
        Ok(())
    }

    fn look(&mut self, look: &mut Look<'_>) -> Result<(), DecodeError> {
        look("")
    }

    fn boolean(&mut self) -> Result<bool, DecodeError> {
        Ok(false)
    }

    fn unsigned(&mut self) -> Result<u64, DecodeError> {
        Ok(0)
    }

    fn signed(&mut self) -> Result<i64, DecodeError> {
        Ok(0)
    }

    fn float(&mut self) -> Result<f64, DecodeError> {
        Ok(0.0)
    }

    fn raw(&mut self, look: &mut LookRaw<'_>) -> Result<(), DecodeError> {
        look(self.0, None)
    }

    fn optional(&mut self, place: &mut dyn Optional) -> Result<(), DecodeError> {
        place.none();
        Ok(())
    }

    fn list(&mut self, _items: &mut dyn Growing) -> Result<(), DecodeError> {
        Ok(())
    }

    fn object(&mut self, _entries: &mut dyn Entries) -> Result<(), DecodeError> {
        Err(DecodeError::new("nothing to read"))
    }

    fn parts(&mut self) -> &mut dyn Parts {
        self
    }

    fn mend(
        &mut self,
        field: &mut dyn Place,
        vacant: &'static str,
    ) -> Result<Attempt, DecodeError> {
        vacate(field, vacant);
        Ok(Attempt {
            gap: None,
            fault: None,
        })
    }
}
