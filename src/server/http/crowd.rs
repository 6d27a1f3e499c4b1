//! Who has a connection open, how many each, and who goes first when it gets too full: whoever has been idle longest.
//!
//! A slow client takes places by saying little. So a newcomer is not turned away where somebody of the same address only
//! waits: the one that has waited longest is shown out, and an honest browser merely opens another connection.

use std::{
    collections::HashMap,
    net::IpAddr,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Instant,
};
use tokio::sync::Notify;

/// The connections that are open.
#[derive(Clone)]
pub struct Crowd {
    caps: Caps,
    seats: Arc<Mutex<Seats>>,
}

/// How many places there are.
#[derive(Clone, Copy, Debug)]
pub struct Caps {
    pub each_address: u32,
    pub in_all: usize,
}

#[derive(Default)]
struct Seats {
    by_address: HashMap<IpAddr, Vec<Arc<Seat>>>,
    taken: usize,
}

struct Seat {
    work: Mutex<Work>,
    shown_out: Notify,
}

struct Work {
    /// Requests that are being answered; sockets count for as long as they are open.
    open: u32,
    ever: bool,
    idle_since: Instant,
}

/// One connection's place in the crowd, given back when dropped.
pub struct Place {
    crowd: Crowd,
    address: IpAddr,
    seat: Arc<Seat>,
}

/// The places that a request's connection has, with the proxy's and the visitor's where there is a proxy. Whoever upgrades
/// the connection keeps them for as long as the socket is open.
#[derive(Clone, Default)]
pub struct Places(pub Vec<Arc<Place>>);

impl Crowd {
    pub fn new(caps: Caps) -> Self {
        Self {
            caps,
            seats: Arc::default(),
        }
    }

    /// A place for a connection from `address`; `None` where all are taken by those who are at work.
    pub fn admit(&self, address: IpAddr, now: Instant) -> Option<Place> {
        let mut seats = lock(&self.seats);
        let of_address = seats.by_address.get(&address).map_or(0, Vec::len);
        if of_address >= self.caps.each_address as usize && !seats.show_out_one(Some(address)) {
            return None;
        }
        if seats.taken >= self.caps.in_all && !seats.show_out_one(None) {
            return None;
        }
        Some(self.seat(&mut seats, address, now))
    }

    /// A place for a connection from a trusted proxy: it speaks for many, so only the whole is limited.
    pub fn admit_proxy(&self, address: IpAddr, now: Instant) -> Option<Place> {
        let mut seats = lock(&self.seats);
        let free = seats.taken < self.caps.in_all || seats.show_out_one(None);
        free.then(|| self.seat(&mut seats, address, now))
    }

    /// Where the system gives no more connections: one that waits is shown out.
    pub fn make_room(&self) {
        lock(&self.seats).show_out_one(None);
    }

    fn seat(&self, seats: &mut Seats, address: IpAddr, now: Instant) -> Place {
        let seat = Arc::new(Seat {
            work: Mutex::new(Work {
                open: 0,
                ever: false,
                idle_since: now,
            }),
            shown_out: Notify::new(),
        });
        seats.by_address.entry(address).or_default().push(seat.clone());
        seats.taken += 1;
        Place {
            crowd: self.clone(),
            address,
            seat,
        }
    }
}

impl Seats {
    /// Shows out whoever has been idle longest, of one address or of all; false where nobody is idle.
    fn show_out_one(&mut self, address: Option<IpAddr>) -> bool {
        let of_address = |(one, _): &(&IpAddr, _)| address.is_none_or(|address| address == **one);
        let asked = self.by_address.iter().filter(of_address);
        let idle = asked
            .flat_map(|(address, seats)| seats.iter().map(|seat| (*address, seat)))
            .filter_map(|(address, seat)| Some((seat.idle_since()?, address, seat)));
        let longest = idle.min_by_key(|(since, ..)| *since);
        let Some((address, seat)) = longest.map(|(_, address, seat)| (address, seat.clone())) else {
            return false;
        };
        seat.shown_out.notify_one();
        self.clear(address, &seat);
        true
    }

    fn clear(&mut self, address: IpAddr, seat: &Arc<Seat>) {
        let Some(seats) = self.by_address.get_mut(&address) else {
            return;
        };
        let before = seats.len();
        seats.retain(|other| !Arc::ptr_eq(other, seat));
        self.taken -= before - seats.len();
        if seats.is_empty() {
            self.by_address.remove(&address);
        }
    }
}

