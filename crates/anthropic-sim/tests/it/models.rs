//! The models, and with them pages by id.

use anthropic_sim::Simulator;
use serde_json::{Value, json};

use crate::client::{get, post, send};
use crate::messages::hello_with;

fn ids(page: &Value) -> Vec<String> {
    page["data"]
        .as_array()
        .unwrap()
        .iter()
        .map(|model| model["id"].as_str().unwrap().to_owned())
        .collect()
}

#[tokio::test]
async fn a_model_is_found_by_its_id() {
    let simulator = Simulator::start().await.unwrap();
    let model = get(simulator.url(), "/v1/models/claude-opus-4-5-20251101")
        .await
        .ok();
    assert_eq!(model["display_name"], "Claude Opus 4.5");
    assert_eq!(
        (&model["type"], &model["line"], &model["lifecycle"]),
        (&"model".into(), &"opus".into(), &"active".into())
    );
}

#[tokio::test]
async fn pages_walk_the_list_both_ways() {
    let simulator = Simulator::start().await.unwrap();
    let url = simulator.url();
    let all = ids(&get(url, "/v1/models?limit=1000").await.ok());
    assert!(all.len() > 14);

    let (mut seen, mut path) = (Vec::new(), "/v1/models?limit=7".to_owned());
    loop {
        let page = get(url, &path).await.ok();
        let data = ids(&page);
        assert_eq!(
            (page["first_id"].as_str(), page["last_id"].as_str()),
            (Some(&*data[0]), data.last().map(|id| &**id))
        );
        seen.extend(data);
        if page["has_more"] == false {
            break;
        }
        path = format!("/v1/models?limit=7&after_id={}", seen.last().unwrap());
    }
    assert_eq!(seen, all);

    let back = get(url, &format!("/v1/models?limit=3&before_id={}", all[5]))
        .await
        .ok();
    assert_eq!(
        (ids(&back), &back["has_more"]),
        (all[2..5].to_vec(), &true.into())
    );
    let top = get(url, &format!("/v1/models?limit=3&before_id={}", all[2]))
        .await
        .ok();
    assert_eq!(
        (ids(&top), &top["has_more"]),
        (all[..2].to_vec(), &false.into())
    );
    let end = get(url, &format!("/v1/models?after_id={}", all.last().unwrap()))
        .await
        .ok();
    assert_eq!(
        (ids(&end), &end["first_id"], &end["has_more"]),
        (vec![], &Value::Null, &false.into())
    );
}

#[tokio::test]
async fn a_page_has_twenty_by_default_and_limits() {
    let simulator = Simulator::start().await.unwrap();
    let url = simulator.url();
    let every = "/v1/models?lifecycle[]=active&lifecycle[]=deprecated&lifecycle[]=retired";
    assert_eq!(ids(&get(url, every).await.ok()).len(), 20);
    let every = ids(&get(url, &format!("{every}&limit=1000")).await.ok());
    assert!(every.len() > 30);
    for (query, named) in [
        ("limit=0", "limit:"),
        ("limit=1001", "limit:"),
        ("limit=ten", "limit:"),
        ("after_id=nobody", "after_id:"),
        ("after_id=a&before_id=b", "after_id:"),
    ] {
        let (_, message) = get(url, &format!("/v1/models?{query}")).await.error(400);
        assert!(message.starts_with(named), "{query}: {message}");
    }
}

#[tokio::test]
async fn models_filter_by_life_cycle() {
    let simulator = Simulator::start().await.unwrap();
    let deprecated = get(
        simulator.url(),
        "/v1/models?lifecycle[]=deprecated&lifecycle%5B%5D=retired",
    )
    .await
    .ok();
    let listed = ids(&deprecated);
    for id in ["claude-sonnet-4-5-20250929", "claude-opus-4-1-20250805"] {
        assert!(listed.contains(&id.to_owned()), "{id}");
    }
    let models = deprecated["data"].as_array().unwrap();
    assert!(models.iter().all(|model| model["lifecycle"] != "active"));
    let others = ids(&get(simulator.url(), "/v1/models").await.ok());
    assert!(!others.contains(&"claude-opus-4-1-20250805".to_owned()));
}

