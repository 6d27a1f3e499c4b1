//! Puts the code that loads chunks into the script of wasm-bindgen.

use crate::chunk_files::ChunkFiles;
use crate::split::LOADER_MODULE;
use anyhow::{Result, bail};

/// The text in the script that `front.rs` replaces by the hash of the build, which is not known before the script is complete.
pub const HASH_PLACEHOLDER: &str = "HASH_OF_THIS_BUILD";

/// The name of our functions in the script.
const LOADERS: &str = "loadersOfChunks";

/// Replaces the imports of the module that loads chunks by our own functions. They are in the same script as the program, so a second
/// instance of the program has its own chunks. `source` is `src/browser/chunks.js`. A script without chunks stays as it is.
///
/// # Errors
/// If the script has no such import, which means that wasm-bindgen writes imports in another way than before.
pub fn add_loader(script: &str, source: &str, files: &ChunkFiles) -> Result<String> {
    if files.pages.is_empty() {
        return Ok(script.to_owned());
    }
    let mut added = format!("{source}\nconst {LOADERS} = chunkLoaders({});\n", description(files));
    let mut is_used = false;
    for line in script.lines() {
        if let Some(name) = imported_as(line) {
            added.push_str(&format!("const {name} = {LOADERS};\n"));
            is_used = true;
        } else {
            added.push_str(line);
            added.push('\n');
        }
    }
    if !is_used {
        bail!("the script of wasm-bindgen does not import {LOADER_MODULE}");
    }
    Ok(added)
}

/// The name of an import of the whole module that loads chunks: `import * as import1 from "./__chunk_loader.js"`.
fn imported_as(line: &str) -> Option<&str> {
    let (name, module) = line.strip_prefix("import * as ")?.split_once(" from ")?;
    let module = module.trim_end_matches(';').trim_matches(['"', '\'']);
    (module == LOADER_MODULE).then_some(name)
}

/// What `chunkLoaders` in `src/browser/chunks.js` expects.
fn description(files: &ChunkFiles) -> String {
    let pages: Vec<String> = files
        .pages
        .iter()
        .map(|(page, files)| {
            let (shared, inside) = (list(&files.shared), list(&files.inside));
            format!(
                "{page}: {{ file: '{}', shared: {shared}, inside: {inside} }}",
                files.file
            )
        })
        .collect();
    let in_base = list(&files.in_base);
    format!(
        "{{ build: '{HASH_PLACEHOLDER}', inBase: {in_base}, pages: {{ {} }} }}",
        pages.join(", ")
    )
}

fn list(names: &[String]) -> String {
    let quoted: Vec<String> = names.iter().map(|name| format!("'{name}'")).collect();
    format!("[{}]", quoted.join(", "))
}

#[cfg(test)]
mod tests {
    use super::add_loader;
    use crate::chunk_files::{ChunkFiles, PageFiles};

    fn files() -> ChunkFiles {
        let room = PageFiles {
            file: "snug_room".to_owned(),
            shared: vec!["snug_chunk_1".to_owned()],
            inside: vec!["chunk_2".to_owned(), "chunk_3".to_owned()],
        };
        ChunkFiles {
            pages: [("room".to_owned(), room)].into(),
            ..ChunkFiles::default()
        }
    }

    #[test]
    fn imports_of_the_loader_become_our_functions_and_its_name_in_the_imports_stays() {
        let script = "import * as import1 from \"./__chunk_loader.js\"\nimport * as import2 from \"./__chunk_loader.js\"\n\
                      import { a } from './b.js';\nconst c = { \"./__chunk_loader.js\": import2, };";
        let script = add_loader(script, "function chunkLoaders() {}", &files()).expect("it has imports");
        let expected = "function chunkLoaders() {}\nconst loadersOfChunks = chunkLoaders({ build: 'HASH_OF_THIS_BUILD', \
                        inBase: [], pages: { room: { file: 'snug_room', shared: ['snug_chunk_1'], \
                        inside: ['chunk_2', 'chunk_3'] } } });\nconst import1 = loadersOfChunks;\n\
                        const import2 = loadersOfChunks;\nimport { a } from './b.js';\n\
                        const c = { \"./__chunk_loader.js\": import2, };\n";
        assert_eq!(script, expected);
    }

    #[test]
    fn a_script_that_imports_no_loader_is_refused_if_there_are_chunks() {
        assert!(add_loader("let a;", "", &files()).is_err());
        let unsplit = add_loader("let a;", "", &ChunkFiles::default()).expect("it needs no loader");
        assert_eq!(unsplit, "let a;");
    }
}
