//! The shape of a page: a hash of its elements, texts and comments. The server writes it into the page, and the browser
//! compares it with what it finds, because translators, extensions and networks change pages.

/// The shape of a page that is still being rendered.
pub const UNKNOWN: &str = "unknown";

/// The container of the app, as Leptos renders it. Nobody can type this text into a page, because `<` is escaped.
const CONTAINER: &str = "<div id=\"app\" data-shape=\"";

/// Elements that have no content and no end tag (HTML section 13.1.2).
const VOID: [&str; 13] = [
    "area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr",
];

/// Elements whose content is one text, whatever it looks like. `noscript` is one of them because scripts run in every
/// browser that compares shapes.
const RAW: [&str; 5] = ["noscript", "script", "style", "textarea", "title"];

/// The page with the shape of its container, as eight hexadecimal digits. `None` if the page has no container that waits
/// for its shape.
pub fn with_shape(page: &str) -> Option<String> {
    let place = format!("{CONTAINER}{UNKNOWN}\"");
    let (head, rest) = page.split_once(&place)?;
    let (_, content) = rest.split_once('>')?;
    Some(format!("{head}{CONTAINER}{:08x}\"{rest}", shape_of(content)))
}

/// The shape of the nodes before the end tag that closes their parent. `src/browser/begin.js` computes the same hash from
/// the nodes of the document: FNV-1a with 32 bits over `<name` and `>` for each element, `t` for each text and `c` for each
/// comment.
fn shape_of(content: &str) -> u32 {
    let (mut hash, mut depth, mut rest) = (Hash(0x811c_9dc5), 0_usize, content);
    while !rest.is_empty() {
        let Some(tag) = rest.strip_prefix('<') else {
            hash.add("t");
            rest = from(rest, rest.find('<'));
            continue;
        };
        if let Some(comment) = tag.strip_prefix('!') {
            hash.add("c");
            rest = after_comment(comment);
        } else if let Some(end_tag) = tag.strip_prefix('/') {
            let Some(outer) = depth.checked_sub(1) else { break };
            depth = outer;
            hash.add(">");
            rest = after(end_tag, ">");
        } else {
            let (name, closes_itself, behind) = read_tag(tag);
            let name = name.to_ascii_lowercase();
            hash.add("<");
            hash.add(&name);
            rest = behind;
            if closes_itself || VOID.contains(&name.as_str()) {
                hash.add(">");
                continue;
            }
            depth += 1;
            if RAW.contains(&name.as_str()) {
                let end = from(rest, rest.find(&format!("</{name}")));
                if end.len() < rest.len() {
                    hash.add("t");
                }
                rest = end;
            }
        }
    }
    hash.0
}

struct Hash(u32);

impl Hash {
    fn add(&mut self, text: &str) {
        for byte in text.bytes() {
            self.0 = (self.0 ^ u32::from(byte)).wrapping_mul(0x0100_0193);
        }
    }
}

/// The text from `start` on; nothing if there is no start.
fn from(text: &str, start: Option<usize>) -> &str {
    start.map_or("", |start| &text[start..])
}

/// The text after the first `end`; nothing if there is no end.
fn after<'a>(text: &'a str, end: &str) -> &'a str {
    text.split_once(end).map_or("", |(_, rest)| rest)
}

/// The text after a comment that began with `<!`. Leptos also writes `<!>`, which is a comment for browsers.
fn after_comment(comment: &str) -> &str {
    match comment.starts_with("--") {
        true => after(comment, "-->"),
        false => after(comment, ">"),
    }
}

/// The name of a start tag, whether the tag also ends its element, and the text after the tag. A value in quotes can
/// contain `>`.
fn read_tag(tag: &str) -> (&str, bool, &str) {
    let is_end_of_name = |letter: char| letter.is_ascii_whitespace() || letter == '/' || letter == '>';
    let name_length = tag.find(is_end_of_name).unwrap_or(tag.len());
    let (mut quote, mut end) = (None, tag.len());
    for (at, byte) in tag.bytes().enumerate().skip(name_length) {
        match quote {
            None if byte == b'>' => {
                end = at;
                break;
            }
            None if byte == b'"' || byte == b'\'' => quote = Some(byte),
            Some(open) if open == byte => quote = None,
            _ => {}
        }
    }
    let rest = tag.get(end + 1..).unwrap_or_default();
    (&tag[..name_length], tag[..end].ends_with('/'), rest)
}

#[cfg(test)]
mod templates;

#[cfg(test)]
mod tests {
    use super::*;

    fn hash_of(nodes: &str) -> u32 {
        let mut hash = Hash(0x811c_9dc5);
        hash.add(nodes);
        hash.0
    }

    #[test]
    fn elements_texts_and_comments_count() {
        for (html, nodes) in [
            ("", ""),
            ("</div>ignored", ""),
            ("<p>Tea</p></div><p>", "<pt>"),
            ("<p>Tea<!>3<!----> <b></b></p>", "<ptctct<b>>"),
            ("<!--bo-for--><INPUT disabled value=\"a>b\">x", "c<input>t"),
            ("<svg><path d='>'/><g></g></svg>", "<svg<path><g>>"),
            (
                "<noscript><p>no</p></noscript><textarea></textarea>",
                "<noscriptt><textarea>",
            ),
            ("<a href=\"/rooms\">x</a>", "<at>"),
        ] {
            assert_eq!(shape_of(html), hash_of(nodes), "{html}");
        }
    }

    #[test]
    fn values_and_words_do_not_count() {
        let translated = shape_of("<p class=\"a\">Tee</p>");
        assert_eq!(shape_of("<p>Tea</p>"), translated);
        assert_ne!(shape_of("<p><font><font>Tee</font></font></p>"), translated);
        assert_ne!(shape_of("<p>a<!>b</p>"), shape_of("<p>ab</p>"));
    }

    #[test]
    fn only_a_container_without_a_shape_gets_one() {
        let page = "<title>&lt;div</title><div id=\"app\" data-shape=\"unknown\"><p>x</p></div><script>1</script>";
        let shaped = with_shape(page).expect("a container");
        let shape = hash_of("<pt>");
        assert!(
            shaped.contains(&format!("<div id=\"app\" data-shape=\"{shape:08x}\"><p>x</p></div>")),
            "{shaped}"
        );
        assert_eq!(with_shape(&shaped), None);
        assert_eq!(with_shape("<div id=\"app\"><p>x</p></div>"), None);
    }
}
