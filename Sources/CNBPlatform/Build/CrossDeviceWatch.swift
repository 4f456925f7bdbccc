import CNBLifecycle
import CNBSpec
import Synchronization

/// Listens for buildpacks that could not rename a folder of what is mounted. Where overlayfs cannot do that, as for ordinary users, it
/// answers EXDEV, and most programs say so.
final class CrossDeviceWatch: Sendable {
    /// What a buildpack said, and of what.
    struct Complaint: Equatable, Sendable {
        var buildpack: BuildpackID
        /// Whether a line named a file of the layers directory, or of the app. Lines without either are of both.
        var mayBeLayers = false
        var mayBeApp = false
    }

    private let layers: String
    private let app: String
    /// The last one is at the end.
    private let complaints = Mutex<[Complaint]>([])

    init(_ directories: BuildDirectories) {
        layers = directories.layers
        app = directories.app
    }

    /// What this buildpack said.
    func complaint(of buildpack: BuildpackID) -> Complaint? {
        complaints.withLock { complaints in complaints.first { $0.buildpack == buildpack } }
    }

    /// What the buildpack said that spoke last.
    var last: Complaint? { complaints.withLock { $0.last } }

    func see(_ event: PhaseEvent) {
        guard case .output(let buildpack, let line) = event, Self.complains(line), let id = try? BuildpackID(buildpack) else { return }
        let isOfLayers = Self.names(layers, in: line), isOfApp = Self.names(app, in: line)
        complaints.withLock { complaints in
            var complaint = complaints.first { $0.buildpack == id } ?? Complaint(buildpack: id)
            if isOfLayers || !isOfApp { complaint.mayBeLayers = true }
            if isOfApp || !isOfLayers { complaint.mayBeApp = true }
            complaints.removeAll { $0.buildpack == id }
            complaints.append(complaint)
        }
    }

    /// The words of the C library, Go and Rust ("Invalid cross-device link"), of Node.js ("EXDEV: cross-device link not permitted"), the number
    /// as Python and Rust write it whatever the language, and what becomes of it in Java.
    static func complains(_ line: String) -> Bool {
        line.contains("EXDEV") || line.lowercased().contains("cross-device link") || line.contains("[Errno 18]")
            || line.contains("(os error 18)") || line.contains("DirectoryNotEmptyException")
    }

    /// Whether a line has this absolute path, or one of a file below it: neither the end of a longer path nor the beginning of a longer name.
    static func names(_ folder: String, in line: String) -> Bool {
        func isOfName(_ character: Character) -> Bool {
            character.isLetter || character.isNumber || "._-~+@%".contains(character)
        }
        return line.ranges(of: folder).contains { range in
            let before = line[..<range.lowerBound].last, after = line[range.upperBound...].first
            return !(before.map { $0 == "/" || isOfName($0) } ?? false) && !(after.map(isOfName) ?? false)
        }
    }
}
