//! The region and the credentials that AWS's programs would find, in another process with an
//! environment of its own, with a simulator in the place of Bedrock and of the servers that
//! credentials come from.

use std::io::{Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::time::Duration;

use anthropic::hyper_1::HyperTransport;
use anthropic::transport::{
    Body, ConnectTimeout, HttpRequest, HttpResponse, Transport, TransportError,
};
use anthropic::{BoxFuture, Client, ErrorKind};
use anthropic_aws::bedrock;
use anthropic_sim::{Platform, Simulator};
use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_credential_types::Credentials;
use aws_credential_types::provider::SharedCredentialsProvider;

use crate::support::{Server, message, params};

/// The variable with the profile that [`other_process`] names itself.
const PROFILE: &str = "TEST_PROFILE";

/// The variable with which [`other_process`] asks over a transport that never responds.
const SILENT: &str = "TEST_SILENT";

/// The variable with which [`other_process`] asks over a transport that is IAM Identity Center,
/// too.
const PORTAL: &str = "TEST_PORTAL";

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
        "[profile plain]\nregion = eu-north-1\n[profile other]\nregion = eu-west-2\n[profile role]\n{role}\nsource_profile = plain\n\
         [profile web]\n{role}\nweb_identity_token_file = {}\n\
         [profile sso]\nregion = eu-north-1\nsso_session = work\nsso_account_id = 123456789012\nsso_role_name = reader\n\
         [sso-session work]\nsso_region = eu-west-1\nsso_start_url = https://rivers.example/start\n\
         [profile process]\nregion = eu-north-1\ncredential_process = /bin/echo '{}'\n",
        token.display(),
        r#"{"Version": 1, "AccessKeyId": "AKIDPLAIN", "SecretAccessKey": "canary-plain-secret"}"#,
    );
    std::fs::write(&config, text).unwrap();
    let credentials = folder.join("credentials");
    let text = "[plain]\naws_access_key_id = AKIDPLAIN\naws_secret_access_key = canary-plain-secret\n\
                [other]\naws_access_key_id = AKIDOTHER\naws_secret_access_key = canary-other-secret\n";
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

/// An access key of the environment.
fn keys(id: &'static str, secret: &'static str) -> [(&'static str, &'static str); 2] {
    [("AWS_ACCESS_KEY_ID", id), ("AWS_SECRET_ACCESS_KEY", secret)]
}

#[tokio::test(flavor = "multi_thread")]
async fn a_profile_that_is_named_wins_over_the_environment() {
    let simulator = simulator().await;
    // Which the simulator refuses.
    let [id, secret] = keys("AKIDOTHER", "canary-other-secret");
    for beside in [
        &[id, secret][..],
        &[("AWS_BEARER_TOKEN_BEDROCK", "canary")],
        &[("AWS_PROFILE", "other")],
        // A region is no credential.
        &[("AWS_REGION", "eu-west-3")],
    ] {
        let mut variables = vec![(PROFILE, "plain")];
        variables.extend(beside);
        let output = run("named", &simulator, &variables).await;
        assert!(output.contains("said "), "{beside:?}: {output}");
        let set = beside.iter().find(|it| it.0 == "AWS_REGION");
        let region = set.map_or("eu-north-1", |it| it.1);
        assert!(output.contains(&format!("/{region}/bedrock/")), "{output}");
        assert!(output.contains("Credential=AKIDPLAIN/"), "{output}");
    }
}

/// As for the AWS command line.
#[tokio::test(flavor = "multi_thread")]
async fn keys_of_the_environment_win_over_its_profile() {
    let simulator = simulator().await;
    let [id, secret] = keys("AKIDPLAIN", "canary-plain-secret");
    let profile = ("AWS_PROFILE", "other");
    let region = ("AWS_REGION", "eu-west-3");
    for (variables, wanted) in [
        (&[id, secret, profile, region][..], "/eu-west-3/bedrock/"),
        // Of the profile, the region alone.
        (&[id, secret, profile], "/eu-west-2/bedrock/"),
    ] {
        let output = run("keys", &simulator, variables).await;
        assert!(output.contains("said "), "{output}");
        assert!(output.contains(wanted), "{output}");
        assert!(output.contains("Credential=AKIDPLAIN/"), "{output}");
    }
}

