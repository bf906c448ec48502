//! What every member of an ensemble says of every mutation.

use super::CountNoise;
use crate::attribution::Attribution;
use crate::sequence::Sequences;
use crate::{Error, Result};
use ndarray::{Array3, Array5, ArrayView4, Axis, Zip, s};
use std::fmt;
use std::sync::Arc;

/// The changes that every single replacement of a letter makes to the outputs of every member of an ensemble; cheap to clone.
///
/// Shape `(n, outputs, members, letters, length)`: the output with this letter here less the output of the sequence as it is, 0 for the
/// letter that is there. Members are kept apart, since what they agree on between two mutations, or between two outputs, is what the
/// error of a causal effect depends on.
///
/// # Examples
///
/// ```
/// use genolens::{causal::MutationEffects, ndarray::Array5, sequence::Sequences};
/// # fn main() -> genolens::Result<()> {
/// // Two outputs of two members, who agree on the sign: a C or T in place of an A does something, twice as much to the second output.
/// let of = |output: usize, member: usize, letter: usize| match letter {
///     1 | 3 => (output + 1) as f32 + 0.1 * member as f32,
///     _ => 0.0,
/// };
/// let values = Array5::from_shape_fn((1, 2, 2, 4, 3), |(_, output, member, letter, _)| of(output, member, letter));
/// let effects = MutationEffects::new(&Sequences::dna(["AAA"])?, &values)?.with_names(["GATA1", "TAL1"])?;
/// assert!((effects.mean(1)?[[0, 3, 2]] - 2.05).abs() < 1e-6);
/// assert!((effects.error(1)?[[0, 3, 2]] - 0.005_f64.sqrt()).abs() < 1e-6);
/// # Ok(()) }
/// ```
#[derive(Clone, PartialEq)]
pub struct MutationEffects {
    sequences: Sequences,
    values: Arc<Array5<f32>>,
    names: Arc<[String]>,
    levels: Option<Arc<Array3<f32>>>,
    noise: Option<CountNoise>,
    in_counts: bool,
}

impl MutationEffects {
    /// Takes effects from elsewhere, shape `(n, outputs, members, letters, length)`.
    ///
    /// # Errors
    ///
    /// Fails for fewer than two members, when sequences do not have one length, or the effects not their shape; when an effect is not
    /// finite, and when that of the letter which is there is not 0, as with centred effects.
    pub fn new(sequences: &Sequences, values: &Array5<f32>) -> Result<Self> {
        let (n, letters) = (sequences.len(), sequences.alphabet().size());
        let length = sequences.length()?;
        let (rows, outputs, members, width, positions) = values.dim();
        if (rows, width, positions) != (n, letters, length) || outputs == 0 || members < 2 {
            let expected =
                format!("({n}, outputs, members, {letters}, {length}), members at least 2");
            return Err(Error::shape("values", expected, values.shape()));
        }
        let place = |output: usize, member: usize, at: (usize, usize)| {
            format!(
                "output {output}, member {member}, letter {}, position {}",
                at.0, at.1
            )
        };
        let code = sequences.one_hot()?;
        for (index, of_sequence) in values.outer_iter().enumerate() {
            for ((output, member, letter, position), value) in of_sequence.indexed_iter() {
                let own = code.values()[[index, letter, position]] == 1.0;
                if !value.is_finite() || own && *value != 0.0 {
                    let at = place(output, member, (letter, position));
                    let expected = if own {
                        "0 for the letter that is there"
                    } else {
                        "finite"
                    };
                    let got = format!("{value} in sequence {index}, {at}");
                    return Err(Error::value("values", expected, got));
                }
            }
        }
        Ok(Self {
            sequences: sequences.clone(),
            values: Arc::new(values.as_standard_layout().into_owned()),
            names: (1..=outputs)
                .map(|output| format!("output {output}"))
                .collect(),
            levels: None,
            noise: None,
            in_counts: false,
        })
    }

    /// Names the outputs.
    ///
    /// # Errors
    ///
    /// Fails when there are more or fewer names than outputs.
    pub fn with_names<I>(&self, names: I) -> Result<Self>
    where
        I: IntoIterator,
        I::Item: Into<String>,
    {
        let names: Arc<[String]> = names.into_iter().map(Into::into).collect();
        if names.len() != self.outputs() {
            let expected = format!("({}), one for each output", self.outputs());
            return Err(Error::shape("names", expected, &[names.len()]));
        }
        Ok(Self {
            names,
            ..self.clone()
        })
    }

