//! The proxy that the user names, and no other: `http_proxy` and its like are
//! never read, for a proxy looks names up itself and nobody can check what
//! address it connects to. Over `https` it is asked for a tunnel, so it sees
//! host names and nothing else; over `http` it sees everything. The way to the
//! proxy itself may be plain or TLS (`https://PROXY`).

use std::str::FromStr;

use url::Url;

/// An HTTP proxy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Proxy {
    host: String,
    port: u16,
    /// Whether it is spoken to over TLS.
    is_tls: bool,
    /// User name and password.
    credentials: Option<(String, String)>,
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
        let credentials = (!url.username().is_empty())
            .then(|| (percent_decoded(url.username()), percent_decoded(url.password().unwrap_or_default())));
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

    /// Without its credentials.
    pub(super) fn in_words(&self) -> String {
        format!("{}{}:{}", if self.is_tls { "https://" } else { "" }, self.host, self.port)
    }

    /// As the client wants to know it.
    pub(super) fn for_client(&self) -> reqwest::Result<reqwest::Proxy> {
        let scheme = if self.is_tls { "https" } else { "http" };
        let proxy = reqwest::Proxy::all(format!("{scheme}://{}:{}", self.host, self.port))?;
        Ok(match &self.credentials {
            Some((user, password)) => proxy.basic_auth(user, password),
            None => proxy,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn proxies_speak_http_over_tls_or_not() {
        let proxy: Proxy = "http://us%2Ber:p&ss@proxy.test:8080".parse().expect("a proxy");
        assert_eq!(proxy.in_words(), "proxy.test:8080");
        assert_eq!(proxy.credentials, Some(("us+er".to_owned(), "p&ss".to_owned())));
        let secure: Proxy = "https://proxy.test".parse().expect("a proxy");
        assert_eq!((secure.is_tls, secure.port()), (true, 443));
        assert_eq!("http://[::1]:3128/".parse::<Proxy>().expect("a proxy").host(), "[::1]");
        for wrong in ["proxy.test:8080", "socks5://proxy.test", "http://proxy.test/x", ""] {
            assert!(wrong.parse::<Proxy>().is_err(), "{wrong}");
        }
    }
}
