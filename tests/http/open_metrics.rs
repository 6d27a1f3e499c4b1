//! Reads the text of OpenMetrics 1.0, and fails if it is not what the specification wants
//! (<https://prometheus.io/docs/specs/om/open_metrics_spec/>).

use std::collections::{BTreeMap, BTreeSet};

/// All values of one answer.
#[derive(Debug)]
pub struct ScrapedMetrics {
    /// The kind of each family.
    pub families: BTreeMap<String, String>,
    samples: Vec<ScrapedSample>,
}

#[derive(Debug, Clone)]
struct ScrapedSample {
    name: String,
    labels: BTreeMap<String, String>,
    value: f64,
}

/// The family whose lines are being read.
struct OpenFamily {
    name: String,
    kind: String,
    unit: Option<String>,
}

impl ScrapedMetrics {
    /// Reads a whole answer.
    pub fn parse(text: &str) -> Self {
        let lines = text.strip_suffix("# EOF\n").expect("the text ends with # EOF");
        assert!(lines.is_empty() || lines.ends_with('\n'), "each line has an end");
        let mut all = Self {
            families: BTreeMap::new(),
            samples: vec![],
        };
        let mut family = None;
        let mut helped = BTreeSet::new();
        for line in lines.lines() {
            assert_eq!(line, line.trim(), "no spaces around a line");
            match line.strip_prefix("# ") {
                Some(words) => all.read_about(words, &mut family, &mut helped),
                None => all.read_sample(line, family.as_ref().expect("a family comes first")),
            }
        }
        all.check_histograms();
        all
    }

    /// The value of the only sample with this name and at least these labels.
    #[track_caller]
    pub fn get(&self, name: &str, labels: &[(&str, &str)]) -> f64 {
        let found = self.find(name, labels);
        assert_eq!(found.len(), 1, "{name} {labels:?}: {found:?}");
        found[0].value
    }

    /// The sum of all samples with this name and at least these labels; 0 if there are none.
    pub fn sum(&self, name: &str, labels: &[(&str, &str)]) -> f64 {
        self.find(name, labels).iter().map(|one| one.value).sum()
    }

    /// All values of a label of the samples with this name.
    pub fn values_of(&self, name: &str, label: &str) -> BTreeSet<String> {
        let labels = self.find(name, &[]).into_iter().filter_map(|one| one.labels.get(label));
        labels.cloned().collect()
    }

    fn find(&self, name: &str, labels: &[(&str, &str)]) -> Vec<&ScrapedSample> {
        let has = |one: &ScrapedSample| {
            let mut wanted = labels.iter();
            wanted.all(|(label, value)| one.labels.get(*label).is_some_and(|own| own == value))
        };
        self.samples.iter().filter(|one| one.name == name && has(one)).collect()
    }

    /// A line about a family. `HELP` begins a new family, as Snug writes them.
    fn read_about(&mut self, words: &str, family: &mut Option<OpenFamily>, helped: &mut BTreeSet<String>) {
        let (what, rest) = words.split_once(' ').expect("a word and a name");
        let (name, text) = rest.split_once(' ').expect("a name and a text");
        is_name(name);
        match what {
            "HELP" => {
                assert!(
                    text.ends_with('.') && helped.insert(name.to_owned()),
                    "{name} is explained once"
                );
                *family = None;
            }
            "TYPE" => {
                assert!(
                    ["info", "counter", "gauge", "histogram"].contains(&text),
                    "{name} {text}"
                );
                assert!(helped.contains(name), "{name} has no help");
                let known = self.families.insert(name.to_owned(), text.to_owned());
                assert_eq!(known, None, "{name} comes twice");
                *family = Some(OpenFamily {
                    name: name.to_owned(),
                    kind: text.to_owned(),
                    unit: None,
                });
            }
            "UNIT" => {
                let family = family
                    .as_mut()
                    .filter(|family| family.name == name)
                    .expect("its family is open");
                assert!(name.ends_with(&format!("_{text}")), "{name} does not end with {text}");
                assert_eq!(family.unit.replace(text.to_owned()), None, "{name} has one unit");
            }
            other => panic!("{other} is no word of OpenMetrics"),
        }
    }

    fn read_sample(&mut self, line: &str, family: &OpenFamily) {
        let (name, rest) = match line.find(['{', ' ']) {
            Some(at) => line.split_at(at),
            None => panic!("no value: {line}"),
        };
        let (labels, value) = read_labels(rest);
        let ending = name.strip_prefix(family.name.as_str());
        let ending = ending.unwrap_or_else(|| panic!("{name} is not of {}", family.name));
        let allowed: &[&str] = match family.kind.as_str() {
            "info" => &["_info"],
            "counter" => &["_total"],
            "gauge" => &[""],
            _ => &["_bucket", "_sum", "_count"],
        };
        assert!(allowed.contains(&ending), "{name} is of a {}", family.kind);
        assert_eq!(labels.contains_key("le"), ending == "_bucket", "{line}");
        let value: f64 = value.parse().unwrap_or_else(|_| panic!("no number: {line}"));
        assert!(value.is_finite(), "{line}");
        match family.kind.as_str() {
            "info" => assert_eq!(value, 1.0, "{line}"),
            "gauge" => {}
            _ => assert!(value >= 0.0, "{line}"),
        }
        let sample = ScrapedSample {
            name: name.to_owned(),
            labels,
            value,
        };
        let is_same = |one: &ScrapedSample| (&one.name, &one.labels) == (&sample.name, &sample.labels);
        assert!(!self.samples.iter().any(is_same), "twice: {line}");
        self.samples.push(sample);
    }

