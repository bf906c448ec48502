//! Subsets that are alike.

use super::consensus_motif::consensus_motif;
use super::given::{Given, Item, Made};
use super::members::{Frequency, frequencies, turned};
use super::strands::opposite;
use super::{AlignedSubsets, SubsetDistance};
use crate::motif::{Motif, Motifs};
use crate::sequence::Alphabet;
use crate::sufficient::Layout;
use crate::{Error, Result};
use ndarray::{Array1, Array2};
use polars::prelude::{Column, DataFrame, df};
use std::fmt;
use std::sync::Arc;

/// Subsets in clusters, the largest cluster first, and those that are like no others; cheap to clone.
///
/// Subsets are counted from 0 in the order in which they were given, group after group.
#[derive(Clone)]
pub struct Clusters {
    data: Arc<Data>,
}

struct Data {
    given: Given,
    labels: Vec<Option<usize>>,
    sizes: Vec<usize>,
    turned: Vec<bool>,
    distance: SubsetDistance,
    both_strands: bool,
}

impl Clusters {
    pub(super) fn new(
        mut given: Given,
        mut labels: Vec<Option<usize>>,
        (distance, both_strands): (SubsetDistance, bool),
    ) -> Self {
        let count = labels.iter().flatten().max().map_or(0, |most| most + 1);
        let mut sizes = vec![0; count];
        labels.iter().flatten().for_each(|&label| sizes[label] += 1);
        let mut order: Vec<usize> = (0..count).collect();
        order.sort_by(|&a, &b| sizes[b].cmp(&sizes[a]).then(a.cmp(&b)));
        let mut rank = vec![0; count];
        for (new, &old) in order.iter().enumerate() {
            rank[old] = new;
        }
        for label in labels.iter_mut().flatten() {
            *label = rank[*label];
        }
        let sizes = order.iter().map(|&old| sizes[old]).collect();
        let alphabet = match given.made {
            Made::OfLetters(alphabet) if both_strands => Some(alphabet),
            _ => None,
        };
        let mut flags = vec![false; labels.len()];
        for cluster in 0..count {
            let own = |at: &usize| labels[*at] == Some(cluster);
            let members: Vec<usize> = (0..labels.len()).filter(own).collect();
            let texts: Vec<&str> = members
                .iter()
                .map(|&at| given.items[at].text.as_str())
                .collect();
            for (&at, turned) in members.iter().zip(turned(&texts, alphabet)) {
                flags[at] = turned;
            }
        }
        for (item, &turned) in given.items.iter_mut().zip(&flags) {
            if let (Some(alphabet), true) = (alphabet, turned) {
                item.text = opposite(&item.text, alphabet);
            }
        }
        Self {
            data: Arc::new(Data {
                given,
                labels,
                sizes,
                turned: flags,
                distance,
                both_strands,
            }),
        }
    }

    /// Returns the number of clusters.
    pub fn len(&self) -> usize {
        self.data.sizes.len()
    }

    /// Tells whether there is no cluster.
    pub fn is_empty(&self) -> bool {
        self.data.sizes.is_empty()
    }

    /// Returns the cluster of every subset; nothing for noise.
    pub fn labels(&self) -> &[Option<usize>] {
        &self.data.labels
    }

    /// Returns the number of subsets in every cluster, the largest first.
    pub fn sizes(&self) -> &[usize] {
        &self.data.sizes
    }

    /// Returns which subsets are in a cluster, in order.
    ///
    /// # Errors
    ///
    /// [`Error::Value`] when there is no such cluster.
    pub fn members(&self, cluster: usize) -> Result<Vec<usize>> {
        if cluster >= self.len() {
            let expected = format!("below {}, the number of clusters", self.len());
            return Err(Error::value("cluster", expected, cluster));
        }
        Ok(self.labelled(Some(cluster)))
    }

    /// Returns which subsets are in no cluster, in order.
    pub fn noise(&self) -> Vec<usize> {
        self.labelled(None)
    }

    fn labelled(&self, label: Option<usize>) -> Vec<usize> {
        let all = self.labels().iter().enumerate();
        all.filter(|(_, own)| **own == label)
            .map(|(at, _)| at)
            .collect()
    }

