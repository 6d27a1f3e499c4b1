//! The addresses of the TURN servers, so that voices that come through one of them can be counted. They are looked up again and again,
//! because they can change.

use super::addresses::{NAMES_EVERY, resolve};
use std::{
    collections::HashSet,
    io,
    net::IpAddr,
    sync::{
        Arc, PoisonError, RwLock,
        mpsc::{RecvTimeoutError, SyncSender, sync_channel},
    },
    thread,
};

type KnownRelays = Arc<RwLock<Arc<HashSet<IpAddr>>>>;

/// The addresses of the TURN servers. The thread that looks them up ends when this value is dropped.
pub struct RelayAddresses {
    known: KnownRelays,
    _end: Option<SyncSender<()>>,
}

impl RelayAddresses {
    /// Starts a thread that looks up these hosts now and every minute. Without hosts, there is no thread.
    ///
    /// # Errors
    /// If the thread can't be made.
    pub fn start(hosts: Vec<String>) -> io::Result<Self> {
        let known = KnownRelays::default();
        if hosts.is_empty() {
            return Ok(Self { known, _end: None });
        }
        let of_thread = known.clone();
        let (end, is_over) = sync_channel::<()>(1);
        thread::Builder::new().name("relay-names".into()).spawn(move || {
            let mut found = vec![vec![]; hosts.len()];
            loop {
                look_up(&hosts, &mut found);
                let all: HashSet<IpAddr> = found.iter().flatten().copied().collect();
                *of_thread.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(all);
                if is_over.recv_timeout(NAMES_EVERY) != Err(RecvTimeoutError::Timeout) {
                    return;
                }
            }
        })?;
        Ok(Self { known, _end: Some(end) })
    }

    /// The addresses that were found last.
    pub fn known(&self) -> Arc<HashSet<IpAddr>> {
        self.known.read().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

/// Looks up all hosts. A host that can't be found keeps the addresses that it had.
fn look_up(hosts: &[String], found: &mut [Vec<IpAddr>]) {
    for (host, found) in hosts.iter().zip(found) {
        if let Ok(addresses) = resolve(host) {
            *found = addresses.iter().map(IpAddr::to_canonical).collect();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_host_that_can_not_be_found_keeps_its_addresses() {
        // No part of a host name may have 64 characters, so no name server is asked for the second one.
        let hosts = ["127.0.0.9".to_owned(), format!("{}.invalid", "a".repeat(64))];
        let before = IpAddr::from([192, 0, 2, 1]);
        let mut found = vec![vec![], vec![before]];
        look_up(&hosts, &mut found);
        assert_eq!(found, [[IpAddr::from([127, 0, 0, 9])], [before]]);
    }
}
