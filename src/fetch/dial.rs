//! The way to a place: look its name up, check every address, take a seat at
//! those that have one, and make the client that connects there. Nobody looks
//! the name up again, so the address that was checked is the address that is
//! connected to. The client opens the connection with its first request.

use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use reqwest::header::HeaderValue;
use reqwest::{redirect, retry};
use rustls::ClientConfig;

use super::fault::TransportError;
use super::pool::{Connection, Place, Pool, Seat, Seated};
use super::proxy::Proxy;
use super::resolve::CheckedResolver;

/// Addresses of one name that are tried.
const MOST_ADDRESSES: usize = 6;

/// Bytes that the headers of an answer by HTTP/2 may take. By HTTP/1 a client
/// takes four hundred thousand.
const LONGEST_HEAD: u32 = 128 << 10;

/// Makes clients.
pub(super) struct Dialer {
    pub resolver: CheckedResolver,
    pub tls: ClientConfig,
    pub proxy: Option<Proxy>,
    pub user_agent: HeaderValue,
    /// For the connection and TLS.
    pub timeout: Duration,
}

impl Dialer {
    /// A connection to `place` that its first request opens.
    pub(super) async fn dial(&self, place: &Place, pool: &Pool) -> Result<Connection, TransportError> {
        let proxy = self.proxy_to(place);
        let seats = match (place.fixed, proxy) {
            // The proxy is the user's own, and everything goes through it.
            (None, Some(proxy)) => {
                let addresses = at_port(&self.resolver.unchecked(proxy.host()).await?, proxy.port());
                addresses.into_iter().map(|address| (address, Seat::free())).collect()
            }
            (Some(address), _) => seated(vec![address], pool).await?,
            (None, None) => seated(at_port(&self.resolver.addresses(&place.host).await?, place.port), pool).await?,
        };
        let seated = Seated::new(seats);
        let client = self.client(place, proxy, seated.clone()).map_err(TransportError::Client)?;
        Ok(Connection::new(client, place.clone(), seated))
    }

    /// The proxy on the way to `place`, if there is one.
    pub(super) fn proxy_to(&self, place: &Place) -> Option<&Proxy> {
        self.proxy.as_ref().filter(|_| place.fixed.is_none())
    }

    /// No cookies, no referrer, no redirects, no unpacking, no retries and no
    /// proxies but our own: each would contact someone who was neither checked
    /// nor paced, or tell him what is not his to know.
    fn client(&self, place: &Place, proxy: Option<&Proxy>, seated: Seated) -> reqwest::Result<reqwest::Client> {
        let mut tls = self.tls.clone();
        let mut builder = reqwest::Client::builder().no_proxy();
        // A proxy is told the whole address, and only HTTP/1 has a form for it.
        if place.is_renamed() || proxy.is_some() && !place.is_tls {
            builder = builder.http1_only();
            tls.alpn_protocols = vec![b"http/1.1".to_vec()];
        } else {
            tls.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
        }
        if let Some(proxy) = proxy {
            builder = builder.proxy(proxy.for_client()?);
        }
        builder
            .tls_backend_preconfigured(tls)
            .dns_resolver(seated)
            .user_agent(self.user_agent.clone())
            .connect_timeout(self.timeout)
            .redirect(redirect::Policy::none())
            .retry(retry::never())
            .referer(false)
            .pool_idle_timeout(None)
            .pool_max_idle_per_host(1)
            .http1_ignore_invalid_headers_in_responses(true)
            .http1_allow_spaces_after_header_name_in_responses(true)
            .http2_max_header_list_size(LONGEST_HEAD)
            .build()
    }
}

/// The first few addresses, both families among them: where one is broken, the
/// other is tried.
fn at_port(addresses: &[IpAddr], port: u16) -> Vec<SocketAddr> {
    let (six, four): (Vec<IpAddr>, Vec<IpAddr>) = addresses.iter().partition(|address| address.is_ipv6());
    let is_six_first = addresses.first().is_some_and(IpAddr::is_ipv6);
    let (first, second) = if is_six_first { (six, four) } else { (four, six) };
    let few = |family: Vec<IpAddr>| family.into_iter().take(MOST_ADDRESSES / 2);
    few(first).chain(few(second)).map(|address| SocketAddr::new(address, port)).collect()
}

/// The addresses at which there is a seat.
async fn seated(addresses: Vec<SocketAddr>, pool: &Pool) -> Result<Vec<(SocketAddr, Seat)>, TransportError> {
    let first = addresses.first().copied();
    let mut seated = Vec::new();
    for address in addresses {
        if let Some(seat) = pool.seat(address.ip()).await {
            seated.push((address, seat));
        }
    }
    match first {
        Some(first) if seated.is_empty() => Err(TransportError::Busy(first.ip())),
        _ => Ok(seated),
    }
}
