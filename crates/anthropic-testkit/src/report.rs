//! What a suite found: one line for each check.

use std::fmt;

/// The result of a suite.
///
/// `Display` lists every check; a test calls [`assert`](Self::assert).
#[derive(Debug, Clone)]
#[must_use = "a report that nobody looks at hides failures"]
pub struct Report {
    subject: String,
    checks: Vec<Check>,
}

/// One check of a suite.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Check {
    /// What has to hold, as a sentence.
    pub name: &'static str,
    /// Whether it holds.
    pub outcome: Outcome,
}

/// How a check ended.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Outcome {
    /// It holds.
    Passed,
    /// It does not apply to this implementation, and why.
    Skipped(String),
    /// It does not hold, and what was seen instead.
    Failed(String),
}

impl Report {
    pub(crate) fn new(subject: String) -> Self {
        Self {
            subject,
            checks: Vec::new(),
        }
    }

    pub(crate) fn add(&mut self, name: &'static str, result: Result<(), Fault>) {
        let outcome = match result {
            Ok(()) => Outcome::Passed,
            Err(Fault::Skip(reason)) => Outcome::Skipped(reason),
            Err(Fault::Fail(reason)) => Outcome::Failed(reason),
        };
        self.checks.push(Check { name, outcome });
    }

    /// Every check, in the order in which they ran.
    pub fn checks(&self) -> &[Check] {
        &self.checks
    }

    /// The checks that failed.
    pub fn failures(&self) -> impl Iterator<Item = &Check> {
        let failed = |check: &&Check| matches!(check.outcome, Outcome::Failed(_));
        self.checks.iter().filter(failed)
    }

    /// The outcome of the check with this name.
    pub fn outcome(&self, name: &str) -> Option<&Outcome> {
        let found = self.checks.iter().find(|check| check.name == name);
        found.map(|check| &check.outcome)
    }

    /// Whether no check failed.
    pub fn is_ok(&self) -> bool {
        self.failures().next().is_none()
    }

    /// Ends a test that an implementation does not pass.
    ///
    /// # Panics
    ///
    /// If a check failed, with the whole report.
    #[track_caller]
    pub fn assert(&self) {
        assert!(self.is_ok(), "{self}");
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let failed = self.failures().count();
        let count = self.checks.len();
        writeln!(f, "{}: {failed} of {count} checks failed", self.subject)?;
        for check in &self.checks {
            match &check.outcome {
                Outcome::Passed => writeln!(f, "  ok      {}", check.name)?,
                Outcome::Skipped(why) => writeln!(f, "  skipped {}: {why}", check.name)?,
                Outcome::Failed(why) => writeln!(f, "  FAILED  {}: {why}", check.name)?,
            }
        }
        Ok(())
    }
}

/// Why a check has not passed.
#[derive(Debug)]
pub(crate) enum Fault {
    Skip(String),
    Fail(String),
}

impl Fault {
    pub(crate) fn new(message: impl Into<String>) -> Self {
        Self::Fail(message.into())
    }

    /// The same, with what it is about.
    pub(crate) fn within(self, what: &str) -> Self {
        match self {
            Self::Fail(reason) => Self::Fail(format!("`{what}`: {reason}")),
            skip @ Self::Skip(_) => skip,
        }
    }
}

impl From<anthropic::Error> for Fault {
    fn from(error: anthropic::Error) -> Self {
        Self::Fail(format!("unexpected error ({:?}): {error}", error.kind()))
    }
}

impl From<std::io::Error> for Fault {
    fn from(error: std::io::Error) -> Self {
        Self::Fail(format!("the suite's own server failed: {error}"))
    }
}

/// What a check returns.
pub(crate) type Verdict<T = ()> = Result<T, Fault>;

/// Fails the check with a message unless the condition holds.
macro_rules! ensure {
    ($condition:expr, $($message:tt)+) => {
        if !$condition {
            return Err($crate::report::Fault::new(format!($($message)+)));
        }
    };
}

/// Fails the check unless the two are equal, with both in the message.
macro_rules! ensure_eq {
    ($found:expr, $wanted:expr, $what:expr) => {{
        let (found, wanted) = (&$found, &$wanted);
        if found != wanted {
            return Err($crate::report::Fault::new(format!(
                "{}: found {found:?}, expected {wanted:?}",
                $what
            )));
        }
    }};
}

pub(crate) use {ensure, ensure_eq};
