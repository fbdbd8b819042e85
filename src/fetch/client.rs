//! How a URL is put to a server, and by which way. Everything that decides
//! where a request may go is here: connect-to rules, the address policy, the
//! proxy, what the configuration adds for a host. `dial` makes the
//! connections, each a client of `reqwest`; `pool` keeps them.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use reqwest::header::{
    ACCEPT, ACCEPT_ENCODING, HOST, HeaderMap, HeaderName, HeaderValue, IF_MODIFIED_SINCE, IF_NONE_MATCH,
};
use reqwest::{Method, Request, Response, Version};
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use rustls::{ClientConfig, RootCertStore};
use url::{Host, Position, Url};

use crate::config::HostRules;
use crate::verdict::{AddressPolicy, Outcome, Validators, Withheld};

use super::body::CODINGS;
use super::connect_to::{ConnectTo, destination};
use super::dial::Dialer;
use super::fault::{TransportError, was_left_undone};
use super::pool::{Connection, Place, Pool};
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
        let dialer = Dialer {
            resolver,
            tls,
            proxy: settings.proxy.clone(),
            user_agent: HeaderValue::from_str(&settings.user_agent)
                .map_err(|_| FetchError::Client("the user agent has characters that no header may have".into()))?,
            // Half of the time is for the server to think.
            timeout: (settings.timeout / 2).min(Duration::from_hours(1)),
        };
        Ok(Self {
            rules: settings.connect_to.clone(),
            policy,
            hosts: settings.hosts.clone(),
            transport: Arc::new(Transport { dialer, pool: Pool::new(settings.address_concurrency) }),
        })
    }

    /// Makes the request for `url`, or says why it is not sent.
    pub(super) fn call(&self, url: &Url) -> Result<Call, Outcome> {
        let place = self.place(url)?;
        let mut headers = self.headers_for(url);
        headers.insert(ACCEPT, HeaderValue::from_static(PAGES));
        headers.insert(ACCEPT_ENCODING, HeaderValue::from_static(CODINGS));
        if place.is_renamed()
            && let Ok(host) = HeaderValue::from_str(&url[Position::BeforeHost..Position::AfterPort])
        {
            headers.insert(HOST, host);
        }
        let mut url = url.clone();
        url.set_fragment(None);
        drop_credentials(&mut url);
        Ok(Call { transport: Arc::clone(&self.transport), url: place.rename(url), place, headers })
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
        let fixed = destination(url, &self.rules);
        if fixed.is_none() && literal_address(url).is_some_and(|address| !self.policy.allows(address)) {
            return Err(Outcome::Withheld(Withheld::PrivateAddress));
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
    url: Url,
    headers: HeaderMap,
}

/// An answer whose body is still to be read, and the connection it comes over.
pub(super) struct Answer {
    pub response: Response,
    transport: Arc<Transport>,
    connection: Connection,
    address: Option<SocketAddr>,
}

impl Answer {
    /// Where it comes from.
    pub(super) fn address(&self) -> Option<IpAddr> {
        self.address.map(|address| address.ip())
    }

    /// Its body was read to the end, so the connection may serve again.
    pub(super) fn give_back(self) {
        drop(self.response);
        if let Some(address) = self.address {
            self.transport.pool.give_back(self.connection, address.ip());
        }
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
        let Transport { dialer, pool } = &*self.transport;
        let is_proxied = dialer.proxy_to(&self.place).is_some();
        let mut left = MOST_RESENDS;
        loop {
            let mut connection = match pool.take(&self.place) {
                Some(connection) => connection,
                None => dialer.dial(&self.place, pool).await?,
            };
            let mut request = Request::new(Method::GET, self.url.clone());
            request.headers_mut().clone_from(&self.headers);
            match connection.client.execute(request).await {
                Ok(response) => {
                    let address = response.remote_addr();
                    if let Some(address) = address {
                        pool.answered(&mut connection, address, response.version() == Version::HTTP_2);
                    }
                    return Ok(Answer { response, connection, address, transport: self.transport });
                }
                Err(error) if left > 0 && was_left_undone(&error) => {
                    left -= 1;
                    pool.forget(&connection);
                }
                Err(error) if is_proxied => {
                    return Err(TransportError::Proxied { error, is_tls: self.place.is_tls });
                }
                Err(error) => return Err(TransportError::Direct(error)),
            }
        }
    }
}

/// A user name in an article's link is nobody's to use; the client would send
/// it.
fn drop_credentials(url: &mut Url) {
    // Fails only for URLs without a host, which hold no credentials.
    let _ = url.set_username("");
    let _ = url.set_password(None);
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
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| FetchError::Client(error.to_string()))?
        .with_root_certificates(roots)
        .with_no_client_auth();
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
