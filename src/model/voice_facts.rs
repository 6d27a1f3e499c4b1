//! What the server knows about a voice connection, for people who ask why somebody is not heard.

use serde::{Deserialize, Serialize};

/// The transport protocol of a voice connection, as the server sees it. A voice that comes through a TURN server looks like one by UDP;
/// only the page knows that it uses a relay.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum VoicePath {
    Udp,
    Tcp,
}

/// The state of one voice connection. All counts begin with the connection.
///
/// Packets that have only padding, with which browsers measure their network, count as packets of the voice: they have the same numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct VoiceFacts {
    /// The number of the connection among those that this question was answered about. A person can have several devices, and a connection
    /// can end and be made again. The counts of two connections can't be compared.
    pub connection: u32,
    /// The way of the packets to the browser; `None` before the first of them.
    pub path: Option<VoicePath>,
    /// Packets of the voice that have arrived at the server.
    pub packets_in: u64,
    /// How many packets of the voice are missing, by the gaps in their numbers.
    pub lost_in: u64,
    /// Packets of other people's voices that the server has sent to the browser.
    pub packets_out: u64,
    /// How many percent of the packets to the browser were lost, by its last report; `None` before its first report.
    pub lost_out_percent: Option<u8>,
    /// How many milliseconds ago the last packet of the voice arrived; `None` if none ever did.
    pub last_in_ms: Option<u64>,
    /// The loudest level of the voice in the last five seconds, in dBov (RFC 6464 section 3: 0 is the loudest, -127 is silence). `None` if
    /// no packet with a level has arrived, or if the person is muted and it is somebody else who asks.
    pub loudest_dbov: Option<i8>,
}
