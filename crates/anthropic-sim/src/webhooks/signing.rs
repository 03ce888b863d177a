//! Signatures of deliveries: HMAC-SHA256 over id, time and body, as Standard Webhooks has it.

use std::fmt;

use sha2::{Digest, Sha256};

const PREFIX: &str = "whsec_";
/// The bytes that SHA-256 takes at a time.
const BLOCK: usize = 64;
const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/// A key to sign with.
#[derive(Clone)]
pub(super) struct Key(Vec<u8>);

impl Key {
    /// Reads `whsec_` and Base64, whose padding may be left out.
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        let text = text.strip_prefix(PREFIX).unwrap_or(text);
        match decoded(text) {
            Some(bytes) if !bytes.is_empty() => Ok(Self(bytes)),
            _ => Err("a webhook's key is no whsec_ and Base64".to_owned()),
        }
    }

    /// One that nobody else has.
    pub(super) fn of_nobody() -> Self {
        Self(b"a key that nobody has".to_vec())
    }

    /// The signature, with its version.
    pub(super) fn sign(&self, id: &str, seconds: i64, body: &[u8]) -> String {
        let signed = [format!("{id}.{seconds}.").as_bytes(), body].concat();
        format!("v1,{}", encoded(&hmac(&self.0, &signed)))
    }
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Key(…)")
    }
}

/// HMAC of RFC 2104 with SHA-256.
fn hmac(key: &[u8], data: &[u8]) -> [u8; 32] {
    let hash;
    let key = if key.len() > BLOCK {
        hash = Sha256::digest(key);
        hash.as_slice()
    } else {
        key
    };
    let padded = |with: u8| {
        let mut block = [with; BLOCK];
        for (place, byte) in block.iter_mut().zip(key) {
            *place ^= byte;
        }
        Sha256::new().chain_update(block)
    };
    let inner = padded(0x36).chain_update(data).finalize();
    padded(0x5c).chain_update(inner).finalize().into()
}

fn decoded(text: &str) -> Option<Vec<u8>> {
    let (mut bytes, mut bits, mut count) = (Vec::new(), 0_u32, 0_u32);
    for char in text.trim_end_matches('=').bytes() {
        let digit = ALPHABET.iter().position(|known| *known == char)?;
        bits = bits << 6 | u32::try_from(digit).ok()?;
        count += 6;
        if count >= 8 {
            count -= 8;
            bytes.push(u8::try_from(bits >> count).ok()?);
            bits &= (1 << count) - 1;
        }
    }
    (count < 6).then_some(bytes)
}

fn encoded(bytes: &[u8]) -> String {
    let mut text = String::new();
    for three in bytes.chunks(3) {
        let byte = |index| three.get(index).map_or(0, |byte| u32::from(*byte));
        let bits = byte(0) << 16 | byte(1) << 8 | byte(2);
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
    use std::fmt::Write;

    use super::*;

    /// Test cases 1, 2, 3 and 6 of RFC 4231.
    #[test]
    fn hmac_is_that_of_rfc_4231() {
        for (key, data, digest) in [
            (
                vec![0x0b; 20],
                &b"Hi There"[..],
                "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7",
            ),
            (
                b"Jefe".to_vec(),
                b"what do ya want for nothing?",
                "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843",
            ),
            (
                vec![0xaa; 20],
                &[0xdd; 50],
                "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe",
            ),
            (
                vec![0xaa; 131],
                b"Test Using Larger Than Block-Size Key - Hash Key First",
                "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54",
            ),
        ] {
            let digits = hmac(&key, data)
                .iter()
                .fold(String::new(), |mut text, byte| {
                    write!(text, "{byte:02x}").unwrap();
                    text
                });
            assert_eq!(digits, digest);
        }
    }

    /// The published test vector of Standard Webhooks.
    #[test]
    fn a_signature_is_that_of_standard_webhooks() {
        let key = Key::parse("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw").unwrap();
        let id = "msg_p5jXN8AQM9LWM0D4loKWxJek";
        let signature = key.sign(id, 1_614_265_330, br#"{"test": 2432232314}"#);
        assert_eq!(signature, "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
        for wrong in ["", "whsec_", "whsec_A", "whsec_a b"] {
            assert!(Key::parse(wrong).is_err(), "{wrong:?}");
        }
    }
}
