//! Bodies as they come off the wire, unpacked up to a limit. Unpacking runs
//! piece by piece into a sink that refuses what is too much, so a small body
//! that would unpack to gigabytes costs no more than the limit.

use std::io::{self, Write};

use brotli_decompressor::DecompressorWriter;
use bytes::Buf;
use flate2::write::{DeflateDecoder, MultiGzDecoder, ZlibDecoder};
use zstd::stream::raw::{DParameter, Decoder as ZstdDecoder, InBuffer, Operation, OutBuffer};

/// The codings that [`Unpacker`] knows, for `Accept-Encoding`.
pub(super) const CODINGS: &str = "gzip, br, zstd, deflate";

/// Window of a zstd frame, as a power of two: RFC 9659 allows no more on the
/// web.
const ZSTD_WINDOW: u32 = 23;

/// Unpacks one body.
pub(super) struct Unpacker {
    coding: Coding,
    /// A body of no bytes is whole, whatever its header says.
    is_empty: bool,
}

enum Coding {
    Plain(Sink),
    Gzip(MultiGzDecoder<Sink>),
    Deflate(Deflate),
    Brotli(Box<DecompressorWriter<Sink>>),
    Zstd(Box<Zstd>),
}

/// What became of a piece.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Taken {
    /// It is unpacked.
    All,
    /// It does not fit below the limit.
    TooMuch,
    /// It is not what the header says.
    Broken,
}

impl Unpacker {
    /// For a body with this `Content-Encoding`, keeping up to `limit` bytes;
    /// `None` for codings that we did not ask for.
    pub(super) fn new(coding: &str, limit: usize) -> Option<Self> {
        let sink = Sink { bytes: Vec::new(), limit, is_full: false };
        let coding = match coding.trim().to_ascii_lowercase().as_str() {
            "" | "identity" => Coding::Plain(sink),
            "gzip" | "x-gzip" => Coding::Gzip(MultiGzDecoder::new(sink)),
            "deflate" => Coding::Deflate(Deflate::Unknown(sink)),
            "br" => Coding::Brotli(Box::new(DecompressorWriter::new(sink, 4096))),
            "zstd" => Coding::Zstd(Box::new(Zstd::new(sink)?)),
            _ => return None,
        };
        Some(Self { coding, is_empty: true })
    }

    /// Takes in a piece of the body.
    pub(super) fn take(&mut self, mut piece: impl Buf) -> Taken {
        while piece.has_remaining() {
            self.is_empty = false;
            let chunk = piece.chunk();
            let length = chunk.len();
            if self.coding.write_all(chunk).is_err() {
                return self.failed();
            }
            piece.advance(length);
        }
        Taken::All
    }

    /// Whether the body has come to its own end.
    pub(super) fn finish(&mut self) -> Taken {
        if self.is_empty || self.coding.finish().is_ok() { Taken::All } else { self.failed() }
    }

    fn failed(&mut self) -> Taken {
        if self.coding.sink().is_some_and(|sink| sink.is_full) { Taken::TooMuch } else { Taken::Broken }
    }

    /// What was unpacked.
    pub(super) fn into_bytes(mut self) -> Vec<u8> {
        self.coding.sink().map(|sink| std::mem::take(&mut sink.bytes)).unwrap_or_default()
    }
}

impl Coding {
    fn write_all(&mut self, bytes: &[u8]) -> io::Result<()> {
        match self {
            Self::Plain(sink) => sink.write_all(bytes),
            Self::Gzip(decoder) => decoder.write_all(bytes).and_then(|()| decoder.flush()),
            Self::Deflate(decoder) => decoder.write_all(bytes),
            Self::Brotli(decoder) => decoder.write_all(bytes).and_then(|()| decoder.flush()),
            Self::Zstd(decoder) => decoder.write_all(bytes),
        }
    }

    fn finish(&mut self) -> io::Result<()> {
        match self {
            Self::Plain(_) => Ok(()),
            Self::Gzip(decoder) => decoder.try_finish(),
            Self::Deflate(decoder) => decoder.finish(),
            Self::Brotli(decoder) => decoder.close(),
            Self::Zstd(decoder) => decoder.finish(),
        }
    }

