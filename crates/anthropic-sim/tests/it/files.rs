//! Files: a round trip, pages by cursor, expiry.

use std::time::Duration;

use anthropic_sim::Simulator;
use serde_json::{Value, json};

use crate::client::{delete, get, post, post_form};
use crate::messages::hello_with;

async fn upload(simulator: &Simulator, name: &str, content: &str) -> Value {
    post_form(simulator.url(), "/v1/files", &[("file", name, content)])
        .await
        .ok()
}

fn ids(page: &Value) -> Vec<Value> {
    page["data"]
        .as_array()
        .unwrap()
        .iter()
        .map(|file| file["id"].clone())
        .collect()
}

#[tokio::test]
async fn a_file_comes_back_as_it_went() {
    let simulator = Simulator::start().await.unwrap();
    let content = "line one\r\n--xy\r\nzwei ✓";
    let file = upload(&simulator, "notes.txt", content).await;
    assert_eq!(
        (&file["type"], &file["filename"], &file["mime_type"]),
        (&json!("file"), &json!("notes.txt"), &json!("text/plain"))
    );
    assert_eq!(file["size_bytes"], content.len());
    let path = format!("/v1/files/{}", file["id"].as_str().unwrap());
    assert_eq!(get(simulator.url(), &path).await.ok(), file);
    let answer = get(simulator.url(), &format!("{path}/content")).await;
    assert_eq!(
        (answer.text().as_str(), answer.header("content-type")),
        (content, Some("text/plain"))
    );
    assert_eq!(
        delete(simulator.url(), &path).await.ok(),
        json!({"id": file["id"], "type": "file_deleted"})
    );
    assert_eq!(
        get(simulator.url(), &path).await.error(404).0,
        "not_found_error"
    );
    assert_eq!(
        delete(simulator.url(), &path).await.error(404).0,
        "not_found_error"
    );
}

#[tokio::test]
async fn cursors_survive_new_and_deleted_files() {
    let simulator = Simulator::start().await.unwrap();
    let mut all = Vec::new();
    for number in 0..5 {
        all.insert(
            0,
            upload(&simulator, &format!("{number}.txt"), "x").await["id"].clone(),
        );
    }
    let url = simulator.url();
    let page = get(url, "/v1/files?limit=2").await.ok();
    assert_eq!(ids(&page), all[..2]);
    upload(&simulator, "new.txt", "x").await;
    for id in &all[..2] {
        delete(url, &format!("/v1/files/{}", id.as_str().unwrap()))
            .await
            .ok();
    }
    let next = get(
        url,
        &format!(
            "/v1/files?limit=2&page={}",
            page["next_page"].as_str().unwrap()
        ),
    )
    .await
    .ok();
    assert_eq!(ids(&next), all[2..4]);
    let last = get(
        url,
        &format!(
            "/v1/files?limit=2&page={}",
            next["next_page"].as_str().unwrap()
        ),
    )
    .await
    .ok();
    assert_eq!(
        (ids(&last), &last["next_page"]),
        (all[4..].to_vec(), &Value::Null)
    );
    assert!(
        get(url, "/v1/files?page=nonsense")
            .await
            .error(400)
            .1
            .starts_with("page:")
    );
}

#[tokio::test]
async fn files_are_found_by_ids() {
    let simulator = Simulator::start().await.unwrap();
    let one = upload(&simulator, "1.txt", "x").await;
    upload(&simulator, "2.txt", "x").await;
    let id = one["id"].as_str().unwrap();
    let page = get(
        simulator.url(),
        &format!("/v1/files?ids[]={id}&ids[]=file_gone"),
    )
    .await
    .ok();
    assert_eq!(page, json!({"data": [one], "next_page": null}));
    assert!(
        get(simulator.url(), &format!("/v1/files?ids[]={id}&limit=3"))
            .await
            .error(400)
            .1
            .starts_with("ids:")
    );
}

