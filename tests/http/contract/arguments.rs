//! The form fields of an endpoint, exactly as they are on the wire: what serde asks for when it reads the arguments of a
//! server function.

use serde::{
    Deserialize, Deserializer,
    de::{
        DeserializeOwned, IntoDeserializer, Visitor,
        value::{Error, MapDeserializer},
    },
    forward_to_deserialize_any,
};
use std::cell::Cell;

#[derive(Debug, PartialEq)]
pub struct Argument {
    pub name: &'static str,
    pub kind: &'static str,
    /// Whether the form may leave it out.
    pub optional: bool,
}

/// The arguments of the server function whose struct is `T`.
pub fn arguments_of<T: DeserializeOwned>() -> Vec<Argument> {
    let names = names_of::<T>();
    let describe = |name: &&'static str| Argument {
        name,
        kind: kind_of::<T>(names, name),
        optional: read::<T>(names.iter().filter(|other| *other != name), &Cell::new("")).is_ok(),
    };
    names.iter().map(describe).collect()
}

fn names_of<T: DeserializeOwned>() -> &'static [&'static str] {
    let names = Cell::new(None);
    let _ = T::deserialize(NamesOnly(&names));
    names.get().expect("the arguments are a struct")
}

fn kind_of<T: DeserializeOwned>(names: &'static [&'static str], name: &&'static str) -> &'static str {
    let kind = Cell::new("");
    // Read last, so that the kind that is noted last is its own.
    let others = names.iter().filter(|other| *other != name);
    read::<T>(others.chain([name]), &kind).expect("every argument can be read");
    kind.get()
}

fn read<'a, T: DeserializeOwned>(
    names: impl Iterator<Item = &'a &'static str>,
    kind: &Cell<&'static str>,
) -> Result<T, Error> {
    T::deserialize(MapDeserializer::new(names.map(|name| (*name, Something(kind)))))
}

/// Notes the names of a struct's fields and gives up.
struct NamesOnly<'a>(&'a Cell<Option<&'static [&'static str]>>);

impl<'de> Deserializer<'de> for NamesOnly<'_> {
    type Error = Error;

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _name: &'static str,
        fields: &'static [&'static str],
        _visitor: V,
    ) -> Result<V::Value, Error> {
        self.0.set(Some(fields));
        Err(serde::de::Error::custom("only the names were wanted"))
    }

    fn deserialize_any<V: Visitor<'de>>(self, _visitor: V) -> Result<V::Value, Error> {
        Err(serde::de::Error::custom("not a struct"))
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf option unit unit_struct
        newtype_struct seq tuple tuple_struct map enum identifier ignored_any
    }
}

/// A value that is whatever is asked for, and notes what that was.
struct Something<'a>(&'a Cell<&'static str>);

impl<'de> IntoDeserializer<'de, Error> for Something<'_> {
    type Deserializer = Self;

    fn into_deserializer(self) -> Self {
        self
    }
}

macro_rules! gives {
    ($($method:ident: $kind:literal, $visit:ident($value:expr);)*) => {$(
        fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
            self.0.set($kind);
            visitor.$visit($value)
        }
    )*};
}

impl<'de> Deserializer<'de> for Something<'_> {
    type Error = Error;

    gives! {
        deserialize_bool: "true or false", visit_bool(true);
        deserialize_u8: "whole number", visit_u8(1);
        deserialize_u16: "whole number", visit_u16(1);
        deserialize_u32: "whole number", visit_u32(1);
        deserialize_u64: "whole number", visit_u64(1);
        deserialize_i32: "whole number", visit_i32(1);
        deserialize_i64: "whole number", visit_i64(1);
        deserialize_str: "text", visit_str("text");
        deserialize_string: "text", visit_str("text");
    }

    fn deserialize_any<V: Visitor<'de>>(self, _visitor: V) -> Result<V::Value, Error> {
        Err(serde::de::Error::custom(
            "a kind of argument that this test does not know",
        ))
    }

    forward_to_deserialize_any! {
        i8 i16 i128 u128 f32 f64 char bytes byte_buf option unit unit_struct newtype_struct seq tuple tuple_struct map
        struct enum identifier ignored_any
    }
}

#[test]
fn arguments_are_found_with_their_kinds_and_defaults() {
    #[derive(Deserialize)]
    #[expect(dead_code, reason = "only its form is looked at")]
    struct Example {
        #[serde(rename = "email")]
        address: String,
        #[serde(default)]
        count: u32,
    }
    let argument = |name, kind, optional| Argument { name, kind, optional };
    assert_eq!(
        arguments_of::<Example>(),
        [
            argument("email", "text", false),
            argument("count", "whole number", true)
        ]
    );
}
