//! The e-mails about signing in. Each says what happened, where and when, and what to do next.

use super::{email_undo::store::GivenUp, identity::Visit, user_agent::device_name};
use crate::{
    model::{isolated::isolated, snug_info::SnugName, user::EmailAddress},
    server::{config::PublicUrl, mail::Letter, state::AppState},
};
use std::borrow::Cow;
use time::OffsetDateTime;

/// The browser and the time of a request, so that the reader of the e-mail can tell whether the request was
/// their own.
#[derive(Debug, Clone)]
pub struct Asked {
    /// The browser and its system.
    pub device: String,
    /// Unix seconds.
    pub at_s: i64,
}

impl Asked {
    /// The browser that sends this request, and the current time.
    pub fn by(visit: &Visit) -> Self {
        Self {
            device: device_name(&visit.user_agent()),
            at_s: visit.state.now_s(),
        }
    }

    fn sentence(&self) -> String {
        format!("The code was requested in {}, on {}.", self.device, in_words(self.at_s))
    }
}

/// The Snug that sends an e-mail.
#[derive(Debug, Clone)]
pub struct SendingSnug {
    name: SnugName,
    url: PublicUrl,
}

impl SendingSnug {
    pub fn of(state: &AppState) -> Self {
        Self {
            name: state.snug_info.text().name,
            url: state.config.public_url.clone(),
        }
    }

    fn name(&self) -> Cow<'_, str> {
        isolated(self.name.as_str())
    }

    /// The name with the host. The owners choose the name, so only the host shows which Snug this is.
    fn place(&self) -> String {
        format!("{} ({})", self.name(), self.url.host())
    }
}

const NEVER: &str = "Never pass this letter on: somebody else could then sign in with your address. If you did not ask for a \
                     code, somebody probably mistyped their address. Nothing happened, and you don't have to do anything.";

/// What to press if somebody else changed the address. The link follows.
const NOT_YOU: &str = "If you did not change the address, open this link and press “Put the address back”. You then sign in \
                       with this address again, and every device is signed out. The link works for seven days after the change:";

/// The e-mail that signs a person in: the code, then a link that works in any browser.
pub fn code(to: EmailAddress, code: &str, from: &SendingSnug, path: &str, asked: &Asked) -> Letter {
    let (place, link, asked) = (from.place(), from.url.link(path), asked.sentence());
    let text = format!(
        "Your code for {place}:\n\n    {code}\n\nIt works once, within ten minutes, in the browser where you asked for it.\n\
         In any other browser, this link signs you in:\n\n{link}\n\n{asked}\n{NEVER}\n"
    );
    let html = format!(
        "<p>Your code for {}:</p>{}<p>It works once, within ten minutes, in the browser where you asked for it.</p>\
         <p>In any other browser, <a href=\"{}\">this link signs you in</a>.</p><p>{}</p><p>{NEVER}</p>",
        escaped(&place),
        large(code),
        escaped(&link),
        escaped(&asked),
    );
    Letter {
        to,
        subject: format!("{code} is your code for {}", from.name()),
        text,
        html,
        terminal: format!("code {code}\n{link}"),
    }
}

/// The e-mail to a person who needs an invitation before they can sign up.
pub fn not_invited(to: EmailAddress, from: &SendingSnug) -> Letter {
    let paragraphs = [
        format!("Somebody asked to sign in at {} with this address.", from.place()),
        "You can join this Snug only by invitation: ask the person who runs this Snug for an invite link. If you did not \
         ask to sign in, nothing happened, and you don't have to do anything."
            .to_owned(),
    ];
    letter(
        to,
        format!("Signing in at {}", from.name()),
        &paragraphs,
        "no code: people can join this Snug only by invitation",
    )
}

/// The e-mail to a person after we ended one of their sessions, because one of its old refresh tokens was used.
pub fn session_ended(to: EmailAddress, from: &SendingSnug) -> Letter {
    let paragraphs = [
        format!(
            "We ended one of your sessions at {}, because one of its old sign-in keys was used a second time. That happens \
             if somebody has copied your browser's data, or if the data was restored from a backup.",
            from.place()
        ),
        format!(
            "On the device that is now signed out, sign in again: {}. Your other devices stay signed in. The settings list all \
             your devices.",
            from.url.link("/sign-in")
        ),
    ];
    letter(
        to,
        format!("We ended one of your sessions at {}", from.name()),
        &paragraphs,
        "no code: a session was ended because one of its old sign-in keys was used again",
    )
}

