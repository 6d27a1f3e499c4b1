//! In the thread that read the request, with no HTTP and nobody else served meanwhile.

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
            scope.spawn(|| converse(stream?, &database, key));
        }
    });
    Ok(())
}

fn converse(mut stream: TcpStream, database: &Mutex<Connection>, key: &Ed25519KeyPair) -> Result<(), Broken> {
    stream.set_nodelay(true)?;
    let mut request = [0; 8_192];
    for turn in 1.. {
        let length = stream.read(&mut request)?;
        if length == 0 {
            break;
        }
        let rest = request[..length].split(|octet| *octet == b'/').nth(1);
        let session = rest.and_then(|rest| std::str::from_utf8(rest).ok()?.split(' ').next());
        let session = session.ok_or("a request names no session")?;
        let generation = {
            let database = database.lock().map_err(|_| "another connection broke off")?;
            rotate(&database, session, turn)?
        };
        let cookies = cookies(key, generation);
        // As long as Snug's other headers are.
        let answer = format!(
            "HTTP/1.1 200 OK\r\ncontent-length: 3\r\ncookies: {cookies}\r\nothers: {:440}\r\n\r\n600",
            ""
        );
        stream.write_all(answer.as_bytes())?;
    }
    Ok(())
}

/// Answers the session's new generation.
fn rotate(database: &Connection, session: &str, turn: i64) -> rusqlite::Result<i64> {
    let mut swap = database.prepare_cached(ROTATE)?;
    let (hash, salt, now_s) = values(turn);
    let mut rows = swap.query(params![session, hash, salt, now_s])?;
    let generation = rows.next()?.ok_or(rusqlite::Error::QueryReturnedNoRows)?.get(0)?;
    // It is committed after the last row.
    rows.next()?;
    Ok(generation)
}
