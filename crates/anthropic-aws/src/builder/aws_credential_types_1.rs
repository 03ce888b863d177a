//! Credentials from AWS's own crates.

use aws_credential_types::provider::ProvideCredentials;

use super::AwsBuilder;

impl AwsBuilder {
    /// Credentials that sign requests, from any of AWS's providers.
    ///
    /// They are fetched when the first request is sent, kept until two minutes before they expire,
    /// and fetched once more when the service refuses them as expired or unknown, whether they have
    /// an expiry or not. Where there are
    /// none, the request fails with [`Config`](anthropic::ErrorKind::Config); another failure to
    /// fetch them is a [`Connect`](anthropic::ErrorKind::Connect) error, and retried as one; a
    /// provider that takes longer than the attempt may is a
    /// [`Timeout`](anthropic::ErrorKind::Timeout).
    #[cfg_attr(docsrs, doc(cfg(feature = "aws-credential-types-1")))]
    pub fn credentials(self, provider: impl ProvideCredentials + 'static) -> Self {
        self.provider(provider)
    }
}
