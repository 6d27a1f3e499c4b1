//! Decides which chunks become files of their own. Small chunks are put into other files, because each request costs time.

use crate::compress::{Effort, brotli};
use crate::places::NAME;
use crate::split::Chunks;
use anyhow::Result;
use std::collections::{BTreeMap, BTreeSet};

/// A packed chunk with fewer bytes than this gets no file of its own.
const SMALL_BYTES: usize = 8_000;
/// How many WebAssembly files a page loads at most: the base, the page's own file, and the files that it shares with other pages.
const FILES_MAX: usize = 6;
/// The first eight bytes of every WebAssembly module. Alone, they are a module without content.
const EMPTY_MODULE: [u8; 8] = *b"\0asm\x01\0\0\0";

/// The WebAssembly files of the site, besides the base.
#[derive(Default)]
pub struct ChunkFiles {
    /// The bytes of each file, by its name without hash and ending.
    pub bytes: BTreeMap<String, Vec<u8>>,
    /// The chunks that every page needs. They are sections of the base.
    pub in_base: Vec<String>,
    pub pages: BTreeMap<String, PageFiles>,
}

/// The files of one page.
#[derive(Debug, PartialEq, Eq)]
pub struct PageFiles {
    /// The page's own file.
    pub file: String,
    /// The files with chunks that other pages need too.
    pub shared: Vec<String>,
    /// The small chunks, which are sections of the page's own file. Each page that needs them has its own copy, so that no page loads
    /// code that it does not need.
    pub inside: Vec<String>,
}

impl PageFiles {
    /// The names of all files of the page besides the base.
    pub fn names(&self) -> impl Iterator<Item = &String> {
        std::iter::once(&self.file).chain(&self.shared)
    }
}

/// Puts chunks into files.
///
/// # Errors
/// If a chunk can't be compressed.
pub fn arrange(chunks: &Chunks) -> Result<ChunkFiles> {
    let mut packed_bytes = BTreeMap::new();
    for (name, bytes) in &chunks.bytes {
        packed_bytes.insert(name.as_str(), brotli(bytes, Effort::Quick)?.len());
    }
    let needed_by = shared_chunks(chunks);
    let is_needed_everywhere = |pages: &BTreeSet<&str>| pages.len() == chunks.pages.len();
    let (mut in_base, mut others) = (vec![], BTreeMap::new());
    for (name, pages) in &needed_by {
        if is_needed_everywhere(pages) {
            in_base.push((*name).to_owned());
        } else {
            others.insert(*name, pages);
        }
    }
    let with_file = with_file_of_their_own(&others, &packed_bytes);
    let mut files = ChunkFiles {
        in_base,
        ..ChunkFiles::default()
    };
    for name in &with_file {
        files.bytes.insert(file_name(name), chunks.bytes[*name].clone());
    }
    for page in chunks.pages.keys() {
        let own = chunks.bytes.get(&own_chunk(page));
        let mut bytes = own.cloned().unwrap_or_else(|| EMPTY_MODULE.to_vec());
        let (mut shared, mut inside) = (vec![], vec![]);
        for (name, _) in others.iter().filter(|(_, pages)| pages.contains(page.as_str())) {
            if with_file.contains(name) {
                shared.push(file_name(name));
            } else {
                add_section(&mut bytes, name, &chunks.bytes[*name]);
                inside.push((*name).to_owned());
            }
        }
        let file = file_name(page);
        files.bytes.insert(file.clone(), bytes);
        files.pages.insert(page.clone(), PageFiles { file, shared, inside });
    }
    Ok(files)
}

/// Adds the chunks that every page needs to the base.
pub fn add_to_base(base: &mut Vec<u8>, files: &ChunkFiles, chunks: &Chunks) {
    for name in &files.in_base {
        add_section(base, name, &chunks.bytes[name]);
    }
}

/// The name that the splitter gives to the code that only this page needs.
fn own_chunk(page: &str) -> String {
    format!("split_{page}")
}

fn file_name(chunk: &str) -> String {
    format!("{NAME}_{chunk}")
}

/// The chunks that are not the own chunk of a page, each with the pages that need it.
fn shared_chunks(chunks: &Chunks) -> BTreeMap<&str, BTreeSet<&str>> {
    let mut shared: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for (page, names) in &chunks.pages {
        let own = own_chunk(page);
        for name in names.iter().filter(|name| **name != own) {
            shared.entry(name).or_default().insert(page);
        }
    }
    shared
}

/// The chunks that are large enough for a file of their own. While a page has too many files, its smallest one goes.
fn with_file_of_their_own<'a>(
    shared: &BTreeMap<&'a str, &BTreeSet<&'a str>>,
    packed_bytes: &BTreeMap<&str, usize>,
) -> BTreeSet<&'a str> {
    let mut with_file: BTreeSet<&str> = shared
        .keys()
        .copied()
        .filter(|name| packed_bytes[name] >= SMALL_BYTES)
        .collect();
    let pages: BTreeSet<&str> = shared.values().flat_map(|pages| pages.iter().copied()).collect();
    for page in pages {
        loop {
            let of_page: Vec<&str> = with_file
                .iter()
                .copied()
                .filter(|name| shared[name].contains(page))
                .collect();
            let smallest = of_page.iter().copied().min_by_key(|name| packed_bytes[name]);
            let Some(smallest) = smallest.filter(|_| of_page.len() + 2 > FILES_MAX) else {
                break;
            };
            with_file.remove(smallest);
        }
    }
    with_file
}

/// Appends a custom section (WebAssembly core specification 2.0, section 5.5.3). Browsers ignore the section until
/// `src/browser/chunks.js` asks for its bytes.
fn add_section(module: &mut Vec<u8>, name: &str, content: &[u8]) {
    let mut section = leb128(name.len());
    section.extend(name.as_bytes());
    section.extend(content);
    module.push(0);
    module.extend(leb128(section.len()));
    module.extend(section);
}

/// A number as WebAssembly writes it: seven bits in each byte, the lowest first.
fn leb128(mut number: usize) -> Vec<u8> {
    let mut bytes = vec![];
    loop {
        let low = (number & 0x7f) as u8;
        number >>= 7;
        if number == 0 {
            bytes.push(low);
            return bytes;
        }
        bytes.push(low | 0x80);
    }
}

#[cfg(test)]
#[path = "chunk_files_tests.rs"]
mod tests;
