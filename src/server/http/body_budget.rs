//! The memory budget for large request bodies. One limit applies to all of them together, and another to the bodies of
//! each address.
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
    time::timeout,
};

/// The memory that all bodies together may take, in KiB.
const IN_ALL_KIB: usize = 64 * 1024;
/// The memory that the bodies of one address together may take, in KiB.
const EACH_ADDRESS_KIB: usize = 32 * 1024;
/// How many bodies one address may send at the same time.
const EACH_ADDRESS_BODIES: usize = 4;
/// A body waits at most this long for its part of the budget.
const WAIT: Duration = Duration::from_secs(3);

/// The memory that large bodies may take.
pub struct BodyBudget {
    in_all: Arc<Semaphore>,
    by_address: Mutex<HashMap<IpAddr, Weak<AddressBudget>>>,
    wait: Duration,
}

struct AddressBudget {
    bodies: Arc<Semaphore>,
    kibibytes: Arc<Semaphore>,
}

/// The part of the budget that one body has taken. Dropping the permit gives the part back.
pub struct BodyPermit {
    _of_address: Arc<AddressBudget>,
    _permits: [OwnedSemaphorePermit; 3],
}

impl Default for BodyBudget {
    fn default() -> Self {
        Self {
            in_all: Arc::new(Semaphore::new(IN_ALL_KIB)),
            by_address: Mutex::default(),
            wait: WAIT,
        }
    }
}

impl BodyBudget {
    /// Takes the part of the budget for a body of `bytes` bytes that `address` sends. `None` if that much does not
    /// become free within three seconds.
    pub async fn take(&self, address: IpAddr, bytes: usize) -> Option<BodyPermit> {
        timeout(self.wait, self.wait_for(address, bytes)).await.ok().flatten()
    }

    /// Waits for the limits of the address first and for the shared limit last. So only a few bodies of one address
    /// wait in the shared queue.
    async fn wait_for(&self, address: IpAddr, bytes: usize) -> Option<BodyPermit> {
        let kibibytes = bytes.div_ceil(1024).min(EACH_ADDRESS_KIB) as u32;
        let address = self.of_address(address);
        let permits = [
            address.bodies.clone().acquire_owned().await.ok()?,
            address.kibibytes.clone().acquire_many_owned(kibibytes).await.ok()?,
            self.in_all.clone().acquire_many_owned(kibibytes).await.ok()?,
        ];
        Some(BodyPermit {
            _of_address: address,
            _permits: permits,
        })
    }

    fn of_address(&self, address: IpAddr) -> Arc<AddressBudget> {
        let mut by_address = self.by_address.lock().unwrap_or_else(PoisonError::into_inner);
        by_address.retain(|_, budget| budget.strong_count() > 0);
        let network = network_of(address);
        if let Some(known) = by_address.get(&network).and_then(Weak::upgrade) {
            return known;
        }
        let fresh = Arc::new(AddressBudget {
            bodies: Arc::new(Semaphore::new(EACH_ADDRESS_BODIES)),
            kibibytes: Arc::new(Semaphore::new(EACH_ADDRESS_KIB)),
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

    const MIB: usize = 1024 * 1024;

    fn address(text: &str) -> IpAddr {
        text.parse().expect("an address")
    }

    /// A budget for which bodies wait only 20 ms.
    fn budget() -> BodyBudget {
        BodyBudget {
            wait: Duration::from_millis(20),
            ..BodyBudget::default()
        }
    }

    async fn is_full(budget: &BodyBudget, from: &str, bytes: usize) -> bool {
        budget.take(address(from), bytes).await.is_none()
    }

    #[tokio::test]
    async fn one_address_sends_at_most_4_bodies_and_32_mib_at_once() {
        let budget = budget();
        let mut held = vec![];
        for _ in 0..4 {
            held.push(budget.take(address("192.0.2.1"), MIB).await.expect("free"));
        }
        assert!(is_full(&budget, "192.0.2.1", 1).await, "a fifth body");
        assert!(!is_full(&budget, "192.0.2.2", MIB).await, "somebody else's");
        held.pop();
        assert!(!is_full(&budget, "192.0.2.1", 29 * MIB).await);
        assert!(is_full(&budget, "192.0.2.1", 29 * MIB + 1).await);
    }

    #[tokio::test]
    async fn all_bodies_together_take_at_most_64_mib() {
        let budget = budget();
        let mut held = vec![];
        for from in ["192.0.2.1", "192.0.2.2"] {
            held.push(budget.take(address(from), 32 * MIB).await.expect("free"));
        }
        assert!(is_full(&budget, "192.0.2.3", 1).await);
        held.pop();
        assert!(!is_full(&budget, "192.0.2.3", 32 * MIB).await);
    }

    #[tokio::test]
    async fn a_body_waits_up_to_3_s_for_its_part() {
        let budget = BodyBudget::default();
        let held = budget.take(address("192.0.2.1"), 32 * MIB).await.expect("free");
        let waiting = budget.take(address("192.0.2.1"), MIB);
        tokio::pin!(waiting);
        assert!(timeout(Duration::from_millis(50), &mut waiting).await.is_err());
        drop(held);
        assert!(waiting.await.is_some());
        assert_eq!(budget.wait, Duration::from_secs(3));
    }

    #[tokio::test]
    async fn the_addresses_of_a_64_share_one_budget_that_is_forgotten_with_their_last_body() {
        let budget = budget();
        let held = budget.take(address("2001:db8::1"), 32 * MIB).await.expect("free");
        assert!(is_full(&budget, "2001:db8::ffff:2", 1).await);
        assert!(!is_full(&budget, "2001:db8:0:1::1", MIB).await);
        drop(held);
        assert!(!is_full(&budget, "2001:db8::1", 32 * MIB).await);
        assert_eq!(budget.by_address.lock().expect("free").len(), 1);
    }
}
