//! Names to addresses that may be asked. The connection goes to the very
//! addresses that were checked here, so a name server cannot answer the check
//! with one address and the connection with another. What goes wrong is a
//! typed [`ResolveError`].

use std::io;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use crate::verdict::AddressPolicy;
use hickory_resolver::TokioResolver;
use hickory_resolver::config::{ConnectionConfig, LookupIpStrategy, NameServerConfig, ResolverConfig};
use hickory_resolver::net::runtime::TokioRuntimeProvider;
use hickory_resolver::net::{DnsError, NetError};
use hickory_resolver::proto::op::ResponseCode;
use hickory_resolver::proto::rr::RecordType;
use tokio::sync::OnceCell;

/// Why a name gave no address to connect to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(super) enum ResolveError {
    #[error("neither the name nor its domain exists")]
    NotFound,
    #[error("the name does not exist, though its domain does")]
    HostNotFound,
    #[error("the name has no address")]
    NoAddress,
    #[error("the name servers could not look the name up")]
    Trouble,
    #[error("the name servers did not answer in time")]
    TimedOut,
    #[error("no name server can be reached")]
    NoNameServer,
    #[error("the name leads to a special-purpose address")]
    Private,
}

/// How long one question to one name server may take, and how often it is
/// asked.
const PATIENCE: Duration = Duration::from_secs(2);
const ATTEMPTS: usize = 2;

/// How long a lookup may take in all, whatever the number of name servers.
const LONGEST_LOOKUP: Duration = Duration::from_secs(5);

/// A name that every name server of the public Internet knows.
const PUBLIC_NAME: &str = "com";

/// Looks names up and lets pass what the policy allows.
#[derive(Clone)]
pub(super) struct CheckedResolver {
    /// `None` where the system has no usable configuration.
    resolver: Option<Arc<TokioResolver>>,
    policy: AddressPolicy,
    longest_lookup: Duration,
    /// Set once the name servers are known to know [`PUBLIC_NAME`].
    knows_public_names: Arc<OnceCell<()>>,
}

impl CheckedResolver {
    /// Asks `name_server`, or else those the system is configured with. A
    /// lookup ends within `patience` at the latest; it must be shorter than the
    /// limit for connecting, which would hide that the name servers are silent.
    pub(super) fn new(name_server: Option<SocketAddr>, policy: AddressPolicy, patience: Duration) -> Self {
        Self {
            resolver: build(name_server).map(Arc::new),
            policy,
            longest_lookup: LONGEST_LOOKUP.min(patience),
            knows_public_names: Arc::default(),
        }
    }

    /// The addresses of a host, as it stands in a URL, that may be asked.
    pub(super) async fn addresses(&self, name: &str) -> Result<Vec<IpAddr>, ResolveError> {
        self.checked(self.unchecked(name).await?)
    }

    /// All addresses of a host; for the one that the user names.
    pub(super) async fn unchecked(&self, name: &str) -> Result<Vec<IpAddr>, ResolveError> {
        if let Ok(address) = name.trim_start_matches('[').trim_end_matches(']').parse() {
            return Ok(vec![address]);
        }
        if is_this_machine(name) {
            return Ok(vec![IpAddr::V4(Ipv4Addr::LOCALHOST)]);
        }
        let resolver = self.resolver.as_ref().ok_or(ResolveError::NoNameServer)?;
        let lookup = async {
            match resolver.lookup_ip(absolute(name)).await.map_err(|error| error_of(&error)) {
                Ok(found) => Ok(found.iter().collect()),
                Err(ResolveError::NotFound) => Err(self.missing(resolver, name).await),
                Err(error) => Err(error),
            }
        };
        tokio::time::timeout(self.longest_lookup, lookup).await.map_err(|_| ResolveError::TimedOut)?
    }

