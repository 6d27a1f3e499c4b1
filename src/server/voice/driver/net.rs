//! The sockets of the voice port, and the waiting: here the driver sleeps until there are datagrams, orders or timers.

use super::{
    given_sockets::{UdpPair, UnfitSockets, VoiceSockets},
    tcp_handover::TcpHandover,
    tcp_sockets::{FIRST_TCP_TOKEN, TcpSockets},
    udp_sockets::UdpSockets,
};
use crate::server::voice::{egress::Datagram, tcp_limits::TcpCaps, way::Way};
use mio::{Events, Poll, Token, Waker};
use std::{
    io,
    net::TcpStream,
    sync::{Arc, mpsc::Receiver},
    time::{Duration, Instant},
};

const WAKE: Token = Token(usize::MAX);
/// If the port may be any free one, how many ports are tried until both UDP and TCP are free.
const PORTS_TRIED: usize = 8;
/// How many connections that were handed over are taken in one pass, at most, so that many of them don't delay voices.
const TAKEN_AT_ONCE: usize = 64;

pub struct Net {
    poll: Poll,
    events: Events,
    waker: Arc<Waker>,
    pub udp: UdpSockets,
    /// `None` if no voices come over TCP.
    pub tcp: Option<TcpSockets>,
    handover: TcpHandover,
    handed_over: Receiver<TcpStream>,
}

/// Which ports to bind.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ports {
    /// 0 takes any free port.
    pub udp: u16,
    /// 0 listens for no TCP; `None` takes the number of the UDP port, but does without TCP if another program uses it.
    pub tcp: Option<u16>,
    /// Whether the site hands over connections of its own port.
    pub shares_port: bool,
}

/// Which port can't be bound, or why the sockets that are open already can't be used.
#[derive(Debug)]
pub enum BindError {
    Udp(io::Error),
    Tcp(io::Error),
    Given(UnfitSockets),
}

impl Net {
    /// Uses the sockets in `given`, and binds the others on IPv4 and, if the machine has it, on IPv6.
    ///
    /// # Errors
    /// `BindError` if a port is taken, or if the sockets in `given` don't fit.
    pub fn open(given: VoiceSockets, ports: Ports, caps: TcpCaps) -> Result<Self, BindError> {
        let poll = Poll::new().map_err(BindError::Udp)?;
        let waker = Arc::new(Waker::new(poll.registry(), WAKE).map_err(BindError::Udp)?);
        let (udp, mut tcp) = open_both(&poll, given, ports, caps)?;
        if tcp.is_none() && ports.shares_port {
            tcp = Some(TcpSockets::without_listeners(poll.registry(), caps).map_err(BindError::Tcp)?);
        }
        let (handover, handed_over) = TcpHandover::new(waker.clone());
        Ok(Self {
            poll,
            events: Events::with_capacity(256),
            waker,
            udp,
            tcp,
            handover,
            handed_over,
        })
    }

    /// The TCP port on which we listen ourselves.
    pub fn tcp_port(&self) -> Option<u16> {
        self.tcp.as_ref().and_then(TcpSockets::port)
    }

    /// Hands over connections that another listener has accepted.
    pub fn handover(&self) -> TcpHandover {
        self.handover.clone()
    }

    /// Takes the connections that were handed over, up to a limit. If some may be left, the next wait ends at once.
    pub fn take_handed_over(&mut self, now: Instant) {
        for _ in 0..TAKEN_AT_ONCE {
            let Ok(stream) = self.handed_over.try_recv() else {
                return;
            };
            if let Some(tcp) = &mut self.tcp {
                tcp.adopt(stream, now);
            }
        }
        // If this fails, the next tick or packet wakes the driver, and the rest is taken then.
        let _ = self.waker.wake();
    }

    pub fn waker(&self) -> Arc<Waker> {
        self.waker.clone()
    }

    /// Waits until there are datagrams or new connections, the waker is called, or `at_most` has passed.
    pub fn wait(&mut self, at_most: Option<Duration>) {
        let has_work = self.udp.is_readable() || self.tcp.as_ref().is_some_and(TcpSockets::has_work);
        let at_most = if has_work { Some(Duration::ZERO) } else { at_most };
        if let Err(error) = self.poll.poll(&mut self.events, at_most)
            && error.kind() != io::ErrorKind::Interrupted
        {
            tracing::error!(%error, "could not wait for voice datagrams; trying again");
            std::thread::sleep(Duration::from_millis(10));
        }
        for event in &self.events {
            match (&mut self.tcp, event.token()) {
                (_, WAKE) => {}
                (Some(tcp), token) if token >= FIRST_TCP_TOKEN => tcp.note(event),
                (_, token) if event.is_readable() => self.udp.note_readable(token),
                _ => {}
            }
        }
    }

    /// When [`TcpSockets::close_expired`] is due; `None` if there are no TCP connections.
    pub fn next_expiry(&self) -> Option<Instant> {
        self.tcp.as_ref().and_then(TcpSockets::next_expiry)
    }

    /// Sends one datagram; false if the operating system accepts no more for now. A datagram for which there is no way is dropped,
    /// just as the network may lose any datagram.
    pub fn send(&mut self, datagram: &Datagram) -> bool {
        match (datagram.way, &mut self.tcp) {
            (Way::Udp, _) => self.udp.send(datagram),
            (Way::Tcp, Some(tcp)) => {
                tcp.send(datagram);
                true
            }
            (Way::Tcp, None) => true,
        }
    }
}

