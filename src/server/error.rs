//! The errors of use cases. Public errors are shown to the person; internal ones are logged, and the person sees a reference.

use crate::error::{AppError, Kind};

/// The error of a use case.
#[derive(Debug)]
pub enum Error {
    /// Shown to the person.
    Public(AppError),
    /// Only logged. The person sees a reference to the line in the log.
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

/// The only place where internal errors become public errors. Each internal error is logged once, with the reference that the person
/// sees.
impl From<Error> for AppError {
    fn from(error: Error) -> Self {
        match error {
            Error::Public(public) => public,
            Error::Internal(internal) => {
                let reference = crate::server::keyring::random_id(8);
                tracing::error!(%reference, error = format!("{internal:#}"), "a request failed");
                let detail = format!(
                    "Something went wrong here. Try again. If it happens again, send the reference {reference} to the person who runs this Snug."
                );
                AppError::new(Kind::Internal, detail)
            }
        }
    }
}
