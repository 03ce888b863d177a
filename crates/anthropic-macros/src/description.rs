//! Doc comments, as descriptions for the model.

use proc_macro2::TokenStream;
use quote::{ToTokens, quote};
use syn::{Attribute, Expr, ExprLit, Lit, LitStr, Meta};

/// The description in an item's doc comments; `None` where there is none, or none with a word in
/// it.
pub(crate) fn of(attributes: &[Attribute]) -> Option<TokenStream> {
    let lines: Vec<&Expr> = attributes.iter().filter_map(doc).collect();
    let span = lines.first()?.to_token_stream().into_iter().next()?.span();
    let mut text = String::new();
    for line in &lines {
        let Expr::Lit(ExprLit {
            lit: Lit::Str(line),
            ..
        }) = line
        else {
            // A macro's text is known to the compiler only: `include_str!`.
            return Some(quote!(::core::concat!(#(#lines),*)));
        };
        text.push_str(&line.value());
        text.push('\n');
    }
    let text = unindented(&text);
    (!text.is_empty()).then(|| LitStr::new(&text, span).into_token_stream())
}

/// The text of one `#[doc = …]`.
fn doc(attribute: &Attribute) -> Option<&Expr> {
    match &attribute.meta {
        Meta::NameValue(meta) if meta.path.is_ident("doc") => Some(&meta.value),
        _ => None,
    }
}

/// A text without the spaces that all of its lines begin with, and without empty lines around it.
fn unindented(text: &str) -> String {
    let indent = |line: &str| line.len() - line.trim_start_matches(' ').len();
    let filled = text.lines().filter(|line| !line.trim().is_empty());
    let margin = filled.map(indent).min().unwrap_or(0);
    let lines = text
        .lines()
        .map(|line| line.get(margin..).unwrap_or_default().trim_end());
    let text = lines.collect::<Vec<_>>().join("\n");
    text.trim_matches('\n').to_owned()
}
