package import CNBSpec
import Diagnostics

/// A buildpack's build script that did not succeed (C-5).
package struct BuildpackFailure: Diagnosable {
    package var buildpack: BuildpackID
    package var message: String
    package var hint: String?
    /// From the start of the first buildpack's script to the end of this one's.
    package var elapsed: Duration

    package init(buildpack: BuildpackID, message: String, elapsed: Duration) {
        self.buildpack = buildpack
        self.message = message
        self.elapsed = elapsed
    }

    package var exitCode: Int32 { ExitStatus.buildpackFailed.rawValue }
}
