//! The address of an S3 bucket, with the keys to it. `Debug` never shows the keys.

use std::fmt;
use url::Url;

use crate::model::percent_encoding;

/// `s3://key:secret@bucket?region=eu-central-1&endpoint=https://s3.example.org`.
#[derive(Clone, PartialEq, Eq)]
pub struct S3Url {
    access_key: String,
    secret_key: String,
    bucket: String,
    region: String,
    endpoint: Option<String>,
}

const FORM: &str = "should be s3://key:secret@bucket?region=eu-central-1, with &endpoint=https://s3.example.org if the bucket is \
                    not at Amazon (in the key and the secret, write %2F for /, %2B for + and %25 for %)";

impl S3Url {
    /// # Errors
    /// The rest of a sentence that begins with the key's label.
    pub fn parse(text: &str) -> Result<Self, String> {
        Self::read(text).ok_or_else(|| FORM.to_owned())
    }

    fn read(text: &str) -> Option<Self> {
        let url = Url::parse(text).ok()?;
        let mut read = Self {
            access_key: percent_encoding::decode(url.username())?,
            secret_key: percent_encoding::decode(url.password()?)?,
            bucket: url.host_str()?.to_owned(),
            // Stores that have no regions expect this region.
            region: "us-east-1".to_owned(),
            endpoint: None,
        };
        for (name, value) in url.query_pairs() {
            match &*name {
                "region" => read.region = value.into_owned(),
                "endpoint" => read.endpoint = Some(endpoint(&value)?),
                _ => return None,
            }
        }
        let bare = matches!(url.path(), "" | "/") && url.port().is_none() && url.fragment().is_none();
        let whole = ![&read.access_key, &read.secret_key, &read.bucket, &read.region]
            .iter()
            .any(|part| part.is_empty());
        (url.scheme() == "s3" && bare && whole).then_some(read)
    }

    pub fn access_key(&self) -> &str {
        &self.access_key
    }

    pub fn secret_key(&self) -> &str {
        &self.secret_key
    }

    pub fn bucket(&self) -> &str {
        &self.bucket
    }

    pub fn region(&self) -> &str {
        &self.region
    }

    /// The address of the store; `None` for Amazon's. In requests, the name of the bucket is the first part of the path.
    pub fn endpoint(&self) -> Option<&str> {
        self.endpoint.as_deref()
    }
}

fn endpoint(text: &str) -> Option<String> {
    let url = Url::parse(text).ok()?;
    let bare = url.path() == "/" && url.query().is_none() && url.username().is_empty();
    (matches!(url.scheme(), "http" | "https") && bare).then(|| text.trim_end_matches('/').to_owned())
}

impl fmt::Debug for S3Url {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "s3://…@{}", self.bucket)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bucket_has_keys_a_name_and_perhaps_a_region_and_an_endpoint() {
        let url = S3Url::parse("s3://AKIA1:a%2Fb%2Bc@faces.example").expect("a bucket at Amazon");
        assert_eq!(
            (
                url.access_key(),
                url.secret_key(),
                url.bucket(),
                url.region(),
                url.endpoint()
            ),
            ("AKIA1", "a/b+c", "faces.example", "us-east-1", None)
        );
        let url =
            S3Url::parse("s3://k:s@faces?region=garage&endpoint=http://127.0.0.1:9000/").expect("a bucket elsewhere");
        assert_eq!(
            (url.region(), url.endpoint()),
            ("garage", Some("http://127.0.0.1:9000"))
        );
        assert_eq!(format!("{url:?}"), "s3://…@faces");
    }

    #[test]
    fn anything_else_is_refused() {
        for text in [
            "",
            "s3://faces",
            "s3://key@faces",
            "s3://:secret@faces",
            "s3://key:secret@",
            "s3://key:secret@faces/folder",
            "s3://key:secret@faces?regoin=x",
            "s3://key:secret@faces?endpoint=faces.example",
            "s3://key:secret@faces?endpoint=https://host/path",
            "https://key:secret@faces",
        ] {
            assert!(S3Url::parse(text).is_err(), "{text}");
        }
    }
}
