//! The server's time on the page of the list, so that the cards can say how long rooms have been active.

use crate::{
    browser::timer::now_ms,
    model::room_list::RoomListPage,
    ui::{server_clock::ServerClock, ticks::ticks},
};
use leptos::prelude::*;

/// How often the time on the page goes on, in milliseconds. The cards show whole minutes.
const TICK_MS: u32 = 20_000;

/// The server's time, in unix seconds. Until the program runs, it is the time in the message that the server has rendered.
pub fn server_time(shown: Memo<RoomListPage>) -> Signal<i64> {
    let sent_s = Memo::new(move |_| shown.with(|page| page.now_s));
    let clock = RwSignal::new(None::<ServerClock>);
    Effect::new(move |_| clock.set(ServerClock::read(sent_s.get(), now_ms())));
    let ticks = ticks(TICK_MS);
    Signal::derive(move || {
        ticks.track();
        match clock.get() {
            Some(clock) => clock.now_s(now_ms()),
            None => sent_s.get(),
        }
    })
}
