//! A browser that remembers what the server has acknowledged and checks that none of it is lost.

use crate::{answer::Answer, letters, photos, visitor::Visitor};
use snug::{
    model::{room::Person, user::User},
    server::fail_point::{FailPoint, Write},
};
use std::{
    collections::BTreeMap,
    net::SocketAddr,
    path::{Path, PathBuf},
    time::Duration,
};
use tokio::time::{Instant, sleep};

type Cookies = BTreeMap<String, String>;

/// No answer came, so the server may or may not have carried out the request.
#[derive(Debug)]
pub struct Lost;

#[derive(Debug, Clone, Copy, PartialEq)]
enum SignedIn {
    Yes,
    No,
    /// A request that ends the session got no answer, so the session may or may not have ended.
    Perhaps,
}

pub struct Client {
    number: usize,
    visitor: Visitor,
    outbox: PathBuf,
    signed_in: SignedIn,
    /// The names that the account may have: the last acknowledged one, and later ones that got no answer.
    names: Vec<String>,
    drawn: usize,
    /// The cookies from before each rotation of the session, oldest first. A thief could have copied them.
    old: Vec<Cookies>,
    /// The cookies of the latest session whose end the server acknowledged.
    over: Option<Cookies>,
    /// The number of acknowledged writes.
    pub acknowledged: usize,
}

impl Client {
    pub fn new(number: usize, address: SocketAddr, folder: &Path) -> Self {
        let (origin, outbox) = (super::child::origin(address).origin(), folder.join("data/outbox"));
        Self {
            number,
            visitor: Visitor::new(address, origin, outbox.clone()),
            outbox,
            signed_in: SignedIn::No,
            names: vec![String::new()],
            drawn: 0,
            old: vec![],
            over: None,
            acknowledged: 0,
        }
    }

    /// Sends requests until the server is gone, and checks every answer.
    pub async fn load(&mut self, point: Option<FailPoint>) {
        while self.round(point).await.is_ok() {}
    }

    /// Checks that everything acknowledged before is still true, then makes each kind of write once.
    pub async fn round(&mut self, point: Option<FailPoint>) -> Result<(), Lost> {
        self.over_is_over().await?;
        self.look_around().await?;
        if self.signed_in == SignedIn::No {
            self.sign_in().await?;
        }
        self.refresh_and_lose_the_answer().await?;
        self.change_name().await?;
        let ends = match point {
            // At these two points the server is killed just before or just after it writes that a robbed session is revoked. So some
            // clients must be robbed: one third if the kill comes before the write, and another third if it comes after the write. The last
            // third of the clients signs out.
            Some(FailPoint::Before(Write::Revocation)) => self.number % 3 == 1,
            Some(FailPoint::After(Write::Revocation)) => self.number % 3 == 2,
            _ => false,
        };
        if ends && self.old.len() >= 2 {
            self.is_robbed().await?;
        } else if self.number.is_multiple_of(3) {
            self.sign_out().await?;
        }
        Ok(())
    }

    /// Checks that the client is still signed in and that its name and picture are there.
    async fn look_around(&mut self) -> Result<(), Lost> {
        if self.signed_in == SignedIn::No {
            return Ok(());
        }
        // If the access token is older than `confirm_seconds`, this request confirms it. If the token has expired, the answer
        // is 401.
        let me = self.post("auth/me", &[]).await?;
        assert!(
            me.status == 200 || self.signed_in == SignedIn::Perhaps || me.kind() == "signed_out",
            "{me:?}"
        );
        let before = self.visitor.jar.copy();
        let refreshed = self.post("auth/refresh", &[]).await?;
        if self.signed_in == SignedIn::Perhaps && refreshed.status == 401 {
            assert_eq!(refreshed.kind(), "session_ended");
            self.forget_session();
            return Ok(());
        }
        assert_eq!(
            refreshed.status,
            200,
            "client {} was signed out: {}",
            self.number,
            refreshed.text()
        );
        self.signed_in = SignedIn::Yes;
        self.remember(before);
        let Person { name, picture, .. } = self.post("auth/me", &[]).await?.must(200).json();
        assert!(
            self.names.contains(&name),
            "an acknowledged name was lost: {name:?} is not one of {:?}",
            self.names
        );
        self.names = vec![name];
        self.picture_is_there(&picture).await
    }

    /// Refreshes with the cookies from before the last rotation, like a browser that never got the answer. The server must give
    /// out the same successor again.
    async fn refresh_and_lose_the_answer(&mut self) -> Result<(), Lost> {
        let newest = self.visitor.jar.copy();
        // While one server runs, less than `confirm_seconds` pass, so nothing has confirmed the successor.
        let Some(before) = self.old.last() else { return Ok(()) };
        self.visitor.jar.restore(before.clone());
        // Send the same cookies again, as if two tabs refreshed at once.
        let (one, other) = tokio::join!(self.post("auth/refresh", &[]), self.post("auth/refresh", &[]));
        let (one, other) = (one?.must(200), other?.must(200));
        for answer in [one, other] {
            assert!(
                answer.set_cookie("refresh").contains(&newest["refresh"]),
                "another successor"
            );
        }
        Ok(())
    }

