//! The `event_stream` target for libFuzzer.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| anthropic_fuzz::event_stream::event_stream(data));
