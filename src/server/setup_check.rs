//! What is missing before other people can use this Snug, and the letter with which an owner tries the mail settings.

use super::{
    auth::{email::store::find_email, test_letter},
    error::Result,
    gate::Owner,
    limit::{self, Limited},
    state::AppState,
    typed_address, voice_addresses,
};
use crate::{
    error::{AppError, Kind},
    model::setup_check::{MailState, MissingPiece, SetupCheck},
};

/// Checks the configuration, and the account of the owner who asks.
///
/// # Errors
/// If the database can't be read.
pub async fn find(by: &Owner) -> Result<SetupCheck> {
    let state = &by.state;
    let mail = mail_state(state);
    let has_address = find_email(&state.database, &by.person.id).await?.is_some();
    let address = (!has_address && mail != MailState::Off).then(|| {
        missing(
            "You have no e-mail address",
            "Add one in your settings, so that you can sign in on any device. Until then, the command snug owner-link on the machine of \
             this Snug prints a link that signs you in.",
        )
    });
    let pieces = [
        public_url(state),
        mail_piece(state, mail),
        nobody_new(state, mail),
        voices(state),
        address,
    ];
    Ok(SetupCheck {
        missing: pieces.into_iter().flatten().collect(),
        mail,
    })
}

fn mail_state(state: &AppState) -> MailState {
    match (state.mail.is_off(), state.mail.is_outbox()) {
        (true, _) => MailState::Off,
        (false, true) => MailState::Outbox,
        (false, false) => MailState::Smtp,
    }
}

fn missing(heading: &str, advice: impl Into<String>) -> MissingPiece {
    MissingPiece {
        heading: heading.to_owned(),
        advice: advice.into(),
    }
}

fn public_url(state: &AppState) -> Option<MissingPiece> {
    state.config.public_url.is_loopback().then(|| {
        missing(
            "Only this machine can open this Snug",
            "Its address is on localhost. Set SNUG_PUBLIC_URL to the https:// address that people open, and start Snug again.",
        )
    })
}

fn mail_piece(state: &AppState, mail: MailState) -> Option<MissingPiece> {
    let advice = "Set SNUG_MAIL_SMTP_URL to the address of your mail server, and start Snug again.";
    let without_codes = match state.config.sign_up.guests {
        true => "People come in by links that admit guests, and nobody gets a code to sign in.",
        false => "Nobody gets a code to sign in.",
    };
    match mail {
        MailState::Off => Some(missing("No e-mails are sent", format!("{without_codes} {advice}"))),
        MailState::Outbox => Some(missing(
            "E-mails stay on this machine",
            format!("They are in the outbox, which only owners read. {advice}"),
        )),
        MailState::Smtp => None,
    }
}

/// Without letters and without links for guests, there is no way in.
fn nobody_new(state: &AppState, mail: MailState) -> Option<MissingPiece> {
    (mail == MailState::Off && !state.config.sign_up.guests).then(|| {
        missing(
            "Nobody new can come in",
            "Links admit no guests, because SNUG_SIGN_UP_GUESTS is false, and without e-mails nobody can sign up. Set it to true, or set \
             SNUG_MAIL_SMTP_URL, and start Snug again.",
        )
    })
}

fn voices(state: &AppState) -> Option<MissingPiece> {
    let warning = voice_addresses::warning(&state.config.public_url, &state.voice.advertised());
    warning.map(|_| {
        missing(
            "People elsewhere will hear nothing",
            "Browsers are told only private addresses for voices. Set SNUG_VOICE_ADVERTISE to the public address of this machine and \
             auto, such as 203.0.113.7,auto, and start Snug again.",
        )
    })
}

/// Sends a letter to the address `typed`, and waits for the answer of the mail server.
///
/// # Errors
/// `Invalid` for a malformed address; `Conflict` if this Snug sends no e-mails, and if the letter could not be sent: the message is the
/// answer of the mail server in plain words, without secrets; `TooMany` after ten letters in an hour.
pub async fn send_test_letter(by: &Owner, typed: &str) -> Result<()> {
    let state = &by.state;
    if state.mail.is_off() {
        let message =
            "This Snug sends no e-mails yet. Set SNUG_MAIL_SMTP_URL, start Snug again, and then send a test letter.";
        return Err(AppError::new(Kind::Conflict, message).into());
    }
    let to = typed_address::parse(typed).map_err(AppError::invalid)?;
    let limits = Limited::TestLetter(&by.person.id).limits(&state.limits.get(), &state.keyring);
    limit::take(&state.database, &state.refusals, &limits, state.now_s()).await?;
    match test_letter::send(state, to).await? {
        Ok(()) => Ok(()),
        Err(failed) => {
            let reply = failed.reply.as_deref().unwrap_or_default();
            tracing::warn!(step = ?failed.step, reply, "a test letter could not be sent");
            Err(AppError::new(Kind::Conflict, failed.to_string()).into())
        }
    }
}
