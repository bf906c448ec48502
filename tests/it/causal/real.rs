//! The published data sets.

use crate::data::file;
use genolens::causal::{Columns, Instruments, read_table};
use genolens::ndarray::Array2;

/// The 28 lipid variants: LDL cholesterol on coronary heart disease.
pub(crate) fn lipids() -> Option<Instruments> {
    let columns = Columns::new()
        .id("snp")
        .exposure("ldlc", "ldlcse")
        .outcome("chdlodds", "chdloddsse")
        .alleles("lipid_effect", "lipid_other")
        .frequency("lipid_eaf");
    Some(Instruments::open(file("mr/lipids_chd_28.csv")?, &columns).unwrap())
}

/// The same with effects on LDL and HDL cholesterol and triglycerides.
pub(crate) fn three() -> Option<Instruments> {
    let columns = Columns::new()
        .exposure("ldlc", "ldlcse")
        .exposure("hdlc", "hdlcse")
        .exposure("trig", "trigse")
        .outcome("chdlodds", "chdloddsse");
    Some(Instruments::open(file("mr/lipids_chd_28.csv")?, &columns).unwrap())
}

/// The six variants of calcium on fasting glucose, which are correlated.
pub(crate) fn calcium() -> Option<Instruments> {
    let columns = Columns::new()
        .exposure("calcium", "calciumse")
        .outcome("fastgluc", "fastglucse");
    let instruments = Instruments::open(file("mr/calcium_fastgluc_6.csv")?, &columns).unwrap();
    let text = std::fs::read_to_string(file("mr/calcium_rho_6x6.csv")?).unwrap();
    let numbers: Vec<f64> = text
        .lines()
        .flat_map(|line| line.split(','))
        .map(|cell| cell.parse().unwrap())
        .collect();
    let rho = Array2::from_shape_vec((6, 6), numbers).unwrap();
    Some(instruments.with_correlation(&rho).unwrap())
}

#[test]
fn a_table_is_read_with_its_texts_and_numbers() {
    let Some(path) = file("mr/lipids_chd_28.csv") else {
        return;
    };
    let table = read_table(path).unwrap();
    assert_eq!(table.shape(), (28, 12));
    let lipids = lipids().unwrap();
    assert_eq!(lipids.ids()[27], "snp_28");
    assert_eq!(lipids.exposures(), ["ldlc"]);
    assert_eq!(lipids.table().unwrap().width(), 8);
}
