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

/// The e-mail to a person after their account was deleted.
pub fn account_deleted(to: EmailAddress, from: &SendingSnug) -> Letter {
    let paragraphs = [
        format!(
            "Your account at {} was deleted, on a device where you had just signed in. Your name, your face and this address are no \
             longer stored there, and every device is signed out.",
            from.place()
        ),
        "If that was not you, somebody can read your mail or has used your device. An account that was deleted can't come back, but \
         you can start again with this address:"
            .to_owned(),
        from.url.link("/sign-in"),
    ];
    letter(
        to,
        format!("Your account at {} was deleted", from.name()),
        &paragraphs,
        "no code: an account was deleted",
    )
}

/// The e-mail with which an owner tries whether this Snug can send e-mails.
pub fn test(to: EmailAddress, from: &SendingSnug) -> Letter {
    let paragraphs = [
        format!(
            "This is a test. It shows that {} can send e-mails, such as codes to sign in.",
            from.place()
        ),
        "An owner of this Snug asked for it on the page “People”. You don't have to do anything.".to_owned(),
    ];
    letter(
        to,
        format!("A test letter from {}", from.name()),
        &paragraphs,
        "no code: a test letter",
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
mod tests;
