//! Networks learn from files what they learn from memory.

use super::folder::{Folder, fasta_text, golden, letters};
use genolens::ndarray::{Array1, Array2};
use genolens::network::{self, Architecture, Network, deepbind};
use genolens::sequence::{Alphabet, Sequences};
use genolens::stream::{
    FastaFile, Genome, HeaderLabels, Joined, Predict, Shuffled, Windows, hdf5, predict,
};
use genolens::training::{
    Arrays, Augment, Batch, CrossValidation, Fit, Source, Trained, auroc, hold_out_groups,
};

const WORD: &[u8] = b"CCGGAAGT";

/// Sequences of which every second one carries a word.
fn planted(n: usize) -> Vec<Vec<u8>> {
    (0..n)
        .map(|i| {
            let mut text = letters(40, i as u32);
            if i % 2 == 1 {
                text[15..15 + WORD.len()].copy_from_slice(WORD);
            }
            text
        })
        .collect()
}

fn bits(network: &Network) -> Vec<u32> {
    let names = network.weight_names().into_iter();
    names
        .flat_map(|name| network.weight(&name).unwrap().into_iter().map(f32::to_bits))
        .collect()
}

fn files(folder: &Folder, n: usize) -> (impl Source + Clone + use<>, Arrays) {
    let texts = planted(n);
    let names: Vec<String> = (0..n)
        .map(|i| format!("chr{}:{i} {}", i % 5, i % 2))
        .collect();
    let pairs: Vec<(&str, &[u8])> = names
        .iter()
        .map(String::as_str)
        .zip(texts.iter().map(|t| &t[..]))
        .collect();
    let path = folder.file("x.fa", fasta_text(&pairs, 17));
    let options = FastaFile::new().chromosomes(true);
    let stream = options
        .open_told(path, &HeaderLabels::fields(&[2]))
        .unwrap();
    let sequences = Sequences::new(
        Alphabet::Dna,
        names.iter().zip(&texts).map(|(n, t)| (n.clone(), t)),
    )
    .unwrap();
    let labels = Array1::from_shape_fn(n, |i| (i % 2) as f32);
    (stream, Arrays::new(&sequences, &labels).unwrap())
}

#[test]
fn a_file_teaches_the_same_bits_as_memory() {
    let folder = Folder::new("stream_bits");
    let (stream, arrays) = files(&folder, 130);
    let fitting = Fit::new()
        .epochs(3)
        .batch(16)
        .augment(Augment::new().reverse_complement(0.5).shift(2));
    let from = |source: &dyn Source| fitting.run_from(&deepbind(4), source).unwrap();
    let (a, b) = (from(&stream), from(&arrays));
    assert_eq!(bits(a.network()), bits(b.network()));
    assert_eq!(a.history(), b.history());
    let validation = CrossValidation::new().folds(3).fit(Fit::new().epochs(1));
    let (a, b) = (
        validation.run_from(&deepbind(4), &stream).unwrap(),
        validation.run_from(&deepbind(4), &arrays).unwrap(),
    );
    assert_eq!(a.scores(), b.scores());
    let by_chromosome = validation
        .grouped(true)
        .run_from(&deepbind(4), &stream)
        .unwrap();
    assert!(
        by_chromosome
            .folds()
            .names()
            .iter()
            .any(|name| name.contains("chr3"))
    );
}

#[test]
fn scores_of_a_file_are_those_of_memory() {
    let folder = Folder::new("stream_scores");
    let (stream, arrays) = files(&folder, 150);
    let rows: Vec<usize> = (0..150).collect();
    let x = arrays.read(&rows).unwrap().x().clone();
    let model = deepbind(4);
    let whole = network::predict(&model, &x).unwrap();
    assert_eq!(predict(&model, &stream).unwrap(), whole);
    let some = Predict::new()
        .batch(64)
        .run_rows(&model, &stream, &[149, 3])
        .unwrap();
    assert!((some[[0, 0]] - whole[[149, 0]]).abs() < 1e-5);
    let mut seen = Array2::<f32>::zeros((150, 1));
    Predict::new()
        .each(&model, &stream, &mut |first, scores| {
            for (row, score) in scores.rows().into_iter().enumerate() {
                seen.row_mut(first + row).assign(&score);
            }
            Ok(())
        })
        .unwrap();
    assert_eq!(seen, whole);
    insta::assert_snapshot!(Predict::new().batch(0).run(&model, &stream).unwrap_err(), @"`batch` is 0, expected at least 1");
}

/// Windows of a genome with planted words against fresh shuffles.
fn mixed(folder: &Folder, peaks: usize) -> Joined {
    let mut genome = [letters(40 * peaks, 1), letters(40 * peaks / 5, 2)];
    let mut bed = String::new();
    for (chromosome, text) in genome.iter_mut().enumerate() {
        for (number, window) in text.chunks_exact_mut(40).enumerate() {
            window[12..12 + WORD.len()].copy_from_slice(WORD);
            let start = number * 40;
            bed += &format!("chr{chromosome}\t{start}\t{}\n", start + 40);
        }
    }
    let genome = fasta_text(&[("chr0", &genome[0]), ("chr1", &genome[1])], 70);
    let genome = Genome::open(folder.file("g.fa", genome)).unwrap();
    let peaks = Windows::new()
        .open(folder.file("p.bed", bed), &genome)
        .unwrap();
    Joined::new(peaks.clone())
        .unwrap()
        .and(Shuffled::new(peaks).unwrap())
        .unwrap()
}