    /// Adds what every member says of the sequences as they are, shape `(n, outputs, members)`; effects from an ensemble have it.
    ///
    /// # Errors
    ///
    /// Fails for another shape, or a number that is not finite.
    pub fn with_levels(&self, levels: &Array3<f32>) -> Result<Self> {
        let shape = [self.len(), self.outputs(), self.members()];
        if levels.shape() != shape {
            let expected = format!("({}, {}, {})", shape[0], shape[1], shape[2]);
            return Err(Error::shape("levels", expected, levels.shape()));
        }
        if let Some(odd) = levels.iter().find(|level| !level.is_finite()) {
            return Err(Error::value("levels", "finite", odd));
        }
        Ok(Self {
            levels: Some(Arc::new(levels.clone())),
            ..self.clone()
        })
    }

    /// Returns what every member says of the sequences as they are, shape `(n, outputs, members)`, where it is known.
    pub fn levels(&self) -> Option<&Array3<f32>> {
        self.levels.as_deref()
    }

    /// Adds how much counts vary around what members say, so that counts are means of counts and not squares of mean roots: for
    /// [`on_counts`](Self::on_counts) and [`DeepMr::without_confounding`](super::DeepMr::without_confounding).
    ///
    /// # Errors
    ///
    /// Fails for the noise of more or fewer outputs.
    pub fn with_noise(&self, noise: &CountNoise) -> Result<Self> {
        if noise.outputs() != self.outputs() {
            let expected = format!("that of {} outputs, as the effects", self.outputs());
            let got = format!("that of {}", noise.outputs());
            return Err(Error::value("noise", expected, got));
        }
        Ok(Self {
            noise: Some(noise.clone()),
            ..self.clone()
        })
    }

    /// Returns the same effects in counts, where outputs are counts on Anscombe's scale, `2 √(count + 3/8)`.
    ///
    /// What confounds two assays adds to their counts, and falls out of differences of counts, but not out of those of roots. What varies
    /// without being in the sequence makes the square of a mean root less than the mean count, and not everywhere by as much:
    /// [`with_noise`](Self::with_noise) tells by how much.
    ///
    /// # Errors
    ///
    /// Fails when it is not known what members say of the sequences as they are ([`with_levels`](Self::with_levels)), and when these are
    /// counts already.
    ///
    /// # Examples
    ///
    /// ```
    /// use genolens::{causal::MutationEffects, ndarray::{Array3, Array5}, sequence::Sequences};
    /// # fn main() -> genolens::Result<()> {
    /// let scale = |count: f32| 2.0 * (count + 0.375).sqrt();
    /// let change = |letter: usize| if letter == 0 { 0.0 } else { scale(4.0) - scale(9.0) };
    /// let values = Array5::from_shape_fn((1, 1, 2, 4, 1), |(_, _, _, letter, _)| change(letter));
    /// let effects = MutationEffects::new(&Sequences::dna(["A"])?, &values)?;
    /// let counts = effects.with_levels(&Array3::from_elem((1, 1, 2), scale(9.0)))?.on_counts()?;
    /// assert!((counts.mean(0)?[[0, 1, 0]] + 5.0).abs() < 1e-5);
    /// # Ok(()) }
    /// ```
    pub fn on_counts(&self) -> Result<Self> {
        if self.in_counts {
            let expected = "effects on Anscombe's scale";
            return Err(Error::value("effects", expected, "effects in counts"));
        }
        let Some(levels) = &self.levels else {
            let expected = "effects with levels";
            return Err(Error::value("effects", expected, "those without"));
        };
        let (mut values, mut levels) = ((*self.values).clone(), (**levels).clone());
        for output in 0..self.outputs() {
            let parts = self.noise.as_ref().map(|noise| noise.parts(output));
            let count = |anscombe: f32| match parts {
                Some(parts) => parts.mean_count(f64::from(anscombe)) as f32,
                None => count(anscombe),
            };
            let mut levels = levels.index_axis_mut(Axis(1), output);
            Zip::from(values.index_axis_mut(Axis(1), output))
                .and_broadcast(&levels.view().insert_axis(Axis(2)).insert_axis(Axis(3)))
                .for_each(|effect, level| *effect = count(level + *effect) - count(*level));
            levels.mapv_inplace(count);
        }
        Ok(Self {
            values: Arc::new(values),
            levels: Some(Arc::new(levels)),
            in_counts: true,
            ..self.clone()
        })
    }

    /// Returns the mutated sequences.
    pub fn sequences(&self) -> &Sequences {
        &self.sequences
    }

    /// Returns the number of sequences.
    pub fn len(&self) -> usize {
        self.sequences.len()
    }

    /// Tells whether there is no sequence.
    pub fn is_empty(&self) -> bool {
        self.sequences.is_empty()
    }

    /// Returns the number of outputs.
    pub fn outputs(&self) -> usize {
        self.values.len_of(Axis(1))
    }

