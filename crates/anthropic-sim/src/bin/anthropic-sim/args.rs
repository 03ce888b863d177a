//! The command line, parsed by hand: few flags, and messages that name what is wrong.

use std::net::IpAddr;
use std::path::PathBuf;
use std::time::Duration;

use anthropic_sim::faults::Rule;
use anthropic_sim::{Platform, RateLimits, ToolCalls};

pub(crate) const HELP: &str = "\
A local simulator of the Claude API. It is not a model, needs no key and no network.

Usage: anthropic-sim [OPTIONS]

  --port PORT       listen on this port; 0, the default, picks a free one
  --host ADDRESS    listen on this address instead of 127.0.0.1; 0.0.0.0 is for other machines too
  --allow-host NAME accept this host name too, such as a service's in a compose file; may be repeated
  --cors ORIGIN     let pages of this origin talk to it, * for all; may be repeated
  --base-path PATH  serve everything below this path, such as /anthropic
  --tls FILE        serve HTTPS; write the certificate that clients have to trust to FILE, in PEM
  --token TOKEN     what other machines need for URL/_sim; made and printed if there is none and --host lets them
  --log json        write one line of JSON per request to stderr
  --pace MS         pause this long between the events of a stream; 0 by default
  --fault RULE      let something go wrong, such as 'status=529; path=/v1/messages; nth=2'; may be repeated
  --limit NAME=N    enforce a rate limit per minute: requests, input-tokens or output-tokens; may be repeated
  --lenient[=RULES] switch off the rules on conversations: all, or those named, separated by commas
  --lenient-ids     let any id in a path be one of an object, which is made when it is asked for
  --script FILE     rules and replies, as YAML or JSON, of at most 16 MiB; may be repeated
  --tools WHEN      when the built-in reply calls a tool: first (once a prompt, the default), named, never
  --platform NAME   stand in for a cloud: bedrock, mantle, aws, vertex, google-cloud, foundry
  --access-key ID:SECRET
                    an access key that may sign requests to AWS's; may be repeated; by default that of AWS's documentation,
                    AKIDEXAMPLE:wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY
  --webhook URL     deliver events to this http:// URL, signed; may be repeated
  --webhook-key KEY sign them with this key instead of the simulator's own; with several, each signs
  --webhook-retries S,…  try again after that many seconds, by the simulator's clock; 5,300,1800 and so on by default
  --record DIR      pass requests on to the API and store the exchanges in DIR, without secrets
  --upstream URL    the API that --record asks; https://api.anthropic.com by default
  --replay DIR      reply with what is stored in DIR, and with nothing else
  --help, -h        print this
  --version, -V     print the version

The URL is printed on stdout; a page at URL/_sim shows the requests, and URL/health is for health checks. With --platform
what is printed is the base URL for the platform's clients, which may have a path behind URL. SIGINT stops it; SIGTERM too, once the requests under way have their responses.
A request can ask for a fault itself, with the header anthropic-sim-fault: status=429; retry-after=1; and for a
reply, with the header anthropic-sim-reply. Rules can be added while it runs: POST URL/_sim/rules
The newest 1,000 requests are kept for URL/_sim/requests.
";

const UPSTREAM: &str = "https://api.anthropic.com";

#[derive(Debug)]
pub(crate) enum Command {
    Help,
    Version,
    Run(Box<Args>),
}

#[derive(Debug, Default)]
pub(crate) struct Args {
    pub(crate) host: Option<IpAddr>,
    pub(crate) port: u16,
    pub(crate) hosts: Vec<String>,
    pub(crate) origins: Vec<String>,
    pub(crate) base_path: String,
    pub(crate) token: Option<String>,
    /// Where the certificate to trust goes.
    pub(crate) tls: Option<PathBuf>,
    pub(crate) log: bool,
    pub(crate) pace: Duration,
    pub(crate) faults: Vec<Rule>,
    pub(crate) limits: Option<RateLimits>,
    /// The rules that are switched off; empty for all.
    pub(crate) lenient: Option<Vec<String>>,
    pub(crate) lenient_ids: bool,
    pub(crate) scripts: Vec<PathBuf>,
    pub(crate) tools: ToolCalls,
    pub(crate) platform: Option<Platform>,
    /// Ids and secrets.
    pub(crate) access_keys: Vec<(String, String)>,
    pub(crate) source: Source,
    /// URLs of endpoints for webhooks.
    pub(crate) webhooks: Vec<String>,
    pub(crate) webhook_keys: Vec<String>,
    pub(crate) webhook_retries: Option<Vec<Duration>>,
}

