//! A line to the server that opens itself again: a socket, its state, and the patience between attempts.

use crate::{
    api::{
        self,
        client::{refresh_if_due, socket_address},
    },
    browser::{
        countdown::sleep_ms,
        page::{self, Listener},
        socket::{Event, Socket},
    },
};
use leptos::{prelude::*, task::spawn_local};
use std::{
    cell::{Cell, RefCell},
    rc::{Rc, Weak},
};

/// How the line is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LineState {
    Opening,
    Open,
    /// Lost; the so-many-th attempt to open it again is under way or waiting.
    Lost {
        attempt: u32,
    },
    /// Hung up, for good.
    Over,
}

/// An open line. Dropping it says goodbye.
#[derive(Clone)]
pub struct Line(Rc<Held>);

struct Held {
    path: String,
    state: RwSignal<LineState>,
    hear: Box<dyn Fn(String)>,
    socket: RefCell<Option<Socket>>,
    attempts: Cell<u32>,
    /// The last attempt was refused: the browser does not say why, so ask a door first, which refreshes where it must.
    refused: Cell<bool>,
    /// Counts connections, so that news of an older one is not taken for the newer one's.
    turn: Cell<u32>,
    listeners: RefCell<Vec<Listener>>,
}

impl Line {
    /// Opens a line to `path`; `hear` gets each message.
    pub fn open(path: String, state: RwSignal<LineState>, hear: impl Fn(String) + 'static) -> Self {
        let held = Rc::new(Held {
            path,
            state,
            hear: Box::new(hear),
            socket: RefCell::default(),
            attempts: Cell::new(0),
            refused: Cell::new(false),
            turn: Cell::new(0),
            listeners: RefCell::default(),
        });
        let (hide, back) = (Rc::downgrade(&held), Rc::downgrade(&held));
        let [shown, online] = page::on_return(move || retry(&back));
        // A page that goes away says goodbye, so that nobody sees its person linger.
        let hidden = page::on_hide(move || drop(hide.upgrade().and_then(|held| held.socket.take())));
        held.listeners.replace(vec![hidden, shown, online]);
        connect(Rc::downgrade(&held));
        Self(held)
    }

    /// Sends text; lost while the line is not open.
    pub fn send(&self, text: &str) {
        if let Some(socket) = &*self.0.socket.borrow() {
            socket.send(text);
        }
    }

    /// Takes the line for lost, whatever it looks like.
    pub fn reopen(&self) {
        let socket = self.0.socket.take();
        spawn_local(async move { drop(socket) });
        report(&Rc::downgrade(&self.0), self.0.turn.get(), Event::Closed);
    }

    /// Hangs up for good.
    pub fn hang_up(&self) {
        self.0.turn.set(self.0.turn.get() + 1);
        self.0.state.set(LineState::Over);
        // Not now: this may run within the socket's own callback.
        let socket = self.0.socket.take();
        spawn_local(async move { drop(socket) });
    }
}

fn retry(held: &Weak<Held>) {
    let Some(line) = held.upgrade() else { return };
    let is_down = line.socket.borrow().is_none() || matches!(line.state.get_untracked(), LineState::Lost { .. });
    if is_down && line.state.get_untracked() != LineState::Over {
        connect(held.clone());
    }
}

fn connect(held: Weak<Held>) {
    let Some(line) = held.upgrade() else { return };
    let turn = line.turn.get() + 1;
    line.turn.set(turn);
    let was_refused = line.refused.replace(true);
    drop(line);
    spawn_local(async move {
        match was_refused {
            true => drop(api::auth::me().await),
            false => refresh_if_due().await,
        }
        let Some(line) = held.upgrade().filter(|line| line.turn.get() == turn) else {
            return;
        };
        let reports = held.clone();
        let socket = Socket::open(&socket_address(&line.path), move |event| report(&reports, turn, event));
        let refused = socket.is_none();
        line.socket.replace(socket);
        if refused {
            report(&held, turn, Event::Closed);
        }
    });
}

fn report(held: &Weak<Held>, turn: u32, event: Event) {
    let Some(line) = held.upgrade().filter(|line| line.turn.get() == turn) else {
        return;
    };
    match event {
        Event::Open => {
            line.attempts.set(0);
            line.refused.set(false);
            line.state.set(LineState::Open);
        }
        Event::Text(text) => (line.hear)(text),
        Event::Closed => {
            let attempt = line.attempts.get() + 1;
            line.attempts.set(attempt);
            line.state.set(LineState::Lost { attempt });
            let held = held.clone();
            spawn_local(async move {
                sleep_ms(pause_ms(attempt, page::random_below(1_000))).await;
                if held.upgrade().is_some_and(|line| line.turn.get() == turn) {
                    connect(held);
                }
            });
        }
    }
}

/// The pause before an attempt: from 0.5 s doubling to 10 s, spread by `chance` (0 to 999) so that all do not come at once.
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
