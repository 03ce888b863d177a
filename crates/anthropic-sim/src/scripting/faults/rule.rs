//! When a fault happens: on which requests, and on how many of them.

use super::fault::Fault;
use super::text;

/// A [`Fault`] and the requests it happens to: all of them, unless limited by a method here.
///
/// ```
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> std::io::Result<()> {
/// use anthropic_sim::{Simulator, faults::{Fault, Rule}};
///
/// let simulator = Simulator::builder()
///     .fault(Rule::new(Fault::status(529)).path("/v1/messages").nth(2))
///     .fault(Rule::new(Fault::on_stream(|response| Fault::cut_after(response, 3))).model("claude-haiku-*"))
///     .start()
///     .await?;
/// simulator.fault(Rule::parse("status=429; retry-after=1; path=/v1/files; times=2").expect("a rule"));
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone)]
#[must_use = "a rule does nothing until a simulator has it"]
pub struct Rule {
    pub(super) fault: Fault,
    pub(super) name: String,
    pub(super) method: Option<String>,
    pub(super) path: Option<String>,
    pub(super) model: Option<String>,
    pub(super) skip: usize,
    pub(super) times: Option<usize>,
    pub(super) attempts: Option<u64>,
}

/// What a rule looks at.
#[derive(Debug, Clone, Copy)]
pub(crate) struct RequestFacts<'a> {
    pub(crate) method: &'a str,
    pub(crate) path: &'a str,
    pub(crate) model: Option<&'a str>,
    /// How often the client has tried before, by its own count.
    pub(crate) retries: u64,
}

impl Rule {
    /// This fault on every request.
    pub fn new(fault: Fault) -> Self {
        Self {
            fault,
            name: "a fault".to_owned(),
            method: None,
            path: None,
            model: None,
            skip: 0,
            times: None,
            attempts: None,
        }
    }

    /// Reads the text form: the value of the header `anthropic-sim-fault` and of the program's
    /// `--fault`. The [module's docs](super#as-text) list it. The error names what is wrong, in one
    /// line.
    pub fn parse(text: &str) -> Result<Self, String> {
        text::parse(text)
    }

    /// The type and message of a fault that is an error.
    pub(crate) fn error(&self) -> Option<(&str, &str)> {
        self.fault.failure()
    }

    /// Only requests with this method.
    pub fn method(mut self, method: impl Into<String>) -> Self {
        self.method = Some(method.into());
        self
    }

    /// Only requests for this path; `*` at its end stands for any rest.
    pub fn path(mut self, path: impl Into<String>) -> Self {
        self.path = Some(path.into());
        self
    }

    /// Only requests whose body has this `model`; `*` at its end stands for any rest.
    pub fn model(mut self, model: impl Into<String>) -> Self {
        self.model = Some(model.into());
        self
    }

    /// Only the `n`th of the requests that the conditions hold for, counted from 1.
    pub fn nth(self, n: usize) -> Self {
        self.after(n.saturating_sub(1)).times(1)
    }

    /// Lets the first `n` of those requests pass.
    pub fn after(mut self, n: usize) -> Self {
        self.skip = n;
        self
    }

    /// Happens `n` times and then no more.
    pub fn times(mut self, n: usize) -> Self {
        self.times = Some(n);
        self
    }

    /// Happens to a client's first `n` tries of a request, by the retries it counts in
    /// `x-stainless-retry-count`.
    ///
    /// A request without that header counts as a first try, however often it comes: the crate
    /// `anthropic` doesn't send it. For such clients use [`times(n)`](Self::times).
    pub fn attempts(mut self, n: u64) -> Self {
        self.attempts = Some(n);
        self
    }

    pub(super) fn holds(&self, request: RequestFacts<'_>) -> bool {
        let method = self.method.as_deref();
        let path = self.path.as_deref();
        method.is_none_or(|method| method.eq_ignore_ascii_case(request.method))
            && path.is_none_or(|path| fits(path, request.path))
            && self
                .model
                .as_deref()
                .is_none_or(|model| request.model.is_some_and(|asked| fits(model, asked)))
            && self
                .attempts
                .is_none_or(|attempts| request.retries < attempts)
    }

    /// Whether it happens to the request that is its `seen`th, counted from 0.
    pub(super) fn due(&self, seen: usize) -> bool {
        seen >= self.skip && self.times.is_none_or(|times| seen - self.skip < times)
    }
}

impl From<Fault> for Rule {
    fn from(fault: Fault) -> Self {
        Self::new(fault)
    }
}

fn fits(pattern: &str, text: &str) -> bool {
    match pattern.strip_suffix('*') {
        Some(start) => text.starts_with(start),
        None => text == pattern,
    }
}
