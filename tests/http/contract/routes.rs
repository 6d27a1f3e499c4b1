//! Pages, plain routes, sockets and the two forms with files. The test requests every address except the pages.

use super::{
    arguments::{Argument, arguments_of},
    browser::{Browser, Reply},
    document::{code, in_repository, section, table},
    photo,
    scenario::{Played, profile_fields},
};
use reqwest::multipart::{Form, Part};
use snug::{model::profile::ProfileForm, router};
use std::collections::BTreeSet;

/// Addresses that are neither pages nor server functions: method, address, and answer.
const PLAIN: &[[&str; 3]] = &[
    [
        "GET",
        "/healthz",
        "`ok` while the process and its voice thread live; every host name is allowed",
    ],
    [
        "GET",
        "/readyz",
        "`ok` while the database answers, or else 503 with a sentence; every host name is allowed",
    ],
    [
        "GET",
        "/metrics",
        "Figures about the server as OpenMetrics text, for programs on the same machine and for programs that send the token; 403 or \
         401 for all others. [metrics.md](metrics.md) lists them",
    ],
    [
        "GET",
        "/probe",
        "What the server has seen of this request, for `snug doctor`; 404 for all others",
    ],
    [
        "GET",
        "/.well-known/acme-challenge/{token}",
        "Only over plain HTTP: the answer for a certificate authority that asks with this token; 404 for all others",
    ],
    ["GET", "/pictures/{sha256}.jpg", "A photo as JPEG, 256 by 256 pixels"],
    ["GET", "/pictures/{sha256}-64.jpg", "The same photo, 64 by 64 pixels"],
    ["GET", "/faces/{seed}.svg", "The face drawn from this seed, as SVG"],
    ["GET", "/rooms/{id}/qr.svg", "The address of the room as a QR code"],
    ["GET", "/invite/{token}/qr.svg", "The address of the link as a QR code"],
    ["GET", "/ws/rooms", "A WebSocket: the list of rooms"],
    ["GET", "/ws/rooms/{id}", "A WebSocket: one room"],
    ["GET", "/ws/check", "A WebSocket: a connection check"],
    [
        "GET",
        "/ws/probe",
        "A WebSocket with the same answer as `/probe`, for `snug doctor`; 404 for all others",
    ],
    [
        "POST",
        "/api/profile/activate_form",
        "Same as `/api/profile/activate`, for browsers without scripts",
    ],
    [
        "POST",
        "/api/invites/come_as_guest_form",
        "Same as `/api/invites/come_as_guest`, for browsers without scripts",
    ],
    ["any", "/api/{anything else}", "404"],
];

pub async fn describe(played: &Played) -> String {
    ask_plain_routes(played).await;
    ask_sockets(played).await;
    send_activation(played).await;
    send_guest_form(played).await;
    assert_every_route_is_listed();
    let pages: BTreeSet<&str> = router::page_paths().collect();
    let plain = PLAIN
        .iter()
        .map(|[method, address, answer]| [code(method), code(address), (*answer).to_owned()]);
    section(
        "Pages",
        "People open these addresses with GET. Links to them are in letters, in chats and in bookmarks.",
    ) + &table(["Address"], pages.into_iter().map(|path| [code(path)]))
        + &section(
            "Links that Snug gives out",
            "Snug has given these addresses to people, so the links must keep working.",
        )
        + &table(["Link", "Address"], links(played))
        + &section(
            "Other addresses",
            "The test sends a request to each of these addresses.",
        )
        + &table(["Method", "Address", "Answer"], plain)
        + "\nAll WebSockets accept the query parameter `for`. Like the header `snug-for-user`, it is the id of the user \
           for whom the\npage acts. See [Messages of the WebSockets](#messages-of-the-websockets).\n"
        + &section(
            "Forms with files",
            "Browsers without scripts send these forms as `multipart/form-data`.",
        )
        + &table(["Form", "Field", "Value"], file_form_rows())
}

/// The rows of the forms with files: the form, the field, and its value. A new field of a profile needs no change here.
fn file_form_rows() -> impl Iterator<Item = [String; 3]> {
    let field = |name: &str, value: &str| vec![(name.to_owned(), value.to_owned())];
    let photo = field("photo", "a file; if there is one, `picture` is ignored");
    let next = field("next", "text: where to go next");
    let token = field("token", "text: the token of the link; it must come before the photo");
    let first_room = field("first_room", "text: as in `/api/profile/activate`");
    let activation = [profile_rows("profile/activate"), photo.clone(), next, first_room].concat();
    let guest = [token, profile_rows("invites/come_as_guest"), photo].concat();
    let rows = |form: &'static str, fields: Vec<(String, String)>| {
        fields
            .into_iter()
            .map(move |(name, value)| [code(form), code(name), value])
    };
    rows("profile/activate_form", activation).chain(rows("invites/come_as_guest_form", guest))
}

/// The fields of a profile and their values. For an optional field, the row refers to `endpoint`, which has the same field.
fn profile_rows(endpoint: &str) -> Vec<(String, String)> {
    let describe = |Argument { name, kind, optional }: Argument| match optional {
        true => (name, format!("{kind}: as in `/api/{endpoint}`")),
        false => (name, kind.to_owned()),
    };
    arguments_of::<ProfileForm>().into_iter().map(describe).collect()
}

fn links(played: &Played) -> Vec<[String; 2]> {
    let links: BTreeSet<_> = played.record.links.iter().collect();
    links
        .into_iter()
        .map(|(purpose, address)| [(*purpose).to_owned(), code(address)])
        .collect()
}

