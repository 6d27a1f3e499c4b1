//! Defects of pictures: they could not be fetched, were too large, were decompression bombs, or were not square.

use crate::{photos, test_app::TestApp};
use image::ImageFormat;
use snug::model::user::User;
use std::time::{Duration, Instant};

#[tokio::test]
async fn a_webp_picture_is_decoded_and_can_be_fetched() {
    let app = TestApp::start().await;
    let ada = app.newcomer("ada@example.org").await;
    let broken = &photos::photo(64, 64, ImageFormat::WebP)[..40];
    let answer = ada.activate("Ada", &photos::data_url("webp", broken)).await;
    assert!((400..500).contains(&answer.status), "{}", answer.status);
    assert!(
        !ada.me().await.json::<User>().activated,
        "a broken picture activates nobody"
    );
    let webp = photos::data_url("webp", &photos::photo(64, 64, ImageFormat::WebP));
    let user: User = ada.activate("Ada", &webp).await.must(200).json();
    assert!(user.activated);
    assert_eq!(
        photos::size_of_jpeg(&ada.get(&user.person.picture).await.must(200).body),
        (256, 256)
    );
}

#[tokio::test]
async fn a_photo_that_is_too_large_is_a_413_with_the_limit() {
    let app = TestApp::start().await;
    let ada = app.newcomer("ada@example.org").await;
    let huge = photos::data_url("jpeg", &vec![0xff; 9 * 1024 * 1024]);
    assert!(huge.len() > 12_000_000);
    let answer = ada.activate("Ada", &huge).await.must_fail(413, "too_large");
    assert!(answer.detail().contains("8 MB"), "{}", answer.detail());
    let part = reqwest::multipart::Part::bytes(vec![0xff; 12 * 1024 * 1024]).file_name("phone.jpg");
    let form = reqwest::multipart::Form::new().text("name", "Ada").part("photo", part);
    let request = ada
        .raw_post("/api/profile/activate_form")
        .header("accept", "application/json");
    ada.send(request.multipart(form)).await.must_fail(413, "too_large");
    // A photo of the size that a phone takes is accepted.
    let phone = photos::padded(photos::photo(400, 300, ImageFormat::Jpeg), 6_400_000);
    ada.activate("Ada", &photos::data_url("jpeg", &phone)).await.must(200);
}

#[tokio::test]
async fn a_bomb_is_refused_at_its_header() {
    let app = TestApp::start().await;
    let ada = app.newcomer("ada@example.org").await;
    let bomb = photos::data_url("png", &photos::png_that_says(9_000, 9_000));
    let start = Instant::now();
    // The file has no pixels, so a decoder would call it broken (422). The answer 413 shows that the header was checked first.
    ada.activate("Ada", &bomb).await.must_fail(413, "too_large");
    assert!(start.elapsed() < Duration::from_secs(1), "{:?}", start.elapsed());
    assert!(!ada.me().await.json::<User>().activated);
}

#[tokio::test]
async fn a_picture_of_any_shape_becomes_a_square() {
    let app = TestApp::start().await;
    let ada = app.newcomer("ada@example.org").await;
    for (width, height) in [(400, 8_000), (3_000, 20)] {
        let photo = photos::data_url("png", &photos::photo(width, height, ImageFormat::Png));
        let user: User = ada.activate("Ada", &photo).await.must(200).json();
        assert_eq!(
            photos::size_of_jpeg(&ada.get(&user.person.picture).await.must(200).body),
            (256, 256)
        );
        let small = user.person.picture.replace(".jpg", "-64.jpg");
        assert_eq!(photos::size_of_jpeg(&ada.get(&small).await.must(200).body), (64, 64));
    }
}
