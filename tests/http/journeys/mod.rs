//! The four main flows from end to end: tokens in cookies, refreshing them, uploading a photo, and activating an account.

mod activation;
mod file_upload;
mod refresh;
mod tokens;
