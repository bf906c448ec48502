//! Careless calls, and what they are told.

use genolens::calibration::{
    Binning, Calibrate, Conformal, ConformalIntervals, Draws, Ensemble, FitEnsemble, Forecast,
    Isotonic, Method, PriorCorrection, QuantileCalibration, Recalibrate, RecalibrateForecast,
    VarianceScaling, calibrate, conformal_sets, isotonic, recalibrate_forecast, reliability,
    temperature,
};
use genolens::ndarray::{Array2, Array3, array};
use genolens::network::{MonteCarlo, deepbind};
use genolens::training::Split;
use std::fmt::Write as _;

#[test]
fn messages_name_what_is_wrong() {
    let (two, labels) = (array![0.2_f32, 0.7], array![0.0_f32, 1.0]);
    let nan = f32::NAN;
    let scores = array![-3.0_f32, 1.0, 2.0, -1.0];
    let four = array![0.0_f32, 1.0, 1.0, 1.0];
    let calibrator = calibrate(&scores, &four).unwrap();
    let wide = array![[0.2_f32, 0.8], [0.5, 0.5]];
    let mut found = String::new();
    let mut note = |error: genolens::Error| {
        let _ = writeln!(found, "{error}");
    };
    note(reliability(&array![0.2_f32, 1.7], &labels).unwrap_err());
    note(reliability(&array![nan, 0.7], &labels).unwrap_err());
    note(reliability(&two, &array![0.0_f32, 2.0]).unwrap_err());
    note(reliability(&two, &array![0.0_f32]).unwrap_err());
    note(reliability(&two, &array![nan, nan]).unwrap_err());
    note(reliability(&Array3::<f32>::zeros((2, 1, 1)), &labels).unwrap_err());
    note(reliability(&Array2::<f32>::zeros((0, 1)), &labels).unwrap_err());
    note(reliability(&wide, &array![0.0_f32, 2.0]).unwrap_err());
    note(reliability(&array![[0.2_f32, 0.7], [0.5, 0.5]], &labels).unwrap_err());
    note(reliability(&wide, &Array2::<f32>::zeros((2, 3))).unwrap_err());
    note(Binning::new().bins(0).run(&two, &labels).unwrap_err());
    note(reliability(&two, &labels).unwrap().get(1).unwrap_err());
    note(calibrate(&array![f32::INFINITY, 0.0], &labels).unwrap_err());
    note(calibrate(&two, &array![1.0_f32, 1.0]).unwrap_err());
    note(isotonic(&wide, &array![0.0_f32, 0.0]).unwrap_err());
    note(
        Calibrate::new()
            .method(Method::Histogram)
            .bins(9)
            .run(&two, &labels)
            .unwrap_err(),
    );
    note(
        Calibrate::new()
            .probabilities(true)
            .run(&array![-1.0_f32, 0.5], &labels)
            .unwrap_err(),
    );
    note(calibrator.apply(&wide).unwrap_err());
    note(calibrator.apply(&array![nan]).unwrap_err());
    note(calibrator.at(1, 0.0).unwrap_err());
    note(calibrator.at(0, f64::NAN).unwrap_err());
    note(calibrator.at(0, f64::INFINITY).unwrap_err());
    note(calibrator.assess(&scores, &four).unwrap_err());
    note(
        temperature(&wide, &labels)
            .unwrap()
            .assess(&wide, &array![[0.0_f32, 1.0], [1.0, 0.0]])
            .unwrap_err(),
    );
    insta::assert_snapshot!(found, @"
    `probabilities` is 1.7 in row 1, column 0, expected 0 to 1; raw scores become probabilities by a sigmoid, or a softmax where classes exclude each other
    `probabilities` is NaN in row 0, column 0, expected 0 to 1; raw scores become probabilities by a sigmoid, or a softmax where classes exclude each other
    `labels` is 2, expected 0, 1 or NaN where missing
    `labels` has shape (1), expected (2), one label for each row of `probabilities`
    `labels` is NaN everywhere in task 0, expected a label somewhere in every task
    `probabilities` has shape (2, 1, 1), expected (n) or (n, columns), both at least 1
    `probabilities` has shape (0, 1), expected (n) or (n, columns), both at least 1
    `labels` is 2 in row 1, expected class numbers 0 to 1
    `probabilities` is a sum of 0.9000 in row 0, expected rows that sum to 1, as a softmax gives them, where classes exclude each other
    `labels` has shape (2, 3), expected (2, 2) for tasks, or (2) for classes that exclude each other
    `bins` is 0, expected 1 to 100000
    `task` is 1, expected below 1
    `scores` is inf in row 0, column 0, expected finite
    `labels` is 1 everywhere in task 0, expected both 0 and 1 in every task
    `labels` is 1 everywhere in class 0, expected both 0 and 1 in every class
    `bins` is 9, expected 1 to 2, the number of examples
    `probabilities` is -1 in row 0, column 0, expected 0 to 1; raw scores become probabilities by a sigmoid, or a softmax where classes exclude each other
    `scores` has shape (2, 2), expected (n, 1) as those it was fitted on
    `scores` is NaN, expected finite
    `task` is 1, expected below 1
    `score` is NaN, expected finite
    `score` is inf, expected finite
    `scores` is those it was fitted on, expected those of other examples, such as the test half of `recalibrate`
    `labels` is 0 and 1, expected numbers of classes, as it was fitted on
    ");
}

#[test]
fn messages_of_halves_and_curves_name_what_is_wrong() {
    let labels = array![0.0_f32, 1.0];
    let (scores, four) = (
        array![-3.0_f32, 1.0, 2.0, -1.0],
        array![0.0_f32, 1.0, 1.0, 1.0],
    );
    let wide = array![[0.2_f32, 0.8], [0.5, 0.5]];
    let mut found = String::new();
    let mut note = |error: genolens::Error| {
        let _ = writeln!(found, "{error}");
    };
    note(
        Recalibrate::new()
            .share(1.5)
            .run(&scores, &four)
            .unwrap_err(),
    );
    note(
        Recalibrate::new()
            .split(&Split::new(&[0, 1], &[9]).unwrap())
            .run(&scores, &four)
            .unwrap_err(),
    );
    note(
        Recalibrate::new()
            .split(&Split::new(&[0, 1], &[]).unwrap())
            .run(&scores, &four)
            .unwrap_err(),
    );
    note(Recalibrate::new().run(&scores, &labels).unwrap_err());
    note(Isotonic::fit(&[], &[]).unwrap_err());
    note(Isotonic::fit(&[1.0], &[1.0, 2.0]).unwrap_err());
    note(Isotonic::fit(&[1.0], &[f64::NAN]).unwrap_err());
    note(Isotonic::fit_weighted(&[1.0], &[1.0], &[0.0]).unwrap_err());
    note(PriorCorrection::tasks(&[], &[]).unwrap_err());
    note(PriorCorrection::tasks(&[0.0], &[0.1]).unwrap_err());
    note(PriorCorrection::classes(&[0.5, 0.4], &[0.5, 0.5]).unwrap_err());
    note(
        PriorCorrection::classes(&[0.5, 0.5], &[0.5, 0.5])
            .unwrap()
            .at(0, 0.5)
            .unwrap_err(),
    );
    note(
        PriorCorrection::tasks(&[0.1], &[0.1])
            .unwrap()
            .at(0, 1.5)
            .unwrap_err(),
    );
    note(
        PriorCorrection::tasks(&[0.1], &[0.1])
            .unwrap()
            .apply(&wide)
            .unwrap_err(),
    );
    insta::assert_snapshot!(found, @"
    `share` is 1.5, expected above 0 to below 1
    `split` is 9, expected rows below 4, the number of examples
    `split` is none held out, expected one that holds examples out
    `labels` has shape (2), expected (4, ...), one row for each of the scores
    `x` has shape (0), expected (n), n at least 1
    `y` has shape (2), expected (1) as `x`
    `y` is NaN, expected finite
    `weights` is 0, expected above 0
    `from` has shape (0), expected (tasks), at least 1
    `from` is 0, expected shares above 0 to below 1
    `from` is a sum of 0.9, expected shares that sum to 1
    `task` is a class, expected one of a correction of tasks
    `probability` is 1.5, expected 0 to 1
    `probabilities` has shape (2, 2), expected (n, 1)
    ");
}

#[test]
fn messages_of_uncertainty_name_what_is_wrong() {
    let (mean, spread, truth) = (
        array![1.0_f32, 2.0],
        array![1.0_f32, 0.5],
        array![1.5_f32, 2.0],
    );
    let forecast = Forecast::new(&mean, &spread).unwrap();
    let wide = Forecast::new(&Array2::<f32>::zeros((2, 2)), &Array2::<f32>::ones((2, 2))).unwrap();
    let (chances, labels) = (array![[0.2_f32, 0.8], [0.6, 0.4]], array![1.0_f32, 0.0]);
    let nan = array![f32::NAN, 1.0];
    let mut found = String::new();
    let mut note = |error: genolens::Error| {
        let _ = writeln!(found, "{error}");
    };
    note(Forecast::new(&mean, &array![1.0_f32]).unwrap_err());
    note(Forecast::new(&nan, &spread).unwrap_err());
    note(Forecast::new(&mean, &array![1.0_f32, 0.0]).unwrap_err());
    note(forecast.assess(&array![1.0_f32]).unwrap_err());
    note(forecast.assess(&nan).unwrap_err());
    note(forecast.intervals(1.0).unwrap_err());
    let calibration = QuantileCalibration::fit(&forecast, &truth).unwrap();
    note(calibration.quantile(&forecast, 0.1).unwrap_err());
    note(calibration.quantile(&wide, 0.5).unwrap_err());
    note(calibration.level(1, 0.5).unwrap_err());
    note(VarianceScaling::fit(&forecast, &mean).unwrap_err());
    note(
        VarianceScaling::fit(&forecast, &truth)
            .unwrap()
            .apply(&wide)
            .unwrap_err(),
    );
    note(
        Conformal::new()
            .coverage(1.0)
            .run(&chances, &labels)
            .unwrap_err(),
    );
    note(conformal_sets(&chances, &chances).unwrap_err());
    note(conformal_sets(&mean, &labels).unwrap_err());
    let sets = conformal_sets(&chances, &labels).unwrap();
    note(sets.sets(&array![[0.2_f32, 0.3, 0.5]]).unwrap_err());
    note(
        sets.sets(&chances)
            .unwrap()
            .coverage(&array![0.0_f32])
            .unwrap_err(),
    );
    note(ConformalIntervals::residuals(&mean, &nan, 0.9).unwrap_err());
    note(ConformalIntervals::quantiles((&mean, &chances), &truth, 0.9).unwrap_err());
    let residuals = ConformalIntervals::residuals(&mean, &truth, 0.5).unwrap();
    note(residuals.of(&forecast).unwrap_err());
    note(residuals.around(&chances).unwrap_err());
    insta::assert_snapshot!(found, @"
    `spread` has shape (1, 1), expected (2, 1) as the means
    `mean` is NaN in row 0, expected finite
    `spread` is 0 in row 1, expected finite and above 0
    `truth` has shape (1, 1), expected (2, 1) as the forecasts
    `truth` is NaN in row 0, expected finite
    `level` is 1, expected above 0 to below 1
    `level` is 0.1, expected 0.25 to 0.75, as 2 examples can tell
    `forecast` has shape (2, 2), expected (n, 1) as those that taught
    `output` is 1, expected below 1
    `truth` is the means exactly, in output 0, expected numbers that differ from the means somewhere
    `forecast` has shape (2, 2), expected (n, 1) as those that taught
    `coverage` is 1, expected above 0 to below 1
    `labels` is 0.2, expected 0, 1 or NaN where missing
    `probabilities` is 2 in row 1, column 0, expected 0 to 1; raw scores become probabilities by a sigmoid, or a softmax where classes exclude each other
    `probabilities` has shape (1, 3), expected (n, 2) as those that taught
    `labels` has shape (1), expected (2), the number of the class of every example
    `truth` is NaN in row 0, expected finite
    `high` has shape (2, 2), expected (2, 1) as `low`
    `intervals` is learned by `residuals`, expected learned by `scaled` for this
    `prediction` has shape (2, 2), expected (n, 1) as those that taught
    ");
}

#[test]
fn messages_of_members_name_what_is_wrong() {
    let draws = Draws::new(&Array3::<f32>::ones((3, 2, 1))).unwrap();
    let (network, labels) = (deepbind(2), array![1.0_f32, 0.0]);
    let mut found = String::new();
    let mut note = |error: genolens::Error| {
        let _ = writeln!(found, "{error}");
    };
    note(Draws::new(&Array3::<f32>::zeros((1, 2, 1))).unwrap_err());
    note(Draws::new(&Array3::<f32>::from_elem((2, 2, 1), f32::NAN)).unwrap_err());
    note(draws.rows(&[5]).unwrap_err());
    note(draws.forecast().unwrap_err());
    note(
        draws
            .difference(&Draws::new(&Array3::<f32>::ones((2, 2, 1))).unwrap())
            .unwrap_err(),
    );
    note(draws.class_information().unwrap_err());
    note(
        draws
            .variance_parts(&Draws::new(&Array3::<f32>::from_elem((3, 2, 1), 800.0)).unwrap())
            .unwrap_err(),
    );
    note(
        Draws::dropout(
            &MonteCarlo::new().samples(1),
            &network,
            &Array3::<f32>::zeros((1, 4, 30)),
        )
        .unwrap_err(),
    );
    note(Ensemble::new(std::slice::from_ref(&network)).unwrap_err());
    note(
        Ensemble::new(&[network.clone(), network.clone()])
            .unwrap()
            .get(2)
            .unwrap_err(),
    );
    note(
        FitEnsemble::new()
            .members(1)
            .run(&network, &Array3::<f32>::zeros((1, 4, 30)), &labels)
            .unwrap_err(),
    );
    note(
        FitEnsemble::new()
            .members(10_001)
            .run(&network, &Array3::<f32>::zeros((1, 4, 30)), &labels)
            .unwrap_err(),
    );
    insta::assert_snapshot!(found, @"
    `values` has shape (1, 2, 1), expected (members, n, outputs), at least 2 members, 1 example and 1 output
    `values` is NaN of member 0 in row 0, expected finite
    `rows` is 5, expected below 2, the number of examples
    `spread` is 0 in row 0, expected finite and above 0
    `reference` has shape (2, 2, 1), expected (3, 2, 1), or one example for all
    `values` has shape (3, 2, 1), expected (members, n, classes), at least 2 classes
    `noise` is an infinite variance in row 0, expected logarithms of variances that are finite
    `samples` is 1, expected at least 2
    `members` is 1, expected at least 2 networks
    `member` is 2, expected below 2
    `members` is 1, expected at least 2
    `members` is 10001, expected at most 10000
    ");
}

#[test]
fn messages_of_halves_of_forecasts_name_what_is_wrong() {
    let forecast = Forecast::new(&array![1.0_f32, 2.0, 0.0], &array![1.0_f32, 0.5, 1.0]).unwrap();
    let truth = array![1.5_f32, 2.0, 1.0];
    let run = |options: RecalibrateForecast| options.run(&forecast, &truth).unwrap_err();
    let new = RecalibrateForecast::new;
    let mut found = String::new();
    for error in [
        recalibrate_forecast(&forecast, &array![1.0_f32]).unwrap_err(),
        recalibrate_forecast(&forecast, &array![1.0_f32, f32::NAN, 0.0]).unwrap_err(),
        run(new().coverage(1.0)),
        run(new().share(0.0)),
        run(new().share(0.5).split(&Split::new(&[0, 1], &[9]).unwrap())),
        run(new().split(&Split::new(&[0, 1], &[]).unwrap())),
        run(new().split(&Split::new(&[0], &[1]).unwrap())),
        run(new().split(&Split::new(&[1], &[2]).unwrap())),
    ] {
        let _ = writeln!(found, "{error}");
    }
    insta::assert_snapshot!(found, @"
    `truth` has shape (1, 1), expected (3, 1) as the forecasts
    `truth` is NaN in row 1, expected finite
    `coverage` is 1, expected above 0 to below 1
    `share` is 0, expected above 0 to below 1
    `split` is 9, expected rows below 3, the number of examples
    `split` is none held out, expected one that holds examples out
    `truth` has shape (1, 1), expected (n, outputs), n at least 2
    `truth` is the means exactly, in output 0, expected numbers that differ from the means somewhere
    ");
}
