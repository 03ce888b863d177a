//! The one table of routes, and the steps before them.

use std::sync::Arc;

use axum::Router;
use axum::extract::{Request, State};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};

use super::access::{self, Access};
use super::dialect::{self, Dialect};
use super::gate::{self, Gate};
use crate::api::batches::Batches;
use crate::api::files::Files;
use crate::api::messages::Messages;
use crate::api::resources::{self, Resources};
use crate::api::skills::Skills;
use crate::api::{completions, models};
use crate::control::{self, Control};
use crate::description::{Matched, description};
use crate::http::call::Call;
use crate::inspector::{self, Inspector};
use crate::validate::Checks;

/// The subjects of the API, each with its state.
pub(crate) struct Subjects {
    pub(crate) messages: Arc<Messages>,
    pub(crate) batches: Arc<Batches>,
    pub(crate) files: Arc<Files>,
    pub(crate) skills: Arc<Skills>,
    pub(crate) resources: Arc<Resources>,
    /// Whether any id is one of an object.
    pub(crate) lenient_ids: bool,
    /// Whether a model need not exist.
    pub(crate) any_model: bool,
}

impl Subjects {
    /// What clears everything that requests have created.
    pub(crate) fn forget(&self) -> Box<dyn Fn() + Send + Sync> {
        let (messages, batches) = (Arc::clone(&self.messages), Arc::clone(&self.batches));
        let (files, skills) = (Arc::clone(&self.files), Arc::clone(&self.skills));
        let resources = Arc::clone(&self.resources);
        Box::new(move || {
            messages.forget();
            batches.forget();
            files.forget();
            skills.forget();
            resources.forget();
        })
    }
}

pub(crate) fn router(
    access: Arc<Access>,
    dialect: Option<Arc<Dialect>>,
    gate: Arc<Gate>,
    checks: Checks,
    subjects: Subjects,
    inspector: Inspector,
    control: Control,
) -> Router {
    let router = resources::routes(subjects.resources)
        .merge(subjects.messages.routes())
        .merge(subjects.batches.routes())
        .merge(completions::routes(gate.pace, subjects.any_model))
        .merge(models::routes(subjects.lenient_ids))
        .merge(subjects.files.routes())
        .merge(subjects.skills.routes())
        // For the routes above.
        .method_not_allowed_fallback(resources::wrong_method)
        .layer(middleware::from_fn_with_state(checks, check))
        .layer(middleware::from_fn_with_state(gate, gate::pass))
        .merge(inspector::routes(inspector))
        .merge(control::routes(control));
    let router = match dialect {
        None => router,
        // Around the routes, since what it changes is the path.
        Some(dialect) => Router::new()
            .fallback_service(router)
            .layer(middleware::from_fn_with_state(dialect, dialect::translate)),
    };
    router.layer(middleware::from_fn_with_state(access, access::check))
}

/// Checks a request against the description, and finds its operation.
async fn check(State(checks): State<Checks>, mut request: Request, next: Next) -> Response {
    let Some(call) = request.extensions().get::<Arc<Call>>().cloned() else {
        return next.run(request).await;
    };
    let beta = call.has_betas();
    if let Some(matched) = description().matched(request.method(), request.uri().path(), beta) {
        if let Err(error) = checks.request(&call, matched.operation) {
            return error.into_response();
        }
        request
            .extensions_mut()
            .insert(Arc::<Matched>::new(matched));
    }
    next.run(request).await
}
