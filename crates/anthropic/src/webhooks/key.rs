//! The keys that deliveries are signed with.

use std::fmt;

use anthropic_types::Secret;
use hmac::digest::{CtOutput, Digest as _};
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;
use zeroize::Zeroizing;

use crate::base64::decoded;
use crate::{Error, ErrorKind, Result};

const PREFIX: &str = "whsec_";
/// The scheme of the signatures with a shared key.
const VERSION: &str = "v1";
/// The bytes of a signature.
const SIGNATURE: usize = 32;
/// The fewest bytes of a key that nobody can guess. Keys are made of 24 at least.
const LEAST: usize = 16;
/// The bytes that SHA-256 takes at a time.
const BLOCK: usize = 64;
const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/// What a signature is made of; two are compared in constant time.
type Digest = CtOutput<Hmac<Sha256>>;

/// A key that deliveries are signed with.
///
/// It does not show in `Debug`, and its memory is wiped when dropped.
#[derive(Clone)]
pub struct SigningKey(
    /// As HMAC takes it: a longer key is hashed, a shorter one ends in zeros.
    Zeroizing<[u8; BLOCK]>,
);

impl SigningKey {
    /// A key as the Console shows it: `whsec_` and Base64, of which the prefix and the padding may
    /// be left out.
    ///
    /// # Errors
    ///
    /// [`Config`](ErrorKind::Config) if it is empty, no Base64, or shorter than 16 bytes: what
    /// was put in a key's place, such as `TODO`, is Base64, too.
    pub fn new(key: impl Into<Secret>) -> Result<Self> {
        let key = key.into();
        let text = key.expose().trim();
        let text = text.strip_prefix(PREFIX).unwrap_or(text);
        let bytes = decoded(text).ok_or_else(|| {
            let message = "the webhooks' signing key is not Base64; it begins with `whsec_`";
            Error::new(ErrorKind::Config, message)
        })?;
        let length = bytes.len();
        let key = Self::from_bytes(bytes)?;
        if length < LEAST {
            let message = format!(
                "the webhooks' signing key has {length} bytes, and at least {LEAST} are needed; copy all of it"
            );
            return Err(Error::new(ErrorKind::Config, message));
        }
        Ok(key)
    }

    /// A key of these bytes, which are the key itself and not its Base64. They may be few, as in
    /// tests; fewer than 16 can be guessed.
    ///
    /// # Errors
    ///
    /// [`Config`](ErrorKind::Config) if there are none.
    pub fn from_bytes(bytes: impl Into<Vec<u8>>) -> Result<Self> {
        let bytes = Zeroizing::new(bytes.into());
        if bytes.is_empty() {
            let message = "the webhooks' signing key is empty";
            return Err(Error::new(ErrorKind::Config, message));
        }
        let mut block = Zeroizing::new([0; BLOCK]);
        let hash;
        let key = if bytes.len() > BLOCK {
            hash = Zeroizing::new(<[u8; SIGNATURE]>::from(Sha256::digest(&bytes)));
            hash.as_slice()
        } else {
            bytes.as_slice()
        };
        for (place, byte) in block.iter_mut().zip(key) {
            *place = *byte;
        }
        Ok(Self(block))
    }

    /// The signature of a delivery, as its header `webhook-signature` has it: for tests of a
    /// handler. `timestamp` is in seconds since 1970, as in the header `webhook-timestamp`.
    ///
    /// ```
    /// use anthropic::webhooks::SigningKey;
    ///
    /// let key = SigningKey::new("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")?;
    /// let signature = key.sign("msg_p5jXN8AQM9LWM0D4loKWxJek", 1_614_265_330, br#"{"test": 2432232314}"#);
    /// assert_eq!(signature, "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
    /// # Ok::<(), anthropic::Error>(())
    /// ```
    pub fn sign(&self, id: &str, timestamp: u64, body: &[u8]) -> String {
        let digest = self.digest(id, &timestamp.to_string(), body);
        format!("{VERSION},{}", encoded(&digest.into_bytes()))
    }

    /// What the signatures of a delivery are compared with.
    pub(super) fn digest(&self, id: &str, timestamp: &str, body: &[u8]) -> Digest {
        let mut mac = Hmac::<Sha256>::new((&*self.0).into());
        for part in [id.as_bytes(), b".", timestamp.as_bytes(), b".", body] {
            mac.update(part);
        }
        mac.finalize()
    }
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SigningKey(…)")
    }
}

