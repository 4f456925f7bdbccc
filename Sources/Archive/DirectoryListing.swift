import CLinux
import Glibc

/// The names in an open directory.
package enum DirectoryListing {
    /// Sorted by bytes, without "." and ".."; nil with `errno` set. Reads from the start, wherever the descriptor stands.
    package static func names(of descriptor: Int32) -> [RawPath]? {
        guard lseek(descriptor, 0, SEEK_SET) == 0 else { return nil }
        var entries: [Entry] = []
        let complete = withUnsafeTemporaryAllocation(byteCount: 64 << 10, alignment: 8) { buffer in
            while true {
                let count = clinux_getdents64(descriptor, buffer.baseAddress, buffer.count)
                guard count > 0 else { return count == 0 }
                append(UnsafeRawBufferPointer(rebasing: buffer[..<count]), to: &entries)
            }
        }
        guard complete else { return nil }
        entries.sort()
        return entries.map(\.name)
    }

    /// A name with its first bytes as a number, by which most of the sorting is done.
    private struct Entry: Comparable {
        let beginning: UInt64
        let name: RawPath

        init(_ name: RawPath) {
            var beginning: UInt64 = 0
            withUnsafeMutableBytes(of: &beginning) { $0.copyBytes(from: name.bytes.prefix(8)) }
            self.beginning = UInt64(bigEndian: beginning)
            self.name = name
        }

        static func < (a: Entry, b: Entry) -> Bool {
            a.beginning != b.beginning ? a.beginning < b.beginning : a.name < b.name
        }
    }

    /// One record: inode 8, offset 8, length 2, type 1, then the name up to a NUL.
    private static func append(_ records: UnsafeRawBufferPointer, to entries: inout [Entry]) {
        let nameOffset = 19
        var at = 0
        while at + nameOffset < records.count {
            let length = Int(records.loadUnaligned(fromByteOffset: at + 16, as: UInt16.self))
            guard length > nameOffset, at + length <= records.count else { return }
            let name = records[(at + nameOffset)..<(at + length)].prefix { $0 != 0 }
            if !(name.first == dot && (name.count == 1 || (name.count == 2 && name.last == dot))) {
                entries.append(Entry(RawPath(bytes: Array(name))))
            }
            at += length
        }
    }
}
