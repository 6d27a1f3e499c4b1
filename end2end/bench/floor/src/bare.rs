//! The variant `bare`: the thread that reads a request also rotates the token, without an HTTP library and without async.

use crate::{Broken, ROTATE, cookies, values};
use aws_lc_rs::signature::Ed25519KeyPair;
use rusqlite::{Connection, params};
use std::{
    io::{Read, Write},
    net::{TcpListener, TcpStream},
    sync::Mutex,
    thread,
};

pub fn serve(address: (&str, u16), database: Connection, key: &Ed25519KeyPair) -> Result<(), Broken> {
    let database = Mutex::new(database);
    let listener = TcpListener::bind(address)?;
    thread::scope(|scope| {
        for stream in listener.incoming() {
            scope.spawn(|| {
                if let Err(error) = stream
                    .map_err(Broken::from)
                    .and_then(|stream| converse(stream, &database, key))
                {
                    eprintln!("bare: {error}");
                }
            });
        }
    });
    Ok(())
}

fn converse(mut stream: TcpStream, database: &Mutex<Connection>, key: &Ed25519KeyPair) -> Result<(), Broken> {
    stream.set_nodelay(true)?;
    let mut request = [0; 8_192];
    loop {
        let length = stream.read(&mut request)?;
        if length == 0 {
            return Ok(());
        }
        let session = named(&request[..length]).ok_or("the bytes are not one complete request for a session")?;
        let generation = {
            let database = database.lock().map_err(|_| "another connection panicked")?;
            rotate(&database, session)?
        };
        let cookies = cookies(key, generation);
        // The header `others` is as long as Snug's other headers.
        let answer = format!(
            "HTTP/1.1 200 OK\r\ncontent-length: 3\r\ncookies: {cookies}\r\nothers: {:440}\r\n\r\n600",
            ""
        );
        stream.write_all(answer.as_bytes())?;
    }
}

/// The session that a request names: `7` for `POST /7 HTTP/1.1`.
fn named(request: &[u8]) -> Option<&str> {
    let line = std::str::from_utf8(request).ok()?.strip_suffix("\r\n\r\n")?;
    line.strip_prefix("POST /")?.split(' ').next()
}

/// Rotates a session and returns its new generation.
fn rotate(database: &Connection, session: &str) -> rusqlite::Result<i64> {
    let mut swap = database.prepare_cached(ROTATE)?;
    let (hash, salt, now_s) = values();
    let mut rows = swap.query(params![session, hash, salt, now_s])?;
    let generation = rows.next()?.ok_or(rusqlite::Error::QueryReturnedNoRows)?.get(0)?;
    // SQLite commits only after the last row was read.
    rows.next()?;
    Ok(generation)
}