/// The signatures of a header that are of this scheme, to be compared. Other versions, and what is
/// no signature, match nothing.
pub(super) fn signatures(header: &str) -> impl Iterator<Item = Digest> {
    header.split(' ').filter_map(|signature| {
        let (version, text) = signature.split_once(',')?;
        // One way to write it, so that what was signed once is not many deliveries.
        let is_padded = text.len() == SIGNATURE.div_ceil(3) * 4;
        let bytes = decoded(text).filter(|_| version == VERSION && is_padded)?;
        let bytes = <[u8; SIGNATURE]>::try_from(bytes).ok()?;
        Some(CtOutput::new(bytes.into()))
    })
}

fn encoded(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for three in bytes.chunks(3) {
        let byte = |index| three.get(index).copied().unwrap_or(0);
        let bits = u32::from_be_bytes([0, byte(0), byte(1), byte(2)]);
        for (index, shift) in [18, 12, 6, 0].into_iter().enumerate() {
            let char = ALPHABET.get((bits >> shift & 63) as usize);
            let char = char.filter(|_| index <= three.len());
            text.push(char.map_or('=', |byte| char::from(*byte)));
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base64_is_that_of_rfc_4648_and_its_own_inverse() {
        for (bytes, text) in [
            ("f", "Zg=="),
            ("fo", "Zm8="),
            ("foo", "Zm9v"),
            ("foob", "Zm9vYg=="),
            ("fooba", "Zm9vYmE="),
            ("foobar", "Zm9vYmFy"),
        ] {
            assert_eq!(encoded(bytes.as_bytes()), text);
            assert_eq!(decoded(text).as_deref(), Some(bytes.as_bytes()));
            let bare = text.trim_end_matches('=');
            assert_eq!(decoded(bare).as_deref(), Some(bytes.as_bytes()));
        }
        let all: Vec<u8> = (0..=255).collect();
        for length in 0..=all.len() {
            assert_eq!(
                decoded(&encoded(&all[..length])).as_deref(),
                Some(&all[..length])
            );
        }
    }

    #[test]
    fn what_is_no_base64_is_refused() {
        for text in [
            "Z",
            "A",
            "Zm9vA",
            "Zg=",
            "Zg===",
            "Zg====",
            "Zm9v=",
            "Zm9v====",
            "====",
            "=",
            "Zh==",
            "Zm9=",
            "Zm9v Zg==",
            "Zm9-",
            "Zm9_",
            "Zm9v\n",
            "Zg==Zg==",
            "Zmé",
        ] {
            assert_eq!(decoded(text), None, "{text:?}");
        }
    }

    #[test]
    fn keys_are_read_and_never_shown() {
        let key = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
        let bytes = decoded(&key[PREFIX.len()..]).unwrap();
        for same in [
            key,
            " whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw\n",
            &key[PREFIX.len()..],
        ] {
            let read = SigningKey::new(same).unwrap();
            assert_eq!(
                read.0.split_at(bytes.len()),
                (&*bytes, &[0; BLOCK - 24][..])
            );
            assert_eq!(format!("{read:?}"), "SigningKey(…)");
        }
        for wrong in [
            "",
            "whsec_",
            "whsec_!",
            "whsec_whsec_MfKQ",
            "sk-ant-api03-secret",
            "TODO",
            "whsec_Zg==",
            "whsec_MDEyMzQ1Njc4OWFiY2Rl",
        ] {
            let error = SigningKey::new(wrong).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Config);
            let shown = format!("{error} {error:?}");
            assert!(
                !shown.contains("secret") && !shown.contains("MfKQ"),
                "{shown}"
            );
        }
        assert!(SigningKey::from_bytes([]).is_err());
        SigningKey::new("MDEyMzQ1Njc4OWFiY2RlZg").unwrap();
    }

    #[test]
    fn a_key_of_any_length_is_that_of_hmac() {
        for length in [1, 20, 63, 64, 65, 131, 1_000] {
            let key = vec![0xaa; length];
            let mut reference = Hmac::<Sha256>::new_from_slice(&key).unwrap();
            reference.update(b"id.7.body");
            let digest = SigningKey::from_bytes(key)
                .unwrap()
                .digest("id", "7", b"body");
            assert!(digest == reference.finalize(), "{length}");
        }
    }
}
