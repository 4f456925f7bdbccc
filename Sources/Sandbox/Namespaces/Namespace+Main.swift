import Dispatch
import Glibc

extension Namespace {
    /// Goes on with concurrent code from a synchronous `main`, and ends the process with the status that it gives.
    ///
    /// The usual `dispatchMain()` would end the first thread, and with it most of what /proc tells about this process. The first thread only
    /// waits here, so code bound to the main actor does not run.
    package static func run(_ body: @escaping @Sendable () async -> Int32) -> Never {
        let end = DispatchSemaphore(value: 0)
        Task.detached {
            let status = await body()
            exit(status)
        }
        while true { end.wait() }
    }
}
