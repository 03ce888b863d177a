//! The errors of batch rows.

use anthropic_types::{
    ErrorResponse, ErrorType, MessageBatchIndividualResponse, MessageBatchResult, from_slice,
};

fn row(error: &str) -> ErrorResponse {
    let json = format!(
        r#"{{"custom_id":"a","result":{{"type":"errored","error":{{"type":"error","request_id":"req_1","error":{error}}}}}}}"#
    );
    let row: MessageBatchIndividualResponse = from_slice(json.as_bytes()).unwrap();
    match row.result {
        MessageBatchResult::Errored(result) => result.error,
        other => panic!("{other:?}"),
    }
}

#[test]
fn the_error_of_a_row_has_a_kind_and_a_message_and_is_one_line() {
    for (error, kind, message, line) in [
        (
            r#"{"type":"invalid_request_error","message":"model: no such model"}"#,
            ErrorType::InvalidRequestError,
            "model: no such model",
            "invalid_request_error: model: no such model [request req_1]",
        ),
        (
            r#"{"type":"quota_error","message":"a\nb \u001b[31m"}"#,
            ErrorType::from("quota_error"),
            "a\nb \u{1b}[31m",
            "quota_error: a b \\u{1b}[31m [request req_1]",
        ),
        (
            r#"{"type":"api_error","message":"Größe 水 \u202e\u0085"}"#,
            ErrorType::ApiError,
            "Größe 水 \u{202e}\u{85}",
            "api_error: Größe 水 \\u{202e} [request req_1]",
        ),
        (
            r#"{"type":"api_error"}"#,
            ErrorType::ApiError,
            "",
            "api_error [request req_1]",
        ),
    ] {
        let row = row(error);
        assert_eq!(row.kind(), kind, "{error}");
        assert_eq!(row.message(), message, "{error}");
        assert_eq!(row.to_string(), line, "{error}");
    }
}
