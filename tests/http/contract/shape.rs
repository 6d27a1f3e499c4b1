//! The shape of JSON: every field's path and type, merged over many values.

use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

/// Fields whose text is one word of a fixed set. The words are part of the shape.
const WORDS: &[&str] = &["kind", "mode", "role", "hold"];

#[derive(Default)]
pub struct Shape {
    fields: BTreeMap<String, Field>,
}

#[derive(Default)]
struct Field {
    types: BTreeSet<&'static str>,
    words: BTreeSet<String>,
    seen: usize,
    /// How many of the values were objects.
    objects: usize,
}

impl Shape {
    pub fn add(&mut self, value: &Value) {
        self.add_at(String::new(), value);
    }

    /// Each field and its type, sorted by path. A field that is always an object has no row of its own, because the rows of its
    /// fields describe it.
    pub fn rows(&self) -> Vec<(String, String)> {
        let is_shown = |(path, field): &(&String, &Field)| path.is_empty() || field.types.iter().ne(["object"].iter());
        let fields = self.fields.iter().filter(is_shown);
        fields
            .map(|(path, field)| (path.clone(), self.describe(path, field)))
            .collect()
    }

    fn add_at(&mut self, path: String, value: &Value) {
        let field = self.fields.entry(path.clone()).or_default();
        field.seen += 1;
        field.types.insert(type_of(value));
        match value {
            Value::String(word) if WORDS.contains(&last(&path)) => drop(field.words.insert(word.clone())),
            Value::Array(items) => items.iter().for_each(|item| self.add_at(format!("{path}[]"), item)),
            Value::Object(members) => {
                field.objects += 1;
                for (name, member) in members {
                    self.add_at(format!("{path}.{name}"), member);
                }
            }
            _ => {}
        }
    }

    fn describe(&self, path: &str, field: &Field) -> String {
        let types = field
            .types
            .iter()
            .filter(|name| **name != "text" || field.words.is_empty());
        let words = field.words.iter().map(|word| format!("`\"{word}\"`"));
        let types: Vec<String> = words.chain(types.map(|name| (*name).to_owned())).collect();
        let parent = path.rsplit_once('.').map(|(parent, _)| parent);
        let parent = parent.and_then(|parent| self.fields.get(parent));
        let absent = parent.is_some_and(|parent| field.seen < parent.objects && !path.ends_with("[]"));
        format!("{}{}", types.join(" or "), if absent { "; may be absent" } else { "" })
    }
}

fn last(path: &str) -> &str {
    path.rsplit('.').next().unwrap_or(path)
}

fn type_of(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "true or false",
        Value::Number(number) if number.is_f64() => "number",
        Value::Number(_) => "whole number",
        Value::String(_) => "text",
        Value::Array(_) => "list",
        Value::Object(_) => "object",
    }
}
