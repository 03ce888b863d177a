//! The `partial_json` target for libFuzzer.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| anthropic_fuzz::partial_json(data));
