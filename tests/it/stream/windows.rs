//! Windows of a genome, and labels from other intervals.

use super::folder::{Folder, bgzip, fasta_text, letters, text};
use genolens::ndarray::array;
use genolens::sequence::Sequences;
use genolens::stream::{Edge, Genome, Stream, Windows, windows};
use genolens::training::{Source, hold_out_groups};
use proptest::prelude::*;

const LENGTH: usize = 500;

struct Place {
    folder: Folder,
    letters: String,
    genome: Genome,
}

impl Place {
    fn new(name: &str) -> Self {
        let folder = Folder::new(name);
        let (a, b) = (letters(LENGTH, 3), letters(300, 4));
        let text = fasta_text(&[("chr1", &a), ("chr8", &b)], 60);
        let genome = Genome::open(folder.file("g.fa.gz", bgzip(&text, 150))).unwrap();
        Self {
            folder,
            letters: String::from_utf8(a).unwrap(),
            genome,
        }
    }

    fn open(&self, options: &Windows, bed: &str) -> genolens::Result<Stream> {
        options.open(self.folder.file("x.bed", bed), &self.genome)
    }

    fn fails(&self, options: &Windows, bed: &str) -> String {
        self.folder.told(&self.open(options, bed).unwrap_err())
    }
}

#[test]
fn windows_are_centred_turned_and_padded() {
    let place = Place::new("stream_windows");
    let bed = "track name=x\n# a comment\nbrowser hide\n\nchr1\t100\t110\nchr1 200 211 . 0 -\nchr1\t0\t3\tx\t0\t+\nchr1\t499\t500\n";
    let options = Windows::new().width(20);
    let stream = place.open(&options, bed).unwrap();
    assert_eq!(text(&stream, 0), place.letters[95..115]);
    let turned = Sequences::dna([&place.letters[195..215]]).unwrap();
    assert_eq!(
        text(&stream, 1),
        turned.reverse_complement().unwrap().text(0)
    );
    assert_eq!(
        text(&stream, 2),
        format!("NNNNNNNNN{}", &place.letters[..11])
    );
    assert_eq!(
        text(&stream, 3),
        format!("{}NNNNNNNNN", &place.letters[489..])
    );
    assert_eq!(
        stream.labels(&[0, 3]).unwrap().as_slice().unwrap(),
        [1.0, 1.0]
    );
    assert_eq!(
        stream.notes()[1..],
        ["2 windows padded at an end of their chromosome"]
    );
    let unturned = place
        .open(&options.clone().stranded(false).label(0.0), bed)
        .unwrap();
    assert_eq!(text(&unturned, 1), place.letters[195..215]);
    assert_eq!(unturned.labels(&[0]).unwrap()[[0]], 0.0);
    let dropped = place.open(&options.clone().edge(Edge::Drop), bed).unwrap();
    assert_eq!((dropped.len(), dropped.dropped()), (2, 2));
    // Labels stay with their windows.
    let bed = place.folder.file("y.bed", "chr1\t0\t3\nchr1\t100\t110\n");
    let labels = array![[1.0_f32, 2.0], [3.0, f32::NAN]];
    let kept = options
        .edge(Edge::Drop)
        .open_with(bed, &place.genome, &labels)
        .unwrap();
    assert_eq!(kept.labels(&[0]).unwrap()[[0, 0]], 3.0);
}

