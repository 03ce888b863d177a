//! Names of a tool's arguments as the API takes them, and back.

use std::collections::{HashMap, HashSet};

use serde_json::{Map, Value};

/// The longest name that the API takes.
const LONGEST: usize = 64;

/// The names of arguments that the API does not take, each as it is written instead and as the
/// server has it.
#[derive(Debug, Clone, Default)]
pub(crate) struct Renamed(Vec<(String, String)>);

impl Renamed {
    /// Gives the properties of a schema names that the API takes: one other name would have every
    /// request refused that has the tool. Only those at the root have such names.
    pub(crate) fn in_schema(schema: &mut Map<String, Value>) -> Self {
        let Some(Value::Object(properties)) = schema.get_mut("properties") else {
            return Self::default();
        };
        if properties.keys().all(|name| is_taken(name)) {
            return Self::default();
        }
        let mut renamed = Vec::new();
        let mut taken: HashSet<String> = properties
            .keys()
            .filter(|name| is_taken(name))
            .cloned()
            .collect();
        let mut numbers = HashMap::new();
        let before = std::mem::take(properties);
        for (name, property) in before {
            if is_taken(&name) {
                properties.insert(name, property);
                continue;
            }
            let written = free(&name, &taken, &mut numbers);
            taken.insert(written.clone());
            properties.insert(written.clone(), property);
            renamed.push((written, name));
        }
        let required = schema.get_mut("required").and_then(Value::as_array_mut);
        let written: HashMap<&str, &str> = renamed
            .iter()
            .map(|(written, own): &(String, String)| (own.as_str(), written.as_str()))
            .collect();
        for name in required.into_iter().flatten() {
            let written = name.as_str().and_then(|name| written.get(name));
            if let Some(written) = written {
                *name = (*written).into();
            }
        }
        Self(renamed)
    }

    /// The arguments as the server has them.
    pub(crate) fn back(&self, mut arguments: Map<String, Value>) -> Map<String, Value> {
        for (written, own) in &self.0 {
            if let Some(value) = arguments.remove(written) {
                arguments.insert(own.clone(), value);
            }
        }
        arguments
    }
}

fn is_taken(name: &str) -> bool {
    (1..=LONGEST).contains(&name.len()) && name.chars().all(is_plain)
}

fn is_plain(char: char) -> bool {
    char.is_ascii_alphanumeric() || matches!(char, '_' | '.' | '-')
}

/// The name with an underscore for each character that the API does not take, and a number where
/// another has that name. `numbers` has the next one of each: a server may have many names that are
/// written alike.
fn free(name: &str, taken: &HashSet<String>, numbers: &mut HashMap<String, usize>) -> String {
    let plain = |char| if is_plain(char) { char } else { '_' };
    let written: String = name.chars().map(plain).take(LONGEST).collect();
    let number = numbers.entry(written.clone()).or_insert(1);
    loop {
        let suffix = match *number {
            1 => String::new(),
            number => format!("_{number}"),
        };
        *number += 1;
        // All of it is ASCII.
        let mut free: String = written.chars().take(LONGEST - suffix.len()).collect();
        free.push_str(&suffix);
        if !free.is_empty() && !taken.contains(&free) {
            return free;
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn names_are_those_that_the_api_takes_and_come_back() {
        let long = "x".repeat(65);
        let mut schema = json!({
            "type": "object",
            "properties": {"filter[id]": {"type": "string"}, "filter_id_": {}, "$top": {}, "a.b-c": {}, "": {}, &*long: {}},
            "required": ["filter[id]", "a.b-c"],
        });
        let renamed = Renamed::in_schema(schema.as_object_mut().unwrap());
        let properties = schema["properties"].as_object().unwrap();
        assert_eq!(properties.len(), 6);
        assert!(properties.keys().all(|name| is_taken(name)), "{schema:#}");
        assert_eq!(properties["filter_id__2"], json!({"type": "string"}));
        assert_eq!(schema["required"], json!(["filter_id__2", "a.b-c"]));
        let arguments = json!({"filter_id__2": 1, "filter_id_": 2, "_top": 3, "_2": 4, &long[1..]: 5, "other": 6});
        let own =
            json!({"filter[id]": 1, "filter_id_": 2, "$top": 3, "": 4, &*long: 5, "other": 6});
        let back = renamed.back(arguments.as_object().unwrap().clone());
        assert_eq!(Value::Object(back), own);
    }

    /// A server's list is not to take the thread for minutes.
    #[test]
    fn many_names_that_are_written_alike_cost_no_search() {
        let names = (0..20_000_u32).map(|number| {
            let name = [number >> 8, number & 0xff].map(|part| char::from_u32(0x4e00 + part));
            name.into_iter().flatten().collect::<String>()
        });
        let names: Vec<String> = names.collect();
        let properties: Map<String, Value> = names
            .iter()
            .map(|name| (name.clone(), json!({"required": true})))
            .collect();
        let twice = [&*names, &*names].concat();
        let schema = json!({"type": "object", "properties": properties, "required": twice});
        let mut schema = anthropic::schema::mended(schema).to_value();
        let renamed = Renamed::in_schema(schema.as_object_mut().unwrap());
        assert_eq!(renamed.0.len(), names.len());
        assert_eq!(schema["required"].as_array().unwrap().len(), names.len());
    }
}
