import Diagnostics
import TOML

/// Reads the three schemas of a project descriptor into one value, and collects warnings on the way.
struct ProjectParser {
    let text: SourceText
    let directory: String
    var warnings: [DescriptorWarning] = []

    init(text: SourceText, directory: String) {
        self.text = text
        self.directory = directory
    }

    mutating func parse(_ bytes: [UInt8]) throws(Fault) -> ProjectDescriptor {
        let table: TOMLTable
        do {
            table = try TOMLTable.parse(bytes)
        } catch {
            // The rest of the file may still show the trap of A-4.
            warnAboutSchema(inBrokenText: bytes)
            throw text.fault(error)
        }
        let root = TOMLReader(table)
        do {
            let schema = try schema(root)
            if schema == .v0_1 { warnAboutIgnoredTables(root) }
            var descriptor = ProjectDescriptor(schema: schema, directory: directory)
            // Keys that nothing reads are told even when a later key is an error.
            defer { warnAboutUnknownKeys(root, schema) }
            try schema == .v0_1 ? readTables0_1(root, &descriptor) : readTables0_2(root, &descriptor)
            try validate(descriptor.project, root, schema)
            warnAboutEntries(descriptor)
            return descriptor
        } catch let error as TOMLError {
            throw text.fault(error)
        } catch let fault as Fault {
            throw fault
        } catch {
            throw Fault("reading '\(text.file)'", cause: error)
        }
    }

    //
    private mutating func schema(_ root: TOMLReader) throws -> ProjectSchema {
        let head = try root.table("_")
        let version: String
        do throws(TOMLError) {
            version = try head?.string("schema-version") ?? ""
        } catch {
            throw text.fault(error, hint: "write it in quotes, such as: schema-version = \"0.2\"")
        }
        guard !version.isEmpty else {
            warnAboutMissingSchema(root, head)
            return .v0_1
        }
        guard let schema = ProjectSchema(rawValue: version) else {
            throw Fault(
                "unknown project descriptor schema version \(version)",
                hint: "use one of " + ProjectSchema.allCases.map(\.rawValue).joined(separator: ", "),
                at: head.map { text.location(of: "schema-version", in: $0) })
        }
        return schema
    }

    // A.2
    private mutating func readTables0_1(_ root: TOMLReader, _ descriptor: inout ProjectDescriptor) throws {
        if let project = try root.table("project") {
            descriptor.project = try information(project)
        }
        descriptor.project.metadata = try root.table("metadata")?.table
        root.ignore("metadata")
        guard let build = try root.table("build") else { return }
        try readBuild(build, group: "buildpacks", &descriptor)
        descriptor.environment = try environment(build.tables("env"), schema: .v0_1)
    }

    // A.3
    private mutating func readTables0_2(_ root: TOMLReader, _ descriptor: inout ProjectDescriptor) throws {
        if let head = try root.table("_") {
            descriptor.project = try information(head)
            descriptor.project.metadata = try head.table("metadata")?.table
            head.ignore("metadata")
        }
        guard let build = try root.table("io")?.table("buildpacks") else { return }
        try readBuild(build, group: "group", &descriptor)
        let variables = try build.table("build")?.tables("env")
        var legacy: [TOMLReader]?
        if descriptor.schema == .v0_2, let table = try build.table("env") {
            legacy = try table.tables("build")
            if variables != nil, legacy != nil {
                table.ignore("build")
                warnings.append(
                    DescriptorWarning(
                        "'io.buildpacks.env.build' is ignored because 'io.buildpacks.build.env' is there",
                        suggestion: "move its entries to [[io.buildpacks.build.env]]", at: text.location(of: "build", in: table)))
            }
        }
        descriptor.environment = try environment(variables ?? legacy, schema: descriptor.schema)
    }

