//! Networks that read images.

use genolens::attribution;
use genolens::candle_core::Tensor;
use genolens::image::Images;
use genolens::ndarray::{Array1, Array3, Array4};
use genolens::network::{
    self, Architecture, Branches, Chain, ImageConvolution, Network, Padding, Residual, Shape, User,
    UserLayer, predict,
};
use genolens::sequence::Sequences;
use genolens::simulate;
use genolens::training::{Fit, Loss, fit};

fn small() -> Network {
    Architecture::images(1, 28, 28)
        .image_convolution(4, 5)
        .batch_norm()
        .relu()
        .max_pool(2)
        .then(ImageConvolution::new(6, 3).padding(Padding::Same))
        .relu()
        .dropout(0.2)
        .average_pool(3)
        .flatten()
        .dense(10)
        .build()
        .unwrap()
}

#[test]
fn the_layer_table_has_images() {
    insta::assert_snapshot!(small().to_string(), @r#"
       layer                              output          parameters
       input                              (n, 1, 28, 28)           0
    0  image convolution 4 x 5 x 5        (n, 4, 24, 24)         104
    1  batch norm                         (n, 4, 24, 24)           8
    2  ReLU                               (n, 4, 24, 24)           0
    3  max pool 2                         (n, 4, 12, 12)           0
    4  image convolution 6 x 3 x 3, same  (n, 6, 12, 12)         222
    5  ReLU                               (n, 6, 12, 12)           0
    6  dropout 0.2                        (n, 6, 12, 12)           0
    7  average pool 3                     (n, 6, 4, 4)             0
    8  flatten                            (n, 96)                  0
    9  dense 10                           (n, 10)                970
       sum                                                      1304
    "#);
}

#[test]
fn every_layer_shows_what_it_gives() {
    let (network, digits) = (small(), simulate::digits(5, 3).unwrap());
    for (layer, row) in network.summary().rows().iter().skip(1).enumerate() {
        let shape = network.activations(&digits, layer).unwrap();
        let sizes: Vec<String> = shape.shape()[1..].iter().map(ToString::to_string).collect();
        assert_eq!(row.output, format!("(n, {})", sizes.join(", ")));
    }
    assert_eq!(network.penultimate(&digits).unwrap().dim(), (5, 96));
    assert_eq!(predict(&network, &digits).unwrap().dim(), (5, 10));
    assert_eq!(network.image_filters().unwrap().dim(), (4, 1, 5, 5));
    insta::assert_snapshot!(network.filters().unwrap_err(), @"`network` is one without, expected one with a convolution");
    insta::assert_snapshot!(network::deepbind(4).image_filters().unwrap_err(), @"`network` is one without, expected one with a convolution of images");
}

#[test]
fn weights_are_written_and_read() {
    let (network, digits) = (small(), simulate::digits(5, 3).unwrap());
    let process = std::process::id();
    let path = std::env::temp_dir().join(format!("genolens_{process}_images.safetensors"));
    let other = network.with_seed(9).unwrap();
    other.save(&path).unwrap();
    let read = network.load(&path).unwrap();
    let scores = predict(&other, &digits).unwrap();
    assert_eq!(predict(&read, &digits).unwrap(), scores);
    assert_ne!(predict(&network, &digits).unwrap(), scores);
    // Batches of any size give the same, to the last bits.
    let one = network::Predict::new().batch(1).run(&other, &digits);
    let apart = (one.unwrap() - scores).mapv(f32::abs);
    assert!(apart.iter().all(|apart| *apart < 1e-5));
}

#[test]
fn what_is_no_such_image_is_named() {
    let network = small();
    let problem = |x: &dyn genolens::Input| predict(&network, x).unwrap_err().to_string();
    insta::assert_snapshot!(problem(&Array3::<f32>::zeros((2, 28, 28))), @"`x` has shape (2, 28, 28), expected (n, 1, 28, 28)");
    insta::assert_snapshot!(problem(&Array4::<f32>::zeros((2, 1, 27, 28))), @"`x` has shape (2, 1, 27, 28), expected (n, 1, 28, 28)");
    insta::assert_snapshot!(problem(&Array4::<f32>::zeros((0, 1, 28, 28))), @"`x` has shape (0, 1, 28, 28), expected (n, ...) with n at least 1");
    let none = Images::new(Array4::zeros((0, 1, 28, 28)), Array1::zeros(0)).unwrap();
    insta::assert_snapshot!(problem(&none), @"`x` has shape (0, 1, 28, 28), expected (n, ...) with n at least 1");
    let sequences = Sequences::dna(["ACGTACGT"]).unwrap();
    insta::assert_snapshot!(problem(&sequences), @"`x` has shape (1, 4, 8), expected (n, 1, 28, 28)");
}

#[test]
fn methods_for_sequences_refuse_networks_of_images() {
    let (network, x) = (small(), Sequences::dna(["ACGTACGTAC"]).unwrap());
    let said = [
        attribution::saliency(&network, &x),
        attribution::integrated_gradients(&network, &x),
        attribution::deep_lift(&network, &x),
        attribution::layerwise_relevance(&network, &x),
        attribution::saturation_mutagenesis(&network, &x),
    ];
    for result in said {
        let error = result.unwrap_err().to_string();
        assert!(error.ends_with("expected (n, 1, 28, 28)"), "{error}");
    }
}

#[test]
fn images_are_learned() {
    let digits = simulate::digits(300, 4).unwrap();
    let method = Fit::new().loss(Loss::CrossEntropy).epochs(8);
    let trained = method.run(&small(), &digits, digits.labels()).unwrap();
    let losses = trained.history().train_loss();
    assert!(losses[7] < 0.8 * losses[0], "{losses}");
    // Two tasks of classes 0 and 1, the usual loss.
    let is_round: Array1<f32> = (digits.labels())
        .iter()
        .map(|label| f32::from(u8::from([0.0, 6.0, 8.0, 9.0].contains(label))))
        .collect();
    let one = Architecture::images(1, 28, 28)
        .image_convolution(4, 7)
        .relu()
        .global_max_pool()
        .dense(1);
    assert!(
        !fit(&one.build().unwrap(), &digits, &is_round)
            .unwrap()
            .history()
            .is_empty()
    );
}

#[test]
fn images_are_added_and_joined() {
    let same = || ImageConvolution::new(2, 3).padding(Padding::Same);
    let residual = Residual::new(Chain::new().then(same()).relu());
    let branches = Branches::concatenate()
        .with(Chain::new().then(same()))
        .with(Chain::new());
    let network = Architecture::images(2, 5, 4).then(residual).then(branches);
    let network = network.build().unwrap();
    assert_eq!(network.summary().rows()[4].output, "(n, 4, 5, 4)");
    let x = Array4::from_shape_fn((3, 2, 5, 4), |(i, c, y, x)| {
        ((i * 7 + c * 5 + y * 3 + x) % 11) as f32 / 11.0 - 0.4
    });
    let added = network.activations(&x, 0).unwrap();
    let body = network.activations(&x, "0.1").unwrap();
    let apart = (&added - &body - &x.clone().into_dyn()).mapv(f32::abs);
    assert!(apart.iter().all(|apart| *apart < 1e-6));
    let joined = network.activations(&x, 1).unwrap();
    assert_eq!(joined.shape(), [3, 4, 5, 4]);
    let second = joined.slice(genolens::ndarray::s![.., 2.., .., ..]);
    assert_eq!(second.into_dyn(), added);
}

/// Lays a sequence out as an image of one channel whose rows are letters.
#[derive(Debug)]
struct Upright;

impl UserLayer for Upright {
    fn name(&self) -> &'static str {
        "upright"
    }

    fn output(&self, input: Shape) -> Result<Shape, String> {
        match input {
            Shape::Sequence {
                channels,
                length: Some(length),
            } => Ok(Shape::Image {
                channels: 1,
                height: channels,
                width: length,
            }),
            _ => Err("(n, channels, length) with a known length".into()),
        }
    }

    fn forward(&self, _: &[Tensor], x: &Tensor) -> genolens::Result<Tensor> {
        Ok(x.unsqueeze(1)?)
    }

    fn is_linear(&self) -> bool {
        true
    }
}

