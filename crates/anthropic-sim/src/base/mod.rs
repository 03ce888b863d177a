//! What every other module may use and what uses none of them.

pub(crate) mod base64;
pub(crate) mod cause;
pub(crate) mod clock;
pub(crate) mod errors;
pub(crate) mod files;
pub(crate) mod ids;
pub(crate) mod signature;
pub(crate) mod spool;
pub(crate) mod sync;
pub(crate) mod wire;
