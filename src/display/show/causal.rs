//! Causes as pictures.

use super::value::shown;
use crate::Result;
use crate::causal::{
    DeepMrResult, Estimate, Estimates, Instruments, Intercept, MutationEffects, Pooled,
    ResponseCurve, Reversal, Stories,
};
use crate::display::curve::{Curve, curve};
use crate::display::figure::{Figure, grid};
use crate::display::fit_plot::{FitPlot, fit_plot};
use crate::display::forest::{Forest, forest};
use crate::display::funnel::{Funnel, funnel};
use crate::display::histogram::{Histogram, histogram};
use crate::display::radial::{Radial, radial};
use crate::display::scatter::{Scatter, scatter};
use crate::distribution::normal::HALF_OF_95;
use ndarray::{Array1, Array2, Axis, stack};

/// More sequences than this are drawn as a histogram.
const FEW: usize = 30;

impl Instruments {
    /// Draws the effects of variants on both, with crosses of one standard error; alleles are turned so that all effects on the (first)
    /// exposure are positive.
    ///
    /// # Examples
    ///
    /// ```
    /// use genolens::causal::{self, Instruments};
    /// # fn main() -> genolens::Result<()> {
    /// let (bx, by) = ([0.10, -0.20, 0.15, 0.12], [0.21, -0.39, 0.31, 0.22]);
    /// let instruments = Instruments::new((&bx, &[0.01; 4]), (&by, &[0.02; 4]))?;
    /// let picture = instruments.scatter().estimate(&causal::ivw(&instruments)?).estimate(&causal::egger(&instruments)?);
    /// assert!(picture.description().contains("MR-Egger with slope"));
    /// # Ok(()) }
    /// ```
    pub fn scatter(&self) -> FitPlot {
        let (effects, errors) = (self.exposure_effects(), self.exposure_errors());
        let turn = effects
            .column(0)
            .mapv(|effect| if effect < 0.0 { -1.0 } else { 1.0 });
        let exposures = self.exposures();
        let exposure = exposures.first().map_or("exposure", String::as_str);
        fit_plot(
            &effects.column(0).mapv(f64::abs),
            &(self.outcome_effects() * turn),
        )
        .errors(&errors.column(0), &self.outcome_errors())
        .origin()
        .x_label(&format!("effect on {exposure}"))
        .y_label(&format!("effect on {}", self.outcome()))
    }

    /// Draws the ratio estimates of the variants by how sure they are, one over their standard errors; those whose effect on the (first)
    /// exposure is smaller than its error are left out, since their ratios say nothing and would press all others together.
    pub fn funnel(&self) -> Funnel {
        let (effects, errors) = (self.exposure_effects(), self.exposure_errors());
        let rows = (0..self.len()).filter(|row| effects[(*row, 0)].abs() >= errors[(*row, 0)]);
        let (by, sy) = (self.outcome_effects(), self.outcome_errors());
        let ratio = |row: usize| {
            (
                by[row] / effects[(row, 0)],
                sy[row] / effects[(row, 0)].abs(),
            )
        };
        let (ratios, errors): (Vec<f64>, Vec<f64>) = rows.map(ratio).unzip();
        funnel(&ratios, &errors)
            .precision()
            .x_label("ratio estimate")
    }

    /// Draws the ratio estimates of the variants over their (first-order) standard errors against one over these: what inverse-variance
    /// weighting sees, and which variants pull at it.
    ///
    /// # Examples
    ///
    /// ```
    /// use genolens::causal::{self, Instruments};
    /// # fn main() -> genolens::Result<()> {
    /// let (bx, by) = ([0.10, -0.20, 0.15, 0.12], [0.21, -0.39, 0.31, 0.36]);
    /// let instruments = Instruments::new((&bx, &[0.01; 4]), (&by, &[0.02; 4]))?;
    /// let picture = instruments.radial().at("IVW", causal::ivw(&instruments)?.value()).egger();
    /// assert!(picture.description().contains("outliers 4"));
    /// # Ok(()) }
    /// ```
    pub fn radial(&self) -> Radial {
        let bx = self.exposure_effects().column(0).to_owned();
        let errors = self.outcome_errors() / bx.mapv(f64::abs);
        radial(&(self.outcome_effects() / &bx), &errors).names(self.ids())
    }
}

impl FitPlot {
    /// Adds the line of an estimate, through the origin unless its method has an intercept.
    pub fn estimate(&self, estimate: &Estimate) -> Self {
        let intercept = estimate.intercept().map_or(0.0, Intercept::value);
        self.line(estimate.method(), intercept, estimate.value())
    }
}

