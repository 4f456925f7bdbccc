import Archive
import CNBLifecycle
import CNBSpec
import Diagnostics
import Sandbox
import Synchronization

/// The app's files as a build works on them: a copy of its own, or the kept copy below what the build writes.
final class AppWorkspace: Sendable {
    /// The host's path of what shows in the room.
    let folder: String
    private let kept: (app: KeptApp, overlay: TreeOverlay)?
    private let last: AppRecord?
    private let isOpen = Mutex(true)

    /// A copy that the scratch folder holds.
    init(copying inputs: BuildInputs, scratch: String, owner: Ownership?, limit: UnpackingLimit) throws {
        folder = scratch + "/app"
        kept = nil
        last = nil
        try inputs.app.copy(to: folder, filter: inputs.filter, owner: owner, limit: limit)
    }

    /// Shows the kept copy of the app's folder at `path`.
    ///
    /// - Parameter last: what is known of the last copy.
    init(_ path: String, filter: AppFilter, in apps: KeptApps, last: AppRecord?, scratch: String, owner: Ownership?) throws {
        let app = try apps.copy(of: path, filter: filter, last: last?.copy)
        let overlay: TreeOverlay
        do {
            if app.hasHardLinks, !TreeOverlay.keepsHardLinks {
                throw Fault("a file in it has two names, which come apart in an overlay of an ordinary user")
            }
            overlay = try TreeOverlay(app.folder, scratch: scratch, owner: owner)
        } catch {
            try? app.discard()
            throw error
        }
        kept = (app, overlay)
        folder = overlay.mountPoint
        self.last = last
    }

    /// Whether a program in the room may meet a folder that overlayfs cannot rename.
    var hasMountedFolders: Bool { kept?.app.hasFolders == true }

    /// The layers that the files were exported as before, if they are the same files and no buildpack wrote to them.
    func layers(slices: [[String]], directory: String, owner: Ownership) throws -> [DiffID]? {
        guard let kept, kept.app.name == last?.copy, let exported = last?.exported,
            let layers = exported.layers(slices: slices, directory: directory, owner: owner), try kept.overlay.isUntouched()
        else { return nil }
        return layers
    }

    /// What became of the files since the last build; nil when that is not known, as after a buildpack wrote to the app, then or now.
    func changes() throws -> AppChanges? {
        guard let kept, let exported = last?.exported, let changes = kept.app.changes, try kept.overlay.isUntouched() else { return nil }
        return AppChanges(layers: exported.layers.compactMap { DiffID($0) }, written: changes.written, gone: changes.gone)
    }

    /// What the next build may know; nil when there is nothing that outlives this one.
    func record(_ exported: ExportedApp) throws -> AppRecord? {
        guard let kept else { return nil }
        return AppRecord(copy: kept.app.name, exported: try kept.overlay.isUntouched() ? exported : nil)
    }

    /// Takes the overlay down. The room must be unmounted; calling it again does nothing.
    ///
    /// - Parameter isKept: whether the next build is to find the copy.
    func close(isKept: Bool) throws {
        let wasOpen = isOpen.withLock { isOpen in
            defer { isOpen = false }
            return isOpen
        }
        guard wasOpen else { return }
        kept?.overlay.close()
        try isKept ? kept?.app.keep() : kept?.app.discard()
    }
}
