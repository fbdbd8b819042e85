//! `--connect-to HOST:PORT:ADDR:PORT`: connections meant for one place go to
//! another, as in curl. The URL, the `Host` header and the name that TLS
//! checks stay what they were; only the address behind them changes.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::str::FromStr;

use url::{Host, Url};

/// One rule. The first that matches wins.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConnectTo {
    /// The host it is about, lower-case ASCII, IPv6 without brackets; `None`
    /// for any.
    host: Option<String>,
    /// The port it is about; `None` for any.
    port: Option<u16>,
    /// Where such connections go.
    address: IpAddr,
    /// The port there; `None` for the one the connection was meant for.
    to_port: Option<u16>,
}

/// Why a `--connect-to` rule could not be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ConnectToError {
    /// There are not four parts.
    #[error("`{0}` is not of the form HOST:PORT:ADDR:PORT (IPv6 addresses need brackets)")]
    Shape(String),
    /// The host is none.
    #[error("`{0}` is not a host name, an address or `*`")]
    Host(String),
    /// A port is none.
    #[error("`{0}` is not a port")]
    Port(String),
    /// The address is none.
    #[error("`{0}` is not an IP address or `localhost`")]
    Address(String),
}

impl FromStr for ConnectTo {
    type Err = ConnectToError;

    fn from_str(rule: &str) -> Result<Self, Self::Err> {
        let parts = split_outside_brackets(rule);
        let &[host, port, address, to_port] = parts.as_slice() else {
            return Err(ConnectToError::Shape(rule.to_owned()));
        };
        Ok(Self {
            host: parse_host(host)?,
            port: parse_port(port)?,
            address: parse_address(address)?,
            to_port: parse_port(to_port)?,
        })
    }
}

impl fmt::Display for ConnectTo {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let bracketed = |host: &str| if host.contains(':') { format!("[{host}]") } else { host.to_owned() };
        let port = |port: Option<u16>| port.map_or_else(String::new, |port| port.to_string());
        let host = self.host.as_deref().map_or_else(|| "*".to_owned(), bracketed);
        let address = bracketed(&self.address.to_string());
        write!(out, "{host}:{}:{address}:{}", port(self.port), port(self.to_port))
    }
}

impl ConnectTo {
    fn applies_to(&self, host: &str, port: u16) -> bool {
        self.host.as_deref().is_none_or(|wanted| wanted == host) && self.port.is_none_or(|wanted| wanted == port)
    }
}

/// Where the rules send connections meant for `url`; `None` where no rule is
/// about it.
pub(super) fn destination(url: &Url, rules: &[ConnectTo]) -> Option<SocketAddr> {
    let port = url.port_or_known_default()?;
    let host = match url.host()? {
        Host::Domain(name) => name.to_owned(),
        Host::Ipv4(address) => address.to_string(),
        Host::Ipv6(address) => address.to_string(),
    };
    let rule = rules.iter().find(|rule| rule.applies_to(&host, port))?;
    Some(SocketAddr::new(rule.address, rule.to_port.unwrap_or(port)))
}

fn split_outside_brackets(rule: &str) -> Vec<&str> {
    let mut is_inside = false;
    rule.split(|c: char| {
        match c {
            '[' => is_inside = true,
            ']' => is_inside = false,
            _ => {}
        }
        c == ':' && !is_inside
    })
    .collect()
}

fn parse_host(text: &str) -> Result<Option<String>, ConnectToError> {
    if matches!(text, "" | "*") {
        return Ok(None);
    }
    match Host::parse(text).map_err(|_| ConnectToError::Host(text.to_owned()))? {
        Host::Domain(name) => Ok(Some(name)),
        Host::Ipv4(address) => Ok(Some(address.to_string())),
        Host::Ipv6(address) => Ok(Some(address.to_string())),
    }
}

fn parse_port(text: &str) -> Result<Option<u16>, ConnectToError> {
    if text.is_empty() {
        return Ok(None);
    }
    let port = text.parse().ok().filter(|&port: &u16| port != 0);
    port.map(Some).ok_or_else(|| ConnectToError::Port(text.to_owned()))
}

fn parse_address(text: &str) -> Result<IpAddr, ConnectToError> {
    if text.eq_ignore_ascii_case("localhost") {
        return Ok(IpAddr::V4(Ipv4Addr::LOCALHOST));
    }
    let bare = text.strip_prefix('[').and_then(|text| text.strip_suffix(']')).unwrap_or(text);
    bare.parse().map_err(|_| ConnectToError::Address(text.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn goes(url: &str, rules: &[&str]) -> Option<String> {
        let rules: Vec<ConnectTo> = rules.iter().map(|rule| rule.parse().expect("a rule")).collect();
        let url = Url::parse(url).expect("a URL");
        destination(&url, &rules).map(|address| address.to_string())
    }

    #[test]
    fn rules_match_host_and_port() {
        for (url, rule, expected) in [
            ("https://a.org/", "a.org:443:127.0.0.1:8443", Some("127.0.0.1:8443")),
            ("https://a.org/", "A.ORG::127.0.0.1:8443", Some("127.0.0.1:8443")),
            ("https://a.org:99/", "*:99:localhost:7", Some("127.0.0.1:7")),
            ("http://a.org/", ":80:[::1]:8080", Some("[::1]:8080")),
            ("http://a.org:81/", "::127.0.0.1:", Some("127.0.0.1:81")),
            ("http://[2001:db8::1]/", "[2001:db8::1]:80:127.0.0.1:8", Some("127.0.0.1:8")),
            ("http://bücher.example/", "bücher.example:80:127.0.0.1:8", Some("127.0.0.1:8")),
            ("http://a.org/", "a.org:443:127.0.0.1:8443", None),
            ("http://www.a.org/", "a.org::127.0.0.1:8", None),
        ] {
            assert_eq!(goes(url, &[rule]).as_deref(), expected, "{url} {rule}");
        }
        for rule in ["a.org:443:127.0.0.1:8443", "*::[::1]:", "[2001:db8::1]:80:127.0.0.1:8"] {
            assert_eq!(rule.parse::<ConnectTo>().expect("a rule").to_string(), rule);
        }
        let rules = ["a.org::127.0.0.1:1", "*::127.0.0.1:2"];
        assert_eq!(goes("http://a.org/", &rules).as_deref(), Some("127.0.0.1:1"));
        assert_eq!(goes("http://b.org/", &rules).as_deref(), Some("127.0.0.1:2"));
    }

    #[test]
    fn what_is_wrong_is_said() {
        let error = |rule: &str| rule.parse::<ConnectTo>().expect_err("no rule").to_string();
        for rule in ["", "a.org", "a.org:443:127.0.0.1", "a:1:b:2:c", "::1:80:127.0.0.1:1"] {
            assert!(error(rule).contains("HOST:PORT:ADDR:PORT"), "{rule}");
        }
        assert_eq!(error("a.org:https:127.0.0.1:1"), "`https` is not a port");
        assert_eq!(error("a.org:70000:127.0.0.1:1"), "`70000` is not a port");
        assert_eq!(error("a b:1:127.0.0.1:1"), "`a b` is not a host name, an address or `*`");
        assert_eq!(error("a:1:b.org:1"), "`b.org` is not an IP address or `localhost`");
        assert_eq!(error("a:1::1"), "`` is not an IP address or `localhost`");
    }
}
