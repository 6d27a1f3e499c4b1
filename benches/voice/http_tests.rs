//! The parts of the HTTP tests that the benches use: visitors, sockets, and raw voice peers.
//!
//! These files use each other by paths such as `crate::visitor`, so each bench must import them in the root of its crate.

#[path = "../../tests/http/answer.rs"]
pub mod answer;
#[path = "../../tests/http/cookie_jar.rs"]
pub mod cookie_jar;
#[path = "../../tests/http/frame_stamp.rs"]
pub mod frame_stamp;
#[path = "../../tests/http/ice_client.rs"]
pub mod ice_client;
#[path = "../../tests/http/ice_link.rs"]
pub mod ice_link;
#[path = "../../tests/http/letters.rs"]
pub mod letters;
#[path = "../../tests/http/listing.rs"]
pub mod listing;
#[path = "../../tests/http/packet_loss.rs"]
pub mod packet_loss;
#[path = "../../tests/http/raw_peer.rs"]
pub mod raw_peer;
#[path = "../../tests/http/room_entry.rs"]
pub mod room_entry;
#[path = "../../tests/http/test_socket.rs"]
pub mod test_socket;
#[path = "../../tests/http/visitor.rs"]
pub mod visitor;
