//! The addresses of this machine, and the addresses that browsers are told to send to. Both can change while the program runs.

use crate::server::voice::{
    candidate_addresses::{CandidateAddresses, select},
    peer_setup::{NoCertificate, Setup},
};
use std::{
    collections::HashSet,
    io,
    net::{IpAddr, ToSocketAddrs},
    sync::{
        Arc, Mutex, PoisonError, RwLock,
        mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel},
    },
    thread,
    time::{Duration, Instant},
};

/// How often the interfaces are read.
const INTERFACES_EVERY: Duration = Duration::from_secs(3);
/// How often the host names are resolved.
pub const NAMES_EVERY: Duration = Duration::from_secs(60);
/// Many people can join at once, so joins read the interfaces at most once in this time.
const JOINS_READ_EVERY: Duration = Duration::from_millis(200);

/// The addresses that browsers are told to send to.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AdvertiseSetup {
    /// Whether browsers are told the addresses of all interfaces of this machine.
    pub interfaces: bool,
    pub addresses: Vec<IpAddr>,
    /// Host names, whose addresses are looked up again every minute.
    pub names: Vec<String>,
}

/// The ports for which browsers are told the addresses.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BoundPorts {
    pub udp: u16,
    pub tcp: Option<u16>,
    /// The port of the site, if voices over TCP come in there too.
    pub shared_tcp: Option<u16>,
    pub has_ipv6: bool,
}

/// What is known about our addresses. All threads of the voice share it; none of them waits long for another.
pub struct AddressBook {
    advertise: AdvertiseSetup,
    ports: BoundPorts,
    /// The peers' settings, which contain the addresses that new peers offer.
    setup: Arc<Setup>,
    own: RwLock<Arc<HashSet<IpAddr>>>,
    sources: Mutex<AddressSources>,
}

/// Where the addresses come from.
#[derive(Debug)]
struct AddressSources {
    interfaces: Vec<IpAddr>,
    read_at: Instant,
    /// Whether the interfaces could not be read the last time.
    is_unreadable: bool,
    /// For each name, the addresses that it had when it was last resolved. A name that can't be resolved keeps them.
    of_names: Vec<Vec<IpAddr>>,
}

impl AddressBook {
    /// Reads the interfaces and resolves the names, which can take some seconds if a name server does not answer. Makes the settings of
    /// the peers.
    ///
    /// # Errors
    /// `NoCertificate`.
    pub fn open(advertise: &AdvertiseSetup, ports: BoundPorts) -> Result<Arc<Self>, NoCertificate> {
        let book = Self {
            advertise: advertise.clone(),
            ports,
            setup: Arc::new(Setup::new(candidates(vec![], ports))?),
            own: RwLock::default(),
            sources: Mutex::new(AddressSources {
                interfaces: vec![],
                read_at: Instant::now(),
                is_unreadable: false,
                of_names: vec![vec![]; advertise.names.len()],
            }),
        };
        book.resolve_names();
        book.read_interfaces();
        Ok(Arc::new(book))
    }

    pub fn setup(&self) -> &Arc<Setup> {
        &self.setup
    }

