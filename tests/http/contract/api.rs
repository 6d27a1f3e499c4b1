//! The endpoints: form fields, the JSON of their answers, and errors.

use super::{
    browser_names,
    document::{code, section, table},
    endpoints::{Endpoint, endpoints},
    record::Record,
    shape::Shape,
};
use serde::{
    Deserialize, Deserializer,
    de::{Visitor, value::Error},
    forward_to_deserialize_any,
};
use serde_json::{Value, json};
use snug::error::{AppError, Kind};
use std::cell::Cell;

pub fn describe(record: &Record) -> String {
    section(
        "Endpoints",
        "Pages call these addresses. A request sends its fields as a form (`application/x-www-form-urlencoded`). If the \
         request accepts\n`application/json`, the answer is JSON. The tables give the path and the type of every field; \
         `[]` means each entry of a\nlist. \"Leads to\" is the address in the header `location`: a form that is sent \
         without scripts is redirected to it.",
    ) + &endpoints()
        .iter()
        .map(|endpoint| describe_endpoint(endpoint, record))
        .collect::<String>()
        + &describe_errors(record)
}

fn describe_endpoint(endpoint: &Endpoint, record: &Record) -> String {
    let name = endpoint.path.strip_prefix("/api/").expect("an endpoint of /api");
    let shape = record
        .answers
        .get(name)
        .unwrap_or_else(|| panic!("the scenario does not call {name}"));
    let mut text = format!(
        "\n### `{} {}`\n\n- {}\n",
        endpoint.method,
        endpoint.path,
        describe_fields(endpoint)
    );
    if let Some(all) = record.leads_to.get(name) {
        let all: Vec<String> = all.iter().map(code).collect();
        text += &format!("- Leads to {}.\n", all.join(" or "));
    }
    text + &describe_answer(shape)
}

fn describe_fields(endpoint: &Endpoint) -> String {
    let field = |argument: &super::arguments::Argument| {
        let optional = if argument.optional { ", optional" } else { "" };
        format!("`{}` ({}{optional})", argument.name, argument.kind)
    };
    let fields: Vec<String> = endpoint.arguments.iter().map(field).collect();
    match fields.is_empty() {
        true => "Fields: none.".to_owned(),
        false => format!("Fields: {}.", fields.join(", ")),
    }
}

/// The type of an answer, followed by a table of its fields if it is an object or a list.
fn describe_answer(shape: &Shape) -> String {
    let mut rows = shape.rows();
    let (_, whole) = rows.remove(0);
    match rows.is_empty() {
        true => format!("- Answer: {whole}.\n"),
        false => {
            let cells = rows
                .into_iter()
                .map(|(path, types)| [code(path.trim_start_matches('.')), types]);
            format!("- Answer: {whole}.\n{}", table(["Field", "Type"], cells))
        }
    }
}

fn describe_errors(record: &Record) -> String {
    let kinds = error_kinds();
    for (kind, status) in &record.kinds {
        assert_eq!(kinds.iter().find(|row| row.0 == kind), Some(&(kind.as_str(), *status)));
    }
    let rows = kinds.iter().map(|(kind, status)| [code(kind), status.to_string()]);
    let fields = record.error.rows().into_iter().skip(1);
    let fields = fields.map(|(path, types)| match path.as_str() {
        ".kind" => [code("kind"), "text: one of the kinds below".to_owned()],
        path => [code(path.trim_start_matches('.')), types],
    });
    section(
        "Errors",
        "If an endpoint refuses a request, it answers with this JSON and with the HTTP status of the kind.",
    )
        + &table(["Field", "Type"], fields)
        + &table(["Kind", "Status"], rows)
        + &section("Headers of requests", "Pages with scripts send this header with every call.")
        + &table(["Header", "Value"], [[
            code(browser_names::FOR_USER),
            "The id of the user for whom the page acts. If the cookies belong to somebody else, the server answers \
             with the error `somebody_else`."
                .to_owned(),
        ]])
        + &section("Headers of answers", "Every answer of a route has this header.")
        + &table(["Header", "Value"], [[
            code("x-request-id"),
            "The id of the request, of 8 characters, or the one that a trusted proxy has sent. Lines of the log that belong to the \
             request have the same id, and if something fails inside Snug, the error shows it."
                .to_owned(),
        ]])
}

/// Every kind of error: its name on the wire, and its HTTP status.
fn error_kinds() -> Vec<(&'static str, u16)> {
    let names = Cell::new(None);
    let _ = Kind::deserialize(VariantsOnly(&names));
    let status = |kind: &&'static str| {
        let error: AppError =
            serde_json::from_value(json!({ "kind": kind, "detail": "A sentence." })).expect("an error");
        let wire: Value = serde_json::to_value(&error).expect("JSON");
        assert_eq!(wire["kind"], **kind);
        (*kind, error.status().as_u16())
    };
    names
        .get()
        .expect("kinds are an enum")
        .iter()
        .map(status)
        .collect::<Vec<_>>()
}

/// A deserializer that records the names of an enum's variants and then fails.
struct VariantsOnly<'a>(&'a Cell<Option<&'static [&'static str]>>);

impl<'de> Deserializer<'de> for VariantsOnly<'_> {
    type Error = Error;

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _name: &'static str,
        variants: &'static [&'static str],
        _visitor: V,
    ) -> Result<V::Value, Error> {
        self.0.set(Some(variants));
        Err(serde::de::Error::custom("only the names were wanted"))
    }

    fn deserialize_any<V: Visitor<'de>>(self, _visitor: V) -> Result<V::Value, Error> {
        Err(serde::de::Error::custom("not an enum"))
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf option unit unit_struct
        newtype_struct seq tuple tuple_struct map struct identifier ignored_any
    }
}
