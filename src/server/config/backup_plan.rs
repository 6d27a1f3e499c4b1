//! Parses the plan of the backups that Snug makes by itself.

use std::time::Duration;

use toml::{Table, Value};

use super::days::DAY;
use super::parse_value::number;
use super::settings::BackupPlan;

/// Nobody needs more, and the duration of the longest plan stays below a century.
const MOST: i64 = 1_000;

/// The plan in a table such as `{ every = "1d", keep = 7 }`, or in text such as `every=1d,keep=7`. `None` for `off`.
pub(super) fn backup_plan(value: &Value) -> Result<Option<BackupPlan>, String> {
    let shape = r#"should be { every = "1d", keep = 7 }, with a number of hours (12h), days (1d) or weeks (1w) and the number of backups from 1 to 1000, or "off""#;
    let plan = match value {
        Value::String(text) if text.trim() == "off" => return Ok(None),
        Value::String(text) => read_pairs(text).and_then(|pairs| read_table(&pairs)),
        Value::Table(table) => read_table(table),
        _ => None,
    };
    plan.map(Some).ok_or_else(|| shape.to_owned())
}

/// The pairs of `name=value,name=value`, as a table of texts.
fn read_pairs(text: &str) -> Option<Table> {
    let pairs = text.split(',').map(str::trim).filter(|pair| !pair.is_empty());
    pairs
        .map(|pair| {
            let (name, value) = pair.split_once('=')?;
            Some((name.trim().to_owned(), Value::String(value.trim().to_owned())))
        })
        .collect()
}

/// A name that is missing keeps its default. An unknown name is refused.
fn read_table(table: &Table) -> Option<BackupPlan> {
    let mut plan = BackupPlan::default();
    for (name, value) in table {
        match name.as_str() {
            "every" => plan.every = read_period(value.as_str()?)?,
            "keep" => plan.keep = number(value, 1..=MOST).ok()?,
            _ => return None,
        }
    }
    Some(plan)
}

fn read_period(text: &str) -> Option<Duration> {
    let unit = match text.chars().last()? {
        'h' => DAY / 24,
        'd' => DAY,
        'w' => 7 * DAY,
        _ => return None,
    };
    let count = text[..text.len() - 1].trim().parse::<u32>().ok()?;
    (1..=MOST).contains(&i64::from(count)).then(|| count * unit)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(text: &str) -> Result<Option<BackupPlan>, String> {
        backup_plan(&Value::String(text.into()))
    }

    #[test]
    fn a_plan_is_a_table_in_the_file_and_pairs_in_a_variable() {
        let file: Table = r#"value = { every = "12h", keep = 3 }"#.parse().expect("TOML");
        let twice_a_day = BackupPlan {
            every: DAY / 2,
            keep: 3,
        };
        assert_eq!(backup_plan(&file["value"]), Ok(Some(twice_a_day)));
        assert_eq!(text("every=12h, keep=3"), Ok(Some(twice_a_day)));
        assert_eq!(text("every = 1d"), Ok(Some(BackupPlan::default())));
        let weekly = BackupPlan {
            every: 7 * DAY,
            ..BackupPlan::default()
        };
        assert_eq!(text("every=1w"), Ok(Some(weekly)));
        assert_eq!(text(" off "), Ok(None));
    }

    #[test]
    fn a_plan_without_a_meaning_is_refused_with_an_example() {
        for wrong in [
            "daily",
            "every=0d",
            "every=1",
            "every=d",
            "every=5000d",
            "every=1é",
            "keep=0",
            "keep=many",
            "weekly=1d",
        ] {
            let sentence = text(wrong).expect_err(wrong);
            assert!(sentence.contains("every = \"1d\""), "{sentence}");
        }
        assert!(backup_plan(&Value::Boolean(false)).is_err());
    }
}
