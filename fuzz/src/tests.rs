//! A short run of every target, so that they are exercised with the other tests.

use fastrand::Rng;

use super::{TARGETS, mutate};

#[test]
fn targets_find_no_fault() {
    for (name, run) in TARGETS {
        let corpus = mutate::corpus(name).unwrap();
        assert!(
            corpus.len() >= 7,
            "{name} has {} inputs to start from",
            corpus.len()
        );
        for input in &corpus {
            run(input);
        }
        let mut rng = Rng::with_seed(2026);
        for _ in 0..1000 {
            run(&mutate::input(&corpus, &mut rng));
        }
    }
}
