//! Open connections, and how many there may be. Each is a client of its own
//! that holds one connection at most. One that has answered waits here for the
//! next request to the same place; one of HTTP/2 serves several at once. Each
//! holds a seat at its address, busy or not, so a hundred names on one small
//! server share the seats of that server; a new connection takes the seat of
//! an idle one.

use std::collections::{BTreeMap, HashMap};
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::Instant;
use url::Url;

/// Connections that may wait at once, in all; the one that has waited longest
/// makes room.
const MOST_IDLE: usize = 256;

/// How long a connection waits. Servers close idle ones after 5 to 75 seconds;
/// one that is closed under a request costs a repetition.
const LONGEST_IDLE: Duration = Duration::from_secs(15);

/// What connections are told apart by: the scheme, host and port of the URL,
/// and the address where a connect-to rule fixed it.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct Place {
    pub is_tls: bool,
    /// As in the URL: IPv6 in brackets.
    pub host: Arc<str>,
    pub port: u16,
    /// Where to connect, whatever the URL says.
    pub fixed: Option<SocketAddr>,
}

impl Place {
    /// Whether the client must be given another URL to connect where a
    /// connect-to rule says: an address that is written as such, and a port
    /// that is, are followed whatever the resolver says. Only HTTP/1 can then
    /// tell the server what it was really asked for.
    pub(super) fn is_renamed(&self) -> bool {
        let usual = if self.is_tls { 443 } else { 80 };
        self.fixed.is_some() && (self.port != usual || self.is_literal())
    }

    fn is_literal(&self) -> bool {
        self.host.starts_with('[') || self.host.parse::<Ipv4Addr>().is_ok()
    }

    /// The URL that leads the client to where it shall connect.
    pub(super) fn rename(&self, mut url: Url) -> Url {
        if let Some(address) = self.fixed.filter(|_| self.is_renamed()) {
            // Neither setter fails for a URL with a host, and `http` has one.
            let _ = url.set_port(self.is_literal().then_some(address.port()));
            if self.is_literal() {
                let _ = url.set_ip_host(address.ip());
            }
        }
        url
    }
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

/// Where a client may connect, and its seat at each address. The client asks
/// nobody else for addresses, so it connects to those that were checked.
#[derive(Debug, Clone)]
pub(super) struct Seated(Arc<Mutex<Vec<(SocketAddr, Seat)>>>);

impl Seated {
    pub(super) fn new(seats: Vec<(SocketAddr, Seat)>) -> Self {
        Self(Arc::new(Mutex::new(seats)))
    }

    /// The connection leads to `address`: the seats at the others come free,
    /// and should it have to be opened again, it goes there.
    fn settle(&self, address: SocketAddr) {
        self.lock().retain(|(known, _)| *known == address);
    }

    fn lock(&self) -> MutexGuard<'_, Vec<(SocketAddr, Seat)>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Resolve for Seated {
    fn resolve(&self, _: Name) -> Resolving {
        let addresses: Vec<SocketAddr> = self.lock().iter().map(|(address, _)| *address).collect();
        Box::pin(async move { Ok(Box::new(addresses.into_iter()) as Addrs) })
    }
}

/// A connection, open or about to be. Given back when its answer was read to
/// the end; closed when it is dropped.
#[derive(Debug, Clone)]
pub(super) struct Connection {
    pub client: reqwest::Client,
    pub place: Place,
    seated: Seated,
    /// Of HTTP/2: counts the requests that use it.
    uses: Option<Arc<()>>,
}

impl Connection {
    /// One that is opened by its first request.
    pub(super) fn new(client: reqwest::Client, place: Place, seated: Seated) -> Self {
        Self { client, place, seated, uses: None }
    }

    fn is_idle(&self) -> bool {
        self.uses.as_ref().is_none_or(|uses| Arc::strong_count(uses) == 1)
    }
}

struct Waiting {
    connection: Connection,
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

    /// A connection to `place` that waits for work. Where its server has closed
    /// it meanwhile, its client opens it again, in the same seat.
    pub(super) fn take(&self, place: &Place) -> Option<Connection> {
        self.lock().take(place)
    }

    /// A first answer came from `address`: the other addresses do not matter
    /// any more, and a connection of HTTP/2 may be used by others as well.
    pub(super) fn answered(&self, connection: &mut Connection, address: SocketAddr, is_http2: bool) {
        connection.seated.settle(address);
        if is_http2 && connection.uses.is_none() {
            connection.uses = Some(Arc::new(()));
            self.lock().put(connection.clone(), address.ip());
        }
    }

    /// Lets a connection wait for its next request.
    pub(super) fn give_back(&self, connection: Connection, address: IpAddr) {
        if connection.uses.is_none() {
            self.lock().put(connection, address);
        }
    }

    /// Nobody shall use this connection again.
    pub(super) fn forget(&self, connection: &Connection) {
        if let Some(uses) = &connection.uses {
            self.lock().forget(&connection.place, uses);
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
        // Dropped outside the lock. The task that holds the socket closes it
        // when it runs next, which is now.
        drop(evicted?);
        tokio::task::yield_now().await;
        let permit = seats.try_acquire_owned().ok()?;
        Some(Seat { _permit: Some(permit) })
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Inner {
    fn take(&mut self, place: &Place) -> Option<Connection> {
        // The one that came last is the likeliest to be open.
        let id = self.by_place.get(place)?.last().copied()?;
        let Waiting { connection, address, .. } = self.remove(id)?;
        if connection.uses.is_some() {
            self.put(connection.clone(), address);
        }
        Some(connection)
    }

    fn put(&mut self, connection: Connection, address: IpAddr) {
        let now = Instant::now();
        while let Some((&id, oldest)) = self.waiting.first_key_value() {
            let is_old = now.duration_since(oldest.since) > LONGEST_IDLE;
            if !is_old && self.waiting.len() < MOST_IDLE {
                break;
            }
            self.remove(id);
        }
        self.last += 1;
        self.by_place.entry(connection.place.clone()).or_default().push(self.last);
        self.waiting.insert(self.last, Waiting { connection, address, since: now });
    }

    fn forget(&mut self, place: &Place, uses: &Arc<()>) {
        let is_this =
            |waiting: &Waiting| waiting.connection.uses.as_ref().is_some_and(|known| Arc::ptr_eq(known, uses));
        let ids = self.by_place.get(place).into_iter().flatten().copied();
        if let Some(id) = ids.into_iter().find(|id| self.waiting.get(id).is_some_and(is_this)) {
            self.remove(id);
        }
    }

    /// Closes the connection to `address` that has waited longest.
    fn evict(&mut self, address: IpAddr) -> Option<Waiting> {
        let mut idle = self.waiting.iter().filter(|(_, waiting)| waiting.address == address);
        let id = idle.find(|(_, waiting)| waiting.connection.is_idle()).map(|(id, _)| *id)?;
        self.remove(id)
    }

    fn remove(&mut self, id: u64) -> Option<Waiting> {
        let waiting = self.waiting.remove(&id)?;
        if let Some(ids) = self.by_place.get_mut(&waiting.connection.place) {
            ids.retain(|known| *known != id);
            if ids.is_empty() {
                self.by_place.remove(&waiting.connection.place);
            }
        }
        Some(waiting)
    }
}
