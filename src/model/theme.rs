//! Whether pages are light or dark.

use serde::{Deserialize, Serialize};

/// The colours of all pages in one browser.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Default)]
#[serde(rename_all = "lowercase")]
pub enum Theme {
    /// As the operating system or the browser is set.
    #[default]
    System,
    Light,
    Dark,
}

impl Theme {
    pub const ALL: [Theme; 3] = [Theme::System, Theme::Light, Theme::Dark];

    /// The theme whose word is `text`; every other text means [`Theme::System`].
    pub fn parse(text: &str) -> Self {
        let named = Self::ALL.into_iter().find(|theme| theme.as_str() == text);
        named.unwrap_or_default()
    }

    /// The word on the wire and in the cookie.
    pub fn as_str(self) -> &'static str {
        match self {
            Theme::System => "system",
            Theme::Light => "light",
            Theme::Dark => "dark",
        }
    }

    /// The word on the screen.
    pub fn label(self) -> &'static str {
        match self {
            Theme::System => "System",
            Theme::Light => "Light",
            Theme::Dark => "Dark",
        }
    }

    /// The value of the attribute `data-theme` of the document; `None` for no attribute.
    pub fn attribute(self) -> Option<&'static str> {
        (self != Theme::System).then(|| self.as_str())
    }

    /// The schemes that a page supports, in the order of preference (CSS Color Adjustment, section 2).
    pub fn color_scheme(self) -> &'static str {
        match self {
            Theme::System => "light dark",
            Theme::Light => "light",
            Theme::Dark => "dark",
        }
    }
}
