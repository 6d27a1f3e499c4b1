//! Live rooms and their sound: who is in which room, and which packets each person receives.
//!
//! The rest of the server calls [`Voice`] and [`RoomHandle`]. They send orders to one thread, the driver, and changes
//! come back through channels. The same thread runs the registry of rooms and forwards the sound. So a mute applies to the
//! very next packet, and only one thread decides who may be heard.
//!
//! Only `driver` has sockets, clocks and threads. All other modules are pure: they take commands and `now`, and return
//! effects.

mod arrived_packets;
mod candidate_addresses;
mod checks;
pub mod command;
pub mod counting;
mod demux;
mod driver;
mod egress;
mod egress_loss;
pub mod figures;
pub mod forwarder;
mod host_pace;
mod incoming_sound;
mod moderation_journal;
mod outgoing_packet;
mod participant;
mod peer;
mod peer_facts;
mod peer_setup;
mod peers;
mod pending_changes;
pub mod probe;
mod red;
mod redundancy;
pub mod registry;
pub mod roles;
pub mod room;
mod rtp_intake;
pub mod rtp_rewriter;
mod sdp;
mod sound_budget;
mod sound_numbers;
pub mod speaking;
mod talk_permission;
mod tcp_framing;
mod tcp_limits;
mod tcp_send_queue;
pub mod token_bucket;
mod wall_clock;
pub mod way;

pub use driver::{
    AdvertiseSetup, UDP_BUFFER_BYTES, VoiceSetup, VoiceSockets, handle::Voice, orders::QueueFull,
    outputs::UnsavedChanges, room_handle::RoomHandle,
};
pub use peer::OFFER_MAX_BYTES;
pub use registry::Cards;
