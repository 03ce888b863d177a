//! What was requested and what was returned: kept for assertions and the inspector, recorded, and
//! replayed.

pub(crate) mod exchange;
pub(crate) mod journal;
pub(crate) mod observer;
pub(crate) mod recorder;
pub(crate) mod recording;
pub(crate) mod scrub;
pub(crate) mod tee;
