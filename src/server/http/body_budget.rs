//! The memory budget for large request bodies. One limit applies to all of them together, another to the bodies of each
//! address, and a third to those of each person or link.
//!
//! A body waits for its part of the budget before it is read, so a body that waits stays at the client and takes no memory
//! here.

use std::{
    collections::HashMap,
    net::{IpAddr, Ipv6Addr},
    sync::{Arc, Mutex, PoisonError, Weak},
    time::Duration,
};
use tokio::{
    sync::{OwnedSemaphorePermit, Semaphore},
    time::{Instant, timeout_at},
};

/// The memory that all bodies together may take, in KiB.
const IN_ALL_KIB: usize = 64 * 1024;
/// The memory that one address may take for each of the bodies that it may send at the same time, in KiB. All its bodies share this
/// memory.
const EACH_BODY_KIB: usize = 8 * 1024;
/// How many bodies one person may send at the same time. Without this limit, somebody who has a few addresses could take the whole budget.
const BODIES_PER_PERSON: usize = 2;
/// How many bodies all guests of one link may send at the same time. Guests often come together.
const BODIES_PER_LINK: usize = 4;
/// The name of a sender begins with this if it is a link, and not a person.
pub const OF_LINK: &str = "link ";
/// A body waits at most this long for its part of the budget.
const WAIT: Duration = Duration::from_secs(3);

/// The memory that large bodies may take.
pub struct BodyBudget {
    in_all: Arc<Semaphore>,
    by_address: Mutex<HashMap<IpAddr, Weak<AddressBudget>>>,
    /// The bodies of each person and each link.
    by_sender: Mutex<HashMap<String, Weak<Semaphore>>>,
    /// How many bodies one address may send at the same time.
    bodies_per_address: usize,
    wait: Duration,
}

struct AddressBudget {
    bodies: Arc<Semaphore>,
    kibibytes: Arc<Semaphore>,
}

/// The part of the budget that one body has taken. Dropping the permit gives the part back.
pub struct BodyPermit {
    _of_address: Arc<AddressBudget>,
    _permits: [OwnedSemaphorePermit; 4],
}

/// Which part of the budget did not become free in time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BudgetFull {
    OfSender,
    OfAddress,
    InAll,
}

impl BodyBudget {
    /// The whole budget. One address may send `bodies_per_address` bodies at the same time.
    pub fn new(bodies_per_address: u32) -> Self {
        Self {
            in_all: Arc::new(Semaphore::new(IN_ALL_KIB)),
            by_address: Mutex::default(),
            by_sender: Mutex::default(),
            bodies_per_address: bodies_per_address as usize,
            wait: WAIT,
        }
    }

    /// Takes the part of the budget for a body of `bytes` bytes that comes from `address`. `sender` names the person or the link. Waits for
    /// the limits of the sender and the address first, and for the shared limit last. So only a few bodies of one address wait in the
    /// shared queue.
    ///
    /// # Errors
    /// If that much does not become free within three seconds.
    pub async fn take(&self, sender: &str, address: IpAddr, bytes: usize) -> Result<BodyPermit, BudgetFull> {
        let deadline = Instant::now() + self.wait;
        let in_time = timeout_at(deadline, self.of_sender(sender).acquire_owned()).await;
        let own = in_time.ok().and_then(Result::ok).ok_or(BudgetFull::OfSender)?;
        let kibibytes = bytes.div_ceil(1024).min(self.address_kib()) as u32;
        let address = self.of_address(address);
        let of_address = async {
            let body = address.bodies.clone().acquire_owned().await.ok()?;
            let memory = address.kibibytes.clone().acquire_many_owned(kibibytes).await.ok()?;
            Some([body, memory])
        };
        let in_time = timeout_at(deadline, of_address).await;
        let [body, memory] = in_time.ok().flatten().ok_or(BudgetFull::OfAddress)?;
        let in_time = timeout_at(deadline, self.in_all.clone().acquire_many_owned(kibibytes)).await;
        let shared = in_time.ok().and_then(Result::ok).ok_or(BudgetFull::InAll)?;
        Ok(BodyPermit {
            _of_address: address,
            _permits: [own, body, memory, shared],
        })
    }

    fn address_kib(&self) -> usize {
        (self.bodies_per_address * EACH_BODY_KIB).min(IN_ALL_KIB)
    }

    /// The places of this sender. They are forgotten with the sender's last body.
    fn of_sender(&self, sender: &str) -> Arc<Semaphore> {
        let mut by_sender = self.by_sender.lock().unwrap_or_else(PoisonError::into_inner);
        by_sender.retain(|_, places| places.strong_count() > 0);
        if let Some(known) = by_sender.get(sender).and_then(Weak::upgrade) {
            return known;
        }
        let places = match sender.starts_with(OF_LINK) {
            true => BODIES_PER_LINK,
            false => BODIES_PER_PERSON,
        };
        let fresh = Arc::new(Semaphore::new(places));
        by_sender.insert(sender.to_owned(), Arc::downgrade(&fresh));
        fresh
    }

    fn of_address(&self, address: IpAddr) -> Arc<AddressBudget> {
        let mut by_address = self.by_address.lock().unwrap_or_else(PoisonError::into_inner);
        by_address.retain(|_, budget| budget.strong_count() > 0);
        let network = network_of(address);
        if let Some(known) = by_address.get(&network).and_then(Weak::upgrade) {
            return known;
        }
        let fresh = Arc::new(AddressBudget {
            bodies: Arc::new(Semaphore::new(self.bodies_per_address)),
            kibibytes: Arc::new(Semaphore::new(self.address_kib())),
        });
        by_address.insert(network, Arc::downgrade(&fresh));
        fresh
    }
}