#[test]
fn a_motif_is_learned_from_a_genome_against_shuffles() {
    let folder = Folder::new("stream_mixed");
    let data = mixed(&folder, 800);
    let split = hold_out_groups(&data.groups().unwrap(), &["chr1"]).unwrap();
    let fitting = Fit::new().epochs(15).learning_rate(0.02).split(&split);
    let trained = fitting.run_from(&deepbind(8), &data).unwrap();
    let scores = Predict::new()
        .run_rows(&trained, &data, split.test())
        .unwrap();
    let labels: Array1<f32> = data.labels(split.test()).unwrap().iter().copied().collect();
    let area = auroc(&scores, &labels).unwrap();
    assert!(area > 0.9, "{area}");
}

#[test]
fn a_training_on_fresh_shuffles_goes_on_to_the_same_bytes() {
    let folder = Folder::new("stream_resume");
    let data = mixed(&folder, 100).shares(&[0.4, 0.6]).unwrap();
    let path = folder.path("half.safetensors");
    let fitting = Fit::new().batch(32).patience(9);
    let whole = fitting
        .clone()
        .epochs(4)
        .run_from(&deepbind(4), &data)
        .unwrap();
    fitting
        .clone()
        .epochs(2)
        .checkpoint(&path)
        .run_from(&deepbind(4), &data)
        .unwrap();
    let rest = fitting.epochs(4).resume(&path).run_from(
        &deepbind(4),
        &mixed(&folder, 100).shares(&[0.4, 0.6]).unwrap(),
    );
    let rest = rest.unwrap();
    assert_eq!(bits(whole.network()), bits(rest.network()));
    assert_eq!(whole.history(), rest.history());
}

#[test]
fn batches_are_the_same_for_any_number_of_threads() {
    let folder = Folder::new("stream_threads");
    let mixed = mixed(&folder, 100);
    let deepsea = hdf5(golden("chunks.mat"), "train").unwrap();
    let rows: Vec<usize> = (0..37).rev().chain(0..37).collect();
    let all = |threads: usize| -> Vec<Batch> {
        let pool = rayon::ThreadPoolBuilder::new()
            .num_threads(threads)
            .build()
            .unwrap();
        pool.install(|| vec![mixed.read(&rows).unwrap(), deepsea.read(&rows).unwrap()])
    };
    assert_eq!(all(1), all(4));
    // And when several ask at once.
    let truth = all(1);
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| assert_eq!(deepsea.read(&rows).unwrap(), truth[1]));
        }
    });
}

/// Two tasks; of the second, labels of the even rows are missing, or wrong.
struct Partly {
    arrays: Arrays,
    missing: bool,
}

impl Source for Partly {
    fn len(&self) -> usize {
        self.arrays.len()
    }

    fn read(&self, rows: &[usize]) -> genolens::Result<Batch> {
        let batch = self.arrays.read(rows)?;
        let labels = Array2::from_shape_fn((rows.len(), 2), |(at, task)| {
            let word = (rows[at] % 2) as f32;
            match task {
                1 if rows[at] % 4 < 2 && self.missing => f32::NAN,
                1 if rows[at] % 4 < 2 => 1.0 - word,
                _ => word,
            }
        });
        Batch::with_missing(batch.x().clone(), labels.into_dyn())
    }
}

#[test]
fn nothing_is_learned_from_missing_labels() {
    let folder = Folder::new("stream_missing");
    let (_, arrays) = files(&folder, 400);
    let network = Architecture::sequences(4)
        .convolution(8, 9)
        .relu()
        .global_max_pool()
        .dense(2)
        .build()
        .unwrap();
    let learn = |missing: bool| -> Trained {
        let arrays = arrays.clone();
        let fitting = Fit::new().epochs(12).learning_rate(0.02);
        fitting
            .run_from(&network, &Partly { arrays, missing })
            .unwrap()
    };
    let last = |trained: &Trained| {
        let areas = trained.history().validation_tasks("auroc").unwrap();
        areas[[trained.history().best_epoch() - 1, 1]]
    };
    let (missing, wrong) = (last(&learn(true)), last(&learn(false)));
    // Half of the wrong labels say the opposite; missing ones neither teach nor count.
    assert!(missing > 0.9 && wrong < 0.8, "{missing} {wrong}");
}

#[test]
fn balanced_classes_do_not_count_missing_labels() {
    let folder = Folder::new("stream_balance");
    let (_, arrays) = files(&folder, 60);
    let network = Architecture::sequences(4)
        .convolution(2, 5)
        .global_max_pool()
        .dense(2)
        .build()
        .unwrap();
    let fitting = Fit::new().epochs(1).balance(true);
    let source = Partly {
        arrays,
        missing: true,
    };
    let trained = fitting.run_from(&network, &source).unwrap();
    assert!(trained.history().train_loss()[0].is_finite());
}