impl Seat {
    fn idle_since(&self) -> Option<Instant> {
        let work = lock(&self.work);
        (work.open == 0).then_some(work.idle_since)
    }
}

impl Place {
    /// A request's head has come. One with a body still counts as idle, from now on: a body may come slowly on purpose.
    pub fn hear(&self, has_body: bool, now: Instant) -> Hearing {
        let mut work = lock(&self.seat.work);
        work.ever = true;
        work.idle_since = now;
        work.open += u32::from(!has_body);
        Hearing {
            seat: self.seat.clone(),
            counted: !has_body,
        }
    }

    /// Whether any request has come.
    pub fn was_heard(&self) -> bool {
        lock(&self.seat.work).ever
    }

    /// Done once this place is needed for somebody else.
    pub async fn shown_out(&self) {
        self.seat.shown_out.notified().await;
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        lock(&self.crowd.seats).clear(self.address, &self.seat);
    }
}

/// A request that is being answered.
pub struct Hearing {
    seat: Arc<Seat>,
    counted: bool,
}

impl Hearing {
    /// The answer is ready; `for_good` where it is a socket, which is at work until its place is dropped.
    pub fn end(mut self, for_good: bool, now: Instant) {
        let mut work = lock(&self.seat.work);
        work.idle_since = now;
        work.open += u32::from(for_good);
        work.open -= u32::from(self.counted);
        self.counted = false;
    }
}

impl Drop for Hearing {
    /// A request that was given up is no work any more.
    fn drop(&mut self) {
        lock(&self.seat.work).open -= u32::from(self.counted);
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    const ADA: IpAddr = IpAddr::V4(std::net::Ipv4Addr::new(192, 0, 2, 1));
    const BEN: IpAddr = IpAddr::V4(std::net::Ipv4Addr::new(192, 0, 2, 2));

    fn crowd(each_address: u32, in_all: usize) -> Crowd {
        Crowd::new(Caps { each_address, in_all })
    }

    fn is_shown_out(place: &Place) -> bool {
        futures::FutureExt::now_or_never(place.shown_out()).is_some()
    }

    #[test]
    fn an_address_has_so_many_places_and_gets_them_back() {
        let (crowd, now) = (crowd(2, 100), Instant::now());
        let busy = |address| {
            let place = crowd.admit(address, now)?;
            let hearing = place.hear(false, now);
            Some((place, hearing))
        };
        let (first, _second) = (busy(ADA), busy(ADA));
        assert!(first.is_some() && busy(ADA).is_none());
        assert!(busy(BEN).is_some());
        drop(first);
        assert!(busy(ADA).is_some());
    }

    #[test]
    fn whoever_has_been_idle_longest_makes_room() {
        let (crowd, now) = (crowd(3, 100), Instant::now());
        let at = |seconds| now + Duration::from_secs(seconds);
        let (old, older, busy) = (crowd.admit(ADA, at(2)), crowd.admit(ADA, at(1)), crowd.admit(ADA, now));
        let (old, older, busy) = (old.expect("in"), older.expect("in"), busy.expect("in"));
        let _work = busy.hear(false, at(0));
        let ben = crowd.admit(BEN, now).expect("in");
        let new = crowd.admit(ADA, at(3)).expect("in the place of another");
        assert!(is_shown_out(&older));
        assert!(![&old, &busy, &ben, &new].into_iter().any(is_shown_out));
    }

    #[test]
    fn a_slow_body_is_no_work_and_a_socket_is_for_ever() {
        let (crowd, now) = (crowd(2, 100), Instant::now());
        let (slow, socket) = (crowd.admit(ADA, now).expect("in"), crowd.admit(ADA, now).expect("in"));
        let _body = slow.hear(true, now);
        socket.hear(false, now).end(true, now);
        let next = crowd.admit(ADA, now).expect("in the place of the slow one");
        assert!(is_shown_out(&slow) && !is_shown_out(&socket));
        next.hear(false, now).end(true, now);
        assert!(crowd.admit(ADA, now).is_none());
    }

    #[test]
    fn the_whole_house_has_a_cap_too() {
        let (crowd, now) = (crowd(100, 2), Instant::now());
        let (ada, ben) = (crowd.admit(ADA, now).expect("in"), crowd.admit(BEN, now).expect("in"));
        let _work = ben.hear(false, now);
        let proxy = crowd.admit_proxy(BEN, now).expect("in the place of Ada");
        assert!(is_shown_out(&ada));
        let _more = proxy.hear(false, now);
        assert!(crowd.admit(ADA, now).is_none() && crowd.admit_proxy(ADA, now).is_none());
    }
}
