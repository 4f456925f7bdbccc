import Diagnostics
import Glibc

/// A buffered look at a descriptor's bytes, for decompressors.
final class BlobInput {
    private let descriptor: Int32
    private let hash: SHA256?
    private let storage = UnsafeMutableRawBufferPointer.allocate(byteCount: 512 << 10, alignment: 16)
    private var start = 0
    private var end = 0

    /// - Parameter hash: gets every byte that is read.
    init(descriptor: Int32, hash: SHA256? = nil) {
        self.descriptor = descriptor
        self.hash = hash
    }

    deinit { storage.deallocate() }

    /// What has been read and not consumed.
    var bytes: UnsafeRawBufferPointer { UnsafeRawBufferPointer(rebasing: storage[start..<end]) }

    func consume(_ count: Int) { start = min(start + count, end) }

    /// Reads until `count` bytes are at hand (at most the buffer's size) or the file ends. False when none are left at all.
    @discardableResult
    func fill(_ count: Int = 1) throws -> Bool {
        if end - start >= count { return true }
        if start > 0, let base = storage.baseAddress {
            memmove(base, base + start, end - start)
            end -= start
            start = 0
        }
        while end < min(count, storage.count), let base = storage.baseAddress {
            let read = Descriptor.read(descriptor, base + end, storage.count - end)
            guard read >= 0 else { throw Fault(system: "reading a layer") }
            guard read > 0 else { break }
            hash?.update(UnsafeRawBufferPointer(start: base + end, count: read))
            end += read
        }
        return end > start
    }
}
