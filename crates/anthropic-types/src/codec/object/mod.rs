//! Objects: a struct maps keys to fields ([`Layout`]) and gives its fields by number; everything
//! else is the same for all of them.

mod layout;
mod read;
mod write;

pub(crate) use layout::{Constant, Field, Layout, Presence};
pub(crate) use read::{Parts, ReadObject, Reading, Rest, Slot, no_object, parts, read_object};
