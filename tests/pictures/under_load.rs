//! Measures how fast the server answers other requests while it processes pictures.

use super::{ALONE, bombs, jpeg, photos, real_program::RealProgram};
use futures_util::future::join_all;
use std::{
    io::{Write, stderr},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

const UPLOADS: usize = 20;

#[tokio::test(flavor = "multi_thread")]
async fn the_p99_of_a_page_stays_under_100_ms_while_20_photos_of_12_megapixels_are_processed() {
    let _alone = ALONE.lock().await;
    // Each person has an address of their own, because one address can send only a few large bodies at once.
    let program = RealProgram::start(&[("SNUG_PUBLIC_PROXIES", "127.0.0.1")]);
    let people = join_all((0..UPLOADS).map(|number| {
        let person = program.visitor();
        async move {
            person.sign_up(&format!("person{number}@example.org")).await;
            person
        }
    }))
    .await;
    let soft = image::imageops::resize(
        &bombs::grain(400, 300),
        4_000,
        3_000,
        image::imageops::FilterType::Triangle,
    );
    let photo = jpeg::encode(&soft, |_| ());
    // Encode the form only once, so that the work of the clients does not disturb the measurement.
    let url = photos::data_url("jpeg", &photo).replace('+', "%2B").replace('/', "%2F");
    let form = format!("name=Ada&picture={url}");

    let (done, began) = (Arc::new(AtomicBool::new(false)), Instant::now());
    let reader = thread::spawn({
        let (reader, done) = (program.visitor(), done.clone());
        move || read_pages(&reader, &done)
    });
    // Half of the photos are sent in the way of a page with scripts (but a real page would shrink them first). The other half
    // are sent in the way of a form without scripts.
    let uploads = people.iter().enumerate().map(|(number, person)| {
        let (form, photo) = (form.clone(), photo.clone());
        async move {
            let request = match number % 2 {
                0 => person
                    .raw_post("/api/profile/activate")
                    .header("content-type", "application/x-www-form-urlencoded")
                    .body(form),
                _ => {
                    let part = reqwest::multipart::Part::bytes(photo).file_name("photo.jpg");
                    let form = reqwest::multipart::Form::new().text("name", "Ada").part("photo", part);
                    person.raw_post("/api/profile/activate_form").multipart(form)
                }
            };
            person
                .send(
                    request
                        .header("accept", "application/json")
                        .header("x-forwarded-for", format!("203.0.113.{number}")),
                )
                .await
                .must(200);
        }
    });
    join_all(uploads).await;
    done.store(true, Ordering::Relaxed);
    let took = reader.join().expect("pages were read");
    let p99 = took[took.len() * 99 / 100];
    // Don't use `println!` here, because the test harness captures its output.
    let _ = writeln!(
        stderr(),
        "{UPLOADS} photos of {} kB in {:.1?}; {} other pages meanwhile, median {:.1?}, p99 {p99:.1?}",
        photo.len() / 1_000,
        began.elapsed(),
        took.len(),
        took[took.len() / 2]
    );
    assert!(took.len() >= 50, "too few pages for a p99: {}", took.len());
    assert!(p99 < Duration::from_millis(100), "{p99:?}");
}

/// Requests a page again and again until `done` is set. Returns how long each request took, sorted.
fn read_pages(reader: &super::visitor::Visitor, done: &AtomicBool) -> Vec<Duration> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .expect("a runtime");
    runtime.block_on(async {
        let mut took = vec![];
        while !done.load(Ordering::Relaxed) {
            let began = Instant::now();
            reader.page("/sign-in").await.must(200);
            took.push(began.elapsed());
        }
        took.sort();
        took
    })
}
