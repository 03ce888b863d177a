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
    /// May be absent.
    Optional,
}

/// A field, without its type.
#[derive(Debug)]
pub(crate) struct Field {
    pub(crate) key: &'static str,
    pub(crate) presence: Presence,
}

/// The keys of a struct: its constants and its fields, at most 64.
#[derive(Debug)]
pub(crate) struct Layout {
    pub(crate) constants: &'static [Constant],
    pub(crate) fields: &'static [Field],
    /// A bit for each field that must be there.
    pub(crate) required: u64,
}

impl Layout {
    pub(crate) const fn new(constants: &'static [Constant], fields: &'static [Field]) -> Self {
        let (mut required, mut number, mut rest) = (0, 0, fields);
        while let [field, others @ ..] = rest {
            if matches!(field.presence, Presence::Required) {
                required |= 1 << number;
            }
            (number, rest) = (number + 1, others);
        }
        Self {
            constants,
            fields,
            required,
        }
    }
}
