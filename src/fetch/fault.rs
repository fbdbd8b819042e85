//! What an error of the HTTP client means, by the types in its chain of
//! sources and never by its words.

use std::error::Error;
use std::io;

use rustls::{AlertDescription, CertificateError};

use crate::verdict::{NetworkFault, Outcome, Phase, TlsFault, Withheld};

use super::resolve::ResolveError;

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
pub(super) fn failure_of(error: &reqwest::Error) -> Failure {
    let resolve_error = find::<ResolveError>(error);
    let silence = match resolve_error {
        Some(ResolveError::TimedOut) => Some(Silence::Waited),
        Some(ResolveError::NoNameServer) => Some(Silence::Unreachable),
        _ => None,
    };
    let outcome = resolve_error.map_or_else(|| transport_outcome(error), |error| name_outcome(*error));
    Failure { outcome, is_before_request: error.is_connect(), silence }
}

fn name_outcome(error: ResolveError) -> Outcome {
    match error {
        ResolveError::NotFound => Outcome::NameNotFound,
        ResolveError::NoAddress => Outcome::Unreachable(NetworkFault::NoAddress),
        ResolveError::Trouble | ResolveError::NoNameServer => Outcome::NameTrouble,
        ResolveError::TimedOut => Outcome::TimedOut(Phase::Resolve),
        ResolveError::Private => Outcome::Withheld(Withheld::PrivateAddress),
    }
}

fn transport_outcome(error: &reqwest::Error) -> Outcome {
    if let Some(error) = find::<rustls::Error>(error) {
        return Outcome::Tls(tls_fault(error));
    }
    if error.is_timeout() {
        return Outcome::TimedOut(if error.is_connect() { Phase::Connect } else { Phase::Headers });
    }
    if let Some(error) = find::<io::Error>(error) {
        return io_outcome(error);
    }
    Outcome::Unreachable(match find::<hyper::Error>(error) {
        Some(error) if error.is_incomplete_message() || error.is_canceled() => NetworkFault::Reset,
        _ => NetworkFault::Protocol(deepest_words(error)),
    })
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
