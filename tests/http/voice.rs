//! Voices over UDP: who hears whom, and in which slot.

use crate::{
    ice_client::ToneSource,
    raw_peer::{LOUD, RawPeer},
    room_entry::join,
    test_app::TestApp,
    visitor::Visitor,
};
use snug::model::{
    id::UserId,
    room::{RoomInfo, RoomPage},
    signal::{ClientSignal, SLOTS, ServerSignal},
};
use std::{
    collections::{BTreeMap, BTreeSet},
    time::{Duration, Instant},
};
use tokio::time::sleep;

/// Enters the room, unmutes and speaks.
pub async fn speaker(visitor: &Visitor, room: &RoomInfo) -> (crate::test_socket::TestSocket<ServerSignal>, RawPeer) {
    let (mut socket, peer) = visitor.plug_in(room).await;
    unmute(&mut socket).await;
    peer.speak(ToneSource::at(LOUD));
    (socket, peer)
}

pub async fn unmute(socket: &mut crate::test_socket::TestSocket<ServerSignal>) {
    socket.say(&ClientSignal::Mute { on: false }).await;
    socket
        .recv_until(|signal| match signal {
            ServerSignal::Roster { changed, .. } if changed.iter().any(|one| !one.muted) => Some(()),
            _ => None,
        })
        .await;
}

/// Unmutes, and waits until the server says that this person is unmuted. Unlike [`unmute`], it does not take an earlier signal about
/// another person for the answer.
pub async fn unmute_as(you: &UserId, socket: &mut crate::test_socket::TestSocket<ServerSignal>) {
    socket.say(&ClientSignal::Mute { on: false }).await;
    let is_unmuted = |signal| match signal {
        ServerSignal::Roster { changed, .. } => changed
            .iter()
            .any(|one| one.person.id == *you && !one.muted)
            .then_some(()),
        _ => None,
    };
    socket.recv_until(is_unmuted).await;
}

pub fn wait(peer: &RawPeer, packets: usize) {
    tokio::task::block_in_place(|| peer.wait_until_heard(packets));
}

async fn voice_of(visitor: &Visitor, room: &RoomInfo, name: &str) -> u32 {
    let page: RoomPage = visitor.find_room(room.id.as_str()).await.must(200).json();
    page.roster
        .iter()
        .find(|one| one.person.name == name)
        .expect("on the roster")
        .voice
}

/// How many sequence numbers are missing between the first and the last received packet of a slot, added up over all slots.
pub fn missing(peer: &RawPeer) -> u64 {
    let mut slots: BTreeMap<usize, BTreeSet<u64>> = BTreeMap::new();
    for heard in peer.heard() {
        slots.entry(heard.slot).or_default().insert(heard.seq);
    }
    let of_slot = |seqs: &BTreeSet<u64>| seqs.last().unwrap_or(&0) - seqs.first().unwrap_or(&1) + 1 - seqs.len() as u64;
    slots.values().map(of_slot).sum()
}

