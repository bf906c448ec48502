//! Groups, how faithful a map is, velocities and doublets as tables and figures.

use super::value::{Show, shown};
use crate::Input;
use crate::display::bars::{Bars, bars};
use crate::display::histogram::{Histogram, histogram};
use crate::display::map_plot::{MapPlot, map_plot};
use crate::display::numbers;
use crate::embedding::{
    Agreement, Clusters, DiffusionMap, Faithfulness, KMeansClusters, Labels, Paga, Silhouette,
};
use crate::expression::{Doublets, Velocity, VelocityEvidence};
use std::collections::BTreeMap;

/// Labels of groups are labels of points, too: `map.scatter().labels("leiden", clusters.labels())`.
impl numbers::Labels for Labels {
    fn labels(&self) -> Vec<String> {
        let codes = self.codes().iter();
        codes
            .map(|code| self.groups()[*code as usize].clone())
            .collect()
    }
}

impl Clusters {
    /// Draws how many points each group has.
    pub fn bars(&self) -> Bars {
        bars(self.labels().groups(), &self.sizes())
            .x_label("group")
            .y_label("points")
    }
}

shown!(Clusters, |clusters| clusters.bars().figure().bundle());

impl KMeansClusters {
    /// Draws how many points each cluster has.
    pub fn bars(&self) -> Bars {
        bars(self.labels().groups(), &self.sizes())
            .x_label("cluster")
            .y_label("points")
    }
}

shown!(KMeansClusters, |clusters| clusters.bars().figure().bundle());

impl Silhouette {
    /// Draws how often widths fall into ranges, a colour for each group.
    pub fn histogram(&self) -> Histogram {
        let labels = numbers::Labels::labels(self.labels());
        let mut groups: BTreeMap<&str, Vec<f64>> = BTreeMap::new();
        for (label, width) in labels.iter().zip(self.widths()) {
            groups.entry(label).or_default().push(*width);
        }
        let mut groups = groups.into_iter();
        let (name, first) = groups.next().unwrap_or_default();
        let start = histogram(&first).name(name).x_label("silhouette width");
        groups.fold(start, |picture, (name, widths)| picture.add(name, &widths))
    }
}

shown!(Silhouette, |silhouette| silhouette
    .histogram()
    .figure()
    .bundle());

impl Doublets {
    /// Draws the scores of the cells beside those of pairs that were simulated.
    pub fn histogram(&self) -> Histogram {
        histogram(self.scores())
            .name("cells")
            .add("simulated doublets", self.simulated_scores())
            .x_label("doublet score")
    }
}

shown!(Doublets, |doublets| doublets.histogram().figure().bundle());

impl DiffusionMap {
    /// Draws the points on the first two components, after the constant one, with the look of a map.
    pub fn scatter(&self) -> MapPlot {
        let plane = self.coordinates().slice(ndarray::s![.., 1..]);
        let caption = format!("diffusion map of {} points", plane.nrows());
        let plot = map_plot(&plane).x_label("DC1").y_label("DC2");
        let plot = plot.caption(&caption);
        match self.about() {
            Some(table) => plot.about(table),
            None => plot,
        }
    }
}

shown!(DiffusionMap, |map| map.scatter().figure().bundle());

/// Lets a type show itself as its table.
macro_rules! tabled {
    ($($type:ty),*) => {
        $(
            impl $type {
                #[doc(hidden)]
                pub fn evcxr_display(&self) {
                    if let Ok(table) = self.table() {
                        table.evcxr_display();
                    }
                }
            }

            impl Show for $type {
                fn evcxr_display(&self) {
                    <$type>::evcxr_display(self);
                }
            }
        )*
    };
}

tabled!(Agreement, Faithfulness, Paga, Velocity, VelocityEvidence);
