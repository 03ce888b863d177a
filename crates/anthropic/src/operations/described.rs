//! What operations take, as data: parameters, and the types that they are made of.

use crate::operation::Place;

/// What an operation does and takes.
#[derive(Debug)]
pub(crate) struct Described {
    pub(crate) id: &'static str,
    pub(crate) doc: &'static str,
    pub(crate) parameters: &'static [ParameterInfo],
}

/// A parameter of an operation.
#[derive(Debug)]
pub struct ParameterInfo {
    pub(crate) name: &'static str,
    pub(crate) wire: &'static str,
    pub(crate) place: Place,
    pub(crate) ty: TypeRef,
    pub(crate) flags: u8,
    pub(crate) doc: &'static str,
}

/// A field of a type.
#[derive(Debug)]
pub struct FieldInfo {
    pub(crate) name: &'static str,
    pub(crate) ty: TypeRef,
    pub(crate) flags: u8,
    pub(crate) doc: &'static str,
}

/// A form of a union.
#[derive(Debug)]
pub struct VariantInfo {
    pub(crate) values: &'static [&'static str],
    pub(crate) ty: TypeRef,
}

/// A type with a name.
#[derive(Debug)]
pub struct TypeInfo {
    pub(crate) name: &'static str,
    pub(crate) kind: TypeKind,
    pub(crate) doc: &'static str,
}

/// What a named type is.
#[derive(Debug)]
#[non_exhaustive]
pub enum TypeKind {
    /// An object with these fields; the constants are keys that always have the same value.
    #[non_exhaustive]
    Object {
        /// Keys and the strings that they always hold.
        constants: &'static [(&'static str, &'static str)],
        /// The other keys.
        fields: &'static [FieldInfo],
    },
    /// One of several objects, distinguished by the key `tag`.
    #[non_exhaustive]
    Union {
        /// The key.
        tag: &'static str,
        /// The objects.
        variants: &'static [VariantInfo],
    },
    /// One of several JSON shapes, such as a string or a list.
    #[non_exhaustive]
    Shapes {
        /// The shapes.
        variants: &'static [VariantInfo],
    },
    /// A string, these or one that is not known yet.
    #[non_exhaustive]
    Values {
        /// The known strings.
        values: &'static [&'static str],
    },
}

/// The type of a parameter or a field.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub enum TypeRef {
    /// A string.
    String,
    /// `true` or `false`.
    Bool,
    /// A whole number.
    Integer,
    /// A number.
    Number,
    /// A time, as in RFC 3339.
    Timestamp,
    /// JSON of any shape.
    Json,
    /// A file to upload.
    File,
    /// One of some strings.
    Values(&'static [&'static str]),
    /// A list.
    List(&'static Self),
    /// An object with keys of any name.
    Map(&'static Self),
    /// A type that also takes `null`.
    Nullable(&'static Self),
    /// One of several types.
    OneOf(&'static [Self]),
    /// A type with a name.
    Named(&'static TypeInfo),
}

pub(crate) const REQUIRED: u8 = 1;
pub(crate) const NULLABLE: u8 = 2;
pub(crate) const WHOLE_BODY: u8 = 4;

impl ParameterInfo {
    /// The name by which [`Call::param`](super::Call::param) takes it.
    pub const fn name(&self) -> &'static str {
        self.name
    }

    /// The name in the request: a key of the query or the body, or a header.
    pub const fn wire(&self) -> &'static str {
        self.wire
    }

    /// Where it goes.
    pub const fn place(&self) -> Place {
        self.place
    }

    /// Its type.
    pub const fn ty(&self) -> TypeRef {
        self.ty
    }

    /// Whether a request must have it.
    pub const fn is_required(&self) -> bool {
        self.flags & REQUIRED != 0
    }

    /// Whether it takes `null`.
    pub const fn is_nullable(&self) -> bool {
        self.flags & NULLABLE != 0
    }

    /// Whether it is the body, rather than a key of it.
    pub const fn is_whole_body(&self) -> bool {
        self.flags & WHOLE_BODY != 0
    }

    /// What it is, in a sentence or two.
    pub const fn doc(&self) -> &'static str {
        self.doc
    }

    /// Whether it is a file, or a list of files, and so given to [`Call::file`](super::Call::file).
    pub const fn is_file(&self) -> bool {
        match self.ty {
            TypeRef::File => true,
            TypeRef::List(of) => matches!(of, TypeRef::File),
            _ => false,
        }
    }
}

impl FieldInfo {
    /// The key.
    pub const fn name(&self) -> &'static str {
        self.name
    }

    /// Its type.
    pub const fn ty(&self) -> TypeRef {
        self.ty
    }

    /// Whether an object must have it.
    pub const fn is_required(&self) -> bool {
        self.flags & REQUIRED != 0
    }

    /// Whether it takes `null`.
    pub const fn is_nullable(&self) -> bool {
        self.flags & NULLABLE != 0
    }

    /// What it is, in a sentence or two.
    pub const fn doc(&self) -> &'static str {
        self.doc
    }
}

impl VariantInfo {
    /// The tag's values, or the JSON shape, that select this form.
    pub const fn values(&self) -> &'static [&'static str] {
        self.values
    }

    /// The type of this form.
    pub const fn ty(&self) -> TypeRef {
        self.ty
    }
}

impl TypeInfo {
    /// The type's path below [`types`](crate::types), such as `agents::Session`.
    pub const fn name(&self) -> &'static str {
        self.name
    }

    /// What it is made of.
    pub const fn kind(&self) -> &TypeKind {
        &self.kind
    }

    /// What it is, in a sentence or two.
    pub const fn doc(&self) -> &'static str {
        self.doc
    }
}

impl TypeRef {
    /// The known strings, where it is a string of some set; empty otherwise.
    pub const fn values(&self) -> &'static [&'static str] {
        match self {
            Self::Values(values) => values,
            Self::Named(info) => match info.kind {
                TypeKind::Values { values } => values,
                _ => &[],
            },
            _ => &[],
        }
    }
}
