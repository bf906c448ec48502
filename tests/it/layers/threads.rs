//! The same bytes for any number of threads.

use super::case::{Case, flat, tensor, wave};
use genolens::candle_core::DType;
use genolens::network::{
    Activation, Attention, BatchNorm, Convolution, ImageConvolution, Layer, LayerNorm, Lstm, Model,
    Pool, Pooling, RmsNorm, Softmax, TransposedConvolution,
};

#[test]
fn layers_do_not_depend_on_threads() {
    let layers: [Layer; 11] = [
        Convolution::new(6, 5).groups(2).into(),
        TransposedConvolution::new(6, 5).stride(2).into(),
        Activation::Gelu.into(),
        Pool::local(Pooling::Max, 4).stride(2).into(),
        Pool::adaptive(Pooling::Average, 7).into(),
        BatchNorm::new().into(),
        LayerNorm::new().into(),
        RmsNorm::new().into(),
        Softmax.into(),
        Lstm::new(17).bidirectional().into(),
        Attention::new(2).into(),
    ];
    for layer in layers {
        same_on_any_number(&layer, &[70, 8, 40]);
    }
}

#[test]
fn image_layers_do_not_depend_on_threads() {
    let layers: [Layer; 4] = [
        ImageConvolution::new(7, 3).stride(2).into(),
        ImageConvolution::new(5, 5).into(),
        Pool::local(Pooling::Max, 3).stride(2).into(),
        BatchNorm::new().into(),
    ];
    for layer in layers {
        same_on_any_number(&layer, &[70, 3, 9, 11]);
    }
}

fn same_on_any_number(layer: &Layer, shape: &[usize]) {
    let pool = |threads| {
        rayon::ThreadPoolBuilder::new()
            .num_threads(threads)
            .build()
            .unwrap()
    };
    let run = || {
        let x = wave(shape.iter().product(), 0.0, 1024.0);
        let case = Case::new(layer.clone(), (x, shape), DType::F32);
        let count = case.network.forward(&case.x).unwrap().elem_count();
        let factors = tensor(wave(count, 0.5, 1024.0), &[count], DType::F32);
        (flat(&case.out(&[count])), case.gradients(&factors))
    };
    let one = pool(1).install(run);
    for threads in [2, 3] {
        assert!(
            pool(threads).install(run) == one,
            "{layer}, {threads} threads"
        );
    }
}
