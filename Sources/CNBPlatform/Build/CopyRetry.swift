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

    /// A buildpack that failed without a word of it is tried again only when it failed this soon: a rename of what was restored is among the
    /// first things that buildpacks do, and a compiler's error after minutes is not worth as many minutes more.
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
        if let complaint = watch.complaint(of: failure.buildpack) {
            buildpack = complaint.buildpack
            isGuess = false
            // One at a time, so that nothing is copied for ever that need not be.
            if complaint.mayBeLayers, hasMounted(buildpack) {
                copied = CopiedContents(layersOf: [buildpack])
            } else if complaint.mayBeApp, isAppMounted {
                copied = CopiedContents(app: true)
            } else {
                return nil
            }
        } else {
            guard !canRename, failure.elapsed < Self.guessLimit, hasMounted(failure.buildpack) else { return nil }
            buildpack = failure.buildpack
            isGuess = true
            copied = CopiedContents(layersOf: [buildpack])
        }
    }

    var warning: PhaseWarning {
        let what = copied.app ? "the app" : "a cached layer"
        let reason =
            isGuess
            ? "the buildpack '\(buildpack.raw)' failed, and an ordinary user's build cannot rename folders of \(what): in case that is why, the build starts again with copies"
            : "the buildpack '\(buildpack.raw)' could not rename a folder of \(what); the build starts again with copies"
        return PhaseWarning(reason, hint: "if it succeeds, the next builds will begin with copies")
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
