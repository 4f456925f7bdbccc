import Diagnostics

/// Reads the entries of a layer blob one by one: any compression, ustar, PAX, GNU and v7 tars, hostile ones included. Memory is bounded;
/// names and PAX headers over 1 MiB are refused, and more than 16 of them before one entry. Extended attributes are ignored. Not for use by
/// two threads at once.
package final class LayerReader {
    private let stream: LayerStream
    private let hash = SHA256()
    /// Contents of the current entry that nobody has read yet, and its padding.
    private var unread: Int64 = 0
    private var padding = 0
    private var isAtEnd = false
    /// What the headers of the current entry take up in the tar, extended ones included. In bytes.
    package private(set) var headerSize: Int64 = 0

    package var compression: LayerCompression { stream.compression }

    /// Reads from where the descriptor stands to its end. The caller keeps it open as long as the reader is used, and closes it.
    ///
    /// - Parameter blobHash: gets the bytes of the blob as it is stored, all of them once `finish` has returned. Not to be touched before.
    package init(descriptor: Int32, blobHash: SHA256? = nil) throws {
        stream = try LayerStream(descriptor: descriptor, blobHash: blobHash)
    }

    /// The next entry; nil at the end of the tar. Contents of the one before that were not read are passed over.
    package func next() throws -> TarHeader? {
        try skipContents()
        headerSize = 0
        var extensions = 0
        var pending = TarExtension()
        while !isAtEnd, let block = try readBlock() {
            if TarDecoder.isZero(block) {
                isAtEnd = true
                guard let second = try readBlock(), !TarDecoder.isZero(second) else { break }
                throw Fault("the layer is damaged: an empty block stands between its entries")
            }
            let raw = try TarDecoder.decode(block)
            switch raw.flag {
            case UInt8(ascii: "x"): try pending.add(records: try TarDecoder.records(try readExtension(raw)))
            case UInt8(ascii: "L"): pending.path = TarDecoder.text(try readExtension(raw)[...])
            case UInt8(ascii: "K"): pending.link = TarDecoder.text(try readExtension(raw)[...])
            // Defaults for what follows (git archive puts a comment there) and volume labels: nothing in a layer depends on them.
            case UInt8(ascii: "g"), UInt8(ascii: "V"): _ = try readExtension(raw)
            default:
                let header = try pending.header(raw)
                unread = header.size
                padding = TarBlock.padding(after: header.size)
                return header
            }
            extensions += 1
            guard extensions <= Self.extensionLimit else {
                throw Fault("the layer has more than \(Self.extensionLimit) extended headers before one entry")
            }
        }
        guard pending.isEmpty else { throw Fault("the layer is damaged: it ends after an extended header") }
        isAtEnd = true
        return nil
    }

    /// Gives what is left of the current entry's contents to `body`, piece by piece.
    package func readContents(_ body: (UnsafeRawBufferPointer) throws -> Void) throws {
        while unread > 0 {
            let piece = try take(atMost: Int(min(unread, 1 << 20)))
            guard piece.count > 0 else { throw Self.endsEarly }
            unread -= Int64(piece.count)
            try body(piece)
        }
    }

    /// Fills `free` with the next of the current entry's contents, which has so much left.
    func readContents(into free: UnsafeMutableRawBufferPointer) throws {
        var done = 0
        while done < free.count {
            let piece = try take(atMost: Int(min(unread, Int64(free.count - done))))
            guard piece.count > 0 else { throw Self.endsEarly }
            UnsafeMutableRawBufferPointer(rebasing: free[done...]).copyMemory(from: piece)
            unread -= Int64(piece.count)
            done += piece.count
        }
    }

    /// Reads what is left, to the end of the blob, and says what the uncompressed layer hashes to. More than `limit` bytes are an error.
    package func finish(atMost limit: Int64 = .max) throws -> DiffID {
        var left = limit
        while true {
            let count = try take(atMost: 1 << 20).count
            guard count > 0 else { break }
            left -= Int64(count)
            guard left >= 0 else { throw Fault("the layer goes on for more than \(limit) bytes after its last entry") }
        }
        unread = 0
        padding = 0
        isAtEnd = true
        return DiffID(hash.finish())
    }

    /// GNU tar writes up to four (a volume label, one for all entries, a long name and a long link), and joined tars may bring more.
    private static let extensionLimit = 16
    private static var endsEarly: Fault { Fault("the layer is damaged: it ends in the middle of an entry") }

    private func take(atMost limit: Int) throws -> UnsafeRawBufferPointer {
        let piece = try stream.next(atMost: limit)
        hash.update(piece)
        return piece
    }

    private func skipContents() throws {
        try readContents { _ in }
        while padding > 0 {
            let count = try take(atMost: padding).count
            guard count > 0 else { throw Self.endsEarly }
            padding -= count
        }
    }

    /// Nil at the end of the stream.
    private func readBlock() throws -> [UInt8]? {
        let block = try readBytes(TarBlock.size)
        if block.isEmpty { return nil }
        guard block.count == TarBlock.size else { throw Self.endsEarly }
        headerSize += Int64(TarBlock.size)
        return block
    }

    private func readBytes(_ count: Int) throws -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(count)
        while bytes.count < count {
            let piece = try take(atMost: count - bytes.count)
            guard piece.count > 0 else { break }
            bytes.append(contentsOf: piece)
        }
        return bytes
    }

    private func readExtension(_ raw: TarDecoder.Block) throws -> [UInt8] {
        guard raw.size <= 1 << 20 else { throw Fault("the layer has an extended header of \(raw.size) bytes, more than 1 MiB") }
        let data = try readBytes(Int(raw.size))
        guard data.count == Int(raw.size) else { throw Self.endsEarly }
        padding = TarBlock.padding(after: raw.size)
        headerSize += raw.size + Int64(padding)
        try skipContents()
        return data
    }
}