async fn ask_plain_routes(played: &Played) {
    let (ada, room, invite) = (&played.ada, &played.room, &played.invite);
    for path in ["/healthz", "/readyz"] {
        assert_eq!(ada.get(path).await.must(200).text(), "ok", "{path}");
    }
    for path in ["/probe", "/ws/probe"] {
        let request = ada.request("GET", path).header("snug-probe", "seen.1.x.y");
        assert_eq!(
            ada.send(request).await.must(404).text(),
            "There is nothing here.",
            "{path}"
        );
    }
    let metrics = ada.get("/metrics").await.must(200);
    assert_eq!(
        metrics.header("content-type"),
        Some("application/openmetrics-text; version=1.0.0; charset=utf-8")
    );
    let small = played.photo.replace(".jpg", "-64.jpg");
    for (path, kind) in [
        (played.photo.as_str(), "image/jpeg"),
        (&small, "image/jpeg"),
        ("/faces/tea.svg", "image/svg+xml"),
        (&format!("/rooms/{room}/qr.svg"), "image/svg+xml"),
        (&format!("/invite/{invite}/qr.svg"), "image/svg+xml"),
    ] {
        let reply = ada.get(path).await.must(200);
        assert_eq!(reply.header("content-type"), Some(kind), "{path}");
    }
    assert!(is_photo(&played.photo), "{}", played.photo);
    for method in ["GET", "POST"] {
        let request = ada.request(method, "/api/no/such/endpoint");
        assert_eq!(ada.send(request).await.must(404).text(), "There is nothing here.");
    }
}

async fn ask_sockets(played: &Played) {
    let ada = &played.ada;
    let room = format!("/ws/rooms/{}", played.room);
    for path in ["/ws/rooms", &room, "/ws/check"] {
        ada.open_socket(path).await.must(101);
        ada.open_socket(&format!("{path}?for={}", played.ada_id))
            .await
            .must(101);
        let reply = ada.open_socket(&format!("{path}?for=somebody-else")).await.must(409);
        assert_eq!(reply.json()["kind"], "somebody_else");
    }
    let list = ada.open_socket("/ws/nothing").await;
    assert_ne!(list.status, 101);
}

async fn send_activation(played: &Played) {
    let path = "/api/profile/activate_form";
    let form = || with_texts(Form::new(), &profile_fields("Ada Lovelace", "face:tea"));
    let user = played.ada.send_form(path, JSON, form()).await.must(200).json();
    assert_eq!(
        (&user["name"], &user["picture"]),
        (&"Ada Lovelace".into(), &"/faces/tea.svg".into())
    );
    let with_photo = form().part("photo", file());
    let user = played.ada.send_form(path, JSON, with_photo).await.must(200).json();
    assert!(is_photo(user["picture"].as_str().unwrap_or_default()), "{user}");
    let with_next = form().text("next", "/people");
    let reply = played.ada.send_form(path, HTML, with_next).await.must(303);
    assert_eq!(reply.header("location"), Some("/people"));
}

async fn send_guest_form(played: &Played) {
    let form = || Form::new().text("token", played.invite.clone());
    let complete = with_texts(form(), &profile_fields("Gil", "face:gil"));
    let user = come_as_guest(played, JSON, complete).await.must(200).json();
    assert_eq!(
        (&user["name"], &user["picture"]),
        (&"Gil".into(), &"/faces/gil.svg".into())
    );
    let only_required = || form().text("name", "Gil");
    let user = come_as_guest(played, JSON, only_required().part("photo", file()))
        .await
        .must(200)
        .json();
    assert!(is_photo(user["picture"].as_str().unwrap_or_default()), "{user}");
    let reply = come_as_guest(played, HTML, only_required()).await.must(303);
    assert_eq!(
        reply.header("location"),
        Some(format!("/rooms/{}", played.room).as_str())
    );
}

async fn come_as_guest(played: &Played, accept: &str, form: Form) -> Reply {
    let guest = Browser::new(&played.app);
    guest.send_form("/api/invites/come_as_guest_form", accept, form).await
}

const JSON: &str = "application/json";
const HTML: &str = "text/html";

fn with_texts(form: Form, fields: &[(&'static str, &str)]) -> Form {
    let add = |form: Form, (name, value): &(&'static str, &str)| form.text(*name, (*value).to_owned());
    fields.iter().fold(form, add)
}

fn file() -> Part {
    Part::bytes(photo::png())
        .file_name("me.png")
        .mime_str("image/png")
        .expect("a type")
}

/// Whether the address is `/pictures/`, 64 hexadecimal digits and `.jpg`.
fn is_photo(address: &str) -> bool {
    let name = address
        .strip_prefix("/pictures/")
        .and_then(|rest| rest.strip_suffix(".jpg"));
    name.is_some_and(|name| name.len() == 64 && name.bytes().all(|byte| byte.is_ascii_hexdigit()))
}

/// Fails if the program has a route that is missing from [`PLAIN`]. A new route also needs a request in this file.
fn assert_every_route_is_listed() {
    let form = |path: &str| {
        path.replace("/pictures/{name}", "/pictures/{sha256}.jpg")
            .replace("/faces/{name}", "/faces/{seed}.svg")
    };
    let sources = super::browser_names::sources();
    let calls = sources.iter().flat_map(|(_, text)| text.split(".route(").skip(1));
    let routes = calls.filter_map(|call| call.trim_start().strip_prefix('"')?.split('"').next());
    let is_listed = |path: &str| PLAIN.iter().any(|[_, listed, _]| *listed == form(path)) || path.contains("{*");
    let missing: Vec<&str> = routes.filter(|path| !is_listed(path)).collect();
    assert!(missing.is_empty(), "add to PLAIN: {missing:?}");
    assert!(
        in_repository("src/main.rs").exists(),
        "this test does not find the sources"
    );
}
