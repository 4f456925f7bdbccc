/// A growing run of bytes that is filled, handed over and used again. Owned by one thread at a time.
final class MemberBuffer {
    private var storage: UnsafeMutableRawBufferPointer
    private(set) var count = 0

    init(capacity: Int = (256 << 10) + (64 << 10)) {
        storage = .allocate(byteCount: capacity, alignment: 16)
    }

    deinit { storage.deallocate() }

    var bytes: UnsafeRawBufferPointer { UnsafeRawBufferPointer(rebasing: storage[..<count]) }

    func removeAll() { count = 0 }

    func append(_ new: [UInt8]) {
        append(count: new.count) { free in new.withUnsafeBytes { free.copyMemory(from: $0) } }
    }

    func append(zeros: Int) {
        append(count: zeros) { $0.initializeMemory(as: UInt8.self, repeating: 0) }
    }

    /// Adds `count` bytes that `body` writes; none when it throws.
    func append(count new: Int, _ body: (UnsafeMutableRawBufferPointer) throws -> Void) rethrows {
        reserve(count + new)
        try body(UnsafeMutableRawBufferPointer(rebasing: storage[count..<(count + new)]))
        count += new
    }

    /// Replaces everything by what `body` writes into room for `capacity` bytes; it says how many.
    func replace(capacity: Int, _ body: (UnsafeMutableRawBufferPointer) throws -> Int) rethrows {
        count = 0
        reserve(capacity)
        count = try body(storage)
    }

    private func reserve(_ needed: Int) {
        guard needed > storage.count else { return }
        let larger = UnsafeMutableRawBufferPointer.allocate(byteCount: max(needed, storage.count + storage.count / 2), alignment: 16)
        larger.copyMemory(from: bytes)
        storage.deallocate()
        storage = larger
    }
}
