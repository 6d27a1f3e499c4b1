//! The seed's four topics, line by line: each test is named after its line in `seed.md` or in the issue that reads it.

mod activation;
mod file_upload;
mod refresh;
mod tokens;