#[test]
fn summits_and_columns_are_read() {
    let place = Place::new("stream_summits");
    let bed = "chr1\t100\t140\tp\t0\t.\t5.5\t-1\t-1\t30\nchr8\t100\t140\tp\t0\t-\t.\t-1\t-1\t-1\n";
    let options = Windows::new().width(10).summits(true).columns(&[7]);
    let stream = place.open(&options, bed).unwrap();
    assert_eq!(text(&stream, 0), place.letters[125..135]);
    let labels = stream.labels(&[0, 1]).unwrap();
    assert_eq!(labels[[0]], 5.5);
    assert!(labels[[1]].is_nan());
    assert_eq!(stream.groups().unwrap(), ["chr1", "chr8"]);
    let split = hold_out_groups(&stream.groups().unwrap(), &["chr8"]).unwrap();
    assert_eq!(split.test(), [1]);
    let middle = place.open(&options.clone().summits(false), bed).unwrap();
    assert_eq!(text(&middle, 0), place.letters[115..125]);
    insta::assert_snapshot!(place.fails(&options, "chr1\t1\t9\n"), @"x.bed, line 1: expected a summit in column 10, got 3 columns");
    insta::assert_snapshot!(place.fails(&options, &bed.replace("\t30\n", "\t40\n")), @"x.bed, line 1: expected a summit in column 10, 0 to 39 or -1, got `40`");
    insta::assert_snapshot!(place.fails(&options, &bed.replace("5.5", "high")), @"x.bed, line 1: expected a number in column 7, got `high`");
}

#[test]
fn hostile_lines_are_named() {
    let place = Place::new("stream_hostile_bed");
    let options = Windows::new().width(10);
    let fails = |bed: &str| place.fails(&options, bed);
    insta::assert_snapshot!(fails("chr1\t5\n"), @"x.bed, line 1: expected a chromosome, a start and an end, got 2 columns");
    insta::assert_snapshot!(fails("chr1\t5\t9\nchr1\tx\t9\n"), @"x.bed, line 2: expected a start, 0 to 4294967295, got `x`");
    insta::assert_snapshot!(fails("chr1\t5\t99999999999\n"), @"x.bed, line 1: expected an end, 0 to 4294967295, got `99999999999`");
    insta::assert_snapshot!(fails("chr1\t-5\t9\n"), @"x.bed, line 1: expected a start, 0 to 4294967295, got `-5`");
    insta::assert_snapshot!(fails("chr1\t9\t9\n"), @"x.bed, line 1: expected an end after the start, got 9 and 9");
    insta::assert_snapshot!(fails("chr1\t9\t501\n"), @"x.bed, line 1: expected an end up to 500, that of `chr1`, got 501");
    insta::assert_snapshot!(fails("1\t5\t9\n"), @"x.bed, line 1: expected a chromosome of g.fa.gz: chr1, chr8; or the option `skip_unknown_chromosomes`, got `1`");
    insta::assert_snapshot!(fails("# nothing\n"), @"`windows of x.bed in g.fa.gz` is none, expected at least 1 example");
    let skipping = options.clone().skip_unknown_chromosomes(true);
    insta::assert_snapshot!(place.fails(&skipping, "1\t5\t9\n"), @"`windows of x.bed in g.fa.gz` is none, 1 were left out, expected at least 1 example");
    let skipped = place.open(&skipping, "1\t5\t9\nchr1\t5\t9\n").unwrap();
    assert_eq!((skipped.len(), skipped.dropped()), (1, 1));
    insta::assert_snapshot!(place.fails(&Windows::new(), "chr1\t5\t9\nchr1\t5\t8\n"), @"x.bed, line 2: expected 4 positions as in line 1, or the option `width`, got 3");
    insta::assert_snapshot!(place.fails(&Windows::new().width(0), "chr1\t5\t9\n"), @"`width` is 0, expected 1 to 268435456 positions");
    let error = windows(place.folder.path("none.bed"), &place.genome).unwrap_err();
    assert!(
        place
            .folder
            .told(&error)
            .starts_with("cannot read none.bed: ")
    );
    let uneven = place.folder.file("u.fa", ">a\nACGT\nACG\nACGT\n");
    insta::assert_snapshot!(place.folder.told(&Genome::open(uneven).unwrap_err()), @"u.fa, line 4: expected lines of one length in `a`, all but the last, as `samtools faidx` asks for, got another length");
    let twice = place.folder.file("t.fa", ">a\nACGT\n>a\nACG\n");
    insta::assert_snapshot!(place.folder.told(&Genome::open(twice).unwrap_err()), @"`t.fa` is `a` twice, expected one name for each record");
    let other = place.folder.file("task.bed", "1\t5\t9\n2\t5\t9\n");
    insta::assert_snapshot!(place.fails(&Windows::new().tasks(&[other]), "chr1\t5\t9\n"), @"task.bed, line 1: expected chromosomes of g.fa.gz: chr1, chr8, got `1`, and no other of them");
}

