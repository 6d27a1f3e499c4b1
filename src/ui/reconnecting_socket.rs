//! A WebSocket to the server. When the connection is lost, it is opened again after a pause.

mod connection_attempts;
mod liveness;
mod socket_state;

pub use socket_state::SocketState;

use crate::{
    api::{
        self,
        client::{refresh_if_due, socket_address},
    },
    browser::{
        page::{self, EventListener},
        socket::{Socket, SocketEvent},
        timer::{now_ms, sleep_ms},
    },
    model::signal::{ClientSignal, MOVED_CODE, TOO_MANY_PAGES_CODE},
};
use connection_attempts::ConnectionAttempts;
use leptos::{prelude::*, task::spawn_local};
use liveness::{Liveness, PING_EVERY_MS, PONG_WITHIN_MS, QUICK_PONG_WITHIN_MS};
use std::{
    cell::{Cell, RefCell},
    rc::{Rc, Weak},
};

/// If the present connection is lost, a connection beside it has this long to work, in milliseconds, before another one is made.
const BESIDE_WITHIN_MS: u32 = 2_000;
/// On a slow network, a connection beside the present one gets this long, in milliseconds, before another one takes its place.
const BESIDE_STAYS_MS: f64 = 10_000.0;
/// The event of a socket whose connection broke without a close frame (RFC 6455 section 7.4.1).
const BROKEN: SocketEvent = SocketEvent::Closed { code: 1006 };

/// A socket that is opened again whenever it is lost, until this value is dropped.
#[derive(Clone)]
pub struct ReconnectingSocket(Rc<SocketInner>);

struct SocketInner {
    path: String,
    state: RwSignal<SocketState>,
    on_message: Box<dyn Fn(String)>,
    socket: RefCell<Option<Socket>>,
    /// The generation of `socket`. Events of an older connection are ignored.
    generation: Cell<u32>,
    /// A newer connection that is being made beside `socket`, which perhaps is dead. When its first message arrives, it takes the place
    /// of `socket`. Before that, the server may not know yet that the two belong together.
    beside: RefCell<Option<Socket>>,
    beside_generation: Cell<Option<u32>>,
    /// When that connection was begun.
    beside_since_ms: Cell<f64>,
    /// The generation of the newest connection.
    newest: Cell<u32>,
    attempts: RefCell<ConnectionAttempts>,
    liveness: Cell<Liveness>,
    pings: Cell<u32>,
    listeners: RefCell<Vec<EventListener>>,
}

/// Where a new connection goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    /// It replaces the present connection at once.
    Instead,
    /// The present connection stays until the new one works.
    Beside,
}

impl ReconnectingSocket {
    /// Opens a socket to `path`, and calls `on_message` with the text of each message.
    pub fn open(path: String, state: RwSignal<SocketState>, on_message: impl Fn(String) + 'static) -> Self {
        let shared = Rc::new(SocketInner {
            path,
            state,
            on_message: Box::new(on_message),
            socket: RefCell::default(),
            generation: Cell::new(0),
            beside: RefCell::default(),
            beside_generation: Cell::new(None),
            beside_since_ms: Cell::new(0.0),
            newest: Cell::new(0),
            attempts: RefCell::default(),
            liveness: Cell::default(),
            pings: Cell::new(0),
            listeners: RefCell::default(),
        });
        let (hide, back, seen) = (Rc::downgrade(&shared), Rc::downgrade(&shared), Rc::downgrade(&shared));
        let [shown, online] = page::on_return(move || retry(&back));
        let visible = page::on_visibility(move |is_hidden| {
            if !is_hidden {
                retry(&seen);
            }
        });
        // Close the socket when the page goes away. Otherwise others would still see the person in the room.
        let hidden = page::on_hide(move || {
            if let Some(inner) = hide.upgrade() {
                inner.beside_generation.set(None);
                drop((inner.beside.take(), inner.socket.take()));
            }
        });
        shared.listeners.replace(vec![hidden, shown, online, visible]);
        connect(Rc::downgrade(&shared), Place::Instead);
        spawn_local(ping_regularly(Rc::downgrade(&shared)));
        Self(shared)
    }

    /// Sends text. The text is lost if the socket is not open.
    pub fn send(&self, text: &str) {
        self.0.send(text);
    }

