//! A value within a script, with its place.

use std::fmt;

use http::{HeaderName, HeaderValue};
use serde_json::{Map, Value};

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Step {
    Key(String),
    Index(usize),
}

/// What is wrong, and where.
#[derive(Debug)]
pub(super) struct Problem {
    pub(super) path: Vec<Step>,
    what: String,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.path.is_empty() {
            f.write_str("the script")?;
        }
        for (number, step) in self.path.iter().enumerate() {
            match step {
                Step::Key(key) if number == 0 => f.write_str(key)?,
                Step::Key(key) => write!(f, ".{key}")?,
                Step::Index(index) => write!(f, "[{index}]")?,
            }
        }
        write!(f, ": {}", self.what)
    }
}

pub(super) struct Node<'a> {
    pub(super) value: &'a Value,
    path: Vec<Step>,
}

impl<'a> Node<'a> {
    pub(super) fn root(value: &'a Value) -> Self {
        Self {
            value,
            path: Vec::new(),
        }
    }

    fn within(&self, step: Step, value: &'a Value) -> Self {
        let mut path = self.path.clone();
        path.push(step);
        Self { value, path }
    }

    pub(super) fn fails(&self, what: impl Into<String>) -> Problem {
        Problem {
            path: self.path.clone(),
            what: what.into(),
        }
    }

    /// Fails unless it is an object with no other keys than these.
    pub(super) fn only(&self, known: &[&str]) -> Result<&'a Map<String, Value>, Problem> {
        let fields = self.object()?;
        match fields
            .iter()
            .find(|(key, _)| !known.contains(&key.as_str()))
        {
            None => Ok(fields),
            Some((key, value)) => {
                let there_are = format!("unknown; there are {}", known.join(", "));
                Err(self.within(Step::Key(key.clone()), value).fails(there_are))
            }
        }
    }

    pub(super) fn object(&self) -> Result<&'a Map<String, Value>, Problem> {
        let fields = self.value.as_object();
        fields.ok_or_else(|| self.fails("should be an object"))
    }

    /// A field that is there and not null.
    pub(super) fn field(&self, name: &str) -> Option<Self> {
        let value = self.value.get(name).filter(|value| !value.is_null())?;
        Some(self.within(Step::Key(name.to_owned()), value))
    }

    /// The fields, with their names.
    pub(super) fn entries(&self) -> Result<Vec<(&'a str, Self)>, Problem> {
        let entries = self.object()?.iter();
        let entries = entries.map(|(key, value)| {
            let node = self.within(Step::Key(key.clone()), value);
            (key.as_str(), node)
        });
        Ok(entries.collect())
    }

    /// What every element of a list is read as.
    pub(super) fn each<T>(
        &self,
        read: impl Fn(&Self) -> Result<T, Problem>,
    ) -> Result<Vec<T>, Problem> {
        let list = self.value.as_array();
        let list = list.ok_or_else(|| self.fails("should be a list"))?;
        let elements = list.iter().enumerate();
        elements
            .map(|(index, value)| read(&self.within(Step::Index(index), value)))
            .collect()
    }

    /// A string, or a list of them.
    pub(super) fn strings(&self) -> Result<Vec<&'a str>, Problem> {
        if self.value.is_array() {
            self.each(Node::string)
        } else {
            self.string().map(|text| vec![text])
        }
    }

    pub(super) fn string(&self) -> Result<&'a str, Problem> {
        let text = self.value.as_str();
        text.ok_or_else(|| self.fails("should be a string"))
    }

    /// A string that a header can have as its value.
    pub(super) fn header_value(&self) -> Result<&'a str, Problem> {
        let text = self.string()?;
        match HeaderValue::from_str(text) {
            Ok(_) => Ok(text),
            Err(_) => Err(self.fails("a header's value has no line breaks or control characters")),
        }
    }

    /// The name of the header that this is the value of.
    pub(super) fn header_name<'n>(&self, name: &'n str) -> Result<&'n str, Problem> {
        match HeaderName::try_from(name) {
            Ok(_) => Ok(name),
            Err(_) => Err(self.fails("no header can have this name")),
        }
    }

    pub(super) fn number(&self) -> Result<u64, Problem> {
        let number = self.value.as_u64();
        number.ok_or_else(|| self.fails("should be a whole number"))
    }

    pub(super) fn boolean(&self) -> Result<bool, Problem> {
        let value = self.value.as_bool();
        value.ok_or_else(|| self.fails("should be true or false"))
    }
}
