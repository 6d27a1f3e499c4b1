//! The budgets of signals, offers and newly opened sockets, for each person and each address. All sockets of a person share the
//! budget of the person, so more sockets do not buy more signals.
//!
//! The budgets are only in memory. They fill up again within seconds, so a restart gives nobody much more to spend.

use super::address_group::AddressGroup;
use crate::{model::id::UserId, server::voice::token_bucket::TokenBucket};
use std::{
    collections::HashMap,
    net::IpAddr,
    sync::{Mutex, PoisonError},
    time::Instant,
};

/// How many senders the table remembers. A budget that is full again is forgotten, so only people who were busy a few seconds ago are
/// in the table.
const SENDERS_MAX: usize = 100_000;
/// How many senders are added before full budgets are looked for.
const TIDY_EVERY: usize = 1_000;

/// What is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Spending {
    /// A new socket. Each costs some queries of the database.
    Socket,
    /// A message on a socket of a room.
    Signal,
    /// An offer for a voice connection, good or bad. Each costs parsing, and a DTLS handshake if it is good.
    Offer,
}

/// Whose budget is used up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Overspent {
    Person,
    Address,
}

/// All budgets of this process.
pub struct SignalBudgets {
    began: Instant,
    rates: Option<BudgetRates>,
    table: Mutex<BudgetTable>,
}

/// How much one person and one address may spend.
#[derive(Debug, Clone, Copy)]
struct BudgetRates {
    person: Rates,
    address: Rates,
}

/// For each kind of spending: tokens per second, and how many tokens fit into the bucket.
#[derive(Debug, Clone, Copy)]
struct Rates {
    sockets: (u64, u64),
    signals: (u64, u64),
    offers: (u64, u64),
}

impl BudgetRates {
    /// A person needs 16 sockets at once when a browser with 16 pages starts, and an offer for each of at most 4 calls. An address may be
    /// a school, so its budget grows with the setting for signals, whose default is the number of voice connections that the address
    /// may have: after a restart of the server, all of them connect again within a second.
    fn new(signals_per_address: u32) -> Self {
        let most = u64::from(signals_per_address);
        Self {
            person: Rates {
                sockets: (2, 32),
                signals: (60, 120),
                offers: (2, 8),
            },
            address: Rates {
                sockets: (most.div_ceil(4), most * 2),
                signals: (most.max(60), most.max(60) * 2),
                offers: (most.div_ceil(10).max(2), most.max(8)),
            },
        }
    }
}

impl SignalBudgets {
    /// `signals_per_address` is the number of signals that one address may send in a second. If `enforced` is false, everybody may
    /// spend as much as they like.
    pub fn new(signals_per_address: u32, enforced: bool) -> Self {
        Self {
            began: Instant::now(),
            rates: enforced.then(|| BudgetRates::new(signals_per_address)),
            table: Mutex::default(),
        }
    }

