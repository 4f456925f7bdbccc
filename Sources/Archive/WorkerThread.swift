import Diagnostics
import Glibc

/// One thread of the operating system. Compression and inflation block and use a core each, so they stay off Swift's own pool.
struct WorkerThread: Sendable {
    private let thread: pthread_t

    init(_ body: @escaping @Sendable () -> Void) throws {
        let context = Unmanaged.passRetained(Body(run: body))
        var thread = pthread_t()
        let code = pthread_create(&thread, nil, Self.start, context.toOpaque())
        guard code == 0 else {
            context.release()
            throw Fault(system: "starting a thread", code: code)
        }
        self.thread = thread
    }

    private static let start: @convention(c) (UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? = { context in
        if let context { Unmanaged<Body>.fromOpaque(context).takeRetainedValue().run() }
        return nil
    }

    /// Waits for the end of the thread. Once and always: a thread that is not joined is never freed.
    func join() { pthread_join(thread, nil) }

    private final class Body: Sendable {
        let run: @Sendable () -> Void
        init(run: @escaping @Sendable () -> Void) { self.run = run }
    }
}
