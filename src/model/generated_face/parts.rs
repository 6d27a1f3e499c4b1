//! The colours and shapes from which a face is drawn. If one of them changes, everybody's face changes.

pub const HUES: usize = 16;

/// Background colours: sixteen hues of oklch, 22.5 degrees apart, each in three tones (light, middle and deep). The tones have a
/// lightness of 87, 77 and 66 %. Hues from 22.5 to 67.5 degrees have 80, 73 and 65 %. The chroma is .09. Hues that would
/// look like skin with this chroma have a chroma of .15.
#[rustfmt::skip]
pub const GROUNDS: [[u32; 3]; HUES] = [
    [0xfec1d2, 0xe49cb2, 0xc07b90],
    [0xffa09c, 0xf87e7b, 0xdc6464],
    [0xffa47a, 0xf38651, 0xd86d38],
    [0xfda943, 0xe59325, 0xc77b05],
    [0xfacf4e, 0xd9af21, 0xb28d04],
    [0xd5db96, 0xb5bb76, 0x939855],
    [0xbbe2a6, 0x9cc287, 0x7a9f66],
    [0xa2e7bd, 0x82c69e, 0x60a37d],
    [0x8fe8d6, 0x6ec7b6, 0x4aa494],
    [0x88e6ee, 0x67c5cd, 0x42a2aa],
    [0x96e1fe, 0x71c1e0, 0x4d9ebc],
    [0xb2d9fe, 0x85baeb, 0x6497c7],
    [0xc4d3fe, 0x9eb2ee, 0x7d90ca],
    [0xd5cdfe, 0xb5aae9, 0x9488c5],
    [0xebc3fd, 0xcaa3dc, 0xa781b8],
    [0xfcbee9, 0xda9ec9, 0xb67da6],
];

/// Hair colours: the same hues, each with a lightness of 24, 38, 52 and 96 %.
#[rustfmt::skip]
pub const HAIR: [[u32; 4]; HUES] = [
    [0x32141e, 0x672b40, 0x9b4b66, 0xfeedf1],
    [0x331514, 0x6a2c2b, 0x9f4c4b, 0xfeedec],
    [0x321709, 0x683014, 0x9c522e, 0xfeeee7],
    [0x2f1a02, 0x5f3803, 0x925b0d, 0xfeefe0],
    [0x281e01, 0x524003, 0x816501, 0xfaf1dc],
    [0x202102, 0x434601, 0x6a6f0f, 0xf2f4de],
    [0x14240b, 0x2c4c16, 0x4c7731, 0xe9f7e3],
    [0x052616, 0x03502f, 0x1f7b4f, 0xe2f8ea],
    [0x022620, 0x024e44, 0x027a6b, 0xddf9f2],
    [0x012527, 0x024c51, 0x02777f, 0xdcf8fb],
    [0x01232f, 0x004a5f, 0x027493, 0xe2f6fe],
    [0x082136, 0x10456f, 0x2b6da5, 0xe8f3ff],
    [0x161d37, 0x303e72, 0x5064a8, 0xedf2fe],
    [0x201a35, 0x44386e, 0x6b5ba2, 0xf2f0ff],
    [0x28172f, 0x543263, 0x815494, 0xf9edfe],
    [0x2e1528, 0x602d53, 0x904e7f, 0xfeecf8],
];

/// For each background tone, the positions in [`HAIR`] of the three shades that fit this tone. The lightness of the hair differs
/// from the lightness of the background by at least 26 %, so people who can't tell the colours apart also see the hair's outline.
pub const HAIR_ON_TONE: [[usize; 3]; 3] = [[0, 1, 2], [0, 1, 0], [0, 1, 3]];

/// The colour of eyes and mouth: the background's hue with a lightness of 25 % and a chroma of .05.
#[rustfmt::skip]
pub const INKS: [u32; HUES] = [
    0x351621, 0x361716, 0x35190c, 0x311c03, 0x2b2001, 0x222404, 0x17270d, 0x072918,
    0x012822, 0x01272a, 0x012632, 0x0b2338, 0x18203a, 0x221d37, 0x2b1a32, 0x31182a,
];

/// In how many phases and at how many paces faces blink, so that people who sit side by side do not blink together.
pub const PHASES: usize = 8;
pub const PACES: usize = 5;

/// The degrees by which the head leans.
pub const TILTS: [&str; 7] = ["-4", "-3", "-1", "0", "1", "3", "4"];
pub const SHIFTS: [&str; 5] = ["-2", "-1", "0", "1", "2"];

