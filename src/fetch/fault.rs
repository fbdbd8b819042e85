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
    #[error("time ran out")]
    TimedOut(Phase),
    #[error("no connection")]
    Connect(#[source] io::Error),
    #[error("no TLS")]
    Tls(#[source] io::Error),
    /// The proxy's status, where it gave no tunnel.
    #[error("the proxy answered {0}")]
    NoTunnel(u16),
    /// The proxy was asked over TLS, and that failed.
    #[error("the proxy cannot be spoken to over TLS: {0}")]
    Proxy(#[source] io::Error),
    /// The address cannot be written in a request.
    #[error("{0}")]
    Name(String),
    #[error("no answer")]
    Http(#[source] hyper::Error),
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
    let outcome = match error {
        TransportError::Resolve(error) => name_outcome(*error),
        TransportError::TimedOut(phase) => Outcome::TimedOut(*phase),
        TransportError::Connect(error) => io_outcome(error),
        TransportError::Tls(error) => match find::<rustls::Error>(error) {
            Some(error) => Outcome::Tls(tls_fault(error)),
            None => io_outcome(error),
        },
        TransportError::NoTunnel(_) | TransportError::Proxy(_) | TransportError::Name(_) | TransportError::Busy(_) => {
            Outcome::Unreachable(NetworkFault::Other(error.to_string()))
        }
        TransportError::Http(error) => http_outcome(error),
    };
    Failure { outcome, is_before_request: !matches!(error, TransportError::Http(_)), silence }
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

fn http_outcome(error: &hyper::Error) -> Outcome {
    if let Some(error) = find::<rustls::Error>(error) {
        return Outcome::Tls(tls_fault(error));
    }
    if let Some(error) = find::<h2::Error>(error)
        && !error.is_io()
    {
        return Outcome::Unreachable(http2_fault(error));
    }
    if let Some(error) = find::<io::Error>(error) {
        return io_outcome(error);
    }
    let is_cut = error.is_incomplete_message() || error.is_canceled() || error.is_closed();
    Outcome::Unreachable(if is_cut { NetworkFault::Reset } else { NetworkFault::Protocol(deepest_words(error)) })
}

/// Whether the server says, or it is plain, that it has not worked on the
/// request: the connection was closed before it was written, or it came after
/// the server's goodbye (RFC 9113, 6.8 and 8.7).
pub(super) fn was_left_undone(error: &hyper::Error) -> bool {
    let Some(said) = find::<h2::Error>(error) else {
        return error.is_canceled();
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

/// The first error of type `T` in the chain. An [`io::Error`] that wraps
/// another hides it from `source`, so wrapped ones are opened.
fn find<'a, T: Error + 'static>(error: &'a (dyn Error + 'static)) -> Option<&'a T> {
    let mut next = Some(error);
    while let Some(error) = next {
        if let Some(found) = error.downcast_ref::<T>() {
            return Some(found);
        }
        next = inner(error);
    }
    None
}

fn inner<'a>(error: &'a (dyn Error + 'static)) -> Option<&'a (dyn Error + 'static)> {
    match error.downcast_ref::<io::Error>().and_then(io::Error::get_ref) {
        Some(wrapped) => Some(wrapped),
        None => error.source(),
    }
}

fn deepest_words(error: &(dyn Error + 'static)) -> String {
    let mut deepest = error;
    while let Some(next) = inner(deepest) {
        deepest = next;
    }
    deepest.to_string()
}
