//! The expansions, as text without spaces; what they do is tested in the client.

use proc_macro2::{TokenStream, TokenTree};
use quote::quote;

use crate::{function, methods};

fn tool(options: TokenStream, item: &TokenStream) -> String {
    plain(&function::expand(options, item))
}

fn plain(tokens: &TokenStream) -> String {
    tokens.to_string().replace([' ', '\n'], "")
}

fn assert_has(code: &str, part: &str) {
    assert!(!code.contains("compile_error"), "{code}");
    let part = part.replace([' ', '\n'], "");
    assert!(code.contains(&part), "no {part} in {code}");
}

#[test]
fn the_function_stays_and_its_tool_is_beside_it() {
    let code = tool(
        quote!(),
        &quote! {
            /// The weather at a place, now.
            ///
            /// In words.
            pub(crate) async fn weather(
                /// A city.
                city: String,
                #[serde(default)]
                #[allow(unused)]
                unit: Option<Unit>,
            ) -> Result<Weather, WeatherError> {
                ask(city, unit).await
            }
        },
    );
    assert_has(
        &code,
        "pub(crate) async fn weather(city: String, #[allow(unused)] unit: Option<Unit>,) \
         -> Result<Weather, WeatherError> { ask(city, unit).await }",
    );
    assert_has(&code, "pub(crate) enum weather {} ");
    assert_has(&code, "pub fn tool() -> ::anthropic::tools::Tools");
    assert_has(
        &code,
        r#"::anthropic::tools::tool_fn("weather", "The weather at a place, now.\n\nIn words.","#,
    );
    assert_has(
        &code,
        r#"struct __AnthropicToolInput { #[doc = r" A city."] city: String, #[serde(default)] unit: Option<Unit> }"#,
    );
    assert_has(
        &code,
        "::anthropic::__macros::Returned::new(weather(input.city, input.unit).await).read()",
    );
}

