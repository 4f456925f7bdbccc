import CNBLifecycle
import CNBSpec
import Diagnostics
import Sandbox

/// Why a build that failed starts once more, with copies of what was mounted.
struct CopyRetry: Error {
    var buildpack: BuildpackID
    /// What is copied in addition to what was.
    var copied: CopiedContents
    /// Whether nothing says so but that the buildpack failed.
    var isGuess: Bool

    /// Who fails this soon costs little time once more. A rename of what was restored is among the first things that buildpacks do, so one
    /// that fails later, without a word of its own of it, is not tried again: a compiler's error is not worth as many minutes more.
    /// With such a word, which may have been of a tool that went on, it is tried again only once.
    static let guessLimit = Duration.seconds(60)

    /// Nil when nothing could come of it.
    ///
    /// - Parameters:
    ///   - hasMounted: whether layers of a buildpack were mounted.
    ///   - isAppMounted: whether folders of the app were.
    init?(
        _ failure: BuildpackFailure, _ watch: CrossDeviceWatch, canRename: Bool = TreeOverlay.canRenameFolders,
        hasMounted: (BuildpackID) -> Bool, isAppMounted: Bool
    ) {
        let isSoon = failure.elapsed < Self.guessLimit
        // What another one left may be why this one fails.
        if let complaint = watch.complaint(of: failure.buildpack) ?? (isSoon ? watch.last : nil) {
            buildpack = complaint.buildpack
            isGuess = false
            copied = CopiedContents()
            if complaint.mayBeLayers, hasMounted(buildpack) { copied.layersOf = [buildpack] }
            // Where little time is lost, the layers alone come first: if they were it, the app is not copied for ever. If not, they stay
            // copied beside the app, since both may be needed.
            copied.app = complaint.mayBeApp && isAppMounted && (copied.layersOf.isEmpty || !isSoon)
            guard copied != CopiedContents() else { return nil }
        } else {
            guard !canRename, isSoon, hasMounted(failure.buildpack) else { return nil }
            buildpack = failure.buildpack
            isGuess = true
            copied = CopiedContents(layersOf: [buildpack])
        }
    }

    var warning: PhaseWarning {
        let contents = [copied.layersOf.isEmpty ? nil : "its cached layers", copied.app ? "the app" : nil].compactMap(\.self)
        let what = contents.joined(separator: " or of ")
        let reason =
            isGuess
            ? "failed, and an ordinary user's build cannot rename folders of \(what): in case that is why,"
            : "could not rename a folder of \(what);"
        return PhaseWarning(
            "the buildpack '\(buildpack.raw)' \(reason) the build starts again with copies",
            hint: "if it succeeds, the next builds will begin with copies")
    }
}

extension BuildpackFailure {
    /// The same with what to do if it is about something that was still mounted.
    func advisingCopies() -> BuildpackFailure {
        var failure = self
        failure.hint =
            "if it tried to rename a folder of the app or of a cached layer, which an ordinary user's build cannot: '--restore copy'"
        return failure
    }
}
