//! Sends each picture alone, and checks the answer and how much time and memory the server needs for it.

use super::{
    ALONE, bombs, case::Case, corpus, jpeg, memory::Memory, photos, real_program::RealProgram, visitor::Visitor,
};
use image::RgbImage;
use reqwest::{
    RequestBuilder,
    multipart::{Form, Part},
};
use snug::{
    model::user::User,
    server::avatars::picture::{self, PictureError},
};
use std::{
    collections::BTreeMap,
    io::{Write, stderr},
    time::{Duration, Instant},
};

const TIME_MAX: Duration = Duration::from_secs(2);
const MEMORY_MAX: u64 = 150 * 1024 * 1024;
/// The next measurement begins once the server uses at most this much more memory than when it was idle. The value is not 0,
/// because the heap keeps some memory for the next request. In bytes.
const SETTLED: u64 = 16 * 1024 * 1024;

/// The result of sending one picture.
struct PictureOutcome {
    status: u16,
    took: Duration,
    grew: u64,
    made: Option<RgbImage>,
}

/// How a photo is sent.
#[derive(Debug, Clone, Copy)]
enum SentAs {
    /// As text (a data URL), in the way of a page with scripts.
    Text,
    /// As a file, in the way of a form without scripts.
    File,
}

impl SentAs {
    fn request(self, ada: &Visitor, photo: &[u8]) -> RequestBuilder {
        let endpoint = |path: &str| ada.raw_post(path).header("accept", "application/json");
        match self {
            Self::Text => {
                let fields = [("name", "Ada".to_owned()), ("picture", photos::data_url("jpeg", photo))];
                endpoint("/api/profile/activate").form(&fields)
            }
            Self::File => {
                let part = Part::bytes(photo.to_vec()).file_name("photo.jpg");
                let form = Form::new().text("name", "Ada").part("photo", part);
                endpoint("/api/profile/activate_form").multipart(form)
            }
        }
    }
}

async fn send(ada: &Visitor, memory: &Memory, idle: u64, case: &Case, sent_as: SentAs) -> PictureOutcome {
    let request = sent_as.request(ada, &case.file);
    memory.settle(idle + SETTLED).await;
    memory.begin();
    let began = Instant::now();
    let answer = ada.send(request).await;
    let (took, grew) = (began.elapsed(), memory.grown_since(idle));
    let made = if answer.status == 200 {
        let picture = answer.json::<User>().person.picture;
        let large = ada.get(&picture).await.must(200).body;
        let small = ada.get(&picture.replace(".jpg", "-64.jpg")).await.must(200).body;
        assert_eq!(photos::size_of_jpeg(&large), (256, 256), "{}", case.name);
        assert_eq!(photos::size_of_jpeg(&small), (64, 64), "{}", case.name);
        for file in [&large, &small] {
            assert_eq!(jpeg::strange_segments(file), [] as [u8; 0], "{}: metadata", case.name);
        }
        let made = image::load_from_memory(&large).expect("a JPEG");
        Some(made.into_rgb8())
    } else {
        assert!(answer.detail().ends_with('.'), "{}: {}", case.name, answer.text());
        None
    };
    PictureOutcome {
        status: answer.status,
        took,
        grew,
        made,
    }
}

/// Sends all pictures, one after the other, and checks the result of each.
async fn judge(sent_as: SentAs, cases: &[Case]) {
    let program = RealProgram::start(&[]);
    let ada = program.visitor();
    ada.sign_up("ada@example.org").await;
    let memory = Memory::of(program.child.id());
    let idle = memory.begin();
    let (mut statuses, mut slowest, mut largest) = (BTreeMap::new(), (Duration::ZERO, ""), (0, ""));
    let mut wrong = vec![];
    for case in cases {
        let outcome = send(&ada, &memory, idle, case, sent_as).await;
        let name = case.name.as_str();
        let right = case
            .status
            .map_or(matches!(outcome.status, 200 | 413 | 415 | 422), |status| {
                status == outcome.status
            });
        if !right || outcome.took >= TIME_MAX || outcome.grew >= MEMORY_MAX {
            let megabytes = outcome.grew >> 20;
            wrong.push(format!(
                "{name}: {}, {:?}, {megabytes} MB more memory",
                outcome.status, outcome.took
            ));
        }
        if let Some(made) = outcome.made.filter(|_| case.is_upright) {
            corpus::assert_upright(&made, name);
        }
        *statuses.entry(outcome.status).or_insert(0) += 1;
        slowest = slowest.max((outcome.took, name));
        largest = largest.max((outcome.grew, name));
    }
    // Don't use `println!` here, because the test harness captures its output.
    let _ = writeln!(
        stderr(),
        "{} pictures as {sent_as:?}: {statuses:?}; the slowest {:.0?} ({}), the most memory {} MB ({})",
        cases.len(),
        slowest.0,
        slowest.1,
        largest.0 >> 20,
        largest.1
    );
    assert!(wrong.is_empty(), "{wrong:#?}");
    let log = program.log();
    assert!(!log.contains("panick"), "{log}");
}

#[tokio::test(flavor = "multi_thread")]
async fn each_picture_is_a_square_or_a_4xx_within_2_s_and_150_mb() {
    let _alone = ALONE.lock().await;
    judge(SentAs::Text, &corpus::all()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_form_without_scripts_gets_the_same_answers() {
    let _alone = ALONE.lock().await;
    let mut cases = corpus::all();
    // A form without a photo is valid, so leave out the empty file.
    cases.retain(|case| case.status.is_some() && !case.file.is_empty());
    judge(SentAs::File, &cases).await;
}

#[tokio::test]
async fn a_bomb_of_236_kb_is_refused_within_5_ms_and_1_mb() {
    let _alone = ALONE.lock().await;
    let bomb = bombs::png_bomb();
    assert!(bomb.len() < 240_000, "{}", bomb.len());
    let memory = Memory::of(std::process::id());
    // Take the best of five runs, because other programs may disturb some of them.
    let (took, grew) = (0..5)
        .map(|_| {
            let (before, began) = (memory.begin(), Instant::now());
            assert_eq!(picture::square(&bomb), Err(PictureError::TooLarge));
            (began.elapsed(), memory.grown_since(before))
        })
        .min()
        .expect("five");
    let _ = writeln!(
        stderr(),
        "a bomb of {} bytes: {took:.0?}, {} kB more memory",
        bomb.len(),
        grew >> 10
    );
    assert!(took < Duration::from_millis(5), "{took:?}");
    assert!(grew < 1_000_000, "{grew}");
}