#[tokio::test]
async fn files_expire() {
    let simulator = Simulator::builder()
        .clock_step(Duration::ZERO)
        .start()
        .await
        .unwrap();
    let parts = [("file", "a.txt", "x"), ("expires_in_seconds", "", "3600")];
    let file = post_form(simulator.url(), "/v1/files", &parts).await.ok();
    assert_eq!(file["expires_at"], "2026-11-01T01:00:00.000000Z");
    let path = format!("/v1/files/{}", file["id"].as_str().unwrap());
    simulator.advance(Duration::from_secs(3_599));
    assert_eq!(get(simulator.url(), &path).await.status, 200);
    simulator.advance(Duration::from_secs(1));
    let answer = get(simulator.url(), &path).await;
    answer.error(404);
    assert_eq!(
        answer.json()["error"]["details"]["error_code"],
        "file_expired"
    );
    assert_eq!(
        get(simulator.url(), "/v1/files").await.ok()["data"],
        json!([])
    );
}

#[tokio::test]
async fn a_file_is_kept_for_an_hour_at_least() {
    let simulator = Simulator::start().await.unwrap();
    for (seconds, wanted) in [
        ("3599", "greater than or equal to 3600"),
        ("-5", "greater than or equal to 3600"),
        ("7776001", "less than or equal to 7776000"),
    ] {
        let parts = [("file", "a.txt", "x"), ("expires_in_seconds", "", seconds)];
        let (_, message) = post_form(simulator.url(), "/v1/files", &parts)
            .await
            .error(400);
        let expected = format!("expires_in_seconds: Input should be {wanted}");
        assert_eq!(message, expected, "{seconds}");
    }
}

#[tokio::test]
async fn uploads_that_make_no_sense_are_refused() {
    let simulator = Simulator::start().await.unwrap();
    let url = simulator.url();
    assert!(
        post(url, "/v1/files", &json!({}))
            .await
            .error(400)
            .1
            .starts_with("content-type:")
    );
    assert!(
        post_form(url, "/v1/files", &[("other", "a.txt", "x")])
            .await
            .error(400)
            .1
            .starts_with("file:")
    );
    assert!(
        post_form(url, "/v1/files", &[("file", "../a.txt", "x")])
            .await
            .error(400)
            .1
            .starts_with("file:")
    );
    let parts = [("file", "a.txt", "x"), ("expires_in_seconds", "", "soon")];
    assert!(
        post_form(url, "/v1/files", &parts)
            .await
            .error(400)
            .1
            .starts_with("expires_in_seconds:")
    );
}

#[tokio::test]
async fn messages_may_refer_to_files_that_are_there() {
    let simulator = Simulator::start().await.unwrap();
    let file = upload(&simulator, "sky.pdf", "%PDF").await;
    let about = |id: &Value| {
        let source = json!({"type": "file", "file_id": id});
        let document =
            json!({"type": "document", "source": source, "citations": {"enabled": true}});
        hello_with(json!({"messages": [{"role": "user", "content": [document]}]}))
    };
    let path = "/v1/messages?beta=true";
    let message = post(simulator.url(), path, &about(&file["id"])).await.ok();
    assert_eq!(message["content"][2]["citations"][0]["file_id"], file["id"]);
    let refused = post(simulator.url(), path, &about(&json!("file_gone"))).await;
    assert_eq!(refused.error(404).0, "not_found_error");
    delete(
        simulator.url(),
        &format!("/v1/files/{}", file["id"].as_str().unwrap()),
    )
    .await
    .ok();
    post(simulator.url(), path, &about(&file["id"]))
        .await
        .error(404);
}

#[tokio::test]
async fn uploads_are_of_no_session() {
    let simulator = Simulator::start().await.unwrap();
    upload(&simulator, "a.txt", "a").await;
    let scoped = get(simulator.url(), "/v1/files?beta=true&scope_id=sesn_1")
        .await
        .ok();
    assert_eq!(scoped["data"], json!([]));
}
