//! Checks whether this Snug runs: asks it at the addresses on which it listens, and finds out which process uses its data.

use super::{
    one_request::{ask, get, with_token},
    probe::{PROBE_PATH, ProbeKind, ProbeToken, ServerFacts},
};
use crate::{
    model::health::HealthFinding,
    server::{
        config::Config,
        data_lock::{self, DataInUse},
        keyring::Keyring,
        lock_holder::this_process,
        tls::examine_handshake,
    },
};
use anyhow::Context;
use std::{
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr},
    time::Duration,
};
use tokio::{net::TcpStream, time::timeout};

const SERVER: &str = "server";
const TWO_PROGRAMS: &str = "two_programs";
const DATABASE: &str = "database";
/// A program on the same machine answers sooner.
const CONNECTED_WITHIN: Duration = Duration::from_secs(3);

/// What was found at the addresses on which Snug listens.
#[derive(Debug)]
pub enum ListenerAnswer {
    /// This Snug has answered.
    Facts(Box<ServerFacts>),
    /// Another program has answered at this address.
    Other(SocketAddr),
    Nothing,
}

/// What is known about the running server.
#[derive(Debug)]
pub struct ServerLook {
    pub answer: ListenerAnswer,
    /// The process that uses the data. The error says why the database can't be reached.
    pub in_use: Result<Option<DataInUse>, String>,
}

impl ServerLook {
    /// The facts, if the server has answered.
    pub fn facts(&self) -> Option<&ServerFacts> {
        match &self.answer {
            ListenerAnswer::Facts(facts) => Some(facts),
            ListenerAnswer::Other(_) | ListenerAnswer::Nothing => None,
        }
    }

    /// Whether a Snug with this data runs, as far as this machine can see.
    pub fn is_running(&self) -> bool {
        self.facts().is_some() || matches!(self.in_use, Ok(Some(_)))
    }
}

/// Looks for the server.
pub async fn look(config: &Config, keyring: Option<&Keyring>, now_s: i64) -> ServerLook {
    let mut answer = ListenerAnswer::Nothing;
    for site in &config.listen.site {
        let site = SocketAddr::new(reachable(site.ip()), site.port());
        match ask_at(site, config, keyring, now_s).await {
            facts @ ListenerAnswer::Facts(_) => {
                answer = facts;
                break;
            }
            ListenerAnswer::Other(at) => answer = ListenerAnswer::Other(at),
            ListenerAnswer::Nothing => {}
        }
    }
    let in_use = data_lock::find_user(config).await.map_err(|error| format!("{error:#}"));
    ServerLook { answer, in_use }
}

/// The address at which this machine reaches a listener.
fn reachable(listener: IpAddr) -> IpAddr {
    match listener {
        IpAddr::V4(v4) if v4.is_unspecified() => Ipv4Addr::LOCALHOST.into(),
        IpAddr::V6(v6) if v6.is_unspecified() => Ipv6Addr::LOCALHOST.into(),
        address => address,
    }
}

async fn ask_at(site: SocketAddr, config: &Config, keyring: Option<&Keyring>, now_s: i64) -> ListenerAnswer {
    let Ok(Ok(stream)) = timeout(CONNECTED_WITHIN, TcpStream::connect(site)).await else {
        return ListenerAnswer::Nothing;
    };
    let Some(keyring) = keyring else {
        return ListenerAnswer::Other(site);
    };
    match ask_for_facts(stream, config, keyring, now_s).await {
        Ok(Some(facts)) => ListenerAnswer::Facts(Box::new(facts)),
        Ok(None) | Err(_) => ListenerAnswer::Other(site),
    }
}

async fn ask_for_facts(
    stream: TcpStream,
    config: &Config,
    keyring: &Keyring,
    now_s: i64,
) -> anyhow::Result<Option<ServerFacts>> {
    let token = ProbeToken::new(ProbeKind::Facts, now_s);
    let host = config.public_url.host();
    let request = with_token(get(host, PROBE_PATH), &token, keyring);
    let answer = match config.tls.is_here() {
        false => ask(stream, request).await?,
        true => {
            let handshake = timeout(CONNECTED_WITHIN, examine_handshake(stream, host)).await;
            let (stream, _) = handshake.context("the handshake takes too long")??;
            ask(stream, request).await?
        }
    };
    Ok(answer.probe_answer(&token, keyring).and_then(|answer| answer.facts))
}

/// Judges what was found. `answers_outside` says whether this Snug has answered through its public URL.
pub fn judge(look: &ServerLook, answers_outside: bool, listens: &str) -> Vec<HealthFinding> {
    let mut findings = vec![judge_server(look, answers_outside, listens)];
    match (&look.in_use, look.facts()) {
        (Err(error), _) => findings.push(HealthFinding::bad(
            DATABASE,
            format!("{error}."),
            "Start the database server, or correct SNUG_DATABASE_URL.",
        )),
        (Ok(_), Some(facts)) if facts.is_database_up => {
            findings.push(HealthFinding::good(DATABASE, "The database answers."));
        }
        (Ok(_), Some(_)) => findings.push(HealthFinding::bad(
            DATABASE,
            "The database does not answer the running Snug.",
            "Check the database server, and the disk of the database. The log of Snug has the error.",
        )),
        (Ok(_), None) => {}
    }
    findings
}

