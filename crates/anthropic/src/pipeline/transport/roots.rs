//! The platform's trust roots, loaded when a server first has to prove itself.
//!
//! Loading them takes milliseconds, and fails where a machine has none. Done here, it costs nothing
//! to make a client, a program that only talks to this machine needs no roots at all, and all
//! clients of a process share one copy.

use std::sync::{Arc, OnceLock};

use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{DigitallySignedStruct, Error, SignatureScheme};
use rustls_platform_verifier::Verifier;

/// Verifies servers against the platform's trust roots, and perhaps more.
#[derive(Debug)]
pub(super) struct PlatformRoots {
    provider: Arc<CryptoProvider>,
    more: Vec<CertificateDer<'static>>,
    /// The verifier that knows `more`.
    own: OnceLock<Verifier>,
}

impl PlatformRoots {
    pub(super) fn new(provider: Arc<CryptoProvider>, more: Vec<CertificateDer<'static>>) -> Self {
        Self {
            provider,
            more,
            own: OnceLock::new(),
        }
    }

    fn verifier(&self) -> Result<&Verifier, Error> {
        static SHARED: OnceLock<Verifier> = OnceLock::new();
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

#[cfg(not(target_os = "android"))]
fn load(
    provider: Arc<CryptoProvider>,
    more: &[CertificateDer<'static>],
) -> Result<Verifier, Error> {
    if more.is_empty() {
        return Verifier::new(provider);
    }
    Verifier::new_with_extra_roots(more.iter().cloned(), provider)
}

#[cfg(target_os = "android")]
fn load(
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