    fn sink(&mut self) -> Option<&mut Sink> {
        match self {
            Self::Plain(sink) | Self::Deflate(Deflate::Unknown(sink)) => Some(sink),
            Self::Gzip(decoder) => Some(decoder.get_mut()),
            Self::Deflate(Deflate::Zlib(decoder)) => Some(decoder.get_mut()),
            Self::Deflate(Deflate::Raw(decoder)) => Some(decoder.get_mut()),
            Self::Deflate(Deflate::Gone) => None,
            Self::Brotli(decoder) => Some(decoder.get_mut()),
            Self::Zstd(decoder) => Some(&mut decoder.sink),
        }
    }
}

/// Keeps up to a limit.
struct Sink {
    bytes: Vec<u8>,
    limit: usize,
    is_full: bool,
}

impl Write for Sink {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let room = self.limit - self.bytes.len();
        let (kept, left) = bytes.split_at(room.min(bytes.len()));
        self.bytes.extend_from_slice(kept);
        if left.is_empty() {
            return Ok(bytes.len());
        }
        self.is_full = true;
        Err(io::ErrorKind::FileTooLarge.into())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// `deflate` means zlib, and is often sent without zlib's frame; the first
/// byte tells.
enum Deflate {
    Unknown(Sink),
    Zlib(ZlibDecoder<Sink>),
    Raw(DeflateDecoder<Sink>),
    /// While one turns into another.
    Gone,
}

impl Deflate {
    fn write_all(&mut self, bytes: &[u8]) -> io::Result<()> {
        /// The method (8) in the low half of zlib's first byte.
        const ZLIB: u8 = 8;
        if let (Self::Unknown(_), Some(first)) = (&*self, bytes.first()) {
            let Self::Unknown(sink) = std::mem::replace(self, Self::Gone) else { return Ok(()) };
            *self = if first & 0x0f == ZLIB {
                Self::Zlib(ZlibDecoder::new(sink))
            } else {
                Self::Raw(DeflateDecoder::new(sink))
            };
        }
        match self {
            Self::Zlib(decoder) => decoder.write_all(bytes).and_then(|()| decoder.flush()),
            Self::Raw(decoder) => decoder.write_all(bytes).and_then(|()| decoder.flush()),
            Self::Unknown(_) | Self::Gone => Ok(()),
        }
    }

    fn finish(&mut self) -> io::Result<()> {
        match self {
            Self::Zlib(decoder) => decoder.try_finish(),
            Self::Raw(decoder) => decoder.try_finish(),
            Self::Unknown(_) | Self::Gone => Ok(()),
        }
    }
}

/// A zstd decoder that knows whether its frame has ended.
struct Zstd {
    decoder: ZstdDecoder<'static>,
    buffer: Vec<u8>,
    sink: Sink,
    is_inside: bool,
}

impl Zstd {
    fn new(sink: Sink) -> Option<Self> {
        let mut decoder = ZstdDecoder::new().ok()?;
        decoder.set_parameter(DParameter::WindowLogMax(ZSTD_WINDOW)).ok()?;
        Some(Self { decoder, buffer: vec![0; 32 << 10], sink, is_inside: false })
    }

    fn write_all(&mut self, bytes: &[u8]) -> io::Result<()> {
        let mut input = InBuffer::around(bytes);
        loop {
            let mut output = OutBuffer::around(self.buffer.as_mut_slice());
            let expected = self.decoder.run(&mut input, &mut output)?;
            let written = output.pos();
            self.is_inside = expected != 0;
            self.sink.write_all(self.buffer.get(..written).unwrap_or_default())?;
            // A buffer that was filled may have left more behind.
            if input.pos() == bytes.len() && written < self.buffer.len() {
                return Ok(());
            }
        }
    }

    fn finish(&self) -> io::Result<()> {
        if self.is_inside { Err(io::ErrorKind::UnexpectedEof.into()) } else { Ok(()) }
    }
}

#[cfg(test)]
mod tests {
    use flate2::Compression;
    use flate2::write::{DeflateEncoder, GzEncoder, ZlibEncoder};

