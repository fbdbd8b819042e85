//! How a URL is put to a server, and by which way. Everything that decides
//! where a request may go is here: connect-to rules, the address policy, the
//! proxy, what the configuration adds for a host. `dial` opens the
//! connections, `pool` keeps them.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::header::{
    ACCEPT, ACCEPT_ENCODING, HOST, HeaderName, IF_MODIFIED_SINCE, IF_NONE_MATCH, PROXY_AUTHORIZATION, USER_AGENT,
};
use http::{HeaderMap, HeaderValue, Method, Request, Response, Uri, Version};
use http_body_util::Empty;
use hyper::body::Incoming;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use rustls::{ClientConfig, RootCertStore};
use tokio_rustls::TlsConnector;
use url::{Host, Position, Url};

use crate::config::HostRules;
use crate::verdict::{AddressPolicy, Outcome, Validators, Withheld};

use super::body::CODINGS;
use super::connect_to::{ConnectTo, destination};
use super::dial::Dialer;
use super::fault::{TransportError, was_left_undone};
use super::pool::{Lease, Place, Pool};
use super::resolve::CheckedResolver;
use super::{FetchError, FetchSettings};

/// What we like to read, as browsers say it.
const PAGES: &str = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8";

/// How often a request that a closing connection left undone goes to the next
/// one. That is no repetition: nobody has worked on it.
const MOST_RESENDS: usize = 3;

/// Makes requests ready.
pub(super) struct Client {
    rules: Vec<ConnectTo>,
    policy: AddressPolicy,
    hosts: HostRules,
    user_agent: HeaderValue,
    transport: Arc<Transport>,
}

struct Transport {
    dialer: Dialer,
    pool: Pool,
}

impl Client {
    /// Must be called within a tokio runtime.
    pub(super) fn new(settings: &FetchSettings) -> Result<Self, FetchError> {
        let policy = AddressPolicy { allow_private: settings.allow_private };
        let resolver = CheckedResolver::new(settings.name_server, policy, settings.timeout / 5 * 2);
        let tls = tls_config(&settings.extra_roots_pem)?;
        let mut proxy_tls = tls.clone();
        proxy_tls.alpn_protocols = vec![b"http/1.1".to_vec()];
        let dialer = Dialer {
            resolver,
            tls: TlsConnector::from(Arc::new(tls)),
            proxy: settings.proxy.clone(),
            proxy_tls: TlsConnector::from(Arc::new(proxy_tls)),
            // Half of the time is for the server to think.
            timeout: (settings.timeout / 2).min(Duration::from_hours(1)),
        };
        let user_agent = HeaderValue::from_str(&settings.user_agent)
            .map_err(|_| FetchError::Client("the user agent has characters that no header may have".into()))?;
        Ok(Self {
            rules: settings.connect_to.clone(),
            policy,
            hosts: settings.hosts.clone(),
            user_agent,
            transport: Arc::new(Transport { dialer, pool: Pool::new(settings.address_concurrency) }),
        })
    }

    /// Makes the request for `url`, or says why it is not sent.
    pub(super) fn call(&self, url: &Url) -> Result<Call, Outcome> {
        let place = self.place(url)?;
        let proxy = self.transport.dialer.proxy.as_ref().filter(|_| place.fixed.is_none() && !place.is_tls);
        let mut headers = self.headers_for(url);
        headers.insert(ACCEPT, HeaderValue::from_static(PAGES));
        headers.insert(ACCEPT_ENCODING, HeaderValue::from_static(CODINGS));
        headers.insert(USER_AGENT, self.user_agent.clone());
        if let Some(credentials) = proxy.and_then(super::Proxy::credentials) {
            headers.insert(PROXY_AUTHORIZATION, credentials);
        }
        // A user name in an article's link is nobody's to use: the slices leave it out.
        let path = &url[Position::BeforePath..Position::AfterQuery];
        let authority = &url[Position::BeforeHost..Position::AfterPort];
        Ok(Call {
            transport: Arc::clone(&self.transport),
            place,
            authority: authority.to_owned(),
            path: path.to_owned(),
            headers,
            is_for_proxy: proxy.is_some(),
        })
    }

    /// Whether `url` may be asked at all, as far as it tells itself.
    pub(super) fn place(&self, url: &Url) -> Result<Place, Outcome> {
        let is_tls = match url.scheme() {
            "http" => false,
            "https" => true,
            _ => return Err(Outcome::UnsupportedScheme),
        };
        let (Some(host), Some(port)) = (url.host_str(), url.port_or_known_default()) else {
            return Err(Outcome::UnsupportedScheme);
        };
        let mut fixed = destination(url, &self.rules);
        if fixed.is_none()
            && let Some(address) = literal_address(url)
        {
            if !self.policy.allows(address) {
                return Err(Outcome::Withheld(Withheld::PrivateAddress));
            }
            let goes_direct = self.transport.dialer.proxy.is_none();
            fixed = goes_direct.then(|| SocketAddr::new(address, port));
        }
        Ok(Place { is_tls, host: host.into(), port, fixed })
    }

    /// Whether a name server is asked on the way to `url`.
    pub(super) fn needs_name_server(&self, url: &Url) -> bool {
        literal_address(url).is_none()
            && destination(url, &self.rules).is_none()
            && self.transport.dialer.proxy.is_none()
    }

