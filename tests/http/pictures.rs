//! Pictures: how a photo is resized, served and deleted, and which photos are refused.

use crate::{answer::Answer, database::On, photos, test_app::TestApp};
use image::{ImageFormat, Rgb, RgbImage};
use snug::model::user::User;
use std::io::{Cursor, Read, Write};

/// Sends a photo and returns the address of the picture.
async fn put(visitor: &crate::visitor::Visitor, data_url: &str) -> String {
    visitor
        .activate("Ada", data_url)
        .await
        .must(200)
        .json::<User>()
        .person
        .picture
}

fn small(address: &str) -> String {
    address.replace(".jpg", "-64.jpg")
}

#[tokio::test]
async fn a_photo_of_each_kind_becomes_two_square_jpegs() {
    let app = TestApp::start().await;
    let ada = app.newcomer("ada@example.org").await;
    let kinds = [
        ("png", ImageFormat::Png),
        ("jpeg", ImageFormat::Jpeg),
        ("webp", ImageFormat::WebP),
        ("gif", ImageFormat::Gif),
    ];
    for (name, format) in kinds {
        let address = put(&ada, &photos::data_url(name, &photos::photo(120, 80, format))).await;
        assert_eq!(
            photos::size_of_jpeg(&ada.get(&address).await.must(200).body),
            (256, 256),
            "{name}"
        );
        assert_eq!(
            photos::size_of_jpeg(&ada.get(&small(&address)).await.must(200).body),
            (64, 64),
            "{name}"
        );
    }
}

#[tokio::test]
async fn a_picture_is_cached_forever_and_sandboxed() {
    let app = TestApp::start().await;
    let ada = app.newcomer("ada@example.org").await;
    let address = put(&ada, &photos::small_photo()).await;
    for (address, content_type) in [(address.as_str(), "image/jpeg"), ("/faces/Ada.svg", "image/svg+xml")] {
        let picture = ada.get(address).await.must(200);
        assert_eq!(picture.header("content-type"), Some(content_type));
        assert_eq!(
            picture.header("cache-control"),
            Some("public, max-age=31536000, immutable")
        );
        assert_eq!(picture.header("x-content-type-options"), Some("nosniff"));
        let policy = picture.header("content-security-policy").expect("a policy");
        assert!(
            policy.contains("default-src 'none'") && policy.contains("sandbox"),
            "{policy}"
        );
        assert!(picture.set_cookies().is_empty());
    }
}

#[tokio::test]
async fn the_name_of_a_picture_is_the_hash_of_its_content() {
    let app = TestApp::start().await;
    let (ada, ben) = (
        app.newcomer("ada@example.org").await,
        app.newcomer("ben@example.org").await,
    );
    let address = put(&ada, &photos::small_photo()).await;
    let octets = ada.get(&address).await.must(200).body;
    assert_eq!(
        address,
        format!("/pictures/{}.jpg", snug::server::keyring::sha256_hex(&octets))
    );
    assert_eq!(put(&ben, &photos::small_photo()).await, address);
}

#[tokio::test]
async fn a_picture_is_deleted_when_nobody_uses_it_any_more() {
    let app = TestApp::start().await;
    let (ada, ben) = (
        app.newcomer("ada@example.org").await,
        app.newcomer("ben@example.org").await,
    );
    let address = put(&ada, &photos::small_photo()).await;
    put(&ben, &photos::small_photo()).await;
    ada.activate("Ada", "").await.must(200);
    ada.get(&address).await.must(200);
    ben.activate("Ben", "face:x").await.must(200);
    ada.get(&address).await.must(404);
    ada.get(&small(&address)).await.must(404);
}

#[tokio::test]
async fn an_unknown_picture_is_404() {
    let app = TestApp::start().await;
    let hash = "a".repeat(64);
    for path in [
        format!("/pictures/{hash}.jpg"),
        format!("/pictures/{hash}.png"),
        "/pictures/..%2f..%2fsnug.db".into(),
        "/faces/.svg".into(),
        format!("/faces/{}.svg", "x".repeat(81)),
        "/faces/a%00b.svg".into(),
    ] {
        app.visitor().get(&path).await.must(404);
    }
}

