//! Options that make no sense are named.

use genolens::network::{Activation, Architecture, Layer, Pool, Pooling};

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