impl Estimates {
    /// Draws every estimate with its 95 % interval: by variant where each has its own, else by method.
    ///
    /// # Examples
    ///
    /// ```
    /// use genolens::causal::{self, Estimates, Instruments};
    /// # fn main() -> genolens::Result<()> {
    /// let (bx, by) = ([0.10, -0.20, 0.15, 0.12], [0.21, -0.39, 0.31, 0.22]);
    /// let instruments = Instruments::new((&bx, &[0.01; 4]), (&by, &[0.02; 4]))?;
    /// let both: Estimates = [causal::ivw(&instruments)?, causal::egger(&instruments)?].into_iter().collect();
    /// assert!(both.forest().svg().contains("MR-Egger"));
    /// # Ok(()) }
    /// ```
    pub fn forest(&self) -> Forest {
        let mut names = self.variants();
        if names.is_empty() {
            names = self
                .iter()
                .map(|estimate| estimate.method().to_owned())
                .collect();
        }
        let values: Vec<f64> = self.iter().map(Estimate::value).collect();
        let ends = self.iter().map(Estimate::interval);
        let (low, high): (Vec<f64>, Vec<f64>) = ends.unzip();
        forest(&names, &values)
            .intervals(&low, &high)
            .level(0.0)
            .x_label("effect")
    }
}

impl Pooled {
    /// Draws the effects of the studies with their 95 % intervals, the pooled one below.
    ///
    /// # Examples
    ///
    /// ```
    /// use genolens::causal;
    /// # fn main() -> genolens::Result<()> {
    /// let pooled = causal::meta_analysis(&[0.3, 0.1, 0.4], &[0.1, 0.1, 0.2])?;
    /// assert!(pooled.forest().svg().contains("pooled"));
    /// assert!(pooled.funnel().description().contains("3 effects"));
    /// # Ok(()) }
    /// ```
    pub fn forest(&self) -> Forest {
        let mut names = self.names();
        names.push("pooled".into());
        let (effects, errors) = (self.effects(), self.errors());
        let missing = f64::NAN;
        let with = |values: &ndarray::Array1<f64>| {
            values
                .iter()
                .copied()
                .chain([missing])
                .collect::<Vec<f64>>()
        };
        let alone = |value: f64| {
            let mut values = vec![missing; self.studies()];
            values.push(value);
            values
        };
        let (low, high) = self.interval();
        forest(&names, &with(&effects))
            .intervals(
                &with(&(&effects - &errors * HALF_OF_95)),
                &with(&(&effects + &errors * HALF_OF_95)),
            )
            .name("study")
            .add("pooled", &alone(self.value()))
            .intervals(&alone(low), &alone(high))
            .level(0.0)
            .x_label("effect")
    }

    /// Draws the effects of the studies by how sure they are, about the pooled one.
    pub fn funnel(&self) -> Funnel {
        funnel(&self.effects(), &self.errors()).at("pooled", self.value())
    }
}

impl DeepMrResult {
    /// Draws the effect near every sequence with its 95 % interval, the pooled one below with its own.
    ///
    /// # Examples
    ///
    /// ```
    /// use genolens::{causal::{self, MutationEffects}, ndarray::Array5, sequence::Sequences};
    /// # fn main() -> genolens::Result<()> {
    /// let values = Array5::from_shape_fn((3, 2, 2, 4, 9), |(row, output, member, letter, position)| match letter {
    ///     0 => 0.0,
    ///     _ => (output + 1) as f32 * ((row + 2 * letter + 3 * position) % 7) as f32 + 0.1 * ((member + letter) % 2) as f32,
    /// });
    /// let effects = MutationEffects::new(&Sequences::dna(["AAAAAAAAA"; 3])?, &values)?;
    /// let found = causal::deep_mr(&effects, 0, 1)?;
    /// assert!(found.forest().svg().contains("pooled"));
    /// assert!(found.histogram().svg().contains("effect"));
    /// assert!(effects.error_plot(0)?.svg().contains("standard error"));
    /// let near = found.instruments(0)?.scatter().estimate(&found.estimates().get(0)?);
    /// assert!(near.svg().contains("output 2"));
    /// # Ok(()) }
    /// ```
    pub fn forest(&self) -> Forest {
        let mut names = self.estimates().variants();
        names.push("pooled".into());
        let ends = |all: fn(&Estimate) -> f64, last: f64| -> Vec<f64> {
            self.estimates().iter().map(all).chain([last]).collect()
        };
        let (low, high) = self.interval();
        forest(&names, &ends(Estimate::value, self.value()))
            .intervals(
                &ends(|e| e.interval().0, low),
                &ends(|e| e.interval().1, high),
            )
            .level(0.0)
            .x_label(&self.unit())
    }

    /// Draws how the effects near sequences are distributed.
    pub fn histogram(&self) -> Histogram {
        let values: Vec<f64> = self.estimates().iter().map(Estimate::value).collect();
        histogram(&values)
            .x_label(&self.unit())
            .y_label("sequences")
    }

    fn unit(&self) -> String {
        format!("effect of {} on {}", self.exposure(), self.outcome())
    }
}

