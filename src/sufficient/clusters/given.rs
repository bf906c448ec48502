//! Subsets, as far as clusters need to know them.

use super::SubsetDistance;
use super::energy::Energy;
use super::space::Space;
use super::strands::opposite;
use crate::sequence::Alphabet;
use crate::sufficient::{Layout, Subset, Subsets};
use crate::{Error, Result};
use std::collections::HashMap;
use std::fmt;
use std::hash::Hash;

/// What subsets are made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Made {
    /// Letters and gaps, of sequences or by themselves.
    OfLetters(Alphabet),
    /// Places without letters.
    OfPlaces(Layout),
}

/// One subset.
#[derive(Clone, Debug)]
pub(super) struct Item {
    /// Which of several groups it belongs to.
    pub(super) group: usize,
    /// Letters and gaps, or the places.
    pub(super) text: String,
    /// Features and places in ascending order; nothing for a text from elsewhere.
    pub(super) features: Option<(Vec<usize>, Vec<usize>)>,
}

/// Subsets of one kind.
#[derive(Clone, Debug)]
pub(super) struct Given {
    pub(super) made: Made,
    pub(super) groups: Vec<String>,
    pub(super) items: Vec<Item>,
}

/// Equal subsets counted once.
pub(super) struct Distinct {
    pub(super) space: Space,
    /// How many subsets each stands for.
    pub(super) weights: Vec<usize>,
    /// Which one every subset is.
    pub(super) of: Vec<usize>,
}

impl Given {
    /// Takes strings of DNA with gaps.
    pub(super) fn strings(texts: &[impl AsRef<str>]) -> Result<Self> {
        let alphabet = Alphabet::Dna;
        let item = |(at, text): (usize, &str)| {
            let text = text.to_ascii_uppercase();
            let wrong = |letter: &u8| *letter != b'-' && !alphabet.accepts(*letter);
            if let Some(position) = text.bytes().position(|letter| wrong(&letter)) {
                let letter = text.as_bytes()[position].escape_ascii();
                let got = format!("`{letter}` at position {}", position + 1);
                let expected = format!("{} or a gap `-`", alphabet.describe());
                return Err(Error::value(&format!("string {at}"), expected, got));
            }
            Ok(Item {
                group: 0,
                text: text.trim_matches('-').to_owned(),
                features: None,
            })
        };
        let texts = texts.iter().map(AsRef::as_ref).enumerate();
        Ok(Self {
            made: Made::OfLetters(alphabet),
            groups: vec![String::new()],
            items: texts.map(item).collect::<Result<_>>()?,
        })
    }

    /// Takes the subsets of one or several groups, which must be made of the same.
    pub(super) fn groups(groups: &[(&str, &Subsets)]) -> Result<Self> {
        let Some(((_, first), rest)) = groups.split_first() else {
            return Err(Error::value("groups", "one group or more", "empty"));
        };
        let made = made(first);
        if let Some((name, other)) = rest.iter().find(|(_, other)| self::made(other) != made) {
            let argument = format!("group {name}");
            let expected = format!("of {made} as {}", groups[0].0);
            return Err(Error::value(
                &argument,
                expected,
                format!("of {}", self::made(other)),
            ));
        }
        let mut items = Vec::new();
        for (group, (_, subsets)) in groups.iter().enumerate() {
            let strings = match made {
                Made::OfLetters(_) => Some(subsets.strings()?),
                Made::OfPlaces(_) => None,
            };
            for at in 0..subsets.len() {
                let subset = subsets.get(at)?;
                let text = match (&strings, made) {
                    (None, Made::OfPlaces(layout)) => places(&subset, layout),
                    (strings, _) => strings
                        .as_ref()
                        .map_or(String::new(), |all| all[at].clone()),
                };
                let features = (subset.features().to_vec(), subset.places().to_vec());
                items.push(Item {
                    group,
                    text,
                    features: Some(features),
                });
            }
        }
        let names = groups.iter().map(|(name, _)| (*name).to_owned());
        Ok(Self {
            made,
            groups: names.collect(),
            items,
        })
    }

