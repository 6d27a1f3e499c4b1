//! The errors of use cases. Public errors are shown to the person; internal ones are logged, and the person sees a reference.

use crate::error::{AppError, Kind};
use std::io::{self, ErrorKind};

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
        if error.chain().any(is_disk_full_or_read_only) {
            tracing::warn!(error = format!("{error:#}"), "the disk is full or read-only");
            return Error::Public(AppError::unavailable());
        }
        Error::Internal(error)
    }
}

/// Whether a file could not be written because its disk is full or read-only (`ENOSPC`, `EDQUOT` or `EROFS`), so that trying again
/// later may help. Errors of the database have codes of their own; see `database`.
fn is_disk_full_or_read_only(cause: &(dyn std::error::Error + 'static)) -> bool {
    let kind = cause.downcast_ref::<io::Error>().map(io::Error::kind);
    matches!(
        kind,
        Some(ErrorKind::StorageFull | ErrorKind::QuotaExceeded | ErrorKind::ReadOnlyFilesystem)
    )
}

/// The only place where internal errors become public errors. Each internal error is logged once, with the reference that the person
/// sees.
impl From<Error> for AppError {
    fn from(error: Error) -> Self {
        match error {
            Error::Public(public) => public,
            Error::Internal(internal) => {
                let reference = crate::server::request_id::reference();
                tracing::error!(%reference, error = format!("{internal:#}"), "a request failed");
                let detail = format!(
                    "Something went wrong here. Try again. If it happens again, send the reference {reference} to the person who runs this Snug."
                );
                AppError::new(Kind::Internal, detail)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use anyhow::Context;

    #[test]
    fn a_folder_on_a_full_or_read_only_disk_is_unavailable_and_other_errors_of_files_are_internal() {
        // The numbers of Linux for ENOSPC, EDQUOT, EROFS and EACCES.
        for (errno, kind) in [
            (28, Kind::Unavailable),
            (122, Kind::Unavailable),
            (30, Kind::Unavailable),
            (13, Kind::Internal),
        ] {
            let error = || io::Error::from_raw_os_error(errno);
            let of_store = object_store::Error::Generic {
                store: "LocalFileSystem",
                source: Box::new(error()),
            };
            let of_outbox: anyhow::Result<()> = Err(error()).context("can't save a letter in the outbox");
            for error in [anyhow::Error::from(of_store), of_outbox.expect_err("an error")] {
                assert_eq!(AppError::from(Error::from(error)).kind, kind, "{errno}");
            }
        }
    }
}