#[tokio::test]
async fn a_configuration_gives_what_is_not_set() {
    let own = Credentials::new("AKIDCONFIG", "secret", None, None, "test");
    let config = SdkConfig::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new("eu-central-2"))
        .credentials_provider(SharedCredentialsProvider::new(own))
        .build();
    for (builder, host, authorization) in [
        (
            bedrock().config(&config),
            "bedrock-runtime.eu-central-2.amazonaws.com",
            "Credential=AKIDCONFIG/",
        ),
        (
            bedrock().region("eu-west-1").config(&config),
            "bedrock-runtime.eu-west-1.amazonaws.com",
            "Credential=AKIDCONFIG/",
        ),
        (
            bedrock().access_key("AKIDMINE", "s", None).config(&config),
            "bedrock-runtime.eu-central-2.amazonaws.com",
            "Credential=AKIDMINE/",
        ),
        (
            bedrock().api_key("key").config(&config),
            "bedrock-runtime.eu-central-2.amazonaws.com",
            "Bearer key",
        ),
    ] {
        let server = Server::new(message);
        let client = server.client(builder);
        client.messages().create(params("m")).await.unwrap();
        let request = server.requests().remove(0);
        assert_eq!(request.uri().host(), Some(host));
        let sent = request.headers()["authorization"].to_str().unwrap();
        assert!(sent.contains(authorization), "{sent}");
    }
    // One that has nothing is no fault by itself.
    let empty = SdkConfig::builder().build();
    let error = bedrock().config(&empty).platform().unwrap_err().to_string();
    assert!(error.contains("no region"), "{error}");
    assert!(error.contains("no credential"), "{error}");
}

#[tokio::test(flavor = "multi_thread")]
async fn roles_are_assumed_over_the_clients_transport() {
    for (variable, profile) in [
        ("AWS_PROFILE", "role"),
        ("AWS_PROFILE", "web"),
        (PROFILE, "role"),
        (PROFILE, "web"),
    ] {
        let simulator = simulator().await;
        let output = run(profile, &simulator, &[(variable, profile)]).await;
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

#[tokio::test(flavor = "multi_thread")]
async fn a_profile_that_is_not_there_is_named_with_the_files() {
    let simulator = simulator().await;
    let region = ("AWS_REGION", "eu-west-1");
    for (variables, begins, advice) in [
        (
            &[(PROFILE, "absent"), region][..],
            "failed as Config: ",
            "the profile `absent` of profile() is not in ",
        ),
        (
            &[("AWS_PROFILE", "Plain"), region],
            "failed as Config: ",
            "; there is `plain`: ",
        ),
        // Without the file, there is no region either.
        (
            &[("AWS_PROFILE", "Plain")],
            "failed with ",
            "set AWS_REGION; the profile `Plain` of AWS_PROFILE is not in ",
        ),
        (
            &[],
            "failed with ",
            "set AWS_REGION; the profile `default` is not in ",
        ),
    ] {
        let output = run("absent", &simulator, variables).await;
        assert!(output.contains(begins), "{output}");
        assert!(output.contains(advice), "{output}");
        let line = output.lines().find(|line| line.contains(begins)).unwrap();
        assert!(
            line.contains("/absent/config and ") && line.contains("/absent/credentials"),
            "{line}"
        );
        println!("{line}");
    }
}

#[cfg(unix)]
#[tokio::test(flavor = "multi_thread")]
async fn a_process_prints_a_key() {
    for variable in ["AWS_PROFILE", PROFILE] {
        let simulator = simulator().await;
        let output = run("process", &simulator, &[(variable, "process")]).await;
        assert!(output.contains("said "), "{output}");
        assert!(output.contains("Credential=AKIDPLAIN/"), "{output}");
    }
}

/// Serves a container's credentials to one request, which it returns.
fn container() -> (String, std::thread::JoinHandle<String>) {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/role", listener.local_addr().unwrap());
    let serving = std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let mut request = Vec::new();
        let mut byte = [0];
        while !request.ends_with(b"\r\n\r\n") {
            stream.read_exact(&mut byte).unwrap();
            request.push(byte[0]);
        }
        let body = r#"{"AccessKeyId": "AKIDBOX", "SecretAccessKey": "canary-box-secret",
            "Token": "canary-box-session", "Expiration": "2099-01-01T00:00:00Z"}"#;
        let length = body.len();
        let head = format!(
            "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {length}"
        );
        write!(stream, "{head}\r\n\r\n{body}").unwrap();
        String::from_utf8(request).unwrap()
    });
    (url, serving)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_container_has_a_role() {
    let simulator = simulator().await;
    let (url, serving) = container();
    let variables = [
        ("AWS_CONTAINER_CREDENTIALS_FULL_URI", url.as_str()),
        ("AWS_CONTAINER_AUTHORIZATION_TOKEN", "canary-box-token"),
        ("AWS_REGION", "eu-west-1"),
        ("AWS_PROFILE", "none"),
        ("AWS_CONFIG_FILE", "/nonexistent"),
        ("AWS_SHARED_CREDENTIALS_FILE", "/nonexistent"),
    ];
    let output = run("container", &simulator, &variables).await;
    // The simulator knows no such key.
    assert!(output.contains("Credential=AKIDBOX/"), "{output}");
    let request = serving.join().unwrap();
    assert!(request.starts_with("GET /role "), "{request}");
    assert!(request.contains("canary-box-token"), "{request}");
}

