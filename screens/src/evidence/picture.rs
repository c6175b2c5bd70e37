//! `GET /evidence/{incident}/{number}/picture`: a photo to look at, rebuilt from the parts that are picture and nothing else.
//!
//! Always: only PNG and JPEG, only the segments of which a picture is made, each checked for its place and length; names,
//! places, thumbnails, comments, profiles and whatever follows the picture's end are left out, and a file with anything
//! unknown in it is not shown at all. Never: decodes a pixel, or changes what is kept. Served sandboxed, as an image and
//! nothing else. Why: docs/decisions/evidence_is_shown_rebuilt.md. Proved by the tests below and `tests/messages.rs`.

use incident::evidence::FileKind;

/// Largest side, in pixels, and most pixels in all: a small file may be a vast picture, which no tablet survives.
const SIDE_MAX: u32 = 20_000;
const PIXELS_MAX: u64 = 64_000_000;
const PNG: &[u8] = b"\x89PNG\r\n\x1a\n";

/// The picture's content type and its bytes; `None` for what is not shown.
pub fn rebuilt(kind: FileKind, bytes: &[u8]) -> Option<(&'static str, Vec<u8>)> {
    match kind {
        FileKind::Png => Some(("image/png", png(bytes)?)),
        FileKind::Jpeg => Some(("image/jpeg", jpeg(bytes)?)),
        _ => None,
    }
}

/// Whether there is a picture that may be shown, told by its kind alone.
pub fn may_be_shown(kind: FileKind) -> bool {
    matches!(kind, FileKind::Png | FileKind::Jpeg)
}

fn fits(width: u32, height: u32) -> Option<()> {
    let sides = (1..=SIDE_MAX).contains(&width) && (1..=SIDE_MAX).contains(&height);
    (sides && u64::from(width) * u64::from(height) <= PIXELS_MAX).then_some(())
}

/// Signature, then chunks: length, name, data, CRC-32 of name and data.
fn png(bytes: &[u8]) -> Option<Vec<u8>> {
    let mut rest = bytes.strip_prefix(PNG)?;
    let mut out = PNG.to_vec();
    let (mut begun, mut data) = (false, false);
    loop {
        let (length, after) = rest.split_first_chunk::<4>()?;
        let length = usize::try_from(u32::from_be_bytes(*length)).ok()?;
        let chunk = after.get(..length.checked_add(8)?)?;
        let (named, crc) = chunk.split_last_chunk::<4>()?;
        if crc32(named) != u32::from_be_bytes(*crc) {
            return None;
        }
        let (name, body) = named.split_first_chunk::<4>()?;
        let keep = match name {
            b"IHDR" if !begun => {
                let (width, more) = body.split_first_chunk::<4>()?;
                let (height, _) = more.split_first_chunk::<4>()?;
                fits(u32::from_be_bytes(*width), u32::from_be_bytes(*height))?;
                begun = true;
                body.len() == 13
            }
            b"PLTE" | b"tRNS" if begun && !data => body.len() <= 768,
            b"IDAT" if begun => {
                data = true;
                true
            }
            b"IEND" if data => {
                out.extend_from_slice(&0u32.to_be_bytes());
                out.extend_from_slice(chunk);
                return body.is_empty().then_some(out);
            }
            // A small first letter: readers do without it, and so does everybody here.
            [first, ..] if first.is_ascii_lowercase() => {
                rest = after.get(chunk.len()..)?;
                continue;
            }
            _ => return None,
        };
        if !keep {
            return None;
        }
        out.extend_from_slice(&u32::try_from(length).ok()?.to_be_bytes());
        out.extend_from_slice(chunk);
        rest = after.get(chunk.len()..)?;
    }
}

/// Scans of a picture that grows as it loads: a viewer goes over the whole of it for each, however little it holds.
const SCANS_MAX: u32 = 64;

/// Start, then segments: a mark, its length, its data; after each start of a scan the scan's own bytes.
fn jpeg(bytes: &[u8]) -> Option<Vec<u8>> {
    let mut rest = bytes.strip_prefix(b"\xff\xd8")?;
    let mut out = b"\xff\xd8".to_vec();
    let (mut framed, mut scans) = (false, 0);
    loop {
        let (mark, after) = rest.split_first_chunk::<2>()?;
        let [0xff, mark] = *mark else { return None };
        if mark == 0xff {
            // Padding before a mark.
            rest = rest.get(1..)?;
            continue;
        }
        if mark == 0xd9 {
            out.extend_from_slice(b"\xff\xd9");
            return (scans > 0).then_some(out);
        }
        let (length, _) = after.split_first_chunk::<2>()?;
        let segment = after.get(..usize::from(u16::from_be_bytes(*length)))?;
        let body = segment.get(2..)?;
        rest = after.get(segment.len()..)?;
        match mark {
            // Baseline, extended and progressive.
            0xc0..=0xc2 if !framed => {
                let [_, high, wide @ ..] = body else { return None };
                let ([low, width_high, width_low, ..], high) = (wide, *high) else { return None };
                fits(
                    u32::from(u16::from_be_bytes([*width_high, *width_low])),
                    u32::from(u16::from_be_bytes([high, *low])),
                )?;
                framed = true;
            }
            0xc4 | 0xdb | 0xdd => {}
            // How an Adobe program mixed the colours: without it they come out wrong.
            0xee if body.len() == 12 && body.starts_with(b"Adobe") => {}
            0xe0..=0xef | 0xfe => continue,
            0xda if framed && scans < SCANS_MAX => {
                push(&mut out, mark, segment);
                let end = scan_end(rest)?;
                out.extend_from_slice(rest.get(..end)?);
                rest = rest.get(end..)?;
                scans += 1;
                continue;
            }
            _ => return None,
        }
        push(&mut out, mark, segment);
    }
}

