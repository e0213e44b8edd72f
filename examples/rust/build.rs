//! Asks pkg-config where libgan is.

use std::process::Command;

fn pkg_config(question: &str) -> String {
    let output = Command::new("pkg-config")
        .args([question, "gan"])
        .output()
        .expect("pkg-config is needed to find libgan");
    if !output.status.success() {
        panic!("pkg-config does not know libgan: {}", String::from_utf8_lossy(&output.stderr));
    }
    String::from_utf8(output.stdout).expect("pkg-config speaks UTF-8")
}

fn main() {
    println!("cargo:rerun-if-env-changed=PKG_CONFIG_PATH");
    for word in pkg_config("--libs").split_whitespace() {
        if let Some(folder) = word.strip_prefix("-L") {
            println!("cargo:rustc-link-search=native={folder}");
        } else if let Some(library) = word.strip_prefix("-l") {
            println!("cargo:rustc-link-lib={library}");
        }
    }
    // The programs find the library where it was when they were built.
    println!("cargo:rustc-link-arg=-Wl,-rpath,{}", pkg_config("--variable=libdir").trim());
}
