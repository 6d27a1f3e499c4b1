//! A list whose rows stay on the page as long as their keys are in the list.
//!
//! Leptos compiles `<For>` once for each type of item and each closure, 2 kB for each list. Here all lists share one of them.

use leptos::prelude::*;

/// A row of any list.
struct KeyedRow {
    key: String,
    view: Box<dyn FnOnce() -> AnyView + Send>,
}

/// A row for each item, in the order of the items. When the items change, rows with the same key stay as they are, and only move.
pub fn keyed_list<T, V>(
    items: impl Fn() -> Vec<T> + Send + 'static,
    key: fn(&T) -> String,
    row: impl Fn(T) -> V + Clone + Send + 'static,
) -> AnyView
where
    T: Send + 'static,
    V: IntoView + 'static,
{
    let to_row = move |item: T| {
        let (key, row) = (key(&item), row.clone());
        KeyedRow {
            key,
            view: Box::new(move || row(item).into_any()),
        }
    };
    rows_view(Box::new(move || items().into_iter().map(&to_row).collect::<Vec<_>>()))
}

fn rows_view(rows: Box<dyn Fn() -> Vec<KeyedRow> + Send>) -> AnyView {
    view! { <For each=rows key=|row: &KeyedRow| row.key.clone() children=|row: KeyedRow| (row.view)()/> }.into_any()
}
