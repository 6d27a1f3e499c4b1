//! Stopping the real program: what hosts did a moment before is there after the restart.

use crate::{moderation::moderate, real_program::RealProgram, visitor::Visitor};
use snug::model::{moderation_log::LogEntry, signal::ServerSignal, stage::ModerationAction};
use sqlx::{AnyConnection, Connection, Executor};

async fn person(program: &RealProgram, name: &str) -> Visitor {
    let visitor = program.visitor();
    visitor.sign_up(&format!("{name}@example.org").to_lowercase()).await;
    visitor.come_in(name).await;
    visitor
}

async fn connect(program: &RealProgram) -> AnyConnection {
    sqlx::any::install_default_drivers();
    let file = program.data_dir().join("snug.db");
    AnyConnection::connect(&format!("sqlite:{}", file.display()))
        .await
        .expect("the database of the program")
}

/// The database is locked while the host bans people and while the program is asked to stop. So no ban is stored yet when the last
/// connection has ended, and the program must wait for the writes.
#[tokio::test]
async fn bans_a_moment_before_sigterm_are_there_after_the_restart() {
    let mut program = RealProgram::start(&[]);
    let ada = person(&program, "Ada").await;
    let room = ada.open_room("Tea", "open").await;
    let mut host = ada.enter(&room).await;
    let mut banned = vec![];
    for name in ["Ben", "Cem", "Dee"] {
        let visitor = person(&program, name).await;
        let socket = visitor.enter(&room).await;
        banned.push((visitor.id().await, visitor, socket));
    }
    let mut other = connect(&program).await;
    other.execute("begin immediate").await.expect("the lock");
    for (id, ..) in &banned {
        moderate(&mut host, ModerationAction::Ban, id).await;
    }
    let all_banned = |signal: ServerSignal| match signal {
        ServerSignal::ModerationPanel { panel } if panel.barred.len() == banned.len() => Some(()),
        _ => None,
    };
    host.recv_until(all_banned).await;
    program.ask_to_stop();
    // The program has begun to stop when it closes its sockets.
    host.recv_all().await;
    other.execute("rollback").await.expect("the lock is free again");
    drop(other);
    program.start_again();

    for (_, visitor, _) in &banned {
        visitor.find_room(room.id.as_str()).await.must_fail(403, "forbidden");
    }
    let rows: Vec<(String,)> = sqlx::query_as("select entry from moderation_log order by number")
        .fetch_all(&mut connect(&program).await)
        .await
        .expect("the log");
    let about = rows.iter().map(|(entry,)| {
        let entry: LogEntry = serde_json::from_str(entry).expect("an entry");
        entry.about.expect("a person").name
    });
    assert_eq!(about.collect::<Vec<_>>(), ["Ben", "Cem", "Dee"]);
}
