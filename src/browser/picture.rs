//! A photo in the browser: read by FileReader as a data URL, cut to a square on a canvas, and read again.

use gloo_file::{Blob, File};
use wasm_bindgen::{JsCast, JsValue, closure::Closure};
use wasm_bindgen_futures::JsFuture;
use web_sys::{
    CanvasRenderingContext2d, FileReader, HtmlCanvasElement, HtmlImageElement, HtmlInputElement, ProgressEvent,
};

/// A photo that a page shows.
pub type Image = HtmlImageElement;

/// The side of the square that is sent, in pixels.
const SIDE: u32 = 512;
/// Tried one after the other until the data URL is short enough.
const QUALITIES: [f64; 3] = [0.85, 0.7, 0.5];
/// The longest data URL that is sent where a lower quality can help it, in characters.
const DATA_URL_MAX: usize = 90_000;

/// The file chosen in an input.
pub fn chosen(input: &HtmlInputElement) -> Option<File> {
    input.files()?.get(0).map(File::from)
}

/// The first file that was dropped or pasted.
pub fn carried(data: Option<web_sys::DataTransfer>) -> Option<File> {
    data?.files()?.get(0).map(File::from)
}

/// The first file that was pasted.
pub fn pasted(event: &web_sys::Event) -> Option<File> {
    carried(event.dyn_ref::<web_sys::ClipboardEvent>()?.clipboard_data())
}

/// Reads a blob as a data URL (`FileReader.readAsDataURL`); `progress` gets percent. `None` where it can't be read.
pub async fn read(blob: &Blob, progress: impl Fn(u8) + 'static) -> Option<String> {
    let reader = FileReader::new().ok()?;
    let on_progress = Closure::<dyn Fn(ProgressEvent)>::new(move |event: ProgressEvent| {
        if event.length_computable() && event.total() > 0.0 {
            progress((100.0 * event.loaded() / event.total()) as u8);
        }
    });
    reader.set_onprogress(Some(on_progress.as_ref().unchecked_ref()));
    let ended = js_sys::Promise::new(&mut |resolve, _| {
        reader.set_onloadend(Some(&resolve));
        if reader.read_as_data_url(blob.as_ref()).is_err() {
            let _ = resolve.call0(&JsValue::NULL);
        }
    });
    JsFuture::from(ended).await.ok()?;
    reader.result().ok()?.as_string()
}

/// Cuts a square out of a photo that is shown, and gives it as the data URL of a small JPEG. `None` where the browser can't.
pub async fn cut(image: &HtmlImageElement, left: f64, top: f64, side: f64) -> Option<String> {
    let canvas: HtmlCanvasElement = web_sys::window()?
        .document()?
        .create_element("canvas")
        .ok()?
        .dyn_into()
        .ok()?;
    canvas.set_width(SIDE);
    canvas.set_height(SIDE);
    let context: CanvasRenderingContext2d = canvas.get_context("2d").ok()??.dyn_into().ok()?;
    let full = f64::from(SIDE);
    // Behind what is transparent: a JPEG would make it black.
    context.set_fill_style_str("#f3efe8");
    context.fill_rect(0.0, 0.0, full, full);
    context
        .draw_image_with_html_image_element_and_sw_and_sh_and_dx_and_dy_and_dw_and_dh(
            image, left, top, side, side, 0.0, 0.0, full, full,
        )
        .ok()?;
    let mut small = None;
    for quality in QUALITIES {
        let blob = jpeg(&canvas, quality).await?;
        // Safari may answer PNG; the server takes that too.
        small = read(&blob, |_| {}).await;
        if small.as_ref().is_some_and(|url| url.len() <= DATA_URL_MAX) {
            break;
        }
    }
    small
}

async fn jpeg(canvas: &HtmlCanvasElement, quality: f64) -> Option<Blob> {
    let made = js_sys::Promise::new(&mut |resolve, reject| {
        if canvas
            .to_blob_with_type_and_encoder_options(&resolve, "image/jpeg", &quality.into())
            .is_err()
        {
            let _ = reject.call0(&JsValue::NULL);
        }
    });
    let blob = JsFuture::from(made).await.ok()?;
    blob.dyn_into::<web_sys::Blob>().ok().map(Blob::from)
}

/// Puts a photo's place into custom properties of its element; they are styles that no policy forbids.
pub fn place(image: &HtmlImageElement, width: f64, left: f64, top: f64) {
    let style = image.style();
    for (name, percent) in [("--width", width), ("--left", left), ("--top", top)] {
        let _ = style.set_property(name, &format!("{percent:.3}%"));
    }
}
