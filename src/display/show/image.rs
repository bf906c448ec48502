//! Images and the filters that read them.

use super::value::shown;
use crate::display::heatmap::{Heatmap, heatmap};
use crate::display::image_grid::ImageGrid;
use crate::display::{Bundle, ColorMap};
use crate::image::{Idx, Images};
use crate::network::Network;
use crate::{Error, Result};
use ndarray::{Axis, s};

/// Images that show themselves at once.
const SHOWN: usize = 50;

impl Images {
    /// Draws the images with their labels, the first hundred; `head`, `select` and `of_class` choose others.
    ///
    /// Images of one channel are grey and those of three are in colour; of others the first channel is drawn.
    pub fn picture(&self) -> ImageGrid {
        let values = match self.values().dim().1 {
            1 | 3 => self.values().clone(),
            _ => self.values().slice(s![.., ..1, .., ..]).to_owned(),
        };
        ImageGrid::new(values).captions(self.labels())
    }

    /// Draws the pixels of the first channel of one image as coloured cells, with their values.
    ///
    /// # Errors
    ///
    /// [`Error::Value`] for an index that does not exist.
    pub fn heatmap(&self, index: usize) -> Result<Heatmap> {
        let one = self.get(index)?;
        let image = one.values().index_axis(Axis(0), 0);
        let picture = heatmap(&image.index_axis(Axis(0), 0))
            .colors(ColorMap::Ink)
            .value_label("ink")
            .title(&format!("image {index}, label {}", one.labels()[0]));
        Ok(picture)
    }
}

shown!(Images, |images| images
    .picture()
    .most(SHOWN)
    .figure()
    .bundle());

shown!(Idx, |idx| Bundle::text(&format!("{idx:?}")));

impl Network {
    /// Draws the filters of the first convolution of images: a row for each filter, its channels side by side; filters of one channel
    /// stand side by side.
    ///
    /// # Errors
    ///
    /// [`Error::Value`] when the network has none.
    pub fn image_filter_grid(&self) -> Result<ImageGrid> {
        let filters = self.image_filters()?;
        let (count, channels, height, width) = filters.dim();
        let names: Vec<String> = (0..count)
            .flat_map(|filter| {
                (0..channels).map(move |channel| match channels {
                    1 => filter.to_string(),
                    _ => format!("{filter}, {channel}"),
                })
            })
            .collect();
        let shape = (count * channels, 1, height, width);
        let filters = filters
            .into_shape_with_order(shape)
            .map_err(|_| Error::shape("filters", "one image for each channel", &[count]))?;
        let grid = ImageGrid::new(filters).captions(&names);
        let grid = grid.value_label("weight");
        Ok(if channels == 1 {
            grid
        } else {
            grid.columns(channels)
        })
    }
}
