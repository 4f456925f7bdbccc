/// Whether an app image may be put on another base (F-5 to F-8).
package struct RebaseSafety: Sendable {
    package var app: RebaseSide
    package var base: RebaseSide
    /// What the app image was built by, of its variable `CNB_PLATFORM_API`; nil when it does not say.
    package var platformAPI: APIVersion?
    /// The new run image.
    package var name: String
    /// What the app image remembers of its run image: name and mirrors.
    package var recorded: [String]
    package var fit: RunImageNameFit
    /// Whether another tag of the same repository is refused, as the letter of the spec has it.
    package var isStrict: Bool

    package init(
        app: RebaseSide, base: RebaseSide, platformAPI: APIVersion?, name: String, recorded: [String], fit: RunImageNameFit,
        isStrict: Bool
    ) {
        self.app = app
        self.base = base
        self.platformAPI = platformAPI
        self.name = name
        self.recorded = recorded
        self.fit = fit
        self.isStrict = isStrict
    }

    /// Images of Platform APIs before 0.12 know no targets, only stacks (F-5).
    package static func hasTargets(_ platformAPI: APIVersion?) -> Bool { platformAPI.map { $0 >= APIVersion(0, 12) } ?? false }

    /// Everything that speaks against it, in the order in which the rules are checked.
    package func objections() throws -> [RebaseObjection] {
        guard Self.hasTargets(platformAPI) else { return try stackObjections() + [rebasableObjection].compactMap { $0 } }
        return [rebasableObjection, targetObjection, nameObjection].compactMap { $0 }
    }

    /// F-5
    private func stackObjections() throws -> [RebaseObjection] {
        let own = app.labels[LabelName.stackID] ?? "", new = base.labels[LabelName.stackID] ?? ""
        var found: [RebaseObjection] = []
        if own.isEmpty || own != new {
            found.append(
                RebaseObjection(
                    .stack,
                    "incompatible stack: the app image has \(Self.shown(own)), the new run image \(Self.shown(new)) (label '\(LabelName.stackID)')"
                ))
        }
        let missing = try app.mixins().subtracting(base.mixins()).sorted()
        if !missing.isEmpty {
            let has = try base.mixins().sorted()
            found.append(
                RebaseObjection(
                    .mixins,
                    "missing required mixin(s): the app image needs \(Self.list(missing)), the new run image has \(has.isEmpty ? "none" : Self.list(has))"
                ))
        }
        return found
    }

    /// F-6
    private var rebasableObjection: RebaseObjection? {
        guard app.labels[LabelName.rebasable] == "false" else { return nil }
        return RebaseObjection(.rebasable, "the app image is not marked as rebasable: its label '\(LabelName.rebasable)' is 'false'")
    }

    /// F-7
    private var targetObjection: RebaseObjection? {
        let own = app.target, new = base.target
        let variantFits = own.variant.isEmpty || new.variant.isEmpty || own.variant == new.variant
        guard own.os == new.os, own.arch == new.arch, variantFits, distroFits else {
            return RebaseObjection(
                .target, "unable to satisfy target os/arch constraints: the app image is for \(own), the new run image for \(new)")
        }
        return nil
    }

    private var distroFits: Bool {
        guard let new = base.target.distro else { return true }
        guard let own = app.target.distro else { return false }
        return (new.name.isEmpty || new.name == own.name) && (new.version.isEmpty || new.version == own.version)
    }

    /// F-8
    private var nameObjection: RebaseObjection? {
        switch fit {
        case .recorded: return nil
        case .sameRepository: if !isStrict { return nil }
        case .other: break
        }
        let known = recorded.isEmpty ? "no name at all" : Self.list(recorded)
        return RebaseObjection(
            .name, "new base image '\(name)' not found in existing run image metadata: the app image remembers \(known)")
    }

    private static func shown(_ value: String) -> String { value.isEmpty ? "none" : "'\(value)'" }

    private static func list(_ names: [String]) -> String { names.map { "'\($0)'" }.joined(separator: ", ") }
}