fn open_both(
    poll: &Poll,
    given: VoiceSockets,
    ports: Ports,
    caps: TcpCaps,
) -> Result<(UdpSockets, Option<TcpSockets>), BindError> {
    let registry = poll.registry();
    let mut given_udp = UdpPair::of(given.udp).map_err(BindError::Given)?;
    let is_any = ports.udp == 0 && given_udp.port.is_none();
    if !given.tcp.is_empty() {
        let udp = UdpSockets::open(given_udp, ports.udp, registry).map_err(BindError::Udp)?;
        let tcp = TcpSockets::on_given(given.tcp, registry, caps).map_err(BindError::Tcp)?;
        return Ok((udp, Some(tcp)));
    }
    let mut tried = 0;
    loop {
        tried += 1;
        // There is a second try only without given sockets.
        let given_udp = std::mem::take(&mut given_udp);
        let udp = UdpSockets::open(given_udp, ports.udp, registry).map_err(BindError::Udp)?;
        let wanted = ports.tcp.unwrap_or(udp.port());
        if wanted == 0 {
            return Ok((udp, None));
        }
        match TcpSockets::bind(wanted, udp.has_ipv6(), registry, caps) {
            Ok(tcp) => return Ok((udp, Some(tcp))),
            Err(error) if ports.tcp.is_some() => return Err(BindError::Tcp(error)),
            Err(_) if is_any && tried < PORTS_TRIED => {}
            Err(error) => {
                tracing::warn!(
                    %error,
                    "can't listen on TCP port {wanted} for voice, so people whose network blocks UDP will hear nothing: another program \
                     uses the port; choose another one (snug.voice.tcp_port, SNUG_VOICE_TCP_PORT), or 0 for none"
                );
                return Ok((udp, None));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::{net::TcpListener, sync::mpsc::channel};

    const CAPS: TcpCaps = TcpCaps {
        per_address: 8,
        in_all: 8,
    };

    fn ports(udp: u16, tcp: Option<u16>) -> Ports {
        Ports {
            udp,
            tcp,
            shares_port: false,
        }
    }

    #[test]
    fn tcp_takes_the_number_of_the_udp_port_unless_it_has_its_own_or_is_off() {
        let net = |tcp| Net::open(VoiceSockets::default(), ports(0, tcp), CAPS).expect("free ports");
        let both = net(None);
        assert_eq!(both.tcp_port(), Some(both.udp.port()));
        let off = net(Some(0));
        assert!(off.tcp_port().is_none() && off.tcp.is_none());
        let shares_port = true;
        let shared = Net::open(
            VoiceSockets::default(),
            Ports {
                shares_port,
                ..ports(0, Some(0))
            },
            CAPS,
        );
        let shared = shared.expect("a free port");
        assert!(shared.tcp_port().is_none() && shared.tcp.is_some());
    }

    #[test]
    fn a_tcp_port_in_use_is_an_error_only_if_it_was_chosen() {
        let other = TcpListener::bind("0.0.0.0:0").expect("a free port");
        let taken = other.local_addr().expect("the port").port();
        let open = |ports| Net::open(VoiceSockets::default(), ports, CAPS);
        assert!(matches!(open(ports(0, Some(taken))), Err(BindError::Tcp(_))));
        let by_default = open(ports(taken, None)).expect("a free UDP port");
        assert_eq!((by_default.udp.port(), by_default.tcp_port()), (taken, None));
    }

    #[test]
    fn a_pass_takes_only_some_of_the_connections_that_were_handed_over() {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let address = listener.local_addr().expect("the port");
        let mut net = Net::open(VoiceSockets::default(), ports(0, Some(0)), CAPS).expect("a free port");
        let (queue, waiting) = channel();
        net.handed_over = waiting;
        for _ in 0..=TAKEN_AT_ONCE {
            let stream = TcpStream::connect(address).expect("connected");
            queue.send(stream).expect("the other end is there");
        }
        net.take_handed_over(Instant::now());
        assert_eq!(net.handed_over.try_iter().count(), 1);
        // The rest is taken in the next pass, which begins at once.
        net.wait(Some(Duration::from_secs(60)));
        assert!(net.events.iter().any(|event| event.token() == WAKE));
    }

    #[test]
    fn sockets_from_systemd_come_before_the_configured_ports_and_the_rest_is_bound() {
        let udp = std::net::UdpSocket::bind("0.0.0.0:0").expect("a free port");
        let tcp = TcpListener::bind("0.0.0.0:0").expect("a free port");
        let udp_port = udp.local_addr().expect("the port").port();
        let tcp_port = tcp.local_addr().expect("the port").port();
        let only_udp = VoiceSockets {
            udp: vec![udp.try_clone().expect("a second handle")],
            tcp: vec![],
        };
        let net = Net::open(only_udp, ports(0, Some(0)), CAPS).expect("it fits");
        assert_eq!((net.udp.port(), net.tcp_port()), (udp_port, None));
        drop(net);
        let both = VoiceSockets {
            udp: vec![udp],
            tcp: vec![tcp],
        };
        let net = Net::open(both, ports(9, None), CAPS).expect("it fits");
        assert_eq!((net.udp.port(), net.tcp_port()), (udp_port, Some(tcp_port)));
    }
}
