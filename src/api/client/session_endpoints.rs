//! The endpoints that begin or end this browser's session: their answers set or clear the session's cookies.

/// The endpoints whose answer sets the cookies of a session that has just begun.
const BEGINS_SESSION: [&str; 4] = [
    "/api/auth/verify_code",
    "/api/auth/verify_link",
    "/api/invites/come_as_guest",
    "/api/auth/use_owner_link",
];

/// The endpoints whose answer may clear the cookies of a session.
const ENDS_SESSION: [&str; 3] = ["/api/auth/sign_out", "/api/auth/sign_out_device", "/api/account/delete"];

pub fn begins_session(endpoint: &str) -> bool {
    BEGINS_SESSION.contains(&endpoint)
}

pub fn changes_session(endpoint: &str) -> bool {
    begins_session(endpoint) || ENDS_SESSION.contains(&endpoint)
}
