package import Diagnostics

extension LifecycleMetadata {
    /// The run image by its name and mirrors, as a rebase without a name of its own takes it (F-3). Nil when the label names none.
    package func rememberedRunImage(_ platformAPI: APIVersion?) -> RunImage? {
        if RebaseSafety.hasTargets(platformAPI), !runImage.image.image.isEmpty { return runImage.image }
        return stackRunImage.flatMap { $0.image.isEmpty ? nil : $0 }
    }

    /// Every name that the new run image may have (F-8).
    package var rememberedNames: [String] {
        var seen: Set<String> = []
        return (runImage.image.candidates + (stackRunImage?.candidates ?? [])).filter { !$0.isEmpty && seen.insert($0).inserted }
    }

    /// How many of an image's layers are those of its run image: all up to `topLayer` (F-9).
    ///
    /// When several layers are the same as that one, the run image has as many as leave every layer that the label speaks of to the app.
    /// - Parameter diffIDs: of the image, base layer first.
    package func runImageLayers(in diffIDs: [String]) throws(Fault) -> Int {
        let top = runImage.topLayer
        guard !top.isEmpty else {
            throw Fault(
                "its label '\(LabelName.lifecycleMetadata)' does not say where its run image ends (runImage.topLayer)",
                hint: "build the image again")
        }
        let places = diffIDs.indices.filter { diffIDs[$0] == top }
        guard let first = places.first else {
            throw Fault(
                "the top layer of its run image, \(top) by its label '\(LabelName.lifecycleMetadata)', is none of its \(diffIDs.count) layers",
                hint: "build the image again")
        }
        let place = places.last { isComplete(diffIDs[($0 + 1)...]) } ?? first
        return place + 1
    }

    private func isComplete(_ appLayers: ArraySlice<String>) -> Bool {
        var left: [String: Int] = [:]
        for layer in appLayers { left[layer, default: 0] += 1 }
        return recordedLayers.allSatisfy { layer in
            left[layer, default: 0] -= 1
            return left[layer, default: 0] >= 0
        }
    }

    /// Every layer that a build added, one entry for each.
    private var recordedLayers: [String] {
        let single = [sbom, config, launcher, processTypes].compactMap { $0 } + app
        let layers = single.map(\.sha) + buildpacks.flatMap { $0.layers.values.map(\.sha) }
        return layers.filter { !$0.isEmpty }
    }

    /// What the label says on the new base (F-8, F-10).
    ///
    /// - Parameter name: the run image's name in place of the one that the label has; nil keeps it.
    package func rebased(topLayer: String, reference: String, name: String?) -> LifecycleMetadata {
        var label = self
        label.runImage.topLayer = topLayer
        label.runImage.reference = reference
        if let name {
            label.runImage.image = RunImage(image: name)
            label.stackRunImage = label.runImage.image
        }
        return label
    }
}
