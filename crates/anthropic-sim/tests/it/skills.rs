//! Skills and their versions.

use anthropic_sim::Simulator;
use serde_json::{Value, json};

use crate::client::{delete, get, post_form};

const SKILL: &str = "---\nname: tidy-up\ndescription: \"Tidies up.\"\n---\n# Tidy up\n";

async fn create(simulator: &Simulator, path: &str) -> Value {
    let parts = [
        ("files[]", "tidy/SKILL.md", SKILL),
        ("files[]", "tidy/run.py", "print()"),
    ];
    post_form(simulator.url(), path, &parts).await.ok()
}

#[tokio::test]
async fn a_skill_lives_and_dies() {
    let simulator = Simulator::start().await.unwrap();
    let url = simulator.url();
    let skill = create(&simulator, "/v1/skills").await;
    assert_eq!(
        (&skill["type"], &skill["display_name"]),
        (&json!("skill"), &json!("tidy-up"))
    );
    assert_eq!(skill["source"], json!({"type": "custom"}));
    let path = format!("/v1/skills/{}", skill["id"].as_str().unwrap());
    assert_eq!(get(url, &path).await.ok(), skill);
    assert_eq!(
        get(url, "/v1/skills").await.ok(),
        json!({"data": [skill], "next_page": null})
    );
    assert_eq!(
        get(url, "/v1/skills?source=anthropic").await.ok()["data"],
        json!([])
    );
    assert_eq!(
        delete(url, &path).await.ok(),
        json!({"id": skill["id"], "type": "skill_deleted"})
    );
    assert_eq!(get(url, &path).await.error(404).0, "not_found_error");
}

#[tokio::test]
async fn versions_live_and_die() {
    let simulator = Simulator::start().await.unwrap();
    let url = simulator.url();
    let skill = create(&simulator, "/v1/skills").await;
    let path = format!("/v1/skills/{}", skill["id"].as_str().unwrap());
    let first = &skill["latest_version_id"];
    let second = create(&simulator, &format!("{path}/versions")).await;
    assert_eq!(
        (&second["type"], &second["name"]),
        (&json!("skill_version"), &json!("tidy-up"))
    );
    assert_eq!(
        (&second["description"], &second["skill_id"]),
        (&json!("Tidies up."), &skill["id"])
    );
    assert_eq!(
        get(url, &path).await.ok()["latest_version_id"],
        second["id"]
    );

    let versions = get(url, &format!("{path}/versions?limit=1")).await.ok();
    assert_eq!(versions["data"], json!([second]));
    let cursor = versions["next_page"].as_str().unwrap();
    let next = get(url, &format!("{path}/versions?page={cursor}"))
        .await
        .ok();
    assert_eq!(
        (&next["data"][0]["id"], &next["next_page"]),
        (first, &Value::Null)
    );

    let version = |id: &Value| format!("{path}/versions/{}", id.as_str().unwrap());
    assert_eq!(get(url, &version(&second["id"])).await.ok(), second);
    let deleted = delete(url, &version(&second["id"])).await.ok();
    assert_eq!(
        deleted,
        json!({"id": second["id"], "type": "skill_version_deleted"})
    );
    assert_eq!(
        get(url, &version(&second["id"])).await.error(404).0,
        "not_found_error"
    );
    assert_eq!(get(url, &path).await.ok()["latest_version_id"], *first);
    assert!(
        delete(url, &version(first))
            .await
            .error(400)
            .1
            .contains("only version")
    );
}

#[tokio::test]
async fn a_skill_needs_its_description_in_one_directory() {
    let simulator = Simulator::start().await.unwrap();
    for parts in [
        vec![("display_name", "", "x")],
        vec![("files[]", "SKILL.md", SKILL)],
        vec![("files[]", "tidy/other.md", SKILL)],
        vec![
            ("files[]", "tidy/SKILL.md", SKILL),
            ("files[]", "other/run.py", ""),
        ],
    ] {
        let (_, message) = post_form(simulator.url(), "/v1/skills", &parts)
            .await
            .error(400);
        assert!(message.starts_with("files:"), "{message}");
    }
}

#[tokio::test]
async fn a_skill_keeps_its_name() {
    let simulator = Simulator::start().await.unwrap();
    let parts = [
        ("files[]", "tidy/SKILL.md", SKILL),
        ("display_name", "", "Tidy!"),
    ];
    let skill = post_form(simulator.url(), "/v1/skills", &parts).await.ok();
    assert_eq!(skill["display_name"], "Tidy!");
    let path = format!("/v1/skills/{}/versions", skill["id"].as_str().unwrap());
    let renamed = [("files[]", "tidy/SKILL.md", "---\nname: other\n---\n")];
    assert!(
        post_form(simulator.url(), &path, &renamed)
            .await
            .error(400)
            .1
            .contains("name")
    );
}

#[tokio::test]
async fn a_version_is_downloaded_as_an_archive_of_its_files() {
    let simulator = Simulator::start().await.unwrap();
    let url = simulator.url();
    let skill = create(&simulator, "/v1/skills").await;
    let versions = format!("/v1/skills/{}/versions", skill["id"].as_str().unwrap());
    let version = skill["latest_version_id"].as_str().unwrap();
    let answer = get(url, &format!("{versions}/{version}/content")).await;
    assert_eq!(answer.header("content-type"), Some("application/zip"));
    let mut archive = zip::ZipArchive::new(std::io::Cursor::new(answer.body())).unwrap();
    let mut files = Vec::new();
    for index in 0..archive.len() {
        let mut file = archive.by_index(index).unwrap();
        let mut text = String::new();
        std::io::Read::read_to_string(&mut file, &mut text).unwrap();
        files.push((file.name().to_owned(), text));
    }
    let expected = [("tidy/SKILL.md", SKILL), ("tidy/run.py", "print()")];
    assert_eq!(
        files,
        expected.map(|(name, text)| (name.to_owned(), text.to_owned()))
    );
    assert_eq!(
        get(url, &format!("{versions}/gone/content"))
            .await
            .error(404)
            .0,
        "not_found_error"
    );
}
