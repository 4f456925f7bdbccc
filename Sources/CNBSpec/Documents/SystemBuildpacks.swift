package import Diagnostics
import TOML

/// system.toml: buildpacks that run before and after those of every group (B-31, Platform API 0.15).
package struct SystemBuildpacks: Hashable, Sendable {
    package var pre: [OrderElement]
    package var post: [OrderElement]

    package init(pre: [OrderElement] = [], post: [OrderElement] = []) {
        self.pre = pre
        self.post = post
    }

    package init(reading source: DocumentSource) throws(Fault) {
        self = try source.read { reader in
            guard let system = try reader.table("system") else { return SystemBuildpacks() }
            func list(_ key: String) throws -> [OrderElement] {
                try (system.table(key)?.tables("buildpacks") ?? []).map(OrderElement.read)
            }
            return SystemBuildpacks(pre: try list("pre"), post: try list("post"))
        }
    }

    /// The order with the system's buildpacks in every group. One whose id the group has already is left out, whatever its version.
    package func merged(into order: Order) -> Order {
        var merged = order
        merged.groups = order.groups.map { group in
            let present = Set(group.elements.map(\.id))
            return OrderGroup(pre.filter { !present.contains($0.id) } + group.elements + post.filter { !present.contains($0.id) })
        }
        return merged
    }
}

// The label io.buildpacks.buildpack.system (H-27).
extension SystemBuildpacks: JSONDocument {
    package init(json: JSONValue) throws {
        var fields = try JSONFields(json)
        var pre = try JSONFields(.object(try fields.object("pre")))
        var post = try JSONFields(.object(try fields.object("post")))
        self.init(
            pre: try pre.array("buildpacks").map(OrderElement.init(json:)), post: try post.array("buildpacks").map(OrderElement.init(json:))
        )
    }

    package var json: JSONValue {
        func list(_ elements: [OrderElement]) -> JSONValue {
            .object(elements.isEmpty ? [:] : ["buildpacks": .array(elements.map(\.json))])
        }
        return .object(["pre": list(pre), "post": list(post)])
    }
}
