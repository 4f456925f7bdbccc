import CLinux
import Glibc

/// The names in an open directory.
package enum DirectoryListing {
    /// Sorted by bytes, without "." and ".."; nil with `errno` set. Reads from the start, wherever the descriptor stands.
    package static func names(of descriptor: Int32) -> [RawPath]? {
        guard lseek(descriptor, 0, SEEK_SET) == 0 else { return nil }
        var names: [RawPath] = []
        let complete = withUnsafeTemporaryAllocation(byteCount: 64 << 10, alignment: 8) { buffer in
            while true {
                let count = clinux_getdents64(descriptor, buffer.baseAddress, buffer.count)
                guard count > 0 else { return count == 0 }
                append(UnsafeRawBufferPointer(rebasing: buffer[..<count]), to: &names)
            }
        }
        guard complete else { return nil }
        names.sort()
        return names
    }

    /// One record: inode 8, offset 8, length 2, type 1, then the name up to a NUL.
    private static func append(_ records: UnsafeRawBufferPointer, to names: inout [RawPath]) {
        let nameOffset = 19
        var at = 0
        while at + nameOffset < records.count {
            let length = Int(records.loadUnaligned(fromByteOffset: at + 16, as: UInt16.self))
            guard length > nameOffset, at + length <= records.count else { return }
            let name = records[(at + nameOffset)..<(at + length)].prefix { $0 != 0 }
            if !(name.first == dot && (name.count == 1 || (name.count == 2 && name.last == dot))) {
                names.append(RawPath(bytes: Array(name)))
            }
            at += length
        }
    }
}
