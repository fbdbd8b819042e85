//! The HTTP clients and how a URL is put to one of them.
//!
//! A resolver hook sees names but not ports, the connector overwrites the
//! hook's port where the URL has one, and addresses written as such never
//! reach the hook. So a connection that a connect-to rule sends elsewhere gets
//! a client of its own that knows one address, and a URL without a port; the
//! `Host` header keeps what the URL said. All other connections share one
//! client, whose resolver checks every address.

use std::collections::HashMap;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use reqwest::header::{ACCEPT, HOST, HeaderMap, HeaderName, HeaderValue, IF_MODIFIED_SINCE, IF_NONE_MATCH};
use reqwest::{Client, redirect, retry};
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use rustls::{ClientConfig, RootCertStore};
use url::{Host, Url};

use crate::config::HostRules;
use crate::verdict::{AddressPolicy, NetworkFault, Outcome, Validators, Withheld};

use super::connect_to::{ConnectTo, destination};
use super::resolve::{CheckedResolver, FixedAddress};
use super::{FetchError, FetchSettings};

/// A request that is ready to be sent.
pub(super) struct Call {
    client: Client,
    url: Url,
    headers: HeaderMap,
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

    pub(super) fn send(self) -> impl Future<Output = reqwest::Result<reqwest::Response>> {
        self.client.get(self.url).headers(self.headers).send()
    }
}

/// All clients of one run.
pub(super) struct Clients {
    checked: Client,
    fixed: HashMap<(SocketAddr, Versions), Client>,
    rules: Vec<ConnectTo>,
    policy: AddressPolicy,
    hosts: HostRules,
    blueprint: Blueprint,
}

/// What every client of a run has in common.
struct Blueprint {
    tls: ClientConfig,
    user_agent: String,
    connect_timeout: Duration,
}

/// The HTTP versions a client offers. Version 2 has no `Host` header that
/// could differ from the URL.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Versions {
    OneAndTwo,
    OnlyOne,
}

impl Clients {
    /// Must be called within a tokio runtime.
    pub(super) fn new(settings: &FetchSettings) -> Result<Self, FetchError> {
        let policy = AddressPolicy { allow_private: settings.allow_private };
        let blueprint = Blueprint {
            tls: tls_config(&settings.extra_roots_pem)?,
            user_agent: settings.user_agent.clone(),
            // Half of the time is for the server to think.
            connect_timeout: settings.timeout / 2,
        };
        let resolver = CheckedResolver::new(settings.name_server, policy, settings.timeout / 5 * 2);
        let checked =
            blueprint.client(Versions::OneAndTwo, resolver).map_err(|error| FetchError::Client(error.to_string()))?;
        let rules = settings.connect_to.clone();
        Ok(Self { checked, fixed: HashMap::new(), rules, policy, hosts: settings.hosts.clone(), blueprint })
    }

    /// Makes the request for `url`, or says why it is not sent.
    pub(super) fn call(&mut self, url: &Url) -> Result<Call, Outcome> {
        if !matches!(url.scheme(), "http" | "https") {
            return Err(Outcome::UnsupportedScheme);
        }
        let mut url = url.clone();
        drop_credentials(&mut url);
        url.set_fragment(None);
        if let Some(address) = destination(&url, &self.rules) {
            return self.fixed_call(url, address);
        }
        let literal = literal_address(&url);
        if literal.is_some_and(|address| !self.policy.allows(address)) {
            return Err(Outcome::Withheld(Withheld::PrivateAddress));
        }
        let headers = self.headers_for(&url);
        Ok(Call { client: self.checked.clone(), url, headers })
    }

    /// Whether a name server is asked on the way to `url`.
    pub(super) fn needs_name_server(&self, url: &Url) -> bool {
        literal_address(url).is_none() && destination(url, &self.rules).is_none()
    }

    fn fixed_call(&mut self, mut url: Url, address: SocketAddr) -> Result<Call, Outcome> {
        let authority = url.authority().to_owned();
        let mut headers = self.headers_for(&url);
        let is_literal = literal_address(&url).is_some();
        let versions = if is_literal || url.port().is_some() { Versions::OnlyOne } else { Versions::OneAndTwo };
        // Neither setter fails for a URL with a host, and `http` has one.
        let _ = url.set_port(if is_literal { Some(address.port()) } else { None });
        if is_literal {
            let _ = url.set_ip_host(address.ip());
        }
        let client = self.fixed_client(address, versions)?;
        if let (Versions::OnlyOne, Ok(host)) = (versions, HeaderValue::from_str(&authority)) {
            headers.insert(HOST, host);
        }
        Ok(Call { client, url, headers })
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

    fn fixed_client(&mut self, address: SocketAddr, versions: Versions) -> Result<Client, Outcome> {
        if let Some(client) = self.fixed.get(&(address, versions)) {
            return Ok(client.clone());
        }
        let client = self
            .blueprint
            .client(versions, FixedAddress(address))
            .map_err(|error| Outcome::Unreachable(NetworkFault::Other(error.to_string())))?;
        self.fixed.insert((address, versions), client.clone());
        Ok(client)
    }
}

impl Blueprint {
    /// No proxy, no cookies, no referrer, no redirects and no retries but our
    /// own: each of them would contact someone who was neither checked nor
    /// paced.
    fn client(&self, versions: Versions, resolver: impl reqwest::dns::Resolve + 'static) -> reqwest::Result<Client> {
        let mut tls = self.tls.clone();
        let mut builder = Client::builder();
        tls.alpn_protocols = match versions {
            Versions::OneAndTwo => vec![b"h2".to_vec(), b"http/1.1".to_vec()],
            Versions::OnlyOne => {
                builder = builder.http1_only();
                vec![b"http/1.1".to_vec()]
            }
        };
        let page = HeaderValue::from_static("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8");
        builder
            .tls_backend_preconfigured(tls)
            .dns_resolver(Arc::new(resolver))
            .user_agent(&self.user_agent)
            .default_headers(HeaderMap::from_iter([(ACCEPT, page)]))
            .connect_timeout(self.connect_timeout)
            .redirect(redirect::Policy::none())
            .retry(retry::never())
            .referer(false)
            .no_proxy()
            .pool_idle_timeout(Duration::from_secs(15))
            .http1_ignore_invalid_headers_in_responses(true)
            .http1_allow_spaces_after_header_name_in_responses(true)
            .build()
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

/// A user name in an article's link is nobody's to use; the HTTP client would
/// send it.
fn drop_credentials(url: &mut Url) {
    // Fails only for URLs without a host, which hold no credentials.
    let _ = url.set_username("");
    let _ = url.set_password(None);
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
