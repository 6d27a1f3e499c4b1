//! A server that does the least that a token rotation needs, as a lower limit for what a rotation costs in Snug.
//!
//! There are two variants: `bare` uses no framework, and `packages` uses axum and sqlx. Both sign one access token (EdDSA),
//! commit the change of one session to the disk, and answer with as many bytes as Snug. They check no cookies, derive no
//! tokens, need no headers and trust every client.
//!
//! Usage: `floor bare|packages PORT DATABASE SESSIONS`. A request for `/7` rotates session 7.

mod bare;
mod packages;

use aws_lc_rs::signature::Ed25519KeyPair;
use rusqlite::Connection;
use std::{
    env,
    error::Error,
    sync::atomic::{AtomicI64, Ordering},
};

/// The same allocator as in Snug.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

type Broken = Box<dyn Error + Send + Sync>;

const SCHEMA: &str = include_str!("../../../../migrations/20261123000002_sessions.sql");
const PRAGMAS: &str = "pragma journal_mode = wal; pragma synchronous = full; pragma busy_timeout = 3000";
/// The statement of src/server/auth/store.rs, for one session instead of several.
const ROTATE: &str = "update sessions set gen = gen + 1, prev_hash = cur_hash, cur_hash = ?2, salt = ?3, kid = '1',
       served_at = ?4, confirmed = 0, last_seen_at = ?4, idle_expires_at = ?4 + 1000
 where id = ?1 and revoked_at is null and ?4 < abs_expires_at
 returning gen";
/// The length of all cookies in an answer of Snug, in bytes.
const COOKIES_LENGTH: usize = 640;
/// The length of the signed part of an access token, in bytes.
const SIGNED_LENGTH: usize = 200;

fn main() -> Result<(), Broken> {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let [how, port, path, sessions] = arguments.as_slice() else {
        return Err("floor bare|packages PORT DATABASE SESSIONS".into());
    };
    let (address, key) = (("127.0.0.1", port.parse()?), Ed25519KeyPair::generate()?);
    let database = open(path, sessions.parse()?)?;
    match how.as_str() {
        "bare" => bare::serve(address, database, &key),
        "packages" => packages::serve(address, path, key),
        other => Err(format!("there is no variant {other}").into()),
    }
}

fn open(path: &str, sessions: u32) -> rusqlite::Result<Connection> {
    let database = Connection::open(path)?;
    database.execute_batch(PRAGMAS)?;
    database.execute_batch("create table users (id text not null primary key)")?;
    database.execute_batch(SCHEMA)?;
    database.execute(
        "with recursive numbers (n) as (select 0 union all select n + 1 from numbers where n < ?1 - 1)
         insert into users select n from numbers",
        [sessions],
    )?;
    database.execute(
        "insert into sessions
         select id, id, hex(randomblob(32)), hex(randomblob(32)), hex(randomblob(16)), '1', 0, 0, 0, 0, 0,
                0, 1 << 40, null, null, 'Mozilla/5.0 (X11; Linux x86_64)', '127.0.0.0/24'
           from users",
        [],
    )?;
    Ok(database)
}

/// The values that a rotation writes: a hash, a salt, and the time in unix seconds. They differ in each call.
fn values() -> (String, String, i64) {
    static NOW_S: AtomicI64 = AtomicI64::new(1_764_000_000);
    let now_s = NOW_S.fetch_add(1, Ordering::Relaxed);
    (format!("{now_s:064x}"), format!("{now_s:032x}"), now_s)
}

/// A text as long as Snug's cookies, made from a new signature.
fn cookies(key: &Ed25519KeyPair, generation: i64) -> String {
    let signature = key.sign(&[generation as u8; SIGNED_LENGTH]);
    let letters = signature.as_ref().iter().map(|octet| char::from(b'a' + octet % 26));
    letters.cycle().take(COOKIES_LENGTH).collect()
}
