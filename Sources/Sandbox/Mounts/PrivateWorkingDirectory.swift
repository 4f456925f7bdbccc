import CLinux
import Diagnostics
import Glibc
import Synchronization

/// Work that needs relative paths of a folder. The working directory belongs to the whole process, so the work gets a thread of its own
/// that parts with it (CLONE_FS) first.
enum PrivateWorkingDirectory {
    static func run<Value: Sendable>(in path: String, _ body: @escaping @Sendable () throws -> Value) throws -> Value {
        let job = Job(path: path, body: body)
        var thread = pthread_t()
        let reference = Unmanaged.passRetained(job as Runnable)
        let code = pthread_create(&thread, nil, start, reference.toOpaque())
        guard code == 0 else {
            reference.release()
            throw Fault(system: "starting a thread", code: code)
        }
        pthread_join(thread, nil)
        return try job.result.withLock { result in
            guard let result else { throw Fault("a thread ended without a result") }
            return try result.get()
        }
    }

    private static let start: @convention(c) (UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? = { context in
        if let context { Unmanaged<Runnable>.fromOpaque(context).takeRetainedValue().run() }
        return nil
    }

    private class Runnable {
        func run() {}
    }

    private final class Job<Value: Sendable>: Runnable {
        let path: String
        let body: @Sendable () throws -> Value
        let result = Mutex<Result<Value, any Error>?>(nil)

        init(path: String, body: @escaping @Sendable () throws -> Value) {
            self.path = path
            self.body = body
        }

        override func run() {
            let outcome = Result {
                guard clinux_unshare(CLINUX_CLONE_FS) == 0, chdir(path) == 0 else { throw Fault(system: "changing into '\(path)'") }
                return try body()
            }
            result.withLock { $0 = outcome }
        }
    }
}
