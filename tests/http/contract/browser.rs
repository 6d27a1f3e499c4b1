//! A browser for the contract test: it keeps cookies, calls endpoints, and opens addresses.

use crate::test_app::TestApp;
use reqwest::{
    Client, RequestBuilder,
    header::{HeaderMap, SET_COOKIE},
    multipart::Form,
    redirect::Policy,
};
use serde_json::Value;
use std::{collections::BTreeMap, net::SocketAddr, sync::Mutex, time::Duration};

pub struct Browser {
    address: SocketAddr,
    origin: String,
    client: Client,
    cookies: Mutex<BTreeMap<String, String>>,
}

/// The answer to a request.
pub struct Reply {
    pub status: u16,
    pub headers: HeaderMap,
    pub body: Vec<u8>,
}

impl Browser {
    pub fn new(app: &TestApp) -> Self {
        let client = Client::builder()
            .redirect(Policy::none())
            .timeout(Duration::from_secs(30))
            .pool_max_idle_per_host(0)
            .build();
        Self {
            address: app.address,
            origin: app.origin(),
            client: client.expect("a client"),
            cookies: Mutex::default(),
        }
    }

    /// Calls an endpoint, such as `auth/me`, as a page with scripts does.
    pub async fn call(&self, endpoint: &str, fields: &[(&str, &str)]) -> Reply {
        let request = self.request("POST", &format!("/api/{endpoint}"));
        self.send(request.header("accept", "application/json").form(fields))
            .await
    }

    /// Sends a form with files in it.
    pub async fn send_form(&self, path: &str, accept: &str, form: Form) -> Reply {
        let request = self.request("POST", path).header("accept", accept);
        self.send(request.multipart(form)).await
    }

    /// Opens an address.
    pub async fn get(&self, path: &str) -> Reply {
        self.send(self.request("GET", path)).await
    }

    /// Opens a WebSocket and closes it again.
    pub async fn open_socket(&self, path: &str) -> Reply {
        let request = self
            .request("GET", path)
            .header("connection", "upgrade")
            .header("upgrade", "websocket")
            .header("sec-websocket-version", "13")
            .header("sec-websocket-key", "dGhlIHNhbXBsZSBub25jZQ==");
        self.send(request).await
    }

    /// A request with the cookies. The caller adds headers and a body.
    pub fn request(&self, method: &str, path: &str) -> RequestBuilder {
        let host = self.origin.split_once("://").map_or("", |(_, host)| host);
        let request = self
            .client
            .request(
                method.parse().expect("a method"),
                format!("http://{}{path}", self.address),
            )
            .header("host", host)
            .header("origin", &self.origin);
        match self.cookie_header() {
            cookies if cookies.is_empty() => request,
            cookies => request.header("cookie", cookies),
        }
    }

    pub async fn send(&self, request: RequestBuilder) -> Reply {
        let response = request.send().await.expect("an answer");
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        let body = match status {
            101 => Vec::new(),
            _ => response.bytes().await.expect("a whole answer").to_vec(),
        };
        let reply = Reply { status, headers, body };
        reply.set_cookies().iter().for_each(|cookie| self.keep(cookie));
        reply
    }

    pub fn cookie_header(&self) -> String {
        let cookies = self.cookies.lock().expect("the cookies");
        let pairs: Vec<String> = cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
        pairs.join("; ")
    }

    fn keep(&self, set_cookie: &str) {
        let pair = set_cookie.split(';').next().unwrap_or_default();
        let (name, value) = pair.split_once('=').expect("a name and a value");
        let mut cookies = self.cookies.lock().expect("the cookies");
        match value {
            "" => drop(cookies.remove(name)),
            value => drop(cookies.insert(name.to_owned(), value.to_owned())),
        }
    }
}

impl Reply {
    #[track_caller]
    pub fn must(self, status: u16) -> Self {
        assert_eq!(self.status, status, "{}", self.text());
        self
    }

    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    #[track_caller]
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|error| panic!("{error} in {}", self.text()))
    }

    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    pub fn set_cookies(&self) -> Vec<String> {
        let values = self.headers.get_all(SET_COOKIE).iter();
        values
            .filter_map(|value| value.to_str().ok())
            .map(str::to_owned)
            .collect()
    }
}