/// The e-mail with the code that confirms a new address.
pub fn new_address(to: EmailAddress, code: &str, from: &SendingSnug, asked: &Asked) -> Letter {
    let (place, asked) = (from.place(), asked.sentence());
    let text = format!(
        "Your code to sign in at {place} with this address from now on:\n\n    {code}\n\n\
         It works once, within ten minutes, in the browser where you asked for it.\n\n{asked}\n{NEVER}\n"
    );
    let html = format!(
        "<p>Your code to sign in at {} with this address from now on:</p>{}\
         <p>It works once, within ten minutes, in the browser where you asked for it.</p><p>{}</p><p>{NEVER}</p>",
        escaped(&place),
        large(code),
        escaped(&asked),
    );
    Letter {
        to,
        subject: format!("{code} is your code to change your address at {}", from.name()),
        text,
        html,
        terminal: format!("code {code}   (a new address)"),
    }
}

/// The e-mail to the old address: what changed, and the link that undoes it. The new address is masked.
pub fn address_changed(to: EmailAddress, new: &EmailAddress, from: &SendingSnug, path: &str, asked: &Asked) -> Letter {
    let (link, new) = (from.url.link(path), new.masked());
    let paragraphs = [
        format!(
            "From now on you sign in at {} with {new}, and no longer with this address.",
            from.place()
        ),
        format!(
            "The address was changed in {}, on {}.",
            asked.device,
            in_words(asked.at_s)
        ),
        NOT_YOU.to_owned(),
        link.clone(),
    ];
    letter(
        to,
        format!("Your address at {} was changed", from.name()),
        &paragraphs,
        &format!("no code: an address was changed\n{link}"),
    )
}

/// The e-mail to a person who wants to sign in with an address that their account gave up, while this can still be undone. They get no
/// code: a new account with the address would block the undo. The account's new address is masked.
pub fn address_given_up(to: EmailAddress, change: &GivenUp, from: &SendingSnug, path: &str) -> Letter {
    let link = from.url.link(path);
    let new = EmailAddress::parse(&change.email).map_or_else(|_| "another address".to_owned(), |new| new.masked());
    let paragraphs = [
        format!("Somebody asked to sign in at {} with this address.", from.place()),
        format!(
            "There is no code in this e-mail, because your account no longer uses this address: since {}, you sign in with {new}. \
             If you changed the address yourself, ask for a code with the new one.",
            in_words(change.changed_at)
        ),
        NOT_YOU.to_owned(),
        link.clone(),
    ];
    letter(
        to,
        format!("Signing in at {}", from.name()),
        &paragraphs,
        &format!("no code: the account of this address changed its address\n{link}"),
    )
}

fn letter(to: EmailAddress, subject: String, paragraphs: &[String], terminal: &str) -> Letter {
    let linked = |text: &str| match text.starts_with("http") {
        true => format!("<a href=\"{0}\">{0}</a>", escaped(text)),
        false => escaped(text),
    };
    Letter {
        to,
        subject,
        text: format!("{}\n", paragraphs.join("\n\n")),
        html: paragraphs
            .iter()
            .map(|text| format!("<p>{}</p>", linked(text)))
            .collect(),
        terminal: terminal.to_owned(),
    }
}

fn large(code: &str) -> String {
    let (first, last) = code.split_at_checked(3).unwrap_or((code, ""));
    format!("<p style=\"font:600 28px monospace;letter-spacing:4px\">{first} {last}</p>")
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
}

