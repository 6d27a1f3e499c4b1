//! Devices: the sessions of one person, each with the browser it runs in; signing out one of them, or all others.

pub(super) mod store;

use super::{SetCookies, identity::Visit, session, to_the_end};
use crate::{
    error::AppError,
    model::{device::Device, id::SessionId},
    server::error::Result,
};
use woothee::parser::Parser;

/// The browser and its system as people call them: "Firefox on Linux".
pub fn name(user_agent: &str) -> String {
    let Some(found) = Parser::new().parse(user_agent) else {
        return "an unknown browser".to_owned();
    };
    let system = match found.os {
        "Mac OSX" => Some("macOS"),
        "iPhone" | "iPad" | "Android" | "Linux" | "Windows" => Some(found.os),
        os if os.starts_with("Windows") => Some("Windows"),
        os => known(os),
    };
    match (known(found.name), system) {
        (Some(browser), Some(system)) => format!("{browser} on {system}"),
        (Some(one), None) | (None, Some(one)) => one.to_owned(),
        (None, None) => "an unknown browser".to_owned(),
    }
}

fn known(name: &str) -> Option<&str> {
    (name != "UNKNOWN").then_some(name)
}

/// The devices that are signed in, the one that was seen last first.
///
/// # Errors
/// `signed_out`; where the database can't be asked.
pub async fn list_devices(visit: &Visit) -> Result<Vec<Device>> {
    let (identity, now_s) = (visit.identity()?, visit.state.now_s());
    let rows = store::list_sessions(&visit.state.database, &identity.user, now_s).await?;
    let device = |row: store::SessionOfUser| Device {
        this_one: row.id == identity.session,
        name: name(&row.user_agent),
        network: row.ip_prefix,
        seen_ago_s: (now_s - row.last_seen_at).max(0) as u32,
        id: row.id,
    };
    Ok(rows.into_iter().map(device).collect())
}

/// Signs one device out, at once: its requests, its sockets and its voice. Where it is this one, the cookies go too.
///
/// # Errors
/// `NotFound` for a session that is over, or somebody else's; where the database can't be written to.
pub async fn sign_out_device(visit: &Visit, id: &str) -> Result<SetCookies> {
    let identity = visit.identity()?;
    let gone = || AppError::not_found("That device is signed out already.");
    let id = SessionId::parse(id).ok_or_else(gone)?;
    if id == identity.session {
        return session::sign_out(visit).await;
    }
    let (state, user) = (visit.state.clone(), identity.user);
    to_the_end(async move {
        let now_s = state.now_s();
        if !store::revoke_session_of(&state.database, &user, &id, "signed out from another device", now_s).await? {
            return Err(gone().into());
        }
        session::revoke_and_disconnect(&state, &id);
        Ok(vec![])
    })
    .await
}

/// Signs out every device but this one, at once.
///
/// # Errors
/// Where the database can't be written to; then nothing has changed.
pub async fn sign_out_others(visit: &Visit) -> Result<()> {
    let (state, identity) = (visit.state.clone(), visit.identity()?);
    to_the_end(async move {
        let (keep, reason) = (Some(&identity.session), "signed out from another device");
        let mut connection = state.database.writer().acquire().await?;
        let ended = store::revoke_sessions_of(&mut connection, &identity.user, keep, reason, state.now_s()).await?;
        for one in &ended {
            session::revoke_and_disconnect(&state, one);
        }
        Ok(())
    })
    .await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_browser_is_called_what_people_call_it() {
        for (user_agent, wanted) in [
            (
                "Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0",
                "Firefox on Linux",
            ),
            (
                "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36",
                "Chrome on Windows",
            ),
            (
                "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.1 Safari/605.1.15",
                "Safari on macOS",
            ),
            (
                "Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.1 Mobile/15E148 Safari/604.1",
                "Safari on iPhone",
            ),
            (
                "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Mobile Safari/537.36",
                "Chrome on Android",
            ),
            ("", "an unknown browser"),
            ("\u{0}<script>", "an unknown browser"),
        ] {
            assert_eq!(name(user_agent), wanted, "{user_agent}");
        }
    }
}
