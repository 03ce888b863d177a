//! The table of operations, for programs that go by names: command lines, gateways, tests.
//!
//! [`operations`] lists what the API can do: ids, paths, betas. With the feature `operations`,
//! [`OperationInfo`] also has what each operation takes, down to the fields of nested types and the
//! values of enums, and `Client::call` sends any of them:
//!
//! ```
//! # #[cfg(feature = "operations")] {
//! use anthropic::operations::{self, TypeRef};
//!
//! let create = operations::find("messages.create").unwrap();
//! let required = create.parameters().iter().filter(|it| it.is_required());
//! let required: Vec<&str> = required.map(|it| it.name()).collect();
//! assert_eq!(required, ["max_tokens", "messages", "model"]);
//!
//! let tier = create.parameter("service_tier").unwrap();
//! assert_eq!(tier.ty().values(), ["auto", "standard_only"]);
//! let tokens = create.parameter("max_tokens").unwrap();
//! assert!(matches!(tokens.ty(), TypeRef::Integer));
//! println!("{}", tokens.doc());
//! # }
//! ```

#[cfg(feature = "operations")]
mod answer;
#[cfg(feature = "operations")]
mod call;
#[cfg(feature = "operations")]
pub(crate) mod described;
#[cfg(feature = "operations")]
mod error;
#[cfg(feature = "operations")]
mod lookup;

use crate::generated;
use crate::operation::OperationInfo;

#[cfg(feature = "operations")]
pub use answer::Answer;
#[cfg(feature = "operations")]
pub use call::Call;
#[cfg(feature = "operations")]
pub use described::{FieldInfo, ParameterInfo, TypeInfo, TypeKind, TypeRef, VariantInfo};
#[cfg(feature = "operations")]
pub use error::{ParameterError, ParameterErrorKind};

/// The operations of the API in this build: the core, and the areas whose features are enabled.
///
/// ```
/// let create = anthropic::operations().iter().find(|it| it.id() == "messages.create").unwrap();
/// assert_eq!(create.path(), "/v1/messages");
/// ```
pub fn operations() -> &'static [&'static OperationInfo] {
    generated::OPERATIONS
}

/// The operation of this id, such as `messages.create`, if this build has it.
pub fn find(id: &str) -> Option<&'static OperationInfo> {
    operations().iter().copied().find(|info| info.id() == id)
}
