use std::ffi::OsString;

use super::Environment;

fn read(variables: &[(&str, &str)]) -> Environment {
    let find = |name: &str| variables.iter().find(|(known, _)| *known == name);
    Environment::read(|name| find(name).map(|(_, value)| OsString::from(value))).unwrap()
}

#[test]
fn values_are_trimmed_and_empty_ones_are_unset() {
    let env = read(&[("ANTHROPIC_API_KEY", " key\n"), ("ANTHROPIC_BASE_URL", " ")]);
    assert_eq!(env.api_key.unwrap().expose(), "key");
    assert!(env.base_url.is_none() && env.auth_token.is_none() && env.headers.is_empty());
}

#[test]
fn headers_are_lines_with_a_colon() {
    let env = read(&[("ANTHROPIC_CUSTOM_HEADERS", "A: 1\r\nnothing\n b :2:3\n")]);
    let headers: Vec<_> = env
        .headers
        .iter()
        .map(|(name, value)| (name.as_str(), value.expose()))
        .collect();
    assert_eq!(headers, [("A", "1"), ("b", "2:3")]);
}

#[cfg(unix)]
#[test]
fn a_value_that_is_no_text_is_an_error_that_names_the_variable() {
    use std::os::unix::ffi::OsStringExt;
    let error = Environment::read(|_| Some(OsString::from_vec(vec![0xff]))).unwrap_err();
    let error = error.error(crate::ErrorKind::Config);
    assert!(error.to_string().contains("ANTHROPIC_API_KEY"), "{error}");
    let cause = std::error::Error::source(&error).unwrap().to_string();
    assert!(cause.contains("index 0"), "{cause}");
}
