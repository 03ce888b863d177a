//! Everything that has no file of its own: agents, sessions, vaults, organizations and whatever else is described.
//!
//! What a request does follows from its path and verb (`catalog.rs`), what it answers from the described type
//! (`make.rs`), and what it leaves behind is kept (`store.rs`). Objects that others fill, such as the versions of an
//! agent, are in `related.rs`, refusals in `rules.rs`; sessions talk back a little in `events.rs`. Ids of other objects in a request are not
//! looked up, besides the ids in its path.

mod ask;
mod catalog;
mod events;
mod filter;
mod make;
mod names;
mod read;
mod related;
mod rules;
mod store;
#[cfg(test)]
mod tests;
mod verbs;
mod write;

use std::sync::Arc;

use axum::{
    Extension,
    extract::State,
    response::{IntoResponse, Response},
};
use http::{Method, StatusCode, Uri};

use self::{ask::Ask, catalog::Role};
use crate::{
    call::{Call, In, Out},
    description::{Matched, description},
    errors::ApiError,
    state::App,
};

pub(crate) use store::Resources;

/// Answers whatever no other route does.
pub(crate) async fn serve(
    State(app): State<App>,
    Extension(call): In,
    matched: Option<Extension<Arc<Matched>>>,
    method: Method,
    uri: Uri,
) -> Response {
    match matched {
        Some(Extension(matched)) => answer(&app, &call, &matched).into_response(),
        None if description().route(uri.path()).is_some() => {
            wrong_method(method, uri).await.into_response()
        }
        None => unknown(&uri).into_response(),
    }
}

fn unknown(uri: &Uri) -> ApiError {
    let path = uri.path();
    ApiError::not_found(format!("Not found: the simulator has no path {path}"))
}

pub(crate) async fn wrong_method(method: Method, uri: Uri) -> ApiError {
    let message = format!("Method not allowed: {method} {}", uri.path());
    ApiError::new(
        StatusCode::METHOD_NOT_ALLOWED,
        "invalid_request_error",
        message,
    )
}

fn answer(app: &App, call: &Call, matched: &Matched) -> Out {
    let ask = Ask::new(app, call, matched)?;
    let mut kept = app.resources.lock();
    ask.check_parents(&mut kept)?;
    rules::check(&ask, &kept)?;
    let answer = match ask.role {
        Role::List => read::list(&ask, &kept),
        Role::Read => read::retrieve(&ask, &kept),
        Role::Poll => Ok(read::poll(&ask, &kept)),
        Role::Download => read::download(&ask, &kept),
        Role::Single => Ok(read::single(&ask, &kept)),
        Role::Stream => Ok(events::stream(&ask, app)),
        Role::Create => Ok(write::create(&ask, &mut kept)),
        Role::Update | Role::Put => write::update(&ask, &mut kept),
        Role::Change => Ok(write::change(&ask, &mut kept)),
        Role::Remove => write::remove(&ask, &mut kept),
        Role::Act => verbs::act(&ask, &mut kept),
        Role::Compute => Ok(write::compute(&ask)),
    };
    drop(kept);
    app.resources.announce();
    answer
}
