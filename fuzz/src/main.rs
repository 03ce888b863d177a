//! Runs the fuzz targets: `anthropic-fuzz [target|all] [inputs] [seed]`.
//!
//! The same seed gives the same inputs. An input that makes a target panic is written to the folder
//! for temporary files; `anthropic-fuzz <target> <file>` tries it again.

use std::error::Error;
use std::process::ExitCode;
use std::{env, fs};

use anthropic_fuzz::{TARGETS, Target, mutate};

fn main() -> Result<ExitCode, Box<dyn Error>> {
    let mut arguments = env::args().skip(1);
    let wanted = arguments.next().unwrap_or_else(|| "all".to_owned());
    let what = arguments.next().unwrap_or_else(|| "20000".to_owned());
    let seed = arguments.next().map_or(Ok(0), |seed| seed.parse())?;
    let mut chosen = TARGETS
        .iter()
        .filter(|(name, _)| wanted == "all" || wanted == *name)
        .peekable();
    if chosen.peek().is_none() {
        let names: Vec<_> = TARGETS.iter().map(|(name, _)| *name).collect();
        eprintln!("no target {wanted:?}; there are {}", names.join(", "));
        return Ok(ExitCode::FAILURE);
    }
    for target in chosen {
        match what.parse() {
            Ok(inputs) => fuzz(target, inputs, seed)?,
            Err(_) => target.1(&fs::read(&what)?),
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn fuzz((name, run): &Target, inputs: u64, seed: u64) -> Result<(), Box<dyn Error>> {
    let corpus = mutate::corpus(name)?;
    let mut rng = fastrand::Rng::with_seed(seed);
    for _ in 0..inputs {
        let input = mutate::input(&corpus, &mut rng);
        let outcome = std::panic::catch_unwind(|| run(&input));
        if let Err(panic) = outcome {
            let file = env::temp_dir().join(format!("anthropic-fuzz-{name}-input"));
            fs::write(&file, &input)?;
            eprintln!("{name}: the input is in {}", file.display());
            std::panic::resume_unwind(panic);
        }
    }
    println!("{name}: {inputs} inputs, no fault");
    Ok(())
}
