//! A scripted name server.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::net::UdpSocket;
use tokio::task::JoinHandle;

use super::RUNTIME;

/// What the name server says of a name.
#[derive(Debug, Clone, Copy)]
pub enum NameAnswer {
    Address(Ipv4Addr),
    /// The name does not exist.
    NoName,
    /// The name exists without an address.
    NoAddress,
    /// The name server has a failure of its own.
    Failure,
    /// No answer at all.
    Silence,
}

/// A name server; it ends when it is dropped.
pub struct NameServer {
    pub address: SocketAddr,
    questions: Arc<AtomicUsize>,
    answering: JoinHandle<()>,
}

impl Drop for NameServer {
    fn drop(&mut self) {
        self.answering.abort();
    }
}

impl NameServer {
    /// A name server of the public Internet: beside what the script says, it
    /// knows the domain `com`.
    pub fn new(script: impl Fn(&str) -> NameAnswer + Send + Sync + 'static) -> Self {
        Self::secluded(move |name| if name == "com" { NameAnswer::NoAddress } else { script(name) })
    }

    /// A name server that knows nothing but what the script says.
    pub fn secluded(script: impl Fn(&str) -> NameAnswer + Send + Sync + 'static) -> Self {
        let socket = RUNTIME.block_on(UdpSocket::bind(("127.0.0.1", 0))).expect("a port for the names");
        let address = socket.local_addr().expect("its address");
        let questions = Arc::new(AtomicUsize::new(0));
        let count = Arc::clone(&questions);
        let answering = RUNTIME.spawn(async move {
            let mut packet = [0; 1500];
            while let Ok((length, from)) = socket.recv_from(&mut packet).await {
                count.fetch_add(1, Ordering::SeqCst);
                if let Some(reply) = reply_to(&packet[..length], &script) {
                    let _ = socket.send_to(&reply, from).await;
                }
            }
        });
        Self { address, questions, answering }
    }

    pub fn questions(&self) -> usize {
        self.questions.load(Ordering::SeqCst)
    }
}

/// Header of 12 bytes, one question (labels, type, class), then our answer.
fn reply_to(packet: &[u8], script: &impl Fn(&str) -> NameAnswer) -> Option<Vec<u8>> {
    const ADDRESS_TYPE: [u8; 2] = [0, 1];
    let mut labels = Vec::new();
    let mut at = 12;
    while packet[at] != 0 {
        let length = usize::from(packet[at]);
        labels.push(String::from_utf8_lossy(&packet[at + 1..=at + length]).into_owned());
        at += 1 + length;
    }
    let question = &packet[12..at + 5];
    let is_for_v4 = packet[at + 1..at + 3] == ADDRESS_TYPE;
    let (code, address) = match script(&labels.join(".").to_ascii_lowercase()) {
        NameAnswer::Address(address) => (0, Some(address).filter(|_| is_for_v4)),
        NameAnswer::NoAddress => (0, None),
        NameAnswer::NoName => (3, None),
        NameAnswer::Failure => (2, None),
        NameAnswer::Silence => return None,
    };
    let mut reply = packet[..2].to_vec();
    // An answer, recursion wished and available; one question.
    reply.extend([0x81, 0x80 | code, 0, 1, 0, u8::from(address.is_some()), 0, 0, 0, 0]);
    reply.extend(question);
    if let Some(address) = address {
        // The name of the question, type, class, a minute to live, four bytes.
        reply.extend([0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 60, 0, 4]);
        reply.extend(address.octets());
    }
    Some(reply)
}
