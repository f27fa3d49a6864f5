//! Bytes → fewer bytes, and back. A version of a page compresses to a few hundred bytes with the version before it as prefix. Not
//! where they are kept.

use std::io;

use zstd::zstd_safe::{CCtx, CParameter, DCtx, ErrorCode, compress_bound, get_error_name, get_frame_content_size};

/// Best size for the time on pages of work programmes; level 19 takes fifteen times as long for a tenth less.
const LEVEL: i32 = 9;

/// What is asked of a reader at most: 128 MiB, the window of a page of 64 MiB after one of 64 MiB.
const LARGEST_WINDOW_LOG: u32 = 27;

/// What zstd itself accepts at least.
const SMALLEST_WINDOW_LOG: u32 = 10;

/// From this size on matches lie further apart than the ordinary search looks: a search of its own finds the long ones, and that of the
/// short ones, which would take 10 MB for 2 MB of page, is kept to what it needs nearby.
const LONG_DISTANCE: usize = 1 << 20;
const NEARBY_LOG: u32 = 17;

/// Compresses bytes that are to be restored with the same prefix; an empty prefix is none. All at once, because a stream keeps a window
/// of its own beside the bytes that are there already.
pub(super) fn compressed(prefix: &[u8], plain: &[u8]) -> io::Result<Vec<u8>> {
    let n_bytes = prefix.len() + plain.len();
    let mut parameters = vec![
        CParameter::CompressionLevel(LEVEL),
        CParameter::ChecksumFlag(true),
        CParameter::WindowLog(window_log(n_bytes)),
    ];
    if n_bytes > LONG_DISTANCE {
        parameters.extend([CParameter::EnableLongDistanceMatching(true), CParameter::HashLog(NEARBY_LOG)]);
    }
    let mut context = CCtx::create();
    for parameter in parameters {
        context.set_parameter(parameter).map_err(trouble)?;
    }
    context.ref_prefix(prefix).map_err(trouble)?;
    let mut stored = Vec::with_capacity(compress_bound(plain.len()));
    context.compress2(&mut stored, plain).map_err(trouble)?;
    stored.shrink_to_fit();
    Ok(stored)
}

/// The bytes again. Never gives more than `size_bytes`, whatever the compressed bytes claim; fewer or more are an error.
pub(super) fn restored(prefix: &[u8], stored: &[u8], size_bytes: u64) -> io::Result<Vec<u8>> {
    let other_size = || io::Error::new(io::ErrorKind::InvalidData, format!("it is not of {size_bytes} bytes"));
    if !matches!(get_frame_content_size(stored), Ok(Some(promised)) if promised == size_bytes) {
        return Err(other_size());
    }
    let mut context = DCtx::create();
    context.ref_prefix(prefix).map_err(trouble)?;
    let mut plain = Vec::new();
    plain.try_reserve_exact(usize::try_from(size_bytes).map_err(|_| other_size())?).map_err(|_| other_size())?;
    context.decompress(&mut plain, stored).map_err(trouble)?;
    if plain.len() as u64 == size_bytes { Ok(plain) } else { Err(other_size()) }
}

fn trouble(code: ErrorCode) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, get_error_name(code))
}

/// A window that reaches from the end of the new bytes to the beginning of the prefix, and asks a reader for no more memory than that.
fn window_log(n_bytes: usize) -> u32 {
    let bits = usize::BITS - n_bytes.leading_zeros();
    bits.clamp(SMALLEST_WINDOW_LOG, LARGEST_WINDOW_LOG)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page(n_rows: u32, changed: u32) -> Vec<u8> {
        let row = |number: u32| {
            let stage = if number == changed { "40.60" } else { "40.20" };
            format!(
                "<tr><td>ISO/IEC {}</td><td>{:x}</td><td>{stage}</td></tr>\n",
                20_000 + number,
                number.wrapping_mul(2_654_435_761)
            )
        };
        (0..n_rows).map(row).collect::<String>().into_bytes()
    }

    #[test]
    fn the_next_version_of_a_page_costs_a_hundredth() {
        let (before, after) = (page(1000, 1), page(1000, 500));
        let alone = compressed(&[], &after).unwrap();
        let delta = compressed(&before, &after).unwrap();
        assert!(alone.len() < after.len() / 3, "{} of {}", alone.len(), after.len());
        assert!(delta.len() * 50 < alone.len(), "{} of {}", delta.len(), alone.len());
        assert_eq!(restored(&before, &delta, after.len() as u64).unwrap(), after);
        assert_eq!(restored(&[], &alone, after.len() as u64).unwrap(), after);
    }

    #[test]
    fn a_large_page_still_reaches_back_to_the_version_before() {
        let (before, after) = (page(150_000, 1), page(150_000, 149_000));
        assert!(after.len() > 7 << 20);
        let delta = compressed(&before, &after).unwrap();
        assert!(delta.len() < 20_000, "{}", delta.len());
        assert_eq!(restored(&before, &delta, after.len() as u64).unwrap(), after);
    }

    #[test]
    fn anything_but_the_size_that_was_kept_is_an_error() {
        let plain = page(10, 1);
        let size = plain.len() as u64;
        let stored = compressed(&[], &plain).unwrap();
        for wrong in [0, size - 1, size + 1, u64::MAX] {
            assert!(restored(&[], &stored, wrong).is_err(), "{wrong}");
        }
        assert!(restored(&[], &stored[..stored.len() - 1], size).is_err());
        assert!(restored(b"another prefix", &compressed(&page(10, 2), &plain).unwrap(), size).is_err());
    }

    #[test]
    fn nothing_at_all_is_a_page_too() {
        let stored = compressed(&[], &[]).unwrap();
        assert_eq!(restored(&[], &stored, 0).unwrap(), Vec::<u8>::new());
    }
}
