//! Reading an object: the loop that every struct shares.

use super::{Layout, Presence};
use crate::codec::DecodeError;
use crate::codec::source::{Entries, Fault, Gap, Lenient, Place, Source};
use crate::codec::vacant::vacate;
use crate::repair::RepairKind;

/// The number of a field.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Slot(usize);

/// A struct of the API as it is read. Implemented by `object!`.
pub(crate) trait ReadObject {
    /// Hands what the struct is made of to `reader`.
    fn open(&mut self, reader: &mut dyn Parts) -> Result<(), DecodeError>;
}

/// What reads a struct. Implemented for closures.
pub(crate) trait Parts {
    /// Takes the struct's layout, the places of its fields in that order, and where everything goes
    /// that belongs to none of them.
    fn read(
        &mut self,
        layout: &'static Layout,
        places: &mut [&mut dyn Place],
        rest: &mut dyn Rest,
    ) -> Result<(), DecodeError>;
}

/// Gives a closure the signature of [`Parts::read`].
pub(crate) fn parts<F>(read: F) -> F
where
    F: FnMut(&'static Layout, &mut [&mut dyn Place], &mut dyn Rest) -> Result<(), DecodeError>,
{
    read
}

impl<F> Parts for F
where
    F: FnMut(&'static Layout, &mut [&mut dyn Place], &mut dyn Rest) -> Result<(), DecodeError>,
{
    fn read(
        &mut self,
        layout: &'static Layout,
        places: &mut [&mut dyn Place],
        rest: &mut dyn Rest,
    ) -> Result<(), DecodeError> {
        self(layout, places, rest)
    }
}

/// What an object keeps beside its fields. Implemented by `Extra`.
pub(crate) trait Rest {
    /// Keeps an entry that belongs to no field: its key, and its value as JSON text.
    fn keep(&mut self, key: &str, json: &str);

    /// Notes that a field came as `null`, or did not come though it is always written: by its bit.
    fn note_null(&mut self, layout: &'static Layout, bit: u64);

    /// Notes that a field was filled in or changed, keeps what `came` and why it did not fit.
    fn note_repair(
        &mut self,
        layout: &'static Layout,
        number: usize,
        kind: RepairKind,
        came: Option<&str>,
        reason: Option<String>,
    );

    /// Whether an entry with that key is kept.
    fn has(&self, key: &str) -> bool;

    /// Takes back what was noted about a field.
    fn forget(&mut self, layout: &'static Layout, number: usize);

    /// Becomes that of an object that did not come at all.
    fn vacate(&mut self, layout: &'static Layout);
}

/// Reads an object's entries as they come; what belongs to no field is kept.
pub(crate) struct Reading<'a, 'p> {
    layout: &'static Layout,
    places: &'a mut [&'p mut dyn Place],
    rest: &'a mut dyn Rest,
    seen: u64,
    /// The number behind that of the field that came last.
    next: usize,
    /// The fields that came with a value that fits, in the lenient pass.
    fit: u64,
    /// The key that chose this struct among a union's, if it is one of a union.
    tag: Option<&'static str>,
    /// The bit of the field that has the tag, which has been read.
    once: u64,
    evidence: Evidence,
}

/// The place of a field that has been read and must not come again. It has no size, so none of it
/// is in memory.
struct Taken;

impl Place for Taken {
    fn decode(&mut self, _: &mut dyn Source) -> Result<(), DecodeError> {
        Err(DecodeError::new("it came twice, with different values"))
    }
}

/// Whether an object that lacks required fields is what it is read as.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Evidence {
    /// Only by its fields.
    None,
    /// By its place or its `type`.
    Known,
    /// By its `type` it is something else.
    Foreign,
}

impl<'a, 'p> Reading<'a, 'p> {
    pub(crate) fn new(
        layout: &'static Layout,
        places: &'a mut [&'p mut dyn Place],
        rest: &'a mut dyn Rest,
    ) -> Self {
        Self {
            layout,
            places,
            rest,
            seen: 0,
            next: 0,
            fit: 0,
            tag: None,
            once: 0,
            evidence: Evidence::None,
        }
    }

    /// It is a union's variant, chosen by that key. If the key is one of a field, its value has
    /// been read.
    pub(crate) fn is_chosen(&mut self, tag: &'static str) {
        self.tag = Some(tag);
        if self.seen != 0 && self.layout.constant(tag).is_none() {
            let Some(number) = self.layout.position(tag) else {
                return;
            };
            self.once = 1 << number & self.seen;
            // So that the fields, of which there are many more, need not be asked for it.
            if let Some(place) = self.places.get_mut(number).filter(|_| self.once != 0) {
                *place = Box::leak(Box::new(Taken));
            }
        }
    }

    /// All fields have been seen, and may come again.
    pub(crate) fn again(&mut self) {
        self.seen = u64::MAX;
    }

    /// It is a field's value, so its place decides what it is.
    pub(crate) fn is_placed(&mut self) {
        self.evidence = Evidence::Known;
    }

    /// The field with that key. Keys mostly come in the order of the fields, so the one after the
    /// last that was seen is looked at first.
    #[inline]
    pub(crate) fn slot(&self, key: &str) -> Option<Slot> {
        let next = self.layout.fields.get(self.next);
        if next.is_some_and(|field| field.key == key) {
            return Some(Slot(self.next));
        }
        self.layout.position(key).map(Slot)
    }

    /// Reads the value of a field.
    #[inline]
    pub(crate) fn field(
        &mut self,
        Slot(number): Slot,
        source: &mut dyn Source,
    ) -> Result<(), DecodeError> {
        self.seen |= 1 << number;
        self.next = number + 1;
        let Some(place) = self.places.get_mut(number) else {
            return Ok(());
        };
        place
            .decode(source)
            .map_err(|error| error.under(self.layout.key(number)))
    }

    /// Notes that a field's value may stand for none.
    #[cold]
    pub(crate) fn gap(&mut self, Slot(number): Slot, gap: Gap) -> Result<(), DecodeError> {
        let field = self.layout.fields.get(number);
        if field.is_some_and(|field| field.is_object) {
            return Err(no_object(gap).under(self.layout.key(number)));
        }
        if gap == Gap::Null {
            self.rest.note_null(self.layout, 1 << number);
        }
        Ok(())
    }

    /// Reads the value of a field in the lenient pass: one that does not fit is kept beside it.
    pub(crate) fn mend(
        &mut self,
        Slot(number): Slot,
        source: &mut dyn Source,
    ) -> Result<(), DecodeError> {
        let (bit, layout) = (1 << number, self.layout);
        let Some(field) = layout.fields.get(number) else {
            return Ok(());
        };
        if self.once & bit != 0 {
            return Err(twice(field.key));
        }
        if self.seen & bit != 0 {
            self.rest.forget(layout, number);
        }
        self.seen |= bit;
        let Some(place) = self.places.get_mut(number) else {
            return Ok(());
        };
        let attempt = source
            .mend(*place, field.vacant())
            .map_err(|error| error.under(field.key))?;
        let mut fault = attempt.fault;
        if let Some(gap) = attempt.gap.filter(|_| field.is_object) {
            vacate(*place, field.vacant());
            fault = Some(match gap {
                Gap::Null => Fault::Null,
                Gap::Blank => Fault::Misfit(r#""""#.to_owned(), no_object(gap)),
            });
        }
        if attempt.gap == Some(Gap::Null) || matches!(fault, Some(Fault::Null)) {
            self.rest.note_null(layout, bit);
        }
        if !matches!(fault, Some(Fault::Null | Fault::Misfit(..))) {
            self.fit |= bit;
        }
        let (kind, came, reason) = match fault {
            None => return Ok(()),
            Some(Fault::Misfit(_, reason)) if field.presence == Presence::Firm => {
                return Err(reason.under(field.key));
            }
            Some(Fault::Null) => (RepairKind::Null, None, None),
            Some(Fault::Misfit(came, reason)) => {
                (RepairKind::Mistyped, Some(came), Some(reason.to_string()))
            }
            Some(Fault::Rounded(came)) => (RepairKind::Rounded, Some(came), None),
            Some(Fault::Surrogate) => (RepairKind::LoneSurrogate, None, None),
        };
        let came = came.as_deref();
        self.rest.note_repair(layout, number, kind, came, reason);
        Ok(())
    }

    /// Whether a `null` changes something in an object that has its values already.
    pub(crate) fn takes_null(&mut self, key: &str) -> bool {
        match self.layout.position(key) {
            Some(number) => self.layout.required & (1 << number) != 0,
            None => !self.rest.has(key),
        }
    }

    /// Reads an entry that may be no field.
    pub(crate) fn any(&mut self, key: &str, source: &mut dyn Source) -> Result<(), DecodeError> {
        let Some(slot) = self.slot(key) else {
            return self.entry(key, source).map_err(|error| error.under(key));
        };
        if source.lenient().is_some() {
            return self.mend(slot, source);
        }
        self.field(slot, source)?;
        source.gap().map_or(Ok(()), |gap| self.gap(slot, gap))
    }

    /// Everything has come. What is missing stays vacant in the lenient pass, if the object is what
    /// it is read as.
    #[inline]
    pub(crate) fn finish(&mut self, lenient: Lenient<'_>) -> Result<(), DecodeError> {
        let layout = self.layout;
        let there = if lenient.is_some() {
            self.fit
        } else {
            self.seen
        };
        if layout.complete & !there == 0 {
            return Ok(());
        }
        self.incomplete(lenient.is_some())
    }

    #[cold]
    fn incomplete(&mut self, lenient: bool) -> Result<(), DecodeError> {
        for number in ones(self.layout.or_null & !self.seen) {
            let bit = self.layout.absent(number);
            self.rest.note_null(self.layout, bit);
        }
        let missing = self.layout.required & !self.seen;
        let unfit = self.layout.required & !(if lenient { self.fit } else { self.seen });
        if unfit == 0 {
            return Ok(());
        }
        if !lenient || !self.is_plausible() {
            let (lacks, which) = if missing == 0 {
                ("unreadable", unfit)
            } else {
                ("missing", missing)
            };
            let key = self.layout.key(which.trailing_zeros() as usize);
            return Err(DecodeError::new(format!("{lacks} field `{key}`")));
        }
        for number in ones(missing) {
            if let (Some(place), Some(field)) =
                (self.places.get_mut(number), self.layout.fields.get(number))
            {
                vacate(*place, field.vacant());
            }
            let kind = RepairKind::Missing;
            self.rest.note_repair(self.layout, number, kind, None, None);
        }
        Ok(())
    }

    fn is_plausible(&self) -> bool {
        match self.evidence {
            Evidence::Foreign => false,
            Evidence::Known => true,
            Evidence::None => {
                let has_type = self.layout.constant("type").is_some();
                self.tag.is_some() || (!has_type && self.fit & self.layout.required != 0)
            }
        }
    }
}

/// The places of the bits that are set.
fn ones(bits: u64) -> impl Iterator<Item = usize> {
    (0..64).filter(move |number| bits & (1 << number) != 0)
}

/// Why a value that stands for none is no object.
#[cold]
pub(crate) fn no_object(gap: Gap) -> DecodeError {
    let found = match gap {
        Gap::Null => "null",
        Gap::Blank => "string \"\"",
    };
    DecodeError::new(format!("invalid type: {found}, expected an object"))
}

#[cold]
fn twice(key: &str) -> DecodeError {
    DecodeError::new(format!("`{key}` came twice, with different values"))
}

/// What is no field: a constant, or something that is new.
impl Entries for Reading<'_, '_> {
    fn entry(&mut self, key: &str, source: &mut dyn Source) -> Result<(), DecodeError> {
        let constant = self.layout.constant(key);
        let is_tag = self.tag == Some(key);
        source.raw(&mut |text, _| {
            if constant.is_some_and(|constant| constant.json == text) {
                if key == "type" && self.evidence == Evidence::None {
                    self.evidence = Evidence::Known;
                }
                return Ok(());
            }
            if is_tag {
                return Err(twice(key));
            }
            if constant.is_some() && key == "type" {
                self.evidence = Evidence::Foreign;
            }
            // A constant that arrives with another value is kept, to be written back as it came.
            self.rest.keep(key, text);
            Ok(())
        })
    }
}

/// Reads an object.
pub(crate) fn read_object(
    object: &mut dyn ReadObject,
    source: &mut dyn Source,
) -> Result<(), DecodeError> {
    object.open(source.parts())
}
