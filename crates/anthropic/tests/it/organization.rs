//! The organization: pages, uploads and downloads below it.

use anthropic::Upload;
use anthropic::types::organization::plugins::VersionDownloadParams;
use anthropic::types::organization::{PluginCreateParams, WorkspaceListParams};
use futures_util::StreamExt;
use serde_json::json;

use crate::support::{Reply, Script, client};

const BETA: &str = "ce-plugins-2026-09-01";

#[tokio::test]
async fn a_listing_goes_on_after_the_last_id() {
    let page = |id: &str, more: bool| {
        let workspace = json!({
            "type": "workspace", "id": id, "name": "W", "display_color": "#fff", "tags": {},
            "created_at": "2026-10-01T00:00:00Z", "archived_at": null, "compartment_id": "c",
            "external_key_id": null, "data_residency": {
                "allowed_inference_geos": "unrestricted", "default_inference_geo": "global",
                "workspace_geo": "us",
            },
        });
        let page = json!({"data": [workspace], "has_more": more, "first_id": id, "last_id": id});
        Reply::new(
            200,
            &[("content-type", "application/json")],
            page.to_string(),
        )
    };
    let script = Script::new([page("wrkspc_1", true), page("wrkspc_2", false)]);
    let client = client(&script);
    let list = client
        .organization()
        .workspaces()
        .list(WorkspaceListParams::new().limit(1).include_archived(true));
    let ids = list.items().map(|workspace| workspace.unwrap().id);
    assert_eq!(ids.collect::<Vec<_>>().await, ["wrkspc_1", "wrkspc_2"]);
    let queries: Vec<String> = script
        .sent()
        .iter()
        .map(|sent| sent.uri.query().unwrap().to_owned())
        .collect();
    assert!(queries[1].ends_with("after_id=wrkspc_1"), "{queries:?}");
    assert!(
        queries
            .iter()
            .all(|query| query.contains("include_archived=true"))
    );
    assert!(
        script
            .sent()
            .iter()
            .all(|sent| sent.header("anthropic-beta").is_none())
    );
}

#[tokio::test]
async fn a_plugin_is_uploaded_with_its_notes_and_its_beta() {
    let script = Script::new([Reply::json("{}")]);
    let client = client(&script);
    let files = [
        Upload::bytes("p/plugin.json", "{}"),
        Upload::bytes("p/README.md", "# Hi"),
    ];
    let params = PluginCreateParams::new().release_notes("The first one");
    let _ = client
        .beta()
        .organization()
        .plugins()
        .create(files, params)
        .await;
    let sent = script.only();
    let body = String::from_utf8(sent.body.to_vec()).unwrap();
    assert_eq!(sent.header("anthropic-beta"), Some(BETA));
    assert_eq!(body.matches("name=\"files[]\"").count(), 2);
    assert!(body.contains("name=\"release_notes\"\r\n\r\nThe first one\r\n"));
}

#[tokio::test]
async fn a_plugin_is_downloaded_as_it_arrives() {
    let script = Script::new([Reply::new(
        200,
        &[("content-type", "application/zip")],
        "PK-bytes",
    )]);
    let client = client(&script);
    let versions = client.beta().organization().plugins().versions();
    let mut body = versions
        .download("plugin_1", "3", VersionDownloadParams::new())
        .await
        .unwrap();
    let mut bytes = Vec::new();
    while let Some(chunk) = body.try_next().await.unwrap() {
        bytes.extend_from_slice(&chunk);
    }
    assert_eq!(bytes, b"PK-bytes");
    let sent = script.only();
    assert_eq!(
        sent.uri.path(),
        "/v1/organizations/plugins/plugin_1/versions/3/content"
    );
    assert_eq!(sent.header("accept"), Some("application/binary"));
}
