//! How a phone in the same network opens this Snug, if it serves the local network: for the terminal, and for the owner's page.

use super::qr_code;
use crate::{model::lan_address::LanAddress, server::state::AppState};
use base64::{Engine, engine::general_purpose::STANDARD};

/// What to show; `None` unless Snug has made its certificate itself.
pub fn of(state: &AppState) -> Option<LanAddress> {
    let url = state.config.public_url.origin();
    Some(LanAddress {
        fingerprint: state.tls.as_ref()?.own_fingerprint()?.to_owned(),
        qr_code: format!("data:image/svg+xml;base64,{}", STANDARD.encode(qr_code::picture(&url)?)),
        url,
    })
}

/// The text for a terminal. With `colours`, the code is black on white, whatever the colours of the terminal are.
pub fn for_terminal(lan: &LanAddress, colours: bool) -> String {
    let code = qr_code::for_terminal(&lan.url).unwrap_or_default();
    let (begin, end) = if colours { ("\x1b[97;40m", "\x1b[0m") } else { ("", "") };
    let code: String = code
        .lines()
        .map(|line| format!("             {begin}{line}{end}\n"))
        .collect();
    format!(
        "{code}On a phone   in the same Wi-Fi, scan this code. The browser warns that the connection is not private, because Snug\n\
         \x20            has made its certificate itself: choose Advanced (or Show Details), and go on to the page. You can compare\n\
         \x20            the fingerprint of the certificate (SHA-256): {}",
        lan.fingerprint
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_terminal_shows_a_code_and_says_what_the_browser_warns_about() {
        let lan = LanAddress {
            url: "https://192.168.1.5:3000".into(),
            qr_code: String::new(),
            fingerprint: "AB:CD".into(),
        };
        let plain = for_terminal(&lan, false);
        assert!(plain.contains('\u{2588}') && !plain.contains('\x1b'), "{plain}");
        assert!(
            plain.contains("not private") && plain.ends_with("(SHA-256): AB:CD"),
            "{plain}"
        );
        assert!(for_terminal(&lan, true).contains("\x1b[97;40m"));
    }
}
