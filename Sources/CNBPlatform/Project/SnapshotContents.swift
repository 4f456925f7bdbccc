import Diagnostics
import Glibc

/// Copies one file's bytes: shared with the original where the file system can do that, else inside the kernel. Holes stay holes.
struct SnapshotContents {
    /// Macros of <linux/fs.h> and <unistd.h> that Swift does not see; the same on every architecture that Swift runs on.
    private static let cloneRequest: UInt = 0x4004_9409
    private static let seekData: Int32 = 3
    private static let seekHole: Int32 = 4

    let source: SnapshotDescriptor
    let target: SnapshotDescriptor
    let path: String

    /// `isCloneable` is whether to try sharing, and false once the file systems have refused.
    func copy(_ status: stat, isCloneable: inout Bool) throws {
        guard status.st_size > 0 || status.st_blocks > 0 else { return try copySegment(length: .max) }
        if isCloneable {
            if ioctl(target.number, Self.cloneRequest, source.number) == 0 { return }
            isCloneable = false
        }
        let isSparse = Int64(status.st_blocks) &* 512 < Int64(status.st_size)
        if isSparse, try copySegments(size: Int(status.st_size)) { return }
        try copySegment(length: .max)
    }

    /// False when the file system does not tell where holes are; nothing has been written then.
    private func copySegments(size: Int) throws -> Bool {
        var at = lseek(source.number, 0, Self.seekData)
        if at < 0, errno != ENXIO { return false }
        while at >= 0, at < size {
            let hole = lseek(source.number, at, Self.seekHole)
            let end = hole < 0 ? size : min(hole, size)
            guard lseek(source.number, at, SEEK_SET) >= 0, lseek(target.number, at, SEEK_SET) >= 0 else { throw failed(errno) }
            try copySegment(length: end - at)
            at = lseek(source.number, end, Self.seekData)
        }
        guard ftruncate(target.number, size) == 0 else { throw failed(errno) }
        return true
    }

    /// Copies from the place where both files are, to the end of the source if that comes first.
    private func copySegment(length: Int) throws {
        var left = length
        while left > 0 {
            let count = sendfile(target.number, source.number, nil, min(left, 1 << 30))
            if count == 0 { return }
            if count < 0 {
                if errno == EINTR { continue }
                guard errno == EINVAL || errno == ENOSYS else { throw failed(errno) }
                return try copyThroughMemory(length: left)
            }
            left -= count
        }
    }

    /// For file systems whose pages the kernel cannot pass on.
    private func copyThroughMemory(length: Int) throws {
        try withUnsafeTemporaryAllocation(byteCount: 256 << 10, alignment: 16) { buffer in
            var left = length
            while left > 0, let start = buffer.baseAddress {
                let count = read(source.number, start, min(left, buffer.count))
                if count < 0, errno == EINTR { continue }
                guard count >= 0 else { throw failed(errno) }
                if count == 0 { return }
                try write(UnsafeRawBufferPointer(start: start, count: count))
                left -= count
            }
        }
    }

    private func write(_ bytes: UnsafeRawBufferPointer) throws {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = Glibc.write(target.number, UnsafeRawBufferPointer(rebasing: rest).baseAddress, rest.count)
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw failed(errno) }
            rest = rest.dropFirst(count)
        }
    }

    private func failed(_ code: Int32) -> Fault {
        SnapshotFault.writing(path, code: code)
    }
}
