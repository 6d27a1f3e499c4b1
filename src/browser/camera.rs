//! The camera: shows its picture on the page, and takes a photo. It uses `getUserMedia`, because `<input capture>` does
//! nothing on computers.

use super::{
    media::{self, Closed, Stream},
    picture,
};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{HtmlVideoElement, MediaStreamConstraints};

/// The `<video>` element in which a page shows the camera.
pub type Screen = HtmlVideoElement;

/// An open camera. Dropping it switches the camera off.
pub struct Camera(Stream);

impl Closed {
    /// The sentence for the screen that says why the camera can't be used.
    pub fn without_camera(self) -> &'static str {
        match self {
            Closed::Denied => {
                "The browser blocks the camera. Open the padlock beside the address, allow the camera, then try again; or choose a photo."
            }
            Closed::Missing => "This device has no camera. Choose a photo or a drawn face.",
            Closed::InUse => {
                "Another program is using the camera. Close that program, then try again; or choose a photo."
            }
            Closed::Unsupported => "This browser can't use a camera here. Choose a photo or a drawn face.",
        }
    }
}

impl Camera {
    /// Asks for the front camera.
    ///
    /// # Errors
    /// The reason why the camera can't be used.
    pub async fn open() -> Result<Self, Closed> {
        let video = js_sys::Object::new();
        let sides: [(&str, JsValue); 3] = [
            ("facingMode", "user".into()),
            ("width", 1_280.into()),
            ("height", 960.into()),
        ];
        for (constraint, value) in sides {
            let _ = js_sys::Reflect::set(&video, &constraint.into(), &value);
        }
        let constraints = MediaStreamConstraints::new();
        constraints.set_video(&video);
        media::ask(&constraints).await.map(Self)
    }

    /// Shows the camera's picture on the page. Returns when the first picture has arrived.
    pub async fn show(&self, screen: &Screen) {
        screen.set_muted(true);
        screen.set_src_object(Some(&self.0.0));
        if let Ok(playing) = screen.play() {
            let _ = JsFuture::from(playing).await;
        }
    }
}

/// The picture that `screen` shows now, as the data URL of a JPEG. `None` if it shows no picture yet.
pub async fn shot(screen: &Screen) -> Option<String> {
    let (width, height) = (screen.video_width(), screen.video_height());
    if width == 0 || height == 0 {
        return None;
    }
    let (canvas, context) = picture::canvas(width, height)?;
    let drawn = context.draw_image_with_html_video_element(screen.unchecked_ref(), 0.0, 0.0);
    drawn.ok()?;
    let blob = picture::jpeg(&canvas, 0.92).await?;
    picture::read(&blob, |_| {}).await
}