/// "25 November 2026 at 14:05 UTC".
fn in_words(unix_s: i64) -> String {
    let at = OffsetDateTime::from_unix_timestamp(unix_s).unwrap_or(OffsetDateTime::UNIX_EPOCH);
    format!(
        "{} {} {} at {:02}:{:02} UTC",
        at.day(),
        at.month(),
        at.year(),
        at.hour(),
        at.minute()
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn snug(name: &str) -> SendingSnug {
        SendingSnug {
            name: SnugName::parse(name).expect("a name"),
            url: PublicUrl::parse("https://snug.example.org").expect("an address"),
        }
    }

    fn ada() -> EmailAddress {
        EmailAddress::parse("ada@example.org").expect("an address")
    }

    fn asked() -> Asked {
        Asked {
            device: "Firefox <script> on Linux".into(),
            at_s: 1_795_615_500,
        }
    }

    #[test]
    fn the_code_comes_before_the_link_and_begins_the_subject() {
        let letter = code(
            ada(),
            "482913",
            &snug("Ada's Snug"),
            "/sign-in/link?token=abc&next=%2Frooms",
            &asked(),
        );
        let at = |words: &str| letter.text.find(words).expect(words);
        assert!(at("482913") < at("https://snug.example.org/sign-in/link?token=abc&next="));
        assert!(letter.subject.starts_with("482913"));
        assert!(letter.html.contains("482 913") && letter.html.contains("token=abc&amp;next="));
    }

    #[test]
    fn a_letter_names_the_snug_and_its_host_and_escapes_the_name() {
        let from = snug("Tea & <b>talk");
        let new = EmailAddress::parse("ada@example.net").expect("an address");
        let letters = [
            code(ada(), "482913", &from, "/sign-in/link", &asked()),
            new_address(ada(), "482913", &from, &asked()),
            address_changed(ada(), &new, &from, "/undo?token=abc", &asked()),
            not_invited(ada(), &from),
            session_ended(ada(), &from),
        ];
        for letter in letters {
            assert!(letter.subject.contains("Tea & <b>talk"), "{}", letter.subject);
            assert!(
                letter.text.contains("Tea & <b>talk (snug.example.org)"),
                "{}",
                letter.text
            );
            let html = "Tea &amp; &lt;b&gt;talk (snug.example.org)";
            assert!(letter.html.contains(html), "{}", letter.html);
        }
    }

    #[test]
    fn a_letter_names_the_browser_and_the_time_and_escapes_markup() {
        let codes = [
            code(ada(), "482913", &snug("Ada's Snug"), "/sign-in/link", &asked()),
            new_address(ada(), "482913", &snug("Ada's Snug"), &asked()),
        ];
        for text in codes.iter().flat_map(|letter| [&letter.text, &letter.html]) {
            assert!(text.contains("Never pass this letter on"), "{text}");
        }
        let changed = address_changed(ada(), &ada(), &snug("Ada's Snug"), "/undo?token=abc", &asked());
        for letter in codes.iter().chain([&changed]) {
            let message = "Firefox <script> on Linux, on 25 November 2026 at 14:05 UTC";
            assert!(letter.text.contains(message), "{}", letter.text);
            let message = "Firefox &lt;script&gt; on Linux, on 25 November 2026 at 14:05 UTC";
            assert!(letter.html.contains(message), "{}", letter.html);
            assert!(!letter.html.contains("<script>"), "{}", letter.html);
        }
    }

    #[test]
    fn the_letter_to_the_old_address_hides_the_new_one_and_has_the_link_that_undoes_the_change() {
        let new = EmailAddress::parse("countess@example.net").expect("an address");
        let letter = address_changed(ada(), &new, &snug("Ada's Snug"), "/undo?token=abc", &asked());
        assert!(
            letter.text.contains("c…@e….net") && !letter.text.contains("countess"),
            "{}",
            letter.text
        );
        let change = GivenUp {
            id: "row".into(),
            changed_at: 1_795_615_500,
            email: new.as_str().to_owned(),
        };
        let later = address_given_up(ada(), &change, &snug("Ada's Snug"), "/undo?token=abc");
        assert!(
            later.text.contains("since 25 November 2026") && !later.text.contains("countess"),
            "{}",
            later.text
        );
        for letter in [letter, later] {
            for words in [
                "https://snug.example.org/undo?token=abc",
                "press “Put the address back”",
            ] {
                assert!(letter.text.contains(words), "{}", letter.text);
            }
        }
    }
}