    /// Returns the number of members.
    pub fn members(&self) -> usize {
        self.values.len_of(Axis(2))
    }

    /// Returns the names of the outputs; numbers from 1 where none were given.
    pub fn names(&self) -> &[String] {
        &self.names
    }

    /// Returns all effects, shape `(n, outputs, members, letters, length)`.
    pub fn values(&self) -> &Array5<f32> {
        &self.values
    }

    /// Returns these sequences with their effects, in this order.
    ///
    /// # Errors
    ///
    /// Fails without a sequence, or for one that does not exist.
    pub fn select(&self, indices: &[usize]) -> Result<Self> {
        if indices.is_empty() {
            return Err(Error::value("indices", "at least one", "none"));
        }
        Ok(Self {
            in_counts: self.in_counts,
            noise: self.noise.clone(),
            sequences: self.sequences.select(indices)?,
            values: Arc::new(self.values.select(Axis(0), indices)),
            names: Arc::clone(&self.names),
            levels: self
                .levels
                .as_ref()
                .map(|levels| Arc::new(levels.select(Axis(0), indices))),
        })
    }

    /// Returns the means over members of the effects on an output, shape `(n, letters, length)`.
    ///
    /// # Errors
    ///
    /// Fails when there is no such output.
    pub fn mean(&self, output: usize) -> Result<Array3<f64>> {
        Ok(self.moments(output)?.0)
    }

    /// Returns the standard deviations over members, their number less one, of the effects on an output, shape `(n, letters, length)`.
    ///
    /// Effects are differences within a member, so that what a member says too high of all sequences does not count.
    ///
    /// # Errors
    ///
    /// Fails when there is no such output.
    pub fn error(&self, output: usize) -> Result<Array3<f64>> {
        Ok(self.moments(output)?.1)
    }

    /// Returns the score of every letter that is there, for logos: by the mean over members, what it adds to the mean over the letters of its
    /// position, as [`saturation_mutagenesis`](crate::attribution::saturation_mutagenesis) has it. For heatmaps there is [`mean`](Self::mean).
    ///
    /// # Errors
    ///
    /// Fails when there is no such output.
    pub fn attribution(&self, output: usize) -> Result<Attribution> {
        let effects = self.mean(output)?;
        let mean = effects.sum_axis(Axis(1)) / effects.len_of(Axis(1)) as f64;
        let gain = mean.mapv(|mean| -mean as f32).insert_axis(Axis(1));
        let scores = self.sequences.one_hot()?.values() * &gain;
        Ok(Attribution::new(self.sequences.clone(), scores)?
            .named("ensemble mutagenesis")
            .targeted(output))
    }

    fn moments(&self, output: usize) -> Result<(Array3<f64>, Array3<f64>)> {
        self.check(("output", output))?;
        let own = self.values.index_axis(Axis(1), output);
        let (n, members, letters, length) = own.dim();
        let (mut mean, mut error) = (
            Array3::zeros((n, letters, length)),
            Array3::zeros((n, letters, length)),
        );
        for member in own.axis_iter(Axis(1)) {
            mean.zip_mut_with(&member, |sum: &mut f64, value| *sum += f64::from(*value));
        }
        mean /= members as f64;
        for member in own.axis_iter(Axis(1)) {
            let off = member.mapv(f64::from) - &mean;
            error += &(&off * &off);
        }
        error.mapv_inplace(|squares: f64| (squares / (members - 1) as f64).sqrt());
        Ok((mean, error))
    }

    pub(super) fn check(&self, (argument, output): (&str, usize)) -> Result<()> {
        if output < self.outputs() {
            return Ok(());
        }
        let expected = format!("below {}, the number of outputs", self.outputs());
        Err(Error::value(argument, expected, output))
    }

    /// The mean over members of what an output is for a sequence as it is.
    pub(super) fn level(&self, index: usize, output: usize) -> Option<f64> {
        let levels = self.levels.as_ref()?;
        let members = levels.slice(s![index, output, ..]);
        Some(members.iter().map(|level| f64::from(*level)).sum::<f64>() / members.len() as f64)
    }

    /// The effects of one sequence, shape `(outputs, members, letters, length)`.
    pub(super) fn of(&self, index: usize) -> ArrayView4<'_, f32> {
        self.values.index_axis(Axis(0), index)
    }
}

/// The count that has this place on Anscombe's scale; nothing is below that of 0.
fn count(anscombe: f32) -> f32 {
    let half = 0.5 * anscombe.max(0.0);
    (half * half - 0.375).max(0.0)
}

impl fmt::Debug for MutationEffects {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (n, outputs, members, _, length) = self.values.dim();
        write!(
            f,
            "MutationEffects({n} sequences of {length} letters, {outputs} outputs, {members} members)"
        )
    }
}
