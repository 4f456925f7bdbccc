package import Archive

/// What became of an app's files since a build exported them; their paths are relative to the app's folder.
package struct AppChanges: Equatable, Sendable {
    /// What they were exported as.
    package var layers: [DiffID]
    /// Files that are new or not what they were.
    package var written: Set<RawPath>
    package var gone: Set<RawPath>

    package init(layers: [DiffID], written: Set<RawPath>, gone: Set<RawPath>) {
        self.layers = layers
        self.written = written
        self.gone = gone
    }

    /// How many files of a layer with these entries changed; nil when that is not why the layer did. A file that is gone is in no layer, so
    /// of slices it cannot be told which of them lost it.
    func count(in entries: [RawPath], isOnlyLayer: Bool) -> Int? {
        let count = isOnlyLayer ? written.count + gone.count : gone.isEmpty ? written.intersection(entries).count : 0
        return count > 0 ? count : nil
    }
}
