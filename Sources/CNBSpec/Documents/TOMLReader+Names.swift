import Diagnostics
import TOML

// The checked names of the spec, read with an error at the right place.
extension TOMLReader {
    func buildpackID(_ key: String = "id") throws -> BuildpackID {
        let text = try requiredString(key)
        do { return try BuildpackID(text) } catch { throw self.error(at: key, error.message) }
    }

    func buildpackVersion(_ key: String = "version") throws -> BuildpackVersion {
        let text = try requiredString(key)
        do { return try BuildpackVersion(text) } catch { throw self.error(at: key, error.message) }
    }

    /// Nil when absent or empty: an order may leave it to the builder.
    func optionalBuildpackVersion(_ key: String = "version") throws -> BuildpackVersion? {
        guard let text = try string(key), !text.isEmpty else { return nil }
        do { return try BuildpackVersion(text) } catch { throw self.error(at: key, error.message) }
    }

    func reference() throws -> BuildpackReference {
        BuildpackReference(id: try buildpackID(), version: try buildpackVersion())
    }

    /// A free-form table, empty when absent (B-7).
    func freeForm(_ key: String) throws -> TOMLTable {
        guard let value = try value(key) else { return TOMLTable() }
        ignore(key)
        guard case .table(let table) = value else { throw error(at: key, "'\(key)' must be a table") }
        return table
    }

    /// Both shapes of `exec-env` (B-12): an array of names, or tables with a `name`. Empty means every environment.
    func execEnv(_ key: String = "exec-env") throws -> [String] {
        guard case .array(let items)? = try value(key) else { return try strings(key) ?? [] }
        if case .table? = items.first {
            return try (tables(key) ?? []).map { try $0.requiredString("name") }
        }
        return try strings(key) ?? []
    }
}
