//! Annotations in GTF: tab-separated lines of nine fields, positions from 1, both ends inside.

use crate::progress;
use crate::{Error, Result};
use flate2::read::MultiGzDecoder;
use std::collections::{BTreeMap, HashMap};
use std::fs::File;
use std::io::{BufRead, BufReader, Read};
use std::path::Path;

/// The most bytes of one line.
const LONGEST: u64 = 1 << 20;

/// The exons of a gene on one strand of one chromosome: first base and the one after the last.
type Exons = Vec<(u64, u64)>;

/// Returns how many bases of each gene lie in an exon.
pub(super) fn lengths(path: &Path) -> Result<Vec<(String, f64)>> {
    let origin = path.display().to_string();
    let mut text = open(path)?;
    let mut genes: HashMap<String, BTreeMap<String, Exons>> = HashMap::new();
    let mut bytes = Vec::new();
    for number in 1.. {
        bytes.clear();
        let mut line = (&mut text).take(LONGEST);
        let read = line.read_until(b'\n', &mut bytes);
        let length = read.map_err(|error| Error::read(path, error))?;
        if length == 0 {
            break;
        }
        let problem = |expected: &str, got: String| Error::parse(&origin, number, (expected, got));
        if length as u64 == LONGEST {
            return Err(problem(
                "a line of at most a mebibyte",
                "a longer one".into(),
            ));
        }
        let Ok(line) = std::str::from_utf8(&bytes) else {
            return Err(problem("UTF-8 text", "other bytes".into()));
        };
        if let Some(exon) =
            exon(line.trim_end()).map_err(|(expected, got)| problem(expected, got))?
        {
            let places = genes.entry(exon.gene.to_owned()).or_default();
            places
                .entry(exon.place)
                .or_default()
                .push((exon.start, exon.end));
        }
        if number % 65_536 == 0 {
            progress::check("reading exons", number, number)?;
        }
    }
    if genes.is_empty() {
        let got = format!("`{origin}`, which has none");
        return Err(Error::value("path", "an annotation with exons", got));
    }
    let sum = |places: BTreeMap<String, Exons>| places.into_values().map(union).sum::<u64>() as f64;
    Ok(genes
        .into_iter()
        .map(|(gene, places)| (gene, sum(places)))
        .collect())
}

fn open(path: &Path) -> Result<Box<dyn BufRead>> {
    let read = |error| Error::read(path, error);
    let mut file = BufReader::new(File::open(path).map_err(read)?);
    let zipped = file.fill_buf().map_err(read)?.starts_with(&[0x1f, 0x8b]);
    Ok(if zipped {
        Box::new(BufReader::new(MultiGzDecoder::new(file)))
    } else {
        Box::new(file)
    })
}

struct Exon<'a> {
    gene: &'a str,
    /// Chromosome and strand.
    place: String,
    start: u64,
    end: u64,
}

/// Reads one line; nothing for comments and other features. A problem is what was expected and what came.
fn exon(line: &str) -> Result<Option<Exon<'_>>, (&'static str, String)> {
    if line.is_empty() || line.starts_with('#') {
        return Ok(None);
    }
    let fields: Vec<&str> = line.split('\t').collect();
    let [chromosome, _, feature, start, end, _, strand, _, attributes] = fields[..] else {
        return Err(("9 fields separated by tabs", fields.len().to_string()));
    };
    if feature != "exon" {
        return Ok(None);
    }
    let position = |text: &str| match text.parse::<u64>() {
        Ok(position) if (1..=1 << 40).contains(&position) => Ok(position),
        _ => Err(("a position from 1 to 2^40", format!("`{text}`"))),
    };
    let (start, end) = (position(start)?, position(end)?);
    if end < start {
        return Err(("an end at or after the start", format!("{start} to {end}")));
    }
    let mut quoted = false;
    let mut attributes_of = attributes.split(|letter| {
        quoted ^= letter == '"';
        letter == ';' && !quoted
    });
    let gene = attributes_of.find_map(|attribute| attribute.trim().strip_prefix("gene_id "));
    let gene = gene
        .map(|value| value.trim().trim_matches('"'))
        .filter(|gene| !gene.is_empty());
    let Some(gene) = gene else {
        return Err((
            "an exon with `gene_id \"...\"`",
            format!("`{}`", shortened(attributes)),
        ));
    };
    Ok(Some(Exon {
        gene,
        place: format!("{chromosome}\t{strand}"),
        start,
        end: end + 1,
    }))
}

fn shortened(text: &str) -> String {
    text.chars().take(60).collect()
}

/// Returns how many bases some exon covers.
fn union(mut exons: Exons) -> u64 {
    exons.sort_unstable();
    let (mut length, mut covered) = (0, 0);
    for (start, end) in exons {
        length += end.saturating_sub(start.max(covered));
        covered = covered.max(end);
    }
    length
}
