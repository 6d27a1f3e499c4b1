//! A WebSocket to the server. When the connection is lost, it is opened again after a pause.

use crate::{
    api::{
        self,
        client::{refresh_if_due, socket_address},
    },
    browser::{
        page::{self, EventListener},
        socket::{Socket, SocketEvent},
        timer::sleep_ms,
    },
};
use leptos::{prelude::*, task::spawn_local};
use std::{
    cell::{Cell, RefCell},
    rc::{Rc, Weak},
};

/// The close code "Service Restart" of IANA's registry of WebSocket close codes. A server that stops sends this code to all pages.
const SERVICE_RESTART: u16 = 1012;
/// The event of a socket whose connection broke without a close frame (RFC 6455 section 7.4.1).
const BROKEN: SocketEvent = SocketEvent::Closed { code: 1006 };

/// The state of the socket.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SocketState {
    Opening,
    Open,
    /// The connection is lost. The socket waits for the next attempt to connect, or is making that attempt.
    Lost {
        /// The number of that attempt, from 1.
        attempt: u32,
        /// Whether the server has said that it restarts.
        restarting: bool,
    },
    /// Closed for good.
    Over,
}

/// A socket that is opened again whenever it is lost, until this value is dropped.
#[derive(Clone)]
pub struct ReconnectingSocket(Rc<SocketInner>);

struct SocketInner {
    path: String,
    state: RwSignal<SocketState>,
    on_message: Box<dyn Fn(String)>,
    socket: RefCell<Option<Socket>>,
    attempts: Cell<u32>,
    /// Whether the last attempt to connect has failed or is still going on. The browser does not say why an attempt was refused,
    /// but the access token may have expired. So the next attempt first calls an endpoint: such a call refreshes the token if
    /// necessary.
    refused: Cell<bool>,
    /// Whether the server has said that it restarts, and the socket has not been open again since then.
    restarting: Cell<bool>,
    /// The number of the current connection. Events of an older connection are ignored.
    generation: Cell<u32>,
    listeners: RefCell<Vec<EventListener>>,
}

impl ReconnectingSocket {
    /// Opens a socket to `path`, and calls `on_message` with the text of each message.
    pub fn open(path: String, state: RwSignal<SocketState>, on_message: impl Fn(String) + 'static) -> Self {
        let shared = Rc::new(SocketInner {
            path,
            state,
            on_message: Box::new(on_message),
            socket: RefCell::default(),
            attempts: Cell::new(0),
            refused: Cell::new(false),
            restarting: Cell::new(false),
            generation: Cell::new(0),
            listeners: RefCell::default(),
        });
        let (hide, back) = (Rc::downgrade(&shared), Rc::downgrade(&shared));
        let [shown, online] = page::on_return(move || retry(&back));
        // Close the socket when the page goes away. Otherwise others would still see the person in the room.
        let hidden = page::on_hide(move || drop(hide.upgrade().and_then(|shared| shared.socket.take())));
        shared.listeners.replace(vec![hidden, shown, online]);
        connect(Rc::downgrade(&shared));
        Self(shared)
    }

    /// Sends text. The text is lost if the socket is not open.
    pub fn send(&self, text: &str) {
        if let Some(socket) = &*self.0.socket.borrow() {
            socket.send(text);
        }
    }

    /// Drops the connection and makes another one, even if the connection looks open.
    pub fn reopen(&self) {
        let socket = self.0.socket.take();
        spawn_local(async move { drop(socket) });
        report(&Rc::downgrade(&self.0), self.0.generation.get(), BROKEN);
    }

    /// Closes the socket for good.
    pub fn hang_up(&self) {
        self.0.generation.set(self.0.generation.get() + 1);
        self.0.state.set(SocketState::Over);
        // Drop the socket later: this code can run in a callback of the socket, and a callback must not be dropped while it runs.
        let socket = self.0.socket.take();
        spawn_local(async move { drop(socket) });
    }
}

fn retry(shared: &Weak<SocketInner>) {
    let Some(inner) = shared.upgrade() else { return };
    let is_down = inner.socket.borrow().is_none() || matches!(inner.state.get_untracked(), SocketState::Lost { .. });
    if is_down && inner.state.get_untracked() != SocketState::Over {
        connect(shared.clone());
    }
}

fn connect(shared: Weak<SocketInner>) {
    let Some(inner) = shared.upgrade() else { return };
    let generation = inner.generation.get() + 1;
    inner.generation.set(generation);
    let was_refused = inner.refused.replace(true);
    drop(inner);
    spawn_local(async move {
        match was_refused {
            true => drop(api::auth::me().await),
            false => refresh_if_due().await,
        }
        let Some(inner) = shared.upgrade().filter(|inner| inner.generation.get() == generation) else {
            return;
        };
        let reports = shared.clone();
        let socket = Socket::open(&socket_address(&inner.path), move |event| {
            report(&reports, generation, event)
        });
        let refused = socket.is_none();
        inner.socket.replace(socket);
        if refused {
            report(&shared, generation, BROKEN);
        }
    });
}

fn report(shared: &Weak<SocketInner>, generation: u32, event: SocketEvent) {
    let Some(inner) = shared.upgrade().filter(|inner| inner.generation.get() == generation) else {
        return;
    };
    match event {
        SocketEvent::Open => {
            inner.attempts.set(0);
            inner.refused.set(false);
            inner.restarting.set(false);
            inner.state.set(SocketState::Open);
        }
        SocketEvent::Text(text) => (inner.on_message)(text),
        SocketEvent::Closed { code } => {
            let attempt = inner.attempts.get() + 1;
            inner.attempts.set(attempt);
            let restarting = inner.restarting.get() || code == SERVICE_RESTART;
            inner.restarting.set(restarting);
            inner.state.set(SocketState::Lost { attempt, restarting });
            let shared = shared.clone();
            spawn_local(async move {
                sleep_ms(pause_ms(attempt, page::random_below(1_000))).await;
                if shared
                    .upgrade()
                    .is_some_and(|inner| inner.generation.get() == generation)
                {
                    connect(shared);
                }
            });
        }
    }
}

/// The pause before an attempt, in milliseconds. The full pause doubles from 0.5 s to 10 s. It is shortened by up to half, depending
/// on `chance` (0 to 999), so that the clients do not all come back at the same moment.
pub fn pause_ms(attempt: u32, chance: u32) -> u32 {
    let full = (250u32 << attempt.min(6)).min(10_000);
    full / 2 + full / 2 * chance / 1_000
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_double_up_to_ten_seconds() {
        assert_eq!(pause_ms(1, 0), 250);
        assert_eq!(pause_ms(2, 0), 500);
        assert!((1..100).all(|attempt| pause_ms(attempt, 999) <= 10_000));
        assert!(pause_ms(100, 0) >= 5_000);
    }
}
