//! The signature of a function that is to be a tool.

use proc_macro2::{Ident, Span, TokenStream};
use quote::ToTokens;
use syn::spanned::Spanned;
use syn::{FnArg, Generics, Receiver, ReceiverKind, ReturnType, Safety, Signature};

use crate::argument::{self, Argument, Parameter};
use crate::fault::Faults;

/// What is needed to call a function.
pub(crate) struct Function {
    pub(crate) name: Ident,
    pub(crate) is_async: bool,
    /// Whether it takes `&self`.
    pub(crate) takes_self: bool,
    pub(crate) arguments: Vec<Argument>,
    /// Where mistakes in its result are shown.
    pub(crate) output: Span,
}

/// What a function may take as its first argument.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Place {
    /// No `self`.
    Module,
    /// `&self`, or none.
    Impl,
}

impl Function {
    /// Reads a signature, and takes off the attributes of its arguments that are not the
    /// compiler's.
    pub(crate) fn read(signature: &mut Signature, place: Place, faults: &mut Faults) -> Self {
        check_kind(signature, faults);
        let mut takes_self = false;
        let mut arguments = Vec::new();
        for argument in &mut signature.inputs {
            match argument {
                FnArg::Receiver(receiver) => {
                    takes_self = true;
                    check_receiver(receiver, place, faults);
                }
                FnArg::Typed(argument) => arguments.extend(argument::read(argument, faults)),
            }
        }
        check_contexts(signature, &arguments, faults);
        Self {
            name: signature.ident.clone(),
            is_async: signature.asyncness.is_some(),
            takes_self,
            arguments,
            output: match &signature.output {
                ReturnType::Type(_, output) => output.span(),
                ReturnType::Default => signature.ident.span(),
            },
        }
    }

    pub(crate) fn parameters(&self) -> impl Iterator<Item = &Parameter> {
        self.arguments.iter().filter_map(|argument| match argument {
            Argument::Parameter(parameter) => Some(&**parameter),
            Argument::Context(_) => None,
        })
    }
}

fn check_kind(signature: &Signature, faults: &mut Faults) {
    if let Safety::Unsafe(token) = &signature.safety {
        faults.at(token, "a tool is called by a model: it can't be unsafe");
    }
    if let Some(abi) = &signature.abi {
        faults.at(abi, "a tool is a plain function");
    }
    if let Some(variadic) = &signature.variadic {
        faults.at(variadic, "a tool takes a fixed number of arguments");
    }
    let Generics {
        params,
        where_clause,
        ..
    } = &signature.generics;
    let fault = "a tool can't be generic: its input has one schema; name the types";
    if !params.is_empty() {
        faults.at(params, fault);
    } else if let Some(clause) = where_clause {
        faults.at(clause, fault);
    }
}

fn check_receiver(receiver: &Receiver, place: Place, faults: &mut Faults) {
    let fault = match (&receiver.kind, place) {
        (_, Place::Module) => {
            "a method becomes a tool by `#[tools]` on its `impl` block: `#[tool]` alone is for \
             functions"
        }
        (ReceiverKind::Reference(_, None, None), Place::Impl) => return,
        (ReceiverKind::Reference(_, _, Some(_)), Place::Impl) => {
            "calls of tools share the value and may run at the same time: take `&self`, and keep \
             what changes in a `Mutex`"
        }
        _ => "calls of tools share the value: take `&self`",
    };
    let whole: TokenStream = receiver.to_token_stream();
    faults.at(whole, fault);
}

fn check_contexts(signature: &Signature, arguments: &[Argument], faults: &mut Faults) {
    let is_context = |argument: &&Argument| matches!(argument, Argument::Context(_));
    if arguments.iter().filter(is_context).count() > 1 {
        let fault = "a call has one context";
        faults.at(&signature.inputs, fault);
    }
}
