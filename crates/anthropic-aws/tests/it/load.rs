//! The region and the credentials that AWS's programs would find, in another process with an
//! environment of its own, with a simulator in the place of Bedrock and of the servers that
//! credentials come from.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use anthropic_sim::{Platform, Simulator};

use crate::support::params;

/// What stands before all that [`other_process`] has logged.
const LOGS: &str = "logged:\n";

/// A simulator that knows one access key.
async fn simulator() -> Simulator {
    let simulator = Simulator::builder().platform(Platform::Bedrock);
    let simulator = simulator.access_key("AKIDPLAIN", "canary-plain-secret");
    simulator.start().await.unwrap()
}

/// AWS's shared files: profiles with a key, with a role, and with a role for a token of a cluster.
fn files(name: &str) -> [(&'static str, PathBuf); 2] {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    std::fs::create_dir_all(&folder).unwrap();
    let config = folder.join("config");
    let token = folder.join("token");
    std::fs::write(&token, "a token of a cluster").unwrap();
    let role = "region = eu-south-1\nrole_arn = arn:aws:iam::123456789012:role/x";
    let text = format!(
        "[profile plain]\nregion = eu-north-1\n[profile role]\n{role}\nsource_profile = plain\n\
         [profile web]\n{role}\nweb_identity_token_file = {}\n",
        token.display()
    );
    std::fs::write(&config, text).unwrap();
    let credentials = folder.join("credentials");
    let text =
        "[plain]\naws_access_key_id = AKIDPLAIN\naws_secret_access_key = canary-plain-secret\n";
    std::fs::write(&credentials, text).unwrap();
    [
        ("AWS_CONFIG_FILE", config),
        ("AWS_SHARED_CREDENTIALS_FILE", credentials),
    ]
}

/// What [`other_process`] prints with these variables alone.
async fn run(name: &str, simulator: &Simulator, variables: &[(&str, &str)]) -> String {
    let mut program = Command::new(std::env::current_exe().unwrap());
    program
        .args(["--exact", "load::other_process", "--ignored", "--nocapture"])
        .env_clear()
        .env("ANTHROPIC_BEDROCK_BASE_URL", simulator.base_url())
        .env("AWS_ENDPOINT_URL_STS", simulator.url())
        .envs(files(name));
    if !variables
        .iter()
        .any(|(name, _)| *name == "AWS_EC2_METADATA_SERVICE_ENDPOINT")
    {
        program.env("AWS_EC2_METADATA_DISABLED", "true");
    }
    program.envs(variables.iter().copied());
    let output = tokio::task::spawn_blocking(move || program.output());
    let text = text(&output.await.unwrap().unwrap());
    // Neither a secret of a file nor one that was issued, at any level.
    let (_, logged) = text.split_once(LOGS).unwrap();
    assert!(logged.len() > 1000 || !text.contains("said "), "{logged}");
    for secret in ["canary", "cluster", "sim-session-", "SecretAccessKey"] {
        assert!(!text.contains(secret), "{secret}: {text}");
    }
    text
}

fn text(output: &Output) -> String {
    let out = String::from_utf8_lossy(&output.stdout);
    format!("{out}{}", String::from_utf8_lossy(&output.stderr))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_profile_has_the_region_and_the_key() {
    let simulator = simulator().await;
    let output = run(
        "plain",
        &simulator,
        &[
            ("AWS_PROFILE", "plain"),
            (
                "ANTHROPIC_CUSTOM_HEADERS",
                "x-team: rivers\nx-api-key: canary",
            ),
            ("ANTHROPIC_API_KEY", "canary"),
            ("ANTHROPIC_BASE_URL", "http://127.0.0.1:9"),
        ],
    );
    let output = output.await;
    assert!(output.contains("said "), "{output}");
    let request = simulator.requests().remove(0);
    assert_eq!(request.header("x-team"), Some("rivers"));
    assert_eq!(request.header("x-api-key"), None);
}

#[tokio::test(flavor = "multi_thread")]
async fn roles_are_assumed_over_the_clients_transport() {
    for profile in ["role", "web"] {
        let simulator = simulator().await;
        let output = run(profile, &simulator, &[("AWS_PROFILE", profile)]).await;
        assert!(output.contains("said "), "{output}");
        let requests = simulator.requests();
        let [assumed, message] = &requests[..] else {
            panic!("{requests:?}");
        };
        let form = String::from_utf8_lossy(&assumed.body);
        assert!(
            form.contains("Action=AssumeRole") && form.contains("role%2Fx"),
            "{form}"
        );
        // Which the issued keys need, and the plain one has none of.
        assert!(message.header("x-amz-security-token").is_some());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_instance_has_a_role_and_a_region() {
    let simulator = simulator().await;
    let url = simulator.url().to_owned();
    let variables = [
        ("AWS_EC2_METADATA_SERVICE_ENDPOINT", url.as_str()),
        ("AWS_PROFILE", "none"),
        ("AWS_CONFIG_FILE", "/nonexistent"),
        ("AWS_SHARED_CREDENTIALS_FILE", "/nonexistent"),
    ];
    let output = run("instance", &simulator, &variables).await;
    assert!(output.contains("said "), "{output}");
}

#[tokio::test(flavor = "multi_thread")]
async fn credentials_that_are_nowhere_are_named() {
    let simulator = simulator().await;
    let output = run("none", &simulator, &[("AWS_REGION", "eu-west-1")]).await;
    assert!(output.contains("failed as Config: "), "{output}");
    assert!(output.contains("no AWS credentials were found"), "{output}");
}

#[tokio::test]
#[ignore = "run by the other tests, with an environment of its own"]
async fn other_process() {
    let logs = anthropic_testkit::Logs::watch().unwrap();
    load_and_ask().await;
    print!("{LOGS}{}", logs.text());
}

async fn load_and_ask() {
    let client = match anthropic_aws::bedrock().load().await {
        Ok(client) => client,
        Err(error) => return println!("failed with {error}"),
    };
    match client
        .messages()
        .create(params("anthropic.claude-opus-5-5"))
        .await
    {
        Ok(message) => println!("said {}", message.text()),
        Err(error) => println!("failed as {:?}: {error}", error.kind()),
    }
}
