//! A visitor: a person with their own browser, the requests that it sends, and the actions that tests take.

use crate::{
    answer::Answer,
    cookie_jar::CookieJar,
    letters,
    listing::Listing,
    test_socket::{TestSocket, UpgradeRefused},
};
use reqwest::{
    Client, RequestBuilder,
    header::{ACCEPT, HOST, HeaderMap, ORIGIN, REFERER},
    redirect::Policy,
};
use serde::de::DeserializeOwned;
use snug::model::{room::RoomInfo, user::User};
use std::{
    net::{IpAddr, SocketAddr},
    path::PathBuf,
    sync::{Arc, Mutex},
    time::Duration,
};
use tokio::net::{TcpSocket, TcpStream};

/// The `Accept` header of a browser that opens a page.
const HTML: &str = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8";
const JSON: &str = "application/json";

pub struct Visitor {
    pub jar: Arc<CookieJar>,
    address: SocketAddr,
    /// The address that the visitor's connections come from.
    source: IpAddr,
    origin: String,
    outbox: PathBuf,
    client: Client,
    /// The address for which the last code was requested.
    email: Mutex<String>,
}

impl Visitor {
    pub fn new(address: SocketAddr, origin: String, outbox: PathBuf) -> Self {
        Self::from_address([127, 0, 0, 1].into(), address, origin, outbox)
    }

    /// A visitor whose connections come from `source`, which may be any address of 127.0.0.0/8.
    pub fn from_address(source: IpAddr, address: SocketAddr, origin: String, outbox: PathBuf) -> Self {
        let jar = Arc::new(CookieJar::default());
        // Tests connect to 127.0.0.1 and not to a name, so the host of the public URL is set here.
        let host = origin.split_once("://").map_or("", |(_, host)| host);
        let headers = HeaderMap::from_iter([(HOST, host.parse().expect("a host"))]);
        let client = Client::builder()
            .default_headers(headers)
            .local_address(source)
            .redirect(Policy::none())
            .timeout(Duration::from_secs(30))
            .pool_max_idle_per_host(0);
        let client = client.cookie_provider(jar.clone()).build().expect("a client");
        Self {
            jar,
            address,
            source,
            origin,
            outbox,
            client,
            email: Mutex::default(),
        }
    }

    /// Types an address and asks for a code.
    pub async fn request_code(&self, email: &str) -> Answer {
        *self.email.lock().expect("the address") = email.to_owned();
        self.post("/api/auth/request_code", &[("email", email)]).await
    }

    /// Like [`Visitor::request_code`], with more fields of the form.
    pub async fn request_code_for(&self, email: &str, more: &[(&str, &str)]) -> Answer {
        *self.email.lock().expect("the address") = email.to_owned();
        let fields: Vec<(&str, &str)> = [("email", email)].into_iter().chain(more.iter().copied()).collect();
        self.post("/api/auth/request_code", &fields).await
    }

    /// The code in the newest letter to the address that was typed.
    pub fn read_code(&self) -> String {
        letters::code_in(&self.read_letter()).expect("a code in the letter")
    }

    /// The newest letter to the address that was typed.
    pub fn read_letter(&self) -> String {
        let email = self.email.lock().expect("the address").clone();
        letters::find_newest(&self.outbox, &email).expect("a letter")
    }

    /// Six digits that differ from the code in the letter.
    pub fn wrong_code(&self) -> String {
        let code: u32 = self.read_code().parse().expect("six digits");
        format!("{:06}", (code + 1) % 1_000_000)
    }

    pub async fn verify_code(&self, code: &str) -> Answer {
        self.post("/api/auth/verify_code", &[("code", code)]).await
    }

    /// Signs in with a code by mail. The first sign-in creates the account.
    pub async fn sign_up(&self, email: &str) -> User {
        self.request_code(email).await.must(200);
        self.verify_code(&self.read_code()).await.must(200).json()
    }

    /// Activates the account with a name and the face that is drawn from this name.
    pub async fn come_in(&self, name: &str) -> User {
        self.activate(name, "").await.must(200).json()
    }

    pub async fn activate(&self, name: &str, picture: &str) -> Answer {
        self.post("/api/profile/activate", &[("name", name), ("picture", picture)])
            .await
    }

    pub async fn me(&self) -> Answer {
        self.post("/api/auth/me", &[]).await
    }

    pub async fn refresh(&self) -> Answer {
        self.post("/api/auth/refresh", &[]).await
    }

    pub async fn sign_out(&self) -> Answer {
        self.post("/api/auth/sign_out", &[]).await
    }