/// Neither a key nor a profile is left out without a word.
#[tokio::test]
async fn a_key_and_a_profile_are_too_many() {
    for builder in [
        bedrock().api_key("key"),
        bedrock().access_key("AKID", "secret", None),
    ] {
        let builder = builder.region("eu-west-1").profile("plain");
        let error = builder.load_platform(Silent).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Config);
        let text = error.to_string();
        assert!(text.contains("profile `plain`"), "{text}");
        assert!(text.contains("a credential"), "{text}");
    }
}

/// As on a laptop, where no server of the metadata is.
#[tokio::test(flavor = "multi_thread")]
async fn metadata_that_is_nowhere_is_not_waited_for() {
    let simulator = simulator().await;
    let variables = [
        ("AWS_EC2_METADATA_SERVICE_ENDPOINT", "http://192.0.2.1"),
        ("AWS_REGION", "eu-west-1"),
        ("AWS_PROFILE", "none"),
        ("AWS_CONFIG_FILE", "/nonexistent"),
        ("AWS_SHARED_CREDENTIALS_FILE", "/nonexistent"),
        (SILENT, "1"),
    ];
    let output = run("silent", &simulator, &variables).await;
    let failed = output.matches("failed as Config: configuration: no AWS credentials were found");
    assert_eq!(failed.count(), 2, "{output}");
    let asked = output.matches("asked with ConnectTimeout(Some(1s))");
    assert_eq!(asked.count(), 1, "{output}");
}

/// The token that `aws sso login` has stored is exchanged for a role's key, over the transport.
#[tokio::test(flavor = "multi_thread")]
async fn a_login_at_identity_center_is_a_credential() {
    let simulator = simulator().await;
    let home = Path::new(env!("CARGO_TARGET_TMPDIR")).join("sso-home");
    let cache = home.join(".aws/sso/cache");
    std::fs::create_dir_all(&cache).unwrap();
    // Named by the SHA-1 of `work`, the session.
    let file = cache.join("e274eeff768c6396088ec6eb091f4bf4d47ab1e0.json");
    let token = r#"{"accessToken": "canary-sso-token", "expiresAt": "2099-01-01T00:00:00Z",
        "region": "eu-west-1", "startUrl": "https://rivers.example/start"}"#;
    std::fs::write(file, token).unwrap();
    let variables = [
        ("HOME", home.to_str().unwrap()),
        (PROFILE, "sso"),
        (PORTAL, "1"),
    ];
    let output = run("sso", &simulator, &variables).await;
    assert!(output.contains("the portal was asked"), "{output}");
    // The steps are logged, and the traces, which have the token, are not.
    assert!(output.contains("loaded cached SSO token"), "{output}");
    assert!(output.contains("said "), "{output}");
}

#[tokio::test]
#[ignore = "run by the other tests, with an environment of its own"]
async fn other_process() {
    let logs = anthropic_testkit::Logs::watch().unwrap();
    load_and_ask().await;
    print!("{LOGS}{}", logs.text());
}

