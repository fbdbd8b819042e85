//! Open connections, and how many there may be. A connection that has
//! answered waits here for the next request to the same place; one of HTTP/2
//! serves several at once. Each holds a seat at its address for as long as it
//! is open, busy or not, so a hundred names on one small server share the
//! seats of that server; a new connection takes the seat of an idle one.

use std::collections::{BTreeMap, HashMap};
use std::net::{IpAddr, SocketAddr};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response};
use http_body_util::Empty;
use hyper::body::Incoming;
use hyper::client::conn::{http1, http2};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::{Instant, timeout};

/// Connections that may wait at once, in all; the one that has waited longest
/// makes room.
const MOST_IDLE: usize = 256;

/// How long a connection waits. Servers close idle ones after 5 to 75 seconds;
/// one that is closed under a request costs a repetition.
const LONGEST_IDLE: Duration = Duration::from_secs(15);

/// How long closing an idle connection may take before its seat is given up
/// on.
const CLOSING: Duration = Duration::from_secs(1);

/// What connections are told apart by: the scheme, host and port of the URL,
/// and the address where it was fixed beforehand.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct Place {
    pub is_tls: bool,
    /// As in the URL: IPv6 in brackets.
    pub host: Arc<str>,
    pub port: u16,
    /// Where to connect, whatever the name says.
    pub fixed: Option<SocketAddr>,
}

/// The right to one connection to an address.
#[derive(Debug)]
pub(super) struct Seat {
    _permit: Option<OwnedSemaphorePermit>,
}

impl Seat {
    /// A seat that counts for nobody.
    pub(super) fn free() -> Self {
        Self { _permit: None }
    }
}

/// The side of a connection that requests go into.
#[derive(Debug)]
pub(super) enum Sender {
    One(http1::SendRequest<Empty<Bytes>>),
    /// The counter tells how many requests use it.
    Two(http2::SendRequest<Empty<Bytes>>, Arc<()>),
}

impl Sender {
    pub(super) fn is_http2(&self) -> bool {
        matches!(self, Self::Two(..))
    }

    pub(super) async fn send(&mut self, request: Request<Empty<Bytes>>) -> hyper::Result<Response<Incoming>> {
        match self {
            Self::One(sender) => sender.send_request(request).await,
            Self::Two(sender, _) => sender.send_request(request).await,
        }
    }

    async fn is_usable(&mut self) -> bool {
        match self {
            Self::One(sender) => sender.ready().await.is_ok(),
            Self::Two(sender, _) => sender.ready().await.is_ok(),
        }
    }

    fn is_idle(&self) -> bool {
        match self {
            Self::One(_) => true,
            Self::Two(_, uses) => Arc::strong_count(uses) == 1,
        }
    }
}

/// A connection at work. Given back when its answer was read to the end.
pub(super) struct Lease {
    pub sender: Sender,
    pub place: Place,
    pub address: IpAddr,
}

struct Waiting {
    sender: Sender,
    place: Place,
    address: IpAddr,
    since: Instant,
}

/// All connections of one run.
pub(super) struct Pool {
    seats_per_address: usize,
    inner: Mutex<Inner>,
}

#[derive(Default)]
struct Inner {
    /// By the order in which they came to wait.
    waiting: BTreeMap<u64, Waiting>,
    by_place: HashMap<Place, Vec<u64>>,
    seats: HashMap<IpAddr, Arc<Semaphore>>,
    last: u64,
}

impl Pool {
    pub(super) fn new(seats_per_address: usize) -> Self {
        Self { seats_per_address: seats_per_address.max(1), inner: Mutex::new(Inner::default()) }
    }

    /// A connection to `place` that waits for work.
    pub(super) async fn take(&self, place: &Place) -> Option<Lease> {
        loop {
            let mut lease = self.lock().take(place)?;
            if lease.sender.is_usable().await {
                return Some(lease);
            }
        }
    }

    /// Lets a connection wait for its next request. One whose answer was not
    /// read to the end is closed by then, and found to be so when it is taken.
    pub(super) fn give_back(&self, lease: Lease) {
        if let Sender::One(sender) = &lease.sender
            && !sender.is_closed()
        {
            self.lock().put(lease);
        }
    }

