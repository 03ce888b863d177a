//! Whose responses the simulator gives.

use std::path::PathBuf;

use axum::response::Response;

use super::replay;
use super::stored::RecordingRequest;
#[cfg(feature = "record")]
use super::upstream;
use crate::base::errors::ApiError;

/// Whose responses are given.
#[derive(Debug, Default)]
pub(crate) enum Source {
    /// The simulator itself.
    #[default]
    Simulated,
    /// What was recorded.
    Recorded(replay::Replay),
    /// A real API, while it is recorded.
    #[cfg(feature = "record")]
    Upstream(upstream::Upstream),
}

/// The setting.
#[derive(Debug, Default)]
pub(crate) enum SourceConfig {
    #[default]
    Nothing,
    Replay(PathBuf),
    #[cfg(feature = "record")]
    Record {
        into: PathBuf,
        upstream: String,
    },
}

impl SourceConfig {
    pub(crate) fn open(self) -> std::io::Result<Source> {
        Ok(match self {
            Self::Nothing => Source::Simulated,
            Self::Replay(from) => Source::Recorded(replay::Replay::open(&from)?),
            #[cfg(feature = "record")]
            Self::Record { into, upstream } => {
                Source::Upstream(upstream::Upstream::new(into, &upstream)?)
            }
        })
    }
}

impl Source {
    /// The response, unless the simulator makes it itself.
    #[cfg_attr(
        not(feature = "record"),
        expect(clippy::unused_async, reason = "only the upstream is waited for")
    )]
    pub(crate) async fn answer(
        &self,
        request: &RecordingRequest<'_>,
        pace: std::time::Duration,
    ) -> Option<Result<Response, ApiError>> {
        match self {
            Self::Simulated => None,
            Self::Recorded(replay) => Some(replay.answer(&request.stored(), pace)),
            #[cfg(feature = "record")]
            Self::Upstream(upstream) => Some(upstream.answer(request).await),
        }
    }

    /// Goes back to the start.
    pub(crate) fn restart(&self) {
        if let Self::Recorded(replay) = self {
            replay.restart();
        }
    }

    pub(crate) fn is_simulated(&self) -> bool {
        matches!(self, Self::Simulated)
    }
}
