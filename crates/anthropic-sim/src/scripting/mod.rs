//! What a test makes the simulator do: replies, the rules that choose them, and faults.

pub(crate) mod calling;
pub mod faults;
pub(crate) mod reply;
pub(crate) mod request;
pub(crate) mod script;
pub(crate) mod scripts;
pub(crate) mod when;