    pub async fn list_rooms(&self) -> Answer {
        self.post("/api/rooms/list", &[]).await
    }

    pub async fn find_room(&self, id: &str) -> Answer {
        self.post("/api/rooms/find", &[("id", id)]).await
    }

    pub async fn open_room(&self, topic: &str, kind: &str) -> RoomInfo {
        self.post("/api/rooms/open", &[("topic", topic), ("kind", kind)])
            .await
            .must(200)
            .json()
    }

    /// Opens an open room in the mode `stage`, where newcomers only listen.
    pub async fn open_stage(&self, topic: &str) -> RoomInfo {
        self.post(
            "/api/rooms/open",
            &[("topic", topic), ("kind", "open"), ("mode", "stage")],
        )
        .await
        .must(200)
        .json()
    }

    /// Opens the socket of the first page of the list.
    pub async fn watch_rooms(&self) -> Result<Listing, UpgradeRefused> {
        self.watch_room_list("").await
    }

    /// Opens the socket of the part of the list that a query such as `?page=2&q=tea` asks for.
    pub async fn watch_room_list(&self, query: &str) -> Result<Listing, UpgradeRefused> {
        let path = format!("/ws/rooms{query}");
        Ok(Listing::new(self.open_socket(&path, Some(&self.origin)).await?))
    }

    /// Opens a socket as one of our own pages does.
    pub async fn open_own_socket<S: DeserializeOwned>(&self, path: &str) -> Result<TestSocket<S>, UpgradeRefused> {
        self.open_socket(path, Some(&self.origin)).await
    }

    /// Opens a socket as a page of `origin` would; `None` sends no `Origin`.
    pub async fn open_socket<S: DeserializeOwned>(
        &self,
        path: &str,
        origin: Option<&str>,
    ) -> Result<TestSocket<S>, UpgradeRefused> {
        TestSocket::open_over(self.connect().await, path, &self.jar.header(), origin, &[]).await
    }

    /// Opens a connection that sends nothing yet.
    pub async fn connect(&self) -> TcpStream {
        let socket = TcpSocket::new_v4().expect("a socket");
        socket
            .bind(SocketAddr::new(self.source, 0))
            .expect("an address of this machine");
        socket.connect(self.address).await.expect("connected")
    }

    /// Sends a form-encoded POST as our own scripts do, which accept JSON.
    pub async fn post(&self, path: &str, fields: &[(&str, &str)]) -> Answer {
        let request = self
            .client
            .post(self.url(path))
            .header(ACCEPT, JSON)
            .header(ORIGIN, &self.origin);
        self.send(request.header("sec-fetch-site", "same-origin").form(fields))
            .await
    }

    /// Submits a form on the page `from` as a browser without scripts does. The answer is a redirect.
    pub async fn submit(&self, from: &str, path: &str, fields: &[(&str, &str)]) -> Answer {
        let request = self
            .client
            .post(self.url(path))
            .header(ACCEPT, HTML)
            .header(ORIGIN, &self.origin);
        self.send(request.header(REFERER, format!("{}{from}", self.origin)).form(fields))
            .await
    }

    /// Opens a page like a browser.
    pub async fn page(&self, path: &str) -> Answer {
        self.send(self.client.get(self.url(path)).header(ACCEPT, HTML)).await
    }

    /// Gets something other than a page, such as a picture or a file.
    pub async fn get(&self, path: &str) -> Answer {
        self.send(self.client.get(self.url(path)).header(ACCEPT, "*/*")).await
    }

    /// A POST with our own `Origin`. The test adds headers and a body.
    pub fn raw_post(&self, path: &str) -> RequestBuilder {
        self.bare_post(path).header(ORIGIN, &self.origin)
    }

    /// A POST without an `Origin`.
    pub fn bare_post(&self, path: &str) -> RequestBuilder {
        self.client.post(self.url(path))
    }

    /// A GET. The test adds headers.
    pub fn raw_get(&self, path: &str) -> RequestBuilder {
        self.client.get(self.url(path))
    }

    /// A request with any method. The test adds headers.
    pub fn raw_request(&self, method: &str, path: &str) -> RequestBuilder {
        self.client.request(method.parse().expect("a method"), self.url(path))
    }

    pub async fn send(&self, request: RequestBuilder) -> Answer {
        let response = request.send().await.expect("an answer");
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        Answer {
            status,
            headers,
            body: response.bytes().await.expect("a whole answer").to_vec(),
        }
    }

    /// Uses the IP address, because `localhost` may resolve to IPv6 first.
    fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }
}
