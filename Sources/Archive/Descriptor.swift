import Glibc

/// Small wrappers of system calls on file descriptors that retry when a signal interrupts them.
enum Descriptor {
    static func read(_ descriptor: Int32, _ pointer: UnsafeMutableRawPointer, _ count: Int) -> Int {
        while true {
            let read = Glibc.read(descriptor, pointer, count)
            if read >= 0 || errno != EINTR { return read }
        }
    }

    /// Writes all of the bytes; false with `errno` set.
    static func writeAll(_ descriptor: Int32, _ bytes: UnsafeRawBufferPointer) -> Bool {
        var done = 0
        while done < bytes.count {
            guard let start = bytes.baseAddress else { return true }
            let written = Glibc.write(descriptor, start + done, bytes.count - done)
            if written < 0 {
                if errno == EINTR { continue }
                return false
            }
            done += written
        }
        return true
    }

    /// The target of a link, as stored; nil with `errno` set. An empty name means the link that the descriptor itself is.
    static func readLink(_ name: UnsafePointer<CChar>, in directory: Int32) -> RawPath? {
        // The kernel holds no target longer than one page.
        withUnsafeTemporaryAllocation(of: CChar.self, capacity: 4096) { buffer in
            guard let start = buffer.baseAddress else { return nil }
            let count = readlinkat(directory, name, start, buffer.count)
            guard count >= 0 else { return nil }
            return RawPath(bytes: buffer.prefix(count).map { UInt8(bitPattern: $0) })
        }
    }
}
