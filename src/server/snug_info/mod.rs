//! What this Snug says about itself: its name, a line about it, and its host. Owners write the name and the line; everybody may read
//! all of it.

pub mod cache;
pub mod store;

use super::{
    auth::{admission::owner_can_come_back, to_the_end},
    error::Result,
    gate::Owner,
    people,
    state::AppState,
};
use crate::{
    error::AppError,
    model::snug_info::{SnugHost, SnugInfo, SnugText},
};

/// The name, the line and the host.
///
/// # Errors
/// If the host is not in memory and the database can't be read.
pub async fn find(state: &AppState) -> Result<SnugInfo> {
    let host = match state.snug_info.host() {
        Ok(host) => host,
        Err(generation) => {
            let host = find_host(state).await?;
            state.snug_info.set_host(generation, host.clone());
            host
        }
    };
    Ok(SnugInfo {
        text: state.snug_info.text(),
        host,
    })
}

/// The first owner who can come back to their account. An owner whose address `sign_up.allow` no longer accepts can't.
async fn find_host(state: &AppState) -> Result<Option<SnugHost>> {
    let owners = people::store::list_owners(&state.database).await?;
    let mut able = owners
        .into_iter()
        .filter(|owner| owner_can_come_back(state, owner.address().as_ref()));
    let person = able.find_map(|owner| owner.person.into_person());
    Ok(person.map(|person| SnugHost {
        name: person.name,
        picture: person.picture,
    }))
}

/// Writes the name of this Snug and the line about it. From now on, pages and e-mails show them.
///
/// # Errors
/// `Invalid` for a name or a line that can't be shown; if the database can't be written. After each of these errors, nothing has
/// changed.
pub async fn describe(by: &Owner, name: &str, line: &str) -> Result<()> {
    let text = SnugText::parse(name, line).map_err(AppError::invalid)?;
    let (state, user) = (by.state.clone(), by.person.id.clone());
    to_the_end(async move {
        let _writing = state.snug_info.begin_write().await;
        store::write_text(&state.database, &text).await?;
        tracing::info!(by = %user, "an owner has written the name of this Snug");
        state.snug_info.set_text(text);
        Ok(())
    })
    .await
}
