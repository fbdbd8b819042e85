//! The `obelus` program.

use std::process::ExitCode;

fn main() -> ExitCode {
    obelus::cli::run()
}
