//! The one table of paths: which handler answers what.

use crate::{
    batches, completions, files, gate::gate, messages, models, page, resources, skills, state::App,
    validate,
};
use axum::{
    Router, middleware,
    routing::{get, post},
};

pub(crate) fn router(app: App) -> Router {
    Router::new()
        .route("/v1/messages", post(messages::create))
        .route("/v1/messages/count_tokens", post(messages::count_tokens))
        .route(
            "/v1/messages/batches",
            post(batches::create).get(batches::list),
        )
        .route(
            "/v1/messages/batches/{id}",
            get(batches::retrieve).delete(batches::delete),
        )
        .route("/v1/messages/batches/{id}/cancel", post(batches::cancel))
        .route("/v1/messages/batches/{id}/results", get(batches::results))
        .route("/v1/complete", post(completions::create))
        .route("/v1/models", get(models::list))
        .route("/v1/models/{id}", get(models::retrieve))
        .route("/v1/files", post(files::upload).get(files::list))
        .route("/v1/files/{id}", get(files::retrieve).delete(files::delete))
        .route("/v1/files/{id}/content", get(files::download))
        .route("/v1/skills", post(skills::create).get(skills::list))
        .route(
            "/v1/skills/{id}",
            get(skills::retrieve).delete(skills::delete),
        )
        .route(
            "/v1/skills/{id}/versions",
            post(skills::create_version).get(skills::list_versions),
        )
        .route(
            "/v1/skills/{id}/versions/{version}",
            get(skills::retrieve_version).delete(skills::delete_version),
        )
        .route(
            "/v1/skills/{id}/versions/{version}/content",
            get(skills::download),
        )
        .fallback(resources::serve)
        .method_not_allowed_fallback(resources::wrong_method)
        .layer(middleware::from_fn_with_state(app.clone(), validate::step))
        .layer(middleware::from_fn_with_state(app.clone(), gate))
        .merge(page::routes())
        .with_state(app)
}
