//! Splits the compiled front end into the code that every page needs and chunks of code that only some pages need.

use anyhow::{Context, Result, anyhow};
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use wasm_split_cli_support::{Options, transform};

/// The module from which the program imports the functions that load chunks. `chunk_loader.rs` replaces the imports of it.
pub const LOADER_MODULE: &str = "./__chunk_loader.js";

/// The file of the site that lists the files of each page. The server reads it for the HTML of the pages.
pub const LIST_OF_CHUNKS: &str = "pkg/chunks.txt";

/// The list in which [`split`] notes the chunks of each page.
const LIST: &str = "pages.txt";

/// The names of the files of each page, by the name of the page.
pub type FilesOfPages = BTreeMap<String, Vec<String>>;

/// The chunks of a program. Both maps are empty if it is not split.
#[derive(Default)]
pub struct Chunks {
    /// The names of the chunks that each page needs. The last one is the page's own chunk, if it has one.
    pub pages: FilesOfPages,
    /// The bytes of each chunk, by its name.
    pub bytes: BTreeMap<String, Vec<u8>>,
}

/// Whether the linker has left its relocations in the file, which the splitter needs.
pub fn can_be_split(wasm: &[u8]) -> bool {
    let section = b"reloc.CODE";
    wasm.windows(section.len()).any(|part| part == section)
}

/// Writes the chunks of a program to `folder`, with a list of them, and the rest of the program to the file that is returned. wasm-bindgen
/// reads that file next.
///
/// # Errors
/// If the program can't be split, or a file can't be written.
pub fn split(wasm: &[u8], folder: &Path) -> Result<PathBuf> {
    fs::create_dir_all(folder)?;
    let rest = folder.join("rest.wasm");
    let mut options = Options::new(wasm);
    options.output_dir = folder;
    options.main_out_path = &rest;
    options.link_name = LOADER_MODULE;
    let chunks = transform(options).map_err(|error| anyhow!("the front end can't be split: {error:#}"))?;
    let pages: FilesOfPages = chunks.prefetch_map.into_iter().collect();
    fs::write(folder.join(LIST), write_list(&pages))?;
    Ok(rest)
}

/// Reads what [`split`] wrote to `folder`. If the folder does not exist, the program is not split.
///
/// # Errors
/// If a file can't be read.
pub fn read_chunks(folder: &Path) -> Result<Chunks> {
    if !folder.exists() {
        return Ok(Chunks::default());
    }
    let pages = read_list(&fs::read_to_string(folder.join(LIST))?);
    let mut bytes = BTreeMap::new();
    for name in pages.values().flatten() {
        let path = chunk_path(folder, name);
        let chunk = fs::read(&path).with_context(|| format!("cannot read {}", path.display()))?;
        bytes.insert(name.clone(), chunk);
    }
    Ok(Chunks { pages, bytes })
}

/// Where [`split`] writes a chunk.
pub fn chunk_path(folder: &Path, name: &str) -> PathBuf {
    folder.join(format!("{name}.wasm"))
}

/// One line for each page: its name, a colon, and its files, with spaces between them. `src/assets.rs` reads such a list too.
pub fn write_list(pages: &FilesOfPages) -> String {
    let line = |(page, files): (&String, &Vec<String>)| format!("{page}: {}\n", files.join(" "));
    pages.iter().map(line).collect()
}

/// Reads what [`write_list`] wrote.
pub fn read_list(list: &str) -> FilesOfPages {
    let page = |line: &str| {
        let (page, files) = line.split_once(':')?;
        Some((page.to_owned(), files.split_whitespace().map(str::to_owned).collect()))
    };
    list.lines().filter_map(page).collect()
}

#[cfg(test)]
mod tests {
    use super::{FilesOfPages, can_be_split, read_list, write_list};

    #[test]
    fn only_a_program_with_relocations_can_be_split() {
        assert!(can_be_split(b"\0asm..\nreloc.CODE.."));
        assert!(!can_be_split(b"\0asm..\x04name.."));
    }

    #[test]
    fn a_list_that_is_written_can_be_read() {
        let pages: FilesOfPages = [
            ("room".to_owned(), vec!["chunk_1".to_owned(), "split_room".to_owned()]),
            ("rooms".to_owned(), vec![]),
        ]
        .into();
        let list = write_list(&pages);
        assert_eq!(list, "room: chunk_1 split_room\nrooms: \n");
        assert_eq!(read_list(&list), pages);
    }
}
