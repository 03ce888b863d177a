use anthropic::{Platform, Result};

use super::environment::{ACCESS_KEY, SECRET_KEY};
use super::*;

fn given(builder: AwsBuilder, variables: &[(&str, &str)]) -> Result<Aws> {
    let find = |name: &str| {
        let found = variables.iter().find(|(it, _)| *it == name);
        Ok(found.map(|(_, value)| (*value).to_owned()))
    };
    builder.fill_in(find)?.platform()
}

#[test]
fn the_environment_is_read_in_the_documented_order() {
    let keys = [(ACCESS_KEY, "id"), (SECRET_KEY, "secret")];
    let region = ("AWS_DEFAULT_REGION", "us-east-1");
    let signed = given(bedrock(), &[region, keys[0], keys[1]]).unwrap();
    assert!(matches!(signed.auth, Auth::Signed(_)));
    let variables = [
        region,
        keys[0],
        keys[1],
        ("AWS_BEARER_TOKEN_BEDROCK", "key"),
        ("AWS_REGION", "eu-west-1"),
    ];
    let key = given(bedrock(), &variables).unwrap();
    assert!(matches!(key.auth, Auth::Key(_)));
    assert_eq!(
        key.base_url.host(),
        Some("bedrock-runtime.eu-west-1.amazonaws.com")
    );
    let mine = bedrock().api_key("mine").region("eu-west-1");
    let mine = mine.fill_in(|name| Ok(Some(name.to_owned()))).unwrap();
    assert_eq!(mine.key.as_ref().map(Secret::expose), Some("mine"));
    assert_eq!(mine.region.as_deref(), Some("eu-west-1"));
    let anonymous = given(bedrock().anonymous(), &variables).unwrap();
    assert!(matches!(anonymous.auth, Auth::Anonymous));
}

#[test]
fn each_service_has_its_host_and_reads_its_own_variables() {
    let all = [
        ("AWS_REGION", "eu-west-1"),
        ("AWS_BEARER_TOKEN_BEDROCK", "of-bedrock"),
        ("ANTHROPIC_AWS_API_KEY", "of-the-platform"),
        ("ANTHROPIC_AWS_WORKSPACE_ID", "wrkspc_1"),
    ];
    for (builder, url, key) in [
        (
            bedrock(),
            "https://bedrock-runtime.eu-west-1.amazonaws.com/",
            "Bearer of-bedrock",
        ),
        (
            bedrock_messages(),
            "https://bedrock-runtime.eu-west-1.amazonaws.com/anthropic",
            "Bearer of-bedrock",
        ),
        (
            bedrock_mantle(),
            "https://bedrock-mantle.eu-west-1.api.aws/anthropic",
            "Bearer of-bedrock",
        ),
        (
            claude_platform(),
            "https://aws-external-anthropic.eu-west-1.api.aws/",
            "Bearer of-the-platform",
        ),
    ] {
        let aws = given(builder, &all).unwrap();
        assert_eq!(aws.base_url().to_string(), url);
        let Auth::Key(value) = &aws.auth else {
            panic!("{aws:?} has no key")
        };
        assert_eq!(value.to_str().unwrap(), key);
        assert!(value.is_sensitive());
    }
    let mantle = given(bedrock_mantle(), &[all[0], all[2]]).unwrap();
    assert!(matches!(mantle.auth, Auth::Key(_)));
    for (builder, variable) in [
        (bedrock(), "ANTHROPIC_BEDROCK_BASE_URL"),
        (bedrock_mantle(), "ANTHROPIC_BEDROCK_MANTLE_BASE_URL"),
        (claude_platform(), "ANTHROPIC_AWS_BASE_URL"),
    ] {
        let variables = [all[1], all[2], all[3], (variable, "https://gw.example/x/")];
        let aws = given(builder, &variables).unwrap();
        assert_eq!(aws.base_url().to_string(), "https://gw.example/x");
    }
}

#[test]
fn what_is_missing_is_named() {
    let region = ("AWS_REGION", "eu-west-1");
    for (variables, wanted) in [
        (&[][..], "bedrock has no region"),
        (&[], "; no credential: call"),
        (&[region], "bedrock has no credential"),
        (
            &[region, (ACCESS_KEY, "id")],
            "AWS_SECRET_ACCESS_KEY is not",
        ),
        (
            &[region, (SECRET_KEY, "secret")],
            "AWS_ACCESS_KEY_ID is not",
        ),
        (
            &[
                ("AWS_REGION", "x.example/"),
                ("AWS_BEARER_TOKEN_BEDROCK", "k"),
            ],
            "`x.example/` is no region: it is a name such as `eu-central-1`",
        ),
    ] {
        let error = given(bedrock(), variables).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Config);
        assert!(error.to_string().contains(wanted), "{error}");
    }
}

#[test]
fn all_that_is_missing_is_named_at_once() {
    let error = claude_platform().platform().unwrap_err().to_string();
    for wanted in ["no region: ", "; no workspace: ", "; no credential: "] {
        assert!(error.contains(wanted), "{error}");
    }
}

#[test]
fn settings_that_contradict_each_other_are_named() {
    let url = "https://gw.example";
    for (builder, wanted) in [
        (
            bedrock()
                .region("r")
                .api_key("k")
                .access_key("i", "s", None),
            "both",
        ),
        (
            bedrock().region("r").api_key("k").anonymous(),
            "anonymous and",
        ),
        (
            bedrock().base_url(url).access_key("i", "s", None),
            "no region",
        ),
        (
            bedrock().region("r").api_key(" "),
            "the API key of bedrock is empty",
        ),
        (bedrock().region("r").api_key("a\nb"), "has a line end"),
        (bedrock().region("r").api_key("'key'"), "is in quotes"),
        (bedrock().region("r").api_key("Bearer k"), "`Bearer `"),
        (
            bedrock().region("r").base_url("a b").api_key("k"),
            "base URL",
        ),
        (
            bedrock().region("r").workspace_id("w").api_key("k"),
            "no workspaces",
        ),
        (
            claude_platform().region("r").api_key("k"),
            "ANTHROPIC_AWS_WORKSPACE_ID",
        ),
    ] {
        let error = builder.platform().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Config);
        assert!(error.to_string().contains(wanted), "{error}");
    }
    assert!(bedrock().base_url(url).api_key("k").platform().is_ok());
    assert!(
        claude_platform()
            .base_url(url)
            .anonymous()
            .platform()
            .is_ok()
    );
}

#[test]
fn no_key_is_shown() {
    let builder = bedrock()
        .region("r")
        .api_key("canary")
        .access_key("i", "canary", None);
    assert!(!format!("{builder:?}").contains("canary"));
    let aws = bedrock().region("r").api_key("canary").platform().unwrap();
    assert!(!format!("{aws:?}").contains("canary"));
}