    /// Lets several requests use a new connection of HTTP/2.
    pub(super) fn share(&self, lease: &Lease) {
        if let Sender::Two(sender, uses) = &lease.sender {
            let sender = Sender::Two(sender.clone(), Arc::clone(uses));
            let (place, address) = (lease.place.clone(), lease.address);
            self.lock().put(Lease { sender, place, address });
        }
    }

    /// Nobody shall use this connection again.
    pub(super) fn forget(&self, lease: &Lease) {
        if let Sender::Two(_, uses) = &lease.sender {
            self.lock().forget(&lease.place, uses);
        }
    }

    /// A seat at `address`; `None` while all are taken by connections at work.
    pub(super) async fn seat(&self, address: IpAddr) -> Option<Seat> {
        let (seats, evicted) = {
            let mut inner = self.lock();
            let seats = inner.seats.entry(address).or_insert_with(|| Arc::new(Semaphore::new(self.seats_per_address)));
            let seats = Arc::clone(seats);
            match Arc::clone(&seats).try_acquire_owned() {
                Ok(permit) => return Some(Seat { _permit: Some(permit) }),
                Err(_) => (seats, inner.evict(address)),
            }
        };
        // Dropped outside the lock; its seat comes free when its task has ended.
        drop(evicted?);
        let permit = timeout(CLOSING, seats.acquire_owned()).await.ok()?.ok()?;
        Some(Seat { _permit: Some(permit) })
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Inner {
    fn take(&mut self, place: &Place) -> Option<Lease> {
        // The one that came last is the likeliest to be open.
        let id = self.by_place.get(place)?.last().copied()?;
        let waiting = self.remove(id)?;
        let lease = |sender| Lease { sender, place: waiting.place.clone(), address: waiting.address };
        match waiting.sender {
            Sender::One(sender) => Some(lease(Sender::One(sender))),
            Sender::Two(sender, _) if sender.is_closed() => self.take(place),
            Sender::Two(sender, uses) => {
                let shared = lease(Sender::Two(sender.clone(), Arc::clone(&uses)));
                self.put(lease(Sender::Two(sender, uses)));
                Some(shared)
            }
        }
    }

    fn put(&mut self, lease: Lease) {
        let now = Instant::now();
        while let Some((&id, oldest)) = self.waiting.first_key_value() {
            let is_old = now.duration_since(oldest.since) > LONGEST_IDLE;
            if !is_old && self.waiting.len() < MOST_IDLE {
                break;
            }
            self.remove(id);
        }
        self.last += 1;
        let Lease { sender, place, address, .. } = lease;
        self.by_place.entry(place.clone()).or_default().push(self.last);
        self.waiting.insert(self.last, Waiting { sender, place, address, since: now });
    }

    fn forget(&mut self, place: &Place, uses: &Arc<()>) {
        let is_this = |waiting: &Waiting| matches!(&waiting.sender, Sender::Two(_, known) if Arc::ptr_eq(known, uses));
        let ids = self.by_place.get(place).into_iter().flatten().copied();
        if let Some(id) = ids.into_iter().find(|id| self.waiting.get(id).is_some_and(is_this)) {
            self.remove(id);
        }
    }

    /// Closes the connection to `address` that has waited longest.
    fn evict(&mut self, address: IpAddr) -> Option<Waiting> {
        let mut idle = self.waiting.iter().filter(|(_, waiting)| waiting.address == address);
        let id = idle.find(|(_, waiting)| waiting.sender.is_idle()).map(|(id, _)| *id)?;
        self.remove(id)
    }

    fn remove(&mut self, id: u64) -> Option<Waiting> {
        let waiting = self.waiting.remove(&id)?;
        if let Some(ids) = self.by_place.get_mut(&waiting.place) {
            ids.retain(|known| *known != id);
            if ids.is_empty() {
                self.by_place.remove(&waiting.place);
            }
        }
        Some(waiting)
    }
}
