//! The answer to a request: its status, headers, cookies and body.

use reqwest::header::{HeaderMap, SET_COOKIE};
use serde::de::DeserializeOwned;
use serde_json::Value;

/// An answer whose body was read to its end.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub headers: HeaderMap,
    pub body: Vec<u8>,
}

impl Answer {
    /// Asserts the status and returns the answer.
    #[track_caller]
    pub fn must(self, status: u16) -> Self {
        assert_eq!(self.status, status, "{}", self.text());
        self
    }

    /// Asserts a JSON error with this status and kind, whose detail is a sentence.
    #[track_caller]
    pub fn must_fail(self, status: u16, kind: &str) -> Self {
        let answer = self.must(status);
        assert_eq!(answer.kind(), kind);
        let detail = answer.detail();
        assert!(
            detail.len() > 10 && detail.ends_with(['.', '?', '!']),
            "the detail is a sentence: {detail:?}"
        );
        answer
    }

    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    #[track_caller]
    pub fn json<T: DeserializeOwned>(&self) -> T {
        serde_json::from_slice(&self.body).unwrap_or_else(|error| panic!("{error} in {} {}", self.status, self.text()))
    }

    #[track_caller]
    pub fn kind(&self) -> String {
        self.member("kind")
    }

    /// The error's sentence, as the page shows it.
    #[track_caller]
    pub fn detail(&self) -> String {
        self.member("detail")
    }

    /// The names of the members of the JSON object.
    #[track_caller]
    pub fn members(&self) -> Vec<String> {
        self.json::<Value>()
            .as_object()
            .expect("an object")
            .keys()
            .cloned()
            .collect()
    }

    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(|value| value.to_str().expect("ASCII"))
    }

    /// After how many seconds the server wants to be asked again.
    #[track_caller]
    pub fn retry_after_s(&self) -> i64 {
        let seconds = self.header("retry-after").expect("seconds");
        seconds.parse().expect("a number")
    }

    /// Where a redirect leads, without the origin.
    #[track_caller]
    pub fn location(&self) -> String {
        let location = self.header("location").expect("a redirect");
        let path = location
            .strip_prefix("http://")
            .map(|rest| rest.find('/').map_or("/", |at| &rest[at..]));
        path.unwrap_or(location).to_owned()
    }

    pub fn set_cookies(&self) -> Vec<String> {
        self.headers
            .get_all(SET_COOKIE)
            .iter()
            .map(|value| value.to_str().expect("ASCII").to_owned())
            .collect()
    }

    /// The whole `Set-Cookie` header of the cookie with this name.
    #[track_caller]
    pub fn set_cookie(&self, name: &str) -> String {
        let of_name = |cookie: &&String| cookie.starts_with(&format!("{name}="));
        self.set_cookies()
            .iter()
            .find(of_name)
            .unwrap_or_else(|| panic!("no {name} in {:?}", self.set_cookies()))
            .clone()
    }

    #[track_caller]
    fn member(&self, name: &str) -> String {
        self.json::<Value>()[name]
            .as_str()
            .unwrap_or_else(|| panic!("no {name} in {}", self.text()))
            .to_owned()
    }
}