    use super::*;

    /// Unpacks in pieces of `step` bytes.
    fn unpack(coding: &str, packed: &[u8], limit: usize, step: usize) -> (Vec<u8>, Taken) {
        let mut unpacker = Unpacker::new(coding, limit).expect("a coding");
        for piece in packed.chunks(step) {
            let taken = unpacker.take(piece);
            if taken != Taken::All {
                return (unpacker.into_bytes(), taken);
            }
        }
        let taken = unpacker.finish();
        (unpacker.into_bytes(), taken)
    }

    fn packed(text: &[u8]) -> Vec<(&'static str, Vec<u8>)> {
        let mut gzip = GzEncoder::new(Vec::new(), Compression::default());
        let mut zlib = ZlibEncoder::new(Vec::new(), Compression::default());
        let mut raw = DeflateEncoder::new(Vec::new(), Compression::default());
        gzip.write_all(text).expect("memory");
        zlib.write_all(text).expect("memory");
        raw.write_all(text).expect("memory");
        vec![
            ("gzip", gzip.finish().expect("memory")),
            ("deflate", zlib.finish().expect("memory")),
            ("deflate", raw.finish().expect("memory")),
            ("zstd", zstd::encode_all(text, 3).expect("memory")),
        ]
    }

    /// Eight MiB of `a` in brotli, by its reference encoder.
    const BROTLI: &[u8] = &[0xcb, 0xff, 0xff, 0x3f, 0xf8, 0x25, 0xc2, 0xe2, 0xb1, 0x40, 0x20, 0xf7, 0xfe, 0x6f];

    #[test]
    fn bodies_are_unpacked_in_pieces_of_any_size() {
        let text: Vec<u8> = (0..90_000_u32).flat_map(|n| (n / 7).to_le_bytes()).collect();
        for (coding, packed) in packed(&text) {
            for step in [1, 7, 4096, usize::MAX] {
                let (bytes, taken) = unpack(coding, &packed, text.len(), step);
                assert!(bytes == text && taken == Taken::All, "{coding} {step} {taken:?}");
            }
            let half = &packed[..packed.len() / 2];
            assert_eq!(unpack(coding, half, text.len(), 100).1, Taken::Broken, "{coding}");
            for rubbish in ["no", "no such thing at all"] {
                assert_eq!(unpack(coding, rubbish.as_bytes(), 100, 100).1, Taken::Broken, "{coding} {rubbish}");
            }
        }
        for step in [1, 7, 100] {
            let (bytes, taken) = unpack("br", BROTLI, 8 << 20, step);
            assert!(bytes == vec![b'a'; 8 << 20] && taken == Taken::All, "{step} {taken:?}");
        }
        assert_eq!(unpack("br", &BROTLI[..9], 8 << 20, 100).1, Taken::Broken);
        assert_eq!(unpack("", b"plain", 5, 2), (b"plain".to_vec(), Taken::All));
    }

    #[test]
    fn bombs_stop_at_the_limit() {
        let text = vec![b'a'; 8 << 20];
        for (coding, packed) in packed(&text) {
            let (bytes, taken) = unpack(coding, &packed, 1000, 4096);
            assert_eq!((bytes.len(), taken), (1000, Taken::TooMuch), "{coding}");
        }
        let (bytes, taken) = unpack("br", BROTLI, 1000, 100);
        assert_eq!((bytes.len(), taken), (1000, Taken::TooMuch));
        assert_eq!(unpack("identity", b"plain", 4, 2), (b"plai".to_vec(), Taken::TooMuch));
    }

    #[test]
    fn empty_bodies_are_whole_and_strange_codings_are_not_ours() {
        for coding in ["", "gzip", "deflate", "zstd"] {
            assert_eq!(unpack(coding, b"", 10, 1), (Vec::new(), Taken::All), "{coding}");
        }
        for coding in ["compress", "gzip, br", "aes128gcm"] {
            assert!(Unpacker::new(coding, 10).is_none(), "{coding}");
        }
    }
}
