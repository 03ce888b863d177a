//! The models, newest first.
//!
//! Windows and limits are those of <https://platform.claude.com/docs/en/models>; of models that are
//! not there any more, those of its earlier versions. Generations are by what was measured and
//! published: thinking in <https://github.com/lidge-jun/opencodex/pull/65>, sampling in
//! <https://github.com/UKGovernmentBEIS/inspect_ai/issues/3721> and
//! <https://github.com/cloud-apim/otoroshi-llm-extension/issues/140>, system messages in
//! <https://github.com/anthropics/claude-agent-sdk-typescript/issues/350>.

use super::Generation::{self, Claude2, Opus41, Opus46, Opus47, Opus48, Sonnet37, Sonnet45};
use super::Model;

const ACTIVE: &str = "active";
const DEPRECATED: &str = "deprecated";
const RETIRED: &str = "retired";

const NEW: Sizes = Sizes(1_000_000, 128_000);
const MIDDLE: Sizes = Sizes(200_000, 64_000);
const OPUS_4: Sizes = Sizes(200_000, 32_000);
const CLAUDE_35: Sizes = Sizes(200_000, 8_192);
const CLAUDE_3: Sizes = Sizes(200_000, 4_096);
const CLAUDE_2: Sizes = Sizes(100_000, 4_096);
const CLAUDE_1: Sizes = Sizes(9_000, 4_096);

/// Context window and output limit.
#[derive(Clone, Copy)]
struct Sizes(u64, u64);

const fn model(
    id: &'static str,
    aliases: &'static [&'static str],
    lifecycle: &'static str,
    Sizes(window, output): Sizes,
    generation: Generation,
) -> Model {
    Model {
        id,
        aliases,
        lifecycle,
        window,
        grows: false,
        output,
        generation,
    }
}

/// A model whose window the beta `context-1m` extends.
const fn grown(model: Model) -> Model {
    Model {
        grows: true,
        ..model
    }
}

#[rustfmt::skip]
pub(super) const MODELS: &[Model] = &[
    model("claude-fable-5-2", &[], ACTIVE, NEW, Opus48),
    model("claude-mythos-5-2", &[], ACTIVE, NEW, Opus48),
    model("claude-haiku-5-5", &[], ACTIVE, NEW, Opus48),
    model("claude-sonnet-5-5", &[], ACTIVE, NEW, Opus48),
    model("claude-fable-5-1", &[], ACTIVE, NEW, Opus48),
    model("claude-opus-5-5", &[], ACTIVE, NEW, Opus48),
    model("claude-mythos-5-1", &[], ACTIVE, NEW, Opus48),
    model("claude-sonnet-5", &[], ACTIVE, NEW, Opus48),
    model("claude-fable-5", &[], ACTIVE, NEW, Opus48),
    model("claude-mythos-5", &[], ACTIVE, NEW, Opus48),
    model("claude-opus-5", &[], ACTIVE, NEW, Opus48),
    model("claude-opus-4-8", &[], ACTIVE, NEW, Opus48),
    model("claude-opus-4-7", &[], ACTIVE, NEW, Opus47),
    // What it refuses is not public; so it is taken for one that takes most.
    model("claude-mythos-preview", &[], DEPRECATED, NEW, Opus46),
    model("claude-opus-4-6", &[], ACTIVE, NEW, Opus46),
    model("claude-sonnet-4-6", &[], ACTIVE, NEW, Opus46),
    model("claude-haiku-4-5-20251001", &["claude-haiku-4-5"], ACTIVE, MIDDLE, Sonnet45),
    model("claude-opus-4-5-20251101", &["claude-opus-4-5"], ACTIVE, MIDDLE, Sonnet45),
    grown(model("claude-sonnet-4-5-20250929", &["claude-sonnet-4-5"], DEPRECATED, MIDDLE, Sonnet45)),
    model("claude-opus-4-1-20250805", &["claude-opus-4-1"], RETIRED, OPUS_4, Opus41),
    model("claude-opus-4-20250514", &["claude-opus-4-0", "claude-4-opus-20250514"], RETIRED, OPUS_4, Sonnet37),
    grown(model(
        "claude-sonnet-4-20250514", &["claude-sonnet-4-0", "claude-4-sonnet-20250514"], RETIRED, MIDDLE, Sonnet37,
    )),
    model("claude-3-7-sonnet-20250219", &["claude-3-7-sonnet-latest"], RETIRED, MIDDLE, Sonnet37),
    model("claude-3-5-haiku-20241022", &["claude-3-5-haiku-latest"], RETIRED, CLAUDE_35, Claude2),
    model("claude-3-5-sonnet-20241022", &["claude-3-5-sonnet-latest"], RETIRED, CLAUDE_35, Claude2),
    model("claude-3-5-sonnet-20240620", &[], RETIRED, CLAUDE_35, Claude2),
    model("claude-3-opus-20240229", &["claude-3-opus-latest"], RETIRED, CLAUDE_3, Claude2),
    model("claude-3-sonnet-20240229", &[], RETIRED, CLAUDE_3, Claude2),
    model("claude-3-haiku-20240307", &[], RETIRED, CLAUDE_3, Claude2),
    model("claude-2.1", &[], RETIRED, CLAUDE_3, Claude2),
    model("claude-2.0", &["claude-2"], RETIRED, CLAUDE_2, Claude2),
    model("claude-1.3", &[], RETIRED, CLAUDE_1, Claude2),
    model("claude-1.3-100k", &[], RETIRED, CLAUDE_2, Claude2),
    model("claude-instant-1.2", &["claude-instant-1"], RETIRED, CLAUDE_2, Claude2),
    model("claude-instant-1.1", &[], RETIRED, CLAUDE_1, Claude2),
    model("claude-instant-1.1-100k", &[], RETIRED, CLAUDE_2, Claude2),
];
