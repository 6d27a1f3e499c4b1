//! One setting: its place in the file, its variable, its default, its documentation, and how its value is read.

use toml::Value;

use super::draft::Draft;

pub(super) struct ConfigKey {
    /// `table.name`: the key `name` in the table `[snug.table]` of the file.
    pub path: &'static str,
    pub default: DefaultValue,
    /// The documentation for operators: plain sentences without line breaks. Text to type is in backticks.
    pub doc: &'static str,
    /// Whether messages must not show the value.
    pub secret: bool,
    /// Reads the value into the draft. If the value is refused, `Err` is the rest of a sentence that begins with the key's label.
    pub set: Set,
}

/// The default: the value of a key that nobody sets.
pub(super) enum DefaultValue {
    /// A fixed value, written as TOML.
    Is(&'static str),
    /// No fixed value: the default depends on other keys, or the key has none.
    Unset {
        /// A description of what Snug does if the key is not set.
        means: &'static str,
        /// A value that an operator could set, written as TOML.
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

    /// The environment variable of the key: `SNUG_<TABLE>_<KEY>`.
    pub fn variable(&self) -> String {
        format!("SNUG_{}", self.path.replace('.', "_").to_uppercase())
    }

    /// The name of the key in messages. It gives both the place in the file and the variable.
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

    /// A key without a fixed default: see [`DefaultValue::Unset`].
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
