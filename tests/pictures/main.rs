//! Sends hostile pictures to the real program, and measures time and memory.
//!
//! `within_bounds` measures each picture alone, `under_load` measures other requests while pictures are processed, and
//! `held_open` and `tiny_parts` measure the memory for request bodies that never end, and `many_pages` measures whether memory
//! is freed. Set `SNUG_TEST_PICTURES=folder` to add more pictures.

#[path = "../http/answer.rs"]
#[allow(dead_code, reason = "shared with the HTTP tests")]
mod answer;
#[path = "../http/cookie_jar.rs"]
#[allow(dead_code, reason = "shared with the HTTP tests")]
mod cookie_jar;
#[path = "../http/held_body.rs"]
#[allow(dead_code, reason = "shared with the HTTP tests")]
mod held_body;
#[path = "../http/letters.rs"]
#[allow(dead_code, reason = "shared with the HTTP tests")]
mod letters;
#[path = "../http/listing.rs"]
#[allow(dead_code, reason = "shared with the HTTP tests")]
mod listing;
#[path = "../http/photos.rs"]
#[allow(dead_code, reason = "shared with the HTTP tests")]
mod photos;
#[path = "../http/real_program.rs"]
#[allow(dead_code, reason = "shared with the HTTP tests")]
mod real_program;
#[path = "../http/reserved_port.rs"]
#[allow(dead_code, reason = "shared with the HTTP tests")]
mod reserved_port;
#[path = "../http/test_socket.rs"]
#[allow(dead_code, reason = "shared with the HTTP tests")]
mod test_socket;
#[path = "../http/visitor.rs"]
#[allow(dead_code, reason = "shared with the HTTP tests")]
mod visitor;

#[path = "../../src/server/avatars/picture/tests/fixtures.rs"]
#[allow(dead_code, clippy::unwrap_used, reason = "shared with the pipeline's own tests")]
mod fixtures;

mod bombs;
mod case;
mod corpus;
mod held_open;
mod jpeg;
mod many_pages;
mod memory;
mod riff;
mod tiny_parts;
mod truncated;
mod under_load;
mod within_bounds;

use tokio::sync::Mutex;

/// Each test holds this lock, because tests that run at the same time would disturb each other's measurements.
static ALONE: Mutex<()> = Mutex::const_new(());
