/// What became of one layer in a build, and what that took.
package struct LayerReport: Equatable, Sendable {
    package enum Change: Equatable, Sendable {
        /// It is what it was, and nobody had to read it to know that.
        case untouched
        /// It was read, and is what it was.
        case same
        /// So many files of it were written to or removed; nil when that is not known.
        case changed(files: Int?)
        case new

        /// Whether the last build's layer is used again.
        package var isReuse: Bool { self == .untouched || self == .same }
    }

    package enum Source: Equatable, Sendable {
        case buildpack, app
        /// The launcher, its configuration, process types and SBOMs.
        case lifecycle
    }

    /// `acme/node:modules`, `app`, `slice 1`, `launcher`: unique in a build.
    package var name: String
    package var source: Source
    package var change: Change
    /// Bytes of the blob.
    package var size: Int64
    /// What it took to find out, to hash and to compress.
    package var duration: Duration

    package init(_ name: String, _ source: Source, _ change: Change, size: Int64, duration: Duration) {
        self.name = name
        self.source = source
        self.change = change
        self.size = size
        self.duration = duration
    }
}
