//! Files are learned from that are larger than what is kept of them in memory.

use super::folder::{Folder, letters};
use crate::alone::is_alone;
use genolens::ndarray::Array1;
use genolens::random::Seed;
use genolens::stream::{Hdf5, fasta};
use genolens::training::Source;
use std::io::Write;

const MIB: usize = 1 << 20;

/// Returns the memory that this process has at the moment, where the system tells.
fn resident() -> Option<usize> {
    let text = std::fs::read_to_string("/proc/self/statm").ok()?;
    Some(text.split(' ').nth(1)?.parse::<usize>().ok()? * 4096)
}

/// Reads shuffled batches and checks how much memory they take at most.
fn stays_below((limit, least): (usize, usize), open: impl FnOnce() -> Box<dyn Source>) {
    let Some(before) = resident() else { return };
    let source = open();
    let rows: Vec<usize> = (0..source.len()).collect();
    let (mut most, mut read) = (before, 0);
    for batch in source.order(&rows, Seed::new(3)).chunks(64).take(900) {
        read += source.read(batch).unwrap().len();
        most = most.max(resident().unwrap());
    }
    let grown = (most - before) / MIB;
    assert!(
        read > least && grown * MIB < limit,
        "{grown} MiB for {read} examples"
    );
}

#[test]
fn a_fasta_file_of_200_megabytes_takes_little_memory() {
    if !is_alone("stream::bounded::a_fasta_file_of_200_megabytes_takes_little_memory") {
        return;
    }
    let folder = Folder::new("stream_large_fasta");
    let path = folder.path("large.fa");
    let n = 200_000;
    let mut file = std::io::BufWriter::new(std::fs::File::create(&path).unwrap());
    let text = letters(1000 + 97, 1);
    for i in 0..n {
        writeln!(file, ">r{i}").unwrap();
        file.write_all(&text[i % 97..][..1000]).unwrap();
        file.write_all(b"\n").unwrap();
    }
    file.into_inner().unwrap();
    assert!(std::fs::metadata(&path).unwrap().len() > 200_000_000);
    stays_below((50 * MIB, 57_000), || {
        Box::new(fasta(&path, &Array1::<f32>::ones(n)).unwrap())
    });
}

#[test]
fn an_hdf5_file_of_120_megabytes_takes_the_memory_that_it_may() {
    if !is_alone("stream::bounded::an_hdf5_file_of_120_megabytes_takes_the_memory_that_it_may") {
        return;
    }
    let folder = Folder::new("stream_large_hdf5");
    let path = folder.path("large.mat");
    let (n, length) = (30_000, 1000);
    {
        // As MATLAB has it: positions, channels, examples.
        let mut numbers = vec![0_u8; n * 4 * length];
        for position in 0..length {
            for i in 0..n {
                let letter = (i * 7 + position * 3 + i * position) % 11 % 4;
                numbers[(position * 4 + letter) * n + i] = 1;
            }
        }
        let mut file = hdf5_pure::FileBuilder::new();
        file.create_dataset("trainxdata")
            .with_u8_data(&numbers)
            .with_shape(&[length as u64, 4, n as u64])
            .with_chunks(&[100, 4, 500])
            .with_deflate(1);
        let labels: Vec<u8> = (0..3 * n).map(|i| u8::from(i % 5 == 0)).collect();
        file.create_dataset("traindata")
            .with_u8_data(&labels)
            .with_shape(&[3, n as u64]);
        file.write(&path).unwrap();
    }
    let options = Hdf5::new().memory(16 * MIB);
    stays_below((50 * MIB, 29_000), || {
        Box::new(options.open(&path).unwrap())
    });
}
