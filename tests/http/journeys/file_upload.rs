//! Uploading a photo: the server takes a data URL, and stores and serves a small picture. `end2end` tests the browser's part.

use crate::{photos, test_app::TestApp};
use image::ImageFormat;
use snug::model::user::User;

#[tokio::test]
async fn the_server_decodes_resizes_stores_and_serves_a_data_url() {
    let app = TestApp::start().await;
    let ada = app.newcomer("ada@example.org").await;
    let photo = photos::photo(512, 512, ImageFormat::Jpeg);
    let user: User = ada
        .activate("Ada", &photos::data_url("jpeg", &photo))
        .await
        .must(200)
        .json();

    let hash = user
        .person
        .picture
        .strip_prefix("/pictures/")
        .and_then(|rest| rest.strip_suffix(".jpg"))
        .expect("a photo's address");
    let folder = app.state.config.data_dir.join("pictures");
    assert!(folder.join(format!("{hash}.jpg")).exists() && folder.join(format!("{hash}-64.jpg")).exists());
    let served = ada.get(&user.person.picture).await.must(200);
    assert_eq!(served.header("content-type"), Some("image/jpeg"));
    assert_eq!(photos::size_of_jpeg(&served.body), (256, 256));
    assert!(served.body.len() < 20_000, "{} octets", served.body.len());
    assert_eq!(
        served.body,
        std::fs::read(folder.join(format!("{hash}.jpg"))).expect("the file")
    );
}

#[tokio::test]
async fn the_picture_is_the_middle_of_the_photo() {
    let app = TestApp::start().await;
    let ada = app.newcomer("ada@example.org").await;
    // Left third red, middle green, right third blue: the square in the middle of this wide picture is green.
    let third = |x| [[200, 30, 30], [30, 200, 30], [30, 30, 200]][(x / 200) as usize];
    let wide = image::RgbImage::from_fn(600, 200, |x, _| image::Rgb(third(x)));
    let mut file = std::io::Cursor::new(vec![]);
    wide.write_to(&mut file, ImageFormat::Png).expect("a PNG");
    let user: User = ada
        .activate("Ada", &photos::data_url("png", file.get_ref()))
        .await
        .must(200)
        .json();
    let square = image::load_from_memory(&ada.get(&user.person.picture).await.must(200).body)
        .expect("a JPEG")
        .to_rgb8();
    for (x, y) in [(20, 20), (128, 128), (236, 236)] {
        let [red, green, blue] = square.get_pixel(x, y).0;
        assert!(green > 180 && red < 60 && blue < 60, "{red} {green} {blue} at {x}, {y}");
    }
}

#[tokio::test]
async fn a_photo_and_a_name_activate_the_user() {
    let app = TestApp::start().await;
    let ada = app.newcomer("ada@example.org").await;
    ada.list_rooms().await.must_fail(403, "not_activated");
    ada.activate("Ada", &photos::small_photo()).await.must(200);
    ada.list_rooms().await.must(200);
}

#[tokio::test]
async fn the_form_keeps_the_plus_signs_of_base64() {
    let app = TestApp::start().await;
    let ada = app.newcomer("ada@example.org").await;
    // Noise, so that the base64 text contains each of the 64 characters.
    let noise = image::RgbImage::from_fn(64, 64, |x, y| {
        let mixed = (x * 2_654_435_761u32.wrapping_add(y * 97)) ^ (y.wrapping_mul(40_503) << 7);
        image::Rgb([mixed as u8, (mixed >> 8) as u8, (mixed >> 16) as u8])
    });
    let mut file = std::io::Cursor::new(vec![]);
    noise.write_to(&mut file, ImageFormat::Png).expect("a PNG");
    let data_url = photos::data_url("png", file.get_ref());
    assert!(data_url.contains('+') && data_url.contains('/'));
    ada.activate("Ada", &data_url).await.must(200);
}
