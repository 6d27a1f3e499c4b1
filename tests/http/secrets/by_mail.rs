//! With a mail server, neither the terminal nor the log shows a code, a link or an address, even if the mail server names an
//! address that it refuses.

use super::contains_code;
use crate::{letters, real_program::RealProgram};
use std::{
    net::SocketAddr,
    sync::{Arc, Mutex},
    time::Duration,
};
use tokio::{
    io::{AsyncBufReadExt, AsyncWriteExt, BufReader},
    net::{TcpListener, TcpStream},
    time::{sleep, timeout},
};

const TAKEN: &str = "ada.lovelace@example.org";
const REFUSED: &str = "no.such.person@example.org";

/// A minimal mail server (RFC 5321). It refuses letters to `REFUSED`.
struct MailServer {
    address: SocketAddr,
    letters: Arc<Mutex<Vec<String>>>,
    refusals: Arc<Mutex<u32>>,
}

impl MailServer {
    async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let server = Self {
            address: listener.local_addr().expect("an address"),
            letters: Arc::default(),
            refusals: Arc::default(),
        };
        let (letters, refusals) = (server.letters.clone(), server.refusals.clone());
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(serve(stream, letters.clone(), refusals.clone()));
            }
        });
        server
    }

    fn letter(&self) -> Option<String> {
        self.letters.lock().expect("letters").first().cloned()
    }
}

async fn serve(stream: TcpStream, letters: Arc<Mutex<Vec<String>>>, refusals: Arc<Mutex<u32>>) {
    let (read, mut write) = stream.into_split();
    let mut lines = BufReader::new(read).lines();
    let mut letter: Option<String> = None;
    let _ = write.write_all(b"220 here\r\n").await;
    while let Ok(Some(line)) = lines.next_line().await {
        let answer = match (&mut letter, line.as_str()) {
            (Some(whole), ".") => {
                letters.lock().expect("letters").push(std::mem::take(whole));
                letter = None;
                "250 taken".to_owned()
            }
            (Some(whole), line) => {
                whole.push_str(line);
                whole.push_str("\r\n");
                continue;
            }
            (None, line) if line.starts_with("RCPT") && line.contains(REFUSED) => {
                *refusals.lock().expect("a count") += 1;
                format!("550 5.1.1 <{REFUSED}> is nobody here")
            }
            (None, "DATA") => {
                letter = Some(String::new());
                "354 go on".to_owned()
            }
            (None, _) => "250 fine".to_owned(),
        };
        if write.write_all(format!("{answer}\r\n").as_bytes()).await.is_err() {
            return;
        }
    }
}

#[tokio::test]
async fn with_a_mail_server_no_code_or_address_is_in_the_terminal_or_the_log() {
    let server = MailServer::start().await;
    let url = format!("smtp://{}", server.address);
    let program = RealProgram::start(&[
        ("RUST_LOG", "debug"),
        ("SNUG_LIMITS_ENFORCED", "true"),
        ("SNUG_MAIL_BACKEND", "smtp"),
        ("SNUG_MAIL_SMTP_URL", &url),
        ("SNUG_MAIL_FROM", "snug@example.org"),
    ]);
    let ada = program.visitor();
    ada.request_code(TAKEN).await.must(200);
    program.visitor().request_code(REFUSED).await.must(200);
    let sent = async {
        while server.letter().is_none() || *server.refusals.lock().expect("a count") == 0 {
            sleep(Duration::from_millis(20)).await;
        }
    };
    timeout(Duration::from_secs(20), sent).await.expect("both were sent");
    let letter = server.letter().expect("a letter");
    let code = letters::code_in(&letter).expect("a code");
    ada.verify_code(&code).await.must(200);

    let (said, log) = (program.said(), program.log());
    assert!(
        log.lines().count() > 20 && log.contains("550"),
        "the log reports the refusal:\n{log}"
    );
    for (place, text) in [("terminal", &said), ("log", &log)] {
        for secret in [TAKEN, REFUSED, "/sign-in/link?token="] {
            assert!(!text.contains(secret), "{secret} in the {place}:\n{text}");
        }
        // Leave out the timestamp, because its microseconds are six digits like a code.
        let lines = text
            .lines()
            .map(|line| line.trim_start().split_once(' ').map_or(line, |(_, said)| said));
        for line in lines {
            assert!(!contains_code(line, &code), "a code in the {place}: {line}");
        }
    }
}
