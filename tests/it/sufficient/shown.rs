//! What subsets look like in a notebook.

use genolens::display::Show;
use genolens::ndarray::{Array4, ArrayView2, array};
use genolens::network;
use genolens::sequence::Sequences;
use genolens::sufficient::{self, SufficientSubsets};

fn is_shown(_: &impl Show) {}

#[test]
fn letters_of_subsets_stand_out() {
    let x = Sequences::dna(["ACGTTGCATGCCGATTAGCA", "CCGGTTAACCGGATTACAGA"]).unwrap();
    let model = network::deepbind(8);
    let scores = network::predict(&model, &x).unwrap();
    let lowest = f64::from(scores[[0, 0]].min(scores[[1, 0]]));
    let found = sufficient::subsets(&model, &x, lowest).unwrap();
    is_shown(&found);
    let kept: usize = found.of(0).unwrap().sizes().sum();
    let logo = found.logo(0);
    let told = logo.description();
    if kept < 20 {
        assert!(
            told.contains(&format!("{} positions are grey", 20 - kept)),
            "{told}"
        );
    }
    assert!(logo.svg().contains("seq1, score"));
    assert!(found.logos().svg().contains("seq2, score"));
    assert!(found.logo(7).description().contains("no data"));
    let curve = found.get(0).unwrap().selection().curve();
    assert!(curve.svg().contains("masked features"));
    let table = found.table().unwrap();
    assert_eq!(table.height(), found.len());
    assert!(table.column("letters").is_ok());
}

#[test]
fn pixels_of_subsets_are_lit() {
    // Two bright corners of which either is enough.
    let corners = |x: ArrayView2<f32>| -> Vec<f64> {
        let one = |row: &[f32]| f64::from((row[0] + row[1]).max(row[14] + row[15]));
        x.rows().into_iter().map(|row| one(&row.to_vec())).collect()
    };
    let mut x = Array4::from_elem((1, 1, 4, 4), 0.2_f32);
    for (row, column) in [(0, 0), (0, 1), (3, 2), (3, 3)] {
        x[[0, 0, row, column]] = 1.0;
    }
    let found = SufficientSubsets::new(1.5).rows(&corners, &x).unwrap();
    assert_eq!(found.len(), 2);
    let masks = found.masks();
    assert_eq!(masks.shape(), [2, 4, 4]);
    assert_eq!(masks.iter().filter(|&&is| is).count(), 4);
    let pixels: Vec<usize> = found.get(1).unwrap().places().to_vec();
    assert!(pixels == [0, 1] || pixels == [14, 15]);
    assert!(found.image(0).description().contains("14"));
    let svg = found.images(0).svg();
    assert!(svg.contains("subset 2: 2 pixels"));
    insta::assert_snapshot!(found.layout(), @"4 x 4 pixels");
    let columns = SufficientSubsets::new(3.0).rows(
        &|x: ArrayView2<f32>| -> Vec<f64> {
            x.rows()
                .into_iter()
                .map(|row| f64::from(row.sum()))
                .collect()
        },
        &array![[1.0_f32, 3.0, 3.0]],
    );
    let columns = columns.unwrap();
    is_shown(&columns);
    assert!(columns.strings().is_err());
    assert!(columns.logo(0).description().contains("no data"));
}
