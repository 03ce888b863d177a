//! The region and the credentials that AWS's programs would find, in another process with an
//! environment of its own.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::thread::JoinHandle;

use crate::support::params;

/// Reads one request, and responds to it: as STS, or with a message.
fn serve(stream: TcpStream) -> String {
    let mut reader = BufReader::new(stream);
    let (mut head, mut length) = (String::new(), 0);
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).unwrap();
        if line.trim().is_empty() {
            break;
        }
        if let Some(value) = line.to_ascii_lowercase().strip_prefix("content-length:") {
            length = value.trim().parse().unwrap();
        }
        head.push_str(&line);
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).unwrap();
    let body = String::from_utf8(body).unwrap();
    let (media_type, response) = if body.contains("Action=AssumeRole") {
        ("text/xml", ASSUMED.to_owned())
    } else {
        ("application/json", MESSAGE.to_owned())
    };
    let length = response.len();
    write!(
        reader.get_mut(),
        "HTTP/1.1 200 OK\r\ncontent-type: {media_type}\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n{response}"
    )
    .unwrap();
    format!("{head}\n{body}")
}

const MESSAGE: &str = r#"{"id":"msg_1","type":"message","role":"assistant","model":"m","stop_reason":"end_turn",
    "content":[{"type":"text","text":"Rhine"}],"stop_sequence":null,"usage":{"input_tokens":3,"output_tokens":1}}"#;

const ASSUMED: &str = r#"<AssumeRoleResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><AssumeRoleResult>
    <AssumedRoleUser><AssumedRoleId>AROA:x</AssumedRoleId><Arn>arn:aws:sts::1:assumed-role/x/x</Arn></AssumedRoleUser>
    <Credentials><AccessKeyId>AKIDASSUMED</AccessKeyId><SecretAccessKey>assumed-secret</SecretAccessKey>
    <SessionToken>assumed-token</SessionToken><Expiration>2099-01-01T00:00:00Z</Expiration></Credentials>
    </AssumeRoleResult><ResponseMetadata><RequestId>1</RequestId></ResponseMetadata></AssumeRoleResponse>"#;

/// A server for so many requests.
fn server(requests: usize) -> (String, JoinHandle<Vec<String>>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let served = std::thread::spawn(move || {
        let streams = listener.incoming().take(requests);
        streams.map(|stream| serve(stream.unwrap())).collect()
    });
    (url, served)
}

/// AWS's shared files: a profile with a key, and one with a role.
fn files(name: &str) -> [(&'static str, PathBuf); 2] {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    std::fs::create_dir_all(&folder).unwrap();
    let config = folder.join("config");
    let text = "[profile plain]\nregion = eu-north-1\n\
                [profile role]\nregion = eu-south-1\nrole_arn = arn:aws:iam::1:role/x\nsource_profile = plain\n";
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

/// Runs [`other_process`] with these variables alone.
fn run(name: &str, variables: &[(&str, &str)]) -> Output {
    Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "load::other_process", "--ignored", "--nocapture"])
        .env_clear()
        .env("AWS_EC2_METADATA_DISABLED", "true")
        .envs(files(name))
        .envs(variables.iter().copied())
        .output()
        .unwrap()
}

fn text(output: &Output) -> String {
    let out = String::from_utf8_lossy(&output.stdout);
    format!("{out}{}", String::from_utf8_lossy(&output.stderr))
}

#[test]
fn a_profile_has_the_region_and_the_key() {
    let (url, served) = server(1);
    let output = run(
        "plain",
        &[
            ("AWS_PROFILE", "plain"),
            ("ANTHROPIC_BEDROCK_BASE_URL", &url),
            (
                "ANTHROPIC_CUSTOM_HEADERS",
                "x-team: rivers\nx-api-key: canary",
            ),
            ("ANTHROPIC_API_KEY", "canary"),
            ("ANTHROPIC_BASE_URL", "http://127.0.0.1:9"),
        ],
    );
    assert!(text(&output).contains("said Rhine"), "{}", text(&output));
    let request = served.join().unwrap().remove(0);
    assert!(request.contains("Credential=AKIDPLAIN/"), "{request}");
    assert!(request.contains("/eu-north-1/bedrock/aws4_request"));
    assert!(request.contains("x-team: rivers"));
    assert!(!request.contains("canary"), "{request}");
}

#[test]
fn a_role_is_assumed_over_the_clients_transport() {
    let (url, served) = server(2);
    let output = run(
        "role",
        &[
            ("AWS_PROFILE", "role"),
            ("ANTHROPIC_BEDROCK_BASE_URL", &url),
            ("AWS_ENDPOINT_URL_STS", &url),
        ],
    );
    assert!(text(&output).contains("said Rhine"), "{}", text(&output));
    let requests = served.join().unwrap();
    assert!(requests[0].contains("Action=AssumeRole"));
    assert!(requests[1].contains("Credential=AKIDASSUMED/"));
    assert!(requests[1].contains("x-amz-security-token: assumed-token"));
}

#[test]
fn credentials_that_are_nowhere_are_named() {
    let output = run("none", &[("AWS_REGION", "eu-west-1")]);
    let text = text(&output);
    assert!(text.contains("failed as Config: "), "{text}");
    assert!(text.contains("no AWS credentials were found"), "{text}");
}

#[tokio::test]
#[ignore = "run by the other tests, with an environment of its own"]
async fn other_process() {
    let client = match anthropic_aws::bedrock().load().await {
        Ok(client) => client,
        Err(error) => return println!("failed with {error}"),
    };
    match client.messages().create(params("m")).await {
        Ok(message) => println!("said {}", message.text()),
        Err(error) => println!("failed as {:?}: {error}", error.kind()),
    }
}
