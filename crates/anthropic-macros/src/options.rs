//! What stands in the parentheses of the attributes.

use proc_macro2::{Ident, TokenStream};
use syn::meta::ParseNestedMeta;
use syn::parse::Parser;
use syn::{Error, Expr, ExprLit, Lit, LitBool, LitStr, Path, Result, Token};

/// The options of `#[tool(…)]`.
#[derive(Default)]
pub(crate) struct ToolOptions {
    pub(crate) name: Option<LitStr>,
    pub(crate) description: Option<Expr>,
    pub(crate) strict: Option<LitBool>,
    pub(crate) sequential: Option<LitBool>,
    pub(crate) timeout: Option<Timeout>,
    pub(crate) needs_approval: Option<LitBool>,
    pub(crate) confirm: Option<Expr>,
    pub(crate) anthropic: Option<Path>,
}

/// The options of `#[tools(…)]`.
#[derive(Default)]
pub(crate) struct ToolsOptions {
    pub(crate) prefix: Option<LitStr>,
    pub(crate) method: Option<Ident>,
    pub(crate) anthropic: Option<Path>,
}

/// How long a call may take.
pub(crate) enum Timeout {
    Seconds(Lit),
    /// An expression of the type `Duration`.
    Duration(Box<Expr>),
}

impl ToolOptions {
    pub(crate) fn parse(tokens: TokenStream) -> Result<Self> {
        let mut options = Self::default();
        let parser = syn::meta::parser(|meta| options.take(&meta));
        parser.parse2(tokens)?;
        options.check()?;
        Ok(options)
    }

    /// A call is decided about in one way.
    fn check(&self) -> Result<()> {
        match (&self.needs_approval, &self.confirm) {
            (Some(needed), Some(confirm)) if needed.value => Err(Error::new_spanned(
                confirm,
                "a tool has `needs_approval`, which ends the run until somebody decides, or `confirm`, which asks at once",
            )),
            _ => Ok(()),
        }
    }

    fn take(&mut self, meta: &ParseNestedMeta<'_>) -> Result<()> {
        if meta.path.is_ident("name") {
            let name = set(&mut self.name, meta, text)?;
            check_name(name, "")
        } else if meta.path.is_ident("description") {
            let description = set(&mut self.description, meta, |meta| meta.value()?.parse())?;
            check_description(description)
        } else if meta.path.is_ident("strict") {
            set(&mut self.strict, meta, flag).map(|_| ())
        } else if meta.path.is_ident("sequential") {
            set(&mut self.sequential, meta, flag).map(|_| ())
        } else if meta.path.is_ident("timeout") {
            set(&mut self.timeout, meta, timeout).map(|_| ())
        } else if meta.path.is_ident("needs_approval") {
            set(&mut self.needs_approval, meta, flag).map(|_| ())
        } else if meta.path.is_ident("confirm") {
            set(&mut self.confirm, meta, |meta| meta.value()?.parse()).map(|_| ())
        } else if meta.path.is_ident("crate") {
            set(&mut self.anthropic, meta, path).map(|_| ())
        } else {
            let known = "`name`, `description`, `strict`, `sequential`, `timeout`, `needs_approval`, \
                         `confirm` and `crate`";
            Err(meta.error(format!("unknown option; those of a tool are {known}")))
        }
    }
}

impl ToolsOptions {
    pub(crate) fn parse(tokens: TokenStream) -> Result<Self> {
        let mut options = Self::default();
        let parser = syn::meta::parser(|meta| options.take(&meta));
        parser.parse2(tokens)?;
        Ok(options)
    }

    fn take(&mut self, meta: &ParseNestedMeta<'_>) -> Result<()> {
        if meta.path.is_ident("prefix") {
            set(&mut self.prefix, meta, text).map(|_| ())
        } else if meta.path.is_ident("method") {
            set(&mut self.method, meta, method).map(|_| ())
        } else if meta.path.is_ident("crate") {
            set(&mut self.anthropic, meta, path).map(|_| ())
        } else {
            Err(meta
                .error("unknown option; those of `#[tools]` are `prefix`, `method` and `crate`"))
        }
    }
}

/// Sets an option that is not set yet.
fn set<'o, T>(
    option: &'o mut Option<T>,
    meta: &ParseNestedMeta<'_>,
    parse: impl FnOnce(&ParseNestedMeta<'_>) -> Result<T>,
) -> Result<&'o T> {
    if option.is_some() {
        return Err(meta.error("the option is set twice"));
    }
    let value = parse(meta)?;
    Ok(option.insert(value))
}

fn text(meta: &ParseNestedMeta<'_>) -> Result<LitStr> {
    meta.value()?.parse()
}

/// `strict`, or `strict = false`.
fn flag(meta: &ParseNestedMeta<'_>) -> Result<LitBool> {
    if meta.input.peek(Token![=]) {
        return meta.value()?.parse();
    }
    let span = meta.path.segments.first().map(|first| first.ident.span());
    Ok(LitBool::new(true, span.unwrap_or(meta.input.span())))
}

/// The name of a method, in quotes.
fn method(meta: &ParseNestedMeta<'_>) -> Result<Ident> {
    let name = text(meta)?;
    let fault = |_| {
        Error::new(
            name.span(),
            "expected the name of a method, such as `admin_tools`",
        )
    };
    name.parse().map_err(fault)
}

/// A path, in quotes as serde has it or without them.
fn path(meta: &ParseNestedMeta<'_>) -> Result<Path> {
    let value = meta.value()?;
    if value.peek(LitStr) {
        value.parse::<LitStr>()?.parse_with(Path::parse_mod_style)
    } else {
        Path::parse_mod_style(value)
    }
}

fn timeout(meta: &ParseNestedMeta<'_>) -> Result<Timeout> {
    let value: Expr = meta.value()?.parse()?;
    let Expr::Lit(ExprLit { lit, .. }) = &value else {
        return Ok(Timeout::Duration(Box::new(value)));
    };
    let seconds = match lit {
        Lit::Int(seconds) => seconds.base10_parse::<u32>()?.into(),
        Lit::Float(seconds) => seconds.base10_parse::<f64>()?,
        _ => 0.0,
    };
    // A `Duration` that is too long would panic when it is made.
    if seconds > 0.0 && seconds <= f64::from(u32::MAX) {
        return Ok(Timeout::Seconds(lit.clone()));
    }
    let expected = "a number of seconds above 0, or a `Duration`";
    Err(Error::new_spanned(lit, format!("expected {expected}")))
}

/// Whether the API takes a tool of this name.
pub(crate) fn check_name(name: &LitStr, prefix: &str) -> Result<()> {
    let whole = format!("{prefix}{}", name.value());
    let is_fitting = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-';
    if (1..=128).contains(&whole.len()) && whole.bytes().all(is_fitting) {
        return Ok(());
    }
    let rule = "1 to 128 letters from `a` to `z`, digits, `_` and `-`";
    let fault = format!("the API takes no tool named `{whole}`: a name has {rule}");
    Err(Error::new(name.span(), fault))
}

fn check_description(description: &Expr) -> Result<()> {
    match description {
        Expr::Lit(ExprLit {
            lit: Lit::Str(text),
            ..
        }) if text.value().trim().is_empty() => {
            let fault = "the description is empty; the model decides by it when to call the tool";
            Err(Error::new(text.span(), fault))
        }
        _ => Ok(()),
    }
}