impl MutationEffects {
    /// Draws the error of every mutation over its mean effect on an output, counted from 0.
    ///
    /// # Errors
    ///
    /// Fails when there is no such output.
    pub fn error_plot(&self, output: usize) -> Result<Scatter> {
        let (mean, error) = (self.mean(output)?, self.error(output)?);
        let (mean, error) = (mean.flatten(), error.flatten());
        // Both have one number for every mutation.
        let points =
            stack(Axis(1), &[mean.view(), error.view()]).unwrap_or_else(|_| Array2::zeros((0, 2)));
        Ok(scatter(&points)
            .x_label(&format!("effect on {}", self.names()[output]))
            .y_label("standard error"))
    }
}

impl ResponseCurve {
    /// Draws the response with its interval of 95 % shaded, and what the same network says without instruments beside it; a known truth is
    /// one line more.
    ///
    /// # Examples
    ///
    /// ```
    /// use genolens::{causal::{DeepIv, Individuals}, ndarray::Array2, training::Fit};
    /// # fn main() -> genolens::Result<()> {
    /// let hidden = |row: usize| ((row * 7919) % 101) as f64 / 50.0 - 1.0;
    /// let z = Array2::from_shape_fn((300, 1), |(row, _)| (row % 30) as f64 / 10.0);
    /// let exposure: Vec<f64> = (0..300).map(|row| z[[row, 0]] + hidden(row)).collect();
    /// let outcome: Vec<f64> = (0..300).map(|row| exposure[row].powi(2) - 3.0 * hidden(row)).collect();
    /// let people = Individuals::new(&exposure, &outcome, &z)?;
    /// let quick = Fit::new().epochs(3);
    /// let found = DeepIv::new().members(2).first_stage(quick.clone()).second_stage(quick).run(&people)?;
    /// let picture = found.effect(&[0.0, 1.0, 2.0])?.plot().add("truth", &[0.0, 1.0, 2.0], &[0.0, 1.0, 4.0]);
    /// assert!(picture.svg().contains("truth"));
    /// # Ok(()) }
    /// ```
    pub fn plot(&self) -> Curve {
        let mut order: Vec<usize> = (0..self.exposure().len()).collect();
        order.sort_by(|a, b| self.exposure()[*a].total_cmp(&self.exposure()[*b]));
        let rising = |values: &Array1<f64>| values.select(Axis(0), &order);
        let x = rising(self.exposure());
        curve(&x, &rising(self.value()))
            .name("with instruments")
            .band(&x, &rising(&self.low()), &rising(&self.high()))
            .add("without instruments", &x, &rising(self.ordinary()))
            .x_label("exposure")
            .y_label("outcome")
    }
}

impl Reversal {
    /// Draws the examples in the colours of their groups, the line of every group and, in black, that of the whole.
    ///
    /// # Examples
    ///
    /// ```
    /// use genolens::causal;
    /// # fn main() -> genolens::Result<()> {
    /// let lines = causal::opposed_lines();
    /// let stories = causal::partition(lines.x(), lines.y(), lines.groups())?;
    /// assert!(stories.reversal("0")?.plot().description().contains("whole with slope −0.859"));
    /// # Ok(()) }
    /// ```
    pub fn plot(&self) -> FitPlot {
        let (points, labels) = self.points();
        let (x, y): (Vec<f64>, Vec<f64>) = points.iter().copied().unzip();
        let plot = fit_plot(&x, &y)
            .groups(labels)
            .x_label(self.whole().feature());
        let stories = self.parts().iter().chain([self.whole()]);
        let lines = stories.filter_map(|story| Some((story, story.intercept()?)));
        lines.fold(plot, |plot, (story, intercept)| {
            plot.line(story.part(), intercept, story.effect())
        })
    }
}

/// The most features of which stories are drawn.
const PANELS: usize = 6;

impl Stories {
    /// Draws the features about which the groups contradict the whole most surely, at most six, each as [`Reversal::plot`].
    ///
    /// # Examples
    ///
    /// ```
    /// use genolens::causal;
    /// # fn main() -> genolens::Result<()> {
    /// let lines = causal::opposed_lines();
    /// let stories = causal::partition(lines.x(), lines.y(), lines.groups())?;
    /// assert!(stories.plot().description().contains("60 points in 4 groups"));
    /// # Ok(()) }
    /// ```
    pub fn plot(&self) -> Figure {
        let mut surest: Vec<&Reversal> = self.all().iter().collect();
        surest.sort_by(|one, other| one.p_value().total_cmp(&other.p_value()));
        let plots: Vec<FitPlot> = surest.iter().take(PANELS).map(|one| one.plot()).collect();
        grid(&plots, 2)
    }
}

shown!(DeepMrResult, |found| if found.estimates().len() > FEW {
    found.histogram().figure().bundle()
} else {
    found.forest().figure().bundle()
});
shown!(Instruments, |instruments| instruments
    .scatter()
    .figure()
    .bundle());
shown!(Estimates, |estimates| estimates.forest().figure().bundle());
shown!(Pooled, |pooled| pooled.forest().figure().bundle());
shown!(ResponseCurve, |curve| curve.plot().figure().bundle());
shown!(Reversal, |reversal| reversal.plot().figure().bundle());
shown!(Stories, |stories| stories.plot().bundle());
