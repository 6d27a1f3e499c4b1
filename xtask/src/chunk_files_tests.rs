//! Checks where chunks are put.

use super::{ChunkFiles, Chunks, EMPTY_MODULE, FILES_MAX, add_section, add_to_base, arrange, leb128};

/// Bytes that do not become smaller when they are packed.
fn noise(count: usize) -> Vec<u8> {
    let mut state = 1_u32;
    let next = || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 24) as u8
    };
    std::iter::repeat_with(next).take(count).collect()
}

/// Chunks by their names and sizes, and the pages with the chunks that each needs.
fn chunks(sizes: &[(&str, usize)], pages: &[(&str, &[&str])]) -> Chunks {
    Chunks {
        pages: pages
            .iter()
            .map(|(page, names)| {
                (
                    (*page).to_owned(),
                    names.iter().map(|name| (*name).to_owned()).collect(),
                )
            })
            .collect(),
        bytes: sizes
            .iter()
            .map(|(name, size)| ((*name).to_owned(), noise(*size)))
            .collect(),
    }
}

fn arranged(chunks: &Chunks) -> ChunkFiles {
    arrange(chunks).expect("it can be compressed")
}

#[test]
fn a_large_chunk_is_a_file_and_a_small_one_is_in_the_file_of_each_page() {
    let chunks = chunks(
        &[
            ("chunk_1", 20_000),
            ("chunk_2", 300),
            ("split_room", 90),
            ("split_rooms", 80),
            ("split_sign_in", 70),
        ],
        &[
            ("room", &["chunk_1", "chunk_2", "split_room"]),
            ("rooms", &["chunk_1", "chunk_2", "split_rooms"]),
            ("sign_in", &["split_sign_in"]),
        ],
    );
    let files = arranged(&chunks);
    let room = &files.pages["room"];
    assert_eq!(room.file, "snug_room");
    assert_eq!(room.shared, ["snug_chunk_1"]);
    assert_eq!(room.inside, ["chunk_2"]);
    assert_eq!(files.bytes["snug_chunk_1"], chunks.bytes["chunk_1"]);
    let mut expected = chunks.bytes["split_room"].clone();
    add_section(&mut expected, "chunk_2", &chunks.bytes["chunk_2"]);
    assert_eq!(files.bytes["snug_room"], expected);
    assert_eq!(files.bytes["snug_sign_in"], chunks.bytes["split_sign_in"]);
    assert_eq!(files.bytes.len(), 4);
}

#[test]
fn what_every_page_needs_is_in_the_base() {
    let chunks = chunks(
        &[("chunk_1", 20_000), ("split_room", 90)],
        &[("room", &["chunk_1", "split_room"]), ("rooms", &["chunk_1"])],
    );
    let files = arranged(&chunks);
    assert_eq!(files.in_base, ["chunk_1"]);
    let mut base = b"base".to_vec();
    add_to_base(&mut base, &files, &chunks);
    assert_eq!(base.len(), 4 + 1 + 3 + 1 + "chunk_1".len() + 20_000);
    // A page without code of its own still has a file.
    assert_eq!(files.bytes["snug_rooms"], EMPTY_MODULE);
}

#[test]
fn no_page_has_more_files_than_allowed() {
    let names: Vec<String> = (0..9).map(|number| format!("chunk_{number}")).collect();
    let sizes: Vec<(&str, usize)> = names.iter().map(String::as_str).zip((9_000..).step_by(1_000)).collect();
    let all: Vec<&str> = names.iter().map(String::as_str).collect();
    let files = arranged(&chunks(
        &sizes,
        &[("room", &all[..]), ("rooms", &all[..3]), ("settings", &[])],
    ));
    let room = &files.pages["room"];
    assert_eq!(room.names().count() + 1, FILES_MAX);
    // The largest chunks keep their files.
    assert_eq!(
        room.shared,
        ["snug_chunk_5", "snug_chunk_6", "snug_chunk_7", "snug_chunk_8"]
    );
    assert_eq!(files.pages["rooms"].inside, ["chunk_0", "chunk_1", "chunk_2"]);
}

#[test]
fn lengths_are_written_as_webassembly_reads_them() {
    assert_eq!(leb128(0), [0]);
    assert_eq!(leb128(127), [127]);
    assert_eq!(leb128(624_485), [0xe5, 0x8e, 0x26]);
}