    /// In each histogram, the ranges ascend, include all that is below them, and end with infinity, which has all values.
    fn check_histograms(&self) {
        for name in self
            .families
            .iter()
            .filter(|(_, kind)| *kind == "histogram")
            .map(|(name, _)| name)
        {
            for count in self.find(&format!("{name}_count"), &[]) {
                let of_this = |one: &&&ScrapedSample| {
                    let labels = one.labels.iter().filter(|(label, _)| *label != "le");
                    labels.eq(&count.labels)
                };
                let buckets = self.find(&format!("{name}_bucket"), &[]);
                let ends: Vec<(f64, f64)> = buckets
                    .iter()
                    .filter(of_this)
                    .map(|one| (end_of(one), one.value))
                    .collect();
                assert!(ends.is_sorted_by(|a, b| a.0 < b.0 && a.1 <= b.1), "{name}: {ends:?}");
                assert_eq!(ends.last(), Some(&(f64::INFINITY, count.value)), "{name}");
            }
        }
    }
}

fn end_of(bucket: &ScrapedSample) -> f64 {
    match bucket.labels["le"].as_str() {
        "+Inf" => f64::INFINITY,
        end => end.parse().expect("a number"),
    }
}

/// Reads the labels in braces, if there are any, and returns them with the text of the value.
fn read_labels(text: &str) -> (BTreeMap<String, String>, &str) {
    let mut labels = BTreeMap::new();
    let Some(mut rest) = text.strip_prefix('{') else {
        return (labels, value_in(text));
    };
    while !rest.starts_with('}') {
        let (label, after) = rest.split_once("=\"").expect("a label and its value");
        is_name(label);
        let (value, after) = read_value(after);
        assert_eq!(
            labels.insert(label.to_owned(), value),
            None,
            "{label} comes twice: {text}"
        );
        rest = match after.strip_prefix(',') {
            Some(after) => {
                assert!(!after.starts_with('}'), "a comma at the end: {text}");
                after
            }
            None => after,
        };
    }
    (labels, value_in(&rest[1..]))
}

/// Reads the value of a label up to its closing quote.
fn read_value(text: &str) -> (String, &str) {
    let mut value = String::new();
    let mut letters = text.char_indices();
    while let Some((at, letter)) = letters.next() {
        match letter {
            '"' => return (value, &text[at + 1..]),
            '\\' => value.push(match letters.next().map(|(_, letter)| letter) {
                Some('n') => '\n',
                Some(escaped @ ('"' | '\\')) => escaped,
                other => panic!("{other:?} can not be escaped: {text}"),
            }),
            letter => value.push(letter),
        }
    }
    panic!("no closing quote: {text}");
}

/// The text of the value. Snug writes neither times nor exemplars behind it.
fn value_in(text: &str) -> &str {
    let value = text.strip_prefix(' ').expect("one space before the value");
    assert!(!value.contains(' '), "only a value: {text}");
    value
}

fn is_name(name: &str) {
    let mut letters = name.chars();
    let begins = letters
        .next()
        .is_some_and(|first| first.is_ascii_alphabetic() || first == '_');
    assert!(
        begins && letters.all(|one| one.is_ascii_alphanumeric() || one == '_'),
        "no name: {name:?}"
    );
}

#[test]
fn the_checker_finds_what_is_wrong() {
    let family = "# HELP a_seconds Words.\n# TYPE a_seconds histogram\n# UNIT a_seconds seconds\n";
    let good =
        "a_seconds_sum 2.5\na_seconds_count 3\na_seconds_bucket{le=\"1.0\"} 1\na_seconds_bucket{le=\"+Inf\"} 3\n";
    let read = ScrapedMetrics::parse(&format!("{family}{good}# EOF\n"));
    assert_eq!(read.get("a_seconds_bucket", &[("le", "1.0")]), 1.0);
    for wrong in [
        format!("{family}{good}"),
        format!("{good}# EOF\n"),
        format!("{family}{}# EOF\n", good.replace("+Inf\"} 3", "+Inf\"} 2")),
        format!("{family}{}# EOF\n", good.replace("le=\"1.0\"} 1", "le=\"1.0\"} 4")),
        format!("{family}{good}a_seconds_count 3\n# EOF\n"),
        format!("{family}{good}a_seconds_total 3\n# EOF\n"),
        format!("{family}{good}b 3\n# EOF\n"),
        format!("{family}{}# EOF\n", good.replace("sum 2.5", "sum x")),
        format!(
            "{}{good}# EOF\n",
            family.replace("UNIT a_seconds seconds", "UNIT a_seconds bytes")
        ),
    ] {
        let read = std::panic::catch_unwind(|| ScrapedMetrics::parse(&wrong));
        assert!(read.is_err(), "{wrong}");
    }
}