#[tokio::test]
async fn models_have_names_and_lines() {
    let simulator = Simulator::start().await.unwrap();
    for (id, name, line) in [
        ("claude-fable-5-1", "Claude Fable 5.1", Some("fable")),
        (
            "claude-3-7-sonnet-latest",
            "Claude Sonnet 3.7",
            Some("sonnet"),
        ),
        (
            "claude-mythos-preview",
            "Claude Mythos Preview",
            Some("mythos"),
        ),
        ("claude-2.1", "Claude 2.1", None),
        ("claude-instant-1.2", "Claude Instant 1.2", None),
    ] {
        let path = format!("/v1/models/{id}");
        let model = get(simulator.url(), &path).await.ok();
        let found = (model["display_name"].as_str(), model["line"].as_str());
        assert_eq!(found, (Some(name), line));
    }
}

#[tokio::test]
async fn an_alias_stands_for_its_model() {
    let simulator = Simulator::start().await.unwrap();
    let url = simulator.url();
    let model = get(url, "/v1/models/claude-haiku-4-5").await.ok();
    assert_eq!(
        (&model["id"], &model["max_tokens"]),
        (&"claude-haiku-4-5-20251001".into(), &64_000.into())
    );
    let types = &model["capabilities"]["thinking"]["types"];
    assert_eq!(
        (&types["adaptive"], &types["enabled"]),
        (
            &serde_json::json!({"supported": false}),
            &serde_json::json!({"supported": true})
        )
    );
    let body = hello_with(serde_json::json!({"model": "claude-haiku-4-5"}));
    let message = post(url, "/v1/messages", &body).await.ok();
    assert_eq!(message["model"], "claude-haiku-4-5-20251001");
}

#[tokio::test]
async fn the_beta_form_names_fallbacks() {
    let simulator = Simulator::start().await.unwrap();
    let path = "/v1/models/claude-opus-5-5";
    let plain = get(simulator.url(), path).await.ok();
    assert!(plain.get("allowed_fallback_models").is_none());
    let beta = get(simulator.url(), &format!("{path}?beta=true"))
        .await
        .ok();
    let fallbacks = beta["allowed_fallback_models"].as_array().unwrap();
    assert_eq!(fallbacks.len(), 2);
    for fallback in fallbacks {
        let path = format!("/v1/models/{}", fallback.as_str().unwrap());
        assert_eq!(
            get(simulator.url(), &path).await.ok()["lifecycle"],
            "active"
        );
    }
}

#[tokio::test]
async fn a_model_that_is_none_is_nowhere_one() {
    let simulator = Simulator::start().await.unwrap();
    let anything = Simulator::builder().lenient_about("model");
    let anything = anything.start().await.unwrap();
    let agent = json!({"name": "n", "model": "claude-opus-4"});
    let by_id = json!({"name": "n", "model": {"id": "claude-opus-4"}});
    let prompt = json!({"model": "claude-opus-4", "prompt": "\n\nHuman: Hi\n\nAssistant:", "max_tokens_to_sample": 9});
    let earlier = [("anthropic-version", "2023-06-01")];
    for (path, headers, body) in [
        ("/v1/agents", &[][..], agent),
        ("/v1/agents", &[], by_id),
        ("/v1/complete", &earlier, prompt),
    ] {
        let body = body.to_string();
        let answer = send(simulator.url(), "POST", path, headers, body.as_bytes()).await;
        let (kind, message) = answer.error(404);
        assert_eq!(
            (kind.as_str(), message.as_str()),
            ("not_found_error", "model: claude-opus-4")
        );
        send(anything.url(), "POST", path, headers, body.as_bytes())
            .await
            .ok();
        let body = body.replace("claude-opus-4", "claude-opus-5-5");
        send(simulator.url(), "POST", path, headers, body.as_bytes())
            .await
            .ok();
    }
}

#[tokio::test]
async fn the_oldest_models_do_not_think() {
    let simulator = Simulator::start().await.unwrap();
    for (model, thinks) in [("claude-2.1", false), ("claude-3-7-sonnet-latest", true)] {
        let path = format!("/v1/models/{model}");
        let thinking = get(simulator.url(), &path).await.ok()["capabilities"]["thinking"].clone();
        assert_eq!(thinking["supported"], thinks, "{model}");
        assert_eq!(thinking["types"]["enabled"]["supported"], thinks, "{model}");
    }
}