impl Args {
    /// Where it listens, whom it lets in, and whom it notifies of events.
    fn network(&mut self, flag: &str, value: String) -> Result<(), String> {
        match flag {
            "--allow-host" => self.hosts.push(value),
            "--base-path" => self.base_path = value,
            "--cors" => self.origins.push(value),
            "--host" => self.host = Some(number(flag, &value, "an IP address")?),
            "--port" => self.port = number(flag, &value, "a port number")?,
            "--tls" => self.tls = Some(value.into()),
            "--webhook" => self.webhooks.push(value),
            "--webhook-key" => self.webhook_keys.push(value),
            "--webhook-retries" => {
                let seconds = value.split(',').map(|seconds| {
                    let seconds: f64 = number(flag, seconds, "a number of seconds")?;
                    let wait = Duration::try_from_secs_f64(seconds);
                    wait.map_err(|_| format!("{flag}: {seconds} is not a number of seconds"))
                });
                self.webhook_retries = Some(seconds.collect::<Result<_, _>>()?);
            }
            _ => self.token = Some(value),
        }
        Ok(())
    }

    /// The cloud that it stands in for.
    fn cloud(&mut self, flag: &str, value: &str) -> Result<(), String> {
        if flag == "--platform" {
            let platform = value.parse();
            self.platform = Some(platform.map_err(|problem| format!("{flag}: {problem}"))?);
            return Ok(());
        }
        // The value is a secret, and not repeated.
        let (id, secret) = value
            .split_once(':')
            .filter(|(id, secret)| !id.is_empty() && !secret.is_empty())
            .ok_or_else(|| format!("{flag}: the value is not ID:SECRET"))?;
        self.access_keys.push((id.to_owned(), secret.to_owned()));
        Ok(())
    }
}

/// Where responses come from.
#[derive(Debug, PartialEq, Eq, Default)]
pub(crate) enum Source {
    #[default]
    Simulated,
    Record {
        into: PathBuf,
        upstream: String,
    },
    Replay(PathBuf),
}

/// Reads the arguments; the error is one line that names what is wrong.
pub(crate) fn parse(args: impl Iterator<Item = String>) -> Result<Command, String> {
    let mut parsed = Args::default();
    let (mut record, mut upstream, mut replay) = (None, None, None);
    let mut args = args;
    while let Some(arg) = args.next() {
        let (flag, inline) = match arg.split_once('=') {
            Some((flag, value)) => (flag.to_owned(), Some(value.to_owned())),
            None => (arg, None),
        };
        let mut value = || {
            let value = inline.clone().or_else(|| args.next());
            value
                .filter(|value| !value.is_empty())
                .ok_or(format!("{flag} needs a value"))
        };
        match flag.as_str() {
            "--help" | "-h" => return Ok(Command::Help),
            "--version" | "-V" => return Ok(Command::Version),
            "--allow-host" | "--base-path" | "--cors" | "--host" | "--port" | "--tls"
            | "--token" | "--webhook" | "--webhook-key" | "--webhook-retries" => {
                parsed.network(&flag, value()?)?;
            }
            "--pace" => {
                let millis = number(&flag, &value()?, "a number of milliseconds")?;
                parsed.pace = Duration::from_millis(millis);
            }
            "--log" => parsed.log = logged(&value()?)?,
            "--fault" => {
                let rule =
                    Rule::parse(&value()?).map_err(|problem| format!("--fault: {problem}"))?;
                parsed.faults.push(rule);
            }
            "--limit" => {
                let limits = parsed.limits.unwrap_or_default();
                parsed.limits = Some(limited(limits, &value()?)?);
            }
            "--lenient" => {
                let names = inline.as_deref().unwrap_or_default().split(',');
                let names = names.filter(|name| !name.is_empty());
                parsed.lenient = Some(names.map(str::to_owned).collect());
            }
            "--lenient-ids" => parsed.lenient_ids = true,
            "--script" => parsed.scripts.push(value()?.into()),
            "--tools" => {
                let when = value()?.parse();
                parsed.tools = when.map_err(|problem| format!("--tools: {problem}"))?;
            }
            "--platform" | "--access-key" => parsed.cloud(&flag, &value()?)?,
            "--record" => record = Some(value()?.into()),
            "--upstream" => upstream = Some(value()?),
            "--replay" => replay = Some(value()?.into()),
            other => return Err(format!("unknown argument {other:?}")),
        }
    }
    parsed.source = source(record, upstream, replay)?;
    let has_more = !parsed.webhook_keys.is_empty() || parsed.webhook_retries.is_some();
    if parsed.webhooks.is_empty() && has_more {
        return Err("--webhook-key and --webhook-retries go with --webhook".to_owned());
    }
    Ok(Command::Run(Box::new(parsed)))
}

fn source(
    record: Option<PathBuf>,
    upstream: Option<String>,
    replay: Option<PathBuf>,
) -> Result<Source, String> {
    match (record, upstream, replay) {
        (None, None, None) => Ok(Source::Simulated),
        (Some(into), upstream, None) => Ok(Source::Record {
            into,
            upstream: upstream.unwrap_or_else(|| UPSTREAM.to_owned()),
        }),
        (None, None, Some(from)) => Ok(Source::Replay(from)),
        (Some(_), _, Some(_)) => Err("--record and --replay exclude each other".to_owned()),
        (None, Some(_), _) => Err("--upstream goes with --record".to_owned()),
    }
}

