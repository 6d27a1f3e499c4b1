//! A free TCP port for a server that starts later, in another process.

use std::net::{Ipv4Addr, SocketAddr};
use tokio::net::TcpSocket;

/// A port of 127.0.0.1. While this value lives, the operating system gives the port to nobody who asks for any free port, also while the
/// server that uses the port is starting or restarting.
///
/// The value has a socket that is bound to the port and never listens. On Linux, a server can listen on the same port if both sockets
/// have `SO_REUSEADDR` (socket(7)). A listener of the standard library or of tokio always has it.
pub struct ReservedPort {
    pub address: SocketAddr,
    _socket: TcpSocket,
}

impl ReservedPort {
    pub fn any() -> Self {
        let socket = TcpSocket::new_v4().expect("a socket");
        socket.set_reuseaddr(true).expect("an option of the socket");
        socket.bind((Ipv4Addr::LOCALHOST, 0).into()).expect("a free port");
        let address = socket.local_addr().expect("the port");
        Self {
            address,
            _socket: socket,
        }
    }
}
