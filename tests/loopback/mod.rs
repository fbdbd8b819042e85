//! A scripted server on the loopback interface, for every test that needs a
//! network. It answers what the script says (or stalls, tears, resets), and
//! remembers what it saw: requests, their times, and how many were in flight
//! at once. Time is measured here and not at the client, so a slow machine can
//! make a test slow but not wrong.
#![allow(dead_code, reason = "each test program uses its own part of it")]

pub mod asking;
pub mod certificates;
pub mod names;

use std::collections::HashMap;
use std::io;
use std::net::SocketAddr;
use std::sync::{Arc, LazyLock, Mutex, PoisonError};
use std::time::{Duration, Instant};

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::runtime::Runtime;
use tokio::task::JoinHandle;
use tokio_rustls::TlsAcceptor;

use certificates::Identity;

/// All servers of a test program share one runtime, apart from the tests'
/// threads: the code under test builds its own.
static RUNTIME: LazyLock<Runtime> = LazyLock::new(|| {
    tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().expect("a runtime")
});

/// One request as the server saw it.
#[derive(Debug, Clone)]
pub struct Seen {
    pub method: String,
    /// Path and query, as sent.
    pub path: String,
    /// The `Host` header, or the authority of HTTP/2.
    pub host: String,
    /// All headers, lower-case names.
    pub headers: Vec<(String, String)>,
    /// The name asked for in the TLS handshake.
    pub server_name: Option<String>,
    pub is_http2: bool,
    /// Which request for this host and path it is, from 0.
    pub nth: usize,
    pub at: Instant,
}

impl Seen {
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }
}

/// What the server does with a request.
#[derive(Debug, Clone)]
pub enum Act {
    /// Answers properly, after a wait.
    Answer { status: u16, headers: Vec<(String, String)>, body: Vec<u8>, after: Duration },
    /// Writes these bytes and closes.
    Raw(Vec<u8>),
    /// Writes these bytes, then nothing, and keeps the connection open.
    Stall(Vec<u8>),
    /// Resets the connection; in HTTP/2, the stream.
    Reset,
    /// Writes these bytes, then resets the connection.
    Tear(Vec<u8>),
    /// Says goodbye and closes the connection, with no answer (HTTP/2).
    GoAway,
}

/// A server of HTTP/2 that says goodbye to some requests, and breaks the
/// streams of others off.
pub fn parting(seen: &Seen) -> Act {
    match (seen.path.as_str(), seen.nth) {
        ("/goodbye", 0) => Act::GoAway,
        ("/broken", 0) | ("/always-broken", _) => Act::Reset,
        _ => page(200, "fine"),
    }
}

/// An HTML page with this status.
pub fn page(status: u16, body: &str) -> Act {
    answer(status, &[("content-type", "text/html; charset=utf-8")], body)
}

pub fn answer(status: u16, headers: &[(&str, &str)], body: impl Into<Vec<u8>>) -> Act {
    let headers = headers.iter().map(|(name, value)| ((*name).into(), (*value).into())).collect();
    Act::Answer { status, headers, body: body.into(), after: Duration::ZERO }
}

pub fn redirect(status: u16, location: &str) -> Act {
    answer(status, &[("location", location)], "")
}

pub fn slow_page(after: Duration) -> Act {
    let headers = vec![("content-type".into(), "text/html".into())];
    Act::Answer { status: 200, headers, body: b"slow".to_vec(), after }
}

type Script = dyn Fn(&Seen) -> Act + Send + Sync;

/// What was seen so far.
#[derive(Default)]
struct Log {
    seen: Vec<Seen>,
    counts: HashMap<(String, String), usize>,
    in_flight: HashMap<String, usize>,
    peaks: HashMap<String, usize>,
    in_flight_in_all: usize,
    peak_in_all: usize,
    connections: usize,
}

/// How connections are taken.
#[derive(Clone)]
enum Front {
    Plain,
    Tls(TlsAcceptor),
    /// Takes connections and never says a word.
    Mute,
    /// Hears a client's first words, says these bytes, and closes; resets
    /// where there are none.
    Says(Vec<u8>),
}

/// A server; it ends when it is dropped.
pub struct Server {
    pub address: SocketAddr,
    log: Arc<Mutex<Log>>,
    listening: JoinHandle<()>,
}

impl Drop for Server {
    fn drop(&mut self) {
        self.listening.abort();
    }
}

impl Server {
    pub fn plain(script: impl Fn(&Seen) -> Act + Send + Sync + 'static) -> Self {
        Self::start(Front::Plain, script)
    }

    pub fn tls(identity: &Identity, script: impl Fn(&Seen) -> Act + Send + Sync + 'static) -> Self {
        Self::start(Front::Tls(identity.acceptor()), script)
    }

    pub fn mute() -> Self {
        Self::start(Front::Mute, |_| Act::Reset)
    }

