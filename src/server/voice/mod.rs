//! The voice: who is in which room, and what they hear. A handle leaves orders for the driver; what changed comes back
//! by channels.
//!
//! Only `driver` has sockets, clocks and threads. All the rest is pure: commands and `now` in, effects out.

pub mod command;
mod demux;
mod driver;
mod egress;
pub mod forwarder;
mod moderation_journal;
mod participant;
mod peer;
mod peers;
pub mod registry;
pub mod roles;
pub mod room;
pub mod rtp_rewriter;
mod sdp;
pub mod speaking;
pub mod token_bucket;

pub use driver::{VoiceSetup, handle::Voice, room_handle::RoomHandle};
pub use registry::Cards;
