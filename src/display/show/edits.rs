//! What edits do, as tables, curves and heatmaps.

use super::value::shown;
use crate::attribution::{
    Change, ExplainedChange, Importances, IndelEffects, MeanEffect, MeanEffects, ScoredVariants,
    SpacingEffect, SpacingEffects,
};
use crate::display::Figure;
use crate::display::curve::{Curve, curve};
use crate::display::heatmap::{Heatmap, heatmap};
use crate::display::table::{Cell, Table};
use crate::sequence::{Alleles, Variant, Variants};
use ndarray::{Array2, Axis};

/// Rows that are shown of a table.
const ROWS: usize = 20;
/// Lines that are drawn in one picture.
const LINES: usize = 8;

/// Says which rows are shown, where it is not all of them.
fn note(shown: usize, count: usize, what: &str) -> String {
    if shown < count {
        format!("The first {shown} of {count} {what}.")
    } else {
        format!("{count} {what}.")
    }
}

fn numbers(effect: &MeanEffect) -> [Cell; 5] {
    [
        effect.mean.into(),
        effect.standard_error.into(),
        effect.low.into(),
        effect.high.into(),
        effect.p.into(),
    ]
}

const NUMBERS: [&str; 5] = ["mean", "standard error", "low", "high", "p"];

shown!(MeanEffects, |effects| {
    let columns = [&["name", "output", "sequences"][..], &NUMBERS].concat();
    let shown = effects.len().min(ROWS);
    let row = |i: usize| {
        let effect = effects.get(i);
        let own = [
            effect.name.as_str().into(),
            effect.output.into(),
            effect.sequences.into(),
        ];
        own.into_iter().chain(numbers(&effect)).collect()
    };
    Table::filled(&columns, (0..shown).map(row))
        .note(&note(shown, effects.len(), "mean effects"))
        .bundle()
});

shown!(Importances, |found| {
    let columns = [&["motif", "position", "strand", "output"][..], &NUMBERS].concat();
    let shown = found.len().min(ROWS);
    let row = |i: usize| {
        let one = found.get(i);
        let own = [
            one.effect.name.as_str().into(),
            one.position.into(),
            if one.reversed { "−" } else { "+" }.into(),
            one.effect.output.into(),
        ];
        own.into_iter().chain(numbers(&one.effect)).collect()
    };
    let sequences = found
        .as_slice()
        .first()
        .map_or(0, |one| one.effect.sequences);
    let note = note(shown, found.len(), "effects");
    Table::filled(&columns, (0..shown).map(row))
        .note(&format!("{note} Means over {sequences} null sequences."))
        .bundle()
});

impl Change {
    /// Draws a table of the mean effect on every output.
    fn summary(&self) -> Table {
        let mean = self.mean();
        let columns = [&["output", "before", "after"][..], &NUMBERS].concat();
        let shown = mean.len().min(ROWS);
        let before = self.before().mapv(f64::from).mean_axis(Axis(0));
        let row = |output: usize| {
            let effect = mean.get(output);
            let before = before.as_ref().map_or(f64::NAN, |before| before[output]);
            let own = [output.into(), before.into(), (before + effect.mean).into()];
            own.into_iter().chain(numbers(&effect)).collect()
        };
        let (n, variants, _) = self.after().dim();
        let note = match variants {
            1 => format!("{}: means over {n} sequences.", self.name()),
            _ => format!(
                "{}: means over {n} sequences with {variants} variants each.",
                self.name()
            ),
        };
        Table::filled(&columns, (0..shown).map(row)).note(&note)
    }
}

shown!(Change, |change| change.summary().bundle());

impl ExplainedChange {
    /// Draws the first sequence before the edit, and its first variant after it under it.
    pub fn logos(&self) -> Figure {
        self.before().logo().figure().above(&self.after().logo())
    }
}

shown!(ExplainedChange, |explained| explained.logos().bundle());

