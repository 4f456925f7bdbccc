import Glibc

/// What came out of both streams so far, on its way to where it is wanted.
struct OutputStreams {
    private static let captureLimit = 16 << 20
    private let output: SandboxOutput
    private var lines = (LineSplitter(), LineSplitter())
    private var captured: (out: [UInt8], error: [UInt8]) = ([], [])

    init(_ output: SandboxOutput) { self.output = output }

    /// Reads what is there now; false at the end of the stream. `fully`: however much that is, for after the end of the program.
    mutating func drain(_ descriptor: Int32, _ stream: OutputLine.Stream, fully: Bool = false) -> Bool {
        var buffer = [UInt8](repeating: 0, count: 65536)
        while true {
            let count = read(descriptor, &buffer, buffer.count)
            if count < 0 && errno == EINTR { continue }
            guard count > 0 else { return count < 0 && errno == EAGAIN }
            take(buffer.prefix(count), stream)
            // The other stream and the requests get their turn.
            if !fully { return true }
        }
    }

    private mutating func take(_ bytes: ArraySlice<UInt8>, _ stream: OutputLine.Stream) {
        switch (output, stream) {
        case (.inherit, _): break
        case (.lines(let body), .standardOutput): lines.0.append(bytes) { body(OutputLine(stream, $0)) }
        case (.lines(let body), .standardError): lines.1.append(bytes) { body(OutputLine(stream, $0)) }
        case (.merged(let body), _): lines.0.append(bytes, body)
        case (.capture, .standardOutput): captured.out += bytes.prefix(max(0, Self.captureLimit - captured.out.count))
        case (.capture, .standardError): captured.error += bytes.prefix(max(0, Self.captureLimit - captured.error.count))
        }
    }

    /// Hands out the lines that had no end.
    mutating func exit(with status: SandboxExit.Status) -> SandboxExit {
        if case .lines(let body) = output {
            lines.0.finish { body(OutputLine(.standardOutput, $0)) }
            lines.1.finish { body(OutputLine(.standardError, $0)) }
        }
        if case .merged(let body) = output { lines.0.finish(body) }
        return SandboxExit(status: status, standardOutput: captured.out, standardError: captured.error)
    }
}