#[test]
fn sequences_as_images_are_explained_without_loss() {
    let x = Sequences::dna(["ACGTTGCATCGGATTACAGA", "TTTTTCCCCCAAAAAGGGGG"]).unwrap();
    let network = Architecture::sequences(4)
        .length(20)
        .then(User::new(Upright))
        .then(ImageConvolution::new(5, 1).size(4, 7))
        .batch_norm()
        .relu()
        .then(ImageConvolution::new(4, 3).padding(Padding::Same))
        .relu()
        .max_pool(1)
        .then(network::Pool::local(network::Pooling::Max, 3).padding(1))
        .average_pool(1)
        .flatten()
        .dense(2)
        .build()
        .unwrap();
    for rule in [attribution::Rule::Rescale, attribution::Rule::RevealCancel] {
        let method = attribution::DeepLift::new().rule(rule);
        let found = method.run(&network, &x).unwrap();
        let rest = found.unexplained().unwrap();
        assert!(rest.iter().all(|rest| rest.abs() < 1e-5), "{rest}");
    }
    // Edits of sequences pass the layers that look at everything whole.
    let quick = attribution::saturation_mutagenesis(&network, &x).unwrap();
    let whole = attribution::SaturationMutagenesis::new().incremental(false);
    let whole = whole.run(&network, &x).unwrap();
    let apart = (quick.scores() - whole.scores()).mapv(f32::abs);
    assert!(apart.iter().all(|apart| *apart < 1e-5));
    assert!(whole.scores().iter().any(|score| score.abs() > 1e-3));
    assert!(attribution::layerwise_relevance(&network, &x).is_ok());
    assert!(attribution::guided_backpropagation(&network, &x).is_ok());
}
