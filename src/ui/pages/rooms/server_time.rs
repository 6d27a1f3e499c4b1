//! The server's time on the page of the list, so that the cards can say how long rooms have been active.

use crate::{
    browser::timer::{now_ms, sleep_ms},
    model::room_list::RoomListPage,
};
use leptos::{prelude::*, task::spawn_local};

/// How often the time on the page goes on, in milliseconds. The cards show whole minutes.
const TICK_MS: u32 = 20_000;

/// The server's time, in unix seconds: the time in the last message about the list, and the time since this message, which the
/// browser measures. So a wrong clock in the browser does not matter.
pub fn server_time(shown: Memo<RoomListPage>) -> Signal<i64> {
    let sent_s = Memo::new(move |_| shown.with(|page| page.now_s));
    let waited_s = RwSignal::new(0_i64);
    let received_ms = StoredValue::new(None::<f64>);
    Effect::new(move |_| {
        sent_s.track();
        received_ms.set_value(Some(now_ms()));
        waited_s.set(0);
    });
    Effect::new(move |_| {
        spawn_local(async move {
            loop {
                sleep_ms(TICK_MS).await;
                // `None` if the person has left the page.
                let Some(received_ms) = received_ms.try_get_value() else {
                    return;
                };
                let waited_ms = received_ms.map_or(0.0, |received_ms| now_ms() - received_ms);
                waited_s.try_set((waited_ms / 1_000.0) as i64);
            }
        });
    });
    Signal::derive(move || sent_s.get() + waited_s.get())
}
