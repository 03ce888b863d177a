//! One tool or several, as one type.

use std::fmt;
use std::sync::Arc;

use super::guarded::Guarded;
use super::tool::Tool;

/// One tool or several. Cheap to clone.
///
/// Tools, arrays, tuples and lists of tools become one, so what takes `impl Into<Tools>` takes all
/// of them:
///
/// ```
/// use anthropic::tools::{Tools, tool_with};
/// use anthropic::types::{Json, Tool};
/// use serde_json::json;
///
/// let define = |name: &str| Tool::new(json!({"type": "object", "properties": {}}), name);
/// let one = || tool_with(define("one"), |_: Json, _| async { "1" });
/// let two = || tool_with(define("two"), |_: Json, _| async { "2" });
///
/// let tools = Tools::from((one(), two()));
/// assert_eq!(tools.names().collect::<Vec<_>>(), ["one", "two"]);
/// let tools = Tools::from([Tools::from(one()), tools]);
/// assert_eq!(tools.len(), 3); // A run refuses two tools of one name.
/// ```
#[derive(Clone, Default)]
#[must_use = "tools do nothing until a run has them"]
pub struct Tools(Vec<Guarded<Arc<dyn Tool>>>);

impl Tools {
    /// No tools.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds one tool or several.
    pub fn with(mut self, tools: impl Into<Self>) -> Self {
        self.append(tools.into());
        self
    }

    /// Each tool, in order.
    pub fn iter(&self) -> impl Iterator<Item = &Arc<dyn Tool>> {
        self.0.iter().filter_map(Guarded::get)
    }

    /// The tools' names, in order.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.iter().map(|tool| tool.name())
    }

    /// The tool of this name.
    pub fn get(&self, name: &str) -> Option<&Arc<dyn Tool>> {
        self.iter().find(|tool| tool.name() == name)
    }

    /// How many tools there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(super) fn append(&mut self, mut tools: Self) {
        if self.0.is_empty() {
            *self = tools;
        } else {
            self.0.append(&mut tools.0);
        }
    }
}

/// What a run takes as tools: whatever becomes [`Tools`].
///
/// It is implemented for all that does, and for nothing else. It is here for the compiler's error
/// where something is not a tool.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a tool",
    label = "not a tool",
    note = "for a function with `#[tool]` write `NAME::tool()`, for a value with `#[tools]` write `value.tools()`; a closure becomes a tool by `anthropic::tools::tool_fn`"
)]
pub trait IntoTools {
    /// The tools.
    fn into_tools(self) -> Tools;
}

#[diagnostic::do_not_recommend]
impl<T: Into<Tools>> IntoTools for T {
    fn into_tools(self) -> Tools {
        self.into()
    }
}

impl<T: Tool> From<T> for Tools {
    fn from(tool: T) -> Self {
        Self::from(Arc::new(tool) as Arc<dyn Tool>)
    }
}

impl From<Arc<dyn Tool>> for Tools {
    fn from(tool: Arc<dyn Tool>) -> Self {
        Self(vec![Guarded::new(tool)])
    }
}

impl<T: Into<Self>, const N: usize> From<[T; N]> for Tools {
    fn from(tools: [T; N]) -> Self {
        tools.into_iter().collect()
    }
}

impl<T: Into<Self>> From<Vec<T>> for Tools {
    fn from(tools: Vec<T>) -> Self {
        tools.into_iter().collect()
    }
}

impl<T: Into<Self>> FromIterator<T> for Tools {
    fn from_iter<I: IntoIterator<Item = T>>(tools: I) -> Self {
        Self(tools.into_iter().flat_map(|tools| tools.into().0).collect())
    }
}

impl<T: Into<Self>> Extend<T> for Tools {
    fn extend<I: IntoIterator<Item = T>>(&mut self, tools: I) {
        self.0
            .extend(tools.into_iter().flat_map(|tools| tools.into().0));
    }
}

macro_rules! tuples {
    ($(($($name:ident)+))*) => {
        $(
            impl<$($name: Into<Tools>),+> From<($($name,)+)> for Tools {
                #[allow(non_snake_case, reason = "a type's name is its value's")]
                fn from(($($name,)+): ($($name,)+)) -> Self {
                    Self::new()$(.with($name))+
                }
            }
        )*
    };
}

tuples! { (A) (A B) (A B C) (A B C D) (A B C D E) (A B C D E F) (A B C D E F G) (A B C D E F G H) }

impl fmt::Debug for Tools {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.names()).finish()
    }
}
