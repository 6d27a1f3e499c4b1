//! Builds the graph that shows which file needs which. Each path in a Rust file is an edge if it leads to another file, and
//! so is each relative import in a script.

use super::names::{NamedPath, module_of, names};
use std::collections::{BTreeMap, BTreeSet};

/// Each file with the files that it needs.
pub type FileGraph = BTreeMap<String, BTreeSet<String>>;

/// An import can lead to another import (a re-export). We follow at most this many of them. No real chain is this long, so the limit
/// only stops imports that lead in a circle.
const REEXPORTS_MAX: usize = 8;

/// The folders that contain one crate each. A path never leads from one crate into another.
const CRATES: &[&str] = &[
    "src/",
    "tests/http/",
    "tests/pictures/",
    "benches/pictures/",
    "benches/rooms/",
    "benches/voice/",
    "xtask/src/",
];

/// The graph of `sources`, which are pairs of a file's path from the root of the project and its text. Each folder of
/// [`CRATES`] is a crate of its own; all scripts (`.ts`, `.mjs`) belong together.
pub fn file_graph(sources: &[(String, String)]) -> FileGraph {
    let mut graph = FileGraph::new();
    for root in CRATES {
        let of_crate = sources
            .iter()
            .filter(|(file, _)| file.starts_with(root) && file.ends_with(".rs"));
        graph.extend(CrateFiles::new(root, of_crate).edges());
    }
    let is_script = |file: &str| [".ts", ".mjs"].iter().any(|ending| file.ends_with(ending));
    let scripts: Vec<_> = sources.iter().filter(|(file, _)| is_script(file)).collect();
    for (file, source) in &scripts {
        let is_there = |wanted: &String| scripts.iter().any(|(known, _)| known == wanted);
        let needed = script_imports(file, source).filter(is_there).collect();
        graph.insert(file.clone(), needed);
    }
    graph
}

/// One module: its file, the paths it names, and the names that it imports, each with its full path.
struct ModuleFile {
    file: String,
    names: Vec<NamedPath>,
    imports: BTreeMap<String, String>,
}

struct CrateFiles {
    /// The modules by their paths, such as `crate::server::auth`.
    modules: BTreeMap<String, ModuleFile>,
}

impl CrateFiles {
    fn new<'a>(root: &str, sources: impl Iterator<Item = &'a (String, String)>) -> Self {
        let mut modules = BTreeMap::new();
        for (file, source) in sources {
            // `names` and `module_of` expect the path of a file in `src/`.
            let inside = format!("src/{}", &file[root.len()..]);
            let names = names(&inside, source);
            let imported = |name: &NamedPath| Some((name.imported_as.clone()?, name.path.clone()));
            let imports = names.iter().filter_map(imported).collect();
            let module = ModuleFile {
                file: file.clone(),
                names,
                imports,
            };
            modules.insert(module_of(&inside).join("::"), module);
        }
        Self { modules }
    }

    fn edges(&self) -> FileGraph {
        let needed_by = |(own, module): (&String, &ModuleFile)| {
            let needed = module
                .names
                .iter()
                .filter_map(|name| self.file_of(own, name))
                .filter(|file| *file != module.file);
            (module.file.clone(), needed.collect())
        };
        self.modules.iter().map(needed_by).collect()
    }

    /// The file that `name` in module `own` leads to. `None` if it leads out of the crate, or if it is a `use` that only
    /// imports a module. A file needs the file of an imported module only if it also has a path through that module, such as
    /// `module::thing`.
    fn file_of(&self, own: &str, name: &NamedPath) -> Option<String> {
        let path = self.resolve(&self.write_out(own, &name.path));
        let is_module = self.modules.contains_key(&path);
        if name.imported_as.is_some() && is_module {
            return None;
        }
        let (module, _) = self.split(&path)?;
        Some(self.modules[module].file.clone())
    }

    /// The full path, from the root of the crate, of a `path` in module `own` that begins with a child module or with an
    /// imported name. Any other path is returned unchanged.
    fn write_out(&self, own: &str, path: &str) -> String {
        let (first, rest) = path.split_once("::").map_or((path, ""), |(first, rest)| (first, rest));
        let child = format!("{own}::{first}");
        let start = match self.modules[own].imports.get(first) {
            Some(imported) if first != "crate" => imported.clone(),
            _ if self.modules.contains_key(&child) => child,
            _ => first.to_owned(),
        };
        join(&start, rest)
    }

    /// Follows re-exports, and returns the path of the item in the module that defines it.
    fn resolve(&self, path: &str) -> String {
        let mut path = path.to_owned();
        for _ in 0..REEXPORTS_MAX {
            let Some((module, rest)) = self.split(&path) else { break };
            let (first, behind) = rest.split_once("::").unwrap_or((rest, ""));
            let Some(imported) = self.modules[module].imports.get(first) else {
                break;
            };
            path = join(&self.write_out(module, imported), behind);
        }
        path
    }

    /// The longest beginning of `path` that is a module of this crate, and the rest of the path.
    fn split<'a>(&self, path: &'a str) -> Option<(&'a str, &'a str)> {
        let mut end = path.len();
        loop {
            let module = &path[..end];
            if self.modules.contains_key(module) {
                return Some((module, path[end..].trim_start_matches("::")));
            }
            end = module.rfind("::")?;
        }
    }
}

fn join(start: &str, rest: &str) -> String {
    match rest {
        "" => start.to_owned(),
        _ => format!("{start}::{rest}"),
    }
}

/// The files that a script seems to import by a relative path, each as a path from the root of the project. An import can
/// leave out the ending of the file, so we list the path with each possible ending. Most of these files do not exist.
fn script_imports(file: &str, source: &str) -> impl Iterator<Item = String> {
    let folder = file.rsplit_once('/').map_or("", |(folder, _)| folder);
    let relative = ['"', '\''].into_iter().flat_map(move |quote| {
        let begins_with = |start: &'static str| {
            let opened = format!("{quote}{start}");
            let rest: Vec<&str> = source.split(opened.as_str()).skip(1).collect();
            rest.into_iter()
                .filter_map(move |rest| Some(format!("{start}{}", rest.split(quote).next()?)))
        };
        begins_with("./").chain(begins_with("../")).collect::<Vec<_>>()
    });
    relative.flat_map(move |relative| {
        let path = normalize(folder, &relative);
        [path.clone(), format!("{path}.ts"), format!("{path}.mjs")]
    })
}

fn normalize(folder: &str, relative: &str) -> String {
    let mut parts: Vec<&str> = folder.split('/').collect();
    for part in relative.split('/') {
        match part {
            "." => {}
            ".." => drop(parts.pop()),
            part => parts.push(part),
        }
    }
    parts.join("/")
}

#[cfg(test)]
#[path = "file_graph_tests.rs"]
mod tests;
