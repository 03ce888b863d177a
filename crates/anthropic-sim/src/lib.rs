//! The Claude API on your desk: a local HTTP server that behaves like the API, with no key and no
//! network.
//!
//! It is for tests, examples and offline work. **It is not a model and never pretends to be one**:
//! its replies state that they come from a simulator and quote a little of what they were asked.
//! What it does take seriously is the API's behaviour: paths, shapes, errors, headers, streams and
//! state over real TCP, so that a client sees no difference until it reads the text.
//!
//! ```
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> std::io::Result<()> {
//! use anthropic_sim::{Reply, Simulator};
//!
//! let simulator = Simulator::builder().reply(Reply::text("Hello from a script.")).start().await?;
//! println!("point a client at {} with any key, such as {}", simulator.url(), simulator.api_key());
//! assert!(simulator.requests().is_empty());
//! # Ok(())
//! # }
//! ```
//!
//! # Where a reply comes from
//! In this order:
//!
//! 1. the request's own header `anthropic-sim-reply`: a text, or a reply of a [`Script`] as JSON;
//! 2. the queue of scripted replies ([`Builder::reply`], [`Simulator::reply`]);
//! 3. the first rule whose condition holds ([`Builder::when`], [`When`]);
//! 4. the handler, a function of the request ([`Builder::handler`], [`Builder::async_handler`]);
//! 5. the built-in reply, which depends on the request alone: the same request gets the same
//!    message with the same id, plain or streamed.
//!
//! A stream's events fold to exactly the message that the plain request returns. A [`Reply`] has as
//! much as a test cares about; the rest is made: ids, signatures, usage, the stop reason, a tool's
//! input ([`Reply::tool_call`]).
//!
//! The built-in reply is a text that states where it comes from. Before it comes a signed thinking
//! block when thinking is on. It is
//! - JSON that fits the schema, when `output_config.format` asks for it;
//! - a tool call whose input fits the tool's schema, when `tool_choice` asks for one, or, once a
//!   prompt, when tools are on offer: those that the prompt names as a word, or else the one whose
//!   name has most of its words, or else the first ([`Builder::tool_calls`] changes that); a server
//!   tool, or a remote MCP server's, is called and has its result at once;
//! - followed by a quotation with its citation, when a document or search result of the request has
//!   citations on;
//! - a compaction, when `compaction` or `context_management` asks for it.
//!
//! `stop_sequences` and `max_tokens` cut it as the API would.
//!
//! # What is remembered
//! Message threads (`thread: {"type": "create"}` and `"continue"`): a turn is kept under its
//! reply's id, can be continued once, and what can't be continued gets the API's error codes.
//! Replies on threads are numbered, so that equal threads are apart. The prompt cache, as far as
//! usage shows it. Batches, whose requests are done one after the other over
//! [`Builder::batch_delay`]; files; skills.
//!
//! Everything else that the API describes has state too: what is created is found, listed in pages,
//! changed, archived and deleted, under ids in the API's style. Collections that nobody can add to,
//! such as the organization's users, have three objects from the start. A session's agent and
//! environment must exist; ids of other objects in a body are not looked up.
//!
//! What is sent to a session gets a turn of its agent: the reply that a message request with its
//! model, system prompt, custom tools and conversation gets, scripted or built in, as events. The
//! session waits for the results of the custom tools that it calls.
//!
//! # What is refused
//! Every request is checked against the API's description: unknown, missing and wrong parameters,
//! at any depth, get a 400 whose message opens with the parameter's place, as the API's do.
//! Parameters of a beta are parameters only of requests that ask for a beta, whichever it is;
//! `temperature`, `top_k` and `top_p` only of requests of the version `2023-06-01`.
//! [`Builder::allow_unknown_parameters`] lets unknown ones pass. Bounds of lengths and lists are
//! those of the rules below. A body is read whole, up to the API's limits: 32 MiB, 256 MiB of a
//! batch, 500 MiB of a file; what is above gets a 413.
//!
//! # Conversations
//! The conversation is checked by these rules, which the API documents or was seen to keep, and
//! refused in its words where they are known. [`Builder::lenient`] switches them off,
//! [`Builder::lenient_about`] one of them.
//!
//! | rule | what is refused |
//! |---|---|
//! | `model` | a model that the API's description has never named; retired ones are served |
//! | `messages` | no messages |
//! | `system-role` | a message of the role `system`, for a model before Opus 4.8 |
//! | `first-role` | a first message of the assistant |
//! | `max-tokens` | negative `max_tokens`, or more than the model can produce |
//! | `stop-sequences` | a blank stop sequence |
//! | `metadata` | a `user_id` of more than 256 characters (in our words) |
//! | `sampling-ranges` | `temperature` or `top_p` outside 0 to 1, a negative `top_k` |
//! | `sampling-model` | `temperature` but 1, `top_p` or `top_k`, for a model from Opus 4.7 on |
//! | `sampling-pair` | `temperature` with `top_p`, for a model from Opus 4.1 on |
//! | `thinking-mode` | thinking for a model before 3.7, with a budget for a model from Opus 4.7 on, adaptive thinking for one before 4.6 |
//! | `thinking-budget` | a budget below 1,024 or not below `max_tokens` |
//! | `thinking-tools` | thinking with a forced tool |
//! | `thinking-sampling` | thinking with `temperature`, `top_k` or a low `top_p` |
//! | `tool-names` | tools whose names are malformed or the same |
//! | `tool-schemas` | a tool whose input is no object, a choice of schemas, or in another draft than 2020-12 |
//! | `tool-uses` | a server tool with `max_uses` below 1 |
//! | `tool-choice` | a forced tool that is not there |
//! | `cache-count` | more than four cache breakpoints |
//! | `cache-empty` | a cache breakpoint on an empty text |
//! | `cache-order` | a cache breakpoint of an hour after one of five minutes |
//! | `output-schema` | an output schema, or a strict tool's, with open objects, unsupported keywords, or an `enum` of other types than declared |
//! | `output-recursion` | such a schema that contains itself |
//! | `output-features` | such a schema with lists or objects in an `enum`, a `$ref` to elsewhere, or one in an `allOf` (in our words) |
//! | `strict-tools` | more than 20 strict tools |
//! | `output-optional` | more than 24 optional properties in such schemas |
//! | `output-unions` | more than 16 properties of several types in such schemas |
//! | `output-citations` | an output schema with citations |
//! | `empty-content` | a message without content, except the final assistant message |
//! | `empty-text` | a text block that is empty or blank |
//! | `trailing-space` | a final assistant message that ends with whitespace |
//! | `prefill` | a final assistant message for a model from 4.6 on, with thinking on, or with an output schema (the last one in our words) |
//! | `thinking-signature` | a thinking block without its signature |
//! | `thinking-unchanged` | a thinking block of the last assistant message with another text than the simulator's signature is of |
//! | `tool-roles` | a `tool_use` of the user, a `tool_result` of the assistant |
//! | `tool-id-pattern` | a call whose id has other characters than letters, digits, `_` and `-`, or a server tool's that does not start with `srvtoolu_` |
//! | `tool-use-names` | a call whose tool's name is empty, or longer than 200 characters |
//! | `tool-ids` | two calls with one id, two results of one call |
//! | `tool-pairs` | a `tool_use` without its `tool_result` at the start of the next message, and the reverse |
//! | `server-tool-pairs` | a server tool's result without its call before it; a call without its result, once the user's next message has more than results of tools |
//! | `server-tool-offer` | a server tool that waits for its result and is not on offer any more (partly in our words) |
//! | `tool-errors` | a failed `tool_result` without content |
//! | `media-data` | an image or a document that is not Base64 |
//! | `media-type` | an image of another type than declared, or of none that is known |
//! | `media-size` | an image of more than 10 MB, or of more than 8,000 pixels a side, 2,000 where there are more than 20 |
//! | `media-count` | more than 600 images and PDFs, 100 where the window is small |
//! | `pdf` | a PDF that is none, or more than 600 pages of all together, 100 where the window is small |
//! | `window` | a prompt that the context window has no room for |
//! | `files` | a file that does not exist |
//! | `file-types` | a file of another type than its block is for (that for images in our words) |
//!
//! # What costs tokens
//! A documented rule instead of a tokenizer; see [`tokens`].
//!
//! # What time it is
//! One clock dates every object and moves every batch. It follows real time, or, with
//! [`Builder::clock_step`], stands still and moves by one step a request, which makes whole runs
//! reproducible; [`Simulator::advance`] moves it by hand.
//!
//! # On a cloud
//! With [`Builder::platform`] it stands in for Amazon Bedrock, Claude Platform on AWS, Vertex AI,
//! Claude on Google Cloud or Microsoft Foundry: their paths, bodies, event streams and errors,
//! signatures that are checked, and the servers that tokens and access keys come from
//! ([`Platform`]). Scripts, rules and faults work as they do without.
//!
//! # Where it is more lenient than the API
//! Any non-empty key is accepted (unless limited by [`Builder::accept_only`]); models that the API
//! has retired are served; uploaded files can be downloaded again; rate limits are counted and
//! reported, and enforced only with [`Builder::rate_limits`]; the prompt cache has no shortest
//! length; the signature of a thinking block may be anybody's, and a turn of thinking with a budget
//! need not start with such a block; calls of remote MCP servers, and those that code makes, need
//! no results; of an image's bytes only the start is looked at; a schema may have keywords beside
//! an `anyOf`, or nothing but annotations; no request is too special for a message thread (script a
//! `thread_unsupported_request` to see one refused). With [`Builder::lenient_ids`] any id in a path
//! is one of an object. There are no skills of Anthropic's own, and skills are uploaded as files,
//! not as archives. A made value honours neither `not` nor `if` of its schema; it matches a
//! `pattern` unless that looks around, refers to a group or has a word boundary: then the value is
//! a text that mentions it. On a cloud, signatures may be for any region, projects, workspaces and
//! tenants for any name, and of the assertions that tokens are issued for the claims are checked,
//! not the signatures.
//!
//! # Webhooks
//! What changes agents, sessions, deployments, environments, memory stores and vaults, and a turn
//! of a session's agent, is an event that is delivered to the endpoints that a simulator was given
//! ([`Builder::webhook`], [`Simulator::webhook`]): signed as Standard Webhooks has it and dated by
//! the simulator's clock. [`Simulator::event`] sends any other, as well as forged, stale and
//! repeated ones. An attempt without a response of 2xx within 15 s is followed by others, by the
//! simulator's clock, so [`Simulator::advance`] brings them on; a 410 ends them, and the endpoint.
//! [`Simulator::deliveries`] has what became of them. A verifier whose clock is the real one takes
//! deliveries of a simulator whose clock is, too.
//!
//! # When things go wrong
//! [`faults`] are errors, broken streams and misbehaving networks on demand: by rule
//! ([`Builder::fault`]) or by the request's own header `anthropic-sim-fault`.

// From what uses the others to what is used by them.
mod builder;
mod simulator;
mod stand_in;

mod server;

mod platforms;

mod control;
mod inspector;

mod api;

mod scripting;

mod observation;

mod validate;

mod webhooks;

mod description;
mod models;
mod schema;

mod http;

mod base;
pub mod tokens;

pub use builder::Builder;
pub use http::rate_limits::RateLimits;
pub use observation::exchange::Exchange;
pub use observation::recorder::RecordedRequest;
pub use platforms::Platform;
pub use scripting::calling::ToolCalls;
pub use scripting::faults;
pub use scripting::reply::{Citation, Reply};
pub use scripting::request::MessageRequest;
pub use scripting::script::{Script, ScriptError};
pub use scripting::when::When;
pub use simulator::Simulator;
pub use webhooks::{Webhook, WebhookAttempt, WebhookDelivery, WebhookEvent};

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
