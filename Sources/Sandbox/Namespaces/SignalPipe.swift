import CLinux
import Dispatch
import Glibc

/// Signals of this process as bytes in a pipe, where concurrent code can read them.
final class SignalPipe: Sendable {
    /// One per process, as handlers of signals are.
    static let shared = SignalPipe()

    private static let handled = [SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGUSR1, SIGUSR2, SIGWINCH]

    /// Nil when the system has no descriptors left: then signals have their usual effect.
    private let pipe = try? Pipe(nonBlocking: true)

    /// Programs that are started do not inherit handlers, so nothing has to be undone for them.
    func install() {
        guard pipe != nil else { return }
        for number in Self.handled {
            var action = sigaction()
            action.__sigaction_handler.sa_handler = { number in
                // Only what is allowed in a handler. A full pipe means that enough signals wait already.
                let before = errno
                var byte = UInt8(truncatingIfNeeded: number)
                if let pipe = SignalPipe.shared.pipe { _ = write(pipe.writing, &byte, 1) }
                errno = before
            }
            action.sa_flags = SA_RESTART
            sigaction(number, &action, nil)
        }
    }

    func signals() -> AsyncStream<Int32> {
        AsyncStream { continuation in
            guard let pipe else { return continuation.finish() }
            let reader = Reader(pipe.reading) { continuation.yield($0) }
            continuation.onTermination = { _ in reader.cancel() }
        }
    }

    /// Reads the pipe until it is cancelled.
    private final class Reader: @unchecked Sendable {
        // Dispatch sources may be used from any thread; only their Swift type does not say so.
        private let source: any DispatchSourceRead

        init(_ descriptor: Int32, _ deliver: @escaping @Sendable (Int32) -> Void) {
            source = DispatchSource.makeReadSource(fileDescriptor: descriptor, queue: DispatchQueue(label: "signals"))
            source.setEventHandler {
                var byte: UInt8 = 0
                while read(descriptor, &byte, 1) == 1 { deliver(Int32(byte)) }
            }
            source.activate()
        }

        func cancel() { source.cancel() }
    }
}