    /// Returns the string of every subset; where strands were merged, on the strand of the most frequent string of its cluster.
    ///
    /// Of places without letters these are their numbers, pixels as row and column.
    pub fn strings(&self) -> Vec<String> {
        let items = self.data.given.items.iter();
        items.map(|item| item.text.clone()).collect()
    }

    /// Tells for every subset whether its string was turned to the other strand.
    pub fn reversed(&self) -> &[bool] {
        &self.data.turned
    }

    /// Returns the names of the groups; one without a name when there was only one.
    pub fn groups(&self) -> &[String] {
        &self.data.given.groups
    }

    /// Returns the group of every subset, counted from 0.
    pub fn group_of(&self) -> Vec<usize> {
        let items = self.data.given.items.iter();
        items.map(|item| item.group).collect()
    }

    /// Returns how the distance was measured.
    pub fn distance(&self) -> SubsetDistance {
        self.data.distance
    }

    /// Tells whether a string and its reverse complement are one.
    pub fn both_strands(&self) -> bool {
        self.data.both_strands
    }

    /// Returns how many subsets of each group are in each cluster, shape `(clusters, groups)`.
    pub fn counts(&self) -> Array2<usize> {
        let mut counts = Array2::zeros((self.len(), self.groups().len()));
        let items = self.data.given.items.iter();
        for (item, label) in items.zip(self.labels()) {
            if let Some(cluster) = label {
                counts[[*cluster, item.group]] += 1;
            }
        }
        counts
    }

    /// Returns the most frequent string of a cluster, of equally frequent ones the first in alphabetical order.
    ///
    /// # Errors
    ///
    /// [`Error::Value`] when there is no such cluster.
    pub fn mode(&self, cluster: usize) -> Result<String> {
        let strings = self.frequencies(cluster)?;
        Ok(strings
            .into_iter()
            .next()
            .map_or_else(String::new, |top| top.text))
    }

    fn frequencies(&self, cluster: usize) -> Result<Vec<Frequency>> {
        let items = &self.data.given.items;
        let members = self.members(cluster)?;
        Ok(frequencies(
            members.iter().map(|&at| items[at].text.as_str()),
        ))
    }

    /// Aligns the strings of a cluster and counts their letters, a gap as an equal share of each.
    ///
    /// The strings are laid on the most frequent one, without gaps of their own. Columns in which fewer than half of them have a letter are cut
    /// off at both ends.
    ///
    /// # Errors
    ///
    /// [`Error::Value`] when there is no such cluster, or the subsets have no letters.
    pub fn motif(&self, cluster: usize) -> Result<Motif> {
        let strings = self.frequencies(cluster)?;
        let name = format!("cluster {cluster}");
        consensus_motif(&name, &strings, self.alphabet()?)
    }

    /// Returns the motifs of all clusters in order.
    ///
    /// # Errors
    ///
    /// [`Error::Value`] when the subsets have no letters.
    pub fn motifs(&self) -> Result<Motifs> {
        (0..self.len()).map(|cluster| self.motif(cluster)).collect()
    }

    /// Lays the subsets of a cluster on a known motif.
    ///
    /// # Errors
    ///
    /// [`Error::Value`] when there is no such cluster, or the subsets have no letters or those of another alphabet.
    pub fn align(&self, cluster: usize, known: &Motif) -> Result<AlignedSubsets> {
        let items = &self.data.given.items;
        let members = self.members(cluster)?;
        let texts = members.iter().map(|&at| items[at].text.as_str());
        AlignedSubsets::new(texts, self.alphabet()?, known)
    }

    fn alphabet(&self) -> Result<Alphabet> {
        match self.data.given.made {
            Made::OfLetters(alphabet) => Ok(alphabet),
            Made::OfPlaces(layout) => {
                let got = format!("of {layout}");
                Err(Error::value("subsets", "of sequences", got))
            }
        }
    }

