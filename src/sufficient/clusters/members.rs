//! The strings of one cluster, all read in one direction.

use super::edit_distance::edit_distance;
use super::strands::opposite;
use crate::sequence::Alphabet;
use std::collections::HashMap;

/// How often a string is in a cluster.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Frequency {
    pub(super) text: String,
    pub(super) count: usize,
}

/// Turns strings so that they read like the most frequent one, counted with its reverse complement; without an alphabet none is turned.
///
/// Tells for every one whether it was turned.
pub(super) fn turned(texts: &[&str], alphabet: Option<Alphabet>) -> Vec<bool> {
    let Some(alphabet) = alphabet else {
        return vec![false; texts.len()];
    };
    let canonical = |text: &str| opposite(text, alphabet).min(text.to_owned());
    let keys: Vec<String> = texts.iter().map(|text| canonical(text)).collect();
    let Some(top) = frequencies(keys.iter().map(String::as_str))
        .into_iter()
        .next()
    else {
        return Vec::new();
    };
    // The strand on which the most frequent string was found more often.
    let is_mode = |(text, key): &(&&str, &String)| **key == top.text && **text != top.text;
    let other = texts.iter().zip(&keys).filter(is_mode).count();
    let mode = if 2 * other > top.count {
        opposite(&top.text, alphabet)
    } else {
        top.text
    };
    let mut known: HashMap<&str, bool> = HashMap::new();
    let mut flags = Vec::with_capacity(texts.len());
    for &text in texts {
        flags.push(*known.entry(text).or_insert_with(|| {
            edit_distance(&opposite(text, alphabet), &mode) < edit_distance(text, &mode)
        }));
    }
    flags
}

/// Counts different strings, the most frequent first, equally frequent ones in alphabetical order.
pub(super) fn frequencies<'a>(texts: impl Iterator<Item = &'a str>) -> Vec<Frequency> {
    let mut counts: HashMap<&str, usize> = HashMap::new();
    for text in texts {
        *counts.entry(text).or_default() += 1;
    }
    let mut counts: Vec<_> = counts.into_iter().collect();
    counts.sort_by(|a, b| b.1.cmp(&a.1).then(a.0.cmp(b.0)));
    let frequency = |(text, count): (&str, usize)| Frequency {
        text: text.to_owned(),
        count,
    };
    counts.into_iter().map(frequency).collect()
}
