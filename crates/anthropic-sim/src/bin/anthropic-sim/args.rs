//! The command line: three flags, parsed by hand.

pub(crate) const HELP: &str = "\
A local simulator of the Claude API. It is not a model, needs no key and no network.

Usage: anthropic-sim [--port PORT] [--log json]

  --port PORT   listen on 127.0.0.1:PORT; 0, the default, picks a free port
  --log json    write one line of JSON per request to stderr
  --help        print this

The URL is printed on stdout. SIGINT and SIGTERM stop it.
";

#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Command {
    Help,
    Run(Args),
}

#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Args {
    pub(crate) port: u16,
    pub(crate) log: bool,
}

/// Reads the arguments; the error is one line that says what is wrong.
pub(crate) fn parse(args: impl Iterator<Item = String>) -> Result<Command, String> {
    let mut parsed = Args::default();
    let mut args = args;
    while let Some(arg) = args.next() {
        let (flag, inline) = match arg.split_once('=') {
            Some((flag, value)) => (flag.to_owned(), Some(value.to_owned())),
            None => (arg, None),
        };
        let mut value = || {
            inline
                .clone()
                .or_else(|| args.next())
                .ok_or(format!("{flag} needs a value"))
        };
        match flag.as_str() {
            "--help" | "-h" => return Ok(Command::Help),
            "--port" => {
                let port = value()?;
                parsed.port = port
                    .parse()
                    .map_err(|_| format!("--port: {port:?} is not a port number"))?;
            }
            "--log" => match value()?.as_str() {
                "json" => parsed.log = true,
                other => {
                    return Err(format!(
                        "--log: {other:?} is not a format; there is only json"
                    ));
                }
            },
            other => return Err(format!("unknown argument {other:?}")),
        }
    }
    Ok(Command::Run(parsed))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(line: &str) -> Result<Command, String> {
        parse(line.split_whitespace().map(str::to_owned))
    }

    #[test]
    fn flags_are_read() {
        assert_eq!(parsed(""), Ok(Command::Run(Args::default())));
        let expected = Ok(Command::Run(Args {
            port: 4010,
            log: true,
        }));
        assert_eq!(parsed("--port 4010 --log json"), expected);
        assert_eq!(parsed("--log=json --port=4010"), expected);
        assert_eq!(parsed("--port 1 --help"), Ok(Command::Help));
    }

    #[test]
    fn mistakes_are_named() {
        for (line, named) in [
            ("--port", "needs a value"),
            ("--port 70000", "70000"),
            ("--log xml", "xml"),
            ("--prot 1", "--prot"),
            ("4010", "4010"),
        ] {
            assert!(parsed(line).unwrap_err().contains(named), "{line}");
        }
    }
}
