//! Sends letters to a mail server in the background, and tries again if the server has a temporary problem.

use std::error::Error as _;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, anyhow};
use lettre::transport::smtp::Error;
use lettre::{AsyncSmtpTransport, AsyncTransport, Message, Tokio1Executor};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::{sleep, timeout};

use super::counts::LetterCounts;
use crate::server::config::SmtpUrl;

type Transport = AsyncSmtpTransport<Tokio1Executor>;

/// How many letters can wait at the same time. If this limit is reached, either the mail server has been unreachable for a long time,
/// or somebody floods us with requests.
const WAITING_LETTERS: usize = 1_000;
/// How many letters are sent to the server at the same time.
const CONNECTIONS: usize = 4;

/// The longest time that one attempt can take, and the pause before each further attempt.
#[derive(Clone)]
pub(super) struct RetryPolicy {
    pub attempt: Duration,
    pub pauses: Vec<Duration>,
}

impl Default for RetryPolicy {
    fn default() -> Self {
        let attempt = Duration::from_secs(30);
        Self {
            attempt,
            pauses: [5, 30, 120].map(Duration::from_secs).to_vec(),
        }
    }
}

/// Sends each letter in its own task. So if the mail server puts off the letter to one address, the other letters are not delayed.
pub(super) struct Smtp {
    queue: Arc<Semaphore>,
    courier: Arc<Courier>,
}

struct Courier {
    transport: Transport,
    connections: Semaphore,
    retry: RetryPolicy,
    counts: Arc<LetterCounts>,
}

impl Smtp {
    /// What becomes of the letters is counted in `counts`.
    pub fn open(url: &SmtpUrl, retry: RetryPolicy, counts: Arc<LetterCounts>) -> anyhow::Result<Self> {
        let transport = Transport::from_url(url.expose())
            .context("the address of the mail server can't be read (snug.mail.smtp_url, SNUG_MAIL_SMTP_URL)")?
            .timeout(Some(retry.attempt))
            .build();
        let courier = Courier {
            transport,
            connections: Semaphore::new(CONNECTIONS),
            retry,
            counts,
        };
        Ok(Self {
            queue: Arc::new(Semaphore::new(WAITING_LETTERS)),
            courier: Arc::new(courier),
        })
    }

    /// How many letters wait, or are being sent.
    pub fn count_waiting(&self) -> usize {
        WAITING_LETTERS - self.queue.available_permits()
    }

    /// Waits until no letter waits, at most `within`.
    pub async fn finish(&self, within: Duration) {
        let all = u32::try_from(WAITING_LETTERS).unwrap_or(u32::MAX);
        if timeout(within, self.queue.acquire_many(all)).await.is_err() {
            let lost = self.count_waiting();
            tracing::error!(
                lost,
                "the mail server has not taken the last letters before the stop: people have to ask for another code"
            );
        }
    }

    /// Sends a message in the background. Must be called within tokio's runtime.
    pub fn post(&self, message: Message) -> anyhow::Result<()> {
        let permit = self.queue.clone().try_acquire_owned();
        let permit = permit.map_err(|_| anyhow!("{WAITING_LETTERS} letters already wait for the mail server"))?;
        let courier = self.courier.clone();
        tokio::spawn(async move { courier.deliver(message, permit).await });
        Ok(())
    }
}

impl Courier {
    async fn deliver(&self, message: Message, _permit: OwnedSemaphorePermit) {
        let mut pauses = self.retry.pauses.iter();
        for attempt in 1.. {
            let Err(trouble) = self.attempt(&message).await else {
                tracing::debug!(attempt, "letter delivered");
                self.counts.sent.add(1);
                return;
            };
            self.counts.attempts_failed.add(1);
            let Some(pause) = pauses.next().filter(|_| !trouble.is_final) else {
                tracing::error!(attempt, reason = %trouble.reason, "could not deliver a letter, and gave up");
                self.counts.failed.add(1);
                return;
            };
            tracing::warn!(attempt, reason = %trouble.reason, pause_s = pause.as_secs(), "could not deliver a letter; trying again");
            sleep(*pause).await;
        }
    }

