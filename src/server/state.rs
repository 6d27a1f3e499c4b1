//! The state of the running server. It is always passed as an argument and never global.
//!
//! Live rooms, voice connections and the cache of sessions exist only in the memory of the server, so a Snug is always one process.

use super::{
    avatars::{AvatarStore, workers::PictureWorkers},
    backup::{self, BackupStatus},
    clock::Clock,
    config::Config,
    config_source::ConfigSource,
    current_limits::CurrentLimits,
    data_lock::DataLock,
    database::Database,
    database_schema::{self, SchemaAge},
    fail_point::FailPoints,
    health_runs::HealthRuns,
    keyring::{Keyring, Purpose},
    limit::RefusalLog,
    mail::Mail,
    open_files,
    open_sockets::OpenSockets,
    readiness::Readiness,
    refresh_outcomes::RefreshOutcomes,
    request_counts::RequestCounts,
    signal_budgets::SignalBudgets,
    snug_info::{cache::SnugInfoCache, store::find_text},
    stripped_upgrades::StrippedUpgrades,
    tls::{CertificateStatus, ServerTls},
    token_rotation_batch::RotationQueue,
    voice::{AdvertiseSetup, Voice, VoiceSetup, VoiceSockets, probe::ProbeKey, registry::VoiceCaps},
};
use crate::model::{
    id::{SessionId, UserId},
    snug_info::SnugText,
};
use std::{
    collections::HashMap,
    ops::Deref,
    sync::{Arc, RwLock},
};
use tokio::sync::{broadcast, watch};

/// An age in seconds that no token reaches. Small enough that the database can add it to a unix time.
const NEVER_S: i64 = 1 << 60;

/// The state that all requests share. It is one `Arc`, so it is cheap to clone.
#[derive(Clone)]
pub struct AppState(Arc<AppStateInner>);

/// The contents of an [`AppState`].
pub struct AppStateInner {
    pub config: Config,
    /// How to read the configuration again.
    pub config_source: ConfigSource,
    /// The limits per minute, hour and day. Those in `config` are the ones of the start.
    pub limits: CurrentLimits,
    pub clock: Clock,
    pub database: Database,
    pub keyring: Keyring,
    pub mail: Mail,
    pub voice: Voice,
    pub avatars: AvatarStore,
    pub backups: BackupStatus,
    pub picture_workers: PictureWorkers,
    pub sessions: SessionCache,
    pub fail_points: FailPoints,
    pub rotations: RotationQueue,
    pub refreshes: RefreshOutcomes,
    pub requests: RequestCounts,
    pub rights: Rights,
    pub sockets: OpenSockets,
    pub signal_budgets: SignalBudgets,
    pub stripped_upgrades: StrippedUpgrades,
    pub readiness: Readiness,
    pub health_runs: HealthRuns,
    /// Shared with `main.rs`, which takes it before anything else is opened.
    pub data_lock: Arc<DataLock>,
    pub refusals: RefusalLog,
    pub snug_info: SnugInfoCache,
    /// When this process started, in unix seconds.
    pub started_at_s: i64,
    /// `None` if Snug does not end TLS itself.
    pub tls: Option<ServerTls>,
    /// What is known about the certificate; `None` if Snug does not end TLS itself.
    pub certificates: Option<CertificateStatus>,
}

impl Deref for AppState {
    type Target = AppStateInner;

    fn deref(&self) -> &AppStateInner {
        &self.0
    }
}

impl AppState {
    /// Takes the data lock, and then does what [`AppState::open_locked`] does.
    ///
    /// # Errors
    /// If another process uses the data, and the errors of [`AppState::open_locked`].
    pub async fn open(config: Config) -> anyhow::Result<Self> {
        let lock = DataLock::take(&config).await?;
        Self::open_locked(config, lock, VoiceSockets::default()).await
    }

    /// Completes a restore that was interrupted. Makes a backup if the database has to be migrated, and migrates it. Opens the keyring, the
    /// outbox or mail server, and the avatar store, and starts the voice engine, which uses `sockets`. `router::serve` releases the lock when
    /// it ends.
    ///
    /// # Errors
    /// If one of them can't be opened. The message says what to do. The lock is then released.
    pub async fn open_locked(config: Config, lock: DataLock, sockets: VoiceSockets) -> anyhow::Result<Self> {
        let lock = Arc::new(lock);
        let opened = Self::open_all(config, lock.clone(), sockets).await;
        if opened.is_err() {
            lock.release().await;
        }
        opened
    }