    async fn change_name(&mut self) -> Result<(), Lost> {
        self.drawn += 1;
        let name = format!("Client {} {}", self.number, self.drawn);
        self.names.push(name.clone());
        let photo = photos::data_url("png", &photos::photo_of((self.number * 1_000 + self.drawn) as u32));
        let answer = self
            .post("profile/activate", &[("name", &name), ("picture", &photo)])
            .await?;
        let user: User = answer.must(200).json();
        self.acknowledged += 1;
        self.names = vec![name];
        self.picture_is_there(&user.person.picture).await
    }

    /// Checks that both files of the picture exist.
    async fn picture_is_there(&self, picture: &str) -> Result<(), Lost> {
        for address in [picture.to_owned(), picture.replace(".jpg", "-64.jpg")] {
            let answer = self.visitor.raw_get(&address).send().await.map_err(|_| Lost)?;
            assert_eq!(
                answer.status(),
                200,
                "client {} has the picture {address}, which is missing",
                self.number
            );
        }
        Ok(())
    }

    async fn sign_in(&mut self) -> Result<(), Lost> {
        let email = format!("client{}@example.org", self.number);
        let letter_before = letters::find_newest(&self.outbox, &email);
        self.post("auth/request_code", &[("email", email.as_str())])
            .await?
            .must(200);
        let deadline = Instant::now() + Duration::from_secs(5);
        let mut letter = letters::find_newest(&self.outbox, &email);
        while letter == letter_before || letter.as_deref().and_then(letters::code_in).is_none() {
            // The letter may have been lost when the server was killed.
            if Instant::now() > deadline {
                return Err(Lost);
            }
            sleep(Duration::from_millis(5)).await;
            letter = letters::find_newest(&self.outbox, &email);
        }
        let code = letter.as_deref().and_then(letters::code_in).expect("a code");
        self.post("auth/verify_code", &[("code", code.as_str())])
            .await?
            .must(200);
        self.acknowledged += 1;
        self.signed_in = SignedIn::Yes;
        Ok(())
    }

    async fn sign_out(&mut self) -> Result<(), Lost> {
        let cookies = self.visitor.jar.copy();
        self.signed_in = SignedIn::Perhaps;
        self.post("auth/sign_out", &[]).await?.must(200);
        self.acknowledged += 1;
        self.over = Some(cookies);
        self.forget_session();
        Ok(())
    }

    /// A thief uses a token from two rotations ago, which ends the session.
    async fn is_robbed(&mut self) -> Result<(), Lost> {
        let cookies = self.visitor.jar.copy();
        self.signed_in = SignedIn::Perhaps;
        self.visitor.jar.restore(self.old[self.old.len() - 2].clone());
        let answer = self.post("auth/refresh", &[]).await;
        self.visitor.jar.restore(cookies.clone());
        answer?.must_fail(401, "session_ended");
        self.acknowledged += 1;
        self.over = Some(cookies);
        self.forget_session();
        Ok(())
    }

    /// Checks that a session whose end was acknowledged stays ended, even after a restart.
    async fn over_is_over(&mut self) -> Result<(), Lost> {
        let Some(over) = self.over.clone() else { return Ok(()) };
        let own = self.visitor.jar.copy();
        self.visitor.jar.restore(over);
        let (me, refresh) = tokio::join!(self.post("auth/me", &[]), self.post("auth/refresh", &[]));
        self.visitor.jar.restore(own);
        assert_eq!(me?.status, 401);
        refresh?.must_fail(401, "session_ended");
        Ok(())
    }

    fn remember(&mut self, before: Cookies) {
        if before.get("refresh") != self.visitor.jar.get("refresh").as_ref() {
            self.acknowledged += 1;
            // If this refresh repeats one whose answer was lost, the cookies are in the list already.
            let is_new = self
                .old
                .last()
                .is_none_or(|last| last.get("refresh") != before.get("refresh"));
            if is_new {
                self.old.push(before);
            }
        }
    }

    fn forget_session(&mut self) {
        self.signed_in = SignedIn::No;
        self.old.clear();
        self.visitor.jar.restore(Cookies::new());
    }

    /// Calls an endpoint. An incomplete answer or a 503 counts as lost.
    async fn post(&self, endpoint: &str, fields: &[(&str, &str)]) -> Result<Answer, Lost> {
        let url = format!("/api/{endpoint}");
        let request = self.visitor.raw_post(&url).header("accept", "application/json");
        let response = request.form(fields).send().await.map_err(|_| Lost)?;
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        let body = response.bytes().await.map_err(|_| Lost)?.to_vec();
        let answer = Answer { status, headers, body };
        if status == 503 { Err(Lost) } else { Ok(answer) }
    }
}