    private mutating func readBuild(_ build: TOMLReader, group: String, _ descriptor: inout ProjectDescriptor) throws {
        descriptor.builder = try build.string("builder").nonEmpty
        descriptor.builderLocation = descriptor.builder.map { _ in text.location(of: "builder", in: build) }
        let include = try build.strings("include")
        let exclude = try build.strings("exclude")
        // an empty array counts.
        if include != nil, exclude != nil {
            throw Fault(
                "project.toml: cannot have both include and exclude defined",
                hint: "keep one of them: 'include' names all that is wanted, 'exclude' all that is not",
                at: text.location(of: "exclude", in: build))
        }
        descriptor.include = include ?? []
        descriptor.exclude = exclude ?? []
        warnAboutPatterns(include ?? exclude ?? [], at: text.location(of: include == nil ? "exclude" : "include", in: build))
        for reader in try build.tables(group) ?? [] {
            let entry = try entry(reader, schema: descriptor.schema)
            try validate(entry)
            descriptor.group.append(entry)
        }
        for reader in try build.table("pre")?.tables("group") ?? [] {
            descriptor.pre.append(try entry(reader, schema: descriptor.schema))
        }
        for reader in try build.table("post")?.tables("group") ?? [] {
            descriptor.post.append(try entry(reader, schema: descriptor.schema))
        }
    }

    private func information(_ reader: TOMLReader) throws -> ProjectInformation {
        var project = ProjectInformation()
        project.id = try reader.string("id").nonEmpty
        project.name = try reader.string("name").nonEmpty
        project.version = try reader.string("version").nonEmpty
        project.authors = try reader.strings("authors") ?? []
        project.documentationURL = try reader.string("documentation-url").nonEmpty
        project.sourceURL = try reader.string("source-url").nonEmpty
        for license in try reader.tables("licenses") ?? [] {
            let type = try license.string("type").nonEmpty
            let uri = try license.string("uri").nonEmpty
            project.licenses.append(ProjectInformation.License(type: type, uri: uri))
        }
        return project
    }

    private func entry(_ reader: TOMLReader, schema: ProjectSchema) throws -> BuildpackEntry {
        var entry = BuildpackEntry(
            id: try reader.string("id").nonEmpty, version: try reader.string("version").nonEmpty, uri: try reader.string("uri").nonEmpty)
        if schema == .v0_3 { entry.execEnv = try reader.strings("exec-env") ?? [] }
        entry.location = text.location(of: entry.id == nil && entry.uri != nil ? "uri" : "id", in: reader)
        if let table = try reader.table("script") {
            var script = BuildpackEntry.Script(
                api: try table.string("api").nonEmpty, inline: try table.string("inline").nonEmpty,
                shell: try table.string("shell").nonEmpty)
            script.location = text.location(of: "script", in: reader)
            script.apiLocation = text.location(of: "api", in: table)
            script.shellLocation = text.location(of: "shell", in: table)
            entry.script = script
        }
        return entry
    }

    private func environment(_ readers: [TOMLReader]?, schema: ProjectSchema) throws -> [EnvironmentEntry] {
        var entries: [EnvironmentEntry] = []
        for reader in readers ?? [] {
            var entry = EnvironmentEntry(name: try reader.string("name") ?? "", value: try reader.string("value") ?? "")
            if schema == .v0_3 { entry.execEnv = try reader.strings("exec-env") ?? [] }
            entry.location = text.location(of: "name", in: reader)
            entries.append(entry)
        }
        return entries
    }

    //
    private func validate(_ entry: BuildpackEntry) throws {
        if entry.id == nil, entry.uri == nil {
            let hint =
                entry.script?.inline == nil
                ? "name the buildpack: id = \"acme/ruby\"" : "give the inline buildpack a name: id = \"me/my-script\""
            throw Fault("project.toml: buildpacks must have an id or url defined", hint: hint, at: entry.location)
        }
        if entry.uri != nil, entry.version != nil {
            throw Fault(
                "project.toml: buildpacks cannot have both uri and version defined",
                hint: "remove 'version': the uri says which buildpack it is",
                at: entry.location)
        }
    }

    //
    private func validate(_ project: ProjectInformation, _ root: TOMLReader, _ schema: ProjectSchema) throws {
        guard let index = project.licenses.firstIndex(where: { $0.type == nil && $0.uri == nil }) else { return }
        let tables = try root.table(schema == .v0_1 ? "project" : "_")?.tables("licenses") ?? []
        throw Fault(
            "project.toml: must have a type or uri defined for each license", hint: "for example: type = \"MIT\"",
            at: index < tables.count ? text.location(of: tables[index]) : nil)
    }
}

extension String? {
    /// The descriptor does not tell an empty string from an absent one.
    fileprivate var nonEmpty: String? { self?.isEmpty == true ? nil : self }
}
