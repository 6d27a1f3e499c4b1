//! The id of a request. It is in the header `X-Request-Id` of the answer, on every line of the log that belongs to the request, and it is
//! the reference that an error shows to the person. So what a person quotes can be found in the log.

use super::keyring::{ID_ALPHABET, random_id};
use http::{HeaderName, HeaderValue};
use std::{
    fmt,
    hash::{BuildHasher, RandomState},
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};
use tokio::task::futures::TaskLocalFuture;

/// The header with the id, in answers, and in requests of trusted proxies.
pub const REQUEST_ID_HEADER: HeaderName = HeaderName::from_static("x-request-id");

/// The number of characters of an id of our own.
const OWN_CHARACTERS: usize = 8;
/// A longer id of a proxy is replaced by one of our own.
const GIVEN_MAX_CHARACTERS: usize = 64;

tokio::task_local! {
    /// The id of the request that this task answers.
    static CURRENT: RequestId;
}

/// The id of one request: letters, digits and `-._`. It is no secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RequestId(IdText);

#[derive(Debug, Clone, PartialEq, Eq)]
enum IdText {
    /// One of ours, in ASCII. Most requests log nothing, so their ids must not cost an allocation.
    Own([u8; OWN_CHARACTERS]),
    /// The id that a proxy has given to the request.
    Given(Arc<str>),
}

/// Makes ids. They look random, so that they do not tell how many requests there are.
#[derive(Debug, Default)]
pub struct RequestIds {
    key: RandomState,
    made: AtomicU64,
}

impl RequestIds {
    /// The next id.
    pub fn next(&self) -> RequestId {
        let random = self.key.hash_one(self.made.fetch_add(1, Ordering::Relaxed));
        let letter = |place: usize| ID_ALPHABET[(random >> (5 * place)) as usize % ID_ALPHABET.len()];
        RequestId(IdText::Own(std::array::from_fn(letter)))
    }
}

impl RequestId {
    /// The id that a proxy has written into the header; `None` if it is too long, or has characters that a log should not contain.
    pub fn given(header: &HeaderValue) -> Option<Self> {
        let text = header.to_str().ok()?;
        let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._".contains(&byte);
        let is_good = (1..=GIVEN_MAX_CHARACTERS).contains(&text.len()) && text.bytes().all(is_plain);
        is_good.then(|| Self(IdText::Given(text.into())))
    }

    /// The value of the header in the answer.
    pub fn header_value(&self) -> Option<HeaderValue> {
        HeaderValue::from_str(self.as_str()).ok()
    }

    /// Runs `work`, in which this is the id of the current request.
    pub fn scope<F: Future>(self, work: F) -> TaskLocalFuture<Self, F> {
        CURRENT.scope(self, work)
    }

    fn as_str(&self) -> &str {
        match &self.0 {
            IdText::Own(letters) => str::from_utf8(letters).unwrap_or_default(),
            IdText::Given(text) => text,
        }
    }
}

impl fmt::Display for RequestId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// The id of the request that this task answers; `None` if it answers none.
pub fn current() -> Option<RequestId> {
    CURRENT.try_with(RequestId::clone).ok()
}

/// What a person quotes who reports an error, and what the log shows: the id of the request, or a random id if there is no request.
pub fn reference() -> String {
    current().map_or_else(|| random_id(OWN_CHARACTERS), |id| id.to_string())
}

/// `work` for another task, with the id of the current request.
pub fn with_current<F: Future>(work: F) -> impl Future<Output = F::Output> {
    let id = current();
    async move {
        match id {
            Some(id) => id.scope(work).await,
            None => work.await,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn ids_are_short_and_differ() {
        let ids = RequestIds::default();
        let made: HashSet<String> = (0..10_000).map(|_| ids.next().to_string()).collect();
        assert_eq!(made.len(), 10_000);
        let is_plain = |id: &String| id.len() == 8 && id.bytes().all(|byte| ID_ALPHABET.contains(&byte));
        assert!(made.iter().all(is_plain), "{made:?}");
    }

    #[test]
    fn the_id_of_a_proxy_is_taken_if_it_is_plain() {
        let given = |text: &str| {
            let header = HeaderValue::from_str(text).expect("a header");
            RequestId::given(&header).map(|id| id.to_string())
        };
        for good in [
            "7",
            "req-1.2_3",
            "6f1d3c1e-8a5b-4c55-9a0e-3f2b1c0d9e8f",
            &"x".repeat(64),
        ] {
            assert_eq!(given(good).as_deref(), Some(good));
        }
        for wrong in ["", "a b", "a\"b", "{a}", "a/b", &"x".repeat(65)] {
            assert_eq!(given(wrong), None, "{wrong}");
        }
    }

    #[tokio::test]
    async fn a_task_that_a_request_starts_has_its_id_and_others_have_none() {
        let id = RequestIds::default().next();
        let within = id.clone().scope(async {
            let carried = tokio::spawn(with_current(async { reference() }));
            let other = tokio::spawn(async { current() });
            (carried.await.expect("a reference"), other.await.expect("asked"))
        });
        assert_eq!(within.await, (id.to_string(), None));
        assert_eq!(current(), None);
        assert_ne!(
            reference(),
            reference(),
            "without a request, each reference is another one"
        );
    }
}
