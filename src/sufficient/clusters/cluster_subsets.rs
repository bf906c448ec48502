//! How subsets are put into clusters.

use super::given::Given;
use super::{Clusters, Dbscan, SubsetDistance};
use crate::sufficient::Subsets;
use crate::{Error, Result};
use ndarray::Array2;

/// Puts subsets that are alike into clusters, with the distance that suits them.
///
/// Sequences are compared by their strings, images by their pixels and tables by their columns; see [`SubsetDistance`]. See [`ClusterSubsets`] for
/// the options.
///
/// # Errors
///
/// As [`ClusterSubsets::run`].
///
/// # Examples
///
/// ```
/// use genolens::{network, sequence::Sequences, sufficient::{self, Threshold, SufficientSubsets}};
/// # fn main() -> genolens::Result<()> {
/// let peaks = Sequences::dna(["ACGTTGCATG", "ACGTTGCATG", "ACGTTGCATG", "CCGGTTAACC"])?;
/// let found = SufficientSubsets::new(Threshold::quantile(0.5)).run(&network::deepbind(4), &peaks)?;
/// let clusters = sufficient::clusters(&found)?;
/// println!("{:?}, {}", clusters, clusters.table()?);
/// # Ok(()) }
/// ```
pub fn clusters(subsets: &Subsets) -> Result<Clusters> {
    ClusterSubsets::new().run(subsets)
}

/// Puts subsets into clusters, with options.
///
/// Equal subsets are counted once and weighed, so that the work grows with the square of the number of *different* subsets.
///
/// # References
///
/// Carter, Mueller, Jain and Gifford 2019, <https://proceedings.mlr.press/v89/carter19a.html>: strings of letters and gaps by edit distance within 2,
/// digits by energy distance within 0.42 to 0.65 with 15 to 50 neighbours, words by Jaccard distance within 0.5 with 20 to 25; for MAFF 46
/// neighbours among 2,110 subsets. They do not merge strands. Checked against scikit-learn 1.9.1 and `SciPy` 1.17.1.
#[derive(Clone, Debug, Default)]
pub struct ClusterSubsets {
    distance: Option<SubsetDistance>,
    epsilon: Option<f64>,
    min_samples: Option<usize>,
    both_strands: bool,
}

impl ClusterSubsets {
    /// Takes the defaults: the distance that suits the subsets and its [radius](SubsetDistance::radius), the square root of the number of
    /// subsets as the least number of neighbours (46 of 2,110, as in the publication) but at least 3, each strand by itself.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets how the distance of two subsets is measured.
    pub fn distance(mut self, distance: SubsetDistance) -> Self {
        self.distance = Some(distance);
        self
    }

    /// Sets up to which distance subsets are neighbours, in the unit of the distance.
    pub fn epsilon(mut self, epsilon: f64) -> Self {
        self.epsilon = Some(epsilon);
        self
    }

    /// Sets how many subsets within the radius, itself counted, make a subset the core of a cluster.
    pub fn min_samples(mut self, min_samples: usize) -> Self {
        self.min_samples = Some(min_samples);
        self
    }

    /// Sets whether a string and its reverse complement are one: the distance of two strings is then the smaller of that of the strings and that
    /// of one and the reverse complement of the other.
    pub fn both_strands(mut self, both: bool) -> Self {
        self.both_strands = both;
        self
    }

    /// Puts the subsets into clusters.
    ///
    /// # Errors
    ///
    /// [`Error::Value`] when the distance does not suit the subsets, an option makes no sense, or there are too many pairs of
    /// neighbours to be kept; [`Error::Interrupted`].
    pub fn run(&self, subsets: &Subsets) -> Result<Clusters> {
        self.find(Given::groups(&[("", subsets)])?)
    }

