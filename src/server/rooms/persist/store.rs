//! The SQL for what a room remembers: its rules, its host, its moderation records and its log.

use crate::{
    model::{
        id::{RoomId, UserId},
        moderation_log::{Barred, LOG_MAX, LogEntry},
        room::Rules,
    },
    server::{
        database::Database,
        profile::store::{PERSON_COLUMNS, PersonColumns},
        rooms::store::end_room,
        voice::{
            command::Persist,
            roles::{ModerationRecord, Rank},
        },
    },
};
use sqlx::{AssertSqlSafe, FromRow};

/// Writes a change that must survive a restart.
pub async fn persist(database: &Database, room: &RoomId, what: &Persist, now_s: i64) -> sqlx::Result<()> {
    match what {
        Persist::Record { user, record } => persist_record(database, room, user, record).await,
        Persist::Host(host) => persist_host(database, room, host).await,
        Persist::Rules(rules) => persist_rules(database, room, rules).await,
        Persist::OwnerLeft { at_s } => persist_owner_left(database, room, *at_s).await,
        Persist::LogEntry(entry) => persist_entry(database, room, entry).await,
        Persist::Ended { by } => end_room(database, room, by.as_ref(), now_s).await,
    }
}

/// Whether a write failed because the user or the room was deleted in the meantime.
pub fn is_about_nobody(error: &sqlx::Error) -> bool {
    error
        .as_database_error()
        .is_some_and(sqlx::error::DatabaseError::is_foreign_key_violation)
}

async fn persist_host(database: &Database, room: &RoomId, host: &UserId) -> sqlx::Result<()> {
    sqlx::query("update rooms set host_id = $1 where id = $2")
        .bind(host.as_str())
        .bind(room.as_str())
        .execute(database.writer())
        .await?;
    Ok(())
}

async fn persist_rules(database: &Database, room: &RoomId, rules: &Rules) -> sqlx::Result<()> {
    sqlx::query("update rooms set mode = $1, standing = $2, hold_minutes = $3 where id = $4")
        .bind(rules.mode.as_str())
        .bind(i64::from(rules.permanent))
        .bind(i64::from(rules.new_account_minutes))
        .bind(room.as_str())
        .execute(database.writer())
        .await?;
    Ok(())
}

async fn persist_owner_left(database: &Database, room: &RoomId, at_s: Option<i64>) -> sqlx::Result<()> {
    sqlx::query("update rooms set owner_left_at = $1 where id = $2")
        .bind(at_s)
        .bind(room.as_str())
        .execute(database.writer())
        .await?;
    Ok(())
}

/// When the owner left the room, in unix seconds, if somebody else has hosted the room since then.
pub async fn find_owner_left(database: &Database, room: &RoomId) -> sqlx::Result<Option<i64>> {
    let row: Option<(Option<i64>,)> = sqlx::query_as("select owner_left_at from rooms where id = $1")
        .bind(room.as_str())
        .fetch_optional(database.reader())
        .await?;
    Ok(row.and_then(|(at_s,)| at_s))
}

/// Writes an entry of the log. An entry that was undone is written again under its old number. Only the newest `LOG_MAX` entries
/// stay; older ones are deleted.
async fn persist_entry(database: &Database, room: &RoomId, entry: &LogEntry) -> sqlx::Result<()> {
    sqlx::query(
        "insert into moderation_log (room_id, number, entry) values ($1, $2, $3)
         on conflict (room_id, number) do update set entry = excluded.entry",
    )
    .bind(room.as_str())
    .bind(i64::from(entry.number))
    .bind(serde_json::to_string(entry).unwrap_or_default())
    .execute(database.writer())
    .await?;
    sqlx::query("delete from moderation_log where room_id = $1 and number <= $2")
        .bind(room.as_str())
        .bind(i64::from(entry.number) - LOG_MAX as i64)
        .execute(database.writer())
        .await?;
    Ok(())
}

/// The newest entries of a room's log, in the order in which they were made.
pub async fn list_log(database: &Database, room: &RoomId) -> sqlx::Result<Vec<LogEntry>> {
    let rows: Vec<(String,)> =
        sqlx::query_as("select entry from moderation_log where room_id = $1 order by number desc limit $2")
            .bind(room.as_str())
            .bind(LOG_MAX as i64)
            .fetch_all(database.reader())
            .await?;
    let entries = rows
        .iter()
        .rev()
        .filter_map(|(entry,)| serde_json::from_str(entry).ok());
    Ok(entries.collect())
}

const RANKS: [(Rank, &str); 3] = [
    (Rank::Listener, "listener"),
    (Rank::Speaker, "speaker"),
    (Rank::CoHost, "co_host"),
];

/// Writes what the room remembers about a person. If the record has only default values, its row is deleted.
async fn persist_record(
    database: &Database,
    room: &RoomId,
    user: &UserId,
    record: &ModerationRecord,
) -> sqlx::Result<()> {
    if *record == ModerationRecord::default() {
        sqlx::query("delete from standings where room_id = $1 and user_id = $2")
            .bind(room.as_str())
            .bind(user.as_str())
            .execute(database.writer())
            .await?;
        return Ok(());
    }
    let word = RANKS
        .iter()
        .find(|(rank, _)| *rank == record.rank)
        .map_or("listener", |(_, word)| word);
    sqlx::query(
        "insert into standings (room_id, user_id, rank, held, vouched, barred, barred_until) values ($1, $2, $3, $4, $5, $6, $7)
         on conflict (room_id, user_id) do update set rank = excluded.rank, held = excluded.held, vouched = excluded.vouched,
            barred = excluded.barred, barred_until = excluded.barred_until",
    )
    .bind(room.as_str())
    .bind(user.as_str())
    .bind(word)
    .bind(i64::from(record.muted_by_host))
    .bind(i64::from(record.vouched))
    .bind(i64::from(record.bar.is_some()))
    .bind(record.bar.as_ref().and_then(|bar| bar.until_s))
    .execute(database.writer())
    .await?;
    Ok(())
}

#[derive(FromRow)]
struct RecordColumns {
    #[sqlx(flatten)]
    about: PersonColumns,
    rank: String,
    held: i64,
    vouched: i64,
    barred: i64,
    barred_until: Option<i64>,
    guest: i64,
}

impl RecordColumns {
    fn into_record(self) -> Option<(UserId, ModerationRecord)> {
        let person = self.about.into_person()?;
        let user = person.id.clone();
        let rank = RANKS.iter().find(|(_, word)| *word == self.rank)?.0;
        let bar = Barred {
            person,
            until_s: self.barred_until,
            guest: self.guest != 0,
        };
        let record = ModerationRecord {
            rank,
            muted_by_host: self.held != 0,
            vouched: self.vouched != 0,
            bar: (self.barred != 0).then_some(bar),
        };
        Some((user, record))
    }
}

/// The moderation records of a room.
pub async fn list_records(database: &Database, room: &RoomId) -> sqlx::Result<Vec<(UserId, ModerationRecord)>> {
    let rows: Vec<RecordColumns> = sqlx::query_as(AssertSqlSafe(format!(
        "select {PERSON_COLUMNS}, rank, held, vouched, barred, barred_until,
                cast(case when users.email is null and users.owner_at is null then 1 else 0 end as bigint) as guest
           from standings join users on users.id = standings.user_id where room_id = $1"
    )))
    .bind(room.as_str())
    .fetch_all(database.reader())
    .await?;
    Ok(rows.into_iter().filter_map(RecordColumns::into_record).collect())
}
