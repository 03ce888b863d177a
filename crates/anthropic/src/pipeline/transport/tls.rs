//! TLS for the transports of this crate: rustls with ring, and the platform's trust roots.
//!
//! The provider is given to each configuration; no process-wide default is installed, which is the
//! program's to choose.

use std::sync::Arc;

use rustls::ClientConfig;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};

use super::roots::PlatformRoots;
use crate::{Error, Result};

/// What a program adds to the defaults.
#[derive(Debug, Clone, Default)]
pub(super) struct Certificates {
    /// Roots beside the platform's.
    pub(super) roots: Vec<CertificateDer<'static>>,
    /// Who this client is: a chain of certificates, and its key, both parsed.
    pub(super) identity: Option<Identity>,
}

/// A certificate of the client's own.
#[derive(Clone)]
pub(super) struct Identity {
    chain: Vec<CertificateDer<'static>>,
    key: Arc<PrivateKeyDer<'static>>,
}

impl std::fmt::Debug for Identity {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Identity")
    }
}

impl Identity {
    #[cfg_attr(
        not(feature = "hyper"),
        expect(dead_code, reason = "a reqwest client brings its own certificates")
    )]
    pub(super) fn from_pem(chain: &[u8], key: &[u8]) -> Result<Self> {
        let key = PrivateKeyDer::from_pem_slice(key)
            .map_err(|source| Error::config("the client's key is not PEM").caused_by(source))?;
        Ok(Self {
            chain: certificates(chain)?,
            key: Arc::new(key),
        })
    }
}

/// The certificates in a PEM text; none at all is an error.
pub(super) fn certificates(pem: &[u8]) -> Result<Vec<CertificateDer<'static>>> {
    let read: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(pem).collect();
    let read =
        read.map_err(|source| Error::config("certificates must be PEM").caused_by(source))?;
    if read.is_empty() {
        return Err(Error::config("there is no certificate in the PEM text"));
    }
    Ok(read)
}

/// A client's configuration, without ALPN.
pub(super) fn config(certificates: Certificates) -> Result<ClientConfig> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let failed = |source| Error::config("TLS could not be set up").caused_by(source);
    let roots = PlatformRoots::new(provider.clone(), certificates.roots);
    let builder = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(failed)?
        // "Dangerous" is only to bring one's own verifier; this one is the platform's.
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(roots));
    match certificates.identity {
        None => Ok(builder.with_no_client_auth()),
        Some(identity) => builder
            .with_client_auth_cert(identity.chain, identity.key.clone_key())
            .map_err(failed),
    }
}