#[tokio::test(flavor = "multi_thread")]
async fn two_people_hear_each_other_and_not_themselves() {
    let app = TestApp::start().await;
    let (ada, ben) = (app.person("Ada").await, app.person("Ben").await);
    let room = ada.open_room("Tea", "open").await;
    let ((_a, of_ada), (_b, of_ben)) = (speaker(&ada, &room).await, speaker(&ben, &room).await);
    wait(&of_ada, 50);
    wait(&of_ben, 50);
    for (peer, other) in [(&of_ada, "Ben"), (&of_ben, "Ada")] {
        let voice = voice_of(&ada, &room, other).await;
        assert!(
            peer.heard()
                .iter()
                .all(|heard| heard.voice == Some(voice) && heard.level == LOUD)
        );
        assert_eq!(missing(peer), 0);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_late_joiner_hears_everybody_who_speaks() {
    let app = TestApp::start().await;
    let [ada, ben, cem] = app.people(["Ada", "Ben", "Cem"]).await;
    let room = ada.open_room("Tea", "open").await;
    let (_a, _b) = (speaker(&ada, &room).await, speaker(&ben, &room).await);
    sleep(Duration::from_millis(300)).await;
    let (_socket, late) = cem.plug_in(&room).await;
    wait(&late, 40);
    let voices: BTreeSet<Option<u32>> = late.heard().iter().map(|heard| heard.voice).collect();
    let expected = [voice_of(&cem, &room, "Ada").await, voice_of(&cem, &room, "Ben").await].map(Some);
    assert_eq!(voices, expected.into());
}

#[tokio::test(flavor = "multi_thread")]
async fn four_speakers_share_three_slots_without_gaps() {
    let app = TestApp::start().await;
    let listener = app.person("Listener").await;
    let room = listener.open_room("Tea", "open").await;
    let (_socket, ears) = listener.plug_in(&room).await;
    let mut speakers = vec![];
    for name in ["Ada", "Ben", "Cem", "Dee"] {
        speakers.push(speaker(&app.person(name).await, &room).await);
    }
    sleep(Duration::from_millis(300)).await;
    ears.forget_heard();
    sleep(Duration::from_secs(4)).await;
    let heard = ears.heard();
    let slots: BTreeSet<usize> = heard.iter().map(|one| one.slot).collect();
    let voices: BTreeSet<Option<u32>> = heard.iter().map(|one| one.voice).collect();
    assert_eq!(
        (slots.len(), voices.len()),
        (SLOTS, SLOTS),
        "all talk without a pause, so three speakers keep their slots"
    );
    assert_eq!(missing(&ears), 0, "of {}", heard.len());
    // Three speakers have a slot. Each of them hears the other two, in two slots.
    let on = speakers.iter().filter(|(_, peer)| {
        peer.heard_since(Instant::now() - Duration::from_secs(1))
            .iter()
            .map(|one| one.slot)
            .collect::<BTreeSet<_>>()
            .len()
            == 2
    });
    assert_eq!(on.count(), 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn people_who_ask_hear_their_own_voice_for_five_seconds() {
    let app = TestApp::start().await;
    let (ada, ben) = (app.person("Ada").await, app.person("Ben").await);
    let room = ada.open_room("Tea", "open").await;
    let ((mut socket, of_ada), (_b, of_ben)) = (ada.plug_in(&room).await, ben.plug_in(&room).await);
    of_ada.speak(ToneSource::at(LOUD));
    sleep(Duration::from_millis(200)).await;
    assert!(of_ada.heard().is_empty());
    socket.say(&ClientSignal::HearYourself).await;
    wait(&of_ada, 20);
    sleep(Duration::from_millis(5_200)).await;
    of_ada.forget_heard();
    sleep(Duration::from_millis(300)).await;
    assert!(of_ada.heard().is_empty(), "Ada still hears herself after five seconds");
    assert!(
        of_ben.heard().is_empty(),
        "Ada was muted the whole time, so Ben heard nothing"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn two_tabs_of_one_person_are_one_voice_and_do_not_hear_each_other() {
    let app = TestApp::start().await;
    let (ada, ben) = (app.person("Ada").await, app.person("Ben").await);
    let room = ada.open_room("Tea", "open").await;
    let (_ears, of_ben) = ben.plug_in(&room).await;
    let ((mut first, one), (mut second, other)) = (ada.plug_in(&room).await, ada.plug_in(&room).await);
    let page: RoomPage = ben.find_room(room.id.as_str()).await.must(200).json();
    assert_eq!(page.roster.len(), 2);
    unmute(&mut first).await;
    one.speak(ToneSource::at(LOUD));
    wait(&of_ben, 10);
    second.say(&ClientSignal::Mute { on: false }).await;
    first
        .recv_until(|signal| (signal == ServerSignal::MutedElsewhere).then_some(()))
        .await;
    other.speak(ToneSource::at(LOUD));
    sleep(Duration::from_millis(300)).await;
    of_ben.forget_heard();
    sleep(Duration::from_millis(400)).await;
    let heard = of_ben.heard().len();
    assert!((10..=30).contains(&heard), "one voice is about 20 packets, not {heard}");
    assert!(one.heard().is_empty() && other.heard().is_empty());
    // A third tab learns that the microphone is open elsewhere before it could unmute by itself.
    let (mut third, ..) = ada.look_in(&room).await;
    let (_peer, sdp) = RawPeer::offer();
    third.say(&ClientSignal::Join { sdp }).await;
    let mut is_told = false;
    third
        .recv_until(|signal| {
            is_told |= signal == ServerSignal::MutedElsewhere;
            matches!(signal, ServerSignal::Joined { .. }).then_some(())
        })
        .await;
    assert!(is_told);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_voice_connection_can_be_replaced_over_the_same_socket() {
    let app = TestApp::start().await;
    let (ada, ben) = (app.person("Ada").await, app.person("Ben").await);
    let room = ada.open_room("Tea", "open").await;
    let (_b, of_ben) = speaker(&ben, &room).await;
    let (mut socket, first) = ada.plug_in(&room).await;
    wait(&first, 10);
    let second = join(&mut socket).await;
    wait(&second, 10);
    first.forget_heard();
    sleep(Duration::from_millis(200)).await;
    assert!(first.heard().is_empty());
    let page: RoomPage = ben.find_room(room.id.as_str()).await.must(200).json();
    assert_eq!(page.roster.len(), 2);
    drop(of_ben);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lost_voice_connection_is_reported_within_20_s_and_the_person_stays() {
    let app = TestApp::start().await;
    let ada = app.person("Ada").await;
    let room = ada.open_room("Tea", "open").await;
    let (mut socket, peer) = ada.plug_in(&room).await;
    let start = Instant::now();
    drop(peer);
    let limit = Duration::from_secs(20);
    socket
        .recv_until_within(limit, |signal| (signal == ServerSignal::Unplugged).then_some(()))
        .await;
    assert!(start.elapsed() < limit, "{:?}", start.elapsed());
    let page: RoomPage = ada.find_room(room.id.as_str()).await.must(200).json();
    assert_eq!(page.roster.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn people_who_look_in_are_told_who_speaks() {
    let app = TestApp::start().await;
    let (ada, ben) = (app.person("Ada").await, app.person("Ben").await);
    let room = ada.open_room("Tea", "open").await;
    let (mut watcher, ..) = ben.look_in(&room).await;
    let (socket, peer) = speaker(&ada, &room).await;
    let speaking = |wanted: usize| {
        move |signal| match signal {
            ServerSignal::Speaking { who } if who.len() == wanted => Some(who),
            _ => None,
        }
    };
    let who: Vec<UserId> = watcher.recv_until(speaking(1)).await;
    let page: RoomPage = ben.find_room(room.id.as_str()).await.must(200).json();
    assert_eq!(who, [page.roster[0].person.id.clone()]);
    peer.fall_silent();
    watcher.recv_until(speaking(0)).await;
    drop(socket);
}
