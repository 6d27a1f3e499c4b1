//! What you can do if you are host only while the owner of the room is away.

use crate::{
    model::{
        host_kind::HostKind,
        stage::{Role, StageRequest},
    },
    ui::call::Presence,
};
use leptos::prelude::*;

/// Whether you are the host, and can make this request although you perhaps host only while the owner is away.
pub fn may_as_host(presence: Presence, request: &StageRequest) -> bool {
    presence.role() == Some(Role::Host) && presence.info.with(|info| info.lets_host_request(request))
}

/// Whether you host only because the owner is away, and the owner has not chosen you.
pub fn is_stand_in(presence: Presence) -> bool {
    presence.role() == Some(Role::Host) && presence.info.with(|info| info.host_kind() == HostKind::StandIn)
}

/// Tells a stand-in what they can do, and what has to wait.
#[component]
pub fn LimitsOfStandIn(presence: Presence) -> impl IntoView {
    let owner = move || {
        let name = presence
            .info
            .with(|info| info.absent_owner.as_ref().map(|owner| owner.name.clone()));
        view! { <bdi translate="no">{name}</bdi> }
    };
    view! {
        <p class="hint" data-names="">
            "You are host while " {owner}
            " is away. You can mute people, move them, remove them for 10 minutes, and make links. The rest is up to the owner."
        </p>
    }
}