    /// What the configuration adds for this host, and for no other: a redirect
    /// asks again. Secrets go over `https` only.
    fn headers_for(&self, url: &Url) -> HeaderMap {
        let Some(rule) = url.host_str().and_then(|host| self.hosts.of(host)) else { return HeaderMap::new() };
        let secrets = rule.secrets.iter().filter(|_| url.scheme() == "https");
        let mut headers = HeaderMap::new();
        for (index, (name, value)) in rule.headers.iter().chain(secrets).enumerate() {
            let (Ok(name), Ok(mut value)) = (HeaderName::from_bytes(name.as_bytes()), HeaderValue::from_str(value))
            else {
                continue;
            };
            value.set_sensitive(index >= rule.headers.len());
            headers.insert(name, value);
        }
        headers
    }
}

/// A request that is ready to be sent.
pub(super) struct Call {
    transport: Arc<Transport>,
    place: Place,
    authority: String,
    path: String,
    headers: HeaderMap,
    is_for_proxy: bool,
}

/// An answer whose body is still to be read, and the connection it comes over.
pub(super) struct Answer {
    pub response: Response<Incoming>,
    transport: Arc<Transport>,
    lease: Lease,
}

impl Answer {
    /// Where it comes from.
    pub(super) fn address(&self) -> IpAddr {
        self.lease.address
    }

    /// Its body was read to the end, so the connection may serve again.
    pub(super) fn give_back(self) {
        drop(self.response);
        self.transport.pool.give_back(self.lease);
    }
}

impl Call {
    /// Asks only whether the page has changed since it had these validators.
    pub(super) fn only_if_changed_since(mut self, validators: &Validators) -> Self {
        let known = [(IF_NONE_MATCH, &validators.etag), (IF_MODIFIED_SINCE, &validators.last_modified)];
        for (name, value) in known {
            if let Some(value) = value.as_deref().and_then(|value| HeaderValue::from_str(value).ok()) {
                self.headers.insert(name, value);
            }
        }
        self
    }

    /// Sends it over a connection that waits, or a new one, and brings the
    /// head of the answer.
    pub(super) async fn send(self) -> Result<Answer, TransportError> {
        let pool = &self.transport.pool;
        let mut left = MOST_RESENDS;
        loop {
            let mut lease = if let Some(lease) = pool.take(&self.place).await {
                lease
            } else {
                let lease = self.transport.dialer.dial(&self.place, pool).await?;
                pool.share(&lease);
                lease
            };
            match lease.sender.send(self.request(lease.sender.is_http2())?).await {
                Ok(response) => return Ok(Answer { response, lease, transport: self.transport }),
                Err(error) if left > 0 && was_left_undone(&error) => {
                    left -= 1;
                    pool.forget(&lease);
                }
                Err(error) => return Err(TransportError::Http(error)),
            }
        }
    }

    /// HTTP/2 names the whole address; HTTP/1 names the path, and the host in
    /// a header of its own, unless a proxy must be told the way.
    fn request(&self, is_http2: bool) -> Result<Request<Empty<Bytes>>, TransportError> {
        let scheme = if self.place.is_tls { "https" } else { "http" };
        let target = if is_http2 || self.is_for_proxy {
            format!("{scheme}://{}{}", self.authority, self.path)
        } else {
            self.path.clone()
        };
        let uri: Uri =
            target.parse().map_err(|error: http::uri::InvalidUri| TransportError::Name(error.to_string()))?;
        let mut request = Request::new(Empty::new());
        *request.method_mut() = Method::GET;
        *request.uri_mut() = uri;
        request.headers_mut().clone_from(&self.headers);
        if is_http2 {
            *request.version_mut() = Version::HTTP_2;
        } else {
            let host =
                HeaderValue::from_str(&self.authority).map_err(|error| TransportError::Name(error.to_string()))?;
            request.headers_mut().insert(HOST, host);
        }
        Ok(request)
    }
}

/// A host that an address is written for, not a name.
fn literal_address(url: &Url) -> Option<IpAddr> {
    match url.host()? {
        Host::Domain(_) => None,
        Host::Ipv4(address) => Some(IpAddr::V4(address)),
        Host::Ipv6(address) => Some(IpAddr::V6(address)),
    }
}

/// Trusts the system's roots and the given ones. A system without roots is no
/// error: plain `http` and the given ones still work.
fn tls_config(extra_roots_pem: &[Vec<u8>]) -> Result<ClientConfig, FetchError> {
    let mut roots = RootCertStore::empty();
    roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    for (index, pem) in extra_roots_pem.iter().enumerate() {
        add_certificates(pem, &mut roots).map_err(|reason| FetchError::BadCertificate { number: index + 1, reason })?;
    }
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let mut config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| FetchError::Client(error.to_string()))?
        .with_root_certificates(roots)
        .with_no_client_auth();
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    Ok(config)
}

/// Whether a PEM file's contents are certificates that can be trusted.
///
/// # Errors
///
/// Why not.
pub fn check_certificates(pem: &[u8]) -> Result<(), String> {
    add_certificates(pem, &mut RootCertStore::empty())
}

fn add_certificates(pem: &[u8], roots: &mut RootCertStore) -> Result<(), String> {
    let certificates =
        CertificateDer::pem_slice_iter(pem).collect::<Result<Vec<_>, _>>().map_err(|error| error.to_string())?;
    if certificates.is_empty() {
        return Err("it holds no certificate".to_owned());
    }
    certificates.into_iter().try_for_each(|certificate| roots.add(certificate).map_err(|error| error.to_string()))
}