    /// What a name is whose existence was denied: its domain may be there all
    /// the same. Name servers that know no public names at all (of a network
    /// without a way out, say) deny every one of them, which says nothing.
    async fn missing(&self, resolver: &TokioResolver, name: &str) -> ResolveError {
        let name = name.trim_end_matches('.');
        if let Some(domain) = psl::domain_str(name).filter(|domain| *domain != name) {
            match exists(resolver, domain).await {
                Ok(true) => return ResolveError::HostNotFound,
                Ok(false) => {}
                Err(error) => return error,
            }
        }
        let known = self.knows_public_names.get_or_try_init(async || match exists(resolver, PUBLIC_NAME).await {
            Ok(true) => Ok(()),
            Ok(false) => Err(ResolveError::Trouble),
            Err(error) => Err(error),
        });
        known.await.err().unwrap_or(ResolveError::NotFound)
    }

    fn checked(&self, addresses: impl IntoIterator<Item = IpAddr>) -> Result<Vec<IpAddr>, ResolveError> {
        let all: Vec<IpAddr> = addresses.into_iter().collect();
        let allowed: Vec<IpAddr> = all.iter().copied().filter(|address| self.policy.allows(*address)).collect();
        match (all.is_empty(), allowed.is_empty()) {
            (true, _) => Err(ResolveError::NoAddress),
            (false, true) => Err(ResolveError::Private),
            (false, false) => Ok(allowed),
        }
    }
}

fn build(name_server: Option<SocketAddr>) -> Option<TokioResolver> {
    let provider = TokioRuntimeProvider::default();
    let mut builder = match name_server {
        Some(server) => TokioResolver::builder_with_config(only(server), provider),
        None => TokioResolver::builder(provider).ok()?,
    };
    let options = builder.options_mut();
    options.timeout = PATIENCE;
    options.attempts = ATTEMPTS;
    options.ip_strategy = LookupIpStrategy::Ipv4AndIpv6;
    builder.build().ok()
}

fn only(server: SocketAddr) -> ResolverConfig {
    let connections = [ConnectionConfig::udp(), ConnectionConfig::tcp()].map(|mut connection| {
        connection.port = server.port();
        connection
    });
    let server = NameServerConfig::new(server.ip(), true, connections.into());
    ResolverConfig::from_parts(None, Vec::new(), vec![server])
}

/// `localhost` and all below it mean this machine, whatever name servers say.
fn is_this_machine(name: &str) -> bool {
    let name = name.trim_end_matches('.').to_ascii_lowercase();
    name == "localhost" || name.ends_with(".localhost")
}

/// The dot at the end keeps the system's search domains out of it.
fn absolute(name: &str) -> String {
    format!("{}.", name.trim_end_matches('.'))
}

/// Whether a domain exists, with whatever records.
async fn exists(resolver: &TokioResolver, domain: &str) -> Result<bool, ResolveError> {
    match resolver.lookup(absolute(domain), RecordType::NS).await.map_err(|error| error_of(&error)) {
        Ok(_) | Err(ResolveError::NoAddress) => Ok(true),
        Err(ResolveError::NotFound) => Ok(false),
        Err(error) => Err(error),
    }
}

/// The name server's "no" is told apart from its silence.
fn error_of(error: &NetError) -> ResolveError {
    match error {
        NetError::Dns(DnsError::NoRecordsFound(answer)) => match answer.response_code {
            ResponseCode::NXDomain => ResolveError::NotFound,
            ResponseCode::NoError => ResolveError::NoAddress,
            _ => ResolveError::Trouble,
        },
        NetError::Timeout => ResolveError::TimedOut,
        NetError::NoConnections => ResolveError::NoNameServer,
        NetError::Io(error) => match error.kind() {
            io::ErrorKind::TimedOut => ResolveError::TimedOut,
            io::ErrorKind::NetworkUnreachable
            | io::ErrorKind::HostUnreachable
            | io::ErrorKind::NetworkDown
            | io::ErrorKind::AddrNotAvailable
            | io::ErrorKind::ConnectionRefused => ResolveError::NoNameServer,
            _ => ResolveError::Trouble,
        },
        _ => ResolveError::Trouble,
    }
}
