//! What a server lists beside tools, and pages of listings.

use rmcp::model;
use rmcp::service::ServiceError;

use crate::error::{Error, ErrorKind, Result};

/// How much of a listing is taken.
const MOST: usize = 10_000;
/// How many pages a listing may have.
const PAGES: usize = 1_000;

/// A prompt of a server's: [`Server::prompt`](crate::Server::prompt) fills it in.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Prompt {
    /// Its name.
    pub name: String,
    /// A name for people.
    pub title: Option<String>,
    /// What it is for.
    pub description: Option<String>,
    /// What it is filled in with.
    pub arguments: Vec<PromptArgument>,
}

/// What a prompt is filled in with.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct PromptArgument {
    /// Its name.
    pub name: String,
    /// What it is.
    pub description: Option<String>,
    /// Whether it has to be there.
    pub required: bool,
}

/// A resource of a server's: [`Server::resource`](crate::Server::resource) reads it.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Resource {
    /// Its URI, by which it is read.
    pub uri: String,
    /// Its name.
    pub name: String,
    /// A name for people.
    pub title: Option<String>,
    /// What it is.
    pub description: Option<String>,
    /// Its MIME type, if the server knows it.
    pub mime_type: Option<String>,
    /// Its size in bytes, if the server knows it.
    pub size: Option<u64>,
}

/// Resources whose URIs are made of a template (RFC 6570).
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct ResourceTemplate {
    /// The template, such as `notes://{year}/{month}`.
    pub uri_template: String,
    /// Its name.
    pub name: String,
    /// A name for people.
    pub title: Option<String>,
    /// What it is.
    pub description: Option<String>,
    /// The MIME type of all of them, if they have one.
    pub mime_type: Option<String>,
}

impl From<model::Prompt> for Prompt {
    fn from(prompt: model::Prompt) -> Self {
        let arguments = prompt.arguments.unwrap_or_default().into_iter();
        Self {
            name: prompt.name,
            title: prompt.title,
            description: prompt.description,
            arguments: arguments
                .map(|argument| PromptArgument {
                    name: argument.name,
                    description: argument.description,
                    required: argument.required.unwrap_or_default(),
                })
                .collect(),
        }
    }
}

impl From<model::Resource> for Resource {
    fn from(resource: model::Resource) -> Self {
        Self {
            uri: resource.uri,
            name: resource.name,
            title: resource.title,
            description: resource.description,
            mime_type: resource.mime_type,
            size: resource.size,
        }
    }
}

impl From<model::ResourceTemplate> for ResourceTemplate {
    fn from(template: model::ResourceTemplate) -> Self {
        Self {
            uri_template: template.uri_template,
            name: template.name,
            title: template.title,
            description: template.description,
            mime_type: template.mime_type,
        }
    }
}

/// All of a listing, page after page. One that does not end is an error.
pub(crate) async fn all<T, F>(
    server: &str,
    what: &str,
    mut page: impl FnMut(Option<model::PaginatedRequestParams>) -> F,
) -> Result<Vec<T>>
where
    F: Future<Output = Result<(Vec<T>, Option<String>), ServiceError>>,
{
    let endless = || {
        let message = format!("{what} does not end");
        Error::new(ErrorKind::Protocol, server, message)
    };
    let (mut items, mut cursor) = (Vec::new(), None::<String>);
    for _ in 0..PAGES {
        let params = cursor
            .clone()
            .map(|cursor| model::PaginatedRequestParams::default().with_cursor(Some(cursor)));
        let (more, next) = page(params)
            .await
            .map_err(|error| Error::of_service(server, what, error))?;
        // Servers that have no type for what is not there write it so.
        let next = next.filter(|next| !next.is_empty());
        items.extend(more);
        if items.len() > MOST || next.is_some() && next == cursor {
            return Err(endless());
        }
        match next {
            Some(_) => cursor = next,
            None => return Ok(items),
        }
    }
    Err(endless())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Pages that all have a next one.
    async fn pages(
        items: usize,
        next: impl Fn(usize) -> Option<String> + Send + Sync,
    ) -> Result<Vec<()>> {
        let mut asked = 0;
        let page = |_| {
            asked += 1;
            let page = Ok((vec![(); items], next(asked)));
            async { page }
        };
        all("demo", "the list", page).await
    }

    #[tokio::test]
    async fn a_listing_ends_or_is_an_error() {
        let three = pages(2, |page| (page < 3).then(|| page.to_string()));
        assert_eq!(three.await.unwrap().len(), 6);
        let empty = pages(2, |_| Some(String::new())).await;
        assert_eq!(empty.unwrap().len(), 2);
        let same = pages(0, |_| Some("same".to_owned())).await;
        let alternating = pages(0, |page| Some((page % 2).to_string())).await;
        let growing = pages(100, |page| Some(page.to_string())).await;
        for endless in [same, alternating, growing] {
            let error = endless.unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Protocol);
            assert!(error.to_string().contains("does not end"), "{error}");
        }
    }
}
