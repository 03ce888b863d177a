//! `#[tools]` on an `impl` block.

use proc_macro2::{Ident, Span, TokenStream, TokenTree};
use quote::{ToTokens, format_ident, quote};
use syn::ext::IdentExt;
use syn::{Attribute, Error, ImplItem, ImplItemFn, ItemImpl, Meta, Path, Result};

use crate::call::{self, Callee, Tool};
use crate::fault::Faults;
use crate::options::{ToolOptions, ToolsOptions};
use crate::signature::{Function, Place};

/// The block, and beside it one with `tools()`; or the block, and what is wrong with it.
pub(crate) fn expand(options: TokenStream, item: &TokenStream) -> TokenStream {
    let mut block = match syn::parse2::<ItemImpl>(item.clone()) {
        Ok(block) => block,
        Err(error) => {
            let error = unfit(item.clone(), error).into_compile_error();
            return quote!(#item #error);
        }
    };
    let mut faults = Faults::default();
    if let Some((path, _)) = &block.trait_ {
        let fault = "the methods of a trait are no tools: put them into an `impl` block of the type's \
                     own";
        faults.at(path, fault);
    }
    let mut options = faults
        .keep(ToolsOptions::parse(options))
        .unwrap_or_default();
    let anthropic = call::anthropic(options.anthropic.take());
    let prefix = options
        .prefix
        .map(|prefix| prefix.value())
        .unwrap_or_default();
    let mut tools = Vec::new();
    let mut is_marked = false;
    for item in &mut block.items {
        let ImplItem::Fn(method) = item else {
            continue;
        };
        let Some(mark) = take_mark(&mut method.attrs) else {
            continue;
        };
        is_marked = true;
        let options = faults.keep(method_options(&mark)).unwrap_or_default();
        tools.push(tool(method, options, &prefix, &anthropic, &mut faults));
    }
    if !is_marked {
        let fault = "no method is a tool: put `#[tool]` above those that the model may call";
        faults.at(&block.self_ty, fault);
    }
    if !faults.is_empty() {
        let faults = faults.into_code();
        return quote!(#block #faults);
    }
    let method = options.method.unwrap_or_else(|| method_name("tools"));
    let beside = beside(&block, &tools, &method, &anthropic);
    quote!(#block #beside)
}

/// Takes off the attribute that marks a method.
fn take_mark(attributes: &mut Vec<Attribute>) -> Option<Attribute> {
    let is_mark = |attribute: &Attribute| {
        let last = attribute.path().segments.last();
        last.is_some_and(|segment| segment.ident == "tool")
    };
    let at = attributes.iter().position(is_mark)?;
    Some(attributes.remove(at))
}

fn method_options(mark: &Attribute) -> Result<ToolOptions> {
    let options = match &mark.meta {
        Meta::Path(_) => ToolOptions::default(),
        Meta::List(list) => ToolOptions::parse(list.tokens.clone())?,
        Meta::NameValue(meta) => {
            let fault = "options stand in parentheses: `#[tool(name = \"…\")]`";
            return Err(Error::new_spanned(meta, fault));
        }
    };
    match &options.anthropic {
        Some(path) => {
            let fault = "the path of the crate is an option of `#[tools]`";
            Err(Error::new_spanned(path, fault))
        }
        None => Ok(options),
    }
}

/// A statement that adds a method's tool to the list.
fn tool(
    method: &mut ImplItemFn,
    options: ToolOptions,
    prefix: &str,
    anthropic: &Path,
    faults: &mut Faults,
) -> TokenStream {
    let function = Function::read(&mut method.sig, Place::Impl, faults);
    let name = &method.sig.ident;
    let callee = Callee {
        path: quote!(Self::#name),
        shared: function.takes_self.then(|| variable("shared")),
    };
    let tool = Tool::new(
        function,
        &method.attrs,
        options,
        prefix,
        anthropic.clone(),
        faults,
    );
    let expression = tool.expression(&callee);
    let conditions = method
        .attrs
        .iter()
        .filter(|attribute| attribute.path().is_ident("cfg"));
    let (value, shared, tools) = (variable("value"), callee.shared, variable("tools"));
    let keep = shared.map(|shared| quote!(let #shared = ::std::sync::Arc::clone(&#value);));
    quote! {
        #(#conditions)*
        {
            #keep
            #tools.push(#expression);
        }
    }
}

fn beside(
    block: &ItemImpl,
    tools: &[TokenStream],
    method: &Ident,
    anthropic: &Path,
) -> TokenStream {
    let (generics, _, conditions) = block.generics.split_for_impl();
    let cfgs = block
        .attrs
        .iter()
        .filter(|attribute| attribute.path().is_ident("cfg"));
    let ty = block.self_ty.to_token_stream();
    let (value, list) = (variable("value"), variable("tools"));
    let shared = format_ident!("shared_{}", method.unraw(), span = method.span());
    let as_method = format!("As `{method}`, of a value that others share.");
    quote! {
        #(#cfgs)*
        #[allow(deprecated, unreachable_pub, unused_qualifications)]
        impl #generics #ty #conditions {
            /// The tools made of methods that are marked as such, for a run. They share this value.
            #[must_use]
            pub fn #method(self) -> #anthropic::tools::Tools
            where
                Self: ::core::marker::Sized + ::core::marker::Send + ::core::marker::Sync + 'static,
            {
                Self::#shared(::std::sync::Arc::new(self))
            }

            #[doc = #as_method]
            #[must_use]
            pub fn #shared(#value: ::std::sync::Arc<Self>) -> #anthropic::tools::Tools
            where
                Self: ::core::marker::Sized + ::core::marker::Send + ::core::marker::Sync + 'static,
            {
                let mut #list = ::std::vec::Vec::<#anthropic::tools::Tools>::new();
                #(#tools)*
                <#anthropic::tools::Tools as ::core::iter::FromIterator<_>>::from_iter(#list)
            }
        }
    }
}

/// A method that the caller calls by its name; where there are two of them, each is shown.
fn method_name(name: &str) -> Ident {
    Ident::new(name, Span::call_site())
}

/// A variable that no name of the caller's clashes with.
fn variable(name: &str) -> Ident {
    Ident::new(name, Span::mixed_site())
}

/// Why an item is no `impl` block.
fn unfit(item: TokenStream, error: Error) -> Error {
    for token in item {
        match token {
            TokenTree::Ident(word) if word == "impl" => return error,
            TokenTree::Ident(word) if word == "fn" => {
                let fault = "for a function it is `#[tool]`; `#[tools]` is for an `impl` block";
                return Error::new_spanned(word, fault);
            }
            _ => {}
        }
    }
    error
}
