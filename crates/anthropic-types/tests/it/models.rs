//! Deprecated models.

use anthropic_types::Model;

/// The table in the source: a model that is deprecated and the day of its end, a line each.
const SOURCE: &str = include_str!("../../src/generated/core/models.rs");

#[test]
fn every_deprecated_model_is_found_and_no_other() {
    let (_, table) = SOURCE.split_once("MODEL_ENDS").unwrap();
    let mut count = 0;
    for line in table.lines().filter(|line| line.starts_with("    (\"")) {
        let mut words = line.split('"').skip(1).step_by(2);
        let model = Model::from(words.next().unwrap());
        assert!(Model::KNOWN.contains(&model), "{model}");
        assert!(model.is_deprecated(), "{model}");
        assert_eq!(model.end_of_life(), words.next(), "{model}");
        count += 1;
    }
    let deprecated = Model::KNOWN.iter().filter(|it| it.is_deprecated());
    assert_eq!(deprecated.count(), count);
    for model in ["claude-opus-5-5", "claude", "zebra", ""].map(Model::from) {
        assert!(!model.is_deprecated(), "{model}");
        assert_eq!(model.end_of_life(), None, "{model}");
    }
}

#[test]
fn models_that_programs_name_stay() {
    for id in [
        "claude-opus-4-5-20251101",
        "claude-opus-4-1",
        "claude-opus-4-1-20250805",
        "claude-opus-4-0",
        "claude-opus-4-20250514",
        "claude-sonnet-4-0",
        "claude-sonnet-4-20250514",
        "claude-3-7-sonnet-latest",
        "claude-3-7-sonnet-20250219",
        "claude-3-5-haiku-latest",
        "claude-3-5-haiku-20241022",
        "claude-3-5-sonnet-latest",
        "claude-3-5-sonnet-20241022",
        "claude-3-5-sonnet-20240620",
        "claude-3-opus-latest",
        "claude-3-opus-20240229",
        "claude-3-haiku-20240307",
    ] {
        let model = Model::from(id);
        assert!(Model::KNOWN.contains(&model), "{id}");
        assert!(model.is_deprecated(), "{id}");
    }
}
