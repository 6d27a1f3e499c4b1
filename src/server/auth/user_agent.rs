//! Turns a `User-Agent` header (RFC 9110 section 10.1.5) into names that people know.

use woothee::parser::Parser;

/// The browser and its operating system, such as "Firefox on Linux".
pub fn device_name(user_agent: &str) -> String {
    let Some(found) = Parser::new().parse(user_agent) else {
        return "an unknown browser".to_owned();
    };
    let system = match found.os {
        "Mac OSX" => Some("macOS"),
        "iPhone" | "iPad" | "Android" | "Linux" | "Windows" => Some(found.os),
        os if os.starts_with("Windows") => Some("Windows"),
        os => known(os),
    };
    match (known(found.name), system) {
        (Some(browser), Some(system)) => format!("{browser} on {system}"),
        (Some(one), None) | (None, Some(one)) => one.to_owned(),
        (None, None) => "an unknown browser".to_owned(),
    }
}

fn known(name: &str) -> Option<&str> {
    (name != "UNKNOWN").then_some(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_user_agent_becomes_the_name_of_a_browser_and_a_system() {
        for (user_agent, wanted) in [
            (
                "Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0",
                "Firefox on Linux",
            ),
            (
                "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36",
                "Chrome on Windows",
            ),
            (
                "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.1 Safari/605.1.15",
                "Safari on macOS",
            ),
            (
                "Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.1 Mobile/15E148 Safari/604.1",
                "Safari on iPhone",
            ),
            (
                "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Mobile Safari/537.36",
                "Chrome on Android",
            ),
            ("", "an unknown browser"),
            ("\u{0}<script>", "an unknown browser"),
        ] {
            assert_eq!(device_name(user_agent), wanted, "{user_agent}");
        }
    }
}