/// Twelve kinds of hair or hat. Their outlines are so different that you can tell them apart without colours in a face of 32 px.
pub const TOPS: [&str; 12] = [
    r#"<path d="M10 52C4 2 96 2 90 52 78 32 62 37 50 28 40 39 22 34 10 52z"/>"#,
    r#"<circle cx="14" cy="44" r="14"/><circle cx="86" cy="44" r="14"/>"#,
    r#"<path d="M50-6 73 32H27z"/><rect x="16" y="29" width="68" height="10" rx="5"/>"#,
    r#"<circle cx="22" cy="27" r="16"/><circle cx="50" cy="15" r="18"/><circle cx="78" cy="27" r="16"/>"#,
    r#"<path d="M9 80C1-8 99-8 91 80H77C81 58 78 40 50 27 22 40 19 58 23 80z"/>"#,
    r#"<path d="M16 36Q16 0 50 0T84 36z"/><rect x="4" y="33" width="80" height="10" rx="5"/>"#,
    r#"<path d="M14 40 20 4 36 22 50 0 64 22 80 4 86 40Q50 30 14 40z"/>"#,
    r#"<path d="M16 42C14 12 86 12 84 42 70 30 30 30 16 42z"/><circle cx="50" cy="9" r="13"/>"#,
    r#"<path d="M6 62C-2 8 60-14 92 24 72 20 66 34 44 36 22 38 14 46 6 62z"/>"#,
    r#"<path d="M7 74V42C7-9 93-9 93 42V74H81V43H19V74z"/>"#,
    r#"<path d="M40 36Q34 2 66-2 56 10 62 36 50 30 40 36z"/>"#,
    r#"<circle cx="23" cy="15" r="14"/><circle cx="77" cy="15" r="14"/><path d="M20 37C20 12 80 12 80 37 66 25 34 25 20 37z"/>"#,
];

/// For each of [`TOPS`], how the head is moved and scaled, so that it lies in a circle of 46 units around the middle, however it
/// leans: 92 % of the circle that pages cut out of the background.
pub const FITS: [&str; 12] = [
    "",
    "translate(6.5 6.7)scale(.87)",
    "translate(6 11.4)scale(.88)",
    "translate(5 10.5)scale(.9)",
    "translate(6.5 5.9)scale(.87)",
    "translate(5.5 7.7)scale(.95)",
    "translate(6 11.5)scale(.88)",
    "translate(4.5 9.8)scale(.91)",
    "translate(4.9 8.9)scale(.92)",
    "translate(5 4.1)scale(.9)",
    "translate(-2.7 8.9)scale(.93)",
    "translate(8.5 14.4)scale(.83)",
];

/// The positions in [`TOPS`] of the heads whose eyes are low in the circle because of what is above them.
pub const LOW_EYES: [usize; 8] = [2, 3, 5, 6, 7, 8, 10, 11];

/// Eyes: round, laughing, tall, and with glasses.
pub const EYES: [&str; 4] = [
    r#"<circle cx="37" cy="54" r="4.6"/><circle cx="63" cy="54" r="4.6"/>"#,
    r#"<path d="M31 56q6-8 12 0M57 56q6-8 12 0" fill="none" stroke-width="4"/>"#,
    r#"<ellipse cx="38" cy="54" rx="4" ry="6.4"/><ellipse cx="62" cy="54" rx="4" ry="6.4"/>"#,
    r#"<path d="M46 53q4-3 8 0M26 54a10 10 0 1 0 20 0 10 10 0 1 0-20 0M54 54a10 10 0 1 0 20 0 10 10 0 1 0-20 0" fill="none" stroke-width="3.2"/><circle cx="36" cy="54" r="3.4"/><circle cx="64" cy="54" r="3.4"/>"#,
];

/// Slight smiles: even, higher on the right, and higher on the left.
pub const SMILES: [&str; 3] = [
    r#"<path d="M41 72q9 6 18 0" fill="none" stroke-width="4"/>"#,
    r#"<path d="M42 73q10 4 17-2" fill="none" stroke-width="4"/>"#,
    r#"<path d="M41 71q7 6 17 2" fill="none" stroke-width="4"/>"#,
];

pub const OPEN_MOUTH: &str = r#"<path d="M38 69q12-3 24 0-1 16-12 16T38 69z"/>"#;
