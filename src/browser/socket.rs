//! One WebSocket, reduced to what a page needs: it sends and receives text, and reports when the connection is closed.

use crate::model::signal::GIVEN_UP_CODE;
use wasm_bindgen::{JsCast, closure::Closure};
use web_sys::{CloseEvent, MessageEvent, WebSocket};

/// What a socket reports.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SocketEvent {
    Open,
    Text(String),
    /// The socket was closed with this code (RFC 6455 section 7.4.1). The code is 1006 if the connection broke.
    Closed {
        code: u16,
    },
}

/// The code "Normal Closure" (RFC 6455 section 7.4.1).
const NORMAL: u16 = 1000;

/// A socket. Dropping this value closes the socket with code 1000, which tells the server that the person left on
/// purpose.
pub struct Socket {
    socket: WebSocket,
    code: u16,
    _on_open: Closure<dyn Fn()>,
    _on_message: Closure<dyn Fn(MessageEvent)>,
    _on_close: Closure<dyn Fn(CloseEvent)>,
}

impl Socket {
    /// Opens `path` ("/ws/…") on this page's host; `None` if the browser refuses.
    pub fn open(path: &str, report: impl Fn(SocketEvent) + Clone + 'static) -> Option<Self> {
        let location = web_sys::window()?.location();
        let scheme = if location.protocol().ok()? == "https:" {
            "wss"
        } else {
            "ws"
        };
        let socket = WebSocket::new(&format!("{scheme}://{}{path}", location.host().ok()?)).ok()?;

        let tell = report.clone();
        let on_open = Closure::<dyn Fn()>::new(move || tell(SocketEvent::Open));
        let tell = report.clone();
        let on_message = Closure::<dyn Fn(MessageEvent)>::new(move |event: MessageEvent| {
            if let Some(text) = event.data().as_string() {
                tell(SocketEvent::Text(text));
            }
        });
        let on_close = Closure::<dyn Fn(CloseEvent)>::new(move |event: CloseEvent| {
            report(SocketEvent::Closed { code: event.code() })
        });
        socket.set_onopen(Some(on_open.as_ref().unchecked_ref()));
        socket.set_onmessage(Some(on_message.as_ref().unchecked_ref()));
        socket.set_onclose(Some(on_close.as_ref().unchecked_ref()));
        Some(Self {
            socket,
            code: NORMAL,
            _on_open: on_open,
            _on_message: on_message,
            _on_close: on_close,
        })
    }

    /// Sends text. The text is lost if the socket is not open.
    pub fn send(&self, text: &str) {
        let _ = self.socket.send_with_str(text);
    }

    /// Closes the socket without a goodbye: the person stays in the room.
    pub fn give_up(mut self) {
        self.code = GIVEN_UP_CODE;
    }
}

impl Drop for Socket {
    fn drop(&mut self) {
        self.socket.set_onopen(None);
        self.socket.set_onmessage(None);
        self.socket.set_onclose(None);
        let _ = self.socket.close_with_code(self.code);
    }
}
