import Archive
import CNBSpec
import OCIImage

extension ExportPhase {
    /// D-50 to D-52.
    func addAppLayers(to assembly: inout ImageAssembly, _ layers: LayerStore) async throws {
        let slices = metadata.slices.map { globs($0, in: inputs.directories.app) }
        let known = try knownLayersOfApp(layers)
        let contents = known.isEmpty ? try await dividedApp(slices) : []
        let expected = previous?.metadata.app.map(\.sha) ?? []
        let changes = known.isEmpty ? try appChanges() : nil
        let count = slices.count + 1
        var reused = 0
        for index in 0..<count {
            let name = count == 1 ? "app" : index < slices.count ? "slice \(index + 1)" : "rest of the app"
            let layer = try await assembly.reporting(name, .app) {
                guard known.isEmpty else { return known[index] }
                var layer = try await layers.prepare(contents[index], expected: expected)
                if layer.change == .changed(files: nil), let changes, changes.layers.map(\.description) == expected {
                    layer.change = .changed(files: changes.count(in: contents[index].entries, isOnlyLayer: count == 1))
                }
                return layer
            }
            reused += layer.isReused ? 1 : 0
            assembly.label.app.append(LayerDigest(assembly.add(layer, LayerHistory.app(index, of: count))))
        }
        if reused > 0 { events(.note("Reused \(reused)/\(count) app layer(s)")) }
        if reused < count { events(.note("Added \(count - reused)/\(count) app layer(s)")) }
    }

    /// None unless the previous image has all of them.
    private func knownLayersOfApp(_ layers: LayerStore) throws -> [LayerStore.Prepared] {
        let known = try knownAppLayers(metadata.slices) ?? []
        let prepared = known.compactMap { layers.reused(previous?.layer($0), .untouched) }
        return prepared.count == metadata.slices.count + 1 ? prepared : []
    }

    private func dividedApp(_ slices: [[GlobPattern]]) async throws -> [LayerContents] {
        let path = inputs.directories.app, root = root
        return try await blocking { check in
            var entries: [(path: RawPath, isDirectory: Bool)] = []
            try root.walk(path) { entry, _ in
                try check()
                entries.append((entry.path, entry.status.kind == .directory))
                return .descend
            }
            return AppSlices(entries: entries, slices: slices).layers.map { .app(path: path, entries: $0) }
        }
    }

    private func globs(_ patterns: [String], in app: String) -> [GlobPattern] {
        patterns.compactMap { pattern in
            let glob = GlobPattern(Self.cleaned(pattern, in: app))
            if glob == nil { events(.warning(PhaseWarning("the slice pattern '\(pattern)' is malformed and matches nothing"))) }
            return glob
        }
    }

    /// Without empty, "." and ".." components, as the reference cleans patterns. The specification also allows absolute ones inside the
    /// app directory (D-50); other absolute ones match nothing.
    private static func cleaned(_ pattern: String, in app: String) -> String {
        let relative = pattern.hasPrefix(app + "/") ? String(pattern.dropFirst(app.count + 1)) : pattern
        guard !relative.hasPrefix("/") else { return relative }
        var names: [Substring] = []
        for name in relative.split(separator: "/") where name != "." {
            if name == "..", let last = names.last, last != ".." { names.removeLast() } else { names.append(name) }
        }
        return names.joined(separator: "/")
    }
}
