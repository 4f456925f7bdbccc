import CNBSpec
package import Diagnostics
import Glibc

/// One buildpack that the descriptor (or, in its place, the command line) asks for, ready to be put in an order.
package struct DeclaredBuildpack: Equatable, Sendable {
    package enum Source: Equatable, Sendable {
        case inline(InlineBuildpack)
        case located(BuildpackLocator)
    }

    package var source: Source
    /// How the user wrote it, for messages.
    package var text: String
    /// The execution environments that it is for; empty means all.
    package var execEnv: [String] = []
    package var location: SourceLocation?

    /// What was written on its own, outside of a descriptor.
    package init(_ text: String, relativeTo directory: String, exists: (String) -> Bool = Self.somethingIsAt) throws(Fault) {
        source = .located(try BuildpackLocator(text, relativeTo: directory, exists: exists))
        self.text = text
    }

    /// An entry of a descriptor in `directory`: inline script, else uri, else id.
    package init(_ entry: BuildpackEntry, directory: String, exists: (String) -> Bool = Self.somethingIsAt) throws(Fault) {
        execEnv = entry.execEnv
        location = entry.location
        do throws(Fault) {
            if let inline = try InlineBuildpack(entry) {
                source = .inline(inline)
                text = inline.reference.description
            } else if let uri = entry.uri {
                source = .located(try BuildpackLocator(uri, relativeTo: directory, exists: exists))
                text = uri
            } else if let id = entry.id {
                text = id + (entry.version.map { "@\($0)" } ?? "")
                // An id is never a path, even if the app happens to have a folder of that name.
                let isSpecial = text.hasPrefix("from=") || text.hasPrefix("urn:cnb:")
                source = .located(
                    isSpecial ? try BuildpackLocator(text, relativeTo: directory) { _ in false } : try BuildpackLocator.named(text))
            } else {
                //
                throw Fault("Invalid buildpack definition", hint: "give the entry an 'id' or a 'uri'")
            }
        } catch {
            throw error.located(at: entry.location)
        }
    }

    package static func somethingIsAt(_ path: String) -> Bool {
        access(path, F_OK) == 0
    }
}
