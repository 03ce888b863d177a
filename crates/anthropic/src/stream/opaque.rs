//! Values of a block that deltas set, and don't make longer: its signature, and what the API has
//! encrypted.
//!
//! The last one counts, as in the official SDKs. One that it replaces is not in the message any
//! more, and whoever folds the delta is given it back.

use anthropic_types::{
    CompactionBlock, CompactionContentBlockDelta, ContentBlockDelta, Extra, RepairKind,
    SignatureDelta,
};

/// Sets a signature; returns the one before it, if that is another. One that is empty sets nothing
/// where there is one.
pub(super) fn set_signature(
    signature: &mut String,
    extra: &mut Extra,
    delta: &SignatureDelta,
) -> Option<ContentBlockDelta> {
    if delta.signature.is_empty() && !signature.is_empty() {
        return None;
    }
    let half = extra.repair("signature") == Some(RepairKind::LoneSurrogate);
    extra.settle("signature");
    let before = std::mem::replace(signature, delta.signature.clone());
    if before.is_empty() || before == *signature {
        return None;
    }
    let mut lost = SignatureDelta::new(before).into();
    if half {
        ContentBlockDelta::note_lone_surrogate(&mut lost);
    }
    Some(lost)
}

/// Sets what was encrypted, in the same way.
pub(super) fn set_encrypted(
    block: &mut CompactionBlock,
    delta: &CompactionContentBlockDelta,
) -> Option<ContentBlockDelta> {
    let came = delta.encrypted_content.as_ref()?;
    let is_empty = |text: &Option<String>| text.as_ref().is_none_or(String::is_empty);
    if came.is_empty() && !is_empty(&block.encrypted_content) {
        return None;
    }
    block.extra.settle("encrypted_content");
    let before = block.encrypted_content.replace(came.clone());
    if is_empty(&before) || before == block.encrypted_content {
        return None;
    }
    let mut lost = CompactionContentBlockDelta::default();
    lost.encrypted_content = before;
    Some(lost.into())
}

/// The keys of a block in whose values half of a surrogate pair was replaced.
pub(super) fn halved(delta: &ContentBlockDelta) -> impl Iterator<Item = &'static str> {
    let (extra, keys): (_, &[&str]) = match delta {
        ContentBlockDelta::SignatureDelta(delta) => (Some(&delta.extra), &["signature"]),
        ContentBlockDelta::CompactionDelta(delta) => {
            (Some(&delta.extra), &["content", "encrypted_content"])
        }
        _ => (None, &[]),
    };
    let is_halved =
        move |key: &&str| extra.and_then(|it| it.repair(key)) == Some(RepairKind::LoneSurrogate);
    keys.iter().copied().filter(is_halved)
}
