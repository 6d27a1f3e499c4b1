//! What the e-mails say, and that they escape the names and the browsers in them.

use super::*;

fn snug(name: &str) -> SendingSnug {
    SendingSnug {
        name: SnugName::parse(name).expect("a name"),
        url: PublicUrl::parse("https://snug.example.org").expect("an address"),
    }
}

fn ada() -> EmailAddress {
    EmailAddress::parse("ada@example.org").expect("an address")
}

fn asked() -> Asked {
    Asked {
        device: "Firefox <script> on Linux".into(),
        at_s: 1_795_615_500,
    }
}

#[test]
fn the_code_comes_before_the_link_and_begins_the_subject() {
    let letter = code(
        ada(),
        "482913",
        &snug("Ada's Snug"),
        "/sign-in/link?token=abc&next=%2Frooms",
        &asked(),
    );
    let at = |words: &str| letter.text.find(words).expect(words);
    assert!(at("482913") < at("https://snug.example.org/sign-in/link?token=abc&next="));
    assert!(letter.subject.starts_with("482913"));
    assert!(letter.html.contains("482 913") && letter.html.contains("token=abc&amp;next="));
}

#[test]
fn a_letter_names_the_snug_and_its_host_and_escapes_the_name() {
    let from = snug("Tea & <b>talk");
    let new = EmailAddress::parse("ada@example.net").expect("an address");
    let letters = [
        code(ada(), "482913", &from, "/sign-in/link", &asked()),
        new_address(ada(), "482913", &from, &asked()),
        address_changed(ada(), &new, &from, "/undo?token=abc", &asked()),
        not_invited(ada(), &from),
        session_ended(ada(), &from),
    ];
    for letter in letters {
        assert!(letter.subject.contains("Tea & <b>talk"), "{}", letter.subject);
        assert!(
            letter.text.contains("Tea & <b>talk (snug.example.org)"),
            "{}",
            letter.text
        );
        let html = "Tea &amp; &lt;b&gt;talk (snug.example.org)";
        assert!(letter.html.contains(html), "{}", letter.html);
    }
}

#[test]
fn a_letter_names_the_browser_and_the_time_and_escapes_markup() {
    let codes = [
        code(ada(), "482913", &snug("Ada's Snug"), "/sign-in/link", &asked()),
        new_address(ada(), "482913", &snug("Ada's Snug"), &asked()),
    ];
    for text in codes.iter().flat_map(|letter| [&letter.text, &letter.html]) {
        assert!(text.contains("Never pass this letter on"), "{text}");
    }
    let changed = address_changed(ada(), &ada(), &snug("Ada's Snug"), "/undo?token=abc", &asked());
    for letter in codes.iter().chain([&changed]) {
        let message = "Firefox <script> on Linux, on 25 November 2026 at 14:05 UTC";
        assert!(letter.text.contains(message), "{}", letter.text);
        let message = "Firefox &lt;script&gt; on Linux, on 25 November 2026 at 14:05 UTC";
        assert!(letter.html.contains(message), "{}", letter.html);
        assert!(!letter.html.contains("<script>"), "{}", letter.html);
    }
}

#[test]
fn the_letter_to_the_old_address_hides_the_new_one_and_has_the_link_that_undoes_the_change() {
    let new = EmailAddress::parse("countess@example.net").expect("an address");
    let letter = address_changed(ada(), &new, &snug("Ada's Snug"), "/undo?token=abc", &asked());
    assert!(
        letter.text.contains("c…@e….net") && !letter.text.contains("countess"),
        "{}",
        letter.text
    );
    let change = GivenUp {
        id: "row".into(),
        changed_at: 1_795_615_500,
        email: new.as_str().to_owned(),
    };
    let later = address_given_up(ada(), &change, &snug("Ada's Snug"), "/undo?token=abc");
    assert!(
        later.text.contains("since 25 November 2026") && !later.text.contains("countess"),
        "{}",
        later.text
    );
    for letter in [letter, later] {
        for words in [
            "https://snug.example.org/undo?token=abc",
            "press “Put the address back”",
        ] {
            assert!(letter.text.contains(words), "{}", letter.text);
        }
    }
}