    /// Returns the distance that is used unless another one is set.
    pub(super) fn usual(&self) -> SubsetDistance {
        match self.made {
            Made::OfLetters(_) => SubsetDistance::Edit,
            Made::OfPlaces(Layout::Columns(_)) => SubsetDistance::Jaccard,
            Made::OfPlaces(_) => SubsetDistance::Energy,
        }
    }

    /// Counts equal subsets once, in order; with both strands, a string and its reverse complement are equal.
    pub(super) fn distinct(&self, distance: SubsetDistance, both: bool) -> Result<Distinct> {
        let wrong =
            |expected: &str| Err(Error::value("distance", expected, format!("{distance:?}")));
        if both {
            match self.made {
                _ if distance != SubsetDistance::Edit => {
                    return wrong("Edit, for both strands");
                }
                Made::OfLetters(alphabet) if alphabet.has_complement() => {}
                made => {
                    return Err(Error::value(
                        "subsets",
                        "of DNA or RNA, for both strands",
                        made,
                    ));
                }
            }
        }
        if distance == SubsetDistance::Edit {
            let Made::OfLetters(alphabet) = self.made else {
                return wrong("Energy or Jaccard, since there are no letters");
            };
            let key = |item: &Item| {
                let text = item.text.clone();
                if both {
                    opposite(&text, alphabet).min(text)
                } else {
                    text
                }
            };
            let (keys, weights, of) = counted(self.items.iter().map(key));
            let other = |text: &String| opposite(text, alphabet).into_bytes();
            let opposites = both.then(|| keys.iter().map(other).collect());
            let texts = keys.into_iter().map(String::into_bytes).collect();
            return Ok(Distinct {
                space: Space::Edit(texts, opposites),
                weights,
                of,
            });
        }
        let sets: Option<Vec<_>> = self
            .items
            .iter()
            .map(|item| item.features.clone())
            .collect();
        let Some(sets) = sets else {
            return wrong("Edit, since strings have no positions");
        };
        if distance == SubsetDistance::Jaccard {
            let (sets, weights, of) = counted(sets.into_iter().map(|set| set.0));
            let space = Space::Jaccard(sets);
            return Ok(Distinct { space, weights, of });
        }
        let width = match self.made {
            Made::OfPlaces(Layout::Columns(_)) => {
                return wrong("Jaccard, since columns are not next to each other");
            }
            Made::OfPlaces(Layout::Pixels { width, .. }) => width.max(1),
            _ => usize::MAX,
        };
        let (sets, weights, of) = counted(sets.into_iter().map(|set| set.1));
        let place = |&at: &usize| ((at / width) as f64, (at % width) as f64);
        let places = sets.iter().map(|set| set.iter().map(place).collect());
        let space = Space::Energy(Energy::new(&places.collect::<Vec<_>>()));
        Ok(Distinct { space, weights, of })
    }
}

impl fmt::Display for Made {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::OfLetters(alphabet) => alphabet.fmt(f),
            Self::OfPlaces(layout) => layout.fmt(f),
        }
    }
}

fn made(subsets: &Subsets) -> Made {
    match subsets.sequences() {
        Some(sequences) => Made::OfLetters(sequences.alphabet()),
        None => Made::OfPlaces(subsets.layout()),
    }
}

/// Writes the places of a subset, pixels as row and column.
fn places(subset: &Subset, layout: Layout) -> String {
    let place = |&at: &usize| match layout {
        Layout::Pixels { width, .. } => format!("{}:{}", at / width.max(1), at % width.max(1)),
        _ => at.to_string(),
    };
    let places: Vec<String> = subset.places().iter().map(place).collect();
    places.join(" ")
}

/// Returns different keys in order, how often each comes, and which one stands where.
fn counted<K: Hash + Eq + Clone>(
    keys: impl Iterator<Item = K>,
) -> (Vec<K>, Vec<usize>, Vec<usize>) {
    let (mut known, mut weights, mut of) = (HashMap::new(), Vec::new(), Vec::new());
    let mut different = Vec::new();
    for key in keys {
        let at = *known.entry(key).or_insert_with_key(|key| {
            different.push(key.clone());
            weights.push(0);
            different.len() - 1
        });
        weights[at] += 1;
        of.push(at);
    }
    (different, weights, of)
}