impl SpacingEffects {
    /// Draws the mean effect on an output over the distance, a line for each order and pair of strands, with its interval.
    pub fn curve(&self, output: usize) -> Curve {
        let own: Vec<&SpacingEffect> = (self.as_slice().iter())
            .filter(|one| one.effect.output == output)
            .collect();
        let mut drawn: Option<Curve> = None;
        for line in own
            .chunk_by(|a, b| a.arrangement() == b.arrangement())
            .take(LINES)
        {
            let gaps: Vec<usize> = line.iter().map(|one| one.gap).collect();
            let column = |get: fn(&MeanEffect) -> f64| -> Vec<f64> {
                line.iter().map(|one| get(&one.effect)).collect()
            };
            let means = column(|effect| effect.mean);
            let name = line[0].arrangement();
            let added = match drawn {
                Some(curve) => curve.add(&name, &gaps, &means),
                None => curve(&gaps, &means).name(&name),
            };
            let ends = (column(|effect| effect.low), column(|effect| effect.high));
            drawn = Some(added.band(&gaps, &ends.0, &ends.1));
        }
        let none: [f64; 0] = [];
        drawn
            .unwrap_or_else(|| curve(&none, &none))
            .level(0.0)
            .x_label("letters between the motifs")
            .y_label("mean effect")
            .title(&format!("A = {}, B = {}", self.first(), self.second()))
    }
}

shown!(SpacingEffects, |effects| effects.curve(0).figure().bundle());

impl IndelEffects {
    /// Draws the effects on the first sequence, a row for each edit, negative ones blue; take another sequence with `get`.
    pub fn heatmap(&self) -> Heatmap {
        let (n, _, _) = self.values().dim();
        let values = if n == 0 {
            Array2::zeros((0, 0))
        } else {
            self.values().index_axis(Axis(0), 0).to_owned()
        };
        let title = self
            .sequences()
            .names()
            .first()
            .cloned()
            .unwrap_or_default();
        heatmap(&values)
            .rows(self.edits())
            .center(0.0)
            .value_label("effect")
            .x_label("position")
            .title(&title)
    }
}

shown!(IndelEffects, |effects| effects.heatmap().figure().bundle());

/// What a table says of a variant.
fn cells(variant: &Variant) -> Vec<Cell> {
    let cut = |text: &str| match text.get(..ROWS) {
        Some(start) if start.len() < text.len() => format!("{start}…"),
        _ => text.to_owned(),
    };
    vec![
        variant.chromosome().into(),
        variant.position().to_string().as_str().into(),
        variant.id().into(),
        Cell::letters(&cut(variant.reference()), false),
        Cell::letters(&cut(variant.alternative()), false),
    ]
}

const VARIANT: [&str; 5] = ["chromosome", "position", "id", "reference", "alternative"];

fn table(variants: &Variants, left_out: usize) -> Table {
    let shown = variants.len().min(ROWS);
    let rows = variants.as_slice()[..shown].iter().map(cells);
    let mut note = note(shown, variants.len(), "variants");
    if left_out > 0 {
        note += &format!(" {left_out} left out.");
    }
    Table::filled(&VARIANT, rows).note(&note)
}

shown!(Variants, |variants| table(variants, variants.left_out())
    .bundle());

shown!(Alleles, |alleles| table(
    alleles.variants(),
    alleles.left_out()
)
.bundle());

shown!(ScoredVariants, |scored| {
    // Those that do most to the first output.
    let order = scored.strongest(0).unwrap_or_default();
    let shown = order.len().min(ROWS);
    let columns = [&VARIANT[..], &["before", "after", "difference"]].concat();
    let (change, difference) = (scored.change(), scored.change().difference());
    let row = |&i: &usize| {
        let mut row = cells(&scored.variants().as_slice()[i]);
        row.push(f64::from(change.before()[[i, 0]]).into());
        row.push(f64::from(change.after()[[i, 0, 0]]).into());
        row.push(difference[[i, 0]].into());
        row
    };
    let note = format!(
        "The {shown} of {} variants that change the first output most.",
        order.len()
    );
    Table::filled(&columns, order[..shown].iter().map(row))
        .note(&note)
        .bundle()
});
