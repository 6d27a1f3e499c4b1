//! Files that need one another in a circle: none of them can be read, moved or tested without all the others.

use super::file_graph::FileGraph;
use std::collections::BTreeSet;

/// The circles of the graph: for each, its files in order. A file belongs to one circle at most.
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

/// The sentences for one circle: who needs whom in it.
pub fn describe(graph: &FileGraph, circle: &[&str]) -> Vec<String> {
    let edges = |file: &&str| {
        let within = graph[*file].iter().filter(|needed| circle.contains(&needed.as_str()));
        let file = (*file).to_owned();
        within
            .map(move |needed| {
                format!("{file}:1: needs {needed}, which needs it too, by a circle of files: find the third idea")
            })
            .collect::<Vec<_>>()
    };
    circle.iter().flat_map(edges).collect()
}

/// The files that one comes to from `file`, itself only if a path leads back to it.
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
    fn a_circle_is_found_with_all_its_files_and_no_other() {
        let graph = graph(&[("a", &["b"]), ("b", &["c"]), ("c", &["a"]), ("d", &["a"]), ("e", &[])]);
        assert_eq!(find_circles(&graph), [["a", "b", "c"]]);
        assert_eq!(describe(&graph, &["a", "b", "c"]).len(), 3);
    }

    #[test]
    fn imports_that_point_down_make_no_circle() {
        let graph = graph(&[("a", &["b", "c"]), ("b", &["c"]), ("c", &[])]);
        assert!(find_circles(&graph).is_empty());
    }

    #[test]
    fn two_circles_are_two() {
        let graph = graph(&[("a", &["b"]), ("b", &["a", "c"]), ("c", &["d"]), ("d", &["c"])]);
        assert_eq!(find_circles(&graph), [["a", "b"], ["c", "d"]]);
    }
}
