//! Examples that belong together, by name.

use std::collections::HashMap;

/// Returns the names of the groups in the order in which they come first, and to which of them each example belongs.
pub(super) fn numbered<'a>(examples: impl Iterator<Item = &'a str>) -> (Vec<String>, Vec<u32>) {
    let mut names: Vec<String> = Vec::new();
    let mut numbers: HashMap<&str, u32> = HashMap::new();
    let number = |name: &'a str| {
        *numbers.entry(name).or_insert_with(|| {
            names.push(name.to_owned());
            names.len() as u32 - 1
        })
    };
    let ids = examples.map(number).collect();
    (names, ids)
}
