//! The `message` target for libFuzzer.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| anthropic_fuzz::whole_message(data));
