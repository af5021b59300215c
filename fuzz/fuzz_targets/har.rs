#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| wsflow_fuzz::har::run(data));
