//! `#[tool]` on a function.

use proc_macro2::{TokenStream, TokenTree};
use quote::{ToTokens, quote};
use syn::ext::IdentExt;
use syn::parse::{Parse, ParseStream};
use syn::{Attribute, Error, ItemImpl, Path, Result, Signature, Token, Visibility};

use crate::call::{self, Callee, Tool};
use crate::fault::Faults;
use crate::options::ToolOptions;
use crate::signature::{Function, Place};

/// A function whose body is none of our business.
struct Item {
    attributes: Vec<Attribute>,
    visibility: Visibility,
    signature: Signature,
    body: TokenStream,
}

impl Parse for Item {
    fn parse(input: ParseStream<'_>) -> Result<Self> {
        let item = Self {
            attributes: input.call(Attribute::parse_outer)?,
            visibility: input.parse()?,
            signature: input.parse()?,
            body: input.parse()?,
        };
        if item.body.is_empty() || syn::parse2::<Token![;]>(item.body.clone()).is_ok() {
            let fault = "a tool is a function with a body";
            return Err(Error::new_spanned(&item.signature, fault));
        }
        Ok(item)
    }
}

impl ToTokens for Item {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        let Self {
            attributes,
            visibility,
            signature,
            body,
        } = self;
        tokens.extend(quote!(#(#attributes)* #visibility #signature #body));
    }
}

/// The function, and its tool beside it; or the function, and what is wrong with it.
pub(crate) fn expand(options: TokenStream, item: &TokenStream) -> TokenStream {
    let mut item = match syn::parse2::<Item>(item.clone()) {
        Ok(function) => function,
        Err(error) => {
            let error = unfit(item.clone(), error).into_compile_error();
            return quote!(#item #error);
        }
    };
    let mut faults = Faults::default();
    let mut options = faults.keep(ToolOptions::parse(options)).unwrap_or_default();
    let anthropic = call::anthropic(options.anthropic.take());
    let function = Function::read(&mut item.signature, Place::Module, &mut faults);
    let tool = Tool::new(
        function,
        &item.attributes,
        options,
        "",
        anthropic.clone(),
        &mut faults,
    );
    if !faults.is_empty() {
        let faults = faults.into_code();
        return quote!(#item #faults);
    }
    let beside = beside(&item, &tool, &anthropic);
    quote!(#item #beside)
}

/// A type of the function's name, which has the tool: types and functions have names of their own
/// each, and a type, unlike a module, sees what is around the function.
fn beside(item: &Item, tool: &Tool, anthropic: &Path) -> TokenStream {
    let (visibility, name) = (&item.visibility, &item.signature.ident);
    let callee = Callee {
        path: name.to_token_stream(),
        shared: None,
    };
    let tool = tool.expression(&callee);
    let conditions: Vec<_> = item
        .attributes
        .iter()
        .filter(|attribute| attribute.path().is_ident("cfg"))
        .collect();
    let docs = format!(
        "The tool made of the function [`{name}`](fn@{name}).",
        name = name.unraw()
    );
    quote! {
        #(#conditions)*
        #[doc = #docs]
        #[allow(non_camel_case_types, missing_debug_implementations, unreachable_pub)]
        #visibility enum #name {}

        #(#conditions)*
        #[allow(deprecated, unreachable_pub, unused_qualifications)]
        impl #name {
            /// The tool, for a run.
            #[must_use]
            pub fn tool() -> #anthropic::tools::Tools {
                #tool
            }
        }
    }
}

/// Why an item is no function.
fn unfit(item: TokenStream, error: Error) -> Error {
    let is_function = item.clone().into_iter().any(|token| match token {
        TokenTree::Ident(word) => word == "fn",
        _ => false,
    });
    match syn::parse2::<ItemImpl>(item.clone()) {
        Ok(block) => Error::new_spanned(
            block.impl_token,
            "for an `impl` block it is `#[tools]`, with `#[tool]` on the methods that are tools",
        ),
        Err(_) if is_function => error,
        Err(_) => Error::new_spanned(item, "a tool is a function"),
    }
}
