//! A test case: a picture, and the answers of the server that are correct for it.

pub struct Case {
    pub name: String,
    pub file: Vec<u8>,
    /// The only correct status. `None` if the server can accept or refuse the picture.
    pub status: Option<u16>,
    /// Whether the result must look like [`four_corners`](super::fixtures::four_corners).
    pub is_upright: bool,
}

/// A picture that the server can accept or refuse: both are correct.
pub fn case(name: &str, file: Vec<u8>) -> Case {
    Case {
        name: name.to_owned(),
        file,
        status: None,
        is_upright: false,
    }
}

/// A picture that must be answered with this status.
pub fn answered(name: &str, status: u16, file: Vec<u8>) -> Case {
    Case {
        status: Some(status),
        ..case(name, file)
    }
}

/// A picture that must be accepted.
pub fn good(name: &str, file: Vec<u8>) -> Case {
    answered(name, 200, file)
}

/// A picture that must be accepted, and whose result must show the four corners in the right places.
pub fn upright(name: &str, file: Vec<u8>) -> Case {
    Case {
        is_upright: true,
        ..good(name, file)
    }
}