    /// Drops the connection and makes another one, even if the connection looks open.
    pub fn reopen(&self) {
        self.0.lose(&Rc::downgrade(&self.0));
    }

    /// Makes another connection at once, because the present one may be dead. The present one stays until the new one works. If there is
    /// such a connection already, it gets some time. But after a change of the network (`is_other_network`), it may be as dead.
    pub fn renew(&self, is_other_network: bool) {
        let age_ms = self
            .0
            .beside_generation
            .get()
            .map(|_| now_ms() - self.0.beside_since_ms.get());
        if !self.0.state.get_untracked().is_final() && must_replace(age_ms, is_other_network) {
            connect(Rc::downgrade(&self.0), Place::Beside);
        }
    }

    /// Closes the socket for good.
    pub fn hang_up(&self) {
        self.0.newest.set(self.0.newest.get() + 1);
        self.0.generation.set(self.0.newest.get());
        self.0.state.set(SocketState::Over);
        self.0.beside_generation.set(None);
        // Drop the sockets later: this code can run in a callback of a socket, and a callback must not be dropped while it runs.
        let sockets = (self.0.beside.take(), self.0.socket.take());
        spawn_local(async move { drop(sockets) });
    }
}

impl SocketInner {
    fn send(&self, text: &str) {
        if let Some(socket) = &*self.socket.borrow() {
            socket.send(text);
        }
    }

    /// Treats the present connection as broken.
    fn lose(&self, shared: &Weak<SocketInner>) {
        give_up(self.socket.take());
        report(shared, self.generation.get(), BROKEN);
    }

    fn give_up_beside(&self) {
        self.beside_generation.set(None);
        give_up(self.beside.take());
    }

    /// Puts the connection beside the present one into its place.
    fn take_beside(&self, generation: u32) {
        self.beside_generation.set(None);
        self.generation.set(generation);
        give_up(self.socket.replace(self.beside.take()));
        self.note_open();
    }

    fn note_open(&self) {
        self.attempts.borrow_mut().on_open();
        self.state.set(SocketState::Open);
    }

    fn pause_ms(&self) -> u32 {
        self.attempts.borrow().pause_ms(page::random_below(1_000))
    }
}

/// Closes a socket that is dead or replaced, so that the server does not take it for a goodbye. The socket is dropped later: this code can
/// run in one of its callbacks, and a callback must not be dropped while it runs.
fn give_up(socket: Option<Socket>) {
    if let Some(socket) = socket {
        spawn_local(async move { socket.give_up() });
    }
}

/// Connects at once if the connection is lost, and otherwise checks whether it still works.
fn retry(shared: &Weak<SocketInner>) {
    let Some(inner) = shared.upgrade() else { return };
    let state = inner.state.get_untracked();
    let is_down = inner.socket.borrow().is_none() || matches!(state, SocketState::Lost { .. });
    match is_down {
        _ if state.is_final() => {}
        true => connect(shared.clone(), Place::Instead),
        false => ping(shared, QUICK_PONG_WITHIN_MS),
    }
}

async fn ping_regularly(shared: Weak<SocketInner>) {
    loop {
        sleep_ms(PING_EVERY_MS).await;
        match shared.upgrade().map(|inner| inner.state.get_untracked()) {
            None => return,
            Some(state) if state.is_final() => return,
            Some(SocketState::Open) => ping(&shared, PONG_WITHIN_MS),
            Some(_) => {}
        }
    }
}

/// Sends a ping, and treats the connection as broken if nothing arrives within `within_ms`.
fn ping(shared: &Weak<SocketInner>, within_ms: u32) {
    let Some(inner) = shared.upgrade() else { return };
    inner.pings.set(inner.pings.get().wrapping_add(1));
    let signal = ClientSignal::Ping { n: inner.pings.get() };
    inner.send(&serde_json::to_string(&signal).unwrap_or_default());
    let (sent, generation) = (inner.liveness.get().send_ping(), inner.generation.get());
    let shared = shared.clone();
    spawn_local(async move {
        sleep_ms(within_ms).await;
        let Some(inner) = shared.upgrade() else { return };
        let is_open = inner.state.get_untracked() == SocketState::Open && inner.generation.get() == generation;
        if is_open && inner.liveness.get().is_dead_after(sent) {
            inner.lose(&shared);
        }
    });
}

