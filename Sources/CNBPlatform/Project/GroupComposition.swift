package import CNBSpec
package import Diagnostics

/// How a build changes the builder's order.
package struct GroupComposition: Equatable, Sendable {
    /// What replaces the order.
    package var group: [DeclaredBuildpack]
    /// What comes before each group of the order, in this order.
    package var pre: [DeclaredBuildpack]
    package var post: [DeclaredBuildpack]
    /// Extensions that take the place of the builder's.
    package var extensions: [DeclaredBuildpack]

    package init(
        group: [DeclaredBuildpack] = [], pre: [DeclaredBuildpack] = [], post: [DeclaredBuildpack] = [], extensions: [DeclaredBuildpack] = []
    ) {
        (self.group, self.pre, self.post, self.extensions) = (group, pre, post, extensions)
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
            post: other.post.isEmpty ? post : other.post, extensions: other.extensions.isEmpty ? extensions : other.extensions)
    }

    /// The order of the build. `available` and `availableExtensions` are on the builder, `fetched` is what was got from other places.
    package func compose(
        builderOrder: Order, available: [BuildpackReference], availableExtensions: [BuildpackReference] = [],
        fetched: FetchedModules = FetchedModules()
    ) throws(Fault) -> ComposedOrder {
        let catalog = BuildpackCatalog(available)
        var composition = OrderComposition(composed: ComposedOrder(order: try catalog.resolve(builderOrder)), fetched: fetched)
        if !extensions.isEmpty {
            //
            let catalog = BuildpackCatalog(availableExtensions, kind: .extension)
            composition.composed.order.extensionGroups = [OrderGroup(try composition.elements(extensions, .extension, catalog))]
        }
        guard group.isEmpty else {
            //
            composition.composed.order.groups = try replacedGroups(&composition, catalog)
            return composition.composed
        }
        // without groups there is nothing to wrap.
        guard !composition.composed.order.groups.isEmpty else { return composition.composed }
        let before = try composition.elements(pre, .buildpack, catalog)
        let after = try composition.elements(post, .buildpack, catalog)
        composition.composed.order.groups = composition.composed.order.groups.map { OrderGroup(before + $0.elements + after) }
        return composition.composed
    }

    private func replacedGroups(_ composition: inout OrderComposition, _ catalog: BuildpackCatalog) throws(Fault) -> [OrderGroup] {
        let places = group.indices.filter { group[$0].source == .located(.builderOrder) }
        guard let place = places.first else { return [OrderGroup(try composition.elements(group, .buildpack, catalog))] }
        guard places.count == 1 else {
            throw Fault("buildpacks from builder can only be defined once", hint: "keep one 'from=builder'", at: group[places[1]].location)
        }
        let before = try composition.elements(Array(group[..<place]), .buildpack, catalog)
        let after = try composition.elements(Array(group[(place + 1)...]), .buildpack, catalog)
        // A builder without an order adds nothing, and what is declared still runs.
        let groups = composition.composed.order.groups.isEmpty ? [OrderGroup([])] : composition.composed.order.groups
        return groups.map { OrderGroup(before + $0.elements + after) }
    }
}

/// An order that grows, with what has to be brought along for it.
private struct OrderComposition {
    var composed: ComposedOrder
    let fetched: FetchedModules

    /// What declared modules are in an order's group.
    mutating func elements(
        _ declared: [DeclaredBuildpack], _ kind: ModuleKind, _ catalog: BuildpackCatalog
    ) throws(Fault) -> [OrderElement] {
        var elements: [OrderElement] = []
        for module in declared {
            let reference: BuildpackReference
            switch module.source {
            case .inline(let script):
                reference = script.reference
                // the last definition is the one on disk.
                composed.remove(.buildpack, reference)
                composed.inline.append(script)
            case .located(let locator):
                if let package = fetched[kind, locator] {
                    reference = package.main
                    for module in package.modules {
                        composed.remove(kind, module.reference)
                        composed.fetched.append(module)
                    }
                } else {
                    do throws(Fault) {
                        reference = try catalog.find(locator, text: module.text)
                    } catch {
                        throw error.located(at: module.location)
                    }
                }
            }
            elements.append(OrderElement(id: reference.id, version: reference.version, execEnv: module.execEnv))
        }
        return elements
    }
}

/// An order, and the modules in it that the builder does not have.
package struct ComposedOrder: Sendable {
    /// Every element has a version.
    package var order: Order
    /// To be put at `/cnb/buildpacks/<escaped id>/<version>`, over what the builder may have there. No reference stands twice, also
    /// not in `fetched`.
    package var inline: [InlineBuildpack] = []
    /// To be put in place alike.
    package var fetched: [Module] = []

    fileprivate mutating func remove(_ kind: ModuleKind, _ reference: BuildpackReference) {
        if kind == .buildpack { inline.removeAll { $0.reference == reference } }
        fetched.removeAll { $0.kind == kind && $0.reference == reference }
    }
}