    /// Returns the share of the subsets of a cluster that have each place, shape `(places)`.
    ///
    /// # Errors
    ///
    /// [`Error::Value`] when there is no such cluster, or the subsets are strings from elsewhere.
    pub fn shares(&self, cluster: usize) -> Result<Array1<f64>> {
        let members = self.members(cluster)?;
        let items = &self.data.given.items;
        let of = |item: &Item| item.features.as_ref().map(|(_, places)| places.clone());
        let places: Option<Vec<Vec<usize>>> = members.iter().map(|&at| of(&items[at])).collect();
        let places = places.ok_or_else(|| {
            let got = "strings, which have no places";
            Error::value("subsets", "subsets of inputs", got)
        })?;
        let most = items.iter().filter_map(of).flatten().max();
        let count = match self.data.given.made {
            Made::OfPlaces(layout) => layout.places(),
            Made::OfLetters(_) => most.map_or(0, |most| most + 1),
        };
        let mut shares = Array1::zeros(count);
        for &place in places.iter().flatten() {
            shares[place] += 1.0 / members.len() as f64;
        }
        Ok(shares)
    }

    /// Returns the share of the subsets of a cluster that have each pixel, shape `(height, width)`.
    ///
    /// # Errors
    ///
    /// [`Error::Value`] when there is no such cluster, or the subsets are not of images.
    pub fn image(&self, cluster: usize) -> Result<Array2<f64>> {
        let Made::OfPlaces(Layout::Pixels { height, width }) = self.data.given.made else {
            let got = format!("of {}", self.data.given.made);
            return Err(Error::value("subsets", "of images", got));
        };
        let shares = self.shares(cluster)?;
        let image = shares.into_shape_with_order((height, width));
        image.map_err(|_| Error::shape("shares", "(height, width)", &[height, width]))
    }

    /// Returns the strings of all clusters with their frequencies: columns cluster, string, count and share (of the cluster).
    ///
    /// # Errors
    ///
    /// [`Error::Table`] when polars cannot build it.
    pub fn table(&self) -> Result<DataFrame> {
        let mut rows = Vec::new();
        for cluster in 0..self.len() {
            let strings = self.frequencies(cluster)?;
            rows.extend(strings.into_iter().map(|string| (cluster, string)));
        }
        let share = |(cluster, string): &(usize, Frequency)| {
            string.count as f64 / self.sizes()[*cluster].max(1) as f64
        };
        Ok(df!(
            "cluster" => rows.iter().map(|row| row.0 as u32).collect::<Vec<_>>(),
            "string" => rows.iter().map(|row| row.1.text.as_str()).collect::<Vec<_>>(),
            "count" => rows.iter().map(|row| row.1.count as u32).collect::<Vec<_>>(),
            "share" => rows.iter().map(share).collect::<Vec<_>>(),
        )?)
    }

    /// Returns one row for every cluster: columns cluster, size, share (of all subsets), different (strings) and mode, and the size in each group
    /// where there are several.
    ///
    /// # Errors
    ///
    /// [`Error::Table`] when polars cannot build it, as when a group has the name of another column.
    pub fn summary(&self) -> Result<DataFrame> {
        let (all, sizes) = (self.labels().len().max(1), self.sizes());
        let strings: Vec<Vec<Frequency>> = (0..self.len())
            .map(|cluster| self.frequencies(cluster))
            .collect::<Result<_>>()?;
        let numbers = |of: &dyn Fn(usize) -> usize| -> Vec<u32> {
            (0..self.len()).map(|cluster| of(cluster) as u32).collect()
        };
        let share = sizes.iter().map(|&size| size as f64 / all as f64);
        let mode = |strings: &Vec<Frequency>| strings.first().map(|top| top.text.clone());
        let mut columns = vec![
            Column::new("cluster".into(), numbers(&|cluster| cluster)),
            Column::new("size".into(), numbers(&|cluster| sizes[cluster])),
            Column::new("share".into(), share.collect::<Vec<_>>()),
            Column::new(
                "different".into(),
                numbers(&|cluster| strings[cluster].len()),
            ),
            Column::new("mode".into(), strings.iter().map(mode).collect::<Vec<_>>()),
        ];
        if self.groups().len() > 1 {
            let counts = self.counts();
            for (group, name) in self.groups().iter().enumerate() {
                let count = numbers(&|cluster| counts[[cluster, group]]);
                columns.push(Column::new(name.as_str().into(), count));
            }
        }
        Ok(DataFrame::new(self.len(), columns)?)
    }
}

impl fmt::Debug for Clusters {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (count, subsets, sizes) = (self.len(), self.labels().len(), self.sizes());
        let noise = subsets - sizes.iter().sum::<usize>();
        write!(
            f,
            "Clusters(n = {count}, sizes = {sizes:?}, noise = {noise} of {subsets})"
        )
    }
}
