//! Measures what it costs to process a photo in our pipeline, and in the crate `image` with Lanczos3.
//!
//! With the arguments `make FOLDER`, this program makes the photos. With `PIPELINE FILE RUNS`, it measures one photo and prints
//! a line of JSON: the CPU time of the best run in milliseconds, and the peak memory of the process. Each measurement needs
//! its own process, because the system counts the peak for a whole process.

use base64::{Engine, prelude::BASE64_STANDARD};
use image::{DynamicImage, ImageFormat, RgbImage, imageops::FilterType};
use jpeg_encoder::{ColorType, Encoder, SamplingFactor};
use snug::server::avatars::picture;
use std::{env, fs, io::Cursor, path::Path};

fn main() {
    let arguments: Vec<String> = env::args()
        .skip(1)
        .filter(|argument| !argument.starts_with("--"))
        .collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        ["make", folder] => make(Path::new(folder)),
        [pipeline, file, runs] => measure(pipeline, Path::new(file), runs.parse().expect("a number of runs")),
        _ => eprintln!("usage: make FOLDER | snug FILE RUNS | image FILE RUNS"),
    }
}

/// Writes a photo of 12 megapixels as baseline and as progressive JPEG, and a PNG of 2 megapixels.
fn make(folder: &Path) {
    fs::create_dir_all(folder).expect("a folder");
    let photo = photo(4_032, 3_024);
    let jpeg = |progressive: bool| {
        let mut file = vec![];
        let mut encoder = Encoder::new(&mut file, 92);
        encoder.set_sampling_factor(SamplingFactor::F_2_2);
        encoder.set_progressive(progressive);
        let size = (photo.width() as u16, photo.height() as u16);
        encoder
            .encode(photo.as_raw(), size.0, size.1, ColorType::Rgb)
            .expect("a JPEG");
        file
    };
    let mut png = Cursor::new(vec![]);
    let small = image::imageops::resize(&photo, 1_632, 1_224, FilterType::Triangle);
    small.write_to(&mut png, ImageFormat::Png).expect("a PNG");
    let files = [
        ("photo12.jpg", jpeg(false)),
        ("photo12p.jpg", jpeg(true)),
        ("photo2.png", png.into_inner()),
    ];
    for (name, octets) in files {
        println!("{name} {} kB", octets.len() / 1_000);
        fs::write(folder.join(name), octets).expect("written");
    }
}

/// A synthetic photo: soft shapes, with the noise of a camera's sensor.
fn photo(width: u32, height: u32) -> RgbImage {
    let mut state = 12_345_u32;
    let mut grain = move || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        f64::from(state) / f64::from(u32::MAX)
    };
    RgbImage::from_fn(width, height, |x, y| {
        let (across, down) = (f64::from(x) / f64::from(width), f64::from(y) / f64::from(height));
        let round = (-((across - 0.5) * 4.0).powi(2) - ((down - 0.45) * 3.0).powi(2)).exp();
        let waves = ((across * 90.0).sin() * (down * 70.0).cos() * 14.0) * (1.0 - round);
        image::Rgb(
            [150.0 + 80.0 * round, 120.0 + 60.0 * down, 200.0 - 120.0 * round].map(|level: f64| {
                let noise = (grain() + grain() + grain() - 1.5) * 13.0;
                (level + waves + noise).clamp(0.0, 255.0) as u8
            }),
        )
    })
}

fn measure(pipeline: &str, file: &Path, runs: usize) {
    let octets = fs::read(file).expect("a photo");
    let kind = if file.extension().is_some_and(|end| end == "png") {
        "png"
    } else {
        "jpeg"
    };
    let url = format!("data:image/{kind};base64,{}", BASE64_STANDARD.encode(&octets));
    drop(octets);
    let run = || match pipeline {
        "snug" => {
            let octets = picture::decode_data_url(&url).expect("a data URL");
            picture::square(&octets).expect("a picture").large.len()
        }
        "image" => {
            let (_, base64) = url.split_once(',').expect("a data URL");
            plain(&BASE64_STANDARD.decode(base64).expect("base64"))
        }
        "nothing" => 0,
        other => panic!("no such pipeline: {other}"),
    };
    let mut best = f64::INFINITY;
    let mut made = 0;
    for _ in 0..runs {
        let before = cpu_ms();
        made = run();
        best = best.min(cpu_ms() - before);
    }
    println!(
        "{{\"cpu_ms\":{best:.1},\"peak_mb\":{:.1},\"octets\":{made}}}",
        peak_bytes() as f64 / 1e6
    );
}

/// Makes the same two squares as our pipeline, with the shortest code that uses `image`. Returns the size of the large square
/// in bytes.
fn plain(octets: &[u8]) -> usize {
    let photo = image::load_from_memory(octets).expect("a picture");
    let large = photo.resize_to_fill(256, 256, FilterType::Lanczos3);
    let small = photo.resize_to_fill(64, 64, FilterType::Lanczos3);
    let write = |picture: DynamicImage| {
        let mut file = Cursor::new(vec![]);
        picture
            .into_rgb8()
            .write_to(&mut file, ImageFormat::Jpeg)
            .expect("a JPEG");
        file.into_inner().len()
    };
    write(small);
    write(large)
}

/// The CPU time of all threads of this process, in milliseconds (Linux: /proc/self/task/*/schedstat).
fn cpu_ms() -> f64 {
    let tasks = fs::read_dir("/proc/self/task").expect("threads");
    let nanoseconds: u64 = tasks
        .filter_map(|task| fs::read_to_string(task.ok()?.path().join("schedstat")).ok())
        .filter_map(|line| line.split(' ').next()?.parse::<u64>().ok())
        .sum();
    nanoseconds as f64 / 1e6
}

/// The peak memory of this process so far, in bytes (`VmHWM`).
fn peak_bytes() -> u64 {
    let status = fs::read_to_string("/proc/self/status").expect("this process");
    let line = status
        .lines()
        .find(|line| line.starts_with("VmHWM:"))
        .expect("the peak");
    1024 * line
        .split_whitespace()
        .nth(1)
        .and_then(|kilobytes| kilobytes.parse::<u64>().ok())
        .expect("kilobytes")
}
