//! The table of operations.

use crate::generated;
use crate::operation::OperationInfo;

/// Every operation of the API that this build knows: what generic tools and tests go through.
///
/// ```
/// let create = anthropic::operations().iter().find(|it| it.id() == "messages.create").unwrap();
/// assert_eq!(create.path(), "/v1/messages");
/// ```
pub fn operations() -> &'static [&'static OperationInfo] {
    generated::OPERATIONS
}
