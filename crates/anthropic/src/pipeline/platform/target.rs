//! The URL of a request in a platform's form.

use http::Uri;
use http::uri::PathAndQuery;

use crate::request::path;
use crate::{Error, Result};

/// A value as one segment of a path, percent-encoded. `name` is what errors call it.
///
/// ```
/// use anthropic::platform::path_segment;
///
/// assert_eq!(path_segment("model", "profile/a@1")?, "profile%2Fa@1");
/// assert!(path_segment("model", "..").is_err());
/// # Ok::<(), anthropic::Error>(())
/// ```
///
/// # Errors
///
/// [`Request`](crate::ErrorKind::Request) if the value is empty, or if a server or a proxy may take
/// it for a step in the path: `.` and `..`, also encoded or with a `;` behind them, and what begins
/// with a `;`.
pub fn path_segment(name: &str, value: &str) -> Result<String> {
    path::segment(name, value)
}

/// A canonical URL with another path. The query stays, but for `beta=true`, which only Anthropic's
/// own API knows.
///
/// ```
/// use anthropic::platform::with_path;
/// use http::Uri;
///
/// let url = Uri::from_static("https://host.example/v1/messages?beta=true&trace=1");
/// assert_eq!(with_path(&url, "/model/a".to_owned())?, "https://host.example/model/a?trace=1");
/// # Ok::<(), anthropic::Error>(())
/// ```
///
/// # Errors
///
/// [`Request`](crate::ErrorKind::Request) if the path has characters that no path can have.
pub fn with_path(url: &Uri, mut path: String) -> Result<Uri> {
    let query = url.query().unwrap_or_default().split('&');
    let mut mark = '?';
    for pair in query.filter(|pair| !pair.is_empty() && *pair != "beta=true") {
        path.push(mark);
        path.push_str(pair);
        mark = '&';
    }
    let unfit = || Error::request("the platform's path can't be part of a URL");
    let path = PathAndQuery::from_maybe_shared(path.into_bytes());
    let mut parts = url.clone().into_parts();
    parts.path_and_query = Some(path.map_err(|error| unfit().caused_by(error))?);
    Uri::from_parts(parts).map_err(|error| unfit().caused_by(error))
}
