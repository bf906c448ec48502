//! The kernelspec.

use serde_json::Value;
use std::process::Command;

#[test]
fn the_kernelspec_names_this_program() {
    let folder = tempfile::tempdir().unwrap();
    let done = Command::new(env!("CARGO_BIN_EXE_genolens"))
        .arg("install")
        .env("JUPYTER_DATA_DIR", folder.path())
        .output()
        .unwrap();
    assert!(done.status.success(), "{done:?}");
    let kernel = folder.path().join("kernels/genolens");
    let spec = std::fs::read(kernel.join("kernel.json")).unwrap();
    let spec: Value = serde_json::from_slice(&spec).unwrap();
    assert_eq!(spec["display_name"], "Rust (genolens)");
    assert_eq!(spec["language"], "rust");
    assert_eq!(spec["interrupt_mode"], "message");
    assert_eq!(spec["kernel_protocol_version"], "5.5");
    let program = spec["argv"][0].as_str().unwrap();
    assert!(std::path::Path::new(program).is_absolute());
    assert_eq!(spec["argv"][3], "{connection_file}");
    assert!(kernel.join("logo-svg.svg").is_file());
    // What JupyterLab's server asks of an extension that is built already.
    let extension = folder.path().join("labextensions/genolens");
    let about = std::fs::read(extension.join("package.json")).unwrap();
    let about: Value = serde_json::from_slice(&about).unwrap();
    assert_eq!(about["name"], "genolens");
    let build = &about["jupyterlab"]["_build"];
    assert_eq!(build["extension"], "./extension");
    let script = build["load"].as_str().unwrap();
    let script = std::fs::read_to_string(extension.join(script)).unwrap();
    assert!(script.contains("labs.genolens = "));
}

#[test]
fn kernels_get_the_features_of_their_installation() {
    let folder = tempfile::tempdir().unwrap();
    let installed = |features: &str| {
        let done = Command::new(env!("CARGO_BIN_EXE_genolens"))
            .arg("install")
            .env("JUPYTER_DATA_DIR", folder.path())
            .env("GENOLENS_FEATURES", features)
            .output()
            .unwrap();
        assert!(done.status.success(), "{done:?}");
        let spec = std::fs::read(folder.path().join("kernels/genolens/kernel.json")).unwrap();
        let spec: Value = serde_json::from_slice(&spec).unwrap();
        spec["env"]["GENOLENS_FEATURES"].clone()
    };
    assert_eq!(installed("cuda"), "cuda");
    assert_eq!(installed(""), Value::Null);
}

#[test]
fn a_prefix_holds_the_kernelspec_and_two_places_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let install = |more: &[&str]| {
        Command::new(env!("CARGO_BIN_EXE_genolens"))
            .arg("install")
            .arg("--prefix")
            .arg(folder.path())
            .args(more)
            .output()
            .unwrap()
    };
    assert!(install(&[]).status.success());
    assert!(
        folder
            .path()
            .join("share/jupyter/kernels/genolens/kernel.json")
            .is_file()
    );
    assert_eq!(install(&["--user"]).status.code(), Some(2));
}

#[test]
fn papermill_of_the_prefix_gets_its_module() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().unwrap();
    let prefix = folder.path();
    let install = || {
        Command::new(env!("CARGO_BIN_EXE_genolens"))
            .args(["install", "--papermill", "--prefix"])
            .arg(prefix)
            .output()
            .unwrap()
    };
    let done = install();
    assert_eq!(done.status.code(), Some(1));
    let complaint = String::from_utf8(done.stderr).unwrap();
    assert!(
        complaint.contains("bin/python to find its packages"),
        "{complaint}"
    );
    let python = prefix.join("bin/python");
    std::fs::create_dir(prefix.join("bin")).unwrap();
    let packages = prefix.join("packages");
    std::fs::write(&python, format!("#!/bin/sh\necho {}\n", packages.display())).unwrap();
    std::fs::set_permissions(&python, std::fs::Permissions::from_mode(0o755)).unwrap();
    let earlier = packages.join("genolens_papermill-0.0.1.dist-info");
    std::fs::create_dir_all(&earlier).unwrap();
    assert!(install().status.success());
    assert!(!earlier.exists());
    assert!(packages.join("genolens_papermill.py").is_file());
    let about = packages.join(format!(
        "genolens_papermill-{}.dist-info",
        env!("CARGO_PKG_VERSION")
    ));
    let record = std::fs::read_to_string(about.join("RECORD")).unwrap();
    for file in record.lines() {
        let file = file.split(',').next().unwrap();
        assert!(packages.join(file).is_file(), "{file}");
    }
}

#[test]
fn lab_names_a_notebook_that_is_not_there() {
    let done = Command::new(env!("CARGO_BIN_EXE_genolens"))
        .args(["lab", "nowhere.ipynb"])
        .output()
        .unwrap();
    assert_eq!(done.status.code(), Some(1));
    assert_eq!(
        String::from_utf8(done.stderr).unwrap(),
        "error: no notebook at nowhere.ipynb\n"
    );
}
