import Archive
package import CNBSpec
import Diagnostics
package import OCIImage

/// Puts an app image on another run image (F). No layer is read or written, and the same two images always give the same third.
package struct RebasePhase: Sendable {
    package var app: RebaseApp
    package var base: RebaseBase
    /// Whether what speaks against it is only told, as far as that is allowed.
    package var isForced: Bool
    /// Whether another tag of the run image's repository is refused (F-8).
    package var isStrict: Bool
    package var store: ImageStore
    package var events: PhaseEvents

    package init(
        app: RebaseApp, base: RebaseBase, isForced: Bool, isStrict: Bool, store: ImageStore, events: @escaping PhaseEvents
    ) {
        self.app = app
        self.base = base
        self.isForced = isForced
        self.isStrict = isStrict
        self.store = store
        self.events = events
    }

    /// Throws with status 72.
    package func run() async throws -> Image {
        try await Fault.inPhase(.rebase) {
            let objections = try self.objections()
            let refusals = refusals(among: objections)
            if !refusals.isEmpty { throw Self.refused(refusals) }
            for objection in objections { events(.warning(PhaseWarning(objection.message))) }
            if objections.isEmpty, let acceptance { events(.note(acceptance)) }
            return try rebased()
        }
    }

    // MARK: whether

    /// Everything that speaks against it.
    package func objections() throws -> [RebaseObjection] {
        try RebaseSafety(
            app: RebaseSide(target: app.image.baseTarget, labels: app.image.config.settings.labels),
            base: RebaseSide(target: base.image.baseTarget, labels: base.image.config.settings.labels), platformAPI: app.platformAPI,
            name: base.name.familiar, recorded: app.metadata.rememberedNames, fit: fit, isStrict: isStrict
        ).objections()
    }

    /// What force does not help against.
    package func refusals(among objections: [RebaseObjection]) -> [RebaseObjection] {
        objections.filter { !isForced || !$0.isOverridable }
    }

    private static func refused(_ objections: [RebaseObjection]) -> Fault {
        let hint =
            if objections.contains(where: { !$0.isOverridable }) {
                "build the image again on the new run image"
            } else if objections.map(\.rule) == [.name] {
                "if that image can take its place, --force puts the app on it all the same"
            } else {
                "build the image again, or if you know that the app runs there, --force puts it on that run image all the same"
            }
        return Fault(objections.map(\.message).joined(separator: "; "), hint: hint, exitCode: ExitStatus.rebase.rawValue)
    }

    /// A line about a name that only the letter of the spec refuses, where nothing speaks against it.
    package var acceptance: String? {
        guard !isStrict, RebaseSafety.hasTargets(app.platformAPI), fit == .sameRepository else { return nil }
        return "'\(base.name.familiar)' is of the same repository as '\(app.metadata.rememberedNames[0])', which the app image remembers, "
            + "and fits it in os, architecture and distribution"
    }

    private var fit: RunImageNameFit {
        // One that the label itself led to, if only by way of the user's own mirrors.
        guard base.isAsked else { return .recorded }
        return RunImageNameFit(
            base.name.full, recorded: app.metadata.rememberedNames,
            isSameImage: { Self.compare($0, $1) { $0.normalisedName == $1.normalisedName } },
            isSameRepository: { Self.compare($0, $1) { $0.name == $1.name } })
    }

    private static func compare(_ a: String, _ b: String, _ isEqual: (Reference, Reference) -> Bool) -> Bool {
        guard let a = try? Reference(parsing: a), let b = try? Reference(parsing: b) else { return a == b }
        return isEqual(a, b)
    }

    // MARK: how

    /// The image on its new base.
    package func rebased() throws -> Image {
        guard let top = base.image.config.diffIDs.last else {
            throw Fault("the run image '\(base.name.familiar)' has no layers: nothing can stand on it")
        }
        let label = app.metadata.rebased(topLayer: top.description, reference: base.reference, name: newName)
        let created = Timestamp.text(secondsSince1970: layerTimestamp)  // F-13
        let blobs = LayeredBlobs(store, over: [base.image, app.image])
        let image = try app.image.onBase(base.image, replacing: app.baseLayers, created: created, blobs: blobs) { config in
            config.created = created
            config.settings.labels = RebasedLabels.synchronised(
                config.settings.labels, with: base.image.config.settings.labels, platformAPI: app.platformAPI)
            config.settings.labels[LabelName.lifecycleMetadata] = try label.labelText()
        }
        guard image.family == .oci else { return image }
        var annotations = image.manifest.annotations
        annotations["org.opencontainers.image.base.name"] = base.name.full
        annotations["org.opencontainers.image.base.digest"] = base.image.digest.description
        if annotations["org.opencontainers.image.created"] != nil { annotations["org.opencontainers.image.created"] = created }
        return try image.with(annotations: annotations)
    }

    /// What the label is to call the run image from now on; nil for the name that it has. A digest alone is no name to find updates under.
    private var newName: String? {
        guard RebaseSafety.hasTargets(app.platformAPI), fit != .recorded else { return nil }
        return base.name.tagged?.familiar ?? (fit == .other ? base.name.familiar : nil)
    }
}
