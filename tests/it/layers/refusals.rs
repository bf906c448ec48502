//! Options that make no sense are named.

use genolens::network::{
    Activation, Architecture, Attention, BatchNorm, Convolution, Dropout, Layer, LayerNorm, Lstm,
    Pool, Pooling, RmsNorm, TransposedConvolution,
};

fn problem(layer: impl Into<Layer>) -> String {
    let network = Architecture::sequences(4).length(9).then(layer).build();
    network.unwrap_err().to_string()
}

#[test]
fn pools() {
    let pool = |width| Pool::local(Pooling::Average, width);
    insta::assert_snapshot!(problem(pool(0)), @"`width` is 0, expected at least 1");
    insta::assert_snapshot!(problem(pool(3).stride(0)), @"`stride` is 0, expected at least 1");
    insta::assert_snapshot!(problem(pool(0).ceil().padding(1)), @"`width` is 0, expected at least 1");
    insta::assert_snapshot!(problem(pool(5).padding(3)), @"`padding` is 3, expected at most 2, half the width of the pool");
    insta::assert_snapshot!(problem(pool(10)), @"`input of layer 0 (average pool 10)` has shape (n, 4, 9), expected (n, 4, length) with length at least 10");
    insta::assert_snapshot!(problem(pool(14).padding(2)), @"`input of layer 0 (average pool 14, padding 2)` has shape (n, 4, 9), expected (n, 4, length) with length at least 10");
    insta::assert_snapshot!(problem(Pool::adaptive(Pooling::Max, 0)), @"`windows` is 0, expected at least 1");
}

#[test]
fn activations() {
    insta::assert_snapshot!(problem(Activation::LeakyRelu(f32::NAN)), @"`activation` is NaN, expected a finite constant");
    insta::assert_snapshot!(problem(Activation::Threshold { threshold: 0.0, value: f32::INFINITY }), @"`activation` is inf, expected a finite constant");
}

#[test]
fn convolutions() {
    let layer = Convolution::new(6, 3);
    insta::assert_snapshot!(problem(Convolution::new(6, 0)), @"`width` is 0, expected at least 1");
    insta::assert_snapshot!(problem(layer.stride(0)), @"`stride` is 0, expected at least 1");
    insta::assert_snapshot!(problem(layer.dilation(0)), @"`dilation` is 0, expected at least 1");
    insta::assert_snapshot!(problem(layer.groups(0)), @"`groups` is 0, expected at least 1");
    insta::assert_snapshot!(problem(layer.groups(4)), @"`groups` is 4, expected a divisor of the 6 filters");
    insta::assert_snapshot!(problem(layer.groups(3)), @"`input of layer 0 (convolution 6 x 3, 3 groups)` has shape (n, 4, 9), expected (n, channels, length) with channels that 3 groups divide");
    insta::assert_snapshot!(problem(layer.dilation(5)), @"`input of layer 0 (convolution 6 x 3, dilation 5)` has shape (n, 4, 9), expected (n, 4, length) with length at least 11");
    let layer = TransposedConvolution::new(6, 3);
    insta::assert_snapshot!(problem(layer.groups(4)), @"`groups` is 4, expected a divisor of the 6 filters");
    insta::assert_snapshot!(problem(layer.stride(0)), @"`stride` is 0, expected at least 1");
    insta::assert_snapshot!(problem(layer.stride(2).rest(2)), @"`rest` is 2, expected below 2, the stride or the dilation");
    insta::assert_snapshot!(problem(layer.padding(6)), @"`input of layer 0 (transposed convolution 6 x 3, padding 6)` has shape (n, 4, 9), expected (n, 4, length) with length at least 11");
}

#[test]
fn norms_and_noise() {
    insta::assert_snapshot!(problem(BatchNorm::new().momentum(1.5)), @"`momentum` is 1.5, expected 0 to 1");
    insta::assert_snapshot!(problem(LayerNorm::new().epsilon(0.0)), @"`epsilon` is 0, expected above 0");
    insta::assert_snapshot!(problem(RmsNorm::new().epsilon(f64::NAN)), @"`epsilon` is NaN, expected above 0");
    insta::assert_snapshot!(problem(Dropout::new(-0.1)), @"`rate` is -0.1, expected 0 to below 1");
}

#[test]
fn layers_that_mix_positions() {
    insta::assert_snapshot!(problem(Lstm::new(0)), @"`hidden` is 0, expected at least 1");
    insta::assert_snapshot!(problem(Attention::new(0)), @"`heads` is 0, expected at least 1");
    insta::assert_snapshot!(problem(Attention::new(3)), @"`input of layer 0 (attention, 3 heads)` has shape (n, 4, 9), expected (n, channels, length) with channels that 3 heads divide");
    let features = Architecture::features(4).then(Lstm::new(2)).build();
    insta::assert_snapshot!(features.unwrap_err(), @"`input of layer 0 (LSTM 2)` has shape (n, 4), expected (n, channels, length)");
}
