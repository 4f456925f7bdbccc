import CNBLifecycle
import Diagnostics
import OCIImage
import Sandbox

extension BuildPlatform {
    /// Makes a base's two images. What mmdebstrap prints is detail, unless it fails.
    package func createBase(_ request: BaseRequest) async throws -> CreatedBase {
        var request = request
        request.caCertificates = request.caCertificates ?? certificates
        guard let lock = try store.lock(.shared) else { throw Fault("the image store is locked") }
        defer { lock.release() }
        try BuildScratch.sweep(home.temporary)
        let scratch = try BuildScratch(in: home.temporary)
        defer { try? scratch.remove() }
        let events = events
        events(.note("Installing the packages of \(request.suite) for the build image and the run image"))
        return try await BaseCreation(store: store, scratch: scratch.path, environment: environment) { event in
            switch event {
            case .output(let kind, let line): events(.detail("[\(kind.rawValue)] \(line)"))
            case .packing(let kind): events(.note("Packing the \(kind.rawValue) image"))
            case .stored(_, let reference, _): events(.detail("stored \(reference)"))
            }
        }.create(request)
    }
}
