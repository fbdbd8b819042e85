//! The proxy that the user names, and no other: `http_proxy` and its like are
//! never read, for a proxy looks names up itself and nobody can check what
//! address it connects to. Over `https` it is asked for a tunnel, so it sees
//! host names and nothing else; over `http` it sees everything.

use std::io;
use std::str::FromStr;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use http::HeaderValue;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
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
    /// The value of `Proxy-Authorization`.
    credentials: Option<String>,
}

/// Why a proxy's address is none.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is no address of a proxy; write http://HOST:PORT")]
pub struct ProxyError(String);

impl FromStr for Proxy {
    type Err = ProxyError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let wrong = || ProxyError(text.to_owned());
        let url = Url::parse(text).map_err(|_| wrong())?;
        let (Some(host), Some(port)) = (url.host_str(), url.port_or_known_default()) else { return Err(wrong()) };
        if url.scheme() != "http" || url.path() != "/" || url.query().is_some() {
            return Err(wrong());
        }
        let credentials = (!url.username().is_empty()).then(|| {
            let decoded = |text: &str| percent_decoded(text);
            let pair = format!("{}:{}", decoded(url.username()), decoded(url.password().unwrap_or_default()));
            format!("Basic {}", BASE64_STANDARD.encode(pair))
        });
        Ok(Self { host: host.to_owned(), port, credentials })
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

    /// Without its credentials.
    pub(super) fn in_words(&self) -> String {
        format!("{}:{}", self.host, self.port)
    }

    /// What a request over `http` must carry for it.
    pub(super) fn credentials(&self) -> Option<HeaderValue> {
        let mut value = HeaderValue::from_str(self.credentials.as_deref()?).ok()?;
        value.set_sensitive(true);
        Some(value)
    }

    /// Asks for a tunnel to `place`.
    pub(super) async fn tunnel(&self, mut stream: TcpStream, place: &Place) -> Result<TcpStream, TransportError> {
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
            Some(status) => Err(TransportError::Proxy(status)),
            None => Err(TransportError::Connect(io::ErrorKind::InvalidData.into())),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn proxies_are_http_and_nothing_else() {
        let proxy: Proxy = "http://us%2Ber:p&ss@proxy.test:8080".parse().expect("a proxy");
        assert_eq!(proxy.in_words(), "proxy.test:8080");
        // "us+er:p&ss"
        assert_eq!(proxy.credentials.as_deref(), Some("Basic dXMrZXI6cCZzcw=="));
        assert_eq!("http://[::1]:3128/".parse::<Proxy>().expect("a proxy").host(), "[::1]");
        for wrong in ["proxy.test:8080", "https://proxy.test", "socks5://proxy.test", "http://proxy.test/x", ""] {
            assert!(wrong.parse::<Proxy>().is_err(), "{wrong}");
        }
    }
}
