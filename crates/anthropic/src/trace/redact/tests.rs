use std::fmt::Write;

use serde_json::{Value, json};

use super::*;

#[track_caller]
pub(super) fn check(text: &str, shown: &str) {
    let mut once = String::new();
    for pieces in [false, true] {
        let mut redactor = Redactor::default();
        let mut out = Vec::new();
        let size = if pieces { 1 } else { text.len().max(1) };
        for piece in text.as_bytes().chunks(size) {
            redactor.feed(piece, &mut out);
        }
        redactor.pause(&mut out);
        once = string(out);
        assert_eq!(once, shown, "{text}");
    }
    // What was logged may be logged again.
    assert_eq!(hidden(&once), shown, "{text}, twice");
}

#[test]
fn values_of_credentials_are_hidden() {
    for (text, shown) in [
        (r#"{"a":1}"#, r#"{"a":1}"#),
        (
            r#"{"token":"x\"y","b":"c"}"#,
            r#"{"token":"[hidden]","b":"c"}"#,
        ),
        (
            r#"{"token":"x","secret":"y\\"}"#,
            r#"{"token":"[hidden]","secret":"[hidden]"}"#,
        ),
        (
            r#"{"mcp_servers":[{"authorization_token" : "t", "name":"u"}]}"#,
            r#"{"mcp_servers":[{"authorization_token" : "[hidden]", "name":"u"}]}"#,
        ),
        (
            r#"{"max_tokens":5,"input_tokens":"7"}"#,
            r#"{"max_tokens":5,"input_tokens":"7"}"#,
        ),
        (r#"{"x":"token","y":"z"}"#, r#"{"x":"token","y":"z"}"#),
        (r#"é "token":"é" é"#, r#"é "token":"[hidden]" é"#),
        ("", ""),
    ] {
        check(text, shown);
    }
}

#[test]
fn keys_are_compared_by_their_letters() {
    for key in [
        "x-api-key",
        "apiKey",
        "API_KEY",
        "api key",
        "ApiKeyValue",
        "Authorization",
        "proxy-authorization",
        "aws_secret_access_key",
        "AccessKeyId",
        "access-token",
        "refreshToken",
        "credential",
        "credentials",
        "clientSecret",
        "passphrase",
        "db_password",
        "PASSWD",
        "bearer",
        "Set-Cookie",
        "private-key",
        "signing_key",
        "client_assertion",
        "environment_key",
        "secret_value",
        "tokenValue",
        "tokens",
        "auth.token",
        r"\u0061pi_key",
        r"api\u005fkey",
        r"to\u006Ben",
        r#"a\"token"#,
    ] {
        let text = format!(r#"{{"a":"b","{key}":"canary","c":"d"}}"#);
        let shown = format!(r#"{{"a":"b","{key}":"[hidden]","c":"d"}}"#);
        check(&text, &shown);
    }
    let long = "x".repeat(10_000);
    check(
        &format!(r#"{{"{long}token":"canary"}}"#),
        &format!(r#"{{"{long}token":"[hidden]"}}"#),
    );
    for key in ["token_count", "monkey", "key", "keys", "cook", "auth"] {
        let text = format!(r#"{{"{key}":"shown"}}"#);
        check(&text, &text);
    }
}

#[test]
fn values_of_every_type_are_hidden() {
    for value in [
        "5",
        "-1.5e3",
        "true",
        "nullable",
        "nul",
        r#""""#,
        r#""a b \" c""#,
        "[]",
        r#"["a", ["b"]]"#,
        r#"{"a":"}","b":{"c":"]"}}"#,
        r#"{"a":"\\","b":"\"}"}"#,
        "\n  {\n \"a\": 1\n}",
        "Bearer canary",
    ] {
        let blank = value.len() - value.trim_start().len();
        let (blank, value) = value.split_at(blank);
        for behind in ["}", r#","b":"c"}"#, "]"] {
            let text = format!(r#"{{"secret":{blank}{value}{behind}"#);
            let shown = format!(r#"{{"secret":{blank}"[hidden]"{behind}"#);
            check(&text, &shown);
        }
    }
    for shown in [
        r#"{"secret":null}"#,
        r#"{"secret": null ,"a":1}"#,
        r#"{"my_tokens":5,"tokens" : 17}"#,
        r#"{"secret":}"#,
    ] {
        check(shown, shown);
    }
    check(
        r#"{"tokens":["a"],"my_tokens":"b"}"#,
        r#"{"tokens":"[hidden]","my_tokens":"[hidden]"}"#,
    );
}

#[test]
fn a_text_may_begin_and_end_anywhere() {
    for (text, shown) in [
        (
            r#"data: {"client_secret":"cut"#,
            r#"data: {"client_secret":"[hidden]"#,
        ),
        (r#"{"password":"#, r#"{"password":"#),
        (r#"{"password"#, r#"{"password"#),
        (r#"{"password": "x\"#, r#"{"password": "[hidden]"#),
        (r#"{"password": {"a":["b"#, r#"{"password": "[hidden]""#),
        (r#"{"password": nul"#, r#"{"password": nul"#),
        // Within a string, whose quotes come in another order.
        (
            r#"begun","token":"x","a":"b""#,
            r#"begun","token":"[hidden]","a":"b""#,
        ),
        (
            r#"5" wide {"token":"x"}"#,
            r#"5" wide {"token":"[hidden]"}"#,
        ),
        (r#"token":"x","a":1"#, r#"token":"[hidden]","a":1"#),
        (
            r#"begun\", \"token\": 5"#,
            r#"begun\", \"token\": \"[hidden]\""#,
        ),
    ] {
        check(text, shown);
    }
}

#[test]
fn json_within_strings_is_read() {
    let inner = json!({
        "api_key": "canary \" \\ canary",
        "max_tokens": 5,
        "list": [{"secret": ["canary", {"a": "canary}"}], "b": "c"}],
        "password": 1234,
        "headers": {"x-mine": "canary", "accept": "shown"},
        "url": "https://canary:canary@h/x?q=canary",
        "end\\": "shown",
    });
    let hidden_inner = json!({
        "api_key": "[hidden]",
        "max_tokens": 5,
        "list": [{"secret": "[hidden]", "b": "c"}],
        "password": "[hidden]",
        "headers": {"x-mine": "[hidden]", "accept": "shown"},
        "url": "https://[hidden]@h/x?q=[hidden]",
        "end\\": "shown",
    });
    for pretty in [false, true] {
        let write = |value: &Value| {
            if pretty {
                serde_json::to_string_pretty(value).unwrap()
            } else {
                value.to_string()
            }
        };
        let (mut text, mut shown) = (write(&inner), write(&hidden_inner));
        for _ in 0..5 {
            check(&text, &shown);
            text = write(&json!({"input": text, "token": "canary", "z": "{\""}));
            shown = write(&json!({"input": shown, "token": "[hidden]", "z": "{\""}));
        }
    }
    // A secret that is JSON itself, and one whose end is that of the string around it.
    check(
        r#"{"secret":"{\"a\":\"b\"}","c":"{\"token\":\"cut","d":"e"}"#,
        r#"{"secret":"[hidden]","c":"{\"token\":\"[hidden]","d":"e"}"#,
    );
    check(
        r#"{"c":"{\"token\":5","d":"{\"token\":[\"x","e":"{\"token\":nu"}"#,
        r#"{"c":"{\"token\":\"[hidden]\"","d":"{\"token\":\"[hidden]\"","e":"{\"token\":\"[hidden]\""}"#,
    );
    check(
        r#"{"a":"{\u0022token\u0022:\u0022canary\u0022}","b":"c"}"#,
        r#"{"a":"{\u0022token\u0022:\u0022[hidden]\"}","b":"c"}"#,
    );
}

#[test]
fn of_headers_the_public_ones_are_shown() {
    for key in ["headers", "Headers", "http_headers", "extraHeaders"] {
        let text = json!({"a": {key: {
            "Authorization": "Bearer canary", "X-Custom": "canary", "content-type": "shown",
            "Anthropic-Beta": ["shown", "shown}"], "x-list": ["canary"], "x-none": null,
            "anthropic-ratelimit-requests-limit": 5, "date": "a{[\"b",
        }, "X-Custom": "shown"}});
        let shown = json!({"a": {key: {
            "Authorization": "[hidden]", "X-Custom": "[hidden]", "content-type": "shown",
            "Anthropic-Beta": ["shown", "shown}"], "x-list": "[hidden]", "x-none": null,
            "anthropic-ratelimit-requests-limit": 5, "date": "a{[\"b",
        }, "X-Custom": "shown"}});
        check(&text.to_string(), &shown.to_string());
    }
    for (text, shown) in [
        (r#"{"headers":"A: canary"}"#, r#"{"headers":"[hidden]"}"#),
        (
            r#"{"headers":[["a","canary"]]}"#,
            r#"{"headers":"[hidden]"}"#,
        ),
        (r#"{"headers":null,"x":1}"#, r#"{"headers":null,"x":1}"#),
        (r#"{"headers":{},"x":1}"#, r#"{"headers":{},"x":1}"#),
        (
            r#"{"a":"{\"headers\":{\"x\":\"canary","y":"z"}"#,
            r#"{"a":"{\"headers\":{\"x\":\"[hidden]","y":"z"}"#,
        ),
        (r#"{"header_names":["x-a"]}"#, r#"{"header_names":["x-a"]}"#),
    ] {
        check(text, shown);
    }
}

#[test]
fn urls_have_no_users_and_no_values() {
    for (text, shown) in [
        (
            r#""url":"https://user:pw@mcp.example/a?token=x&limit=5""#,
            r#""url":"https://[hidden]@mcp.example/a?token=[hidden]&limit=5""#,
        ),
        (
            r"see https://h:8080/a?q=x, and http://tok@h.",
            r"see https://h:8080/a?q=[hidden] and http://[hidden]@h.",
        ),
        ("https://h/a?b", "https://h/a?b"),
        ("https://h/a?c2VjcmV0", "https://h/a?[hidden]"),
        ("https://h/a?c2VjcmV0==&x=", "https://h/a?[hidden]==&x="),
        ("https://u:p@w@h/a", "https://[hidden]@h/a"),
        ("https://u:p/w?x#y@h/a", "https://[hidden]@h/a"),
        ("https://u:p/w h", "https://[hidden] h"),
        ("https://[::1]:80/a@b", "https://[::1]:80/a@b"),
        ("postgres://u:p@h/d", "postgres://[hidden]@h/d"),
        (
            r"https:\/\/u:p@h\/a?b=c",
            r"https:\/\/[hidden]@h\/a?b=[hidden]",
        ),
        (
            r#""https://h?limit=1\u0026token=x","a""#,
            r#""https://h?limit=1[hidden]","a""#,
        ),
        ("https://h?limit=1;token=x", "https://h?limit=1[hidden]"),
        (r#""https://t\u0040h/a""#, r#""https://[hidden]""#),
        (
            r#"\"https://h/?a=b\", \"c\": \"https://u@h\""#,
            r#"\"https://h/?a=[hidden]\", \"c\": \"https://[hidden]@h\""#,
        ),
        (
            r"https://h/?a=b\nnext?c=d",
            r"https://h/?a=[hidden]\nnext?c=d",
        ),
        ("<https://h/?a=b>", "<https://h/?a=[hidden]>"),
        (
            "https://p/https://u:p@h/?a=b",
            "https://p/https://[hidden]@h/?a=[hidden]",
        ),
        (
            "https://h/#access_token=x&limit=1",
            "https://h/#access_token=[hidden]&limit=1",
        ),
        ("https://h/#part-2", "https://h/#part-2"),
        ("what? a=b://", "what? a=b://"),
        (r#"{"a"://x:y@z"}"#, r#"{"a"://x:y@z"}"#),
    ] {
        check(text, shown);
    }
}

#[test]
fn a_query_shows_its_keys() {
    let url = |text: &str| redacted_url(&text.parse().unwrap(), &Secrets::default());
    for (text, shown) in [
        (
            "https://h/v1/x?limit=5&q=canary&flag",
            "https://h/v1/x?limit=5&q=[hidden]&flag",
        ),
        ("https://h/v1/x", "https://h/v1/x"),
        ("https://u:p@h/x", "https://[hidden]@h/x"),
        ("https://h@h/h?h=h", "https://[hidden]@h/h?h=[hidden]"),
        (
            "/v1/x?page=ab_c%3D%3D&q=x",
            "/v1/x?page=ab_c%3D%3D&q=[hidden]",
        ),
        ("/v1/x?q={a}`&r=c", "/v1/x?q=[hidden]&r=[hidden]"),
    ] {
        assert_eq!(url(text), shown);
    }
}

#[test]
fn lines_of_a_body_go_on_with_those_before() {
    let body = json!({
        "credentials": {"a": ["canary"], "b": "canary"},
        "headers": {"x-mine": "canary", "x-other": {"a": "canary"}},
        "shown": [1, {"token": "canary", "text": "shown"}],
    });
    let text = serde_json::to_string_pretty(&body).unwrap();
    let mut redactor = Redactor::default();
    let lines = text.split_inclusive('\n').map(|line| redactor.line(line));
    let lines: String = lines.collect();
    assert!(!lines.contains("canary"), "{lines}");
    assert_eq!(lines, hidden(&text));
    let shown: Value = serde_json::from_str(&lines).unwrap();
    assert_eq!(shown["credentials"], "[hidden]");
    assert_eq!(shown["headers"]["x-other"], "[hidden]");
    assert_eq!(
        shown["shown"],
        json!([1, {"token": "[hidden]", "text": "shown"}])
    );
    // Of a long line, what is not shown is read.
    let mut redactor = Redactor::default();
    assert_eq!(
        redactor.line(r#"{"a":"b","secret":{"c":"#),
        r#"{"a":"b","secret":"[hidden]""#
    );
    redactor.skip(b"\"d\",\"e\":{\n");
    assert_eq!(redactor.line(r#""f":"canary"}},"g":1}"#), r#","g":1}"#);
}

/// The events of a block whose text comes in these pieces.
pub(super) fn events(kind: &str, key: &str, pieces: &[String]) -> String {
    let mut text = String::new();
    let mut event = |name: &str, data: Value| {
        let _ = write!(text, "event: {name}\ndata: {data}\n\n");
    };
    let block = json!({"type": "content_block_start", "index": 0, "content_block": {}});
    event("content_block_start", block);
    for piece in pieces {
        let delta = json!({"type": kind, key: piece});
        let delta = json!({"type": "content_block_delta", "index": 0, "delta": delta});
        event("content_block_delta", delta);
    }
    let stop = json!({"type": "content_block_stop", "index": 0});
    event("content_block_stop", stop);
    text
}

/// What the pieces add up to.
pub(super) fn joined(events: &str, key: &str) -> String {
    let data = events
        .lines()
        .filter_map(|line| line.strip_prefix("data: "));
    let data = data.map(|data| serde_json::from_str::<Value>(data).unwrap());
    data.filter_map(|data| Some(data["delta"][key].as_str()?.to_owned()))
        .collect()
}

#[test]
fn a_text_in_pieces_is_read_as_one() {
    let input = json!({
        "api_key": "canary", "plain": "shown", "url": "https://user:canary@h/a?q=canary&b=c",
        "list": [{"password": {"a": ["canary"]}}], "tokens": 5, "inner": "{\"secret\":\"canary\"}",
        "end": "shown\\",
    });
    let text = input.to_string();
    for (kind, key) in [
        ("input_json_delta", "partial_json"),
        ("text_delta", "text"),
        ("thinking_delta", "thinking"),
    ] {
        for size in 1..text.len() {
            let pieces: Vec<String> = text
                .as_bytes()
                .chunks(size)
                .map(|piece| String::from_utf8(piece.to_vec()).unwrap())
                .collect();
            let all = events(kind, key, &pieces);
            let all = format!("{all}{all}");
            let mut redactor = Redactor::default();
            let lines = all.split_inclusive('\n').map(|line| redactor.line(line));
            let lines: String = lines.collect();
            assert_eq!(lines, hidden(&all), "at once");
            let joined = joined(&lines, key);
            assert_eq!(joined, hidden(&text).repeat(2), "{size}");
            assert!(lines.ends_with("\"type\":\"content_block_stop\"}\n\n"));
        }
    }
    // A text may end with a host.
    for (pieces, shown) in [
        (["see https://exa", "mple.com"], "see https://example.com"),
        (["https://example.com", ":80/a"], "https://example.com:80/a"),
        (["https://us", "er@h/"], "https://[hidden]@h/"),
        (
            ["https://example.com?li", "mit=5&a=b"],
            "https://example.com?limit=5&a=[hidden]",
        ),
    ] {
        let events = events("text_delta", "text", &pieces.map(str::to_owned));
        assert_eq!(joined(&hidden(&events), "text"), shown);
    }
    // What a block has left open is over with it, and what an event has with the event.
    let open = |text: &str| events("text_delta", "text", &[text.to_owned()]);
    let all = open(r#"{"token": {"#) + &open("shown");
    assert_eq!(
        joined(&hidden(&all), "text"),
        "{\"token\": \"[hidden]\"shown"
    );
    let cut = "data: {\"token\":{\"a\"\n\ndata: {\"b\":\"c\"}\n\n";
    assert_eq!(
        hidden(cut),
        "data: {\"token\":\"[hidden]\"\ndata: {\"b\":\"c\"}\n\n"
    );
}

#[test]
fn a_long_text_takes_as_long_as_it_is() {
    for part in [
        "\"",
        "\\",
        "\\\"",
        "{",
        "[",
        "\"token\":",
        "\"token\":{",
        "\"headers\":{\"a\":{",
        "https://",
        "a:b/",
        "://@",
        "?a=",
        "&",
        "\\u0022",
        "\"a\":",
        "n",
        "null",
        "x",
        "\n",
    ] {
        for before in [
            "",
            "{\"token\":",
            "\"headers\":{",
            "data: {\"text\":\"",
            "https://a:b",
        ] {
            let text = format!("{before}{}", part.repeat(200_000 / part.len()));
            assert!(hidden(&text).len() <= 20 * text.len(), "{part}");
        }
    }
}

#[test]
fn a_word_is_not_cut() {
    for (body, limit, shown) in [
        ("one two", 7, "one two"),
        ("one two", 100, "one two"),
        ("one two", 6, "one "),
        ("one two", 4, "one "),
        ("one two", 3, "one"),
        ("one two", 2, ""),
        ("one two", 0, ""),
        (r#"{"a":"sk-ant-x_y"}"#, 12, r#"{"a":""#),
        ("ééé", 4, "éé"),
        ("", 0, ""),
    ] {
        let cut = beginning(body.as_bytes(), limit);
        assert_eq!(cut, shown.as_bytes(), "{body} {limit}");
    }
}
