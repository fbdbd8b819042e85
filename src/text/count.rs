//! Bytes counted many at once.

/// How many bytes are so. They are counted in pieces whose sum fits a byte,
/// each a whole number of vector registers long, so that the compiler makes
/// vectors of them.
pub(crate) fn count_bytes(bytes: &[u8], is_counted: impl Fn(u8) -> bool) -> usize {
    const PIECE: usize = 128;
    let in_piece = |piece: &[u8]| piece.iter().map(|byte| u8::from(is_counted(*byte))).sum::<u8>();
    bytes.chunks(PIECE).map(|piece| usize::from(in_piece(piece))).sum()
}

#[cfg(test)]
mod tests {
    use super::count_bytes;

    #[test]
    fn all_can_be_counted() {
        for length in [0, 1, 127, 128, 129, 1000] {
            assert_eq!(count_bytes(&vec![b'x'; length], |byte| byte == b'x'), length);
            assert_eq!(count_bytes(&vec![b'x'; length], |byte| byte == b'y'), 0);
        }
    }
}
