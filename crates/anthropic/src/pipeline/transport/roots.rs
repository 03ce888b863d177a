//! The platform's trust roots, loaded when a server first has to prove itself.
//!
//! Loading them takes milliseconds, and fails where a machine has none. Done here, it costs nothing
//! to make a client, a program that only talks to this machine needs no roots at all, and all
//! clients of a process share one copy.
//!
//! With the feature `webpki-roots`, Mozilla's roots are in the program for a machine that has none,
//! such as a container with nothing in it.

use std::sync::{Arc, OnceLock};

use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{DigitallySignedStruct, Error, SignatureScheme};
use rustls_platform_verifier::Verifier;

type Loaded = Arc<dyn ServerCertVerifier>;

/// Verifies servers against the platform's trust roots, and perhaps more.
#[derive(Debug)]
pub(super) struct PlatformRoots {
    provider: Arc<CryptoProvider>,
    more: Vec<CertificateDer<'static>>,
    /// The verifier that knows `more`.
    own: OnceLock<Loaded>,
}

impl PlatformRoots {
    pub(super) fn new(provider: Arc<CryptoProvider>, more: Vec<CertificateDer<'static>>) -> Self {
        Self {
            provider,
            more,
            own: OnceLock::new(),
        }
    }

    fn verifier(&self) -> Result<&Loaded, Error> {
        static SHARED: OnceLock<Loaded> = OnceLock::new();
        let cell = if self.more.is_empty() {
            &SHARED
        } else {
            &self.own
        };
        if let Some(verifier) = cell.get() {
            return Ok(verifier);
        }
        // A failure isn't kept: the next handshake tries again.
        let verifier = load(self.provider.clone(), &self.more)?;
        Ok(cell.get_or_init(|| verifier))
    }
}

#[cfg(not(feature = "webpki-roots"))]
fn load(provider: Arc<CryptoProvider>, more: &[CertificateDer<'static>]) -> Result<Loaded, Error> {
    Ok(Arc::new(of_platform(provider, more)?))
}

#[cfg(feature = "webpki-roots")]
fn load(provider: Arc<CryptoProvider>, more: &[CertificateDer<'static>]) -> Result<Loaded, Error> {
    // With further roots the platform's verifier is content to have no other ones.
    if of_platform(provider.clone(), &[]).is_ok() {
        return Ok(Arc::new(of_platform(provider, more)?));
    }
    bundled(provider, more)
}

/// Mozilla's roots, and perhaps more.
#[cfg(feature = "webpki-roots")]
fn bundled(
    provider: Arc<CryptoProvider>,
    more: &[CertificateDer<'static>],
) -> Result<Loaded, Error> {
    let mut roots = rustls::RootCertStore::empty();
    let certificates = webpki_root_certs::TLS_SERVER_ROOT_CERTS.iter().chain(more);
    roots.add_parsable_certificates(certificates.cloned());
    let builder =
        rustls::client::WebPkiServerVerifier::builder_with_provider(roots.into(), provider);
    let verifier = builder.build();
    Ok(verifier.map_err(|error| Error::General(error.to_string()))?)
}

#[cfg(not(target_os = "android"))]
fn of_platform(
    provider: Arc<CryptoProvider>,
    more: &[CertificateDer<'static>],
) -> Result<Verifier, Error> {
    if more.is_empty() {
        return Verifier::new(provider);
    }
    Verifier::new_with_extra_roots(more.iter().cloned(), provider)
}

#[cfg(target_os = "android")]
fn of_platform(
    provider: Arc<CryptoProvider>,
    more: &[CertificateDer<'static>],
) -> Result<Verifier, Error> {
    if more.is_empty() {
        return Verifier::new(provider);
    }
    Err(Error::General(
        "Android's verifier takes no roots beside the platform's".to_owned(),
    ))
}

impl ServerCertVerifier for PlatformRoots {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        let verifier = self.verifier()?;
        verifier.verify_server_cert(end_entity, intermediates, server_name, ocsp_response, now)
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls12_signature(
            message,
            cert,
            dss,
            &self.provider.signature_verification_algorithms,
        )
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls13_signature(
            message,
            cert,
            dss,
            &self.provider.signature_verification_algorithms,
        )
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider
            .signature_verification_algorithms
            .supported_schemes()
    }
}
