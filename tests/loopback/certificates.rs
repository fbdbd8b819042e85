//! Certificates made on the spot: an authority, and what it (or nobody)
//! signed.

use std::sync::Arc;

use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair, date_time_ymd};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};

/// An authority that tests may trust.
pub struct Authority {
    issuer: Issuer<'static, KeyPair>,
    pem: String,
}

/// A server's certificate and key.
pub struct Identity {
    chain: Vec<CertificateDer<'static>>,
    key: PrivateKeyDer<'static>,
    versions: Vec<Vec<u8>>,
}

impl Authority {
    pub fn new() -> Self {
        let key = KeyPair::generate().expect("a key");
        let mut params = named("Test authority", &[]);
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let pem = params.self_signed(&key).expect("an authority").pem();
        Self { issuer: Issuer::new(params, key), pem }
    }

    /// What a user gives as `--cacert`.
    pub fn pem(&self) -> Vec<u8> {
        self.pem.clone().into_bytes()
    }

    /// A good certificate for these names.
    pub fn identity(&self, names: &[&str]) -> Identity {
        self.sign(&named("Test server", names))
    }

    /// A certificate that ran out long ago.
    pub fn expired_identity(&self, names: &[&str]) -> Identity {
        let mut params = named("Test server", names);
        params.not_before = date_time_ymd(2001, 1, 1);
        params.not_after = date_time_ymd(2002, 1, 1);
        self.sign(&params)
    }

    fn sign(&self, params: &CertificateParams) -> Identity {
        let key = KeyPair::generate().expect("a key");
        let certificate = params.signed_by(&key, &self.issuer).expect("a certificate");
        Identity::new(certificate.der().clone(), &key)
    }
}

/// A certificate that nobody signed but itself.
pub fn self_signed_identity(names: &[&str]) -> Identity {
    let key = KeyPair::generate().expect("a key");
    let certificate = named("Test server", names).self_signed(&key).expect("a certificate");
    Identity::new(certificate.der().clone(), &key)
}

fn named(common_name: &str, names: &[&str]) -> CertificateParams {
    let names: Vec<String> = names.iter().map(ToString::to_string).collect();
    let mut params = CertificateParams::new(names).expect("names");
    params.distinguished_name.push(DnType::CommonName, common_name);
    params
}

impl Identity {
    fn new(certificate: CertificateDer<'static>, key: &KeyPair) -> Self {
        let key = PrivateKeyDer::try_from(key.serialize_der()).expect("a key");
        Self { chain: vec![certificate], key, versions: vec![b"http/1.1".to_vec()] }
    }

    /// Offers HTTP/2 as well.
    pub fn with_http2(mut self) -> Self {
        self.versions.insert(0, b"h2".to_vec());
        self
    }

    /// The certificate and its key, as servers read them.
    pub fn pem(&self) -> (String, String) {
        let block = |label: &str, der: &[u8]| {
            let text = base64::Engine::encode(&base64::prelude::BASE64_STANDARD, der);
            let lines: Vec<&str> = text.as_bytes().chunks(64).map(|line| std::str::from_utf8(line).unwrap()).collect();
            format!("-----BEGIN {label}-----\n{}\n-----END {label}-----\n", lines.join("\n"))
        };
        (block("CERTIFICATE", &self.chain[0]), block("PRIVATE KEY", self.key.secret_der()))
    }

    pub(super) fn acceptor(&self) -> TlsAcceptor {
        let mut config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()
            .expect("versions")
            .with_no_client_auth()
            .with_single_cert(self.chain.clone(), self.key.clone_key())
            .expect("a usable certificate");
        config.alpn_protocols.clone_from(&self.versions);
        TlsAcceptor::from(Arc::new(config))
    }
}
