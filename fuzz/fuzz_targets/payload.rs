#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| wsflow_fuzz::payload::run(data));
