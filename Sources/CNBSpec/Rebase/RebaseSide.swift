/// What counts of an image when one base takes the place of another: the app image, or the run image that it is to stand on.
package struct RebaseSide: Hashable, Sendable {
    package var target: BaseTarget
    package var labels: [String: String]

    package init(target: BaseTarget, labels: [String: String]) {
        self.target = target
        self.labels = labels
    }

    /// The label is a JSON list; `build:` and `run:` in front of a name do not count (F-5).
    func mixins() throws -> Set<String> {
        guard let text = labels[LabelName.stackMixins], !text.isEmpty else { return [] }
        guard case .array(let items) = try JSONValue(parsing: text) else { return [] }
        var names: Set<String> = []
        for case .string(let name) in items {
            let prefix = ["build:", "run:"].first { name.hasPrefix($0) } ?? ""
            names.insert(String(name.dropFirst(prefix.count)))
        }
        return names
    }
}
