//! Tests that no template of ours has a construct from which browsers build other nodes than the shape counts.

use crate::model::generated_face::{self, Mood};
use std::{fs, path::Path};

/// The constructs in these templates, or in this HTML, that browsers read in another way than [`shape_of`](super::shape_of).
fn list_differing(source: &str) -> Vec<&'static str> {
    let has = |part: &str, names: &[&str]| names.iter().any(|name| part.contains(&format!("<{name}")));
    let in_svg = |part| has(part, &["title", "style", "script", "textarea", "noscript"]);
    let is_bare_table = |part| has(part, &["tr", "td", "th>"]) && !has(part, &["tbody"]);
    // A browser drops a newline at the beginning. In a template, a text is in quotes.
    let is_newline = |part: &str| {
        let text = part.split_once('>').map_or("", |(_, text)| text);
        [r#""\n""#, r#""\r\n""#].contains(&text.trim()) || text == "\n" || text == "\r\n"
    };
    [
        (has(source, &["template"]), "template"),
        (elements(source, "svg").any(in_svg), "raw text in an SVG"),
        (elements(source, "table").any(is_bare_table), "table without tbody"),
        (
            ["textarea", "pre"]
                .iter()
                .any(|name| elements(source, name).any(is_newline)),
            "only a newline",
        ),
    ]
    .into_iter()
    .filter_map(|(differs, what)| differs.then_some(what))
    .collect()
}

/// Each element with this name, from its attributes to before its end tag.
fn elements<'a>(source: &'a str, name: &str) -> impl Iterator<Item = &'a str> + use<'a> {
    let (start, end) = (format!("<{name}"), format!("</{name}>"));
    let starts: Vec<_> = source.match_indices(&start).map(|(at, _)| at + start.len()).collect();
    let contents = starts.into_iter().filter_map(move |at| {
        let rest = &source[at..];
        // A longer name is another element.
        let is_whole = rest.starts_with(|next: char| next == '>' || next.is_ascii_whitespace());
        is_whole.then(|| rest.split(end.as_str()).next().unwrap_or(rest))
    });
    contents.collect::<Vec<_>>().into_iter()
}

/// Whether an HTML element closes itself. Browsers ignore that, except in an SVG and for elements without content. Leptos writes an end tag.
fn has_self_closed_element(html: &str) -> bool {
    let svg: Vec<_> = elements(html, "svg").collect();
    let outside = svg
        .iter()
        .fold(html.to_owned(), |html, inside| html.replace(inside, ">"));
    let tags = outside.split('<').skip(1).filter_map(|tag| tag.split_once('>'));
    tags.map(|(tag, _)| tag)
        .filter(|tag| tag.ends_with('/'))
        .any(|tag| !super::VOID.iter().any(|name| tag.starts_with(name)))
}

#[test]
fn the_constructs_are_found() {
    for (source, what) in [
        ("<template><p>x</p></template>", "template"),
        ("<svg viewBox=\"0\"><title>Tea</title></svg>", "raw text in an SVG"),
        ("<svg><style>a</style></svg>", "raw text in an SVG"),
        ("<table class=\"a\"><tr><td>1</td></tr></table>", "table without tbody"),
        ("<pre class=\"a\">\n</pre>", "only a newline"),
        ("<textarea name=\"a\"> \"\\n\" </textarea>", "only a newline"),
    ] {
        assert_eq!(list_differing(source), [what], "{source}");
    }
    for source in [
        "<title>Tea</title><svg><path/></svg><style>a</style>",
        "<table><thead><tr><th>a</th></tr></thead><tbody><tr><td>1</td></tr></tbody></table>",
        "<pre>{text}</pre><textarea></textarea>",
    ] {
        assert!(list_differing(source).is_empty(), "{source}");
    }
    assert!(has_self_closed_element("<p>a<b/>c</p>"));
    assert!(!has_self_closed_element(
        "<p>a<br/><svg a=\"b\"><path d=\"\"/></svg></p>"
    ));
}

#[test]
fn no_template_of_ours_has_them() {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let (mut folders, mut files) = (vec![source.join("ui")], vec![source.join("app.rs")]);
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).expect("a folder") {
            let path = entry.expect("an entry").path();
            match path.is_dir() {
                true => folders.push(path),
                false => files.push(path),
            }
        }
    }
    assert!(files.len() > 50, "{}", files.len());
    for file in files {
        let text = fs::read_to_string(&file).expect("a text");
        assert_eq!(list_differing(&text), [""; 0], "{}", file.display());
    }
}

#[test]
fn no_html_of_ours_that_is_no_template_has_them() {
    for html in [
        generated_face::svg("tea", Mood::Resting),
        generated_face::animated_svg("tea"),
    ] {
        assert!(
            list_differing(&html).is_empty() && !has_self_closed_element(&html),
            "{html}"
        );
    }
}
