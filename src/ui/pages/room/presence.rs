//! Being in a room: an open page is presence. The roster as the room's line tells it.

use crate::{
    api,
    error::Kind,
    model::{
        id::{RoomId, UserId},
        room::{Participant, RoomPage},
        signal::{ClientSignal, Ending, ServerSignal},
    },
    ui::line::{Line, LineState},
};
use leptos::{prelude::*, task::spawn_local};
use send_wrapper::SendWrapper;

/// The signals of one room's page.
#[derive(Clone, Copy)]
pub struct Presence {
    pub roster: RwSignal<Vec<Participant>>,
    /// Who one is, once the room has said so.
    pub me: RwSignal<Option<UserId>>,
    pub line: RwSignal<LineState>,
    /// Why it is over, in a sentence.
    pub ended: RwSignal<Option<String>>,
    /// Filled in the browser only; a render on the server may end on another thread than it began on.
    connection: StoredValue<Option<SendWrapper<Line>>>,
}

impl Presence {
    /// Begins with the room as it was rendered, and comes in as soon as the page runs.
    pub fn begin(room: &RoomPage) -> Self {
        let presence = Self {
            roster: RwSignal::new(room.roster.clone()),
            me: RwSignal::new(None),
            line: RwSignal::new(LineState::Opening),
            ended: RwSignal::new(None),
            connection: StoredValue::new(None),
        };
        let id = room.sign.id.clone();
        let asked = id.clone();
        Effect::new(move |_| presence.come_in(&id));
        Effect::new(move |_| {
            // A refused socket says nothing: ask the door whether the room is still there.
            if let LineState::Lost { attempt } = presence.line.get()
                && attempt > 1
            {
                presence.ask_why(asked.clone());
            }
        });
        on_cleanup(move || presence.connection.set_value(None));
        presence
    }

    /// Leaves on purpose.
    pub fn leave(self) {
        self.connection.with_value(|line| {
            if let Some(line) = line {
                line.send(&serde_json::to_string(&ClientSignal::Leave).unwrap_or_default());
                line.hang_up();
            }
        });
    }

    fn come_in(self, id: &RoomId) {
        let hear = move |text: String| {
            if let Ok(signal) = serde_json::from_str(&text) {
                self.hear(signal);
            }
        };
        let line = Line::open(format!("/ws/rooms/{id}"), self.line, hear);
        self.connection.set_value(Some(SendWrapper::new(line)));
    }

    fn hear(self, signal: ServerSignal) {
        match signal {
            ServerSignal::Joined { you, room } => {
                self.me.set(Some(you));
                self.roster.set(room.roster);
            }
            ServerSignal::Roster { joined, left, changed } => {
                self.roster.update(|roster| apply(roster, joined, &left, changed))
            }
            ServerSignal::Ended { why } => self.end(match why {
                Ending::SignedOut => "You signed out on this device. Sign in to come back.",
            }),
        }
    }

    fn end(self, sentence: &str) {
        self.ended.set(Some(sentence.to_owned()));
        self.connection
            .try_with_value(|line| line.as_ref().map(|line| line.hang_up()));
    }

    fn ask_why(self, id: RoomId) {
        spawn_local(async move {
            let Err(error) = api::rooms::find(id.to_string()).await else {
                return;
            };
            if error.needs_sign_in() || matches!(error.kind, Kind::NotFound | Kind::NotActivated) {
                self.end(&error.detail);
            }
        });
    }
}

/// The roster after what changed. Who is there twice is there once.
fn apply(roster: &mut Vec<Participant>, joined: Vec<Participant>, left: &[UserId], changed: Vec<Participant>) {
    roster.retain(|one| !left.contains(&one.person.id));
    for news in joined.into_iter().chain(changed) {
        match roster.iter_mut().find(|one| one.person.id == news.person.id) {
            Some(one) => *one = news,
            None => roster.push(news),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::room::Person;

    fn participant(name: &str, away: bool) -> Participant {
        let id = UserId::parse(&format!("user-{name:a<10}")).expect("an id");
        Participant {
            person: Person {
                id,
                name: name.into(),
                picture: String::new(),
            },
            host: false,
            away,
        }
    }

    #[test]
    fn news_change_the_roster() {
        let (ada, ben) = (participant("Ada", false), participant("Ben", false));
        let mut roster = vec![ada.clone()];
        apply(
            &mut roster,
            vec![ben.clone(), ben.clone()],
            &[],
            vec![participant("Ada", true)],
        );
        assert_eq!(roster, [participant("Ada", true), ben.clone()]);
        apply(&mut roster, vec![], &[ada.person.id], vec![]);
        assert_eq!(roster, [ben]);
    }
}