    /// Spends one token of the person and one of the address. Addresses of one /64 of IPv6 share a budget.
    ///
    /// # Errors
    /// Whose budget is used up.
    pub fn spend(&self, what: Spending, user: &UserId, address: IpAddr) -> Result<(), Overspent> {
        let Some(rates) = self.rates else {
            return Ok(());
        };
        let now_ms = self.began.elapsed().as_millis() as u64;
        let mut table = self.table.lock().unwrap_or_else(PoisonError::into_inner);
        if !table.spend(what, Sender::Person(user.clone()), rates.person, now_ms) {
            return Err(Overspent::Person);
        }
        let address = Sender::Address(AddressGroup::of(address));
        match table.spend(what, address, rates.address, now_ms) {
            true => Ok(()),
            false => Err(Overspent::Address),
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
enum Sender {
    Person(UserId),
    Address(AddressGroup),
}

#[derive(Debug)]
struct SenderBudget {
    sockets: TokenBucket,
    signals: TokenBucket,
    offers: TokenBucket,
}

/// The budgets that are not full. Times are milliseconds of a monotonic clock.
#[derive(Debug, Default)]
struct BudgetTable {
    of: HashMap<Sender, SenderBudget>,
    added: usize,
}

impl BudgetTable {
    /// Spends one token; false if the budget is used up, or if the table is full and the sender is not in it.
    fn spend(&mut self, what: Spending, sender: Sender, rates: Rates, now_ms: u64) -> bool {
        if !self.of.contains_key(&sender) && !self.has_room(now_ms) {
            return false;
        }
        let budget = self.of.entry(sender).or_insert_with(|| {
            self.added += 1;
            SenderBudget::new(rates, now_ms)
        });
        budget.bucket(what).spend(1, now_ms)
    }

    /// Whether one more sender fits. Forgets full budgets from time to time, because a full budget is the same as a new one.
    fn has_room(&mut self, now_ms: u64) -> bool {
        if self.added >= TIDY_EVERY || self.of.len() >= SENDERS_MAX {
            self.added = 0;
            self.of.retain(|_, budget| !budget.is_full(now_ms));
        }
        self.of.len() < SENDERS_MAX
    }
}

impl SenderBudget {
    fn new(rates: Rates, now_ms: u64) -> Self {
        let bucket = |(per_second, most)| TokenBucket::with_room(per_second, most, now_ms);
        Self {
            sockets: bucket(rates.sockets),
            signals: bucket(rates.signals),
            offers: bucket(rates.offers),
        }
    }

    fn bucket(&mut self, what: Spending) -> &mut TokenBucket {
        match what {
            Spending::Socket => &mut self.sockets,
            Spending::Signal => &mut self.signals,
            Spending::Offer => &mut self.offers,
        }
    }

    fn is_full(&mut self, now_ms: u64) -> bool {
        [&mut self.sockets, &mut self.signals, &mut self.offers]
            .into_iter()
            .all(|bucket| bucket.is_full(now_ms))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn user(number: usize) -> UserId {
        UserId::parse(&format!("user-{number:0>10}")).expect("an id")
    }

    fn address(text: &str) -> IpAddr {
        text.parse().expect("an address")
    }

    /// How many of `times` the person may spend at this address.
    fn spent(budgets: &SignalBudgets, what: Spending, number: usize, from: &str, times: usize) -> usize {
        let spend = |_: &usize| budgets.spend(what, &user(number), address(from)).is_ok();
        (0..times).filter(spend).count()
    }

    #[test]
    fn all_sockets_of_a_person_share_a_budget_and_other_people_have_their_own() {
        let budgets = SignalBudgets::new(512, true);
        assert!((8..=10).contains(&spent(&budgets, Spending::Offer, 1, "192.0.2.1", 500)));
        // The person gets no more from another address.
        assert!(spent(&budgets, Spending::Offer, 1, "192.0.2.2", 500) <= 2);
        assert_eq!(
            budgets.spend(Spending::Offer, &user(1), address("192.0.2.3")),
            Err(Overspent::Person)
        );
        assert!(spent(&budgets, Spending::Offer, 2, "192.0.2.1", 500) >= 8);
        assert!(spent(&budgets, Spending::Signal, 1, "192.0.2.1", 500) >= 100);
    }

    #[test]
    fn all_addresses_of_a_64_share_a_budget() {
        let budgets = SignalBudgets::new(16, true);
        let from = |number: usize| format!("2001:db8:1:2::{number:x}");
        let spend = |number: &usize| {
            budgets
                .spend(Spending::Offer, &user(*number), address(&from(*number)))
                .is_ok()
        };
        let most = (1..200).filter(spend).count();
        assert!((16..=20).contains(&most), "{most}");
        assert_eq!(
            budgets.spend(Spending::Offer, &user(500), address("2001:db8:1:2::9999")),
            Err(Overspent::Address)
        );
        assert_eq!(
            budgets.spend(Spending::Offer, &user(500), address("2001:db8:1:3::1")),
            Ok(())
        );
    }

    #[test]
    fn nothing_is_limited_if_limits_are_not_enforced() {
        let budgets = SignalBudgets::new(512, false);
        assert_eq!(spent(&budgets, Spending::Socket, 1, "192.0.2.1", 5_000), 5_000);
    }

    #[test]
    fn full_budgets_are_forgotten_and_used_ones_are_not() {
        let rates = BudgetRates::new(512).person;
        let mut table = BudgetTable::default();
        let busy = Sender::Person(user(0));
        while table.spend(Spending::Offer, busy.clone(), rates, 0) {}
        for number in 1..=3 * TIDY_EVERY {
            assert!(table.spend(Spending::Signal, Sender::Person(user(number)), rates, 0));
        }
        assert!(table.of.contains_key(&busy));
        assert!(!table.spend(Spending::Offer, busy.clone(), rates, 0));
        for number in 1..=TIDY_EVERY {
            assert!(table.spend(Spending::Signal, Sender::Person(user(10_000 + number)), rates, 60_000));
        }
        assert!(!table.of.contains_key(&busy));
        assert!(table.of.len() <= TIDY_EVERY + 1, "{}", table.of.len());
    }

    #[test]
    fn a_full_table_refuses_only_newcomers() {
        let rates = BudgetRates::new(512).person;
        let mut table = BudgetTable::default();
        for number in 0..SENDERS_MAX {
            assert!(table.spend(Spending::Offer, Sender::Person(user(number)), rates, 0));
        }
        assert!(!table.spend(Spending::Offer, Sender::Person(user(SENDERS_MAX)), rates, 0));
        assert!(table.spend(Spending::Offer, Sender::Person(user(7)), rates, 0));
        assert!(table.spend(Spending::Offer, Sender::Person(user(SENDERS_MAX)), rates, 60_000));
    }
}
