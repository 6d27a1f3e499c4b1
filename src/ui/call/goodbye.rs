//! What the list of rooms offers to somebody who has just left a room. It is in the browser's memory only.

use crate::model::{isolated::isolated, room::Person};

/// The people whom the sentence of a goodbye names. More people are counted.
const NAMED_MAX: usize = 3;

/// The goodbye to one room.
#[derive(Debug, Clone, PartialEq)]
pub struct Goodbye {
    /// The people with whom you have talked, without guests, whom nobody can recognise later.
    pub people: Vec<Person>,
}

impl Goodbye {
    /// The goodbye to a room in which you have talked with `people`.
    pub fn to(people: Vec<Person>) -> Self {
        Self {
            people: people.into_iter().filter(|person| !person.guest).collect(),
        }
    }

    /// The people of this goodbye who are not in your circle.
    pub fn not_in(self, circle: &[Person]) -> Vec<Person> {
        let is_new = |person: &Person| circle.iter().all(|followed| followed.id != person.id);
        self.people.into_iter().filter(is_new).collect()
    }
}

/// "You talked with Tom, Jo and Mina. Follow them?"
pub fn question(people: &[Person]) -> String {
    let named = people.len().min(NAMED_MAX);
    let mut words: Vec<String> = people[..named]
        .iter()
        .map(|person| isolated(&person.name).into_owned())
        .collect();
    if people.len() > named {
        words.push(format!("{} more", people.len() - named));
    }
    let last = words.pop().unwrap_or_default();
    let names = match words.is_empty() {
        true => last,
        false => format!("{} and {last}", words.join(", ")),
    };
    format!("You talked with {names}. Follow them?")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::id::UserId;

    fn person(name: &str) -> Person {
        Person::named(UserId::parse(&format!("user-{name:a<10}")).expect("an id"), name)
    }

    #[test]
    fn guests_and_people_whom_you_follow_are_left_out() {
        let gus = Person {
            guest: true,
            ..person("Gus")
        };
        let goodbye = Goodbye::to(vec![person("Tom"), gus, person("Jo")]);
        assert_eq!(goodbye.not_in(&[person("Jo"), person("Mina")]), [person("Tom")]);
    }

    #[test]
    fn the_question_names_at_most_three_people() {
        let people = ["Tom", "Jo", "Mina", "Otto", "Ida"].map(person);
        for (count, names) in [
            (1, "Tom"),
            (2, "Tom and Jo"),
            (3, "Tom, Jo and Mina"),
            (4, "Tom, Jo, Mina and 1 more"),
            (5, "Tom, Jo, Mina and 2 more"),
        ] {
            let expected = format!("You talked with {names}. Follow them?");
            assert_eq!(question(&people[..count]), expected);
        }
    }
}
