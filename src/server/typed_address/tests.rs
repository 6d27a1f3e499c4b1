//! Addresses as people type and paste them, and the sentences that name what is wrong with a text.

use super::*;
use proptest::prelude::*;

fn read(typed: &str) -> String {
    parse(typed)
        .unwrap_or_else(|sentence| panic!("{typed:?}: {sentence}"))
        .as_str()
        .to_owned()
}

#[test]
fn what_comes_with_a_pasted_address_is_dropped() {
    for typed in [
        "ada@example.org",
        "  ADA@Example.ORG \n",
        "\u{FEFF}ada\u{200B}@exam\u{AD}ple.org\u{2060}",
        "\u{202A}ada@example.org\u{202C}",
        "\u{200E}ada@example.org\u{A0}",
        "ａｄａ＠ｅｘａｍｐｌｅ．ｏｒｇ",
        "mailto:ada@example.org",
        "MAILTO:ada%40example.org?subject=Tea%20at%205",
        "<ada@example.org>",
        "Ada Lovelace <ada@example.org>",
        "\"Lovelace, Ada\" <ada@example.org>,",
        "Ada <mailto:ada@example.org>",
        "Ада Лавлейс <ada@example.org>;",
        "“ada@example.org”",
        "'ada@example.org'",
        "(ada@example.org).",
        "ada@example.org.",
        "ada@example.org。",
        "ada@example.org、",
        "Ada <ada@example.org> (work)",
        "Ada <ada@example.org> from work.",
        "mailto://ada@example.org",
        "`ada@example.org'",
        "\"'ada@example.org'\"",
        "ada@example.org'",
        "\tada@example.org\t",
        "Ada\t<ada@example.org>",
        "\u{FFFC}ada@example.org\u{2800}",
        "<\u{FFFC}ada@example.org>",
        "\u{2028}ada@example.org\0\u{7F}",
        "„ada@example.org“",
        "« ada@example.org »",
        "「ada@example.org」",
        "\"ada@example.org\" <ada@example.org>",
        "\"Ada <3\" <ada@example.org>",
        "\"<Ada>\" <ada@example.org>",
        "<<ada@example.org>>",
        "Ada <ada@example.org> I <3 tea",
    ] {
        assert_eq!(read(typed), "ada@example.org", "{typed:?}");
    }
    assert_eq!(
        read("o'brien+snug@mail.example.co.uk"),
        "o'brien+snug@mail.example.co.uk"
    );
    for (typed, address) in [
        ("mailto:ada+snug@example.org", "ada+snug@example.org"),
        ("mailto:ada%2Bsnug@example.org?subject=Tea", "ada+snug@example.org"),
        ("'tis@example.org", "'tis@example.org"),
        ("''tis@example.org'", "'tis@example.org"),
        ("`ada@example.org", "`ada@example.org"),
    ] {
        assert_eq!(read(typed), address, "{typed}");
    }
}

#[test]
fn a_domain_in_other_letters_becomes_its_ascii_form() {
    for (typed, address) in [
        ("ada@exämple.org", "ada@xn--exmple-cua.org"),
        ("ada@EXÄMPLE.org", "ada@xn--exmple-cua.org"),
        ("ada@exa\u{308}mple.org", "ada@xn--exmple-cua.org"),
        ("ada@例え。テスト", "ada@xn--r8jz45g.xn--zckzah"),
        ("ada@例え。テスト。", "ada@xn--r8jz45g.xn--zckzah"),
        ("ada@bücher.example", "ada@xn--bcher-kva.example"),
    ] {
        assert_eq!(read(typed), address, "{typed}");
    }
}

#[test]
fn a_text_that_is_no_address_gets_a_sentence_that_names_the_trouble() {
    let (long, longer) = (format!("{}@example.org", "a".repeat(65)), "a".repeat(3_000));
    for (typed, words) in [
        ("ada", "no @"),
        ("@example.org", "before the @"),
        ("ada@", "after the @"),
        ("ada@example", "no dot"),
        ("ada@@example.org", "more than one @"),
        ("ada@a.org, ben@b.org", "more than one address"),
        ("Ada <ada@a.org>, Ben <ben@b.org>", "more than one address"),
        ("Ada <ada@a.org> ben@b.org", "more than one address"),
        ("\"Ada <3\" <ada@a.org>, <ben@b.org>", "more than one address"),
        ("<ada>", "no @"),
        ("a da@example.org", "space"),
        ("adä@example.org", "and not ä"),
        ("a,da@example.org", "the character , is not"),
        ("ada..b@example.org", "dot"),
        (".ada@example.org", "dot"),
        ("ada@example..org", "dot"),
        ("ada@example,org", "comma"),
        ("ada@127.0.0.1", "IP address"),
        ("ada@exa_mple.org", "not a domain"),
        ("ada@-a.org", "not a domain"),
        ("ada\0@example.org", "cannot be shown"),
        ("ada@example.org\r\nBcc: eve@example.org", "more than one line"),
        ("mailto:ada%0d%0a@example.org", "space"),
        ("Ada <ada@example.org", "angle brackets"),
        ("mailto:ada%4", "not complete"),
        (long.as_str(), "longer than 64"),
        (longer.as_str(), "too long"),
    ] {
        let sentence = parse(typed).expect_err(typed);
        assert!(sentence.contains(words), "{typed:?}: {sentence}");
        assert!(
            sentence.ends_with(EXAMPLE) && sentence.starts_with("That does not look"),
            "{sentence}"
        );
    }
    for empty in ["", "  ", "\u{200B}", "mailto:", "<>"] {
        assert_eq!(
            parse(empty),
            Err("Please write your e-mail address.".into()),
            "{empty:?}"
        );
    }
}

proptest! {
    #[test]
    fn an_accepted_address_is_accepted_again_unchanged(
        typed in prop_oneof!["\\PC{0,40}", "[a-zäß@.<>:,; \u{200B}\u{202E}\u{AD}Ａ%]{0,40}", "[a-z.]{1,8}@[a-zäé-]{1,8}\\.[a-zд]{1,5}"],
    ) {
        if let Ok(address) = parse(&typed) {
            prop_assert!(address.as_str().bytes().all(|byte| byte.is_ascii_graphic()));
            prop_assert_eq!(EmailAddress::parse(address.as_str()), Ok(address.clone()));
            prop_assert_eq!(parse(address.as_str()), Ok(address.clone()));
            prop_assert_eq!(parse(&format!("Name <{}>", address.as_str())), Ok(address));
        }
    }
}
