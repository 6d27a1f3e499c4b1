//! How many sockets one person may have, how fast they may open them, and that all their sockets share one budget.

use crate::{
    many_sockets::limited,
    raw_peer::RawPeer,
    room_entry::{ask_to_join, join},
};
use snug::model::signal::{ClientSignal, Ending, Refusal, ServerSignal, TOO_MANY_PAGES_CODE};
use std::time::Duration;

#[tokio::test]
async fn the_17th_page_of_a_person_disconnects_the_oldest_page() {
    let app = limited(|_| {}).await;
    let (ada, ben) = (app.person("Ada").await, app.person("Ben").await);
    let _of_ben = ben.watch_rooms().await.expect("opened");
    let mut pages = vec![];
    for _ in 0..16 {
        let mut page = ada.watch_rooms().await.expect("opened");
        page.hear().await;
        pages.push(page);
    }
    assert!(pages[0].is_quiet_for(Duration::from_millis(200)).await);
    let mut newest = ada.watch_rooms().await.expect("the newest wins");
    newest.hear().await;
    assert_eq!(pages[0].recv_close_code().await, Some(TOO_MANY_PAGES_CODE));
    assert!(pages[1].is_quiet_for(Duration::from_millis(200)).await);
}

#[tokio::test]
async fn lists_make_room_before_rooms_and_a_room_that_makes_room_says_why() {
    let app = limited(|config| config.limits.sockets_per_person = 2).await;
    let ada = app.person("Ada").await;
    let room = ada.open_room("Tea", "open").await;
    let (mut oldest, ..) = ada.look_in(&room).await;
    let mut list = ada.watch_rooms().await.expect("opened");
    list.hear().await;
    let (_newer, ..) = ada.look_in(&room).await;
    assert_eq!(list.recv_close_code().await, Some(TOO_MANY_PAGES_CODE));
    assert!(oldest.is_quiet_for(Duration::from_millis(200)).await);
    let (_newest, ..) = ada.look_in(&room).await;
    let last = ServerSignal::Ended {
        why: Ending::TooManyPages,
    };
    oldest.recv_until(|signal| (signal == last).then_some(())).await;
    assert_eq!(oldest.recv_close_code().await, Some(TOO_MANY_PAGES_CODE));
    assert!(Ending::TooManyPages.words("Tea").heading.contains("too many pages"));
}

#[tokio::test]
async fn a_person_who_opens_sockets_without_pause_is_refused_with_a_sentence() {
    let app = limited(|_| {}).await;
    let ada = app.person("Ada").await;
    let mut refusals = vec![];
    for _ in 0..60 {
        refusals.extend(ada.watch_rooms().await.err());
    }
    let refused = refusals.pop().expect("refused");
    assert_eq!(refused.status, 429);
    assert!(refused.body.contains("You opened pages too fast"), "{}", refused.body);
    app.person("Ben").await.watch_rooms().await.expect("somebody else may");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_offers_of_all_sockets_of_a_person_count_together_and_bad_ones_too() {
    let app = limited(|_| {}).await;
    let (ada, ben) = (app.person("Ada").await, app.person("Ben").await);
    let room = ada.open_room("Tea", "open").await;
    let mut refused = 0;
    for _ in 0..6 {
        let (mut socket, ..) = ada.look_in(&room).await;
        // A socket may send three offers at once.
        for _ in 0..3 {
            socket.say(&ClientSignal::Join { sdp: "v=0".into() }).await;
            let why = socket
                .recv_until(|signal| match signal {
                    ServerSignal::Refused { why } => Some(why),
                    _ => None,
                })
                .await;
            refused += usize::from(why == Refusal::TooManySignals);
        }
    }
    // A person may send 8 offers at once, and 2 a second after that.
    assert!((1..=10).contains(&refused), "{refused} of 18 were refused");
    let (mut other, ..) = ben.look_in(&room).await;
    let (_peer, sdp) = RawPeer::offer();
    ask_to_join(&mut other, sdp).await;
    join(&mut other).await;
}