    /// Puts the subsets of several models, or of several kinds of inputs, into clusters together, each group under its name.
    ///
    /// What a cluster has of every group, [`Clusters::counts`], tells what the groups share.
    ///
    /// # Errors
    ///
    /// As [`run`](Self::run), and when there is no group or they are not made of the same.
    ///
    /// # Examples
    ///
    /// ```
    /// use genolens::{network, sequence::Sequences, sufficient::{ClusterSubsets, Threshold, SufficientSubsets}};
    /// # fn main() -> genolens::Result<()> {
    /// let peaks = Sequences::dna(["ACGTTGCATG", "CCGGTTAACC"])?;
    /// let half = SufficientSubsets::new(Threshold::quantile(0.5));
    /// let small = half.run(&network::deepbind(4), &peaks)?;
    /// let large = half.run(&network::deepbind(32), &peaks)?;
    /// let both = ClusterSubsets::new().min_samples(1).groups(&[("small", &small), ("large", &large)])?;
    /// assert_eq!(both.counts().ncols(), 2);
    /// # Ok(()) }
    /// ```
    pub fn groups(&self, groups: &[(&str, &Subsets)]) -> Result<Clusters> {
        self.find(Given::groups(groups)?)
    }

    /// Puts subsets into clusters together, in groups by what is known of their examples: a label for each example, such as `right` and `wrong`.
    ///
    /// # Errors
    ///
    /// As [`run`](Self::run), and when there is not one label for each example.
    pub fn by_example(&self, subsets: &Subsets, labels: &[impl AsRef<str>]) -> Result<Clusters> {
        let n = subsets.examples();
        if labels.len() != n {
            let expected = format!("({n}), a label for each example");
            return Err(Error::shape("labels", expected, &[labels.len()]));
        }
        let mut groups: Vec<(&str, Vec<usize>)> = Vec::new();
        for label in labels.iter().map(AsRef::as_ref) {
            if groups.iter().all(|(name, _)| *name != label) {
                groups.push((label, Vec::new()));
            }
        }
        for at in 0..subsets.len() {
            let label = labels[subsets.get(at)?.example()].as_ref();
            let own = groups.iter_mut().filter(|(name, _)| *name == label);
            own.for_each(|(_, members)| members.push(at));
        }
        let mut chosen = Vec::with_capacity(groups.len());
        for (name, members) in groups {
            chosen.push((name, subsets.select(&members)?));
        }
        let groups = chosen.iter().map(|(name, own)| (*name, own));
        self.groups(&groups.collect::<Vec<_>>())
    }

    /// Puts strings of DNA with gaps into clusters, such as subsets that somebody has published; gaps at their ends are cut off.
    ///
    /// # Errors
    ///
    /// As [`run`](Self::run), and for a letter that is none of DNA.
    ///
    /// # Examples
    ///
    /// ```
    /// use genolens::sufficient::ClusterSubsets;
    /// # fn main() -> genolens::Result<()> {
    /// let strings = ["GCTGAGTCAT", "GCTGAGTCAT", "ATGACTCAGC", "CCCCC"];
    /// let found = ClusterSubsets::new().both_strands(true).strings(&strings)?;
    /// assert_eq!((found.len(), found.mode(0)?), (1, "GCTGAGTCAT".into()));
    /// # Ok(()) }
    /// ```
    pub fn strings(&self, strings: &[impl AsRef<str>]) -> Result<Clusters> {
        self.find(Given::strings(strings)?)
    }

    /// Returns the distance of every two subsets, shape `(n, n)`.
    ///
    /// # Errors
    ///
    /// As [`run`](Self::run), and when there are more than 16,384 subsets.
    pub fn distances(&self, subsets: &Subsets) -> Result<Array2<f64>> {
        let given = Given::groups(&[("", subsets)])?;
        let distance = self.distance.unwrap_or(given.usual());
        let distinct = given.distinct(distance, self.both_strands)?;
        distinct.space.matrix(distinct.weights.len(), &distinct.of)
    }

    fn find(&self, given: Given) -> Result<Clusters> {
        let distance = self.distance.unwrap_or(given.usual());
        let epsilon = self.epsilon.unwrap_or(distance.radius());
        let usual = (given.items.len() as f64).sqrt().round() as usize;
        let dbscan = Dbscan::new(epsilon, self.min_samples.unwrap_or(usual.max(3)));
        dbscan.check()?;
        let distinct = given.distinct(distance, self.both_strands)?;
        let neighbours = distinct.space.neighbours(distinct.weights.len(), epsilon)?;
        let labels = dbscan.labels(&neighbours, &distinct.weights);
        let labels = distinct.of.iter().map(|&at| labels[at]).collect();
        Ok(Clusters::new(given, labels, (distance, self.both_strands)))
    }
}
