//! How to open this Snug on a phone, if it serves the local network.

use crate::model::lan_address::LanAddress;
use leptos::prelude::*;

/// The address with its code, and what the browser of the phone will warn about. Nothing if Snug has a certificate of an authority.
#[component]
pub fn LanNotice() -> impl IntoView {
    let lan = use_context::<Option<LanAddress>>().flatten();
    lan.map(|LanAddress { url, qr_code, fingerprint }| {
        let label = format!("QR code of {url}");
        view! {
            <section class="lan-notice" aria-labelledby="lan-heading">
                <h2 id="lan-heading">"Open it on a phone"</h2>
                <p>"In the same Wi-Fi, scan this code, or open " <a href=url.clone()>{url.clone()}</a> "."</p>
                <div class="qr-picture">
                    <img src=qr_code alt=label/>
                </div>
                <p>
                    "The browser warns that the connection is not private, because this Snug has made its certificate itself. Choose \
                     Advanced (or Show Details), and go on to the page. It does not warn again."
                </p>
                <p>"Fingerprint of the certificate (SHA-256): " <code>{fingerprint}</code></p>
            </section>
        }
    })
}
