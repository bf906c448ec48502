//! Labels from the intervals of other BED files.

use super::bed::each_interval;
use super::genome::Genome;
use super::rows::Rows;
use crate::{Error, Result};
use ndarray::ArrayD;
use std::collections::HashMap;
use std::path::Path;
use std::sync::Arc;

/// The intervals of one file, sorted and joined where they touch, by the number of the chromosome.
pub(super) struct Peaks(HashMap<u32, Vec<(u32, u32)>>);

impl Peaks {
    /// Reads a file; chromosomes that the genome does not have are passed over, but not all.
    pub(super) fn read(path: &Path, genome: &Genome) -> Result<Self> {
        let mut found: HashMap<u32, Vec<(u32, u32)>> = HashMap::new();
        let mut other = None;
        each_interval(path, &mut |line, interval| {
            match genome.number(interval.chromosome) {
                Some(number) => {
                    let intervals = found.entry(number).or_default();
                    intervals.push((interval.start, interval.end));
                }
                None if other.is_none() => other = Some((line, interval.chromosome.to_owned())),
                None => {}
            }
            Ok(())
        })?;
        if let (true, Some((line, name))) = (found.is_empty(), other) {
            let expected = format!(
                "chromosomes of {}: {}",
                genome.path().display(),
                genome.known()
            );
            let problem = (expected, format!("`{name}`, and no other of them"));
            return Err(Error::parse(path.display().to_string(), line, problem));
        }
        for intervals in found.values_mut() {
            intervals.sort_unstable();
            let mut joined: Vec<(u32, u32)> = Vec::with_capacity(intervals.len());
            for &(start, end) in intervals.iter() {
                match joined.last_mut() {
                    Some(last) if last.1 >= start => last.1 = last.1.max(end),
                    _ => joined.push((start, end)),
                }
            }
            *intervals = joined;
        }
        Ok(Self(found))
    }

    /// Counts the positions of a piece that lie in intervals.
    fn covered(&self, chromosome: u32, (start, end): (u32, u32)) -> u32 {
        let Some(intervals) = self.0.get(&chromosome) else {
            return 0;
        };
        let first = intervals.partition_point(|interval| interval.1 <= start);
        let touching = intervals[first..].iter().take_while(|other| other.0 < end);
        touching
            .map(|other| other.1.min(end) - other.0.max(start))
            .sum()
    }
}

/// For every example and every file, 1 where more than a share of a bin lies in the intervals of the file.
pub(super) struct Overlaps {
    pub(super) tasks: Arc<[Peaks]>,
    pub(super) share: f64,
    /// Chromosome, start and end of the bin of each example.
    pub(super) bins: Vec<(u32, u32, u32)>,
}

impl Rows for Overlaps {
    fn len(&self) -> usize {
        self.bins.len()
    }

    fn shape(&self) -> Vec<usize> {
        match self.tasks.len() {
            1 => Vec::new(),
            tasks => vec![tasks],
        }
    }

    fn read(&self, rows: &[usize]) -> Result<ArrayD<f32>> {
        let mut labels = Vec::with_capacity(rows.len() * self.tasks.len());
        for &row in rows {
            let (chromosome, start, end) = self.bins[row];
            let enough = self.share * f64::from(end - start);
            for task in self.tasks.iter() {
                let covered = f64::from(task.covered(chromosome, (start, end)));
                labels.push(if covered > enough { 1.0 } else { 0.0 });
            }
        }
        let shape = [vec![rows.len()], self.shape()].concat();
        ArrayD::from_shape_vec(shape.as_slice(), labels)
            .map_err(|_| Error::shape("labels", "one row per example", &shape))
    }
}
