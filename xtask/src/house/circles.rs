//! Finds files that import each other in a circle. None of them can be understood, moved or tested without the others.

use super::file_graph::FileGraph;
use std::collections::BTreeSet;

/// The circles of the graph, each as a sorted list of files. A file belongs to at most one circle.
pub fn find_circles(graph: &FileGraph) -> Vec<Vec<&str>> {
    let mut left: BTreeSet<&str> = graph.keys().map(String::as_str).collect();
    let mut circles = vec![];
    while let Some(file) = left.pop_first() {
        let leads_back = |other: &&str| reachable(graph, other).contains(file);
        let mut circle: Vec<&str> = reachable(graph, file).into_iter().filter(leads_back).collect();
        if circle.is_empty() {
            continue;
        }
        circle.sort_unstable();
        left.retain(|other| !circle.contains(other));
        circles.push(circle);
    }
    circles
}

/// The sentences for one circle: one for each import between its files.
pub fn describe(graph: &FileGraph, circle: &[&str]) -> Vec<String> {
    let edges = |file: &&str| {
        let within = graph[*file].iter().filter(|needed| circle.contains(&needed.as_str()));
        let file = (*file).to_owned();
        within
            .map(move |needed| {
                format!(
                    "{file}:1: imports {needed}, which imports it back, perhaps through other files: move what both need \
                     to a third file"
                )
            })
            .collect::<Vec<_>>()
    };
    circle.iter().flat_map(edges).collect()
}

/// The files that `file` imports, directly or through others. The result contains `file` itself only if `file` is in a circle.
fn reachable<'a>(graph: &'a FileGraph, file: &str) -> BTreeSet<&'a str> {
    let mut found = BTreeSet::new();
    let mut open: Vec<&str> = vec![file];
    while let Some(next) = open.pop() {
        for needed in graph.get(next).into_iter().flatten() {
            if found.insert(needed.as_str()) {
                open.push(needed);
            }
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn graph(edges: &[(&str, &[&str])]) -> FileGraph {
        let owned = |(file, needed): &(&str, &[&str])| {
            let needed = needed.iter().map(|one| (*one).to_owned()).collect();
            ((*file).to_owned(), needed)
        };
        edges.iter().map(owned).collect()
    }

    #[test]
    fn a_circle_has_all_its_files_and_no_others() {
        let graph = graph(&[("a", &["b"]), ("b", &["c"]), ("c", &["a"]), ("d", &["a"]), ("e", &[])]);
        assert_eq!(find_circles(&graph), [["a", "b", "c"]]);
        assert_eq!(describe(&graph, &["a", "b", "c"]).len(), 3);
    }

    #[test]
    fn imports_that_point_in_one_direction_make_no_circle() {
        let graph = graph(&[("a", &["b", "c"]), ("b", &["c"]), ("c", &[])]);
        assert!(find_circles(&graph).is_empty());
    }

    #[test]
    fn two_circles_with_an_import_between_them_are_found_separately() {
        let graph = graph(&[("a", &["b"]), ("b", &["a", "c"]), ("c", &["d"]), ("d", &["c"])]);
        assert_eq!(find_circles(&graph), [["a", "b"], ["c", "d"]]);
    }
}
