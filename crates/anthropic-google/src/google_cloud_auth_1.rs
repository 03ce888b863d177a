//! Credentials of Google's own crate, `google-cloud-auth`.

use std::fmt;

use anthropic::platform::{AttemptContext, Credentials, MaybeReady};
use anthropic::{Error, ErrorKind, Result};
use google_cloud_auth::credentials::{CacheableResource, Credentials as GoogleCredentials};
use google_cloud_auth::errors::CredentialsError;
use http::{Extensions, HeaderMap};

use crate::GoogleBuilder;

struct Cloud(GoogleCredentials);

// Whatever the provider's own `Debug` shows, it is not shown here.
impl fmt::Debug for Cloud {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Cloud")
    }
}

// The crate renews tokens ahead of time, and has no way to discard one that was refused.
impl Credentials for Cloud {
    fn headers<'a>(&'a self, _: &'a AttemptContext) -> MaybeReady<'a, Result<HeaderMap>> {
        MaybeReady::pending(async move {
            match self.0.headers(Extensions::new()).await {
                Ok(CacheableResource::New { data, .. }) => Ok(sensitive(data)),
                Ok(CacheableResource::NotModified) => {
                    let message =
                        "the Google credentials returned no headers, though none are kept";
                    Err(Error::new(ErrorKind::Config, message))
                }
                Err(error) => Err(unavailable(error)),
            }
        })
    }
}

/// A provider of the caller's may not have marked its token.
fn sensitive(mut headers: HeaderMap) -> HeaderMap {
    for value in headers.values_mut() {
        value.set_sensitive(true);
    }
    headers
}

fn unavailable(error: CredentialsError) -> Error {
    let is_transient = error.is_transient();
    Error::new(ErrorKind::Connect, "no Google credentials could be had")
        .caused_by(error)
        .retryable(is_transient)
}

impl GoogleBuilder {
    /// Credentials of the crate `google-cloud-auth`: every kind that Google's own libraries know,
    /// such as federations of workload identities and impersonated service accounts.
    ///
    /// They are asked for the headers of every attempt, and renew their tokens themselves ahead of
    /// time, but have no way to discard one: a token that Google refuses is not renewed before its
    /// time. They name no project, so one has to be set. A failure is a
    /// [`Connect`](ErrorKind::Connect) error, which is retried if the crate considers it transient.
    ///
    /// With its default features that crate brings aws-lc. Without them, a program has to install a
    /// rustls provider before the first token is fetched, for example with
    /// `rustls::crypto::ring::default_provider().install_default()`.
    ///
    #[cfg_attr(feature = "hyper", doc = "```no_run")]
    #[cfg_attr(not(feature = "hyper"), doc = "```text")]
    /// use google_cloud_auth::credentials::Builder;
    ///
    /// # fn example() -> Result<(), Box<dyn std::error::Error>> {
    /// let scopes = ["https://www.googleapis.com/auth/cloud-platform"];
    /// let credentials = Builder::default().with_scopes(scopes).build()?;
    /// let vertex = anthropic_google::vertex("eu", "my-project").cloud_credentials(credentials);
    /// let client = vertex.build()?;
    /// # Ok(())
    /// # }
    /// ```
    #[cfg_attr(docsrs, doc(cfg(feature = "google-cloud-auth-1")))]
    pub fn cloud_credentials(self, credentials: GoogleCredentials) -> Self {
        self.authorized(Ok(Cloud(credentials)), None)
    }
}
