//! Asks pkg-config where libmigstream is. PKG_CONFIG_PATH leads to one that is not installed system-wide.

use std::process::Command;

fn pkg_config(question: &[&str]) -> String {
    let program = std::env::var("PKG_CONFIG").unwrap_or_else(|_| "pkg-config".into());
    let answer = Command::new(&program)
        .args(question)
        .arg("migstream >= 0.1")
        .output()
        .unwrap_or_else(|error| panic!("{program}: {error}"));
    let said = String::from_utf8_lossy(&answer.stderr);
    assert!(answer.status.success(), "no libmigstream: {said}");
    String::from_utf8(answer.stdout).expect("paths are UTF-8").trim().to_owned()
}

fn main() {
    for variable in ["PKG_CONFIG", "PKG_CONFIG_PATH"] {
        println!("cargo:rerun-if-env-changed={variable}");
    }
    for word in pkg_config(&["--libs"]).split_whitespace() {
        if let Some(folder) = word.strip_prefix("-L") {
            println!("cargo:rustc-link-search=native={folder}");
        } else if let Some(library) = word.strip_prefix("-l") {
            println!("cargo:rustc-link-lib={library}");
        }
    }
    // For tests/abi.rs, and as DEP_MIGSTREAM_INCLUDE for build scripts of those that depend on this.
    let include = pkg_config(&["--variable=includedir"]);
    println!("cargo:rustc-env=MIGSTREAM_INCLUDE={include}");
    println!("cargo:include={include}");
}