/// An IPv4 address, or the /64 of an IPv6 address: a household gets a whole /64, and may send from any address in it.
fn network_of(address: IpAddr) -> IpAddr {
    match address {
        IpAddr::V4(_) => address,
        IpAddr::V6(v6) => Ipv6Addr::from_bits(v6.to_bits() & (u128::MAX << 64)).into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::server::keyring::random_id;
    use tokio::time::timeout;

    const MIB: usize = 1024 * 1024;

    fn address(text: &str) -> IpAddr {
        text.parse().expect("an address")
    }

    /// A sender that has sent nothing before.
    fn someone() -> String {
        random_id(20)
    }

    /// A budget for which bodies wait only 20 ms.
    fn budget() -> BodyBudget {
        BodyBudget {
            wait: Duration::from_millis(20),
            ..BodyBudget::new(4)
        }
    }

    async fn is_full(budget: &BodyBudget, from: &str, bytes: usize) -> bool {
        budget.take(&someone(), address(from), bytes).await.is_err()
    }

    #[tokio::test]
    async fn one_address_sends_at_most_4_bodies_and_32_mib_at_once() {
        let budget = budget();
        let mut held = vec![];
        for _ in 0..4 {
            held.push(budget.take(&someone(), address("192.0.2.1"), MIB).await.expect("free"));
        }
        assert!(is_full(&budget, "192.0.2.1", 1).await, "a fifth body");
        assert!(!is_full(&budget, "192.0.2.2", MIB).await, "somebody else's");
        held.pop();
        assert!(!is_full(&budget, "192.0.2.1", 29 * MIB).await);
        assert!(is_full(&budget, "192.0.2.1", 29 * MIB + 1).await);
    }

    #[tokio::test]
    async fn more_bodies_of_one_address_get_more_memory_up_to_all_of_it() {
        let of = |bodies| BodyBudget {
            wait: Duration::from_millis(20),
            ..BodyBudget::new(bodies)
        };
        let (one, eight) = (of(1), of(8));
        let held = one
            .take(&someone(), address("192.0.2.1"), 12 * MIB)
            .await
            .expect("one body is never too large");
        assert_eq!(
            one.take(&someone(), address("192.0.2.1"), 1).await.err(),
            Some(BudgetFull::OfAddress)
        );
        assert!(!is_full(&one, "192.0.2.2", 12 * MIB).await);
        drop(held);
        let mut held = vec![];
        for _ in 0..7 {
            held.push(
                eight
                    .take(&someone(), address("192.0.2.1"), 9 * MIB)
                    .await
                    .expect("free"),
            );
        }
        assert_eq!(
            eight.take(&someone(), address("192.0.2.2"), 2 * MIB).await.err(),
            Some(BudgetFull::InAll)
        );
    }

    #[tokio::test]
    async fn all_bodies_together_take_at_most_64_mib() {
        let budget = budget();
        let mut held = vec![];
        for from in ["192.0.2.1", "192.0.2.2"] {
            held.push(budget.take(&someone(), address(from), 32 * MIB).await.expect("free"));
        }
        assert!(is_full(&budget, "192.0.2.3", 1).await);
        held.pop();
        assert!(!is_full(&budget, "192.0.2.3", 32 * MIB).await);
    }

    #[tokio::test]
    async fn a_body_waits_up_to_3_s_for_its_part() {
        let budget = BodyBudget::new(4);
        let held = budget
            .take(&someone(), address("192.0.2.1"), 32 * MIB)
            .await
            .expect("free");
        let other = someone();
        let waiting = budget.take(&other, address("192.0.2.1"), MIB);
        tokio::pin!(waiting);
        assert!(timeout(Duration::from_millis(50), &mut waiting).await.is_err());
        drop(held);
        assert!(waiting.await.is_ok());
        assert_eq!(budget.wait, Duration::from_secs(3));
    }

    #[tokio::test]
    async fn the_addresses_of_a_64_share_one_budget_that_is_forgotten_with_their_last_body() {
        let budget = budget();
        let held = budget
            .take(&someone(), address("2001:db8::1"), 32 * MIB)
            .await
            .expect("free");
        assert!(is_full(&budget, "2001:db8::ffff:2", 1).await);
        assert!(!is_full(&budget, "2001:db8:0:1::1", MIB).await);
        drop(held);
        assert!(!is_full(&budget, "2001:db8::1", 32 * MIB).await);
        assert_eq!(budget.by_address.lock().expect("free").len(), 1);
    }

    #[tokio::test]
    async fn a_person_or_link_sends_at_most_2_bodies_at_once_from_all_addresses() {
        let budget = budget();
        let take = async |sender: &str, from: &str| budget.take(sender, address(from), 1).await;
        let first = take("user ada", "192.0.2.1").await.expect("free");
        let second = take("user ada", "2001:db8::1").await.expect("free");
        assert_eq!(take("user ada", "192.0.2.2").await.err(), Some(BudgetFull::OfSender));
        assert!(take("user ben", "192.0.2.1").await.is_ok());
        drop(first);
        assert!(take("user ada", "192.0.2.2").await.is_ok());
        drop(second);
        assert!(take("user ada", "192.0.2.2").await.is_ok());
        assert_eq!(
            budget.by_sender.lock().expect("free").len(),
            1,
            "only the newest sender is known"
        );
    }
}