fn connect(shared: Weak<SocketInner>, place: Place) {
    let Some(inner) = shared.upgrade() else { return };
    let generation = inner.newest.get() + 1;
    inner.newest.set(generation);
    inner.give_up_beside();
    match place {
        Place::Instead => inner.generation.set(generation),
        Place::Beside => {
            inner.beside_generation.set(Some(generation));
            inner.beside_since_ms.set(now_ms());
        }
    }
    let doubts_the_token = inner.attempts.borrow_mut().begin();
    drop(inner);
    spawn_local(async move {
        match doubts_the_token {
            true => drop(api::auth::me().await),
            false => refresh_if_due().await,
        }
        let is_wanted = |inner: &Rc<SocketInner>| match place {
            Place::Instead => inner.generation.get() == generation,
            Place::Beside => inner.beside_generation.get() == Some(generation),
        };
        let Some(inner) = shared.upgrade().filter(is_wanted) else {
            return;
        };
        let reports = shared.clone();
        let socket = Socket::open(&socket_address(&inner.path), move |event| {
            report(&reports, generation, event)
        });
        let refused = socket.is_none();
        match place {
            Place::Instead => give_up(inner.socket.replace(socket)),
            Place::Beside => give_up(inner.beside.replace(socket)),
        }
        if refused {
            report(&shared, generation, BROKEN);
        }
    });
}

fn report(shared: &Weak<SocketInner>, generation: u32, event: SocketEvent) {
    let Some(inner) = shared.upgrade() else { return };
    if inner.beside_generation.get() == Some(generation) {
        match event {
            // The server may still treat the two connections as two pages, until its first message arrives.
            SocketEvent::Open => return,
            SocketEvent::Text(_) => inner.take_beside(generation),
            // The present connection stays, and if it is lost, it is opened again after its own pause.
            SocketEvent::Closed { .. } => return inner.give_up_beside(),
        }
    }
    if inner.generation.get() != generation {
        return;
    }
    match event {
        SocketEvent::Open => {
            inner.note_open();
            // The answer shows that the server knows pings.
            ping(shared, PONG_WITHIN_MS);
        }
        SocketEvent::Text(text) => {
            let mut liveness = inner.liveness.get();
            let is_pong = liveness.note(&text);
            inner.liveness.set(liveness);
            if !is_pong {
                (inner.on_message)(text);
            }
        }
        SocketEvent::Closed {
            code: TOO_MANY_PAGES_CODE,
        } => {
            // The room's page may have hung up already, because the room said why.
            if inner.state.get_untracked() != SocketState::Over {
                inner.state.set(SocketState::MadeRoom);
            }
        }
        // The connection beside this one has taken its place, and its first message arrives in a moment. Or two connections of this page
        // have overtaken each other on the way. The person has not left, so nothing needs to be said.
        SocketEvent::Closed { code: MOVED_CODE } => spawn_local(connect_after(0, shared.clone(), generation)),
        SocketEvent::Closed { code } => {
            let state = inner.attempts.borrow_mut().on_closed(code);
            inner.state.set(state);
            spawn_local(connect_after(inner.pause_ms(), shared.clone(), generation));
        }
    }
}

/// Makes another connection after a pause, if the connection with this generation has not been replaced meanwhile.
async fn connect_after(pause_ms: u32, shared: Weak<SocketInner>, generation: u32) {
    sleep_ms(pause_ms).await;
    let has_beside = |inner: Rc<SocketInner>| inner.beside_generation.get().is_some();
    if shared.upgrade().is_some_and(has_beside) {
        sleep_ms(BESIDE_WITHIN_MS).await;
    }
    let is_lost = |inner: Rc<SocketInner>| inner.generation.get() == generation;
    if shared.upgrade().is_some_and(is_lost) {
        connect(shared, Place::Instead);
    }
}

/// Whether to make a new connection beside the present one. If there is such a connection already, `age_ms` is its age, and the new one
/// replaces it.
fn must_replace(age_ms: Option<f64>, is_other_network: bool) -> bool {
    is_other_network || age_ms.is_none_or(|age_ms| age_ms >= BESIDE_STAYS_MS)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_connection_beside_the_present_one_gets_time_unless_the_network_changes() {
        assert!(must_replace(None, false));
        assert!(!must_replace(Some(3_000.0), false) && must_replace(Some(3_000.0), true));
        assert!(must_replace(Some(10_000.0), false));
    }
}
