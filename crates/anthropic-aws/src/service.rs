//! What the services of AWS that serve Claude have in common, as data.

use http::Method;

use crate::invoke_model;

/// One of AWS's services.
#[derive(Debug)]
pub(crate) struct Service {
    /// Its name in errors.
    pub(crate) name: &'static str,
    /// Its name in signatures.
    pub(crate) signed_as: &'static str,
    /// The default base URL, before and behind the region.
    pub(crate) host: (&'static str, &'static str),
    /// The variable that replaces the base URL.
    pub(crate) base_url: Option<&'static str>,
    /// The variables of an API key, the first one that is set.
    pub(crate) keys: &'static [&'static str],
    /// The variable of the workspace that every request names.
    pub(crate) workspace: Option<&'static str>,
    /// Whether the user profile of a message is in its body in place of a header.
    pub(crate) profile_in_body: bool,
    pub(crate) form: Form,
}

/// The form of the requests, and which ones there are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Form {
    /// Bedrock's own paths, bodies and event streams.
    InvokeModel,
    /// The API's own, of messages alone.
    Messages,
    /// The API's own, nearly all of it.
    Everything,
}

const BEDROCK_KEY: &str = "AWS_BEARER_TOKEN_BEDROCK";
const AWS_KEY: &str = "ANTHROPIC_AWS_API_KEY";

pub(crate) static BEDROCK: Service = Service {
    name: "bedrock",
    signed_as: "bedrock",
    host: ("https://bedrock-runtime.", ".amazonaws.com"),
    base_url: Some("ANTHROPIC_BEDROCK_BASE_URL"),
    keys: &[BEDROCK_KEY],
    workspace: None,
    profile_in_body: true,
    form: Form::InvokeModel,
};

pub(crate) static BEDROCK_MESSAGES: Service = Service {
    name: "bedrock messages",
    signed_as: "bedrock",
    host: ("https://bedrock-runtime.", ".amazonaws.com/anthropic"),
    base_url: None,
    keys: &[BEDROCK_KEY],
    workspace: None,
    profile_in_body: true,
    form: Form::Messages,
};

pub(crate) static BEDROCK_MANTLE: Service = Service {
    name: "bedrock mantle",
    signed_as: "bedrock-mantle",
    host: ("https://bedrock-mantle.", ".api.aws/anthropic"),
    base_url: Some("ANTHROPIC_BEDROCK_MANTLE_BASE_URL"),
    keys: &[BEDROCK_KEY, AWS_KEY],
    workspace: None,
    profile_in_body: true,
    form: Form::Messages,
};

pub(crate) static CLAUDE_PLATFORM: Service = Service {
    name: "claude platform on aws",
    signed_as: "aws-external-anthropic",
    host: ("https://aws-external-anthropic.", ".api.aws"),
    base_url: Some("ANTHROPIC_AWS_BASE_URL"),
    keys: &[AWS_KEY],
    workspace: Some("ANTHROPIC_AWS_WORKSPACE_ID"),
    profile_in_body: false,
    form: Form::Everything,
};

impl Service {
    pub(crate) fn default_url(&self, region: &str) -> String {
        let (before, behind) = self.host;
        format!("{before}{region}{behind}")
    }

    /// Whether an operation, by its method and path, is served.
    pub(crate) fn serves(&self, method: &Method, path: &str) -> bool {
        match self.form {
            // A request without a description, whose path is looked at when it is sent.
            _ if path.is_empty() => true,
            Form::InvokeModel => invoke_model::Call::of(method, path).is_some(),
            Form::Messages => path == MESSAGES || path.starts_with("/v1/messages/"),
            Form::Everything => {
                !(path.starts_with("/v1/user_profiles/") && path.ends_with("/action_urls"))
            }
        }
    }

    /// Whether the body of a request, by its path below the base URL, has the user profile.
    pub(crate) fn moves_profile(&self, method: &Method, path: &str) -> bool {
        self.profile_in_body && *method == Method::POST && matches!(path, MESSAGES | COUNT_TOKENS)
    }
}

const MESSAGES: &str = "/v1/messages";
const COUNT_TOKENS: &str = "/v1/messages/count_tokens";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_service_serves_its_own() {
        let (get, post) = (&Method::GET, &Method::POST);
        let user_profile = "/v1/user_profiles/{user_profile_id}";
        let urls = format!("{user_profile}/action_urls");
        for (method, path, served) in [
            (post, MESSAGES, [true; 4]),
            (post, COUNT_TOKENS, [true; 4]),
            (post, "/v1/messages/batches", [false, true, true, true]),
            (get, "/v1/models", [false, false, false, true]),
            (get, user_profile, [false, false, false, true]),
            (post, &*urls, [false; 4]),
            (get, "", [true; 4]),
        ] {
            let services = [
                &BEDROCK,
                &BEDROCK_MESSAGES,
                &BEDROCK_MANTLE,
                &CLAUDE_PLATFORM,
            ];
            let found = services.map(|service| service.serves(method, path));
            assert_eq!(found, served, "{path}");
        }
    }
}
