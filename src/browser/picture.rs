//! A photo in the browser: takes a file, shows it, crops it to a square on a canvas, and makes a small JPEG.

use super::page::EventListener;
use gloo_file::{Blob, File};
use std::f64::consts::FRAC_PI_2;
use wasm_bindgen::{JsCast, JsValue, closure::Closure};
use wasm_bindgen_futures::JsFuture;
use web_sys::{
    CanvasRenderingContext2d, ClipboardEvent, DataTransfer, DragEvent, Element, Event, FileReader, HtmlCanvasElement,
    HtmlImageElement, HtmlInputElement, ProgressEvent,
};

/// The `<img>` element of a photo.
pub type Image = HtmlImageElement;

/// The side of the square picture that is sent, in pixels. Because the browser shrinks the photo, a phone need not
/// upload the whole photo. The server shrinks the picture again, because the server can't trust a browser.
const SIDE: u32 = 512;
/// JPEG qualities, tried in order until the data URL is short enough. With the last quality, even a picture of random
/// noise is short enough.
const QUALITIES: [f64; 6] = [0.85, 0.7, 0.5, 0.35, 0.2, 0.05];
/// The length that the data URL should not exceed, in characters. A data URL that is longer even with the last of the
/// [`QUALITIES`] is sent anyway.
const DATA_URL_MAX: usize = 90_000;

/// The file chosen in an input.
pub fn chosen(input: &HtmlInputElement) -> Option<File> {
    input.files()?.get(0).map(File::from)
}

/// What happens to a file that a person drags or pastes into the page.
pub enum Carried {
    /// A file is held over the page.
    Over,
    /// The file is no longer held over the page, and was not dropped on it.
    Gone,
    /// The file was dropped or pasted, anywhere on the page.
    Here(File),
}

/// Calls `take` for files that are dragged over the page, dropped, or pasted. The listeners are on the whole window.
/// Otherwise the browser would open a file that is dropped beside the photo's frame. The file would replace the page, and
/// everything that was typed into the page would be lost.
pub fn on_carried(take: impl Fn(Carried) + Clone + 'static) -> [EventListener; 4] {
    let (over, gone, dropped) = (take.clone(), take.clone(), take.clone());
    [
        EventListener::on_window("dragover", move |event| {
            if dragged(&event).is_some_and(|data| has(&data, "Files")) {
                event.prevent_default();
                over(Carried::Over);
            }
        }),
        // If the event has no related target, the pointer has left the window. Otherwise it has only moved to another
        // element.
        EventListener::on_window("dragleave", move |event| {
            if event
                .dyn_ref::<DragEvent>()
                .is_some_and(|event| event.related_target().is_none())
            {
                gone(Carried::Gone);
            }
        }),
        EventListener::on_window("drop", move |event| {
            let data = dragged(&event);
            // Text can be dropped into a text field. For anything else, the browser would leave the page and open what
            // was dropped.
            if data.as_ref().is_some_and(|data| has(data, "Files")) || !is_typed_into(&event) {
                event.prevent_default();
            }
            dropped(first(data).map_or(Carried::Gone, Carried::Here));
        }),
        EventListener::on_window("paste", move |event| {
            let pasted = event
                .dyn_ref::<ClipboardEvent>()
                .and_then(ClipboardEvent::clipboard_data);
            // If text is copied from a spreadsheet, the clipboard also contains a picture of that text. In a text
            // field, the person wants to paste the text and not the picture.
            let are_words = is_typed_into(&event) && pasted.as_ref().is_some_and(|data| has(data, "text/plain"));
            if let Some(file) = first(pasted).filter(|_| !are_words) {
                event.prevent_default();
                take(Carried::Here(file));
            }
        }),
    ]
}

fn dragged(event: &Event) -> Option<DataTransfer> {
    event.dyn_ref::<DragEvent>()?.data_transfer()
}

fn has(data: &DataTransfer, kind: &str) -> bool {
    data.types().includes(&kind.into(), 0)
}

fn is_typed_into(event: &Event) -> bool {
    let target = event.target().and_then(|target| target.dyn_into::<Element>().ok());
    target.is_some_and(|target| target.matches("input, textarea").unwrap_or(false))
}

fn first(data: Option<DataTransfer>) -> Option<File> {
    data?.files()?.get(0).map(File::from)
}

