//! Tests which paths are found in a file, and how they are written out.

use super::{NamedPath, names};

fn paths(file: &str, source: &str) -> Vec<String> {
    names(file, source).into_iter().map(|name| name.path).collect()
}

#[test]
fn a_group_is_written_out() {
    let found = paths(
        "src/app.rs",
        "use crate::{api::{auth, rooms as r}, ui::*, error::{self, Kind}};",
    );
    assert_eq!(
        found,
        [
            "crate::api::auth",
            "crate::api::rooms",
            "crate::ui::*",
            "crate::error",
            "crate::error::Kind"
        ]
    );
}

#[test]
fn super_is_the_parent_module() {
    assert_eq!(
        paths("src/server/auth/mod.rs", "super::rooms::open();"),
        ["crate::server::rooms::open"]
    );
    assert_eq!(
        paths("src/server/auth/token.rs", "super::rooms::open();"),
        ["crate::server::auth::rooms::open"]
    );
}

#[test]
fn super_in_a_test_module_is_the_file_itself() {
    let source = "mod tests { use super::*; fn t() { super::super::x::y() } } use super::z;";
    assert_eq!(
        paths("src/error.rs", source),
        ["crate::error::*", "crate::x::y", "crate::z"]
    );
}

#[test]
fn paths_in_expressions_and_types_count() {
    let found = paths(
        "src/a.rs",
        "fn f(x: crate::b::C) -> ::std::io::Result<()> { Vec::<u8>::new(); sqlx::query(\"\") }",
    );
    assert_eq!(found, ["crate::b::C", "std::io::Result", "sqlx::query"]);
}

#[test]
fn a_glob_reaches_the_modules_below_it() {
    let glob = NamedPath {
        path: "crate::server::*".into(),
        line: 1,
        imported_as: None,
    };
    assert!(glob.reaches("crate::server::auth"));
    assert!(!glob.reaches("crate::ui"));
    assert!(
        !NamedPath {
            path: "crate::server_side".into(),
            line: 1,
            imported_as: None,
        }
        .reaches("crate::server")
    );
}

#[test]
fn a_use_gives_each_path_a_name_in_the_file() {
    let found = names(
        "src/a.rs",
        "use crate::{b::{self, C as D}, e::*, f as _}; fn g() { b::h() }",
    );
    let imported: Vec<_> = found.iter().map(|name| name.imported_as.as_deref()).collect();
    assert_eq!(imported, [Some("b"), Some("D"), None, None, None]);
}
