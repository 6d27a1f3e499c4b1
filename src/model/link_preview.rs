//! What messengers show of a link to Snug: the Open Graph tags of a page (<https://ogp.me>).

use super::{isolated::isolated, room::RoomInfo, snug_info::SnugName};

/// The preview of one page. It never names anybody except the host of a room.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LinkPreview {
    site_name: SnugName,
    title: String,
    description: String,
    /// The address of the page. The preview of the Snug itself has none, because pages with very different addresses share it.
    url: Option<String>,
    image: String,
}

impl LinkPreview {
    /// The preview of every page that says nothing about a room. `image` is the full address of a picture.
    pub fn of_site(site_name: SnugName, image: String) -> Self {
        Self {
            title: site_name.as_str().to_owned(),
            site_name,
            description: "Drop in and talk. No app, no password: just a name, a face and your voice.".to_owned(),
            url: None,
            image,
        }
    }

    /// The preview of a link into a room: its topic and its host. `url` is the full address of the link.
    pub fn of_room(site_name: SnugName, info: &RoomInfo, url: String, image: String) -> Self {
        Self {
            site_name,
            title: info.topic.clone(),
            description: format!("Hosted by {}.", isolated(&info.host.name)),
            url: Some(url),
            image,
        }
    }

    /// Whether this is the preview of a link into a room.
    pub fn shows_room(&self) -> bool {
        self.url.is_some()
    }

    /// The tags for the head of the page: the property and the content of each. The contents are not escaped.
    pub fn tags(self) -> Vec<(&'static str, String)> {
        let mut tags = vec![
            ("og:site_name", self.site_name.as_str().to_owned()),
            ("og:type", "website".to_owned()),
            ("og:title", self.title),
            ("og:description", self.description),
            ("og:image", self.image),
            ("twitter:card", "summary".to_owned()),
        ];
        tags.extend(self.url.map(|url| ("og:url", url)));
        tags
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{
        id::{RoomId, UserId},
        room::{Person, RoomKind, Rules},
    };

    #[test]
    fn a_room_shows_its_topic_and_its_host() {
        let user = UserId::parse("abcdefghij").expect("an id");
        let id = RoomId::parse("abcdefghij").expect("an id");
        let info = RoomInfo::new(id, "Tea", RoomKind::Open, Person::named(user, "ليلى"), Rules::default());
        let (snug, image) = (
            SnugName::parse("Ada's Snug").expect("a name"),
            "https://a/c.png".to_owned(),
        );
        let tags = LinkPreview::of_room(snug.clone(), &info, "https://a/rooms/b".into(), image.clone()).tags();
        for wanted in [
            ("og:site_name", "Ada's Snug"),
            ("og:title", "Tea"),
            // The name must not change the order of the words after it.
            ("og:description", "Hosted by \u{2068}ليلى\u{2069}."),
            ("og:url", "https://a/rooms/b"),
            ("og:image", "https://a/c.png"),
        ] {
            assert!(
                tags.contains(&(wanted.0, wanted.1.to_owned())),
                "{wanted:?} in {tags:?}"
            );
        }
        let tags = LinkPreview::of_site(snug, image).tags();
        for property in ["og:site_name", "og:title"] {
            assert!(
                tags.contains(&(property, "Ada's Snug".to_owned())),
                "{property} in {tags:?}"
            );
        }
        assert!(tags.iter().all(|(property, _)| *property != "og:url"), "{tags:?}");
    }
}