#[test]
fn packed_files_that_break_off_are_named() {
    let folder = Folder::new("stream_packed");
    let text = fasta_text(&[("a", &letters(3000, 1))], 60);
    let packed = bgzip(&text, 500);
    let cut = folder.file("cut.fa.gz", &packed[..packed.len() / 2]);
    insta::assert_snapshot!(folder.told(&Genome::open(cut).unwrap_err()), @"cannot read cut.fa.gz: the gzip stream is truncated");
    let mut noisy = packed.clone();
    noisy[300..400].fill(0x55);
    let noisy = folder.file("noisy.fa.gz", noisy);
    let error = folder.told(&Genome::open(noisy).unwrap_err());
    // Its letters may be wrong before its sum is.
    assert!(error.contains("noisy.fa.gz"), "{error}");
    let plain = super::folder::gzip(&text);
    let cut = folder.file("plain.fa.gz", &plain[..plain.len() / 2]);
    insta::assert_snapshot!(folder.told(&Genome::open(cut).unwrap_err()), @"cannot read plain.fa.gz: the gzip stream is truncated");
}

/// Counts positions one by one.
fn covered(peaks: &[(u32, u32)], (start, end): (u32, u32)) -> usize {
    let inside = |p: u32| peaks.iter().any(|&(from, to)| (from..to).contains(&p));
    (start..end).filter(|&p| inside(p)).count()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]

    #[test]
    fn overlaps_are_counted_as_one_by_one(
        peaks in prop::collection::vec((0_u32..400, 1_u32..90), 1..12),
        others in prop::collection::vec((0_u32..400, 1_u32..90), 1..12),
        bins in prop::collection::vec((0_u32..400, 1_u32..90), 1..9),
        share in 0..4_u32,
    ) {
        let place = Place::new("stream_overlaps");
        let ends = |pairs: &[(u32, u32)]| -> Vec<(u32, u32)> { pairs.iter().map(|&(s, l)| (s, s + l)).collect() };
        let (peaks, others, bins) = (ends(&peaks), ends(&others), ends(&bins));
        let bed = |pairs: &[(u32, u32)]| -> String { pairs.iter().map(|(s, e)| format!("chr1\t{s}\t{e}\n")).collect() };
        let tasks = [place.folder.file("a.bed", bed(&peaks)), place.folder.file("b.bed", bed(&others))];
        let share = f64::from(share) / 4.0;
        let options = Windows::new().width(30).tasks(&tasks).overlap(share);
        let stream = place.open(&options, &bed(&bins)).unwrap();
        let rows: Vec<usize> = (0..bins.len()).rev().collect();
        let labels = stream.labels(&rows).unwrap();
        for (at, &row) in rows.iter().enumerate() {
            for (task, peaks) in [&peaks, &others].into_iter().enumerate() {
                let (start, end) = bins[row];
                let expected = covered(peaks, (start, end)) as f64 > share * f64::from(end - start);
                prop_assert_eq!(labels[[at, task]] == 1.0, expected, "{:?} {:?}", bins[row], peaks);
            }
        }
    }
}

// As many cases as `PROPTEST_CASES` says.
proptest! {
    #[test]
    fn lines_of_any_text_give_an_answer(text in "(chr1|x|track|#)?[\t ](-?[0-9]{0,12})[\t ]([0-9]{0,4})(\t[.+-]){0,4}\n?.{0,9}") {
        let place = Place::new("stream_any_lines");
        let options = Windows::new().width(8).summits(true).columns(&[5]);
        if let Ok(stream) = place.open(&options, &text) {
            let batch = stream.read(&[0]).unwrap();
            prop_assert_eq!(batch.x().shape(), [1, 4, 8]);
        }
        if let Ok(stream) = place.open(&Windows::new().width(9), &text) {
            let batch = stream.read(&[0]).unwrap();
            prop_assert_eq!(batch.x().shape(), [1, 4, 9]);
        }
    }
}