#[tokio::test]
async fn a_picture_that_is_too_large_is_413_and_an_unknown_kind_is_415() {
    let app = TestApp::start().await;
    let ada = app.newcomer("ada@example.org").await;
    let heic = include_bytes!("../pictures/corpus/made/quarters.heic");
    ada.activate("Ada", &photos::data_url("jpeg", heic))
        .await
        .must_fail(415, "unsupported");
    ada.activate("Ada", &photos::data_url("png", &photos::png_that_says(12_001, 16)))
        .await
        .must_fail(413, "too_large");
    ada.activate(
        "Ada",
        &photos::data_url("png", &photos::photo(15, 15, ImageFormat::Png)),
    )
    .await
    .must_fail(422, "invalid");
    ada.activate("Ada", &photos::data_url("png", &photos::png_that_says(16, 17)))
        .await
        .must_fail(422, "invalid");
}

#[tokio::test]
async fn only_the_pixels_of_a_photo_are_kept() {
    let app = TestApp::start().await;
    let ada = app.newcomer("ada@example.org").await;
    let mut jpeg = photos::photo(64, 64, ImageFormat::Jpeg);
    let place = b"\xff\xe1\0\x1eExif\0\0GPS 52.5200 N 13.4050";
    jpeg.splice(2..2, place.iter().copied().chain(*b"\0"));
    jpeg.extend_from_slice(b"<script>alert(1)</script>");
    let address = put(&ada, &photos::data_url("jpeg", &jpeg)).await;
    let octets = ada.get(&address).await.must(200).body;
    let contains = |words: &[u8]| octets.windows(words.len()).any(|window| window == words);
    assert!(!contains(b"GPS") && !contains(b"Exif") && !contains(b"<script>"));
}

#[tokio::test]
async fn a_signed_out_visitor_can_send_no_picture() {
    let app = TestApp::start().await;
    app.visitor()
        .activate("Eve", &photos::small_photo())
        .await
        .must_fail(401, "signed_out");
    let files = std::fs::read_dir(app.state.config.data_dir.join("pictures"))
        .expect("the folder")
        .count();
    assert_eq!(files, 0);
}

#[tokio::test]
async fn eight_mebibytes_are_accepted_and_more_are_not() {
    let app = TestApp::start().await;
    let ada = app.newcomer("ada@example.org").await;
    // A JPEG may have any bytes after its end. These bytes are random, so that their base64 has as many + and / as the base64 of a photo. A
    // form encodes each + and / as three characters.
    let heavy = photos::padded(photos::photo(64, 64, ImageFormat::Jpeg), 8 * 1024 * 1024);
    put(&ada, &photos::data_url("jpeg", &heavy)).await;
    let heavy = photos::padded(heavy, 8 * 1024 * 1024 + 3);
    ada.activate("Ada", &photos::data_url("jpeg", &heavy))
        .await
        .must_fail(413, "too_large");
}

#[tokio::test]
async fn a_body_without_a_content_length_is_limited_too() {
    let app = TestApp::start().await;
    let ada = app.newcomer("ada@example.org").await;
    let (address, cookies) = (app.address, ada.jar.header());
    let answer = tokio::task::spawn_blocking(move || send_chunks(address, &cookies, "/api/profile/activate", 24)).await;
    let answer = answer.expect("sent");
    assert_eq!(answer.status, 413, "{}", answer.text());
    assert_eq!(answer.kind(), "too_large");

    let answer = tokio::task::spawn_blocking(move || send_chunks(address, "", "/api/auth/request_code", 1)).await;
    assert_eq!(answer.expect("sent").status, 413);
}

