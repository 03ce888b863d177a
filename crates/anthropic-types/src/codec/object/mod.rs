//! Objects: a struct maps keys to fields ([`Layout`]) and gives its fields by number; everything
//! else is the same for all of them.

mod layout;
mod read;
mod write;

pub(crate) use layout::{Constant, Field, Layout, Presence};
pub(crate) use read::{ReadObject, Reading, Rest, Slot, read_object};
pub(crate) use write::{WriteObject, write_object};