/// Prints who has signed requests, and for where.
#[derive(Debug)]
struct Shown(HyperTransport);

impl Transport for Shown {
    fn send(
        &self,
        request: HttpRequest,
    ) -> BoxFuture<'static, Result<HttpResponse, TransportError>> {
        let authorization = request.headers()["authorization"].to_str().unwrap();
        println!("{}", authorization.split(',').next().unwrap());
        self.0.send(request)
    }
}

/// IAM Identity Center's portal, and every other server as it is.
#[derive(Debug)]
struct Portal(HyperTransport);

impl Transport for Portal {
    fn send(
        &self,
        request: HttpRequest,
    ) -> BoxFuture<'static, Result<HttpResponse, TransportError>> {
        if request.uri().host() != Some("portal.sso.eu-west-1.amazonaws.com") {
            return self.0.send(request);
        }
        let query = request.uri().query().unwrap_or_default();
        assert!(query.contains("role_name=reader"), "{query}");
        assert!(query.contains("account_id=123456789012"), "{query}");
        let token = &request.headers()["x-amz-sso_bearer_token"];
        assert_eq!(token, "canary-sso-token");
        println!("the portal was asked");
        let key = r#"{"roleCredentials": {"accessKeyId": "AKIDPLAIN",
            "secretAccessKey": "canary-plain-secret", "expiration": 4070908800000}}"#;
        Box::pin(async move { Ok(HttpResponse::new(Body::from(key))) })
    }
}

/// A transport that never responds.
#[derive(Debug)]
struct Silent;

impl Transport for Silent {
    fn send(
        &self,
        request: HttpRequest,
    ) -> BoxFuture<'static, Result<HttpResponse, TransportError>> {
        match request.extensions().get::<ConnectTimeout>() {
            Some(limit) => println!("asked with {limit:?}"),
            None => println!("asked without a limit"),
        }
        Box::pin(std::future::pending())
    }
}

async fn ask_in_silence() {
    let platform = bedrock().load_platform(Silent).await.unwrap();
    let client = Client::builder().platform(platform).build().unwrap();
    let ask = || async {
        let request = client.messages().create(params("m"));
        let error = request.timeout(Duration::from_secs(20)).await.unwrap_err();
        println!("failed as {:?}: {error}", error.kind());
    };
    tokio::join!(ask(), ask());
}

async fn ask_by_portal() {
    let portal = || Portal(HyperTransport::builder().build().unwrap());
    let profile = std::env::var(PROFILE).unwrap();
    let platform = bedrock().profile(profile).load_platform(portal()).await;
    let client = Client::builder().platform(platform.unwrap());
    let client = client.transport(portal()).build().unwrap();
    let request = client
        .messages()
        .create(params("anthropic.claude-opus-5-5"));
    println!("said {}", request.await.unwrap().text());
}

async fn load_and_ask() {
    if std::env::var(SILENT).is_ok() {
        return ask_in_silence().await;
    }
    if std::env::var(PORTAL).is_ok() {
        return ask_by_portal().await;
    }
    let mut builder = bedrock();
    if let Ok(name) = std::env::var(PROFILE) {
        builder = builder.profile(name);
    }
    let client = match builder.load().await {
        Ok(client) => client,
        Err(error) => return println!("failed with {error}"),
    };
    let transport = Shown(HyperTransport::builder().build().unwrap());
    let client = client.to_builder().transport(transport).build().unwrap();
    match client
        .messages()
        .create(params("anthropic.claude-opus-5-5"))
        .await
    {
        Ok(message) => println!("said {}", message.text()),
        Err(error) => println!("failed as {:?}: {error}", error.kind()),
    }
}

/// Never run: it is enough that it builds.
#[expect(dead_code, reason = "the compiler is the judge")]
fn loading_crosses_threads(builder: fn() -> anthropic_aws::AwsBuilder) {
    fn sent<T: Send>(_: &T) {}
    fn shared<T: Send + Sync>() {}
    shared::<anthropic_aws::AwsBuilder>();
    shared::<anthropic_aws::Aws>();
    shared::<anthropic_aws::AwsException>();
    sent(&builder().load());
    let transport = anthropic::hyper_1::HyperTransport::builder()
        .build()
        .unwrap();
    sent(&builder().load_platform(transport));
}
