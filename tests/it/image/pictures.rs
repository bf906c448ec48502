//! Images as pictures.

use genolens::display::{self, ColorMap};
use genolens::ndarray::{Array2, Array3, Array4};
use genolens::network::Architecture;
use genolens::{Input, simulate};

#[test]
fn images_are_described() {
    let digits = simulate::digits(130, 2).unwrap();
    let said = digits.picture().description();
    assert!(
        said.starts_with("130 images of 28 x 28 pixels, values 0"),
        "{said}"
    );
    assert!(said.ends_with("; the first 100 are drawn."), "{said}");
    let apart = &digits.head(4).values().mapv(|ink| ink - 0.5);
    let marks = apart.mapv(|ink| if ink > 0.4 { 1.0 } else { 0.0 });
    let picture = display::images(apart).unwrap().value_label("contrast");
    let picture = picture.marked(&marks).unwrap().title("Four digits");
    let said = picture.description();
    assert!(
        said.starts_with("Four digits: 4 images of 28 x 28 pixels, contrast, values "),
        "{said}"
    );
    assert!(said.ends_with(" pixels are marked."), "{said}");
    assert!(picture.svg().contains("contrast"));
    let mut holes = Array4::<f32>::zeros((1, 3, 2, 2));
    holes[[0, 1, 0, 0]] = f32::NAN;
    let said = display::images(&holes).unwrap().description();
    assert!(
        said.starts_with("1 image of 2 x 2 pixels in colour, "),
        "{said}"
    );
    assert!(
        said.ends_with("; 1 pixels are not finite and grey."),
        "{said}"
    );
    let heatmap = digits.heatmap(3).unwrap();
    assert!(heatmap.description().starts_with("image 3, label "));
    insta::assert_snapshot!(digits.heatmap(130).unwrap_err(), @"`index` is 130, expected below 130, the number of images");
}

#[test]
fn every_image_is_one_raster() {
    let digits = simulate::digits(23, 2).unwrap();
    let svg = digits.picture().columns(7).svg();
    assert_eq!(svg.matches("<image").count(), 23);
    // Captions are the labels.
    for label in digits.labels() {
        assert!(svg.contains(&format!(">{label}</text>")));
    }
    assert_eq!(digits.picture().most(5).svg().matches("<image").count(), 5);
    let network = Architecture::images(1, 9, 9)
        .image_convolution(6, 3)
        .image_convolution(2, 2);
    let network = network.build().unwrap();
    let filters = network.image_filter_grid().unwrap();
    // The bar of colours is one more.
    assert_eq!(filters.svg().matches("<image").count(), 7);
    assert!(filters.svg().contains("weight"));
}

#[test]
fn anything_is_drawn_or_refused() {
    let shapes: [&dyn Input; 4] = [
        &Array2::<f32>::zeros((5, 4)),
        &Array3::<f32>::zeros((2, 5, 4)),
        &Array4::<f32>::from_elem((2, 1, 5, 4), f32::NAN),
        &Array4::<f32>::zeros((0, 1, 5, 4)),
    ];
    for x in shapes {
        let picture = display::images(x).unwrap();
        assert!(picture.png().unwrap().starts_with(b"\x89PNG"));
        assert!(
            picture
                .colors(ColorMap::Diverging)
                .size(90.0, 50.0)
                .png()
                .is_ok()
        );
    }
    let problem = |x: &dyn Input| display::images(x).unwrap_err().to_string();
    insta::assert_snapshot!(problem(&Array4::<f32>::zeros((2, 2, 5, 4))), @"`values` has shape (2, 2, 5, 4), expected (n, 1, height, width), (n, 3, height, width), (n, height, width) or (height, width) with at least 1 pixel");
    insta::assert_snapshot!(problem(&Array3::<f32>::zeros((2, 0, 4))), @"`values` has shape (2, 0, 4), expected (n, 1, height, width), (n, 3, height, width), (n, height, width) or (height, width) with at least 1 pixel");
    let picture = display::images(&Array4::<f32>::zeros((2, 3, 5, 4))).unwrap();
    insta::assert_snapshot!(picture.marked(&Array4::<f32>::zeros((1, 1, 5, 4))).unwrap_err(), @"`mask` has shape (1, 1, 5, 4), expected (2, 1, 5, 4), as the images");
}
