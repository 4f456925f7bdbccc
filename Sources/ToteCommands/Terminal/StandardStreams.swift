import Glibc

/// Whole-line writes to standard output (data) and standard error (everything else).
package enum StandardStreams {
    package static func out(_ line: String) { write(line + "\n", to: STDOUT_FILENO) }
    package static func error(_ line: String) { write(line + "\n", to: STDERR_FILENO) }

    /// As it is, without a new line.
    static func errorText(_ text: String) {
        if !text.isEmpty { write(text, to: STDERR_FILENO) }
    }

    private static func write(_ text: String, to descriptor: Int32) {
        var bytes = Array(text.utf8)[...]
        while !bytes.isEmpty {
            let count = bytes.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if count > 0 {
                bytes = bytes.dropFirst(count)
            } else if errno != EINTR && errno != EAGAIN {
                return  // nobody reads this stream any more
            }
        }
    }
}
