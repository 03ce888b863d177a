//! Methods whose feature is off, so that the compiler names the feature.
//!
//! Of a module or a function whose feature is off the compiler names the feature, but of a method
//! it reports only that there is none. So each such method has a stand-in here, with a bound that
//! nothing meets: a call of it fails with what the bound advises, and it compiles to no code.

#![allow(
    dead_code,
    unnameable_types,
    unused_macros,
    clippy::extra_unused_type_parameters,
    clippy::unused_self,
    reason = "which of them there are depends on the features, and none of them runs"
)]

/// A bound that nothing meets, and what the compiler advises where it is not met. Without its
/// lifetime the compiler would refuse the bound of a method without arguments where it is written.
macro_rules! bound {
    ($bound:ident: $message:literal, $label:literal, $note:literal) => {
        #[diagnostic::on_unimplemented(message = $message, label = $label, note = $note)]
        pub trait $bound<'any> {
            /// What a call returns: of no type, so that it is the only error of its line.
            type Nothing;
            fn nothing() -> Self::Nothing;
        }
    };
}

/// The bound is that of the first argument or, as `of`, of the method's type, since the compiler
/// shows what it advises of `Self` only where that has no lifetime; else it shows the bound's name.
macro_rules! stand_ins {
    ($bound:ident: $($type:ty { $($method:ident($($argument:ident $(, $more:ident)?)?))* })*) => {
        $(impl $type {
            $(stand_ins!(@ $bound $method $($argument $($more)?)?);)*
        })*
    };
    (@ $bound:ident $method:ident) => {
        #[doc(hidden)]
        pub fn $method(&self) -> <Self as $bound<'static>>::Nothing
        where
            for<'any> Self: $bound<'any>,
        {
            <Self as $bound<'static>>::nothing()
        }
    };
    (@ $bound:ident $method:ident $argument:ident) => {
        #[doc(hidden)]
        pub fn $method<N: $bound<'static>>(&self, $argument: N) -> N::Nothing {
            let _ = $argument;
            N::nothing()
        }
    };
    (@ $bound:ident $method:ident of $argument:ident) => {
        #[doc(hidden)]
        pub fn $method<T: $bound<'static>>(&self, $argument: impl Sized) -> T::Nothing {
            let _ = $argument;
            T::nothing()
        }
    };
    (@ $bound:ident $method:ident $argument:ident $more:ident) => {
        #[doc(hidden)]
        pub fn $method<N: $bound<'static>>(&self, $argument: N, $more: impl Sized) -> N::Nothing {
            let _ = ($argument, $more);
            N::nothing()
        }
    };
}

#[cfg(not(feature = "tools"))]
mod tools {
    use crate::resources::{BetaMessages, Messages};

    bound!(FeatureTools:
        "this method needs the feature `tools` of the crate `anthropic`",
        "needs the feature `tools`",
        "name `tools` among the `features` of `anthropic` in `Cargo.toml`; `macros` includes it");

    stand_ins!(FeatureTools:
        Messages<'_> { run(params) resume(waiting, approvals) }
        BetaMessages<'_> { run(params) resume(waiting, approvals) thread(params) });
}

#[cfg(not(any(feature = "schemars-1", feature = "tools")))]
mod typed {
    use crate::resources::{BetaMessages, Messages};

    bound!(FeatureSchemars:
        "this method needs the feature `schemars-1` of the crate `anthropic`",
        "needs the feature `schemars-1`",
        "name `schemars-1` among the `features` of `anthropic` in `Cargo.toml`");

    stand_ins!(FeatureSchemars:
        Messages<'_> { parse(of, params) parse_stream(of, params) }
        BetaMessages<'_> { parse(of, params) parse_stream(of, params) });
}

#[cfg(not(feature = "blocking"))]
mod blocking {
    use crate::Request;

    bound!(FeatureBlocking:
        "this method needs the feature `blocking` of the crate `anthropic`",
        "needs the feature `blocking`",
        "name `blocking` among the `features` of `anthropic` in `Cargo.toml`");

    impl<T> Request<T> {
        #[doc(hidden)]
        pub fn send_blocking(self) -> <Self as FeatureBlocking<'static>>::Nothing
        where
            for<'any> Self: FeatureBlocking<'any>,
        {
            <Self as FeatureBlocking<'static>>::nothing()
        }
    }
}

#[cfg(not(feature = "operations"))]
mod operations {
    use crate::Client;

    bound!(FeatureOperations:
        "this method needs the feature `operations` of the crate `anthropic`",
        "needs the feature `operations`",
        "name `operations` among the `features` of `anthropic` in `Cargo.toml`");

    stand_ins!(FeatureOperations: Client { call(operation) });
}

#[cfg(not(feature = "agents"))]
mod agents {
    use crate::resources::BetaResources;

    bound!(FeatureAgents:
        "this method needs the feature `agents` of the crate `anthropic`",
        "needs the feature `agents`",
        "name `agents` among the `features` of `anthropic` in `Cargo.toml`; `full` includes it");

    stand_ins!(FeatureAgents: BetaResources<'_> {
        agents() deployment_runs() deployments() dreams() environments() memory_stores()
        sessions() tunnels() vaults()
    });
}

#[cfg(not(feature = "admin"))]
mod admin {
    use crate::Client;
    use crate::resources::BetaResources;

    bound!(FeatureAdmin:
        "this method needs the feature `admin` of the crate `anthropic`",
        "needs the feature `admin`",
        "name `admin` among the `features` of `anthropic` in `Cargo.toml`; `full` includes it");

    stand_ins!(FeatureAdmin:
        Client { organization() user_profiles() }
        BetaResources<'_> { compliance() organization() user_profiles() });
}

#[cfg(not(feature = "completions"))]
mod completions {
    use crate::Client;

    bound!(FeatureCompletions:
        "this method needs the feature `completions` of the crate `anthropic`",
        "needs the feature `completions`",
        "name `completions` among the `features` of `anthropic` in `Cargo.toml`; `full` includes it");

    stand_ins!(FeatureCompletions: Client { completions() });
}
