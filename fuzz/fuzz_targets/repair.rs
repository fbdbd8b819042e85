#![no_main]

#[path = "../../tests/law/mod.rs"]
#[allow(dead_code, reason = "each target asks one law")]
mod law;

libfuzzer_sys::fuzz_target!(|data: &[u8]| law::repair::repairs(data));