/// Reads a blob as a data URL (`FileReader.readAsDataURL`). While it reads, it calls `progress` with the percentage
/// that it has read. `None` if the blob can't be read.
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

/// Where a photo is behind a square frame. Lengths are in units of the frame's side. `width` and `height` are the size
/// of the photo before it is turned.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Placement {
    pub width: f64,
    pub height: f64,
    pub centre_x: f64,
    pub centre_y: f64,
    /// How many times the photo is turned clockwise by 90 degrees.
    pub quarter_turns: u8,
}

/// Crops a photo to the part in the frame, and returns that part as the data URL of a small JPEG. `None` if the browser
/// can't crop it.
pub async fn crop_to_jpeg(image: &HtmlImageElement, placement: Placement) -> Option<String> {
    let (canvas, context) = canvas(SIDE, SIDE)?;
    let full = f64::from(SIDE);
    // A background for transparent pixels, which would become black in a JPEG.
    context.set_fill_style_str("#f3efe8");
    context.fill_rect(0.0, 0.0, full, full);
    let _ = js_sys::Reflect::set(&context, &"imageSmoothingQuality".into(), &"high".into());
    context
        .translate(placement.centre_x * full, placement.centre_y * full)
        .ok()?;
    context.rotate(f64::from(placement.quarter_turns) * FRAC_PI_2).ok()?;
    let (width, height) = (placement.width * full, placement.height * full);
    context
        .draw_image_with_html_image_element_and_dw_and_dh(image, -width / 2.0, -height / 2.0, width, height)
        .ok()?;
    let mut small = None;
    for quality in QUALITIES {
        let blob = jpeg(&canvas, quality).await?;
        // Safari may return a PNG instead. The server accepts that too.
        small = read(&blob, |_| {}).await;
        if small.as_ref().is_some_and(|url| url.len() <= DATA_URL_MAX) {
            break;
        }
    }
    small
}

/// A canvas that is not part of the page, and its context.
pub(super) fn canvas(width: u32, height: u32) -> Option<(HtmlCanvasElement, CanvasRenderingContext2d)> {
    let document = web_sys::window()?.document()?;
    let canvas: HtmlCanvasElement = document.create_element("canvas").ok()?.dyn_into().ok()?;
    canvas.set_width(width);
    canvas.set_height(height);
    let context = canvas.get_context("2d").ok()??.dyn_into().ok()?;
    Some((canvas, context))
}

/// The contents of a canvas as a JPEG; `quality` is from 0 to 1.
pub(super) async fn jpeg(canvas: &HtmlCanvasElement, quality: f64) -> Option<Blob> {
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

/// Waits until the browser has decoded a photo. Returns the photo's width and height in pixels, or `None` if the
/// browser can't decode it.
pub async fn opened(image: &HtmlImageElement) -> Option<(u32, u32)> {
    JsFuture::from(image.decode()).await.ok()?;
    Some((image.natural_width(), image.natural_height()))
}

/// Writes a photo's placement into custom properties of its element. Our content security policy forbids inline styles
/// in the HTML, but allows properties that a script sets.
pub fn place(image: &HtmlImageElement, placement: Placement) {
    let style = image.style();
    let percent = |part: f64| format!("{:.3}%", 100.0 * part);
    let _ = style.set_property("--width", &percent(placement.width));
    let _ = style.set_property("--left", &percent(placement.centre_x));
    let _ = style.set_property("--top", &percent(placement.centre_y));
    let _ = style.set_property("--rotation", &format!("{}deg", 90 * u32::from(placement.quarter_turns)));
}

/// Converts a point of the window into a position in the frame around a photo. The position is relative to the frame's
/// top left corner, and its unit is the frame's side.
pub fn within_frame(image: &HtmlImageElement, x: i32, y: i32) -> Option<(f64, f64)> {
    let frame = image.parent_element()?.get_bounding_client_rect();
    let side = frame.width().max(1.0);
    Some((
        (f64::from(x) - frame.left()) / side,
        (f64::from(y) - frame.top()) / side,
    ))
}

/// Makes the browser send the events of this pointer to the frame around a photo until the pointer is lifted, even if
/// the pointer leaves the frame.
pub fn hold_pointer(image: &HtmlImageElement, pointer: i32) {
    if let Some(frame) = image.parent_element() {
        let _ = frame.set_pointer_capture(pointer);
    }
}
