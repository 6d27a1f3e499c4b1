//! One setting: its place in the file, its variable, its default, its documentation, and how its value is read.

use toml::Value;

use super::draft::Draft;

pub(super) struct ConfigKey {
    /// `table.name`, as under `[snug]` in the file.
    pub path: &'static str,
    pub default: DefaultValue,
    /// Plain sentences for the operator, without line breaks. Words in backticks are text to type.
    pub doc: &'static str,
    /// Whether its value must not be repeated in a message.
    pub secret: bool,
    /// `Err` ends the sentence that begins with the key.
    pub set: Set,
}

/// What applies if nobody sets the key.
pub(super) enum DefaultValue {
    /// This value, as TOML.
    Is(&'static str),
    /// The value depends on other keys, or there is none.
    Unset {
        /// What applies then, for people.
        means: &'static str,
        /// A value that somebody could set, as TOML.
        example: &'static str,
    },
}

pub(super) type Set = fn(&mut Draft, &Value) -> Result<(), String>;

impl ConfigKey {
    pub fn table(&self) -> &'static str {
        self.path.split_once('.').map_or(self.path, |(table, _)| table)
    }

    pub fn name(&self) -> &'static str {
        self.path.split_once('.').map_or("", |(_, name)| name)
    }

    /// `SNUG_<TABLE>_<KEY>`.
    pub fn variable(&self) -> String {
        format!("SNUG_{}", self.path.replace('.', "_").to_uppercase())
    }

    /// How a message names it, for those who write files and for those who write variables.
    pub fn label(&self) -> String {
        format!("[snug.{}] {} ({})", self.table(), self.name(), self.variable())
    }

    pub const fn new(path: &'static str, default: &'static str, doc: &'static str, set: Set) -> Self {
        Self {
            path,
            default: DefaultValue::Is(default),
            doc,
            secret: false,
            set,
        }
    }

    /// A key without a default of its own.
    pub const fn unset(
        path: &'static str,
        means: &'static str,
        example: &'static str,
        doc: &'static str,
        set: Set,
    ) -> Self {
        Self {
            path,
            default: DefaultValue::Unset { means, example },
            doc,
            secret: false,
            set,
        }
    }

    pub const fn secret(self) -> Self {
        Self { secret: true, ..self }
    }
}
