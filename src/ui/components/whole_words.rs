//! Text in which no line ends inside "e-mail".

use leptos::prelude::*;

/// The word that browsers break after its hyphen.
const WORD: &str = "e-mail";

/// The text, with each "e-mail" in one piece.
pub fn whole_words(text: &str) -> impl IntoView + use<> {
    pieces(text)
        .into_iter()
        .map(|piece| match piece == WORD {
            true => view! { <span class="whole">{piece}</span> }.into_any(),
            false => piece.into_any(),
        })
        .collect_view()
}

/// The parts of the text, in order. Each [`WORD`] is a part of its own.
fn pieces(text: &str) -> Vec<String> {
    let mut pieces = vec![];
    for (at, part) in text.split(WORD).enumerate() {
        if at > 0 {
            pieces.push(WORD.to_owned());
        }
        if !part.is_empty() {
            pieces.push(part.to_owned());
        }
    }
    pieces
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_word_is_a_part_of_its_own() {
        assert_eq!(pieces("Your e-mail address"), ["Your ", "e-mail", " address"]);
        assert_eq!(pieces("e-mail, e-mail"), ["e-mail", ", ", "e-mail"]);
        assert_eq!(pieces("Keep your seat"), ["Keep your seat"]);
    }
}
