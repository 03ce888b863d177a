//! Path parameters: encoded so that they stay one segment, refused where they could not.
//!
//! An id that comes from outside must not be able to reach another endpoint. `/` is encoded; what a
//! server or a proxy may drop or resolve (an empty segment, `.`, `..`, their encoded forms, and `;`
//! with what follows) is refused before anything is sent.

use std::borrow::Cow;

use crate::request::query::percent_encode;
use crate::text::{join, replace};
use crate::{Error, Result};

/// Fills the placeholders of `template` with `values`, in order.
pub(crate) fn expand(template: &'static str, values: &[&str]) -> Result<Cow<'static, str>> {
    if values.is_empty() && !template.contains('{') {
        return Ok(template.into());
    }
    let mut values = values.iter();
    let mut path = String::with_capacity(template.len() + 32);
    for (index, segment) in template.split('/').enumerate() {
        if index > 0 {
            path.push('/');
        }
        let start = path.len();
        let mut names = Vec::new();
        expand_segment(segment, &mut values, &mut path, &mut names)?;
        if !names.is_empty() {
            check(path.get(start..).unwrap_or_default(), &names)?;
        }
    }
    if values.next().is_some() {
        return Err(Error::request(format!(
            "more path parameters than `{template}` has"
        )));
    }
    Ok(path.into())
}

/// A value that is a whole segment.
pub(crate) fn segment(name: &str, value: &str) -> Result<String> {
    if value.is_empty() {
        return Err(Error::request(format!(
            "the path parameter `{name}` is empty"
        )));
    }
    let mut segment = String::with_capacity(value.len());
    percent_encode(value, is_segment_char, &mut segment);
    check(&segment, &[name])?;
    Ok(segment)
}

fn expand_segment<'t, 'v>(
    mut segment: &'t str,
    values: &mut impl Iterator<Item = &'v &'v str>,
    path: &mut String,
    names: &mut Vec<&'t str>,
) -> Result<()> {
    while let Some((before, rest)) = segment.split_once('{') {
        let Some((name, after)) = rest.split_once('}') else {
            break;
        };
        let Some(value) = values.next() else {
            return Err(Error::request(format!(
                "the path parameter `{name}` has no value"
            )));
        };
        if value.is_empty() {
            return Err(Error::request(format!(
                "the path parameter `{name}` is empty"
            )));
        }
        path.push_str(before);
        percent_encode(value, is_segment_char, path);
        names.push(name);
        segment = after;
    }
    path.push_str(segment);
    Ok(())
}

/// Refuses a finished segment that wouldn't stay where it is.
fn check(segment: &str, names: &[&str]) -> Result<()> {
    let Some(what) = fault(segment) else {
        return Ok(());
    };
    let names = join(names, "`, `");
    Err(Error::request(format!(
        "the path parameter `{names}` makes {what}, which could reach another path"
    )))
}

fn fault(segment: &str) -> Option<&'static str> {
    if segment.starts_with(';') {
        return Some("a segment that starts with `;`");
    }
    let name = segment.split(';').next().unwrap_or_default();
    let dots = decode_dots(name);
    (dots == "." || dots == "..").then_some("a dot segment")
}

/// A value that is already encoded is encoded again, but a proxy may decode more than once.
fn decode_dots(name: &str) -> String {
    let mut text = String::with_capacity(name.len());
    for letter in name.chars() {
        text.push(letter.to_ascii_lowercase());
        // What a `%` is left of may go on, so this looks back and not ahead.
        if text.ends_with("%25") {
            text.truncate(text.len() - 2);
        }
    }
    replace(&text, "%2e", ".")
}

/// The characters that may stand in a segment as they are (RFC 3986's `pchar`).
fn is_segment_char(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"-._~!$&'()*+,;=:@".contains(&byte)
}

/// Checks a path that the caller wrote whole, for an undocumented endpoint.
pub(crate) fn check_literal(path: &str) -> Result<()> {
    let bare = path.split(['?', '#']).next().unwrap_or_default();
    match bare.split('/').find_map(fault) {
        None => Ok(()),
        Some(what) => Err(Error::request(format!("the path `{bare}` contains {what}"))),
    }
}

#[cfg(test)]
mod tests;
