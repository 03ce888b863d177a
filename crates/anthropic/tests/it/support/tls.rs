//! Servers that prove who they are, and their HTTP/2 at its worst.

use std::convert::Infallible;
use std::future::Future;
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::task::{Context, Poll};

use anthropic::hyper_1::{HyperTransport, HyperTransportBuilder};
use anthropic::{Client, ClientBuilder};
use bytes::Bytes;
use futures_util::stream::BoxStream;
use http::{Request, Response};
use hyper::body::{Body as HttpBody, Frame, Incoming};
use hyper::rt::{Read, ReadBufCursor, Write};
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Notify;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::PrivateKeyDer;
use tokio_rustls::rustls::server::WebPkiClientVerifier;
use tokio_rustls::rustls::{RootCertStore, ServerConfig};

/// An authority, and a certificate for `localhost` that it signed.
pub(crate) struct Certificates {
    authority: rcgen::Certificate,
    issuer: rcgen::Issuer<'static, rcgen::KeyPair>,
}

impl Certificates {
    pub(crate) fn new() -> Self {
        let key = rcgen::KeyPair::generate().unwrap();
        let mut params = rcgen::CertificateParams::new(Vec::new()).unwrap();
        params.is_ca = rcgen::IsCa::Ca(rcgen::BasicConstraints::Unconstrained);
        let authority = params.self_signed(&key).unwrap();
        Self {
            authority,
            issuer: rcgen::Issuer::new(params, key),
        }
    }

    pub(crate) fn sign(&self, name: &str) -> (rcgen::Certificate, rcgen::KeyPair) {
        let key = rcgen::KeyPair::generate().unwrap();
        let params = rcgen::CertificateParams::new(vec![name.to_owned()]).unwrap();
        (params.signed_by(&key, &self.issuer).unwrap(), key)
    }

    /// A server's side of TLS for `localhost`, which offers HTTP/2.
    pub(crate) fn acceptor(&self, asks_for_certificate: bool) -> TlsAcceptor {
        let (certificate, key) = self.sign("localhost");
        let provider = Arc::new(ring::default_provider());
        let builder = ServerConfig::builder_with_provider(provider.clone())
            .with_safe_default_protocol_versions()
            .unwrap();
        let builder = if asks_for_certificate {
            let mut roots = RootCertStore::empty();
            roots.add(self.authority.der().clone()).unwrap();
            let verifier = WebPkiClientVerifier::builder_with_provider(roots.into(), provider);
            builder.with_client_cert_verifier(verifier.build().unwrap())
        } else {
            builder.with_no_client_auth()
        };
        let key = PrivateKeyDer::Pkcs8(key.serialize_der().into());
        let chain = vec![certificate.der().clone()];
        let mut config = builder.with_single_cert(chain, key).unwrap();
        config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
        TlsAcceptor::from(Arc::new(config))
    }

    pub(crate) fn trusting(&self) -> HyperTransportBuilder {
        HyperTransport::builder()
            .no_proxy()
            .root_certificates(self.authority.pem())
    }
}

/// A body made of pieces.
pub(crate) struct Pieces(pub(crate) BoxStream<'static, Bytes>);

impl Pieces {
    pub(crate) fn json(text: &'static str) -> Self {
        Self(Box::pin(futures_util::stream::iter([Bytes::from(text)])))
    }
}

impl HttpBody for Pieces {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        let piece = self.0.as_mut().poll_next(context);
        piece.map(|piece| piece.map(|piece| Ok(Frame::data(piece))))
    }
}

/// A connection that can be silenced: nothing is read from it or written to it any more, and it
/// stays open.
struct Silenceable(
    TokioIo<tokio_rustls::server::TlsStream<TcpStream>>,
    Arc<AtomicBool>,
);

impl Read for Silenceable {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: ReadBufCursor<'_>,
    ) -> Poll<io::Result<()>> {
        if self.1.load(Ordering::SeqCst) {
            return Poll::Pending;
        }
        Pin::new(&mut self.0).poll_read(context, buffer)
    }
}

impl Write for Silenceable {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        if self.1.load(Ordering::SeqCst) {
            return Poll::Pending;
        }
        Pin::new(&mut self.0).poll_write(context, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_shutdown(context)
    }
}

/// An HTTP/2 server over TLS.
pub(crate) struct Site {
    certificates: Certificates,
    port: u16,
    connections: Arc<AtomicUsize>,
    silent: Arc<AtomicBool>,
    ended: Arc<Notify>,
}

impl Site {
    /// `answer` gets the connection's number, from 0, and the request, whose `x-headers` is how
    /// many more headers than usual the response has.
    pub(crate) async fn start<F>(
        max_streams: u32,
        answer: impl Fn(usize, Request<Incoming>) -> F + Clone + Send + Sync + 'static,
    ) -> Self
    where
        F: Future<Output = Pieces> + Send + 'static,
    {
        super::traces::watch();
        let certificates = Certificates::new();
        let acceptor = certificates.acceptor(false);
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let site = Self {
            certificates,
            port: listener.local_addr().unwrap().port(),
            connections: Arc::default(),
            silent: Arc::default(),
            ended: Arc::default(),
        };
        let (connections, silent) = (site.connections.clone(), site.silent.clone());
        let ended = site.ended.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let Ok(stream) = acceptor.accept(stream).await else {
                    continue;
                };
                let number = connections.fetch_add(1, Ordering::SeqCst);
                let silence = if number == 0 {
                    silent.clone()
                } else {
                    Arc::default()
                };
                let answer = answer.clone();
                let service = service_fn(move |request: Request<Incoming>| {
                    let more = request.headers().get("x-headers");
                    let more = more.map_or(0, |it| it.to_str().unwrap().parse().unwrap());
                    let body = answer(number, request);
                    async move {
                        let mut response =
                            Response::builder().header("content-type", "application/json");
                        for _ in 0..more {
                            response = response.header("x-more", "x");
                        }
                        response.body(body.await)
                    }
                });
                let mut builder = hyper::server::conn::http2::Builder::new(TokioExecutor::new());
                builder
                    .timer(TokioTimer::new())
                    .max_concurrent_streams(max_streams);
                let io = Silenceable(TokioIo::new(stream), silence);
                let (serving, ended) = (builder.serve_connection(io, service), ended.clone());
                tokio::spawn(async move {
                    let _ = serving.await;
                    ended.notify_one();
                });
            }
        });
        site
    }

    /// The first connection falls silent.
    pub(crate) fn silence(&self) {
        self.silent.store(true, Ordering::SeqCst);
    }

    pub(crate) fn connections(&self) -> usize {
        self.connections.load(Ordering::SeqCst)
    }

    /// Waits until a connection has ended that wasn't waited for yet.
    pub(crate) async fn ended(&self) {
        self.ended.notified().await;
    }

    pub(crate) fn url(&self) -> String {
        format!("https://localhost:{}", self.port)
    }

    pub(crate) fn transport(&self) -> HyperTransportBuilder {
        self.certificates.trusting()
    }

    pub(crate) fn client(&self, transport: HyperTransportBuilder) -> ClientBuilder {
        Client::builder()
            .api_key("key")
            .base_url(self.url())
            .transport(transport.build().unwrap())
    }
}
