//! Training histories and the curves of classifiers.

use super::value::shown;
use crate::display::axis;
use crate::display::curve::{self, curve};
use crate::training::{Curve, History, Trained};

impl History {
    /// Draws training and validation loss over epochs.
    pub fn curve(&self) -> curve::Curve {
        let (epochs, validation) = (self.epochs(), self.validation_loss());
        let train = curve(&epochs, &self.train_loss()).name("training");
        let both = if validation.iter().any(|v| v.is_finite()) {
            train.add("validation", &epochs, &validation)
        } else {
            train
        };
        both.x_label("epoch")
            .y_label("loss")
            .title("Training history")
    }

    /// Draws the area under the ROC curve over epochs.
    pub fn auroc_curve(&self) -> curve::Curve {
        let (epochs, validation) = (self.epochs(), self.validation_auroc());
        let train = curve(&epochs, &self.train_auroc()).name("training");
        let both = if validation.iter().any(|v| v.is_finite()) {
            train.add("validation", &epochs, &validation)
        } else {
            train
        };
        both.x_label("epoch")
            .y_label("AUROC")
            .title("Training history")
    }
}

shown!(History, |history| history.curve().figure().bundle());

shown!(Trained, |trained| trained
    .history()
    .curve()
    .figure()
    .bundle());

impl Curve {
    /// Draws the curve; the legend tells the area under it.
    pub fn plot(&self) -> curve::Curve {
        let name = format!("area {}", axis::plain(self.area()));
        let plain = curve(self.x(), self.y())
            .name(&name)
            .x_range(0.0, 1.0)
            .y_range(0.0, 1.0);
        let plot = plain
            .x_label(self.x_name())
            .y_label(self.y_name())
            .title(self.name());
        if self.x_name().contains("false positive") {
            plot.diagonal()
        } else {
            plot
        }
    }
}

shown!(Curve, |curve| curve.plot().figure().bundle());