#[test]
fn options_set_what_they_say() {
    let item = quote! {
        fn weather() {}
    };
    let code = tool(
        quote! {
            name = "get-weather", description = DESCRIPTION, strict, sequential = true,
            timeout = 2.5, crate = "my::sdk"
        },
        &item,
    );
    assert_has(
        &code,
        r#"my::sdk::tools::tool_fn("get-weather", DESCRIPTION, "#,
    );
    assert_has(
        &code,
        ".strict(true).sequential().timeout(::core::time::Duration::from_secs_f64(2.5))",
    );
    assert_has(&code, r#"#[serde(crate = "my::sdk::__macros::serde", "#);
    assert_has(
        &code,
        r#"#[schemars(crate = "my::sdk::__macros::schemars")]"#,
    );
    assert!(!code.contains("anthropic::"), "{code}");

    let code = tool(
        quote!(
            description = "Now.",
            strict = false,
            sequential = false,
            timeout = LIMIT,
            crate = ::sdk
        ),
        &item,
    );
    assert_has(&code, ".strict(false).timeout(LIMIT)");
    assert!(!code.contains("sequential"), "{code}");
    assert_has(&code, "::sdk::tools::Tools");
}

#[test]
fn a_context_is_passed_and_not_asked_for() {
    let code = tool(
        quote!(description = "Now."),
        &quote!(
            fn f(cx: &anthropic::tools::ToolContext, r#type: Kind, mut other: Option<Box<Kind>>) {}
        ),
    );
    assert_has(&code, "f(&context, input.r#type, input.other)");
    assert_has(&code, "{ r#type: Kind, other: Option<Box<Kind>> }");
    let code = tool(
        quote!(description = "Now."),
        &quote!(
            async fn r#match(context: ToolContext) {}
        ),
    );
    assert_has(&code, r#"tool_fn("match", "Now.", move |_: "#);
    assert_has(&code, "r#match(context).await");
    assert_has(&code, "struct __AnthropicToolInput {}");
}

#[test]
fn docs_become_descriptions_as_they_are_read() {
    for (docs, description) in [
        (quote!(#[doc = " One."]), r#""One.""#),
        (
            quote!(#[doc = ""] #[doc = "  One.  "] #[doc = "    - two"]),
            r#""One.\n  - two""#,
        ),
        (
            quote!(#[doc = "\n    Block.\n    More.\n"]),
            r#""Block.\nMore.""#,
        ),
        (
            quote!(#[doc = include_str!("tool.md")] #[doc(hidden)] #[doc = " More."]),
            r#"::core::concat!(include_str!("tool.md"), " More.")"#,
        ),
    ] {
        let code = tool(quote!(), &quote!(#docs fn f() {}));
        assert_has(&code, &format!("tool_fn(\"f\", {description},"));
    }
}

#[test]
fn an_argument_that_takes_other_keys_leaves_the_input_open() {
    let code = tool(
        quote!(description = "Now."),
        &quote!(
            fn f(#[serde(flatten)] rest: HashMap<String, u8>) {}
        ),
    );
    assert!(!code.contains("deny_unknown_fields"), "{code}");
    let code = tool(
        quote!(description = "Now."),
        &quote!(
            fn f() {}
        ),
    );
    assert_has(&code, "deny_unknown_fields");
}

#[test]
fn marked_methods_are_tools_and_share_the_value() {
    let code = plain(&methods::expand(
        quote!(prefix = "shop_"),
        &quote! {
            impl<T: Store> Shop<T> where T: Sync {
                /// A price.
                #[tool(sequential)]
                async fn price(&self, /** An article. */ article: String) -> u32 { 1 }
                /// The time.
                #[cfg(feature = "time")]
                #[anthropic::tool]
                fn now() -> String { now() }
                fn helper(&self, secret: &str) {}
            }
        },
    ));
    assert_has(&code, "async fn price(&self, article: String) -> u32 { 1 }");
    assert_has(&code, "fn helper(&self, secret: &str) {}");
    assert!(
        !code.contains("#[tool") && !code.contains("anthropic::tool]"),
        "{code}"
    );
    assert_has(&code, "impl<T: Store> Shop<T> where T: Sync {");
    assert_has(
        &code,
        "let shared = ::std::sync::Arc::clone(&value); tools.push({",
    );
    assert_has(&code, r#"tool_fn("shop_price", "A price.","#);
    assert_has(&code, "new(Self::price(&shared, input.article).await)");
    assert_has(&code, r#"#[cfg(feature = "time")] { tools.push({"#);
    assert_has(&code, "new(Self::now())");
    assert!(!code.contains("helper\""), "{code}");
}

/// A name that is not after `::` means something else where somebody has shadowed it.
#[test]
fn an_expansion_takes_nothing_from_the_prelude() {
    let function = function::expand(
        quote!(description = "Now.", timeout = 3, sequential),
        &quote!(
            async fn f(city: Own, cx: ToolContext) {}
        ),
    );
    let block = methods::expand(
        quote!(),
        &quote!(
            impl Shop {
                #[tool(description = "Now.")]
                async fn f(&self, city: Own) {}
            }
        ),
    );
    for code in [function, block] {
        let mut bare = Vec::new();
        collect_bare(code, &mut bare);
        for name in [
            "Option",
            "Result",
            "Some",
            "None",
            "Ok",
            "Err",
            "Vec",
            "String",
            "Box",
            "Into",
            "From",
            "Iterator",
            "FromIterator",
            "Send",
            "Sync",
            "Sized",
            "Fn",
            "Clone",
            "Default",
            "Arc",
            "Duration",
            "Deserialize",
            "JsonSchema",
            "Tools",
            "tool_fn",
            "concat",
            "drop",
        ] {
            assert!(!bare.iter().any(|it| it == name), "{name} in {bare:?}");
        }
    }
}

/// The names that stand for themselves: neither behind `::` nor behind a dot.
fn collect_bare(tokens: TokenStream, bare: &mut Vec<String>) {
    let mut is_after = false;
    for token in tokens {
        match token {
            TokenTree::Group(group) => {
                collect_bare(group.stream(), bare);
                is_after = false;
            }
            TokenTree::Ident(ident) => {
                if !is_after {
                    bare.push(ident.to_string());
                }
                is_after = false;
            }
            TokenTree::Punct(punct) => is_after = matches!(punct.as_char(), ':' | '.'),
            TokenTree::Literal(_) => is_after = false,
        }
    }
}
