//! What the shared loops have to know about a struct: which key is which field.

/// A field whose value the API fixes, such as a block's `type`.
#[derive(Debug)]
pub(crate) struct Constant {
    pub(crate) key: &'static str,
    /// The value as JSON text.
    pub(crate) json: &'static str,
}

/// When a field is read and written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Presence {
    /// Must be there.
    Required,
    /// Is always written, `null` where it has no value.
    OrNull,
    /// May be absent. A `null` that came is not sent: requests do not allow it.
    Optional,
    /// May be absent, and requests allow `null` as well.
    Nullable,
    /// May be absent. If it is there and does not fit, reading fails: no repair could do without
    /// it.
    Firm,
}

/// A field, without its type.
#[derive(Debug)]
pub(crate) struct Field {
    pub(crate) key: &'static str,
    pub(crate) presence: Presence,
    /// Free JSON that is always an object.
    pub(crate) is_object: bool,
}

impl Field {
    /// The JSON text of the field while it has no value.
    pub(crate) fn vacant(&self) -> &'static str {
        if self.is_object { "{}" } else { "null" }
    }
}

/// The keys of a struct: its constants and its fields, at most 64; less where some are always
/// written, which have a second bit each.
#[derive(Debug)]
pub(crate) struct Layout {
    pub(crate) constants: &'static [Constant],
    pub(crate) fields: &'static [Field],
    /// Whether it occurs in responses only, where `null` is always written as it came.
    pub(crate) is_answer: bool,
    /// A bit for each field that must be there.
    pub(crate) required: u64,
    /// A bit for each field that is always written, `null` where it has no value.
    pub(crate) or_null: u64,
    /// Both: an object that has these is complete.
    pub(crate) complete: u64,
}

impl Layout {
    /// A struct without fields.
    pub(crate) const EMPTY: &'static Self = &Self::new(&[], &[], false);

    pub(crate) const fn new(
        constants: &'static [Constant],
        fields: &'static [Field],
        is_answer: bool,
    ) -> Self {
        let (mut required, mut or_null, mut number, mut rest) = (0, 0, 0, fields);
        while let [field, others @ ..] = rest {
            match field.presence {
                Presence::Required => required |= 1 << number,
                Presence::OrNull => or_null |= 1 << number,
                Presence::Optional | Presence::Nullable | Presence::Firm => {}
            }
            (number, rest) = (number + 1, others);
        }
        assert!(
            number <= u64::leading_zeros(or_null),
            "a struct has too many fields"
        );
        Self {
            constants,
            fields,
            is_answer,
            required,
            or_null,
            complete: required | or_null,
        }
    }

    /// The bit for a field, which is always written, that did not come: as far from the highest bit
    /// as that of its `null` is from the lowest. Nothing for other fields.
    pub(crate) fn absent(&self, number: usize) -> u64 {
        (self.or_null & 1 << number).reverse_bits()
    }

    /// The number of the field with that key.
    pub(crate) fn position(&self, key: &str) -> Option<usize> {
        self.fields.iter().position(|field| field.key == key)
    }

    /// The key of the field of that number.
    pub(crate) fn key(&self, number: usize) -> &'static str {
        self.fields.get(number).map_or("", |field| field.key)
    }

    /// Bits for fields of this layout, as those for the fields of another that have the same keys.
    #[cold]
    pub(crate) fn translate(&self, bits: u64, other: &Self) -> u64 {
        let mut translated = 0;
        for (number, field) in self.fields.iter().enumerate() {
            let Some(place) = other.position(field.key) else {
                continue;
            };
            if bits & (1 << number) != 0 {
                translated |= 1 << place;
            }
            if bits & self.absent(number) != 0 {
                translated |= other.absent(place);
            }
        }
        translated
    }

    /// Whether a constant or a field has that key.
    pub(crate) fn has(&self, key: &str) -> bool {
        self.position(key).is_some() || self.constant(key).is_some()
    }

    pub(crate) fn constant(&self, key: &str) -> Option<&'static Constant> {
        self.constants.iter().find(|constant| constant.key == key)
    }
}
