//! Sizes that no computer has room for are refused when a network is built, not met as an end of the process.

use genolens::Result;
use genolens::ndarray::Array3;
use genolens::network::{
    Architecture, BpNet, Chain, Convolution, Crop, Dense, Lstm, Network, Padding, Pool, Pooling,
    ResidualNetwork, TransposedConvolution, predict,
};

const ALL: usize = usize::MAX;

fn built(layers: impl Into<Chain>) -> Result<Network> {
    let body = layers.into();
    let start = Architecture::sequences(4).length(20);
    let layers = body.layers().iter().cloned();
    let whole = layers.fold(start, Architecture::then);
    whole.global_max_pool().dense(1).build()
}

fn refused(network: Result<Network>, expected: &str) {
    let error = network.err().map(|error| error.to_string());
    let error = error.unwrap_or_default();
    assert!(error.contains(expected), "{error:?}, not {expected:?}");
    assert!(!error.contains('\n'));
}

#[test]
fn a_size_beyond_all_memory_is_named() {
    for (network, name) in [
        (built(Convolution::new(ALL, 3)), "filters"),
        (built(Convolution::new(4, ALL)), "width"),
        (built(Convolution::new(4, 3).stride(ALL)), "stride"),
        (built(Convolution::new(4, 3).dilation(ALL)), "dilation"),
        (
            built(Convolution::new(4, 3).padding(Padding::Zeros(ALL))),
            "padding",
        ),
        (built(TransposedConvolution::new(3, ALL)), "width"),
        (
            built(TransposedConvolution::new(3, 3).stride(ALL)),
            "stride",
        ),
        (
            built(TransposedConvolution::new(3, 3).dilation(ALL)),
            "dilation",
        ),
        (built(Pool::adaptive(Pooling::Max, ALL)), "windows"),
        (built(Lstm::new(ALL)), "hidden"),
        (
            built(Chain::new().flatten().then(Dense::new(ALL))),
            "outputs",
        ),
        (
            Architecture::sequences(ALL).global_max_pool().build(),
            "channels",
        ),
        (Architecture::sequences(1).length(ALL).build(), "length"),
        (ResidualNetwork::new().blocks(ALL).build(), "blocks"),
        (BpNet::new().blocks(ALL).build(), "blocks"),
    ] {
        let error = network.err().map(|error| error.to_string());
        let error = error.unwrap_or_default();
        assert!(
            error.starts_with(&format!("`{name}` is 18446744073709551615, ")),
            "{error}"
        );
        assert!(error.contains("at most"), "{error}");
    }
}

#[test]
fn weights_and_outputs_without_room_are_named() {
    refused(
        Architecture::sequences(4)
            .length(20)
            .flatten()
            .dense(1 << 30)
            .build(),
        "`weight of layer 1 (dense 1073741824)` has shape (1073741824, 80), expected at most 2147483647 numbers",
    );
    refused(
        built(TransposedConvolution::new(3, 3).stride(1 << 30)),
        "expected one with an output of at most 2147483647 numbers of one example, not (n, 3, ",
    );
    refused(
        built(Pool::adaptive(Pooling::Max, 1 << 30)),
        "not (n, 4, 1073741824)",
    );
    refused(
        built(Crop::new(ALL, 1)),
        "length at least 18446744073709551615",
    );
}

#[test]
fn an_input_without_a_position_is_refused() {
    let network = Architecture::sequences(4).length(0).flatten().dense(1);
    refused(network.build(), "`length` is 0, expected at least 1");
}

#[test]
fn what_has_room_only_for_short_sequences_says_so_for_long_ones() {
    // Without a fixed length the shape is known when examples come.
    let wide = TransposedConvolution::new(1, 1).stride(1 << 30);
    let network = Architecture::sequences(1).then(wide).global_max_pool();
    let network = network.build().unwrap();
    let error = predict(&network, &Array3::zeros((1, 1, 9))).unwrap_err();
    let error = error.to_string();
    assert!(error.contains("numbers of one example"), "{error}");
}