    /// Answers the first words of any client with these bytes.
    pub fn says(bytes: &[u8]) -> Self {
        Self::start(Front::Says(bytes.to_vec()), |_| Act::Reset)
    }

    fn start(front: Front, script: impl Fn(&Seen) -> Act + Send + Sync + 'static) -> Self {
        let listener = RUNTIME.block_on(TcpListener::bind(("127.0.0.1", 0))).expect("a port on the loopback interface");
        let address = listener.local_addr().expect("its address");
        let log = Arc::new(Mutex::new(Log::default()));
        let listening = RUNTIME.spawn(listen(listener, front, Arc::new(script), Arc::clone(&log)));
        Self { address, log, listening }
    }

    /// A connect-to rule that sends `host` and `port` (either may be empty)
    /// here.
    pub fn rule(&self, host: &str, port: &str) -> String {
        format!("{host}:{port}:{}:{}", self.address.ip(), self.address.port())
    }

    pub fn seen(&self) -> Vec<Seen> {
        lock(&self.log).seen.clone()
    }

    /// How many requests came for a host and path.
    pub fn count(&self, host: &str, path: &str) -> usize {
        let key = (host.to_owned(), path.to_owned());
        lock(&self.log).counts.get(&key).copied().unwrap_or(0)
    }

    /// The most requests that were in flight at once for a host.
    pub fn peak(&self, host: &str) -> usize {
        lock(&self.log).peaks.get(host).copied().unwrap_or(0)
    }

    /// The most requests that were in flight at once.
    pub fn peak_in_all(&self) -> usize {
        lock(&self.log).peak_in_all
    }

    /// How many connections were opened.
    pub fn connections(&self) -> usize {
        lock(&self.log).connections
    }

    /// The times between the requests for a host, in order.
    pub fn gaps(&self, host: &str) -> Vec<Duration> {
        let log = lock(&self.log);
        let mut times: Vec<Instant> = log.seen.iter().filter(|seen| seen.host == host).map(|seen| seen.at).collect();
        times.sort();
        times.windows(2).map(|pair| pair[1] - pair[0]).collect()
    }
}

/// An address on the loopback interface where nobody listens.
pub fn closed_address() -> SocketAddr {
    let listener = std::net::TcpListener::bind(("127.0.0.1", 0)).expect("a port");
    listener.local_addr().expect("its address")
}

fn lock(log: &Mutex<Log>) -> std::sync::MutexGuard<'_, Log> {
    log.lock().unwrap_or_else(PoisonError::into_inner)
}

async fn listen(listener: TcpListener, front: Front, script: Arc<Script>, log: Arc<Mutex<Log>>) {
    while let Ok((stream, _)) = listener.accept().await {
        lock(&log).connections += 1;
        let (front, script, log) = (front.clone(), Arc::clone(&script), Arc::clone(&log));
        tokio::spawn(async move {
            // A client that hangs up is part of the game.
            let _ = serve(stream, front, &*script, &log).await;
        });
    }
}

async fn serve(mut stream: TcpStream, front: Front, script: &Script, log: &Mutex<Log>) -> io::Result<()> {
    match front {
        Front::Plain => {
            // A second handle, to reset the connection instead of closing it.
            let socket = socket2::SockRef::from(&stream).try_clone()?;
            serve_http1(stream, None, Some(socket), script, log).await
        }
        Front::Mute => {
            std::future::pending::<()>().await;
            drop(stream);
            Ok(())
        }
        Front::Says(bytes) => {
            let _ = stream.read(&mut [0; 4096]).await?;
            stream.write_all(&bytes).await?;
            if bytes.is_empty() {
                socket2::SockRef::from(&stream).set_linger(Some(Duration::ZERO))?;
                return Ok(());
            }
            stream.shutdown().await
        }
        Front::Tls(acceptor) => {
            let stream = acceptor.accept(stream).await?;
            let name = stream.get_ref().1.server_name().map(str::to_owned);
            if stream.get_ref().1.alpn_protocol() == Some(b"h2") {
                return serve_http2(stream, name, script, log).await;
            }
            serve_http1(stream, name, None, script, log).await
        }
    }
}