fn number<N: std::str::FromStr>(flag: &str, value: &str, what: &str) -> Result<N, String> {
    value
        .parse()
        .map_err(|_| format!("{flag}: {value:?} is not {what}"))
}

fn logged(format: &str) -> Result<bool, String> {
    match format {
        "json" => Ok(true),
        other => Err(format!(
            "--log: {other:?} is not a format; there is only json"
        )),
    }
}

fn limited(limits: RateLimits, value: &str) -> Result<RateLimits, String> {
    let (name, limit) = value
        .split_once('=')
        .ok_or_else(|| format!("--limit: {value:?} is not NAME=N"))?;
    let limit = number("--limit", limit, "a number")?;
    match name {
        "requests" => Ok(limits.requests(limit)),
        "input-tokens" => Ok(limits.input_tokens(limit)),
        "output-tokens" => Ok(limits.output_tokens(limit)),
        other => Err(format!(
            "--limit: {other:?} is none of requests, input-tokens, output-tokens"
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(args: &[&str]) -> Result<Command, String> {
        parse(args.iter().map(|&arg| arg.to_owned()))
    }

    fn run(args: &[&str]) -> Args {
        match parsed(args) {
            Ok(Command::Run(args)) => *args,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn flags_are_read() {
        let none = run(&[]);
        assert!(none.port == 0 && !none.log && none.faults.is_empty() && none.limits.is_none());
        for args in [
            ["--port=4010", "--log=json"].as_slice(),
            &["--port", "4010", "--log", "json"],
        ] {
            let args = run(args);
            assert!(args.port == 4010 && args.log);
        }
        let args = run(&[
            "--fault=status=529; nth=2",
            "--fault",
            "reset",
            "--limit",
            "requests=5",
            "--pace",
            "20",
        ]);
        assert_eq!(
            (args.faults.len(), args.pace),
            (2, Duration::from_millis(20))
        );
        assert!(args.limits.is_some());
        assert_eq!(run(&["--lenient"]).lenient, Some(Vec::new()));
        assert!(!none.lenient_ids && run(&["--lenient-ids"]).lenient_ids);
        assert_eq!(run(&["--tools", "named"]).tools, ToolCalls::Named);
        assert_eq!(run(&["--tls", "a.pem"]).tls, Some("a.pem".into()));
        let webhooks = run(&["--webhook", "http://a/", "--webhook-retries=0.5,60"]);
        assert_eq!(webhooks.webhooks, ["http://a/"]);
        let retries = [Duration::from_millis(500), Duration::from_secs(60)];
        assert_eq!(webhooks.webhook_retries.as_deref(), Some(&retries[..]));
        let scripts = run(&["--script", "a.yaml", "--script=b.json"]).scripts;
        assert_eq!(scripts, ["a.yaml", "b.json"].map(PathBuf::from));
        let some = vec!["media".to_owned(), "prefill".to_owned()];
        assert_eq!(run(&["--lenient=media,prefill"]).lenient, Some(some));
        let cloud = run(&["--platform", "google-cloud", "--access-key=AKID:a:b"]);
        assert_eq!(cloud.platform, Some(Platform::GoogleCloud));
        assert_eq!(cloud.access_keys, [("AKID".to_owned(), "a:b".to_owned())]);
        let record = Source::Record {
            into: "d".into(),
            upstream: UPSTREAM.to_owned(),
        };
        assert_eq!(run(&["--record", "d"]).source, record);
        assert_eq!(run(&["--replay=d"]).source, Source::Replay("d".into()));
        assert!(matches!(
            parsed(&["--port", "1", "--help"]),
            Ok(Command::Help)
        ));
        assert!(matches!(parsed(&["-V"]), Ok(Command::Version)));
    }

    #[test]
    fn mistakes_are_named() {
        for (args, named) in [
            (["--port"].as_slice(), "--port needs a value"),
            (&["--port", "70000"], "70000"),
            (&["--log", "xml"], "xml"),
            (&["--pace", "fast"], "fast"),
            (&["--host", "here"], "is not an IP address"),
            (&["--prot", "1"], "--prot"),
            (&["4010"], "4010"),
            (&["--fault", "statsu=1"], "statsu"),
            (&["--limit", "requests"], "NAME=N"),
            (&["--limit", "tokens=1"], "tokens"),
            (&["--tools", "last"], "none of first, named, never"),
            (&["--platform", "oracle"], "none of bedrock, mantle, aws"),
            (&["--access-key", "AKID"], "not ID:SECRET"),
            (&["--record="], "--record needs a value"),
            (&["--record", "a", "--replay", "b"], "exclude"),
            (&["--upstream", "http://x"], "--record"),
            (
                &["--webhook-retries", "5,soon"],
                "\"soon\" is not a number of seconds",
            ),
            (&["--webhook-retries=-1"], "-1 is not a number of seconds"),
            (
                &["--webhook-key", "a"],
                "--webhook-key and --webhook-retries go with --webhook",
            ),
        ] {
            let error = parsed(args).unwrap_err();
            assert!(error.contains(named), "{args:?}: {error}");
        }
    }
}
