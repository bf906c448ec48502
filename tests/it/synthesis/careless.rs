//! Careless calls get an answer that helps.

use super::formula::{Formula, Linear, Stripe, looks_for, rows};
use genolens::ndarray::{Array2, Array3, Array4, array};
use genolens::network;
use genolens::sequence::Sequences;
use genolens::synthesis::{
    self, ActivationMaximisation, Adversarial, Constraints, Goal, GradientDesign, Objective,
    SeqProp, Space, Substitution,
};
use genolens::{Error, Result};
use std::fmt::Write as _;

fn told<T>(all: &mut String, what: Result<T>) {
    match what {
        Ok(_) => all.push_str("no error\n"),
        Err(error) => {
            let _ = writeln!(all, "{error}");
        }
    }
}

#[test]
#[expect(clippy::too_many_lines, reason = "one careless call after another")]
fn careless_dreams() {
    let (model, x) = (Formula, rows());
    let text = &mut String::new();
    let options = ActivationMaximisation::new;
    told(text, synthesis::dream(&model, &x, 3));
    told(
        text,
        synthesis::dream(&model, &Array2::<f32>::zeros((0, 6)), 0),
    );
    told(text, synthesis::dream(&model, &array![1.0_f32, 2.0], 0));
    told(text, synthesis::dream(&model, &(&x * f32::NAN), 0));
    told(text, synthesis::deep_dream(&model, &x, 0));
    told(
        text,
        synthesis::deep_dream(&network::deepbind(2), &Array3::<f32>::zeros((1, 4, 9)), 70),
    );
    told(
        text,
        options()
            .objective(Objective::channel(0, 5))
            .run(&network::deepbind(2), &Array3::<f32>::zeros((1, 4, 9))),
    );
    told(
        text,
        options()
            .objective(Objective::weighted(&[]))
            .run(&model, &x),
    );
    told(
        text,
        options()
            .objective(Objective::weighted(&[(0, f64::NAN)]))
            .run(&model, &x),
    );
    told(text, options().restarts(0).run(&model, &x));
    told(text, options().batch(0).run(&model, &x));
    told(text, options().learning_rate(f64::NAN).run(&model, &x));
    told(text, options().l2(-1.0).run(&model, &x));
    told(text, options().entropy(1.0).run(&model, &x));
    told(text, options().total_variation(1.0).run(&model, &x));
    told(
        text,
        options().space(Space::bounded(1.0, 0.0)).run(&model, &x),
    );
    told(
        text,
        options().space(Space::bounded(0.0, 0.1)).run(&model, &x),
    );
    told(
        text,
        options().space(Space::composition(0.0)).run(&model, &x),
    );
    told(
        text,
        options()
            .space(Space::composition(9.0))
            .run(&model, &x.mapv(f32::abs)),
    );
    told(text, options().space(Space::counts()).run(&model, &x));
    told(text, ActivationMaximisation::sequences().run(&model, &x));
    told(
        text,
        ActivationMaximisation::sequences().random(&model, &[5, 9]),
    );
    told(
        text,
        ActivationMaximisation::sequences()
            .run(&Linear::drawn(3, 0), &Array3::<f32>::ones((1, 4, 3))),
    );
    told(text, options().random(&model, &[]));
    told(text, options().random(&model, &[0]));
    told(text, options().random(&model, &[usize::MAX, 2]));
    told(text, options().l2(1e300).run(&model, &x));
    let dreams = synthesis::dream(&model, &x, 0).unwrap();
    told(text, dreams.get(4));
    told(text, dreams.sequences());
    insta::assert_snapshot!(text, @r"
    `objective` is 3, expected outputs below 3, the number of outputs
    `x` has shape (0, 6), expected (n, ...) with at least one number
    `x` has shape (2), expected (n, ...) with at least one number
    `x` is NaN, expected finite numbers
    `model` is another model, expected a network of the library, since a layer is looked at
    `layer` is 70, expected below 7, the number of layers
    `channel` is 5, expected below 2, the number of channels of layer 0
    `objective` is empty, expected one output or more
    `objective` is NaN, expected finite weights
    `restarts` is 0, expected at least 1
    `batch` is 0, expected at least 1
    `learning_rate` is NaN, expected 0 or more
    `l2` is -1, expected 0 or more
    `entropy` is 1, expected 0 for what is not letters
    `x` has shape (4, 6), expected (n, channels, length) or (n, channels, height, width) for total variation
    `space` is 1 to 0, expected a box from a number to a larger one
    `x` is -0.4999951124191284, expected numbers from 0 to 0.1, as the box
    `space` is 0, expected a total above 0
    `x` is 1.8038075789809227, expected counts that add up to 9
    `x` is -0.4999951124191284, expected numbers from 0 on, as counts are
    `x` has shape (4, 6), expected (n, 4, length) for DNA
    `x` has shape (1, 5, 9), expected (n, 4, length) for DNA
    `x` is 4, expected shares of letters that sum to 1
    `shape` has shape (), expected one axis or more, none of them empty
    `shape` has shape (0), expected one axis or more, none of them empty
    `shape` has shape (18446744073709551615, 2), expected fewer numbers
    `value of the objective` is -inf for input 0 at step 0, expected finite
    `index` is 4, expected below 4, the number of dreams
    `dreams` is dreams of other inputs, expected dreams of sequences
    ");
}

#[test]
fn careless_attacks() {
    let (model, x, labels) = (Formula, rows(), array![0, 1, 2, 0]);
    let text = &mut String::new();
    let options = Adversarial::new;
    told(text, options().run(&model, &x, &array![0, 1]));
    told(text, options().run(&model, &x, &array![0, 1, 2, 3]));
    told(
        text,
        options().run(&Stripe, &Array4::<f32>::zeros((1, 1, 3, 3)), &array![2]),
    );
    told(text, options().steps(0).run(&model, &x, &labels));
    told(text, options().batch(0).run(&model, &x, &labels));
    told(text, options().epsilon(-0.1).run(&model, &x, &labels));
    told(
        text,
        options().step_size(f64::INFINITY).run(&model, &x, &labels),
    );
    told(text, options().bounds(1.0, 1.0).run(&model, &x, &labels));
    told(text, options().bounds(0.0, 1.0).run(&model, &x, &labels));
    told(
        text,
        options().run(&model, &Array2::<f32>::zeros((0, 6)), &array![]),
    );
    insta::assert_snapshot!(text, @r"
    `labels` has shape (2), expected (4,), one for each input
    `labels` is 3, expected classes below 3
    `labels` is 2, expected classes below 2
    `steps` is 0, expected at least 1
    `batch` is 0, expected at least 1
    `epsilon` is -0.1, expected 0 or more
    `step_size` is inf, expected 0 or more
    `bounds` is 1 to 1, expected a number and a larger one
    `x` is -0.37840125, expected numbers from 0 to 1, as the bounds
    `x` has shape (0, 6), expected (n, ...) with at least one number
    ");
}

#[test]
fn careless_designs() {
    let model = looks_for("GATTACA");
    let x = Sequences::dna(["ACGTACGTACGT"]).unwrap();
    let text = &mut String::new();
    let design = |goal: Goal| Substitution::new().goal(goal).run(&model, &x);
    told(text, design(Goal::highest(1)));
    told(text, design(Goal::weighted(&[])));
    told(text, design(Goal::value(0, f64::NAN)));
    told(text, design(Goal::value(0, 1.0).tolerance(-1.0)));
    told(text, synthesis::flip(&model, &x, 2));
    let bound = |own: Constraints| Substitution::new().constraints(own).run(&model, &x);
    told(text, bound(Constraints::new().keep(10..13)));
    told(text, bound(Constraints::new().letters("AB")));
    told(text, bound(Constraints::new().letters("")));
    told(text, bound(Constraints::new().forbid("")));
    told(text, bound(Constraints::new().forbid("ACX")));
    told(text, bound(Constraints::new().forbid("TAC")));
    told(text, bound(Constraints::new().gc(0.6..=0.9)));
    told(text, bound(Constraints::new().gc(0.9..=0.6)));
    told(text, Substitution::new().width(0).run(&model, &x));
    told(text, GradientDesign::new().draws(0).run(&model, &x));
    told(text, GradientDesign::new().price(-1.0).run(&model, &x));
    told(text, GradientDesign::new().temperature(0.0).run(&model, &x));
    told(text, SeqProp::new().draws(0).run(&model, &x));
    told(text, SeqProp::new().learning_rate(f64::NAN).run(&model, &x));
    let none: Result<Sequences, Error> = Sequences::dna([""; 0]);
    told(text, Substitution::new().run(&model, &none.unwrap()));
    insta::assert_snapshot!(text, @r"
    `goal` is 1, expected outputs below 1, the number of outputs
    `goal` is empty, expected one output or more
    `goal` is NaN, expected finite numbers
    `tolerance` is -1, expected 0 or more
    `goal` is 2, expected outputs below 1, the number of outputs
    `keep` is 10..13, expected positions of 0..12
    `letters` is `B`, expected letters of ACGT
    `letters` is empty, expected one letter or more
    `forbid` is empty, expected a word
    `forbid` is `X`, expected letters of ACGT
    `sequence seq1` is one with the word TAC, expected one that keeps to the constraints
    `sequence seq1` is one with a GC share of 0.500, outside 0.6 to 0.9, expected one that keeps to the constraints
    `gc` is 0.9 to 0.6, expected a range within 0 to 1
    `width` is 0, expected at least 1
    `draws` is 0, expected at least 1
    `price` is -1, expected 0 or more
    `temperature` is 0, expected above 0
    `draws` is 0, expected at least 1
    `learning_rate` is NaN, expected 0 or more
    `sequences` is empty, expected one sequence or more
    ");
}
