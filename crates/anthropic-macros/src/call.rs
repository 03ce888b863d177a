//! The expression that makes a tool of a function.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{format_ident, quote, quote_spanned};
use syn::ext::IdentExt;
use syn::spanned::Spanned;
use syn::{Attribute, Lit, LitStr, Path, parse_quote};

use crate::argument::{Argument, Parameter};
use crate::description;
use crate::fault::Faults;
use crate::options::{Timeout, ToolOptions, check_name};
use crate::signature::Function;
use crate::types::ContextArgument;

/// A tool, as the attributes describe it.
pub(crate) struct Tool {
    name: LitStr,
    description: TokenStream,
    options: ToolOptions,
    function: Function,
    anthropic: Path,
}

/// How the function is called inside of the tool.
pub(crate) struct Callee {
    /// The path to the function.
    pub(crate) path: TokenStream,
    /// The variable that holds the shared value, where the function takes one.
    pub(crate) shared: Option<Ident>,
}

impl Tool {
    /// Checks the name and the description.
    pub(crate) fn new(
        function: Function,
        attributes: &[Attribute],
        options: ToolOptions,
        prefix: &str,
        anthropic: Path,
        faults: &mut Faults,
    ) -> Self {
        let name = match &options.name {
            Some(name) => name.clone(),
            None => LitStr::new(&function.name.unraw().to_string(), function.name.span()),
        };
        let whole = LitStr::new(&format!("{prefix}{}", name.value()), name.span());
        faults.keep(check_name(&whole, ""));
        let description = match &options.description {
            Some(description) => Some(quote!(#description)),
            None => description::of(attributes),
        };
        if description.is_none() {
            let name = &function.name;
            let fault = format!(
                "the tool `{name}` has no description, by which the model decides when to call it: \
                 write a doc comment above the function, such as `/// The weather at a place, now.`"
            );
            faults.at(name, fault);
        }
        Self {
            name: whole,
            description: description.unwrap_or_default(),
            options,
            function,
            anthropic,
        }
    }

    /// The tool, as an expression of the type `Tools`.
    pub(crate) fn expression(&self, callee: &Callee) -> TokenStream {
        let Self {
            name,
            description,
            anthropic,
            ..
        } = self;
        let input = self.input();
        let closure = self.closure(callee);
        let settings = self.settings();
        let mut tool = quote!(#anthropic::tools::tool_fn(#name, #description, #closure));
        // Whether a type has docs is not known here. The fields of a flattened one are no
        // arguments.
        let by_type = |it: &Parameter| !it.is_described_here();
        let mut parameters = self.function.parameters();
        if parameters.any(by_type) && !self.function.parameters().any(Parameter::is_flattened) {
            let private = self.private();
            tool = quote!(#private::described_arguments(#tool));
        }
        quote! {{
            #input
            #anthropic::tools::Tools::from(#tool #settings)
        }}
    }

    /// The type that the input is decoded into.
    fn input(&self) -> TokenStream {
        let private = self.private();
        let serde = path_text(&private, "serde");
        let schemars = path_text(&private, "schemars");
        let expecting = format!("an object with the arguments of `{}`", self.name.value());
        let closed = if self.function.parameters().any(Parameter::is_flattened) {
            None
        } else {
            // Else an argument that the model made up would be dropped without a word.
            Some(quote!(deny_unknown_fields,))
        };
        let fields = self.function.parameters().map(|parameter| {
            let (attributes, name, ty) = (&parameter.attributes, &parameter.name, &parameter.ty);
            quote!(#(#attributes)* #name: #ty)
        });
        let private_path = &private;
        // Before the derive's own error, which names a path that is not the caller's.
        let described = self.function.parameters().filter(|it| !it.has_own_schema());
        let described = described.map(|parameter| {
            let ty = &parameter.ty;
            quote_spanned!(ty.span()=> #private_path::described::<#ty>();)
        });
        let input = input_name();
        quote! {
            #(#described)*
            #[derive(#private::serde::Deserialize, #private::schemars::JsonSchema)]
            #[serde(crate = #serde, #closed expecting = #expecting)]
            #[schemars(crate = #schemars)]
            #[allow(non_snake_case)]
            struct #input { #(#fields),* }
        }
    }

    fn closure(&self, callee: &Callee) -> TokenStream {
        let Self {
            function,
            anthropic,
            ..
        } = self;
        // A variable that is not used is a warning.
        let variable = |name, is_used: bool| {
            let name = Ident::new(name, Span::mixed_site());
            if is_used { quote!(#name) } else { quote!(_) }
        };
        let parameters = function.parameters().count();
        let input = variable("input", parameters > 0);
        let context = variable("context", parameters < function.arguments.len());
        let arguments = function.arguments.iter().map(|argument| match argument {
            Argument::Parameter(parameter) => {
                let name = &parameter.name;
                quote!(#input.#name)
            }
            Argument::Context(ContextArgument::ByValue) => context.clone(),
            Argument::Context(ContextArgument::ByReference) => quote!(&#context),
        });
        let (path, shared) = (&callee.path, callee.shared.as_ref());
        let receiver = shared.map(|shared| quote!(&#shared,));
        let wait = function.is_async.then(|| quote!(.await));
        let private = self.private();
        // A type that can't be returned is shown where it is written.
        let read = quote_spanned!(function.output=> read());
        let returned = quote!(#private::Returned::new(#path(#receiver #(#arguments),*)#wait).#read);
        let keep = shared.map(|shared| quote!(let #shared = ::std::sync::Arc::clone(&#shared);));
        let input_type = input_name();
        quote! {
            move |#input: #input_type, #context: #anthropic::tools::ToolContext| {
                #keep
                async move {
                    use #private::{AsJson as _, AsNothing as _, AsOutput as _, AsResult as _, AsText as _};
                    #returned
                }
            }
        }
    }

    fn settings(&self) -> TokenStream {
        let ToolOptions {
            strict,
            sequential,
            timeout,
            needs_approval,
            confirm,
            ..
        } = &self.options;
        let strict = strict.as_ref().map(|strict| quote!(.strict(#strict)));
        let sequential = sequential
            .as_ref()
            .filter(|it| it.value)
            .map(|_| quote!(.sequential()));
        let timeout = timeout.as_ref().map(|timeout| match timeout {
            Timeout::Duration(duration) => quote!(.timeout(#duration)),
            Timeout::Seconds(Lit::Int(seconds)) => {
                quote!(.timeout(::core::time::Duration::from_secs(#seconds)))
            }
            Timeout::Seconds(seconds) => {
                quote!(.timeout(::core::time::Duration::from_secs_f64(#seconds)))
            }
        });
        let needs_approval = needs_approval
            .as_ref()
            .filter(|it| it.value)
            .map(|_| quote!(.needs_approval()));
        let confirm = confirm.as_ref().map(|confirm| quote!(.confirm(#confirm)));
        quote!(#strict #sequential #timeout #needs_approval #confirm)
    }

    /// Where the expansion's own means are.
    fn private(&self) -> Path {
        let mut path = self.anthropic.clone();
        path.segments.push(format_ident!("__macros").into());
        path
    }
}

/// The path of the crate, unless it is set.
pub(crate) fn anthropic(path: Option<Path>) -> Path {
    path.unwrap_or_else(|| parse_quote!(::anthropic))
}

/// No name that somebody has around a tool.
fn input_name() -> Ident {
    Ident::new("__AnthropicToolInput", Span::call_site())
}

/// A path in the text that the attributes of serde and schemars take.
fn path_text(private: &Path, name: &str) -> String {
    let name = format_ident!("{name}");
    quote!(#private::#name).to_string().replace(' ', "")
}
