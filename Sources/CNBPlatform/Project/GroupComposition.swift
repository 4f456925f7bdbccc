package import CNBSpec
package import Diagnostics

/// How a build changes the builder's order.
package struct GroupComposition: Equatable, Sendable {
    /// What replaces the order.
    package var group: [DeclaredBuildpack]
    /// What comes before each group of the order, in this order.
    package var pre: [DeclaredBuildpack]
    package var post: [DeclaredBuildpack]

    package init(group: [DeclaredBuildpack] = [], pre: [DeclaredBuildpack] = [], post: [DeclaredBuildpack] = []) {
        (self.group, self.pre, self.post) = (group, pre, post)
    }

    package init(_ descriptor: ProjectDescriptor, exists: (String) -> Bool = DeclaredBuildpack.somethingIsAt) throws(Fault) {
        func declared(_ entries: [BuildpackEntry]) throws(Fault) -> [DeclaredBuildpack] {
            var all: [DeclaredBuildpack] = []
            for entry in entries { all.append(try DeclaredBuildpack(entry, directory: descriptor.directory, exists: exists)) }
            return all
        }
        self.init(group: try declared(descriptor.group), pre: try declared(descriptor.pre), post: try declared(descriptor.post))
    }

    /// each list that the other names takes the place of this one's.
    package func overridden(by other: GroupComposition) -> GroupComposition {
        GroupComposition(
            group: other.group.isEmpty ? group : other.group, pre: other.pre.isEmpty ? pre : other.pre,
            post: other.post.isEmpty ? post : other.post)
    }

    /// The order of the build. `available` is every buildpack on the builder.
    package func compose(builderOrder: Order, available: [BuildpackReference]) throws(Fault) -> ComposedOrder {
        let catalog = BuildpackCatalog(available)
        var composed = ComposedOrder(order: try catalog.resolve(builderOrder))
        guard group.isEmpty else {
            //
            composed.order.groups = try replacedGroups(composed.order.groups, catalog, &composed.inline)
            return composed
        }
        // without groups there is nothing to wrap.
        guard !composed.order.groups.isEmpty else { return composed }
        let before = try elements(pre, catalog, &composed.inline)
        let after = try elements(post, catalog, &composed.inline)
        composed.order.groups = composed.order.groups.map { OrderGroup(before + $0.elements + after) }
        return composed
    }

    private func replacedGroups(
        _ builderGroups: [OrderGroup], _ catalog: BuildpackCatalog, _ inline: inout [InlineBuildpack]
    ) throws(Fault) -> [OrderGroup] {
        let places = group.indices.filter { group[$0].source == .located(.builderOrder) }
        guard let place = places.first else { return [OrderGroup(try elements(group, catalog, &inline))] }
        guard places.count == 1 else {
            throw Fault("buildpacks from builder can only be defined once", hint: "keep one 'from=builder'", at: group[places[1]].location)
        }
        let before = try elements(Array(group[..<place]), catalog, &inline)
        let after = try elements(Array(group[(place + 1)...]), catalog, &inline)
        // A builder without an order adds nothing, and what is declared still runs.
        let groups = builderGroups.isEmpty ? [OrderGroup([])] : builderGroups
        return groups.map { OrderGroup(before + $0.elements + after) }
    }

    private func elements(
        _ declared: [DeclaredBuildpack], _ catalog: BuildpackCatalog, _ inline: inout [InlineBuildpack]
    ) throws(Fault) -> [OrderElement] {
        var elements: [OrderElement] = []
        for buildpack in declared {
            let reference: BuildpackReference
            switch buildpack.source {
            case .inline(let script):
                reference = script.reference
                // the last definition is the one on disk.
                inline.removeAll { $0.reference == reference }
                inline.append(script)
            case .located(let locator):
                do throws(Fault) {
                    reference = try catalog.find(locator, text: buildpack.text)
                } catch {
                    var fault = error
                    fault.location = fault.location ?? buildpack.location
                    throw fault
                }
            }
            elements.append(OrderElement(id: reference.id, version: reference.version, execEnv: buildpack.execEnv))
        }
        return elements
    }
}

/// An order, and the buildpacks in it that the builder does not have.
package struct ComposedOrder: Equatable, Sendable {
    /// Every element has a version.
    package var order: Order
    /// To be put at `/cnb/buildpacks/<escaped id>/<version>`, over what the builder may have there. No reference stands twice.
    package var inline: [InlineBuildpack] = []
}
