import Diagnostics
import Glibc

/// Turns the bytes of a blob into those of its tar.
protocol Decompressor: AnyObject {
    /// Fills a part of `output`, all of it when that is simple; 0 only at the end.
    func read(into output: UnsafeMutableRawBufferPointer) throws -> Int
}

extension LayerCompression {
    func decompressor(of input: BlobInput) -> any Decompressor {
        switch self {
        case .none: StoredInput(input)
        case .gzip: GzipDecompressor(input)
        case .zstd: ZstdDecompressor(input)
        }
    }
}

/// A blob that is the tar itself.
private final class StoredInput: Decompressor {
    private let input: BlobInput

    init(_ input: BlobInput) { self.input = input }

    func read(into output: UnsafeMutableRawBufferPointer) throws -> Int {
        guard try input.fill() else { return 0 }
        let piece = UnsafeRawBufferPointer(rebasing: input.bytes.prefix(output.count))
        output.copyMemory(from: piece)
        input.consume(piece.count)
        return piece.count
    }
}
