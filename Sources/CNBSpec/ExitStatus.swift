/// The exit statuses that the spec gives to the lifecycle's phases (I.3). A whole platform uses them too, so that scripts can tell causes apart.
package enum ExitStatus: Int32, CaseIterable, Sendable {
    /// Everything without a status of its own: a missing group file, running as root, a broken document.
    case failure = 1
    /// Flags or arguments that make no sense, or inputs that cannot be resolved.
    case invalidArguments = 3
    /// `CNB_PLATFORM_API` is missing, unreadable or not supported (V-5).
    case platformAPI = 11
    /// A buildpack or extension declares a Buildpack API that is not supported (V-6).
    case buildpackAPI = 12
    /// No group of the order passed detection (B-45).
    case nothingDetected = 20
    /// No group passed, and in one that failed a buildpack ended with an error instead of saying no (B-45).
    case detectionErrors = 21
    /// Detection itself could not be done.
    case detect = 22
    case analyze = 32
    case restore = 42
    /// A buildpack's `bin/build` failed (C-5).
    case buildpackFailed = 51
    /// A buildpack's output is not valid, or the build failed for another reason (C-5).
    case build = 52
    case export = 62
    case rebase = 72
    case launch = 82
    /// An extension's `bin/generate` failed (G-3).
    case extensionFailed = 91
    case generate = 92
    case extend = 102
}
