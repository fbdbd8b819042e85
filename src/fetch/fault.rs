//! What went wrong on the way to an answer, and what it means: by the types of
//! errors in their chain of sources, never by their words.

use std::error::Error;
use std::io;
use std::net::IpAddr;

use rustls::{AlertDescription, CertificateError};

use crate::verdict::{NetworkFault, Outcome, Phase, TlsFault, Withheld};

use super::resolve::ResolveError;

/// Why there is no answer, by the step that failed.
#[derive(Debug, thiserror::Error)]
pub(super) enum TransportError {
    #[error("the name could not be looked up")]
    Resolve(#[from] ResolveError),
    /// No connection was tried: all seats at the address are taken.
    #[error("{0} has as many connections as it may have")]
    Busy(IpAddr),
    /// The client could not be made.
    #[error("{0}")]
    Client(#[source] reqwest::Error),
    /// Nothing came from the server.
    #[error("no answer")]
    Direct(#[source] reqwest::Error),
    /// Nothing came through the proxy.
    #[error("no answer")]
    Proxied {
        #[source]
        error: reqwest::Error,
        /// Whether the server is spoken to over TLS, so through a tunnel.
        is_tls: bool,
    },
}

/// A request that brought no answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Failure {
    pub outcome: Outcome,
    /// No connection came about, so the server has seen no request.
    pub is_before_request: bool,
    /// The name servers were silent, and how.
    pub silence: Option<Silence>,
}

/// Silence of name servers: the sign of a machine without network.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Silence {
    /// They did not answer in time.
    Waited,
    /// The system says that they cannot be reached.
    Unreachable,
}

impl Failure {
    /// Time ran out while waiting for headers.
    pub(super) fn without_headers() -> Self {
        Self { outcome: Outcome::TimedOut(Phase::Headers), is_before_request: false, silence: None }
    }
}

/// Reads an error.
pub(super) fn failure_of(error: &TransportError) -> Failure {
    let silence = match error {
        TransportError::Resolve(ResolveError::TimedOut) => Some(Silence::Waited),
        TransportError::Resolve(ResolveError::NoNameServer) => Some(Silence::Unreachable),
        _ => None,
    };
    let (outcome, is_before_request) = match error {
        TransportError::Resolve(error) => (name_outcome(*error), true),
        TransportError::Busy(_) | TransportError::Client(_) => (other(error), true),
        TransportError::Direct(error) => without_answer(error),
        TransportError::Proxied { error, is_tls } => {
            proxy_trouble(error, *is_tls).map_or_else(|| without_answer(error), |outcome| (outcome, true))
        }
    };
    Failure { outcome, is_before_request, silence }
}

fn other(error: &(dyn Error + 'static)) -> Outcome {
    Outcome::Unreachable(NetworkFault::Other(deepest_words(error)))
}

/// What went wrong between us and the proxy is no fault of the site. Through a
/// tunnel the client speaks TLS to the site itself, and what fails there is an
/// [`io::Error`]; everything else on the way to a connection is the proxy's.
fn proxy_trouble(error: &reqwest::Error, is_tls: bool) -> Option<Outcome> {
    let connecting = find::<hyper_util::client::legacy::Error>(error).filter(|error| error.is_connect())?;
    let of_connector = connecting.source()?;
    if error.is_timeout() || is_tls && of_connector.is::<io::Error>() {
        return None;
    }
    if let Some(error) = find::<rustls::Error>(of_connector) {
        let words = format!("the proxy cannot be spoken to over TLS: {error}");
        return Some(Outcome::Unreachable(NetworkFault::Other(words)));
    }
    Some(match find_io(of_connector) {
        Some(error) => io_outcome(error),
        None => Outcome::Unreachable(NetworkFault::Other(format!("the proxy: {}", deepest_words(of_connector)))),
    })
}

fn name_outcome(error: ResolveError) -> Outcome {
    match error {
        ResolveError::NotFound => Outcome::NameNotFound,
        ResolveError::HostNotFound => Outcome::HostNotFound,
        ResolveError::NoAddress => Outcome::Unreachable(NetworkFault::NoAddress),
        ResolveError::Trouble | ResolveError::NoNameServer => Outcome::NameTrouble,
        ResolveError::TimedOut => Outcome::TimedOut(Phase::Resolve),
        ResolveError::Private => Outcome::Withheld(Withheld::PrivateAddress),
    }
}

/// What it means, and whether the server can have seen no request.
fn without_answer(error: &reqwest::Error) -> (Outcome, bool) {
    (http_outcome(error), error.is_connect() || error.is_builder())
}

fn http_outcome(error: &reqwest::Error) -> Outcome {
    if error.is_connect() && error.is_timeout() {
        return Outcome::TimedOut(Phase::Connect);
    }
    if let Some(error) = find::<rustls::Error>(error) {
        return Outcome::Tls(tls_fault(error));
    }
    if let Some(error) = find::<h2::Error>(error)
        && !error.is_io()
    {
        return Outcome::Unreachable(http2_fault(error));
    }
    if let Some(error) = find_io(error) {
        return io_outcome(error);
    }
    let Some(error) = find::<hyper::Error>(error) else { return other(error) };
    let is_cut = error.is_incomplete_message() || error.is_canceled() || error.is_closed();
    Outcome::Unreachable(if is_cut { NetworkFault::Reset } else { NetworkFault::Protocol(deepest_words(error)) })
}

/// Whether the server says, or it is plain, that it has not worked on the
/// request: the connection was closed before it was written, or it came after
/// the server's goodbye (RFC 9113, 6.8 and 8.7).
pub(super) fn was_left_undone(error: &reqwest::Error) -> bool {
    let Some(said) = find::<h2::Error>(error) else {
        return find::<hyper::Error>(error).is_some_and(hyper::Error::is_canceled);
    };
    let is_goodbye = said.is_go_away() && said.reason() == Some(h2::Reason::NO_ERROR);
    said.is_remote() && (is_goodbye || said.reason() == Some(h2::Reason::REFUSED_STREAM))
}

/// A server that shuts down, is too busy or breaks a stream off may do better
/// on the next connection; everything else is how it speaks.
fn http2_fault(error: &h2::Error) -> NetworkFault {
    use h2::Reason;
    match error.reason() {
        Some(
            Reason::NO_ERROR
            | Reason::CANCEL
            | Reason::REFUSED_STREAM
            | Reason::INTERNAL_ERROR
            | Reason::ENHANCE_YOUR_CALM,
        ) => NetworkFault::Reset,
        _ => NetworkFault::Protocol(deepest_words(error)),
    }
}

fn io_outcome(error: &io::Error) -> Outcome {
    use io::ErrorKind::{
        AddrNotAvailable, BrokenPipe, ConnectionAborted, ConnectionRefused, ConnectionReset, HostUnreachable,
        NetworkDown, NetworkUnreachable, NotConnected, TimedOut, UnexpectedEof,
    };
    Outcome::Unreachable(match error.kind() {
        ConnectionRefused => NetworkFault::Refused,
        ConnectionReset | ConnectionAborted | BrokenPipe | NotConnected | UnexpectedEof => NetworkFault::Reset,
        NetworkUnreachable | HostUnreachable | NetworkDown | AddrNotAvailable => NetworkFault::NoRoute,
        // The system's own limit on connecting.
        TimedOut => return Outcome::TimedOut(Phase::Connect),
        _ => NetworkFault::Other(deepest_words(error)),
    })
}

fn tls_fault(error: &rustls::Error) -> TlsFault {
    match error {
        rustls::Error::InvalidCertificate(error) => certificate_fault(error),
        rustls::Error::PeerIncompatible(
            rustls::PeerIncompatible::ServerDoesNotSupportTls12Or13 | rustls::PeerIncompatible::Tls12NotOffered,
        )
        | rustls::Error::AlertReceived(AlertDescription::ProtocolVersion) => TlsFault::TooOld,
        rustls::Error::InvalidMessage(_) => TlsFault::Other("the server does not speak TLS".into()),
        other => TlsFault::Other(other.to_string()),
    }
}

fn certificate_fault(error: &CertificateError) -> TlsFault {
    match error {
        CertificateError::Expired | CertificateError::ExpiredContext { .. } => TlsFault::Expired,
        CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. } => TlsFault::NotYetValid,
        CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => TlsFault::WrongName,
        CertificateError::UnknownIssuer | CertificateError::BadSignature => TlsFault::UnknownIssuer,
        CertificateError::Revoked => TlsFault::Revoked,
        other => TlsFault::Other(other.to_string()),
    }
}

/// The first error of type `T` in the chain.
fn find<'a, T: Error + 'static>(error: &'a (dyn Error + 'static)) -> Option<&'a T> {
    chain(error).find_map(|error| error.downcast_ref())
}

/// The system's own error: some layers wrap it in another [`io::Error`] that
/// tells nothing.
fn find_io<'a>(error: &'a (dyn Error + 'static)) -> Option<&'a io::Error> {
    chain(error).filter_map(|error| error.downcast_ref()).last()
}

/// An error and its sources. An [`io::Error`] that wraps another hides it from
/// `source`, so wrapped ones are opened.
fn chain<'a>(error: &'a (dyn Error + 'static)) -> impl Iterator<Item = &'a (dyn Error + 'static)> {
    std::iter::successors(Some(error), |error| inner(*error))
}

fn inner<'a>(error: &'a (dyn Error + 'static)) -> Option<&'a (dyn Error + 'static)> {
    match error.downcast_ref::<io::Error>().and_then(io::Error::get_ref) {
        Some(wrapped) => Some(wrapped),
        None => error.source(),
    }
}

fn deepest_words(error: &(dyn Error + 'static)) -> String {
    chain(error).last().unwrap_or(error).to_string()
}
