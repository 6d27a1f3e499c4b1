//! Generated texts over HTTP: what the server accepts is what the rule says, and it comes back from the database as it was accepted.

use crate::{database::On, letters, test_app::TestApp};
use proptest::{
    prelude::*,
    sample::select,
    strategy::ValueTree,
    test_runner::{Config, RngAlgorithm, TestRng, TestRunner},
};
use snug::{
    model::{
        invisible::{is_direction_override, is_ignorable},
        room::{RoomInfo, RoomPage, Topic},
        user::DisplayName,
    },
    server::typed_address,
};

on_both_databases! {
    names_and_topics_that_are_accepted_survive_the_database_and_a_restart,
    addresses_and_codes_are_understood_however_they_are_typed,
}

/// This many values, the same ones in every run.
fn generate<S: Strategy>(strategy: S, many: usize) -> Vec<S::Value> {
    let rng = TestRng::deterministic_rng(RngAlgorithm::ChaCha);
    let mut runner = TestRunner::new_with_rng(Config::default(), rng);
    let mut next = || strategy.new_tree(&mut runner).expect("a value").current();
    (0..many).map(|_| next()).collect()
}

fn one_of(chars: &str) -> impl Strategy<Value = char> + use<> {
    select(chars.chars().collect::<Vec<char>>())
}

/// Letters of several scripts, with many marks, emoji and characters that draw nothing between them.
fn odd_text() -> impl Strategy<Value = String> {
    let odd = one_of(
        "ab Zéß\u{301}\u{302}\u{489}\u{E34}\u{E48}\u{200B}\u{200C}\u{200D}\u{200E}\u{AD}\u{FE0F}\u{FEFF}\u{3164}👩🏴\u{E0067}🇩🇪ليلىשלוםक्षကျ\u{1100}\u{1161}\u{2126}\u{FDFD}\t",
    );
    let any = prop_oneof![20 => odd, 1 => any::<char>(), 1 => one_of("\u{202E}\u{7}\u{0}")];
    prop::collection::vec(any, 0..40).prop_map(String::from_iter)
}

/// Whether others can read this line: something in it is visible, and nothing changes the text around it.
fn is_readable(line: &str) -> bool {
    line.chars().any(|c| !c.is_whitespace() && !is_ignorable(c))
        && !line.chars().any(|c| c.is_control() || is_direction_override(c))
}

async fn names_and_topics_that_are_accepted_survive_the_database_and_a_restart(on: On) {
    let mut app = TestApp::on(on).await;
    let ada = app.person("Ada").await;
    let (mut rooms, mut refused) = (vec![], 0);
    for typed in generate(odd_text(), 48) {
        let opened = ada
            .post("/api/rooms/open", &[("topic", typed.as_str()), ("kind", "open")])
            .await;
        match Topic::parse(&typed) {
            Ok(topic) => {
                let room: RoomInfo = opened.must(200).json();
                assert!(is_readable(&room.topic), "{typed:?}");
                assert_eq!(room.topic, topic.as_str(), "{typed:?}");
                assert_eq!(Topic::parse(&room.topic).as_ref(), Ok(&topic), "{typed:?}");
                rooms.push(room);
            }
            Err(sentence) => {
                refused += 1;
                assert_eq!(opened.must_fail(422, "invalid").detail(), sentence, "{typed:?}");
            }
        }
        let renamed = ada.activate(&typed, "").await;
        match DisplayName::parse(&typed) {
            Ok(name) => {
                renamed.must(200);
                let stored = app.ask::<String>("select name from users").await;
                assert!(is_readable(&stored), "{typed:?}");
                assert_eq!(stored, name.as_str(), "{typed:?}");
            }
            Err(_) => drop(renamed.must_fail(422, "invalid")),
        }
    }
    assert!(rooms.len() >= 5 && refused >= 5, "{} accepted", rooms.len());
    app.restart().await;
    for room in rooms {
        let page: RoomPage = ada.find_room(room.id.as_str()).await.must(200).json();
        assert_eq!(page.info.topic, room.topic);
    }
}

/// An address as people paste it: with characters that draw nothing, after `mailto:`, or in angle brackets after a name.
fn pasted_address() -> impl Strategy<Value = String> {
    let around = select(vec![
        ("", ""),
        (" ", " "),
        ("mailto:", "?subject=Tea"),
        ("Ada B. <", ">"),
        ("\"B., Ada <3\"\t<", "> (work)"),
        ("„", "“."),
        ("\u{FEFF}", "\u{200B}"),
        ("\t\u{FFFC}", "\u{2800}\u{7F}"),
    ]);
    let inside = prop::collection::vec(one_of("\u{200B}\u{AD}\u{2060}\u{200E}"), 0..3).prop_map(String::from_iter);
    let local = prop::collection::vec(one_of("abcdxyz09"), 1..7).prop_map(String::from_iter);
    let domain = prop::collection::vec(one_of("abcxyzäéд"), 2..7).prop_map(String::from_iter);
    (local, inside, domain, around).prop_map(|(local, unseen, domain, (before, after))| {
        format!("{before}{local}{unseen}@{unseen}{domain}.example.org{after}")
    })
}

/// For each digit of a code, the zero of a script and what is typed after the digit.
fn typing() -> impl Strategy<Value = Vec<(char, String)>> {
    let space = select(vec!["", "", " ", "-", "\u{A0}", "\u{2011}", "\u{2013}", "\u{200B}"]).prop_map(str::to_owned);
    prop::collection::vec((one_of("0٠۰०০๐０𝟎"), space), 6)
}

/// The code as it is typed.
fn typed_code(code: &str, typing: &[(char, String)]) -> String {
    let digit = |(digit, (zero, space)): (char, &(char, String))| {
        let value = digit.to_digit(10).expect("a digit");
        let shown = char::from_u32(u32::from(*zero) + value).expect("a digit of the script");
        format!("{shown}{space}")
    };
    code.chars().zip(typing).map(digit).collect()
}

async fn addresses_and_codes_are_understood_however_they_are_typed(on: On) {
    let app = TestApp::on(on).await;
    for (typed, typing) in generate((pasted_address(), typing()), 24) {
        let address = typed_address::parse(&typed).unwrap_or_else(|sentence| panic!("{typed:?}: {sentence}"));
        let visitor = app.visitor();
        visitor.request_code(&typed).await.must(200);
        let letter = letters::find_newest(&app.outbox(), address.as_str()).expect("a letter");
        let code = letters::code_in(&letter).expect("a code");
        let shown = typed_code(&code, &typing);
        let answer = visitor.verify_code(&shown).await;
        assert_eq!(answer.status, 200, "{shown:?}");
        let stored: serde_json::Value = visitor.post("/api/auth/email", &[]).await.must(200).json();
        assert_eq!(stored["email"], address.as_str(), "{typed:?}");
    }
}