    /// Tries once to send the message. lettre's own time limit applies only to connecting, so we add a time limit that also applies if
    /// the server stops answering later.
    async fn attempt(&self, message: &Message) -> Result<(), Trouble> {
        let _connection = self.connections.acquire().await;
        match timeout(self.retry.attempt, self.transport.send(message.clone())).await {
            Ok(sent) => sent.map(drop).map_err(|error| Trouble::of(&error)),
            Err(_) => Err(Trouble {
                reason: "no answer in time".into(),
                is_final: false,
            }),
        }
    }
}

struct Trouble {
    reason: String,
    /// Whether the server refused the letter permanently (a 5xx reply). Trying again would only make us look like a spammer.
    is_final: bool,
}

impl Trouble {
    /// Describes the error without the text of the server's reply. That text often repeats the e-mail address, and the log must not
    /// contain any address.
    fn of(error: &Error) -> Self {
        let reason = match (error.status(), error.source()) {
            (Some(code), _) => format!("the server answered {code}"),
            (None, _) if error.is_response() => "the server's answer is not SMTP".into(),
            (None, Some(source)) => source.to_string(),
            (None, None) => "no connection".into(),
        };
        Self {
            reason,
            is_final: error.is_permanent(),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
    use tokio::net::{TcpListener, TcpStream};
    use tokio::sync::mpsc;

    use super::super::{letter::Letter, message::compose};
    use super::*;
    use crate::model::user::EmailAddress;

    /// A small mail server. It answers the RCPT commands with the `replies`, in order, and with 250 after the last of them.
    struct TestServer {
        url: SmtpUrl,
        received: mpsc::UnboundedReceiver<String>,
        asked: Arc<Mutex<Vec<&'static str>>>,
    }

    #[test]
    fn a_letter_is_tried_again_after_5_30_and_120_s() {
        let pauses = RetryPolicy::default().pauses;
        assert_eq!(pauses.iter().map(Duration::as_secs).collect::<Vec<_>>(), [5, 30, 120]);
    }

    async fn start(replies: &[&'static str]) -> TestServer {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("an address");
        let (sender, received) = mpsc::unbounded_channel();
        let asked = Arc::new(Mutex::new(Vec::new()));
        let (replies, log) = (replies.to_vec(), asked.clone());
        tokio::spawn(async move {
            let mut replies = replies.into_iter();
            while let Ok((stream, _)) = listener.accept().await {
                let reply = replies.next().unwrap_or("250 ok");
                log.lock().expect("the log").push(reply);
                tokio::spawn(converse(stream, reply, sender.clone()));
            }
        });
        let url = SmtpUrl::parse(&format!("smtp://{address}")).expect("an address");
        TestServer { url, received, asked }
    }

    /// The server's side of one connection: the part of RFC 5321 that one letter needs. If `rcpt` is "silence", the server never
    /// answers the RCPT command.
    async fn converse(stream: TcpStream, rcpt: &'static str, received: mpsc::UnboundedSender<String>) -> Option<()> {
        let (reader, mut writer) = stream.into_split();
        let mut lines = BufReader::new(reader).lines();
        writer.write_all(b"220 test\r\n").await.ok()?;
        while let Some(line) = lines.next_line().await.ok()? {
            let reply = match line.split([' ', ':']).next()? {
                "RCPT" if rcpt == "silence" => std::future::pending().await,
                "RCPT" => rcpt,
                "DATA" => "354 go on",
                "QUIT" => "221 bye",
                _ => "250 ok",
            };
            writer.write_all(format!("{reply}\r\n").as_bytes()).await.ok()?;
            if line == "DATA" {
                let mut letter = String::new();
                while let Some(line) = lines.next_line().await.ok()?.filter(|line| line != ".") {
                    letter += &format!("{line}\n");
                }
                writer.write_all(b"250 taken\r\n").await.ok()?;
                received.send(letter).ok()?;
            }
        }
        Some(())
    }

    fn message() -> Message {
        let letter = Letter {
            to: EmailAddress::parse("ada@example.org").expect("an address"),
            subject: "Your code".into(),
            text: "123456".into(),
            html: "<p>123456</p>".into(),
            terminal: String::new(),
        };
        compose("Snug <snug@example.org>", &letter).expect("a message")
    }

    fn quick_retries() -> RetryPolicy {
        RetryPolicy {
            attempt: Duration::from_millis(500),
            pauses: vec![Duration::from_millis(10); 3],
        }
    }

    fn open(server: &TestServer) -> (Smtp, Arc<LetterCounts>) {
        let counts = Arc::<LetterCounts>::default();
        let smtp = Smtp::open(&server.url, quick_retries(), counts.clone()).expect("a server");
        (smtp, counts)
    }

    /// How many letters were sent and given up, and how many attempts failed.
    fn read(counts: &LetterCounts) -> (u64, u64, u64) {
        (counts.sent.get(), counts.failed.get(), counts.attempts_failed.get())
    }

    async fn within_seconds<T>(future: impl Future<Output = T>) -> T {
        timeout(Duration::from_secs(10), future).await.expect("soon")
    }

    /// Waits until no letter is under way.
    async fn is_done(smtp: &Smtp) {
        let queue = smtp.queue.acquire_many(WAITING_LETTERS as u32);
        let _permits = within_seconds(queue).await.expect("open");
    }

    #[tokio::test]
    async fn a_temporarily_refused_letter_is_delivered_once() {
        let mut server = start(&["450 greylisted <ada@example.org>", "silence"]).await;
        let (smtp, counts) = open(&server);
        smtp.post(message()).expect("posted");
        let letter = within_seconds(server.received.recv()).await.expect("a letter");
        assert!(
            letter.contains("To: ada@example.org\n") && letter.contains("123456"),
            "{letter}"
        );
        is_done(&smtp).await;
        assert_eq!(server.asked.lock().expect("the log").len(), 3);
        assert!(server.received.try_recv().is_err(), "once");
        assert_eq!((read(&counts), smtp.count_waiting()), ((1, 0, 2), 0));
    }

    #[tokio::test]
    async fn a_permanently_refused_letter_is_not_tried_again() {
        let server = start(&["550 no such user"]).await;
        let (smtp, counts) = open(&server);
        smtp.post(message()).expect("posted");
        is_done(&smtp).await;
        assert_eq!(server.asked.lock().expect("the log").len(), 1);
        assert_eq!(read(&counts), (0, 1, 1));
    }

    #[tokio::test]
    async fn delivery_stops_after_the_last_attempt() {
        let server = start(&["450 later"; 9]).await;
        let (smtp, counts) = open(&server);
        smtp.post(message()).expect("posted");
        is_done(&smtp).await;
        assert_eq!(server.asked.lock().expect("the log").len(), 4);
        assert_eq!(read(&counts), (0, 1, 4));
    }

    #[tokio::test]
    async fn one_refused_address_does_not_delay_the_others() {
        let mut server = start(&["450 later"]).await;
        let retry = RetryPolicy {
            pauses: vec![Duration::from_secs(3_600)],
            ..quick_retries()
        };
        let smtp = Smtp::open(&server.url, retry, Arc::default()).expect("a server");
        smtp.post(message()).expect("posted");
        while server.asked.lock().expect("the log").is_empty() {
            sleep(Duration::from_millis(5)).await;
        }
        smtp.post(message()).expect("posted");
        within_seconds(server.received.recv()).await.expect("the second letter");
        assert!(smtp.count_waiting() >= 1, "the first letter waits");
    }

    #[tokio::test]
    async fn the_reason_of_a_failure_does_not_contain_the_address() {
        let server = start(&["450 greylisted <ada@example.org>"]).await;
        let (smtp, _) = open(&server);
        let trouble = smtp.courier.attempt(&message()).await.expect_err("trouble");
        assert_eq!(trouble.reason, "the server answered 450");
        let nobody = SmtpUrl::parse("smtp://127.0.0.1:1").expect("an address");
        let smtp = Smtp::open(&nobody, quick_retries(), Arc::default()).expect("no connection yet");
        let trouble = smtp.courier.attempt(&message()).await.expect_err("trouble");
        assert!(!trouble.is_final && !trouble.reason.contains('@'), "{}", trouble.reason);
    }
}
