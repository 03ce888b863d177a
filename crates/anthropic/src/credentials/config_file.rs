//! `configs/NAME.json`: what a profile is.

use std::path::PathBuf;

use http::HeaderValue;

use super::document::Document;
use super::failure::Failure;
use super::federation::Grant;
use super::files::read_config;
use super::identity::IdentityToken;
use super::place::{Place, expanded};
use super::profile::workspace;
use crate::config::env::variables::{self, Variables};
use crate::config::{BaseUrl, Trust, UrlSource};

/// What is in the file, and, where the file leaves it out, in the environment.
#[derive(Debug)]
pub(super) struct Settings {
    pub(super) kind: Kind,
    pub(super) base_url: Option<BaseUrl>,
    /// The file with the tokens.
    pub(super) credentials: PathBuf,
    pub(super) workspace: Option<HeaderValue>,
}

#[derive(Debug)]
pub(super) enum Kind {
    OAuth { client_id: Option<String> },
    Federation(Grant),
}

impl Settings {
    pub(super) fn read(place: &Place, variables: &Variables) -> Result<Self, Failure> {
        let path = place.config();
        let Some(document) = read_config(&path)? else {
            return Err(Failure::config(format!(
                "there is no profile `{}`: no file {}; {} names another one, and {} another folder",
                place.name,
                path.display(),
                variables::PROFILE,
                variables::CONFIG_DIR,
            )));
        };
        Reader {
            place,
            variables,
            document: &document,
        }
        .settings()
    }
}

struct Reader<'a> {
    place: &'a Place,
    variables: &'a Variables,
    document: &'a Document,
}

impl Reader<'_> {
    fn wrong(&self, what: &str) -> Failure {
        Failure::config(format!(
            "the profile's file {} {what}",
            self.place.config().display()
        ))
    }

    /// A text, or else the environment's.
    fn text(
        &self,
        object: &Document,
        key: &str,
        otherwise: Option<&String>,
    ) -> Result<Option<String>, Failure> {
        if object.value(key).is_some_and(|value| !value.is_string()) {
            return Err(self.wrong(&format!("has a `{key}` that is no text")));
        }
        let text = object.text(key).map(str::to_owned);
        Ok(text.or_else(|| otherwise.cloned()))
    }

    fn settings(&self) -> Result<Settings, Failure> {
        let authentication = self.document.object("authentication");
        let authentication = authentication.ok_or_else(|| self.wrong("has no `authentication`"))?;
        let workspace_id = self.text(
            self.document,
            "workspace_id",
            self.variables.workspace_id.as_ref(),
        )?;
        let kind = match self.text(&authentication, "type", None)?.as_deref() {
            Some("user_oauth") => Kind::OAuth {
                client_id: self.text(&authentication, "client_id", None)?,
            },
            Some("oidc_federation") => {
                Kind::Federation(self.grant(&authentication, workspace_id.clone())?)
            }
            _ => {
                return Err(self.wrong(
                    "has another `authentication.type` than `user_oauth` and `oidc_federation`",
                ));
            }
        };
        let credentials = match self.text(&authentication, "credentials_path", None)? {
            Some(path) => expanded(&path, self.variables),
            None => self.place.credentials(),
        };
        let workspace = workspace_id.map(|id| {
            workspace(&id)
                .ok_or_else(|| self.wrong("has a `workspace_id` that no header can carry"))
        });
        Ok(Settings {
            kind,
            base_url: self.base_url()?,
            credentials,
            workspace: workspace.transpose()?,
        })
    }

    fn base_url(&self) -> Result<Option<BaseUrl>, Failure> {
        let url = self.text(self.document, "base_url", None)?;
        let parsed = url.map(|url| BaseUrl::parse(&url, UrlSource::Profile, &Trust::default()));
        parsed.transpose().map_err(|error| {
            let what = format!(
                "has a base URL that can't be used: {}",
                error.message().unwrap_or_default()
            );
            self.wrong(&what)
        })
    }

    fn grant(
        &self,
        authentication: &Document,
        workspace_id: Option<String>,
    ) -> Result<Grant, Failure> {
        let variables = self.variables;
        let rule_id = variables.federation_rule_id.as_ref();
        let rule_id = self.text(authentication, "federation_rule_id", rule_id)?;
        let organization_id = variables.organization_id.as_ref();
        let organization_id = self.text(self.document, "organization_id", organization_id)?;
        let account = variables.service_account_id.as_ref();
        Ok(Grant {
            rule_id: rule_id
                .ok_or_else(|| self.wrong("has no `authentication.federation_rule_id`"))?,
            organization_id: organization_id
                .ok_or_else(|| self.wrong("has no `organization_id`"))?,
            service_account_id: self.text(authentication, "service_account_id", account)?,
            workspace_id,
            token: self.identity_token(authentication)?,
        })
    }

    fn identity_token(&self, authentication: &Document) -> Result<IdentityToken, Failure> {
        if authentication.value("identity_token").is_none() {
            let path = self.variables.identity_token_file.as_ref();
            return path.map(IdentityToken::file).ok_or_else(|| {
                let variable = variables::IDENTITY_TOKEN_FILE;
                self.wrong(&format!(
                    "has no `authentication.identity_token`; {variable} can name one"
                ))
            });
        }
        let token = authentication.object("identity_token").unwrap_or_default();
        if token.text("source") != Some("file") {
            return Err(self.wrong("has an `identity_token` of another `source` than `file`"));
        }
        match token.text("path") {
            Some(path) => Ok(IdentityToken::file(path)),
            None => Err(self.wrong("has an `identity_token` without a `path`")),
        }
    }
}
