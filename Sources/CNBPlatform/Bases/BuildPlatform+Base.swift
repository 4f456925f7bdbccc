import CNBLifecycle
import OCIImage

extension BuildPlatform {
    /// Makes a base's two images. What mmdebstrap prints is detail, unless it fails.
    package func createBase(_ request: BaseRequest) async throws -> CreatedBase {
        var request = request
        request.caCertificates = request.caCertificates ?? certificates
        let events = events, made = request
        events(.note("Installing the packages of \(made.suite) for the build image and the run image"))
        return try await holdingStore {
            try await withScratch { scratch in
                try await BaseCreation(store: store, scratch: scratch, environment: environment) { event in
                    switch event {
                    case .output(let kind, let line): events(.detail("[\(kind.rawValue)] \(line)"))
                    case .packing(let kind): events(.note("Packing the \(kind.rawValue) image"))
                    case .stored(_, let reference, _): events(.detail("stored \(reference)"))
                    }
                }.create(made)
            }
        }
    }
}
