//! Tokens from `gcp_auth`: application default credentials, service accounts, the metadata server.

use std::sync::Arc;

#[cfg(feature = "hyper")]
use anthropic::Client;
use anthropic::types::Secret;
use anthropic::{BoxFuture, Error, ErrorKind, Result};
use gcp_auth::TokenProvider;

use crate::VertexBuilder;
use crate::auth::TokenSource;
#[cfg(feature = "hyper")]
use crate::auth::config;

/// What Google's APIs are called with.
const SCOPES: [&str; 1] = ["https://www.googleapis.com/auth/cloud-platform"];

struct Provider(Arc<dyn TokenProvider>);

impl TokenSource for Provider {
    /// The provider caches tokens as long as they are good.
    fn token(&self) -> BoxFuture<'_, Result<Secret>> {
        Box::pin(async {
            let token = self.0.token(&SCOPES).await.map_err(unavailable)?;
            Ok(Secret::from(token.as_str()))
        })
    }

    /// A provider has no way to discard a token.
    fn renews(&self) -> bool {
        false
    }

    fn project(&self) -> Option<BoxFuture<'_, Result<String>>> {
        Some(Box::pin(async {
            let project = self.0.project_id().await.map_err(unavailable)?;
            Ok(project.as_ref().to_owned())
        }))
    }
}

/// A source that could not be reached is a connection that could not be made, and retried as one.
fn unavailable(error: gcp_auth::Error) -> Error {
    Error::new(ErrorKind::Connect, "no Google credentials could be had").caused_by(error)
}

/// There are no credentials, or there are some that can't be used.
#[cfg(feature = "hyper")]
fn not_found(error: gcp_auth::Error) -> Error {
    let message = match error {
        gcp_auth::Error::NoAuthMethod(..) => {
            "no application default credentials: run `gcloud auth application-default login`, set \
             GOOGLE_APPLICATION_CREDENTIALS to a service account's key, or call credentials() or token()"
        }
        _ => {
            "the application default credentials can't be used: GOOGLE_APPLICATION_CREDENTIALS has to name the file of \
             a service account's key; for others there are credentials() and token()"
        }
    };
    config(message).caused_by(error)
}

impl VertexBuilder {
    /// A provider of tokens of the crate `gcp_auth`: a service account
    /// (`gcp_auth::CustomServiceAccount`), the metadata server, or one of your own.
    ///
    /// It is asked for a token for every attempt, caches tokens itself, and is asked for the
    /// project if none was given. A failure is a [`Connect`](ErrorKind::Connect) error, and retried
    /// as one.
    #[cfg_attr(docsrs, doc(cfg(feature = "gcp-auth-0-12")))]
    pub fn credentials(self, provider: Arc<dyn TokenProvider>) -> Self {
        self.source(Provider(provider))
    }

    /// A client with what was set, then the [environment](Self::from_env), then application default
    /// credentials: the service account's key that `GOOGLE_APPLICATION_CREDENTIALS` names, what
    /// `gcloud auth application-default login` has stored, the metadata server of Google's
    /// machines, the command `gcloud`, in this order.
    ///
    /// They are looked for only where no credential was set. The file that
    /// `GOOGLE_APPLICATION_CREDENTIALS` names must be a service account's; for others, such as
    /// those of a federation of workload identities, there is [`token`](Self::token). Call it on a
    /// tokio runtime.
    ///
    /// # Errors
    ///
    /// [`Config`](ErrorKind::Config) if no credential is found, or if one that is found can't be
    /// read; those of [`build`](Self::build).
    #[cfg_attr(docsrs, doc(cfg(all(feature = "gcp-auth-0-12", feature = "hyper"))))]
    #[cfg(feature = "hyper")]
    pub async fn load(self) -> Result<Client> {
        let mut vertex = self.from_env()?;
        if vertex.auth.is_none() {
            let provider = gcp_auth::provider().await.map_err(not_found)?;
            vertex = vertex.credentials(provider);
        }
        vertex.client()
    }
}
