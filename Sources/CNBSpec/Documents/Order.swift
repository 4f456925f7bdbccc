package import Diagnostics
import TOML

/// One element of an order's group.
package struct OrderElement: Hashable, Sendable {
    package var id: BuildpackID
    /// Nil when the author leaves it to the builder; detection needs one.
    package var version: BuildpackVersion?
    package var optional: Bool
    /// Environments in which it takes part; empty means all.
    package var execEnv: [String]

    package init(id: BuildpackID, version: BuildpackVersion?, optional: Bool = false, execEnv: [String] = []) {
        self.id = id
        self.version = version
        self.optional = optional
        self.execEnv = execEnv
    }
}

extension OrderElement: CustomStringConvertible {
    package var description: String { version.map { "\(id)@\($0)" } ?? id.raw }
}

/// One alternative of an order.
package struct OrderGroup: Hashable, Sendable {
    package var elements: [OrderElement]

    package init(_ elements: [OrderElement]) {
        self.elements = elements
    }

    /// Reads `[[<key>]]` with its `[[<key>.group]]`.
    static func read(_ reader: TOMLReader, _ key: String) throws -> [OrderGroup] {
        try (reader.tables(key) ?? []).map { group in
            OrderGroup(try (group.tables("group") ?? []).map(OrderElement.read))
        }
    }
}

extension OrderElement {
    static func read(_ reader: TOMLReader) throws -> OrderElement {
        OrderElement(
            id: try reader.buildpackID(), version: try reader.optionalBuildpackVersion(), optional: try reader.boolean("optional") ?? false,
            execEnv: try reader.execEnv())
    }

    var toml: TOMLTable {
        var table = TOMLTable([("id", .string(id.raw))])
        if let version { table["version"] = .string(version.text) }
        if optional { table["optional"] = .boolean(true) }
        if !execEnv.isEmpty { table["exec-env"] = .array(execEnv.map(TOMLValue.string)) }
        return table
    }
}

/// order.toml: the groups that detection tries, in order (B-27).
package struct Order: Hashable, Sendable {
    package var groups: [OrderGroup]
    /// Groups of extensions, of which the first that passes joins (B-32).
    package var extensionGroups: [OrderGroup]

    package init(groups: [OrderGroup] = [], extensionGroups: [OrderGroup] = []) {
        self.groups = groups
        self.extensionGroups = extensionGroups
    }

    package init(reading source: DocumentSource) throws(Fault) {
        self = try source.read { reader in
            Order(groups: try OrderGroup.read(reader, "order"), extensionGroups: try OrderGroup.read(reader, "order-extensions"))
        }
    }

    /// The text of order.toml.
    package func serialized() -> String {
        var document = TOMLTable()
        func add(_ key: String, _ groups: [OrderGroup]) {
            guard !groups.isEmpty else { return }
            document[key] = .array(
                groups.map { group in .table(TOMLTable([("group", .array(group.elements.map { .table($0.toml) }))])) })
        }
        add("order", groups)
        add("order-extensions", extensionGroups)
        return document.serialized()
    }
}

// The labels io.buildpacks.buildpack.order and .order-extensions (H-27): [{"group":[{"id":…,"version":…,"optional":true}]}].
extension Order {
    /// From the texts of a builder's labels; `extensions` may be missing or `null`.
    package init(orderLabel: String, extensionsLabel: String?) throws(Fault) {
        func read(_ name: String, _ text: String) throws(Fault) -> [OrderGroup] {
            do {
                var fields = try JSONFields(.object(["order": try JSONValue(parsing: text)]))
                return try fields.array("order").map(OrderGroup.init(json:))
            } catch {
                throw Fault("reading label '\(name)'", cause: error)
            }
        }
        self.init(
            groups: try read(LabelName.buildpackOrder, orderLabel),
            extensionGroups: try extensionsLabel.map { text throws(Fault) in try read(LabelName.extensionOrder, text) } ?? [])
    }

    package func orderLabel() throws(Fault) -> String {
        try JSONValue.array(groups.map(\.json)).text()
    }

    package func extensionsLabel() throws(Fault) -> String {
        try (extensionGroups.isEmpty ? JSONValue.null : .array(extensionGroups.map(\.json))).text()
    }
}

extension OrderGroup: JSONDocument {
    package init(json: JSONValue) throws {
        var fields = try JSONFields(json)
        self.init(try fields.array("group").map(OrderElement.init(json:)))
    }

    package var json: JSONValue { .object(["group": .array(elements.map(\.json))]) }
}

extension OrderElement: JSONDocument {
    package init(json: JSONValue) throws {
        var fields = try JSONFields(json)
        let version = try fields.string("version") ?? ""
        self.init(
            id: try BuildpackID(fields.string("id") ?? ""), version: version.isEmpty ? nil : try BuildpackVersion(version),
            optional: try fields.boolean("optional") ?? false, execEnv: try fields.strings("exec-env"))
    }

    package var json: JSONValue {
        var object: [String: JSONValue] = ["id": .string(id.raw)]
        object["version"] = version.map { .string($0.text) }
        if optional { object["optional"] = .boolean(true) }
        if !execEnv.isEmpty { object["exec-env"] = .array(execEnv.map(JSONValue.string)) }
        return .object(object)
    }
}
