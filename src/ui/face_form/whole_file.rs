//! A photo that the server crops, because the browser protects its canvas: the file itself. The code is pure.

/// The first letters of a file of each kind in base64, for the kinds that the server opens. They are the files' magic bytes.
const KINDS: [(&str, &str); 4] = [
    ("/9j/", "jpeg"),
    ("iVBORw0KGgo", "png"),
    ("R0lGOD", "gif"),
    ("UklGR", "webp"),
];

/// The file in `data_url` as the server takes it. Browsers and systems name the same kind differently, so the file's own beginning counts.
/// `None` if the server can't open such a file, for example HEIC.
pub fn for_server(data_url: &str) -> Option<String> {
    let (_, base64) = data_url.split_once(";base64,")?;
    let (_, kind) = KINDS.iter().find(|(beginning, _)| base64.starts_with(beginning))?;
    Some(format!("data:image/{kind};base64,{base64}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_kind_is_that_of_the_file_and_not_of_its_name() {
        for (said, wanted) in [
            (
                "data:image/jpeg;base64,/9j/4AAQ",
                Some("data:image/jpeg;base64,/9j/4AAQ"),
            ),
            (
                "data:image/jpg;base64,/9j/4AAQ",
                Some("data:image/jpeg;base64,/9j/4AAQ"),
            ),
            (
                "data:application/octet-stream;base64,iVBORw0KGgoAAAA",
                Some("data:image/png;base64,iVBORw0KGgoAAAA"),
            ),
            ("data:;base64,UklGRiQA", Some("data:image/webp;base64,UklGRiQA")),
            ("data:image/gif;base64,R0lGODlh", Some("data:image/gif;base64,R0lGODlh")),
            ("data:image/heic;base64,AAAAJGZ0eXBoZWlj", None),
            ("data:image/svg+xml;base64,PHN2Zz4=", None),
            ("data:image/png,raw", None),
            ("", None),
        ] {
            assert_eq!(for_server(said).as_deref(), wanted, "{said}");
        }
    }
}
