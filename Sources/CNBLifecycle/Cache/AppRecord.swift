package import Archive

/// What one machine remembers of an app's files, so that it need not read them again while they stay as they are.
package struct AppRecord: Equatable, Sendable, Codable {
    /// The name of the kept copy.
    package var copy: String
    /// What the copy was exported as, if no buildpack wrote to it.
    package var exported: ExportedApp?

    package init(copy: String, exported: ExportedApp? = nil) {
        self.copy = copy
        self.exported = exported
    }
}

/// The layers that an app became (D-50).
package struct ExportedApp: Equatable, Sendable, Codable {
    /// What divided the files: the patterns of each slice.
    package var slices: [[String]]
    /// Where the app was, which its layers say.
    package var directory: String
    package var owner: [UInt32]
    /// Those of the slices, then the rest; as text, because a hand may have changed it.
    package var layers: [String]

    package init(slices: [[String]], directory: String, owner: Ownership, layers: [DiffID]) {
        self.slices = slices
        self.directory = directory
        self.owner = [owner.user, owner.group]
        self.layers = layers.map(\.description)
    }

    /// The layers, if the same would come out of the same files.
    package func layers(slices: [[String]], directory: String, owner: Ownership) -> [DiffID]? {
        let layers = layers.compactMap { DiffID($0) }
        return self == ExportedApp(slices: slices, directory: directory, owner: owner, layers: layers) ? layers : nil
    }
}
