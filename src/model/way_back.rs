//! How somebody who signs out can come back.

/// The way in which a person who signs out on a device can come back on it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum WayBack {
    /// They sign in with a code that is mailed to their address.
    #[default]
    Code,
    /// They are an owner who gets no codes. Only a link of the command `snug owner-link` signs them in.
    OwnerLink,
    /// They have an address, but this Snug sends no e-mails. They must wait until it does.
    MailFirst,
    /// They were a guest, and nobody can sign in as a guest again. With a link into a room, they are a new guest.
    NewGuest,
}

impl WayBack {
    const ALL: [WayBack; 4] = [Self::Code, Self::OwnerLink, Self::MailFirst, Self::NewGuest];

    /// The way back of a person. `mail` is whether this Snug sends codes.
    pub fn of(has_address: bool, is_owner: bool, mail: bool) -> Self {
        match (has_address && mail, is_owner) {
            (true, _) => WayBack::Code,
            (false, true) => WayBack::OwnerLink,
            (false, false) if has_address => WayBack::MailFirst,
            (false, false) => WayBack::NewGuest,
        }
    }

    /// The way back that the address of the sign-in page names.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|way| way.as_str() == text)
    }

    /// The word in the address of the sign-in page.
    fn as_str(self) -> &'static str {
        match self {
            WayBack::Code => "code",
            WayBack::OwnerLink => "owner-link",
            WayBack::MailFirst => "mail",
            WayBack::NewGuest => "link",
        }
    }

    /// The page to go to after signing out.
    pub fn page(self) -> String {
        format!("/sign-in?out={}", self.as_str())
    }

    /// What that page says first.
    pub fn goodbye(self) -> &'static str {
        match self {
            WayBack::Code => "You are signed out.",
            WayBack::OwnerLink => {
                "You are signed out. To come back, run the command snug owner-link on the machine of this Snug, and open the link that it \
                 prints."
            }
            WayBack::MailFirst => "You are signed out. You can sign in again when this Snug sends e-mails.",
            WayBack::NewGuest => "You are signed out. To come back, open a link into a room again.",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_people_with_an_address_in_a_snug_that_sends_mail_get_a_code() {
        for (has_address, is_owner, mail, way) in [
            (true, false, true, WayBack::Code),
            (true, true, true, WayBack::Code),
            (false, true, true, WayBack::OwnerLink),
            (true, true, false, WayBack::OwnerLink),
            (true, false, false, WayBack::MailFirst),
            (false, false, true, WayBack::NewGuest),
            (false, false, false, WayBack::NewGuest),
        ] {
            assert_eq!(WayBack::of(has_address, is_owner, mail), way);
        }
    }

    #[test]
    fn the_address_of_the_page_names_the_way_back() {
        for way in WayBack::ALL {
            let page = way.page();
            let word = page.strip_prefix("/sign-in?out=").expect("the sign-in page");
            assert_eq!(WayBack::parse(word), Some(way));
        }
        assert_eq!(WayBack::parse("1"), None);
    }

    #[test]
    fn only_people_who_can_sign_in_are_not_told_how_to_come_back() {
        for way in WayBack::ALL {
            let says_how = way.goodbye() != "You are signed out.";
            assert_eq!(says_how, way != WayBack::Code, "{}", way.goodbye());
        }
    }
}