fn push(out: &mut Vec<u8>, mark: u8, segment: &[u8]) {
    out.extend_from_slice(&[0xff, mark]);
    out.extend_from_slice(segment);
}

/// Where a scan ends: before the first mark that is neither a stuffed byte nor a restart.
fn scan_end(bytes: &[u8]) -> Option<usize> {
    bytes
        .windows(2)
        .position(|pair| matches!(pair, [0xff, mark] if !matches!(mark, 0x00 | 0xd0..=0xd7 | 0xff)))
}

/// CRC-32 as PNG has it.
fn crc32(bytes: &[u8]) -> u32 {
    let step = |crc: u32, byte: &u8| {
        let index = (crc ^ u32::from(*byte)) & 0xff;
        (crc >> 8) ^ TABLE.get(index as usize).copied().unwrap_or_default()
    };
    !bytes.iter().fold(u32::MAX, step)
}

const TABLE: [u32; 256] = table();

#[allow(clippy::indexing_slicing, reason = "worked out by the compiler, which checks it")]
const fn table() -> [u32; 256] {
    let mut table = [0; 256];
    let mut index = 0;
    while index < 256 {
        let (mut value, mut bit) = (index as u32, 0);
        while bit < 8 {
            value = if value & 1 == 1 { 0xedb8_8320 ^ (value >> 1) } else { value >> 1 };
            bit += 1;
        }
        table[index] = value;
        index += 1;
    }
    table
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::indexing_slicing)]
mod tests {
    use super::*;

    fn chunk(name: &[u8; 4], body: &[u8]) -> Vec<u8> {
        let named = [name, body].concat();
        let length = u32::try_from(body.len()).unwrap().to_be_bytes();
        [&length[..], &named, &crc32(&named).to_be_bytes()].concat()
    }

    fn header(width: u32, height: u32) -> Vec<u8> {
        chunk(b"IHDR", &[&width.to_be_bytes()[..], &height.to_be_bytes(), &[8, 2, 0, 0, 0]].concat())
    }

    fn a_png(more: &[Vec<u8>], after: &[u8]) -> Vec<u8> {
        let parts = [vec![PNG.to_vec(), header(3, 2)], more.to_vec()].concat().concat();
        [&parts[..], &chunk(b"IDAT", b"pixels"), &chunk(b"IEND", b""), after].concat()
    }

    fn segment(mark: u8, body: &[u8]) -> Vec<u8> {
        let length = u16::try_from(body.len() + 2).unwrap().to_be_bytes();
        [&[0xff, mark][..], &length, body].concat()
    }

    fn a_jpeg(more: &[u8], after: &[u8]) -> Vec<u8> {
        let frame = segment(0xc0, &[8, 0, 2, 0, 3, 1, 1, 0x11, 0]);
        let scan = [&segment(0xda, &[1, 1, 0, 0, 63, 0])[..], b"pix\xff\x00els\xff\xd0more"].concat();
        [b"\xff\xd8", more, &segment(0xdb, &[0; 65]), &frame, &scan, b"\xff\xd9", after].concat()
    }

    #[test]
    fn what_is_no_picture_is_left_out() {
        let plain = a_png(&[], b"");
        let told =
            [chunk(b"tEXt", b"Comment\0<script>"), chunk(b"eXIf", b"51.5N"), chunk(b"acTL", b"12345678")];
        let (kind, shown) = rebuilt(FileKind::Png, &a_png(&told, b"PK\x03\x04 a second file")).unwrap();
        assert_eq!((kind, shown), ("image/png", plain));
        let plain = a_jpeg(b"", b"");
        let told =
            [segment(0xe1, b"Exif\0\0 51.5N, a thumbnail"), segment(0xfe, b"<script>alert(1)</script>")]
                .concat();
        let (kind, shown) = rebuilt(FileKind::Jpeg, &a_jpeg(&told, b"<html>")).unwrap();
        assert_eq!((kind, shown), ("image/jpeg", plain));
        let colours = segment(0xee, b"Adobe\0\x64\0\0\0\0\x01");
        assert_eq!(rebuilt(FileKind::Jpeg, &a_jpeg(&colours, b"")).unwrap().1, a_jpeg(&colours, b""));
    }

    #[test]
    fn what_is_odd_is_not_shown() {
        let mut flipped = a_png(&[], b"");
        flipped[20] ^= 1;
        let vast = [PNG, &header(20_000, 20_000), &chunk(b"IDAT", b"x"), &chunk(b"IEND", b"")].concat();
        for bytes in [
            flipped,
            vast,
            a_png(&[chunk(b"ABCD", b"unknown and called needed")], b""),
            [PNG, &header(3, 2), &chunk(b"IEND", b"")].concat(),
            a_png(&[], b"")[..40].to_vec(),
            b"<html>".to_vec(),
            Vec::new(),
        ] {
            assert_eq!(rebuilt(FileKind::Png, &bytes), None);
        }
        for bytes in [
            a_jpeg(&segment(0xc9, b"arithmetic coding"), b""),
            a_jpeg(b"\xff\xe0\xff\xff", b""),
            a_jpeg(b"junk", b""),
            b"\xff\xd8\xff\xd9".to_vec(),
            a_jpeg(b"", b"")[..100].to_vec(),
        ] {
            assert_eq!(rebuilt(FileKind::Jpeg, &bytes), None);
        }
        for kind in [FileKind::Gif, FileKind::WebP, FileKind::Pdf, FileKind::Text, FileKind::Other] {
            assert_eq!(rebuilt(kind, &a_png(&[], b"")), None);
        }
    }
}
