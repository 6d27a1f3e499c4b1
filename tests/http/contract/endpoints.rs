//! Every server function, named by the struct of its arguments. If you rename a function in Rust, rename it here too. The address of the
//! function in `docs/protocol.md` must stay the same.

use super::arguments::{Argument, arguments_of};
use serde::{Serialize, de::DeserializeOwned};
use server_fn::ServerFn;
use snug::api::{
    account, auth, circle, device, email, health, invites, outbox, owner_link, people, profile, refresh, rooms,
    setup_check, snug_info, theme,
};

pub struct Endpoint {
    pub path: &'static str,
    pub method: String,
    pub arguments: Vec<Argument>,
}

/// All endpoints, by path.
pub fn endpoints() -> Vec<Endpoint> {
    let mut endpoints = vec![
        endpoint::<account::PreviewDeletion>(),
        endpoint::<account::Delete>(),
        endpoint::<auth::RequestCode>(),
        endpoint::<auth::PendingCode>(),
        endpoint::<auth::VerifyCode>(),
        endpoint::<auth::FindLink>(),
        endpoint::<auth::VerifyLink>(),
        endpoint::<auth::SignOut>(),
        endpoint::<auth::Me>(),
        endpoint::<circle::Follow>(),
        endpoint::<circle::Unfollow>(),
        endpoint::<circle::List>(),
        endpoint::<device::Devices>(),
        endpoint::<device::SignOutDevice>(),
        endpoint::<device::SignOutOthers>(),
        endpoint::<email::FindAddress>(),
        endpoint::<email::RequestEmailChange>(),
        endpoint::<email::ConfirmEmailChange>(),
        endpoint::<email::FindEmailUndo>(),
        endpoint::<email::UndoEmailChange>(),
        endpoint::<health::Find>(),
        endpoint::<invites::Make>(),
        endpoint::<invites::List>(),
        endpoint::<invites::Revoke>(),
        endpoint::<invites::Find>(),
        endpoint::<invites::Accept>(),
        endpoint::<invites::ComeAsGuest>(),
        endpoint::<outbox::Outbox>(),
        endpoint::<owner_link::FindOwnerLink>(),
        endpoint::<owner_link::UseOwnerLink>(),
        endpoint::<people::List>(),
        endpoint::<people::MakeOwner>(),
        endpoint::<people::SwitchOff>(),
        endpoint::<people::SwitchOn>(),
        endpoint::<people::CloseRoom>(),
        endpoint::<profile::Activate>(),
        endpoint::<refresh::Refresh>(),
        endpoint::<rooms::List>(),
        endpoint::<rooms::Search>(),
        endpoint::<rooms::Open>(),
        endpoint::<rooms::Find>(),
        endpoint::<rooms::FindReturn>(),
        endpoint::<rooms::Count>(),
        endpoint::<rooms::ListOpen>(),
        endpoint::<setup_check::Find>(),
        endpoint::<setup_check::SendTestLetter>(),
        endpoint::<snug_info::Find>(),
        endpoint::<snug_info::Describe>(),
        endpoint::<theme::Choose>(),
    ];
    endpoints.sort_by_key(|endpoint| endpoint.path);
    endpoints
}

fn endpoint<F: ServerFn + DeserializeOwned + Serialize>() -> Endpoint {
    let registered = server_fn::axum::server_fn_paths().find(|(path, _)| *path == F::PATH);
    let (_, method) = registered.expect("the server answers this function");
    Endpoint {
        path: F::PATH,
        method: method.to_string(),
        arguments: arguments_of::<F>(),
    }
}

#[test]
fn every_server_function_has_a_row() {
    let rows = endpoints();
    let mut missing: Vec<&str> = server_fn::axum::server_fn_paths().map(|(path, _)| path).collect();
    missing.retain(|path| rows.iter().all(|row| row.path != *path));
    assert!(missing.is_empty(), "add to endpoints(): {missing:?}");
    assert!(
        rows.windows(2).all(|pair| pair[0].path != pair[1].path),
        "a row is listed twice"
    );
}
