//! Opening a connection: look the name up, check every address, take a seat at
//! one, connect to it, speak TLS, greet by HTTP. The address that was checked
//! is the address that is connected to, for nobody looks the name up again.

use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use hyper::client::conn::{http1, http2};
use hyper_util::rt::{TokioExecutor, TokioIo};
use rustls::pki_types::ServerName;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep, timeout_at};
use tokio_rustls::TlsConnector;

use crate::verdict::Phase;

use super::fault::TransportError;
use super::pool::{Lease, Place, Pool, Seat, Sender};
use super::proxy::Proxy;
use super::resolve::CheckedResolver;

/// How long one address may keep us waiting before the next is tried beside
/// it (RFC 8305 recommends 250 ms).
const HEAD_START: Duration = Duration::from_millis(250);

/// Addresses of one name that are tried.
const MOST_ADDRESSES: usize = 6;

/// Bytes that the lines and headers of an answer may take.
const LONGEST_HEAD: usize = 128 << 10;

/// Opens connections.
pub(super) struct Dialer {
    pub resolver: CheckedResolver,
    pub tls: TlsConnector,
    pub proxy: Option<Proxy>,
    /// For the proxy, which is spoken to by HTTP/1 only.
    pub proxy_tls: TlsConnector,
    /// For everything up to the first byte of the request.
    pub timeout: Duration,
}

impl Dialer {
    /// Opens a connection to `place`.
    pub(super) async fn dial(&self, place: &Place, pool: &Pool) -> Result<Lease, TransportError> {
        let deadline = Instant::now() + self.timeout;
        let proxy = self.proxy.as_ref().filter(|_| place.fixed.is_none());
        let addresses = match (place.fixed, proxy) {
            (Some(address), _) => vec![address],
            (None, Some(proxy)) => at_port(&self.resolver.unchecked(proxy.host()).await?, proxy.port()),
            (None, None) => at_port(&self.resolver.addresses(&place.host).await?, place.port),
        };
        let connecting = async {
            let (stream, address, seat) = match proxy {
                // The proxy is the user's own, and everything goes through it.
                Some(_) => connect(addresses.into_iter().map(|address| (address, Seat::free())).collect()).await?,
                None => connect(seated(addresses, pool).await?).await?,
            };
            match proxy {
                Some(proxy) if proxy.is_tls() => {
                    let stream = self.proxy_tls.connect(server_name(proxy.host())?, stream).await;
                    let stream = stream.map_err(TransportError::Proxy)?;
                    self.pass(proxy, stream, address, seat, place).await
                }
                Some(proxy) => self.pass(proxy, stream, address, seat, place).await,
                None => self.greet(stream, address, seat, place).await,
            }
        };
        timeout_at(deadline, connecting).await.map_err(|_| TransportError::TimedOut(Phase::Connect))?
    }

    /// Goes through the proxy that a connection leads to.
    async fn pass(
        &self,
        proxy: &Proxy,
        stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static,
        address: IpAddr,
        seat: Seat,
        place: &Place,
    ) -> Result<Lease, TransportError> {
        let stream = if place.is_tls { proxy.tunnel(stream, place).await? } else { stream };
        self.greet(stream, address, seat, place).await
    }

    async fn greet(
        &self,
        stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static,
        address: IpAddr,
        seat: Seat,
        place: &Place,
    ) -> Result<Lease, TransportError> {
        let lease = |sender| Lease { sender, place: place.clone(), address };
        if !place.is_tls {
            return Ok(lease(http1(stream, seat).await?));
        }
        let stream = self.tls.connect(server_name(&place.host)?, stream).await.map_err(TransportError::Tls)?;
        if stream.get_ref().1.alpn_protocol() != Some(b"h2") {
            return Ok(lease(http1(stream, seat).await?));
        }
        let mut builder = http2::Builder::new(TokioExecutor::new());
        builder.max_header_list_size(u32::try_from(LONGEST_HEAD).unwrap_or(u32::MAX));
        let (sender, connection) = builder.handshake(TokioIo::new(stream)).await.map_err(TransportError::Http)?;
        tokio::spawn(async move {
            // What goes wrong is told to the requests.
            let _ = connection.await;
            drop(seat);
        });
        Ok(lease(Sender::Two(sender, Arc::new(()))))
    }
}

/// The name that a certificate must be for, of a host as it stands in a URL.
fn server_name(host: &str) -> Result<ServerName<'static>, TransportError> {
    let bare = host.trim_start_matches('[').trim_end_matches(']').trim_end_matches('.');
    ServerName::try_from(bare.to_owned()).map_err(|error| TransportError::Name(error.to_string()))
}

async fn http1(
    stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static,
    seat: Seat,
) -> Result<Sender, TransportError> {
    let mut builder = http1::Builder::new();
    builder
        .max_buf_size(LONGEST_HEAD)
        .ignore_invalid_headers_in_responses(true)
        .allow_spaces_after_header_name_in_responses(true);
    let (sender, connection) = builder.handshake(TokioIo::new(stream)).await.map_err(TransportError::Http)?;
    tokio::spawn(async move {
        let _ = connection.await;
        drop(seat);
    });
    Ok(Sender::One(sender))
}

fn at_port(addresses: &[IpAddr], port: u16) -> Vec<SocketAddr> {
    let (six, four): (Vec<IpAddr>, Vec<IpAddr>) = addresses.iter().partition(|address| address.is_ipv6());
    let is_six_first = addresses.first().is_some_and(IpAddr::is_ipv6);
    let (mut first, mut second) =
        if is_six_first { (six.into_iter(), four.into_iter()) } else { (four.into_iter(), six.into_iter()) };
    // The families take turns: where one is broken, the other comes soon.
    let mut mixed = Vec::new();
    while mixed.len() < MOST_ADDRESSES {
        let (one, other) = (first.next(), second.next());
        if one.is_none() && other.is_none() {
            break;
        }
        mixed.extend(one.into_iter().chain(other).map(|address| SocketAddr::new(address, port)));
    }
    mixed
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

/// Connects to the first address that answers; each gets a head start.
async fn connect(addresses: Vec<(SocketAddr, Seat)>) -> Result<(TcpStream, IpAddr, Seat), TransportError> {
    async fn open(address: SocketAddr, seat: Seat) -> io::Result<(TcpStream, IpAddr, Seat)> {
        let stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        Ok((stream, address.ip(), seat))
    }
    let mut left = addresses.into_iter();
    let mut attempts = JoinSet::new();
    let mut last = None;
    loop {
        match left.next() {
            Some((address, seat)) if left.len() == 0 && attempts.is_empty() => {
                return open(address, seat).await.map_err(TransportError::Connect);
            }
            Some((address, seat)) => {
                attempts.spawn(open(address, seat));
            }
            None if attempts.is_empty() => {
                let none = || io::ErrorKind::AddrNotAvailable.into();
                return Err(TransportError::Connect(last.unwrap_or_else(none)));
            }
            None => {}
        }
        tokio::select! {
            Some(ended) = attempts.join_next() => match ended {
                Ok(Ok(connected)) => return Ok(connected),
                Ok(Err(error)) => last = Some(error),
                Err(_) => {}
            },
            () = sleep(HEAD_START), if left.len() > 0 => {}
        }
    }
}