async fn serve_http1(
    mut stream: impl AsyncRead + AsyncWrite + Unpin,
    server_name: Option<String>,
    socket: Option<socket2::Socket>,
    script: &Script,
    log: &Mutex<Log>,
) -> io::Result<()> {
    while let Some(head) = read_head(&mut stream).await? {
        let mut lines = head.lines();
        let mut first = lines.next().unwrap_or_default().split(' ');
        let headers: Vec<(String, String)> = lines
            .filter_map(|line| line.split_once(':'))
            .map(|(name, value)| (name.to_ascii_lowercase(), value.trim().to_owned()))
            .collect();
        let host = headers.iter().find(|(name, _)| name == "host");
        let seen = arrive(
            log,
            Seen {
                method: first.next().unwrap_or_default().to_owned(),
                path: first.next().unwrap_or_default().to_owned(),
                host: host.map(|(_, value)| value.clone()).unwrap_or_default(),
                headers,
                server_name: server_name.clone(),
                is_http2: false,
                nth: 0,
                at: Instant::now(),
            },
        );
        let act = script(&seen);
        match act {
            Act::Answer { status, headers, body, after } => {
                tokio::time::sleep(after).await;
                leave(log, &seen.host);
                stream.write_all(&http1_bytes(status, &headers, &body)).await?;
            }
            Act::Raw(bytes) => {
                leave(log, &seen.host);
                stream.write_all(&bytes).await?;
                return stream.shutdown().await;
            }
            Act::Stall(bytes) => {
                stream.write_all(&bytes).await?;
                let mut sink = [0; 64];
                while stream.read(&mut sink).await? > 0 {}
                leave(log, &seen.host);
                return Ok(());
            }
            Act::Reset | Act::GoAway | Act::Tear(_) => {
                if let Act::Tear(bytes) = act {
                    stream.write_all(&bytes).await?;
                }
                leave(log, &seen.host);
                if let Some(socket) = socket {
                    socket.set_linger(Some(Duration::ZERO))?;
                }
                return Ok(());
            }
        }
    }
    Ok(())
}

fn http1_bytes(status: u16, headers: &[(String, String)], body: &[u8]) -> Vec<u8> {
    let mut bytes = format!("HTTP/1.1 {status} Scripted\r\n").into_bytes();
    for (name, value) in headers {
        bytes.extend(format!("{name}: {value}\r\n").bytes());
    }
    if status != 204 && status != 304 {
        bytes.extend(format!("content-length: {}\r\n", body.len()).bytes());
    }
    bytes.extend(b"\r\n");
    bytes.extend(body);
    bytes
}

async fn read_head(stream: &mut (impl AsyncRead + Unpin)) -> io::Result<Option<String>> {
    /// How a TLS handshake begins. It is answered as if it were a request.
    const HANDSHAKE: u8 = 0x16;
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") && head.first() != Some(&HANDSHAKE) {
        match stream.read_u8().await {
            Ok(byte) => head.push(byte),
            Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => return Ok(None),
            Err(error) => return Err(error),
        }
    }
    Ok(Some(String::from_utf8_lossy(&head).into_owned()))
}

async fn serve_http2(
    stream: impl AsyncRead + AsyncWrite + Unpin,
    server_name: Option<String>,
    script: &Script,
    log: &Mutex<Log>,
) -> io::Result<()> {
    let mut connection = h2::server::handshake(stream).await.map_err(io::Error::other)?;
    while let Some(request) = connection.accept().await {
        let (request, mut respond) = request.map_err(io::Error::other)?;
        let headers = request
            .headers()
            .iter()
            .map(|(name, value)| (name.to_string(), String::from_utf8_lossy(value.as_bytes()).into_owned()));
        let seen = arrive(
            log,
            Seen {
                method: request.method().to_string(),
                path: request.uri().path_and_query().map(ToString::to_string).unwrap_or_default(),
                host: request.uri().authority().map(ToString::to_string).unwrap_or_default(),
                headers: headers.collect(),
                server_name: server_name.clone(),
                is_http2: true,
                nth: 0,
                at: Instant::now(),
            },
        );
        leave(log, &seen.host);
        let (status, headers, body) = match script(&seen) {
            Act::Answer { status, headers, body, .. } => (status, headers, body),
            Act::GoAway => {
                connection.abrupt_shutdown(h2::Reason::NO_ERROR);
                continue;
            }
            _ => {
                respond.send_reset(h2::Reason::INTERNAL_ERROR);
                continue;
            }
        };
        let mut response = http::Response::builder().status(status);
        for (name, value) in &headers {
            response = response.header(name, value);
        }
        let response = response.body(()).map_err(io::Error::other)?;
        let mut sending = respond.send_response(response, false).map_err(io::Error::other)?;
        sending.send_data(body.into(), true).map_err(io::Error::other)?;
    }
    Ok(())
}

fn arrive(log: &Mutex<Log>, mut seen: Seen) -> Seen {
    let mut log = lock(log);
    let count = log.counts.entry((seen.host.clone(), seen.path.clone())).or_default();
    seen.nth = *count;
    *count += 1;
    let in_flight = log.in_flight.entry(seen.host.clone()).or_default();
    *in_flight += 1;
    let in_flight = *in_flight;
    let peak = log.peaks.entry(seen.host.clone()).or_default();
    *peak = (*peak).max(in_flight);
    log.in_flight_in_all += 1;
    log.peak_in_all = log.peak_in_all.max(log.in_flight_in_all);
    log.seen.push(seen.clone());
    seen
}

fn leave(log: &Mutex<Log>, host: &str) {
    let mut log = lock(log);
    log.in_flight_in_all -= 1;
    if let Some(in_flight) = log.in_flight.get_mut(host) {
        *in_flight -= 1;
    }
}
