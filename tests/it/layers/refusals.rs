//! Options that make no sense are named.

use genolens::network::{
    Activation, Architecture, Attention, BatchNorm, BothStrands, Branches, Chain, Convolution,
    Crop, Dense, Dropout, ImageConvolution, Layer, LayerNorm, Lstm, Padding, Pool, Pooling,
    PositionalEncoding, RmsNorm, Softmax, TransposedConvolution,
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

fn of_images(layer: impl Into<Layer>) -> String {
    let network = Architecture::images(2, 9, 7).then(layer).build();
    network.unwrap_err().to_string()
}

#[test]
fn image_convolutions() {
    let layer = ImageConvolution::new(4, 3);
    insta::assert_snapshot!(of_images(ImageConvolution::new(0, 3)), @"`filters` is 0, expected at least 1");
    insta::assert_snapshot!(of_images(layer.size(0, 3)), @"`height` is 0, expected at least 1");
    insta::assert_snapshot!(of_images(layer.size(3, 0)), @"`width` is 0, expected at least 1");
    insta::assert_snapshot!(of_images(layer.stride(0)), @"`stride` is 0, expected at least 1");
    insta::assert_snapshot!(of_images(layer.dilation(0)), @"`dilation` is 0, expected at least 1");
    insta::assert_snapshot!(of_images(layer.size(3, 8)), @"`input of layer 0 (image convolution 4 x 3 x 8)` has shape (n, 2, 9, 7), expected (n, 2, height, width) with height at least 3 and width at least 8");
    insta::assert_snapshot!(of_images(layer.dilation(5).padding(Padding::Zeros(1))), @"`input of layer 0 (image convolution 4 x 3 x 3, padding 1, dilation 5)` has shape (n, 2, 9, 7), expected (n, 2, height, width) with height at least 9 and width at least 9");
    insta::assert_snapshot!(of_images(layer.padding(Padding::Zeros(usize::MAX))), @"`padding` is 18446744073709551615, expected at most 2147483647");
    insta::assert_snapshot!(of_images(layer.padding(Padding::Zeros(1 << 30)).stride(1 << 30)), @"`input of layer 0 (image convolution 4 x 3 x 3, padding 1073741824, stride 1073741824)` has shape (n, 2, 9, 7), expected at most 2147483647 numbers of one example, not 2 x 2147483657 x 2147483655 with padding");
    insta::assert_snapshot!(of_images(ImageConvolution::new(1 << 30, 1)), @"`input of layer 0 (image convolution 1073741824 x 1 x 1)` has shape (n, 2, 9, 7), expected one with an output of at most 2147483647 numbers of one example, not (n, 1073741824, 9, 7)");
    insta::assert_snapshot!(problem(layer), @"`input of layer 0 (image convolution 4 x 3 x 3)` has shape (n, 4, 9), expected (n, channels, height, width)");
}

#[test]
fn images_where_a_layer_reads_something_else() {
    insta::assert_snapshot!(of_images(Convolution::new(4, 3)), @"`input of layer 0 (convolution 4 x 3)` has shape (n, 2, 9, 7), expected (n, channels, length)");
    insta::assert_snapshot!(of_images(Pool::local(Pooling::Max, 8)), @"`input of layer 0 (max pool 8)` has shape (n, 2, 9, 7), expected (n, 2, height, width) with height and width at least 8");
    insta::assert_snapshot!(of_images(Dense::new(2)), @"`input of layer 0 (dense 2)` has shape (n, 2, 9, 7), expected (n, features), made by `flatten()` or a global pool");
    for layer in [
        Layer::from(Lstm::new(2)),
        Attention::new(1).into(),
        PositionalEncoding::new().into(),
        LayerNorm::new().into(),
        RmsNorm::new().into(),
        Softmax.into(),
        Crop::new(1, 1).into(),
        TransposedConvolution::new(2, 2).into(),
        BothStrands::max(Chain::new().relu()).into(),
    ] {
        let problem = of_images(layer);
        assert!(
            problem.contains("has shape (n, 2, 9, 7), expected (n, channels, length)"),
            "{problem}"
        );
    }
    let unlike = Branches::concatenate()
        .with(Chain::new().image_convolution(2, 3))
        .with(Chain::new().image_convolution(2, 5));
    insta::assert_snapshot!(of_images(unlike), @"`output inside layer 0 (branches, concatenated)` has shape (n, 2, 5, 3), expected (n, channels, 7, 5) from branch 1, as from those before");
    let features = Architecture::features(4).max_pool(2).build();
    insta::assert_snapshot!(features.unwrap_err(), @"`input of layer 0 (max pool 2)` has shape (n, 4), expected (n, channels, length) or (n, channels, height, width)");
}

#[test]
fn images_without_a_pixel_or_without_room() {
    let problem = |sizes: (usize, usize, usize)| {
        let network = Architecture::images(sizes.0, sizes.1, sizes.2)
            .flatten()
            .build();
        network.unwrap_err().to_string()
    };
    insta::assert_snapshot!(problem((0, 8, 8)), @"`channels` is 0, expected at least 1");
    insta::assert_snapshot!(problem((1, 0, 8)), @"`height` is 0, expected at least 1");
    insta::assert_snapshot!(problem((1, 8, usize::MAX)), @"`width` is 18446744073709551615, expected at most 2147483647");
    insta::assert_snapshot!(problem((1, 1 << 20, 1 << 20)), @"`input` is (n, 1, 1048576, 1048576), expected at most 2147483647 numbers of one example");
}
