//! Typed calls on behalf of checks that know only official names: what goes in, what comes out.

mod answer;
mod arguments;
mod problem;
pub(crate) mod table;

pub(crate) use answer::Answer;
pub(crate) use arguments::Arguments;
pub(crate) use problem::Problem;

use std::pin::Pin;

use anthropic::Client;

use crate::generated;

/// A typed call behind an official name.
pub(crate) struct Call {
    name: &'static str,
    run: Run,
    streams: bool,
}

/// Makes a call: typed arguments from named ones, and text from the typed result.
type Run = for<'a> fn(
    &'a Client,
    Arguments,
) -> Pin<Box<dyn Future<Output = Result<Answer, Problem>> + Send + 'a>>;

impl Call {
    /// A call whose result comes at once.
    pub(crate) const fn new(name: &'static str, run: Run) -> Self {
        let streams = false;
        Self { name, run, streams }
    }

    /// A call whose result streams, or does so when it is asked to.
    pub(crate) const fn streaming(name: &'static str, run: Run) -> Self {
        let streams = true;
        Self { name, run, streams }
    }

    /// The call of an official name.
    pub(crate) fn find(name: &str) -> Result<&'static Self, Problem> {
        let calls = generated::calls::CALLS.iter().copied().flatten();
        calls
            .into_iter()
            .find(|call| call.name == name)
            .ok_or_else(|| Problem::usage(format!("there is no call `{name}`")))
    }

    /// The call of an official name, if it is one that streams.
    pub(crate) fn find_streaming(name: &str) -> Result<&'static Self, Problem> {
        let call = Self::find(name)?;
        if call.streams {
            Ok(call)
        } else {
            Err(Problem::usage(format!("`{name}` does not stream")))
        }
    }

    /// Its official name.
    pub(crate) fn name(&self) -> &'static str {
        self.name
    }

    /// Makes it.
    pub(crate) async fn make(
        &self,
        client: &Client,
        arguments: Arguments,
    ) -> Result<Answer, Problem> {
        (self.run)(client, arguments).await
    }
}
