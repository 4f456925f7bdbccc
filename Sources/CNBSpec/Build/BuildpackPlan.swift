import TOML

/// What `bin/build` reads as its plan: the requirements that this buildpack provides (C-7).
package struct BuildpackPlan: Equatable, Sendable {
    package var entries: [Requirement]

    package init(entries: [Requirement] = []) {
        self.entries = entries
    }

    package func serialized() -> String {
        guard !entries.isEmpty else { return "" }
        return TOMLTable([("entries", .array(entries.map { .table($0.toml) }))]).serialized()
    }
}

extension BuildPlan {
    /// C-7: the requirements of every entry that the buildpack provides.
    package func plan(for id: BuildpackID) -> BuildpackPlan {
        plan(for: id, kind: .buildpack)
    }

    /// What an extension's `bin/generate` reads.
    package func plan(forExtension id: BuildpackID) -> BuildpackPlan {
        plan(for: id, kind: .extension)
    }

    private func plan(for id: BuildpackID, kind: ModuleKind) -> BuildpackPlan {
        BuildpackPlan(
            entries: entries.filter { $0.providers.contains { $0.kind == kind && $0.reference.id == id } }.flatMap(\.requires))
    }

    /// C-8: what a buildpack was given and did not report as unmet is done. The other entries stay for the next provider.
    package func removing(met given: BuildpackPlan, unmet: [String] = []) -> BuildPlan {
        let met = Set(given.entries.map(\.name)).subtracting(unmet)
        return BuildPlan(entries: entries.filter { entry in !entry.requires.contains { met.contains($0.name) } })
    }
}