    /// This machine's own addresses.
    pub fn own(&self) -> Arc<HashSet<IpAddr>> {
        self.own.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The addresses that browsers are told now.
    pub fn advertised(&self) -> Vec<IpAddr> {
        self.setup.candidates().ips().to_vec()
    }

    /// Reads the interfaces, unless that was done a moment ago.
    pub fn refresh_for_join(&self) {
        if self.lock_sources().read_at.elapsed() >= JOINS_READ_EVERY {
            self.read_interfaces();
        }
    }

    fn read_interfaces(&self) {
        self.note_interfaces(own_addresses());
    }

    /// Notes the addresses of the interfaces. If they could not be read, those that are known stay.
    fn note_interfaces(&self, read: io::Result<Vec<IpAddr>>) {
        let mut sources = self.lock_sources();
        sources.read_at = Instant::now();
        let was_unreadable = std::mem::replace(&mut sources.is_unreadable, read.is_err());
        match read {
            Ok(interfaces) if interfaces != sources.interfaces => {
                let own = Arc::new(interfaces.iter().copied().collect());
                *self.own.write().unwrap_or_else(PoisonError::into_inner) = own;
                sources.interfaces = interfaces;
            }
            Err(error) if !was_unreadable => {
                tracing::warn!(%error, "can't read the addresses of this machine; Snug keeps those that it knows and tries again every 3 seconds");
            }
            _ => {}
        }
        self.publish(&sources);
    }

    fn resolve_names(&self) {
        for (number, name) in self.advertise.names.iter().enumerate() {
            // Resolve without the lock, because this can take seconds.
            match resolve(name) {
                Ok(addresses) => self.lock_sources().of_names[number] = addresses,
                Err(error) => tracing::warn!(
                    %error,
                    "can't find the address of {name} (snug.voice.advertise); Snug tries again in a minute"
                ),
            }
        }
        self.publish(&self.lock_sources());
    }

    /// Tells new peers the addresses, and logs them if they have changed.
    fn publish(&self, sources: &AddressSources) {
        let named: Vec<IpAddr> = self
            .advertise
            .addresses
            .iter()
            .chain(sources.of_names.iter().flatten())
            .copied()
            .collect();
        let interfaces = if self.advertise.interfaces {
            &sources.interfaces[..]
        } else {
            &[]
        };
        let ips = select(&named, interfaces, self.ports.has_ipv6);
        let addresses = ips.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
        if self.setup.set_candidates(candidates(ips, self.ports)) {
            tracing::info!(
                udp_port = self.ports.udp,
                tcp_port = self.ports.tcp,
                shared_tcp_port = self.ports.shared_tcp,
                "browsers are told to send voices to {addresses}"
            );
        }
    }

    fn lock_sources(&self) -> std::sync::MutexGuard<'_, AddressSources> {
        self.sources.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The threads that keep an [`AddressBook`] up to date. They end when this value is dropped.
pub struct AddressWatch {
    _ends: Vec<SyncSender<()>>,
}

impl AddressWatch {
    /// # Errors
    /// If a thread can't be made.
    pub fn start(book: &Arc<AddressBook>) -> io::Result<Self> {
        let of_interfaces = book.clone();
        let mut ends = vec![repeat("interfaces", INTERFACES_EVERY, move || {
            of_interfaces.read_interfaces()
        })?];
        if !book.advertise.names.is_empty() {
            let of_names = book.clone();
            ends.push(repeat("host-names", NAMES_EVERY, move || of_names.resolve_names())?);
        }
        Ok(Self { _ends: ends })
    }
}

/// Starts a thread that does something regularly, until the result is dropped.
fn repeat(name: &str, every: Duration, act: impl Fn() + Send + 'static) -> io::Result<SyncSender<()>> {
    let (end, is_over): (_, Receiver<()>) = sync_channel(1);
    thread::Builder::new().name(name.into()).spawn(move || {
        while is_over.recv_timeout(every) == Err(RecvTimeoutError::Timeout) {
            act();
        }
    })?;
    Ok(end)
}

fn candidates(ips: Vec<IpAddr>, ports: BoundPorts) -> CandidateAddresses {
    CandidateAddresses::new(ips, ports.udp, ports.tcp).with_shared_tcp_port(ports.shared_tcp)
}

/// The addresses of all interfaces, in the order of the system.
fn own_addresses() -> io::Result<Vec<IpAddr>> {
    let interfaces = if_addrs::get_if_addrs()?;
    Ok(interfaces.into_iter().map(|interface| interface.ip()).collect())
}

/// The addresses of a host name, sorted, because name servers change their order.
pub fn resolve(name: &str) -> io::Result<Vec<IpAddr>> {
    // The port only makes the form complete.
    let mut addresses: Vec<IpAddr> = (name, 0).to_socket_addrs()?.map(|address| address.ip()).collect();
    addresses.retain(|address| !address.is_unspecified());
    addresses.sort();
    addresses.dedup();
    Ok(addresses)
}

#[cfg(test)]
mod tests {
    use super::*;

    const PORTS: BoundPorts = BoundPorts {
        udp: 7,
        tcp: None,
        shared_tcp: None,
        has_ipv6: true,
    };

    fn open(advertise: AdvertiseSetup) -> Arc<AddressBook> {
        AddressBook::open(&advertise, PORTS).expect("a certificate")
    }

    #[test]
    fn interfaces_are_offered_only_if_asked_for() {
        let outer = IpAddr::from([203, 0, 113, 7]);
        let setup = |interfaces| AdvertiseSetup {
            interfaces,
            addresses: vec![outer],
            names: vec![],
        };
        assert_eq!(open(setup(false)).advertised(), [outer]);
        let both = open(setup(true));
        let loopback = IpAddr::from([127, 0, 0, 1]);
        assert!(both.own().contains(&loopback));
        let advertised = both.advertised();
        assert_eq!(advertised[0], outer);
        assert!(advertised.contains(&loopback), "{advertised:?}");
    }

    #[test]
    fn a_host_name_means_its_addresses_and_a_wrong_one_means_none() {
        let book = open(AdvertiseSetup {
            interfaces: false,
            addresses: vec![],
            // No part of a host name may have 64 characters, so no name server is asked for the second one.
            names: vec!["localhost".into(), format!("{}.invalid", "a".repeat(64))],
        });
        let advertised = book.advertised();
        assert!(advertised.contains(&IpAddr::from([127, 0, 0, 1])), "{advertised:?}");
        assert!(advertised.iter().all(IpAddr::is_loopback), "{advertised:?}");
    }

    #[test]
    fn a_changed_interface_changes_what_new_peers_offer() {
        let book = open(AdvertiseSetup {
            interfaces: true,
            addresses: vec![],
            names: vec![],
        });
        let before = book.advertised();
        let old = IpAddr::from([192, 0, 2, 200]);
        book.lock_sources().interfaces.push(old);
        book.publish(&book.lock_sources());
        assert!(book.advertised().contains(&old));
        book.read_interfaces();
        assert_eq!(book.advertised(), before, "the interface is gone");
    }

    #[test]
    fn interfaces_that_can_not_be_read_keep_their_addresses() {
        let book = open(AdvertiseSetup {
            interfaces: true,
            addresses: vec![],
            names: vec![],
        });
        let (advertised, own) = (book.advertised(), book.own());
        assert!(!own.is_empty());
        book.note_interfaces(Err(io::ErrorKind::OutOfMemory.into()));
        assert_eq!((book.advertised(), book.own()), (advertised, own));
    }

    #[test]
    fn the_threads_end_with_their_watch() {
        let book = open(AdvertiseSetup {
            interfaces: true,
            addresses: vec![],
            names: vec![],
        });
        drop(AddressWatch::start(&book).expect("threads"));
        let began = Instant::now();
        while Arc::strong_count(&book) > 1 {
            assert!(began.elapsed() < Duration::from_secs(5), "a thread goes on");
            thread::sleep(Duration::from_millis(5));
        }
    }
}
