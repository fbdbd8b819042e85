//! The proxy that the user names, and no other: `http_proxy` and its like are
//! never read, for a proxy looks names up itself and nobody can check what
//! address it connects to. Over `https` it is asked for a tunnel, so it sees
//! host names and nothing else; over `http` it sees everything. The way to the
//! proxy itself may be plain or TLS (`https://PROXY`).

use std::io;
use std::str::FromStr;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use http::HeaderValue;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use url::Url;

use super::fault::TransportError;
use super::pool::Place;

/// Longest answer to the wish for a tunnel. Bytes.
const LONGEST_ANSWER: usize = 16 << 10;

/// An HTTP proxy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Proxy {
    host: String,
    port: u16,
    /// Whether it is spoken to over TLS.
    is_tls: bool,
    /// The value of `Proxy-Authorization`.
    credentials: Option<String>,
}

/// Why a proxy's address is none.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is no address of a proxy; write http://HOST:PORT or https://HOST:PORT")]
pub struct ProxyError(String);

impl FromStr for Proxy {
    type Err = ProxyError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let wrong = || ProxyError(text.to_owned());
        let url = Url::parse(text).map_err(|_| wrong())?;
        let (Some(host), Some(port)) = (url.host_str(), url.port_or_known_default()) else { return Err(wrong()) };
        let is_tls = url.scheme() == "https";
        if !(is_tls || url.scheme() == "http") || url.path() != "/" || url.query().is_some() {
            return Err(wrong());
        }
        let credentials = (!url.username().is_empty()).then(|| {
            let decoded = |text: &str| percent_decoded(text);
            let pair = format!("{}:{}", decoded(url.username()), decoded(url.password().unwrap_or_default()));
            format!("Basic {}", BASE64_STANDARD.encode(pair))
        });
        Ok(Self { host: host.to_owned(), port, is_tls, credentials })
    }
}

fn percent_decoded(text: &str) -> String {
    // A query's value is decoded by the same rules, but for the plus sign.
    let query = format!("x={}", text.replace('+', "%2B").replace('&', "%26"));
    url::form_urlencoded::parse(query.as_bytes()).next().map(|(_, value)| value.into_owned()).unwrap_or_default()
}

impl Proxy {
    /// Its host, as in a URL.
    pub(super) fn host(&self) -> &str {
        &self.host
    }

    pub(super) fn port(&self) -> u16 {
        self.port
    }

    pub(super) fn is_tls(&self) -> bool {
        self.is_tls
    }

    /// Without its credentials.
    pub(super) fn in_words(&self) -> String {
        format!("{}{}:{}", if self.is_tls { "https://" } else { "" }, self.host, self.port)
    }

    /// What a request over `http` must carry for it.
    pub(super) fn credentials(&self) -> Option<HeaderValue> {
        let mut value = HeaderValue::from_str(self.credentials.as_deref()?).ok()?;
        value.set_sensitive(true);
        Some(value)
    }

    /// Asks for a tunnel to `place`.
    pub(super) async fn tunnel<S: AsyncRead + AsyncWrite + Unpin>(
        &self,
        mut stream: S,
        place: &Place,
    ) -> Result<S, TransportError> {
        let goal = format!("{}:{}", place.host, place.port);
        let credentials = self.credentials.as_ref().map(|value| format!("Proxy-Authorization: {value}\r\n"));
        let wish = format!("CONNECT {goal} HTTP/1.1\r\nHost: {goal}\r\n{}\r\n", credentials.unwrap_or_default());
        stream.write_all(wish.as_bytes()).await.map_err(TransportError::Connect)?;
        let mut answer = Vec::new();
        while !answer.ends_with(b"\r\n\r\n") {
            // Byte by byte, so that nothing of what follows is taken.
            let byte = stream.read_u8().await.map_err(TransportError::Connect)?;
            answer.push(byte);
            if answer.len() > LONGEST_ANSWER {
                return Err(TransportError::Connect(io::ErrorKind::InvalidData.into()));
            }
        }
        let status = answer.split(|byte| *byte == b' ').nth(1).and_then(|status| std::str::from_utf8(status).ok());
        match status.and_then(|status| status.get(..3)).and_then(|status| status.parse().ok()) {
            Some(200..=299) => Ok(stream),
            Some(status) => Err(TransportError::NoTunnel(status)),
            None => Err(TransportError::Connect(io::ErrorKind::InvalidData.into())),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn proxies_speak_http_over_tls_or_not() {
        let proxy: Proxy = "http://us%2Ber:p&ss@proxy.test:8080".parse().expect("a proxy");
        assert_eq!(proxy.in_words(), "proxy.test:8080");
        // "us+er:p&ss"
        assert_eq!(proxy.credentials.as_deref(), Some("Basic dXMrZXI6cCZzcw=="));
        let secure: Proxy = "https://proxy.test".parse().expect("a proxy");
        assert_eq!((secure.is_tls(), secure.port()), (true, 443));
        assert_eq!("http://[::1]:3128/".parse::<Proxy>().expect("a proxy").host(), "[::1]");
        for wrong in ["proxy.test:8080", "socks5://proxy.test", "http://proxy.test/x", ""] {
            assert!(wrong.parse::<Proxy>().is_err(), "{wrong}");
        }
    }
}
