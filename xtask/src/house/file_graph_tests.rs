//! Tests which edges the paths of small crates make.

use super::{FileGraph, file_graph};

fn graph(sources: &[(&str, &str)]) -> FileGraph {
    let owned: Vec<_> = sources
        .iter()
        .map(|(file, source)| ((*file).to_owned(), (*source).to_owned()))
        .collect();
    file_graph(&owned)
}

fn needed(graph: &FileGraph, file: &str) -> Vec<String> {
    graph[file].iter().cloned().collect()
}

#[test]
fn a_path_leads_to_the_file_of_its_longest_module() {
    let graph = graph(&[
        ("src/a/mod.rs", "pub mod b; use crate::c::D;"),
        ("src/a/b.rs", "fn f() { crate::a::g() }"),
        ("src/c.rs", ""),
    ]);
    assert_eq!(needed(&graph, "src/a/mod.rs"), ["src/c.rs"]);
    assert_eq!(needed(&graph, "src/a/b.rs"), ["src/a/mod.rs"]);
}

#[test]
fn an_imported_module_counts_only_if_something_is_named_through_it() {
    let graph = graph(&[
        ("src/a.rs", "use crate::b; fn f() { b::store::find() }"),
        ("src/b/mod.rs", "pub mod store;"),
        ("src/b/store.rs", ""),
        ("src/c.rs", "use crate::b as other; fn f() { other::g() }"),
    ]);
    assert_eq!(needed(&graph, "src/a.rs"), ["src/b/store.rs"]);
    assert_eq!(needed(&graph, "src/c.rs"), ["src/b/mod.rs"]);
}

#[test]
fn a_child_module_is_found_without_its_parents_name() {
    let graph = graph(&[
        ("src/b/mod.rs", "pub mod store; fn f() { store::find() }"),
        ("src/b/store.rs", "use super::*;"),
    ]);
    assert_eq!(needed(&graph, "src/b/mod.rs"), ["src/b/store.rs"]);
    assert_eq!(needed(&graph, "src/b/store.rs"), ["src/b/mod.rs"]);
}

#[test]
fn a_reexport_leads_to_the_file_that_defines_the_thing() {
    let graph = graph(&[
        ("src/a/mod.rs", "mod b; mod c; pub use b::Thing;"),
        ("src/a/b.rs", ""),
        ("src/a/c.rs", "use super::Thing;"),
    ]);
    assert_eq!(needed(&graph, "src/a/c.rs"), ["src/a/b.rs"]);
}

#[test]
fn scripts_need_the_files_that_they_import_by_a_relative_path() {
    let graph = graph(&[
        (
            "end2end/tests/a.spec.ts",
            "import { b } from \"../support/b\"; import x from \"node:fs\";",
        ),
        ("end2end/support/b.ts", "import type { C } from './c.mjs';"),
        ("end2end/support/c.mjs", ""),
    ]);
    assert_eq!(needed(&graph, "end2end/tests/a.spec.ts"), ["end2end/support/b.ts"]);
    assert_eq!(needed(&graph, "end2end/support/b.ts"), ["end2end/support/c.mjs"]);
}
