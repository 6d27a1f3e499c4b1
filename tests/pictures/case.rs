//! One picture, and what is known of its answer.

pub struct Case {
    pub name: String,
    pub file: Vec<u8>,
    /// The status, if only a single one is right.
    pub status: Option<u16>,
    /// Whether it is [`four_corners`](super::fixtures::four_corners) once it is upright.
    pub is_upright: bool,
}

/// A picture of which any answer is right.
pub fn case(name: &str, file: Vec<u8>) -> Case {
    Case {
        name: name.to_owned(),
        file,
        status: None,
        is_upright: false,
    }
}

/// A picture that is answered with this status and no other.
pub fn answered(name: &str, status: u16, file: Vec<u8>) -> Case {
    Case {
        status: Some(status),
        ..case(name, file)
    }
}

/// A picture that is taken.
pub fn good(name: &str, file: Vec<u8>) -> Case {
    answered(name, 200, file)
}

/// A picture that is taken, and shows the four corners where they belong.
pub fn upright(name: &str, file: Vec<u8>) -> Case {
    Case {
        is_upright: true,
        ..good(name, file)
    }
}
