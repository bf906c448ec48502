//! First-layer filters as motifs.

use genolens::attribution;
use genolens::candle_core::{DType, Device, Tensor, safetensors};
use genolens::network::Architecture;
use genolens::sequence::Sequences;

#[test]
fn a_filter_becomes_the_motif_of_the_windows_that_excite_it() {
    // One filter that scores 1 for each letter of GGAA and less for any other, so that only the whole word passes half of its best.
    let sequences = Sequences::dna(["TTTTGGAATTTT", "CCGGAACCCCCC", "ACACACACACAC"]).unwrap();
    let mut network = Architecture::sequences(4)
        .convolution(1, 4)
        .global_max_pool()
        .dense(1)
        .build()
        .unwrap();
    let folder = std::env::temp_dir();
    let path = folder.join(format!(
        "genolens-filter-{}.safetensors",
        std::process::id()
    ));
    let mut kernel = vec![-1.0f32; 16];
    for (position, letter) in [2, 2, 0, 0].into_iter().enumerate() {
        kernel[letter * 4 + position] = 1.0;
    }
    let values = [
        Tensor::from_vec(kernel, (1, 4, 4), &Device::Cpu).unwrap(),
        Tensor::zeros(1, DType::F32, &Device::Cpu).unwrap(),
        Tensor::ones((1, 1), DType::F32, &Device::Cpu).unwrap(),
        Tensor::zeros(1, DType::F32, &Device::Cpu).unwrap(),
    ];
    let tensors = network.weight_names().into_iter().zip(values).collect();
    safetensors::save(&tensors, &path).unwrap();
    network = network.load(&path).unwrap();
    std::fs::remove_file(&path).unwrap();
    let motifs = attribution::FilterMotifs::new()
        .at_least(2)
        .run(&network, &sequences)
        .unwrap();
    assert_eq!(motifs.len(), 1);
    assert_eq!(motifs.get(0).consensus(), "GGAA");
    assert_eq!(motifs.get(0).sites(), 2.0);
    insta::assert_snapshot!(
        attribution::filter_motifs(&network, &sequences).unwrap_err(),
        @"`network` is one without, expected a filter that at least 10 windows excite"
    );
    let short = Sequences::dna(["ACG"]).unwrap();
    insta::assert_snapshot!(
        attribution::filter_motifs(&network, &short).unwrap_err(),
        @"`sequences` is only shorter ones, expected at least one of 4 letters, the width of the filters"
    );
}
