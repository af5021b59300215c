//! Every encoding with every fault is in `fixtures/filters.flow`, and is compared there with what mitmproxy makes of it.

use std::io::Write as _;

use flate2::Compression;
use flate2::write::{DeflateEncoder, GzEncoder, ZlibEncoder};

use super::*;

const TEXT: &[u8] = b"a needle in a haystack, a needle in a haystack, a needle in a haystack";

fn gzipped(text: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(text).unwrap();
    encoder.finish().unwrap()
}

fn decode<'a>(content: &'a [u8], encoding: &str) -> Cow<'a, [u8]> {
    super::decode(content, encoding, 1 << 20).bytes
}

fn limit_of(packed: usize) -> usize {
    super::limit(&vec![0; packed])
}

#[test]
fn gzip_is_decoded_as_far_as_it_goes() {
    let packed = gzipped(TEXT);
    assert_eq!(decode(&packed, "gzip"), TEXT);
    assert_eq!(decode(&packed, "GZip"), TEXT);
    assert_eq!(decode(&packed[..packed.len() - 4], "gzip"), TEXT);
    assert!(TEXT.starts_with(&decode(&packed[..packed.len() - 20], "gzip")));
    assert_eq!(decode(&[&packed[..], b"behind"].concat(), "gzip"), TEXT);
    let mut wrong = packed.clone();
    let checksum = packed.len() - 8;
    wrong[checksum] ^= 1;
    assert_eq!(decode(&wrong, "gzip"), wrong);
    assert_eq!(decode(b"not packed", "gzip"), &b"not packed"[..]);
}

#[test]
fn deflate_is_with_and_without_a_header() {
    let mut zlib = ZlibEncoder::new(Vec::new(), Compression::default());
    zlib.write_all(TEXT).unwrap();
    let zlib = zlib.finish().unwrap();
    let mut bare = DeflateEncoder::new(Vec::new(), Compression::default());
    bare.write_all(TEXT).unwrap();
    let bare = bare.finish().unwrap();
    for packed in [&zlib, &bare] {
        assert_eq!(decode(packed, "deflate"), TEXT);
        let cut = &packed[..packed.len() - 5];
        assert_eq!(decode(cut, "deflate"), cut);
    }
    assert_eq!(decode(&zlib, "gzip"), TEXT);
    assert_eq!(decode(&bare, "gzip"), bare);
}

#[test]
fn what_a_body_becomes_is_bounded() {
    let zeros = gzipped(&vec![0; 10 << 20]);
    assert_eq!(inflate::gzip(&zeros, 1 << 20).unwrap().len(), 1 << 20);
    assert_eq!(inflate::gzip(&zeros, 20 << 20).unwrap().len(), 10 << 20);
    // Zstandard: a frame of 100 blocks that repeat one byte 128 KiB times.
    let mut frame = vec![0x28, 0xb5, 0x2f, 0xfd, 0x00, 0x58];
    for block in 0..100_u32 {
        let header = (128 << 10) << 3 | 1 << 1 | u32::from(block == 99);
        frame.extend_from_slice(&header.to_le_bytes()[..3]);
        frame.push(b'x');
    }
    assert_eq!(zstd::decode(&frame, 1 << 20).unwrap().len(), 1 << 20);
    assert_eq!(zstd::decode(&frame, 20 << 20).unwrap(), vec![b'x'; 100 * (128 << 10)]);
}

#[test]
fn a_body_is_decoded_up_to_its_limit() {
    // Zstandard: a frame of blocks that repeat one byte 128 KiB times.
    let frame = |blocks: usize| {
        let mut frame = vec![0x28, 0xb5, 0x2f, 0xfd, 0x00, 0x58];
        for block in 1..=blocks {
            let header = (128 << 10) << 3 | 1 << 1 | u32::from(block == blocks);
            frame.extend_from_slice(&header.to_le_bytes()[..3]);
            frame.push(b'x');
        }
        frame
    };
    const BLOCK: usize = 128 << 10;
    let limit = 8 * BLOCK;
    for (blocks, length, is_cut) in [(7, 7 * BLOCK, false), (8, limit, false), (9, limit, true), (99, limit, true)] {
        let packed = frame(blocks);
        let body = super::decode(&packed, "zstd", limit);
        assert_eq!((body.bytes.len(), body.is_cut), (length, is_cut), "{blocks}");
    }
    // A window is as much as the decoder keeps, and no reason to decode it.
    let packed = [&[0x28, 0xb5, 0x2f, 0xfd, 0, 16 << 3], &frame(20)[6..]].concat();
    for (limit, length) in [(BLOCK - 1, BLOCK - 1), (limit, limit), (20 * BLOCK, 20 * BLOCK), (99 * BLOCK, 20 * BLOCK)]
    {
        assert_eq!(super::decode(&packed, "zstd", limit).bytes.len(), length);
        assert_eq!(super::decode(&packed[..packed.len() - 2], "zstd", limit).bytes.len(), length.min(19 * BLOCK));
    }
    for (length, cut) in [(999, false), (1000, false), (1001, true)] {
        let packed = gzipped(&vec![b'x'; length]);
        let body = super::decode(&packed, "gzip", 1000);
        assert_eq!((body.bytes.len(), body.is_cut), (length.min(1000), cut));
    }
    // What is not packed has no limit.
    assert_eq!(super::decode(b"as it is", "", 1), Body { bytes: Cow::Borrowed(b"as it is"), is_cut: false });
    assert_eq!(limit_of(0), MAX_DECODED);
    assert_eq!(limit_of(1000), MAX_DECODED + 6000);
}

/// What ends little behind the limit has been decoded to its end, and is cut off all the same.
#[test]
fn a_gzip_that_is_cut_off_at_its_limit_needs_no_checksum() {
    let packed = gzipped(&[b'x'; 1600]);
    for limit in [1, 1000, 1500, 1599, 1600, 1601] {
        assert_eq!(inflate::gzip(&packed, limit).unwrap().len(), limit.min(1600), "{limit}");
    }
}

#[test]
fn any_bytes_are_a_body() {
    for encoding in ["gzip", "deflate", "br", "zstd", "x"] {
        for content in [
            &b""[..],
            b"\x1f",
            b"\x1f\x8b",
            b"\x28\xb5\x2f",
            b"\x78\x9c",
            b"\x50\x2a\x4d\x18\xff\xff\xff\xff",
            &[0xff; 100],
        ] {
            drop(decode(content, encoding));
        }
    }
}
