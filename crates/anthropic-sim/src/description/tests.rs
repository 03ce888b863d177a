use http::Method;

use super::*;

#[test]
fn the_file_is_read_whole() {
    let description = description();
    assert!(description.types.len() > 1_000 && description.operations.len() > 300);
    assert!(description.pages.len() >= 5);
    for operation in &description.operations {
        let beta = operation.is_beta();
        let path = operation.path.replace(['{', '}'], "");
        let matched = description.matched(&operation.method, &path, beta).unwrap();
        assert_eq!(matched.operation.id, operation.id);
        assert!(
            operation
                .page
                .as_ref()
                .is_none_or(|page| description.pages.contains_key(page))
        );
    }
}

#[test]
fn requests_find_their_operation() {
    let find = |method: Method, path: &str, beta: bool| {
        description()
            .matched(&method, path, beta)
            .map(|matched| matched.operation.id.as_str())
    };
    for (method, path, beta, id) in [
        (Method::POST, "/v1/messages", false, Some("messages.create")),
        (
            Method::POST,
            "/v1/messages",
            true,
            Some("beta.messages.create"),
        ),
        (
            Method::GET,
            "/v1/agents/agent_1",
            false,
            Some("beta.agents.retrieve"),
        ),
        (
            Method::GET,
            "/v1/environments/env_1/work/poll",
            true,
            Some("beta.environments.work.poll"),
        ),
        (Method::GET, "/v1/agents/", true, None),
        (Method::PUT, "/v1/agents", true, None),
        (Method::GET, "/v2/agents", true, None),
        (Method::GET, "", true, None),
    ] {
        assert_eq!(find(method, path, beta), id, "{path}");
    }
    let matched = description().matched(&Method::GET, "/v1/vaults/a%2Fb/credentials/c+d", false);
    assert_eq!(
        matched.unwrap().params,
        [
            ("vault_id", "a/b".to_owned()),
            ("credential_id", "c+d".to_owned())
        ]
    );
}

#[test]
fn unions_know_their_tags() {
    let operation = description()
        .matched(&Method::POST, "/v1/messages", false)
        .unwrap()
        .operation;
    let tools = operation.fields.field("tools").unwrap();
    let Type::List(tool) = description().resolved(tools.of) else {
        panic!("tools are a list");
    };
    let Type::Union(union) = description().get(*tool) else {
        panic!("a tool is a choice");
    };
    assert_eq!(union.tag, "type");
    assert_eq!(
        union.untagged.len(),
        1,
        "a tool without a type is one of the caller's own"
    );
    assert_eq!(union.variant("custom"), union.untagged.first().copied());
    assert_eq!(union.variant("nothing"), None);
}

#[test]
fn the_readme_counts_the_methods() {
    let readme = include_str!("../../README.md");
    let words: Vec<&str> = readme.split_whitespace().collect();
    let count = description().operations.len();
    let claim = format!("all {count} methods of the official Python client");
    assert!(words.join(" ").contains(&claim), "{claim}");
}
