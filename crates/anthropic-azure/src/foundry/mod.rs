//! Microsoft Foundry: the API's own paths, bodies, streams and errors, below a resource's URL.

mod builder;

use std::fmt;

use anthropic::operation::OperationInfo;
use anthropic::platform::{self, AttemptContext, Credentials, MaybeReady};
use anthropic::transport::{HttpRequest, HttpResponse};
use anthropic::{CredentialKind, CredentialSource, Error, Platform, Result};
use http::{HeaderMap, HeaderName, HeaderValue, Uri};

pub use builder::{FoundryBuilder, foundry};

/// A resource of Microsoft Foundry, as a platform for
/// [`ClientBuilder::platform`](anthropic::ClientBuilder::platform).
///
/// It serves everything but models and message batches, which fail with
/// [`ErrorKind::Unsupported`](anthropic::ErrorKind::Unsupported) before anything is sent. Make one
/// with [`foundry`].
#[derive(Debug)]
pub struct Foundry {
    base_url: Uri,
    credentials: Option<Box<dyn Credentials>>,
}

const REQUEST_ID: HeaderName = HeaderName::from_static("request-id");
/// What Azure's gateway calls a request, the first one that is there.
const GATEWAY_IDS: [HeaderName; 2] = [
    HeaderName::from_static("apim-request-id"),
    HeaderName::from_static("x-ms-request-id"),
];

impl Platform for Foundry {
    fn name(&self) -> &'static str {
        "foundry"
    }

    fn base_url(&self) -> &Uri {
        &self.base_url
    }

    fn credential_source(&self) -> CredentialSource {
        let credentials = self.credentials.as_deref();
        credentials.map_or_else(
            || CredentialKind::Anonymous.into(),
            |credentials| {
                let mut source = credentials.source();
                if source.kind == CredentialKind::Custom {
                    source.kind = CredentialKind::PlatformToken;
                }
                source
            },
        )
    }

    fn supports(&self, operation: &OperationInfo) -> Result<()> {
        let path = operation.path();
        let lacks = |family: &str| {
            let rest = path.strip_prefix(family);
            rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        };
        if lacks("/v1/models") || lacks("/v1/messages/batches") {
            return Err(Error::unsupported(self.name(), operation));
        }
        Ok(())
    }

    fn authorize<'a>(
        &'a self,
        request: HttpRequest,
        cx: &'a AttemptContext,
    ) -> MaybeReady<'a, Result<HttpRequest>> {
        match &self.credentials {
            Some(credentials) => platform::authorize(&**credentials, request, cx),
            None => MaybeReady::ready(Ok(request)),
        }
    }

    /// What the gateway itself responds with has its id alone.
    fn restore<'a>(
        &'a self,
        mut response: HttpResponse,
        _: &'a AttemptContext,
    ) -> MaybeReady<'a, Result<HttpResponse>> {
        let headers = response.headers_mut();
        let id = GATEWAY_IDS.iter().find_map(|name| headers.get(name));
        if let Some(id) = id.cloned() {
            headers.entry(REQUEST_ID).or_insert(id);
        }
        MaybeReady::ready(Ok(response))
    }

    fn refused(&self, error: &Error, cx: &AttemptContext) -> bool {
        let credentials = self.credentials.as_deref();
        credentials.is_some_and(|credentials| platform::renew(credentials, error, cx))
    }
}

/// A resource's key, in the header that Foundry reads and in the one that older gateways read.
struct Key(HeaderValue);

const KEY_HEADERS: [HeaderName; 2] = [
    HeaderName::from_static("x-api-key"),
    HeaderName::from_static("api-key"),
];

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Key")
    }
}

impl Credentials for Key {
    fn headers<'a>(&'a self, _: &'a AttemptContext) -> MaybeReady<'a, Result<HeaderMap>> {
        let headers = KEY_HEADERS.map(|name| (name, self.0.clone()));
        MaybeReady::ready(Ok(HeaderMap::from_iter(headers)))
    }

    fn source(&self) -> CredentialSource {
        CredentialKind::PlatformKey.into()
    }
}