fn judge_server(look: &ServerLook, answers_outside: bool, listens: &str) -> HealthFinding {
    match (&look.answer, &look.in_use) {
        (ListenerAnswer::Facts(facts), _) => HealthFinding::good(
            SERVER,
            format!("Snug runs (process {}) and answers at {listens}.", facts.process),
        ),
        _ if answers_outside => HealthFinding::good(SERVER, "Snug runs and answers at its public URL."),
        (_, Ok(Some(DataInUse { holder, .. }))) if holder.starts_with(&this_process()) => {
            HealthFinding::good(SERVER, "Snug runs: it is the process that makes this report.")
        }
        (_, Ok(Some(DataInUse { what, holder }))) => HealthFinding::bad(
            TWO_PROGRAMS,
            format!(
                "Another program uses the data: {what} is in use ({holder}), and this Snug does not answer at {listens}."
            ),
            "Only one Snug can use a data folder or a database. Stop that process, or give this Snug another folder (SNUG_DATA_DIR). If that \
             process is this Snug, run snug doctor with the same settings and the same user.",
        ),
        (ListenerAnswer::Other(at), _) => HealthFinding::bad(
            SERVER,
            format!("Snug does not run, and another program answers at {at}."),
            "Stop that program, or let Snug listen at another address (LEPTOS_SITE_ADDR). Then start Snug.",
        ),
        (ListenerAnswer::Nothing, _) => HealthFinding::bad(
            SERVER,
            "Snug does not run.",
            "Start it: systemctl start snug, or snug serve. If it stops again, its log says why (journalctl --unit snug).",
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::health::HealthVerdict;

    fn facts() -> ListenerAnswer {
        ListenerAnswer::Facts(Box::new(ServerFacts {
            process: 7,
            files: 65_536,
            is_database_up: true,
            udp_port: 3478,
            tcp_port: None,
            advertised: vec![],
            certificate_failure: None,
            backup_failure: None,
        }))
    }

    fn first(answer: ListenerAnswer, holder: Option<&str>, answers_outside: bool) -> HealthFinding {
        let in_use = holder.map(|holder| DataInUse {
            what: "the data folder /srv/snug/data".into(),
            holder: holder.into(),
        });
        let look = ServerLook {
            answer,
            in_use: Ok(in_use),
        };
        judge(&look, answers_outside, "127.0.0.1:3000").swap_remove(0)
    }

    #[test]
    fn a_folder_that_another_program_uses_is_named_with_the_program() {
        let other = "process 4711 on snug.example.org has used it since 2026-12-01";
        let finding = first(ListenerAnswer::Nothing, Some(other), false);
        assert_eq!(
            (finding.check.as_str(), finding.verdict),
            ("two_programs", HealthVerdict::Bad)
        );
        assert!(
            finding.message.contains("process 4711") && finding.message.contains("/srv/snug/data"),
            "{finding:?}"
        );
    }

    #[test]
    fn a_server_that_answers_anywhere_is_good() {
        let other = Some("process 4711 on snug.example.org");
        assert_eq!(first(facts(), other, false).verdict, HealthVerdict::Good);
        assert_eq!(first(ListenerAnswer::Nothing, other, true).verdict, HealthVerdict::Good);
        let own = this_process();
        assert_eq!(
            first(ListenerAnswer::Nothing, Some(&own), false).verdict,
            HealthVerdict::Good
        );
    }

    #[test]
    fn a_server_that_does_not_run_is_bad_and_a_taken_port_is_named() {
        let nothing = first(ListenerAnswer::Nothing, None, false);
        assert_eq!(
            (nothing.check.as_str(), nothing.verdict),
            ("server", HealthVerdict::Bad)
        );
        let at = SocketAddr::from(([127, 0, 0, 1], 3000));
        let taken = first(ListenerAnswer::Other(at), None, false);
        assert!(
            taken.message.contains("another program answers at 127.0.0.1:3000"),
            "{taken:?}"
        );
    }

    #[test]
    fn a_database_that_does_not_answer_is_bad() {
        let look = ServerLook {
            answer: ListenerAnswer::Nothing,
            in_use: Err("the database can't be opened".into()),
        };
        let findings = judge(&look, false, "127.0.0.1:3000");
        let database = findings
            .iter()
            .find(|finding| finding.check == "database")
            .expect("a finding");
        assert_eq!(database.verdict, HealthVerdict::Bad);
    }

    #[test]
    fn a_listener_on_all_addresses_is_asked_on_this_machine() {
        for (listener, wanted) in [("0.0.0.0", "127.0.0.1"), ("::", "::1"), ("192.168.1.5", "192.168.1.5")] {
            assert_eq!(reachable(listener.parse().expect("an address")).to_string(), wanted);
        }
    }
}
