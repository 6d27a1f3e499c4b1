//! The way of a datagram: the transport protocol by which it came, or by which it goes.

/// The transport protocol of a datagram. The address of a browser says only together with this which connection it is: one address
/// can be in use by both protocols.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Way {
    Udp,
    /// A connection that the browser has opened (RFC 6544). Each datagram is one frame on it (RFC 4571).
    Tcp,
}
