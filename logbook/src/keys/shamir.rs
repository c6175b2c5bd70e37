//! Shamir's secret sharing over GF(256): any `needed` points of a random polynomial give the secret back, fewer tell
//! nothing at all.
//!
//! Always: every coefficient is drawn from all 256 values, nought among them (leaving one out is the fault that several
//! well-known libraries had: docs/decisions/shares_of_our_own.md); arithmetic without tables and without a branch on a
//! secret. Knows no words, no files, no randomness of its own. Proved by the tests below, exhaustively where the field
//! allows it, and by `tests/key_shares.rs` against an independent program.

use zeroize::Zeroizing;

/// Bytes of a shared secret: 128 bits.
pub(crate) const VALUE_BYTES: usize = 16;

/// A secret, or one share's values: the polynomials' values at one place, a byte each.
pub(crate) type Value = [u8; VALUE_BYTES];

/// The product modulo x⁸ + x⁴ + x³ + x + 1.
fn times(a: u8, b: u8) -> u8 {
    let (mut a, mut b, mut product) = (a, b, 0);
    for _ in 0..8 {
        product ^= a & 0u8.wrapping_sub(b & 1);
        a = (a << 1) ^ (0x1b & 0u8.wrapping_sub(a >> 7));
        b >>= 1;
    }
    product
}

/// a²⁵⁴, which is 1/a, and 0 for 0.
fn inverse(a: u8) -> u8 {
    let (mut power, mut out) = (a, 1);
    for _ in 0..7 {
        power = times(power, power);
        out = times(out, power);
    }
    out
}

/// The values at 1 to `many` of polynomials of degree `needed` - 1 whose values at 0 are the secret's bytes. `random` fills
/// the coefficients and must give every byte alike.
pub(crate) fn split<E>(
    secret: &Value,
    (needed, many): (u8, u8),
    random: impl FnOnce(&mut [u8]) -> Result<(), E>,
) -> Result<Vec<Zeroizing<Value>>, E> {
    let degree = usize::from(needed.saturating_sub(1));
    let mut coefficients = Zeroizing::new(vec![0u8; degree * VALUE_BYTES]);
    random(&mut coefficients)?;
    let at = |x: u8| {
        let mut value = Zeroizing::new(Value::default());
        // Horner: the highest coefficient first, the secret last.
        for layer in coefficients.chunks_exact(VALUE_BYTES).chain([secret.as_slice()]) {
            value.iter_mut().zip(layer).for_each(|(sum, coefficient)| *sum = times(*sum, x) ^ coefficient);
        }
        value
    };
    Ok((1..=many).map(at).collect())
}

/// The polynomials' values at 0. The places must differ, and be as many as were needed.
pub(crate) fn join(points: &[(u8, &Value)]) -> Zeroizing<Value> {
    let mut secret = Zeroizing::new(Value::default());
    for (x, value) in points {
        let others = points.iter().map(|(other, _)| *other).filter(|other| other != x);
        // Lagrange at 0: the product of other / (other - x).
        let weight = others.fold(1, |weight, other| times(weight, times(other, inverse(other ^ x))));
        secret.iter_mut().zip(value.iter()).for_each(|(sum, y)| *sum ^= times(weight, *y));
    }
    secret
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all() -> impl Iterator<Item = u8> {
        0..=255
    }

    /// The product by the book: polynomials multiplied, then divided.
    fn by_the_book(a: u8, b: u8) -> u8 {
        let mut long = (0..8).filter(|n| b >> n & 1 == 1).fold(0u16, |sum, n| sum ^ u16::from(a) << n);
        for n in (8..16).rev() {
            if long >> n & 1 == 1 {
                long ^= 0x11b << (n - 8);
            }
        }
        long as u8
    }

    #[test]
    fn the_field_keeps_its_laws() {
        for a in all() {
            assert_eq!((times(a, 1), times(a, 0)), (a, 0));
            assert_eq!(times(a, inverse(a)), u8::from(a != 0));
            for b in all() {
                assert_eq!(times(a, b), by_the_book(a, b));
                assert_eq!(times(a, b), times(b, a));
                // Two laws of three numbers, for every pair and a few thirds here, for all of them below.
                for c in [1, 2, 3, 0x53, 0xca, 0xff] {
                    assert_eq!(times(a, b ^ c), times(a, b) ^ times(a, c));
                    assert_eq!(times(a, times(b, c)), times(times(a, b), c));
                }
            }
        }
        assert_eq!(times(0x57, 0x83), 0xc1, "the example of FIPS 197");
    }

    #[test]
    fn the_field_keeps_its_laws_for_every_three_numbers() {
        let product: Vec<Vec<u8>> = all().map(|a| all().map(|b| times(a, b)).collect()).collect();
        let p = |a: u8, b: u8| product[usize::from(a)][usize::from(b)];
        let broken = all()
            .flat_map(|a| all().map(move |b| (a, b)))
            .any(|(a, b)| all().any(|c| p(a, b ^ c) != p(a, b) ^ p(a, c) || p(a, p(b, c)) != p(p(a, b), c)));
        assert!(!broken);
    }

    /// For one secret byte and one place, how often each value is the share's, over every coefficient there is.
    fn tally(secret: u8, place: u8, coefficients: impl Iterator<Item = u8>) -> [u32; 256] {
        let mut tally = [0; 256];
        for coefficient in coefficients {
            let fill = |bytes: &mut [u8]| {
                bytes.fill(coefficient);
                Ok::<(), ()>(())
            };
            let shares = split(&[secret; VALUE_BYTES], (2, place), fill).unwrap();
            tally[usize::from(shares[usize::from(place) - 1][0])] += 1;
        }
        tally
    }

    /// Not a sample: every secret, every place in use, every coefficient. A share takes each value exactly once whatever
    /// the secret is, so it says nothing about it.
    #[test]
    fn one_share_alone_tells_nothing() {
        for (secret, place) in all().flat_map(|secret| (1..=3).map(move |place| (secret, place))) {
            assert_eq!(tally(secret, place, all()), [1; 256]);
        }
    }

    /// The planted fault, that of RUSTSEC-2024-0398: nought is never drawn, so a share is never the secret itself.
    #[test]
    fn a_coefficient_that_is_never_nought_is_caught() {
        assert_ne!(tally(7, 1, 1..=255), [1; 256]);
    }

    #[test]
    fn any_as_many_as_needed_open_and_fewer_do_not() {
        let secret: Value = std::array::from_fn(|n| n as u8 * 17);
        let mut seed = 1u32;
        let mut fill = |bytes: &mut [u8]| {
            bytes.fill_with(|| {
                seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                (seed >> 24) as u8
            });
            Ok::<(), ()>(())
        };
        for (needed, many) in [(2, 3), (3, 5), (2, 8), (5, 8), (8, 8)] {
            let shares = split(&secret, (needed, many), &mut fill).unwrap();
            for subset in 0u32..1 << many {
                let chosen: Vec<(u8, &Value)> = (1..=many)
                    .zip(&shares)
                    .filter(|(x, _)| subset >> (x - 1) & 1 == 1)
                    .map(|(x, value)| (x, &**value))
                    .collect();
                let opens = *join(&chosen) == secret;
                assert_eq!(opens, chosen.len() >= usize::from(needed), "{needed} of {many}: {subset:b}");
            }
        }
    }
}
