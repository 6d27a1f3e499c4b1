//! Errors behind the endpoints: public errors are shown to the person, internal ones are logged with a reference.

use crate::error::{AppError, Kind};

/// What a use case fails with.
#[derive(Debug)]
pub enum Error {
    /// A sentence for the person.
    Public(AppError),
    /// For the log; the person sees its reference.
    Internal(anyhow::Error),
}

pub type Result<T, E = Error> = std::result::Result<T, E>;

impl From<AppError> for Error {
    fn from(error: AppError) -> Self {
        Error::Public(error)
    }
}

impl From<anyhow::Error> for Error {
    fn from(error: anyhow::Error) -> Self {
        Error::Internal(error)
    }
}

/// The one boundary: what is hidden is logged once, with the reference that the person sees.
impl From<Error> for AppError {
    fn from(error: Error) -> Self {
        match error {
            Error::Public(public) => public,
            Error::Internal(internal) => {
                let reference = crate::server::keyring::random_id(8);
                tracing::error!(%reference, error = format!("{internal:#}"), "a request failed");
                let detail = format!("Something went wrong here. Try again; if it stays, tell your host: {reference}.");
                AppError::new(Kind::Internal, detail)
            }
        }
    }
}