    async fn open_all(config: Config, data_lock: Arc<DataLock>, sockets: VoiceSockets) -> anyhow::Result<Self> {
        let folder = &config.data_dir;
        backup::recover(&config)?;
        let clock = Clock::default();
        let tls = ServerTls::open(&config, clock.now_s())?;
        let database = Database::connect(&config.database_url, data_lock.fence()).await?;
        let is_upgrade = database_schema::check(&database).await? == SchemaAge::Older;
        if is_upgrade {
            backup::before_upgrade(&config).await?;
        }
        database_schema::migrate(&database).await?;
        if is_upgrade {
            // Not before: if the migration fails halfway, only the first backup is from before it.
            backup::after_upgrade(&config);
        }
        let has_sessions = has_sessions(&database).await?;
        let text = find_text(&database).await?.unwrap_or_else(|| SnugText {
            name: config.name.clone(),
            line: String::new(),
        });
        let rights = Rights::default();
        let wall_clock = clock.clone();
        let keyring = Keyring::open(&folder.join("keyring.json"), !has_sessions)?;
        let voice_setup = voice_setup(&config, &keyring);
        Ok(Self(Arc::new(AppStateInner {
            keyring,
            mail: Mail::open(&config.mail, folder)?,
            avatars: AvatarStore::open(&config.pictures, folder)?,
            voice: Voice::start(&voice_setup, sockets, rights.sender(), move || wall_clock.now_s())?,
            backups: BackupStatus::default(),
            picture_workers: PictureWorkers::default(),
            sessions: SessionCache::default(),
            fail_points: FailPoints::default(),
            rotations: RotationQueue::default(),
            refreshes: RefreshOutcomes::default(),
            requests: RequestCounts::default(),
            started_at_s: clock.now_s(),
            rights,
            clock,
            sockets: OpenSockets::new(config.limits.sockets_per_person()),
            signal_budgets: SignalBudgets::new(config.signals_per_second_per_address(), config.limits.enforced),
            stripped_upgrades: StrippedUpgrades::default(),
            readiness: Readiness::default(),
            health_runs: HealthRuns::default(),
            data_lock,
            refusals: RefusalLog::default(),
            snug_info: SnugInfoCache::new(text),
            certificates: tls.as_ref().map(ServerTls::status),
            tls,
            database,
            limits: CurrentLimits::new(config.limits.clone()),
            config_source: ConfigSource::default(),
            config,
        })))
    }

    /// Unix time in seconds.
    pub fn now_s(&self) -> i64 {
        self.clock.now_s()
    }

    /// The age in seconds at which a token counts as delivered: the setting `auth.confirm_seconds`. After a jump of the wall clock,
    /// the difference of two unix times does not say how old a token is. So until the clock has been steady for this time, no token
    /// counts as delivered, and tokens are neither rotated nor confirmed. Call this after you have read the time.
    pub fn confirm_s(&self) -> i64 {
        let confirm_s = self.config.auth.confirm_after.as_secs() as i64;
        match self.clock.is_steady_for(confirm_s) {
            true => confirm_s,
            false => NEVER_S,
        }
    }
}

fn voice_setup(config: &Config, keyring: &Keyring) -> VoiceSetup {
    let voice = &config.voice;
    VoiceSetup {
        udp_port: voice.udp_port,
        tcp_port: voice.tcp_port,
        shared_tcp_port: config.shared_tcp_port(),
        advertise: AdvertiseSetup {
            interfaces: voice.advertise.includes_interfaces(),
            addresses: voice.advertise.addresses.clone(),
            names: voice.advertise.names.clone(),
        },
        caps: VoiceCaps {
            people_per_room: voice.people_per_room,
            peers_per_user: voice.peers_per_user,
            peers_per_address: voice.peers_per_address,
            hosts_are_paced: config.limits.enforced,
        },
        tcp_connections: open_files::for_voices(open_files::limit()),
        relays: voice.turn_hosts(),
        probe_key: voice_probe_key(keyring),
    }
}

/// The key with which `snug doctor` asks the voice port of the Snug that has this keyring.
pub fn voice_probe_key(keyring: &Keyring) -> ProbeKey {
    ProbeKey::new(&keyring.mac(Purpose::Probe, &[b"voice"]))
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

    /// The voice engine announces changes of rights here, without waiting for anything.
    pub fn sender(&self) -> broadcast::Sender<UserId> {
        self.0.clone()
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
    /// Revoked sessions, each with the time at which its last access token has expired (seconds of the monotonic clock, so that a jump
    /// of the wall clock brings no session back). They are checked on every request, so signing out takes effect at once.
    revoked: RwLock<HashMap<SessionId, i64>>,
    /// Changes with each revocation, so that sockets close at once.
    revocations: watch::Sender<()>,
    /// For each session, the generation that is already confirmed in the database.
    confirmed: RwLock<HashMap<SessionId, i64>>,
}

impl SessionCache {
    /// Refuses every request of this session from now on, which is `elapsed_s` on the monotonic clock.
    pub fn mark_revoked(&self, session: SessionId, elapsed_s: i64, access_ttl_s: i64) {
        let mut revoked = self.revoked.write().unwrap_or_else(|poisoned| poisoned.into_inner());
        revoked.retain(|_, until| *until > elapsed_s);
        revoked.insert(session, elapsed_s + access_ttl_s + 1);
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
