//! The tests: each is an async function, which JavaScript runs by its name.

mod clock;
mod errors;
mod messages;
mod page;
mod speed;
mod streams;
mod support;
mod tools;
mod transcripts;
mod uploads;
mod watched;
mod webhooks;

use std::future::Future;
use std::pin::Pin;

use wasm_bindgen::prelude::wasm_bindgen;
// What it exports is in this module, too.
use worker as _;

use support::Place;

type Outcome = Result<(), support::Failed>;
type Test = fn(Place) -> Pin<Box<dyn Future<Output = Outcome>>>;

macro_rules! tests {
    ($($module:ident: $($name:ident)*;)*) => {
        &[$($((
            concat!(stringify!($module), "::", stringify!($name)),
            |place| Box::pin($module::$name(place)),
        )),*),*]
    };
}

const TESTS: &[(&str, Test)] = tests! {
    clock: sleeps_as_long_as_asked a_long_sleep_is_not_over_at_once a_dropped_sleep_clears_its_timer
        random_numbers_differ random_numbers_are_the_platforms boundaries_are_the_platforms;
    errors: a_refusal_is_typed a_rate_limit_is_waited_for a_closed_port_is_named
        redirects_take_no_key_along a_redirect_is_followed_outside_of_browsers
        a_long_limit_does_not_fire_at_once late_headers_time_out
        the_total_limit_ends_a_request;
    messages: a_message_with_its_ids_and_limits models_in_pages rows_of_a_batch
        a_compressed_response a_length_before_decoding_is_not_the_bodys a_dropped_request_is_aborted two_clients_at_once
        credentials_from_a_promise a_middleware_that_awaits_a_promise;
    page: a_credential_is_refused_in_a_page_only the_header_goes_with_the_permission
        neither_cookies_nor_the_pages_address_go_along nothing_is_kept_of_a_request;
    streams: a_stream_and_its_message input_as_it_grows byte_by_byte a_cut_stream
        a_reset_stream a_stream_that_breaks_later a_stalled_stream a_stream_of_pings a_dropped_stream_is_aborted
        a_slow_reader_slows_the_server;
    tools: a_run_calls_its_tool calls_of_one_message_run_at_once a_slow_tool_times_out
        a_dropped_run_drops_its_tool;
    transcripts: every_transcript_is_the_message_it_says;
    uploads: a_file_with_its_name_and_type a_blob_of_many_pieces a_stream_is_sent
        a_source_that_fails;
    webhooks: a_delivery_is_verified_by_the_time;
};

/// The names of the tests.
#[wasm_bindgen]
pub fn names() -> Vec<String> {
    TESTS.iter().map(|(name, _)| (*name).to_owned()).collect()
}

/// Runs a test against a simulator and the server beside it, `helper`; what it fails with is
/// thrown.
#[wasm_bindgen]
pub async fn run(name: String, simulator: String, helper: String) -> Result<(), String> {
    let Some((_, test)) = TESTS.iter().find(|(known, _)| *known == name) else {
        return Err(format!("there is no test {name}"));
    };
    let place = Place { simulator, helper };
    test(place).await.map_err(|failed| failed.to_string())
}

/// Reads a stream of this many deltas at a base URL, and returns how many came.
#[wasm_bindgen]
pub async fn read(base_url: String, deltas: u32) -> Result<u32, String> {
    speed::read(&base_url, deltas)
        .await
        .map_err(|failed| failed.to_string())
}

/// The kind of a request's error, and its line; `none` if there is none.
#[wasm_bindgen]
pub async fn failure(base_url: String) -> Vec<String> {
    errors::of_a_request(&base_url).await
}

/// Panics.
#[wasm_bindgen]
pub async fn panics() {
    panic!("as the test wants");
}
