//! The sockets that systemd opens and passes to Snug (`LISTEN_FDS`, sd_listen_fds(3)). systemd keeps them open while Snug restarts, so
//! new connections and datagrams wait and are not refused.

use super::{
    config::{Config, ListenConfig},
    voice::VoiceSockets,
};
use listenfd::ListenFd;
use std::{
    env,
    net::{SocketAddr, TcpListener, UdpSocket},
};

/// The sockets as systemd has passed them.
#[derive(Debug, Default)]
pub struct InheritedSockets {
    /// Each has the name that its unit gives it (`FileDescriptorName=`), or else the name of the unit.
    tcp: Vec<(String, TcpListener)>,
    udp: Vec<UdpSocket>,
}

/// The same sockets, by what they are for.
#[derive(Debug, Default)]
pub struct SortedSockets {
    /// For `https` if Snug ends TLS itself, or else for `http`.
    pub site: Vec<TcpListener>,
    /// For plain HTTP, which is redirected to `https`.
    pub redirect: Vec<TcpListener>,
    pub voice: VoiceSockets,
}

/// What a socket for connections is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum SocketUse {
    Site,
    Redirect,
    Voice,
    /// Nothing, because it has the port for voices and the configuration switches voices over TCP off.
    Unused,
}

/// Where voices come in over TCP.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum VoiceTcp {
    /// At this port.
    On(u16),
    /// Nowhere (`voice.tcp_port = 0`). This is the port for voices over UDP.
    Off(u16),
}

impl InheritedSockets {
    /// Takes the sockets from the environment. Call this before there are threads, because it changes the environment.
    pub fn take() -> Self {
        let names = env::var("LISTEN_FDNAMES").unwrap_or_default();
        let names: Vec<&str> = names.split(':').collect();
        let mut passed = ListenFd::from_env();
        let mut inherited = Self::default();
        for number in 0..passed.len() {
            let name = names.get(number).copied().unwrap_or_default();
            // A socket of another kind is an error, and stays where it is.
            if let Ok(Some(listener)) = passed.take_tcp_listener(number) {
                inherited.tcp.push((name.to_owned(), listener));
            } else if let Ok(Some(socket)) = passed.take_udp_socket(number) {
                inherited.udp.push(socket);
            } else {
                eprintln!(
                    "warning: Snug does not use socket {number} of systemd ({name}): it is neither for TCP nor for UDP"
                );
            }
        }
        inherited
    }

    /// Tells what each socket is for. All sockets for datagrams are for voices.
    pub fn sort(self, config: &Config) -> SortedSockets {
        let udp_port = self.udp.first().and_then(|socket| socket.local_addr().ok());
        let udp_port = udp_port.map_or(config.voice.udp_port, |address| address.port());
        let voice_tcp = match config.voice.tcp_port {
            Some(0) => VoiceTcp::Off(udp_port),
            port => VoiceTcp::On(port.unwrap_or(udp_port)),
        };
        let voice = VoiceSockets {
            udp: self.udp,
            tcp: vec![],
        };
        let mut sorted = SortedSockets {
            voice,
            ..SortedSockets::default()
        };
        for (name, listener) in self.tcp {
            let port = listener.local_addr().map_or(0, |address| address.port());
            let group = match use_of(&name, port, &config.listen, voice_tcp) {
                SocketUse::Site => &mut sorted.site,
                SocketUse::Redirect => &mut sorted.redirect,
                SocketUse::Voice => &mut sorted.voice.tcp,
                SocketUse::Unused => {
                    tracing::warn!(
                        "Snug does not use the TCP socket of systemd on port {port} ({name}), because snug.voice.tcp_port \
                         (SNUG_VOICE_TCP_PORT) is 0: remove its line ListenStream= from the socket unit, or remove the setting"
                    );
                    continue;
                }
            };
            group.push(listener);
        }
        sorted
    }
}

/// What a socket for connections is for: its name says it, or else its port.
fn use_of(name: &str, port: u16, listen: &ListenConfig, voice_tcp: VoiceTcp) -> SocketUse {
    let is_one_of = |addresses: &[SocketAddr]| addresses.iter().any(|address| address.port() == port);
    match name {
        "site" => SocketUse::Site,
        "redirect" => SocketUse::Redirect,
        "voice" => SocketUse::Voice,
        _ if is_one_of(&listen.redirect) => SocketUse::Redirect,
        _ if is_one_of(&listen.site) => SocketUse::Site,
        _ if voice_tcp == VoiceTcp::On(port) => SocketUse::Voice,
        _ if voice_tcp == VoiceTcp::Off(port) => SocketUse::Unused,
        _ => SocketUse::Site,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn listen() -> ListenConfig {
        ListenConfig {
            site: vec![([0, 0, 0, 0], 443).into()],
            redirect: vec![([0, 0, 0, 0], 80).into()],
            redirect_is_required: false,
        }
    }

    #[test]
    fn the_port_tells_what_a_socket_is_for_and_any_other_port_is_for_the_site() {
        for (port, wanted) in [
            (443, SocketUse::Site),
            (80, SocketUse::Redirect),
            (3478, SocketUse::Voice),
            (8443, SocketUse::Site),
        ] {
            assert_eq!(
                use_of("snug.socket", port, &listen(), VoiceTcp::On(3478)),
                wanted,
                "{port}"
            );
        }
        // Voices over UDP may have the number of the site.
        assert_eq!(
            use_of("snug.socket", 443, &listen(), VoiceTcp::On(443)),
            SocketUse::Site
        );
    }

    #[test]
    fn without_voices_over_tcp_a_socket_on_the_voice_port_is_not_taken_for_the_site() {
        let off = VoiceTcp::Off(3478);
        assert_eq!(use_of("snug.socket", 3478, &listen(), off), SocketUse::Unused);
        assert_eq!(
            use_of("snug.socket", 443, &listen(), VoiceTcp::Off(443)),
            SocketUse::Site
        );
    }

    #[test]
    fn a_name_counts_more_than_the_port() {
        for (name, wanted) in [
            ("site", SocketUse::Site),
            ("redirect", SocketUse::Redirect),
            ("voice", SocketUse::Voice),
            ("", SocketUse::Redirect),
        ] {
            assert_eq!(use_of(name, 80, &listen(), VoiceTcp::On(3478)), wanted, "{name}");
        }
    }
}
