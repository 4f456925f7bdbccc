import CNBLifecycle
import CNBSpec
import Synchronization

/// Listens for buildpacks that could not rename a directory of a mounted layer. Where overlayfs cannot do that, as for ordinary users, it
/// answers EXDEV, and most programs say so.
final class CrossDeviceWatch: Sendable {
    private let found = Mutex<BuildpackID?>(nil)

    /// The buildpack that spoke of it last.
    var buildpack: BuildpackID? { found.withLock { $0 } }

    func see(_ event: PhaseEvent) {
        guard case .output(let buildpack, let line) = event, Self.complains(line), let id = try? BuildpackID(buildpack) else { return }
        found.withLock { $0 = id }
    }

    /// The words of the C library, Go and Rust ("Invalid cross-device link"), and of Node.js ("EXDEV: cross-device link not permitted").
    static func complains(_ line: String) -> Bool {
        line.contains("EXDEV") || line.lowercased().contains("cross-device link")
    }
}
