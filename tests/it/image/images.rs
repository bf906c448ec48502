//! Images and their labels.

use genolens::Input;
use genolens::image::Images;
use genolens::ndarray::{Array1, Array4, array};

fn three() -> Images {
    let values = Array4::from_shape_fn((3, 1, 2, 2), |(i, _, y, x)| (4 * i + 2 * y + x) as f32);
    Images::new(values, array![7.0, 1.0, 7.0]).unwrap()
}

#[test]
fn images_are_chosen_with_their_labels() {
    let images = three();
    assert_eq!((images.len(), images.is_empty()), (3, false));
    assert_eq!(images.classes().to_vec(), [1, 7]);
    let again = images.select(&[2, 1, 2]).unwrap();
    assert_eq!(again.labels().to_vec(), [7.0, 1.0, 7.0]);
    assert_eq!(again.values()[[0, 0, 1, 1]], 11.0);
    assert_eq!(images.get(1).unwrap(), images.skip(1).head(1));
    assert_eq!(images.of_class(7), images.select(&[0, 2]).unwrap());
    assert!(images.of_class(3).is_empty());
    assert_eq!(images.head(9), images);
    assert!(images.skip(9).is_empty());
    assert_eq!(images.array().unwrap().shape(), [3, 1, 2, 2]);
}

#[test]
fn a_table_tells_what_there_is() {
    let table = three().table().unwrap();
    assert_eq!(table.shape(), (3, 4));
    let label = table.column("label").unwrap().i64().unwrap();
    assert_eq!(label.into_no_null_iter().collect::<Vec<_>>(), [7, 1, 7]);
    let mean = table.column("mean").unwrap().f64().unwrap();
    assert_eq!(
        mean.into_no_null_iter().collect::<Vec<_>>(),
        [1.5, 5.5, 9.5]
    );
    insta::assert_snapshot!(format!("{:?}", three()), @"Images(n = 3, 1 x 2 x 2, classes = 2)");
}

#[test]
fn what_makes_no_images_is_named() {
    let problem = |values: Array4<f32>, labels: Array1<f32>| {
        Images::new(values, labels).unwrap_err().to_string()
    };
    let values = Array4::zeros((2, 1, 3, 3));
    insta::assert_snapshot!(problem(values.clone(), array![1.0]), @"`labels` has shape (1), expected (2,), one for each image");
    insta::assert_snapshot!(problem(values.clone(), array![1.0, 0.5]), @"`labels` is 0.5, expected class numbers from 0");
    insta::assert_snapshot!(problem(values.clone(), array![1.0, -1.0]), @"`labels` is -1, expected class numbers from 0");
    insta::assert_snapshot!(problem(values, array![1.0, f32::NAN]), @"`labels` is NaN, expected class numbers from 0");
    insta::assert_snapshot!(problem(Array4::zeros((2, 1, 3, 0)), array![0.0, 0.0]), @"`values` has shape (2, 1, 3, 0), expected (n, channels, height, width) with at least 1 pixel");
    insta::assert_snapshot!(three().get(3).unwrap_err(), @"`index` is 3, expected below 3, the number of images");
    insta::assert_snapshot!(three().select(&[0, 8]).unwrap_err(), @"`indices` is 8, expected below 3, the number of images");
}
