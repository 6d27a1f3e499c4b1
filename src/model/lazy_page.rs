//! The pages whose code is in chunks of the program, which only these pages load.

use super::id::RoomId;

/// A page whose code is in a chunk. Other pages are rendered by the server alone, or their code is in the base, which every page loads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LazyPage {
    Activate,
    Connection,
    Invitation,
    Room,
    Rooms,
    Settings,
    SignIn,
}

impl LazyPage {
    /// The page at a path, such as `/rooms/abcdefghij`. `None` if the page needs no chunk, or does not exist.
    pub fn at(path: &str) -> Option<Self> {
        let parts: Vec<&str> = path.split('/').skip(1).collect();
        match parts.as_slice() {
            ["activate"] => Some(Self::Activate),
            ["connection"] => Some(Self::Connection),
            ["invite", _] => Some(Self::Invitation),
            ["rooms", id] if RoomId::parse(id).is_some() => Some(Self::Room),
            ["rooms"] => Some(Self::Rooms),
            ["settings"] => Some(Self::Settings),
            ["sign-in"] => Some(Self::SignIn),
            _ => None,
        }
    }

    /// The name of the page's chunk in `src/lazy.rs`, and in the list of files that the build writes.
    pub fn chunk(self) -> &'static str {
        match self {
            // Both have the form for your face, which is most of their code.
            Self::Activate | Self::Settings => "profile",
            Self::Connection => "connection",
            Self::Invitation => "invitation",
            Self::Room => "room",
            Self::Rooms => "rooms",
            Self::SignIn => "sign_in",
        }
    }

    /// The page that people usually open next. Its chunk is loaded ahead.
    pub fn next(self) -> Option<Self> {
        match self {
            Self::Invitation | Self::Rooms => Some(Self::Room),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::LazyPage;

    #[test]
    fn only_pages_that_exist_have_chunks() {
        assert_eq!(LazyPage::at("/rooms"), Some(LazyPage::Rooms));
        assert_eq!(LazyPage::at("/rooms/abcdefghij"), Some(LazyPage::Room));
        assert_eq!(LazyPage::at("/invite/abcdefghij.0123"), Some(LazyPage::Invitation));
        for other in [
            "",
            "/",
            "/nowhere",
            "/rooms/x",
            "/rooms/abcdefghij/x",
            "/settings/leave",
            "/sign-in/link",
        ] {
            assert_eq!(LazyPage::at(other), None, "{other}");
        }
    }
}
