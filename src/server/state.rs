//! The state of the running server. It is always passed as an argument and never global.
//!
//! Live rooms, voice connections and the cache of sessions exist only in this memory, so a Snug is always one process.

use super::{
    avatars::{AvatarStore, workers::PictureWorkers},
    clock::Clock,
    config::{Config, VoiceConfig},
    database::Database,
    fail_point::FailPoints,
    keyring::Keyring,
    limit::RefusalLog,
    mail::Mail,
    open_sockets::OpenSockets,
    token_rotation_batch::RotationQueue,
    voice::{Voice, VoiceSetup, registry::VoiceCaps},
};
use crate::model::id::{SessionId, UserId};
use anyhow::Context;
use std::{
    collections::HashMap,
    ops::Deref,
    sync::{Arc, RwLock},
};
use tokio::sync::{broadcast, watch};

/// The state that all requests share. It is one `Arc`, so it is cheap to clone.
#[derive(Clone)]
pub struct AppState(Arc<AppStateInner>);

/// The contents of an [`AppState`].
pub struct AppStateInner {
    pub config: Config,
    pub clock: Clock,
    pub database: Database,
    pub keyring: Keyring,
    pub mail: Mail,
    pub voice: Voice,
    pub avatars: AvatarStore,
    pub picture_workers: PictureWorkers,
    pub sessions: SessionCache,
    pub fail_points: FailPoints,
    pub rotations: RotationQueue,
    pub rights: Rights,
    pub sockets: OpenSockets,
    pub refusals: RefusalLog,
}

impl Deref for AppState {
    type Target = AppStateInner;

    fn deref(&self) -> &AppStateInner {
        &self.0
    }
}

impl AppState {
    /// Opens the database, the keyring, the outbox or mail server, and the avatar store, and starts the voice engine.
    ///
    /// # Errors
    /// If one of them can't be opened. The message says what to do.
    pub async fn open(config: Config) -> anyhow::Result<Self> {
        let avatars = AvatarStore::open(&config.pictures, &config.data_dir)?;
        Self::open_with(config, avatars).await
    }

    /// Like [`AppState::open`], but with the given avatar store.
    ///
    /// # Errors
    /// The errors of [`AppState::open`].
    pub async fn open_with(config: Config, avatars: AvatarStore) -> anyhow::Result<Self> {
        let folder = &config.data_dir;
        std::fs::create_dir_all(folder).with_context(|| {
            format!(
                "can't write to the data folder {} (snug.data.dir, SNUG_DATA_DIR)",
                folder.display()
            )
        })?;
        let database = Database::open(&config.database_url).await?;
        let has_sessions = has_sessions(&database).await?;
        Ok(Self(Arc::new(AppStateInner {
            clock: Clock::default(),
            keyring: Keyring::open(&folder.join("keyring.json"), !has_sessions)?,
            mail: Mail::open(&config.mail, folder)?,
            voice: Voice::start(&voice_setup(&config.voice))?,
            avatars,
            picture_workers: PictureWorkers::default(),
            sessions: SessionCache::default(),
            fail_points: FailPoints::default(),
            rotations: RotationQueue::default(),
            rights: Rights::default(),
            sockets: OpenSockets::default(),
            refusals: RefusalLog::default(),
            database,
            config,
        })))
    }

    /// Unix time in seconds.
    pub fn now_s(&self) -> i64 {
        self.clock.now_s()
    }
}

fn voice_setup(config: &VoiceConfig) -> VoiceSetup {
    VoiceSetup {
        udp_port: config.udp_port,
        advertise: config.advertise.clone(),
        caps: VoiceCaps {
            people_per_room: config.people_per_room,
            peers_per_user: config.peers_per_user,
            peers_per_address: config.peers_per_address,
        },
    }
}

async fn has_sessions(database: &Database) -> sqlx::Result<bool> {
    let row: Option<(String,)> = sqlx::query_as("select id from sessions limit 1")
        .fetch_optional(database.reader())
        .await?;
    Ok(row.is_some())
}

/// Announces changes of users' rights to see and enter rooms, so that open sockets check them again.
pub struct Rights(broadcast::Sender<UserId>);

impl Default for Rights {
    fn default() -> Self {
        Self(broadcast::Sender::new(256))
    }
}

impl Rights {
    /// Announces that the rights of `user` have changed.
    pub fn changed_of(&self, user: &UserId) {
        // An error means that no socket is open, so there is nobody to tell.
        let _ = self.0.send(user.clone());
    }

    /// Watches the rights of `user`.
    pub fn watch(&self, user: &UserId) -> RightsOf {
        RightsOf {
            changes: self.0.subscribe(),
            user: user.clone(),
        }
    }
}

/// Receives the changes of one user's rights.
pub struct RightsOf {
    changes: broadcast::Receiver<UserId>,
    user: UserId,
}

impl RightsOf {
    /// Returns when the user's rights have changed, or when this receiver has missed announcements and the rights may have changed.
    /// Cancel safe: if the future is dropped, no change is lost.
    pub async fn changed(&mut self) {
        loop {
            match self.changes.recv().await {
                Ok(user) if user != self.user => (),
                Err(broadcast::error::RecvError::Closed) => std::future::pending().await,
                Ok(_) | Err(broadcast::error::RecvError::Lagged(_)) => return,
            }
        }
    }
}

/// What the server remembers about sessions between requests, so that most requests don't need a query about their session.
#[derive(Default)]
pub struct SessionCache {
    /// Revoked sessions, each with the time at which its last access token expires (unix seconds). They are checked on every request, so
    /// signing out takes effect at once.
    revoked: RwLock<HashMap<SessionId, i64>>,
    /// Changes with each revocation, so that sockets close at once.
    revocations: watch::Sender<()>,
    /// For each session, the generation that is already confirmed in the database.
    confirmed: RwLock<HashMap<SessionId, i64>>,
}

impl SessionCache {
    /// Refuses every request of this session from now on.
    pub fn mark_revoked(&self, session: SessionId, now_s: i64, access_ttl_s: i64) {
        let mut revoked = self.revoked.write().unwrap_or_else(|poisoned| poisoned.into_inner());
        revoked.retain(|_, until| *until > now_s);
        revoked.insert(session, now_s + access_ttl_s + 1);
        drop(revoked);
        self.revocations.send_replace(());
    }

    /// Changes whenever a session is marked as revoked.
    pub fn revocations(&self) -> watch::Receiver<()> {
        self.revocations.subscribe()
    }

    pub fn is_revoked(&self, session: &SessionId) -> bool {
        self.revoked
            .read()
            .unwrap_or_else(|poisoned| poisoned.into_inner())
            .contains_key(session)
    }

    /// Remembers that this generation of the session is confirmed. Returns whether it already was.
    pub fn confirm(&self, session: &SessionId, generation: i64) -> bool {
        if self
            .confirmed
            .read()
            .unwrap_or_else(|poisoned| poisoned.into_inner())
            .get(session)
            == Some(&generation)
        {
            return true;
        }
        let mut confirmed = self.confirmed.write().unwrap_or_else(|poisoned| poisoned.into_inner());
        // This limits the memory. Each forgotten session costs only one more write to the database.
        if confirmed.len() > 100_000 {
            confirmed.clear();
        }
        confirmed.insert(session.clone(), generation);
        false
    }

    /// Forgets a confirmation that could not be written, so that the next request tries again.
    pub fn forget_confirmed(&self, session: &SessionId) {
        self.confirmed
            .write()
            .unwrap_or_else(|poisoned| poisoned.into_inner())
            .remove(session);
    }
}
