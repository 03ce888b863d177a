//! Everything that has no file of its own: agents, sessions, vaults, organizations and whatever
//! else is described.
//!
//! What a request does follows from its path and verb (`catalog.rs`), what it returns from the
//! described type (`make.rs`), and what it leaves behind is kept (`store.rs`). Objects that others
//! fill, such as the versions of an agent, are in `related.rs`, refusals in `rules.rs`; sessions
//! talk back in `events.rs`, by what `agent.rs` finds; `notify.rs` notifies webhooks. Ids of other
//! objects in a request are not looked up, besides those in its path and those of a session's agent
//! and environment.

mod add;
mod agent;
mod ask;
mod catalog;
mod events;
mod filter;
mod make;
mod names;
mod notify;
mod part;
mod read;
mod related;
mod rules;
mod store;
#[cfg(test)]
mod tests;
mod verbs;
mod write;

use std::sync::Arc;

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use axum::{Extension, Router};
use http::{Method, StatusCode, Uri};

use self::agent::Turn;
use self::ask::Ask;
use self::catalog::Role;
use self::store::Store;
use crate::base::errors::ApiError;
use crate::description::{Matched, description};
use crate::http::call::{Call, CallArg, HandlerResult};

pub(crate) use store::Resources;

/// The routes: whatever no other route serves.
pub(crate) fn routes(resources: Arc<Resources>) -> Router {
    Router::new().fallback(serve).with_state(resources)
}

async fn serve(
    State(resources): State<Arc<Resources>>,
    Extension(call): CallArg,
    matched: Option<Extension<Arc<Matched>>>,
    method: Method,
    uri: Uri,
) -> Response {
    match matched {
        Some(Extension(matched)) => respond(&resources, &call, &matched).await.into_response(),
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

/// The response to a method that a path does not have.
pub(crate) async fn wrong_method(method: Method, uri: Uri) -> ApiError {
    let message = format!("Method not allowed: {method} {}", uri.path());
    ApiError::new(
        StatusCode::METHOD_NOT_ALLOWED,
        "invalid_request_error",
        message,
    )
}

async fn respond(resources: &Arc<Resources>, call: &Call, matched: &Matched) -> HandlerResult {
    let mut ask = Ask::new(resources, call, matched)?;
    let turn = {
        let mut store = resources.lock();
        check(&ask, &mut store)?;
        Turn::due(&ask, &store)
    };
    if let Some(turn) = turn {
        ask.part = Some(turn.take(&resources.messages, call).await);
    }
    answer(resources, &ask)
}

fn check(ask: &Ask<'_>, store: &mut Store) -> Result<(), ApiError> {
    ask.check_parents(store)?;
    if !ask.resources.any_reference {
        rules::references(ask, store)?;
    }
    if !ask.resources.any_model {
        rules::model(ask)?;
    }
    // What other requests have left behind does not count where nobody need have created anything.
    if ask.resources.lenient {
        return Ok(());
    }
    rules::check(ask, store)
}

fn answer(resources: &Arc<Resources>, ask: &Ask<'_>) -> HandlerResult {
    let mut store = resources.lock();
    // While an agent was thinking, somebody may have deleted its session.
    check(ask, &mut store)?;
    let answer = match ask.role {
        Role::List => read::list(ask, &store),
        Role::Read => read::retrieve(ask, &store),
        Role::Poll => Ok(read::poll(ask, &store)),
        Role::Download => read::download(ask, &store),
        Role::Single => Ok(read::single(ask, &store)),
        Role::Stream => Ok(events::stream(ask, resources)),
        Role::Create => Ok(write::create(ask, &mut store)),
        Role::Update | Role::Put => write::update(ask, &mut store),
        Role::Change => Ok(write::change(ask, &mut store)),
        Role::Remove => write::remove(ask, &mut store),
        Role::Act => verbs::act(ask, &mut store),
        Role::Compute => Ok(write::compute(ask)),
    };
    if answer.is_ok() {
        notify::changed(ask, &store);
    }
    drop(store);
    resources.announce();
    answer
}
