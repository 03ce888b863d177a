//! What an operation takes, found by its id.

use super::described::{Described, ParameterInfo};
use crate::generated::described;
use crate::operation::OperationInfo;

impl OperationInfo {
    /// What it does, in a sentence or two; empty for one of a program's own.
    pub fn doc(&self) -> &'static str {
        self.described().map_or("", |described| described.doc)
    }

    /// What it takes, in the API's order; empty for one of a program's own.
    pub fn parameters(&self) -> &'static [ParameterInfo] {
        self.described()
            .map_or(&[], |described| described.parameters)
    }

    /// The parameter of this name, or of this name in requests.
    pub fn parameter(&self, name: &str) -> Option<&'static ParameterInfo> {
        let all = self.parameters();
        let named = all.iter().find(|it| it.name() == name);
        named.or_else(|| all.iter().find(|it| it.wire() == name))
    }

    fn described(&self) -> Option<&'static Described> {
        let all = described::TABLES.iter().copied().flatten();
        all.into_iter().find(|described| described.id == self.id())
    }
}
