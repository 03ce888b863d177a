//! What can be seen of an argument's type without knowing it.

use proc_macro2::{Ident, TokenStream, TokenTree};
use quote::ToTokens;
use syn::{Error, GenericArgument, PathArguments, PathSegment, Result, Type};

/// Types of the standard library and of JSON, which show nothing of what an argument means.
const PLAIN: &[&str] = &[
    "bool",
    "char",
    "String",
    "str",
    "u8",
    "u16",
    "u32",
    "u64",
    "u128",
    "usize",
    "i8",
    "i16",
    "i32",
    "i64",
    "i128",
    "isize",
    "f32",
    "f64",
    "NonZero",
    "NonZeroU8",
    "NonZeroU16",
    "NonZeroU32",
    "NonZeroU64",
    "NonZeroUsize",
    "NonZeroI32",
    "NonZeroI64",
    "Vec",
    "VecDeque",
    "LinkedList",
    "HashMap",
    "BTreeMap",
    "HashSet",
    "BTreeSet",
    "Cow",
    "Value",
    "Json",
    "PathBuf",
    "Duration",
    "SystemTime",
    "IpAddr",
    "Ipv4Addr",
    "Ipv6Addr",
    "SocketAddr",
    "Uuid",
    "Url",
];

/// Wrappers of one type, which has the description.
const TRANSPARENT: &[&str] = &["Option", "Box", "Arc", "Rc"];

/// Whether a type's own doc comment may describe an argument: it is a path to a type of the
/// caller's.
pub(crate) fn may_describe_itself(ty: &Type) -> bool {
    let Some(last) = last_segment(ty) else {
        return false;
    };
    if !TRANSPARENT.iter().any(|name| last.ident == name) {
        return !PLAIN.iter().any(|name| last.ident == name);
    }
    match &last.arguments {
        PathArguments::AngleBracketed(arguments) => match arguments.args.first() {
            Some(GenericArgument::Type(inner)) => may_describe_itself(inner),
            _ => false,
        },
        _ => false,
    }
}

/// An argument that takes the call's context, and how.
#[derive(Clone, Copy)]
pub(crate) enum ContextArgument {
    ByValue,
    ByReference,
}

pub(crate) fn context(ty: &Type) -> Option<ContextArgument> {
    let (ty, context) = match ty {
        Type::Reference(reference) => (&*reference.elem, ContextArgument::ByReference),
        ty => (ty, ContextArgument::ByValue),
    };
    let last = last_segment(ty)?;
    (last.ident == "ToolContext").then_some(context)
}

fn last_segment(ty: &Type) -> Option<&PathSegment> {
    match ty {
        Type::Path(path) => path.path.segments.last(),
        Type::Group(group) => last_segment(&group.elem),
        Type::Paren(paren) => last_segment(&paren.elem),
        _ => None,
    }
}

/// Refuses types that the model's input can't be decoded into, whatever they are made of.
pub(crate) fn check(ty: &Type) -> Result<()> {
    if let Type::Reference(reference) = ty {
        let inner = &reference.elem;
        let owned = match &**inner {
            Type::Slice(slice) => format!("Vec<{}>", slice.elem.to_token_stream()),
            inner => owned(inner),
        };
        let fault = format!("the model's input is decoded for each call: take `{owned}`");
        return Err(Error::new_spanned(ty, fault));
    }
    check_tokens(ty.to_token_stream())
}

/// The owned type that a reference's target is read into.
fn owned(inner: &Type) -> String {
    match last_segment(inner) {
        Some(last) if last.ident == "str" => "String".to_owned(),
        Some(last) if last.ident == "Path" => "std::path::PathBuf".to_owned(),
        _ => inner.to_token_stream().to_string(),
    }
}

fn check_tokens(tokens: TokenStream) -> Result<()> {
    let mut tokens = tokens.into_iter().peekable();
    while let Some(token) = tokens.next() {
        match &token {
            TokenTree::Group(group) => check_tokens(group.stream())?,
            TokenTree::Punct(punct) if punct.as_char() == '&' => {
                let fault = "the model's input is decoded for each call: nothing can be borrowed \
                             from it; take an owned type such as `String`";
                return Err(Error::new_spanned(token, fault));
            }
            TokenTree::Punct(punct) if punct.as_char() == '\'' => match tokens.peek() {
                Some(TokenTree::Ident(name)) if name == "static" => {}
                name => {
                    let fault = "an argument of a tool has no lifetime but `'static`";
                    return Err(Error::new_spanned(name, fault));
                }
            },
            TokenTree::Ident(ident) => check_word(ident)?,
            _ => {}
        }
    }
    Ok(())
}

fn check_word(ident: &Ident) -> Result<()> {
    let fault = if ident == "impl" {
        "an argument of a tool has one type: `impl Trait` stands for many"
    } else if ident == "Self" {
        "write the type's name: `Self` is another type where the input is decoded"
    } else if ident == "_" {
        "write the argument's type"
    } else {
        return Ok(());
    };
    Err(Error::new_spanned(ident, fault))
}
