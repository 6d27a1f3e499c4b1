//! A photo in the browser: read by FileReader as a data URL, cut to a square on a canvas, and read again.

use super::page::EventListener;
use gloo_file::{Blob, File};
use std::f64::consts::FRAC_PI_2;
use wasm_bindgen::{JsCast, JsValue, closure::Closure};
use wasm_bindgen_futures::JsFuture;
use web_sys::{
    CanvasRenderingContext2d, ClipboardEvent, DataTransfer, DragEvent, Element, Event, FileReader, HtmlCanvasElement,
    HtmlImageElement, HtmlInputElement, ProgressEvent,
};

/// A photo that a page shows.
pub type Image = HtmlImageElement;

/// The side of the square that is sent, in pixels.
const SIDE: u32 = 512;
/// Tried one after the other until the data URL is short enough. At the last, even grain of black and white is.
const QUALITIES: [f64; 6] = [0.85, 0.7, 0.5, 0.35, 0.2, 0.05];
/// The longest data URL that is sent where a lower quality can help it, in characters.
const DATA_URL_MAX: usize = 90_000;

/// The file chosen in an input.
pub fn chosen(input: &HtmlInputElement) -> Option<File> {
    input.files()?.get(0).map(File::from)
}

/// A file on its way into the page.
pub enum Carried {
    /// It is held over the page.
    Over,
    /// It was taken away again.
    Gone,
    /// It was dropped or pasted, anywhere on the page.
    Here(File),
}

/// Calls `take` for files that are dragged over the page, dropped, or pasted. Without it a drop beside the frame would
/// leave the page, and everything that was typed.
pub fn on_carried(take: impl Fn(Carried) + Clone + 'static) -> [EventListener; 4] {
    let (over, gone, dropped) = (take.clone(), take.clone(), take.clone());
    [
        EventListener::on_window("dragover", move |event| {
            if dragged(&event).is_some_and(|data| has(&data, "Files")) {
                event.prevent_default();
                over(Carried::Over);
            }
        }),
        // It leaves the window only where it comes to no other element.
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
            // Into a text field text may be dropped; anything else would lead away from the page.
            if data.as_ref().is_some_and(|data| has(data, "Files")) || !is_typed_into(&event) {
                event.prevent_default();
            }
            dropped(first(data).map_or(Carried::Gone, Carried::Here));
        }),
        EventListener::on_window("paste", move |event| {
            let pasted = event
                .dyn_ref::<ClipboardEvent>()
                .and_then(ClipboardEvent::clipboard_data);
            // Words copied from a table bring a picture of themselves along.
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

/// Where a photo lies behind a square frame, in sides of the frame: its own size before it is turned, its centre, and how
/// many quarters it is turned clockwise.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Placement {
    pub width: f64,
    pub height: f64,
    pub centre_x: f64,
    pub centre_y: f64,
    pub quarter_turns: u8,
}

/// Cuts what the frame shows out of a photo, and gives it as the data URL of a small JPEG. `None` where the browser can't.
pub async fn crop_to_jpeg(image: &HtmlImageElement, placement: Placement) -> Option<String> {
    let (canvas, context) = canvas(SIDE, SIDE)?;
    let full = f64::from(SIDE);
    // Behind what is transparent: a JPEG would make it black.
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
        // Safari may answer PNG; the server takes that too.
        small = read(&blob, |_| {}).await;
        if small.as_ref().is_some_and(|url| url.len() <= DATA_URL_MAX) {
            break;
        }
    }
    small
}

/// A canvas that is on no page.
pub(super) fn canvas(width: u32, height: u32) -> Option<(HtmlCanvasElement, CanvasRenderingContext2d)> {
    let document = web_sys::window()?.document()?;
    let canvas: HtmlCanvasElement = document.create_element("canvas").ok()?.dyn_into().ok()?;
    canvas.set_width(width);
    canvas.set_height(height);
    let context = canvas.get_context("2d").ok()??.dyn_into().ok()?;
    Some((canvas, context))
}

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

/// Waits until a photo is open; its width and height in pixels. `None` where it never will be.
pub async fn opened(image: &HtmlImageElement) -> Option<(u32, u32)> {
    JsFuture::from(image.decode()).await.ok()?;
    Some((image.natural_width(), image.natural_height()))
}

/// Puts a photo's place into custom properties of its element; they are styles that no policy forbids.
pub fn place(image: &HtmlImageElement, placement: Placement) {
    let style = image.style();
    let percent = |part: f64| format!("{:.3}%", 100.0 * part);
    let _ = style.set_property("--width", &percent(placement.width));
    let _ = style.set_property("--left", &percent(placement.centre_x));
    let _ = style.set_property("--top", &percent(placement.centre_y));
    let _ = style.set_property("--rotation", &format!("{}deg", 90 * u32::from(placement.quarter_turns)));
}

/// Where in the frame around a photo a point of the window is, in sides of the frame from its left and upper edge.
pub fn within_frame(image: &HtmlImageElement, x: i32, y: i32) -> Option<(f64, f64)> {
    let frame = image.parent_element()?.get_bounding_client_rect();
    let side = frame.width().max(1.0);
    Some((
        (f64::from(x) - frame.left()) / side,
        (f64::from(y) - frame.top()) / side,
    ))
}

/// Lets the frame around a photo hear of a pointer until it is lifted, wherever it goes.
pub fn hold_pointer(image: &HtmlImageElement, pointer: i32) {
    if let Some(frame) = image.parent_element() {
        let _ = frame.set_pointer_capture(pointer);
    }
}
