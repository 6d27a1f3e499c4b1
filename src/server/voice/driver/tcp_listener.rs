//! A socket that listens for TCP connections of browsers.

use mio::net::{TcpListener, TcpStream};
use socket2::{Domain, Protocol, Socket, Type};
use std::{io, net::SocketAddr};

/// How many connections may wait in the operating system until we accept them.
const BACKLOG: i32 = 512;
/// The size that we ask for the buffer of a connection in the operating system. It must hold what is on its way through a slow
/// network (about 0.3 s of three voices), but no more, because all that waits there is late sound.
const SEND_BUFFER_BYTES: usize = 64 << 10;

/// How much of that may wait to be sent for the first time. The rest waits in our own queue, which drops the oldest sound when it is full.
#[cfg(any(target_os = "linux", target_os = "android"))]
const UNSENT_BYTES: u32 = 4 << 10;

/// Prepares a connection that was accepted.
///
/// # Errors
/// If the connection is over.
pub fn prepare(stream: &TcpStream) -> io::Result<()> {
    // A packet of a voice must not wait for the next one.
    stream.set_nodelay(true)?;
    // Without this, the operating system raises the size of the buffer, and seconds of late sound can wait in it. Only Linux has it.
    #[cfg(any(target_os = "linux", target_os = "android"))]
    socket2::SockRef::from(stream).set_tcp_notsent_lowat(UNSENT_BYTES)?;
    Ok(())
}

/// Prepares a connection that another listener has accepted, and returns it with the address of its other end.
///
/// # Errors
/// If the connection is over.
pub fn adopted(stream: std::net::TcpStream) -> io::Result<(TcpStream, SocketAddr)> {
    stream.set_nonblocking(true)?;
    let remote = stream.peer_addr()?;
    // The other listener has not set it. The operating system may give another size.
    let _ = socket2::SockRef::from(&stream).set_send_buffer_size(SEND_BUFFER_BYTES);
    Ok((TcpStream::from_std(stream), canonical(remote)))
}

/// One socket can listen for both families. IPv4 addresses are then written as IPv6.
fn canonical(address: SocketAddr) -> SocketAddr {
    SocketAddr::new(address.ip().to_canonical(), address.port())
}

/// A socket that listens on one address.
pub struct Listener {
    pub socket: TcpListener,
    /// Whether connections may wait to be accepted.
    pub has_waiting: bool,
}

impl Listener {
    /// # Errors
    /// If the port is taken.
    pub fn bind(address: SocketAddr) -> io::Result<Self> {
        let socket = Socket::new(Domain::for_address(address), Type::STREAM, Some(Protocol::TCP))?;
        if address.is_ipv6() {
            socket.set_only_v6(true)?;
        }
        // After a restart, connections of the program before may still be ending.
        socket.set_reuse_address(true)?;
        // Connections inherit the size. It must be set before: a connection may wait at once.
        let _ = socket.set_send_buffer_size(SEND_BUFFER_BYTES);
        socket.bind(&address.into())?;
        socket.listen(BACKLOG)?;
        Self::on(socket.into())
    }

    /// Prepares a socket that listens already. One from systemd may have connections in it that have come during a restart.
    ///
    /// # Errors
    /// If it is not usable.
    pub fn on(socket: std::net::TcpListener) -> io::Result<Self> {
        socket.set_nonblocking(true)?;
        // The operating system may give another size.
        let _ = socket2::SockRef::from(&socket).set_send_buffer_size(SEND_BUFFER_BYTES);
        Ok(Self {
            socket: TcpListener::from_std(socket),
            has_waiting: false,
        })
    }

    /// Accepts a connection. Returns it with the address of its other end.
    ///
    /// # Errors
    /// `WouldBlock` if none waits, and the errors of the operating system.
    pub fn accept(&self) -> io::Result<(TcpStream, SocketAddr)> {
        let (stream, remote) = self.socket.accept()?;
        Ok((stream, canonical(remote)))
    }
}
