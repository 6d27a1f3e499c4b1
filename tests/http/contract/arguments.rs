//! The form fields of an endpoint, exactly as they are on the wire: the fields that serde writes for the arguments of a
//! server function, and the fields that it requires when it reads them.

use serde::{
    Deserialize, Deserializer, Serialize,
    de::{DeserializeOwned, MapAccess, Visitor},
};
use serde_json::{Error, Map, Value, json};
use std::fmt;

#[derive(Debug, PartialEq)]
pub struct Argument {
    pub name: String,
    pub kind: &'static str,
    /// Whether the form may leave the field out.
    pub optional: bool,
}

/// The arguments of the server function whose struct is `T`, including the fields of flattened structs.
pub fn arguments_of<T: DeserializeOwned + Serialize>() -> Vec<Argument> {
    let mut required = Map::new();
    while let Some(name) = missing(&read::<T>(&required)) {
        let fits = |sample: &Value| {
            let mut fields = required.clone();
            fields.insert(name.clone(), sample.clone());
            let answer = read::<T>(&fields);
            answer.is_ok() || missing(&answer).is_some_and(|other| other != name)
        };
        let sample = [json!("text"), json!(1), json!(true)].into_iter().find(fits);
        required.insert(name, sample.expect("a kind of argument that this test knows"));
    }
    let arguments = read::<T>(&required).expect("every required argument was given");
    let written = serde_json::to_string(&arguments).expect("JSON");
    let Fields(fields) = serde_json::from_str(&written).expect("the arguments are a struct");
    let describe = |(name, value): (String, Value)| Argument {
        kind: kind_of(&value),
        optional: !required.contains_key(&name),
        name,
    };
    fields.into_iter().map(describe).collect()
}

fn read<T: DeserializeOwned>(fields: &Map<String, Value>) -> Result<T, Error> {
    serde_json::from_value(Value::Object(fields.clone()))
}

/// If the arguments can't be read because a field is missing, the name of that field.
fn missing<T>(answer: &Result<T, Error>) -> Option<String> {
    let message = answer.as_ref().err()?.to_string();
    let name = message.strip_prefix("missing field `")?.split('`').next()?;
    Some(name.to_owned())
}

fn kind_of(value: &Value) -> &'static str {
    match value {
        Value::Bool(_) => "true or false",
        Value::Number(_) => "whole number",
        Value::String(_) => "text",
        other => panic!("a kind of argument that this test does not know: {other}"),
    }
}

/// The fields of a JSON object in the order in which they are written.
struct Fields(Vec<(String, Value)>);

impl<'de> Deserialize<'de> for Fields {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(InOrder)
    }
}

struct InOrder;

impl<'de> Visitor<'de> for InOrder {
    type Value = Fields;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Fields, A::Error> {
        let mut fields = vec![];
        while let Some(field) = map.next_entry()? {
            fields.push(field);
        }
        Ok(Fields(fields))
    }
}

#[test]
fn arguments_are_found_with_their_kinds_and_defaults() {
    #[derive(Serialize, Deserialize)]
    struct Flattened {
        name: String,
        #[serde(default)]
        note: String,
    }
    #[derive(Serialize, Deserialize)]
    struct Example {
        #[serde(rename = "email")]
        address: String,
        days: u32,
        #[serde(flatten)]
        flattened: Flattened,
        #[serde(default)]
        count: u32,
    }
    let argument = |name: &str, kind, optional| Argument {
        name: name.to_owned(),
        kind,
        optional,
    };
    assert_eq!(
        arguments_of::<Example>(),
        [
            argument("email", "text", false),
            argument("days", "whole number", false),
            argument("name", "text", false),
            argument("note", "text", true),
            argument("count", "whole number", true)
        ]
    );
}