#[tokio::test]
async fn stalled_uploads_do_not_block_the_serving_of_pictures() {
    let app = TestApp::with(On::Sqlite, |config| config.limits.connections_per_address = 2_000).await;
    let ada = app.newcomer("ada@example.org").await;
    let address = put(&ada, &photos::small_photo()).await;
    let origin = app.origin();
    // The server has fewer blocking threads than this.
    let stalled: Vec<_> = (0..600)
        .map(|_| {
            let mut stream = std::net::TcpStream::connect(app.address).expect("connected");
            let head = format!(
                "POST /api/profile/activate HTTP/1.1\r\nHost: {}\r\nOrigin: {origin}\r\nContent-Length: 100000\r\n\r\n",
                origin.trim_start_matches("http://")
            );
            stream.write_all(head.as_bytes()).expect("the head");
            stream
        })
        .collect();
    for _ in 0..10 {
        let served = tokio::time::timeout(std::time::Duration::from_secs(5), ada.get(&address)).await;
        served.expect("at once").must(200);
    }
    drop(stalled);
}

/// Sends a POST of `mebibytes` MiB in chunks, without a `Content-Length`.
fn send_chunks(address: std::net::SocketAddr, cookies: &str, path: &str, mebibytes: usize) -> Answer {
    let mut stream = std::net::TcpStream::connect(address).expect("connected");
    stream
        .set_read_timeout(Some(std::time::Duration::from_secs(10)))
        .expect("a timeout");
    let head = format!(
        "POST {path} HTTP/1.1\r\nHost: localhost\r\nCookie: {cookies}\r\nAccept: application/json\r\nConnection: close\r\n\
         Sec-Fetch-Site: same-origin\r\nContent-Type: application/x-www-form-urlencoded\r\nTransfer-Encoding: chunked\r\n\r\n"
    );
    stream.write_all(head.as_bytes()).expect("the head");
    let chunk = [b"10000\r\n".as_slice(), &[b'a'; 0x10000], b"\r\n"].concat();
    let sent = (0..mebibytes * 16)
        .try_for_each(|_| stream.write_all(&chunk))
        .and_then(|()| stream.write_all(b"0\r\n\r\n"));
    let mut answer = vec![];
    // The server may stop reading and close the connection, but only after it has answered.
    let read = stream.read_to_end(&mut answer);
    let text = String::from_utf8_lossy(&answer).into_owned();
    let (head, body) = text
        .split_once("\r\n\r\n")
        .unwrap_or_else(|| panic!("no answer: {sent:?} {read:?} {text:?}"));
    let status = head
        .split(' ')
        .nth(1)
        .and_then(|status| status.parse().ok())
        .expect("a status");
    Answer {
        status,
        headers: Default::default(),
        body: body.as_bytes().to_vec(),
    }
}

/// A photo whose left half is red and whose right half is blue.
fn two_halves() -> String {
    let halves = RgbImage::from_fn(200, 100, |x, _| {
        Rgb(if x < 100 { [220, 30, 30] } else { [30, 60, 220] })
    });
    let mut file = Cursor::new(vec![]);
    halves.write_to(&mut file, ImageFormat::Png).expect("a picture");
    photos::data_url("png", &file.into_inner())
}

#[tokio::test]
async fn the_server_crops_a_photo_that_the_browser_could_not_crop() {
    let app = TestApp::start().await;
    let ada = app.newcomer("ada@example.org").await;
    let photo = two_halves();
    let send = async |crop: &str| {
        let fields = [("name", "Ada"), ("picture", photo.as_str()), ("crop", crop)];
        ada.post("/api/profile/activate", &fields).await
    };
    for (crop, is_red) in [
        ("0,0,1000000,0", true),
        ("500000,0,1000000,0", false),
        ("0,0,1000000,2", false),
    ] {
        let address = send(crop).await.must(200).json::<User>().person.picture;
        let jpeg = ada.get(&address).await.must(200).body;
        let picture = image::load_from_memory(&jpeg).expect("a picture").into_rgb8();
        for (x, y) in [(8, 8), (247, 247), (128, 128)] {
            let [red, _, blue] = picture.get_pixel(x, y).0;
            assert_eq!(red > blue, is_red, "{crop} at {x}, {y}");
        }
    }
    for crop in ["left", "0,0,1000000,4", "0,0,1,0"] {
        let refused = send(crop).await.must_fail(422, "invalid");
        assert!(
            refused.detail().contains("Crop the photo again."),
            "{}",
            refused.detail()
        );
    }
}
