package import CNBSpec
package import Diagnostics
import TOML

extension BuilderConfig {
    /// Reads builder.toml. Unknown keys are errors (H-35), at their place and with the key that was probably meant.
    package init(reading source: DocumentSource) throws(Fault) {
        self = try source.readStrictly("builder toml") { try BuilderConfigReader(source: source).read($0) }
    }
}

/// Reads the tables of one builder.toml.
private struct BuilderConfigReader {
    let source: DocumentSource

    func read(_ reader: TOMLReader) throws -> BuilderConfig {
        var config = BuilderConfig()
        config.description = try reader.string("description") ?? ""
        config.buildpacks = try modules(reader, "buildpacks")
        config.extensions = try modules(reader, "extensions")
        config.order = Order(groups: try groups(reader, "order"), extensionGroups: try groups(reader, "order-extensions"))
        config.system = try system(reader)
        config.targets = try (reader.tables("targets") ?? []).map(Target.init(strictly:))
        try readImages(reader, into: &config)
        try readLifecycle(reader, into: &config)
        if config.order.groups.isEmpty {
            config.warnings.append(
                BuilderWarning("empty 'order' definition: only builds that bring their own buildpacks work with this builder"))
        }
        return config
    }

    private func modules(_ reader: TOMLReader, _ key: String) throws -> [BuilderConfig.Module] {
        try (reader.tables(key) ?? []).map { entry in
            let id = try id(entry)
            let version = try version(entry)
            let place = try source.place(of: entry, String(key.dropLast()))
            return BuilderConfig.Module(id: id, version: version, uri: place.uri, location: place.location)
        }
    }

    private func groups(_ reader: TOMLReader, _ key: String) throws -> [OrderGroup] {
        try (reader.tables(key) ?? []).map { OrderGroup(try ($0.tables("group") ?? []).map(element)) }
    }

    private func element(_ entry: TOMLReader) throws -> OrderElement {
        guard let id = try id(entry) else { throw entry.error("'\(entry.fullPath("id"))' is missing") }
        return OrderElement(
            id: id, version: try version(entry), optional: try entry.boolean("optional") ?? false,
            execEnv: try entry.strings("exec-env") ?? [])
    }

    private func system(_ reader: TOMLReader) throws -> SystemBuildpacks {
        guard let system = try reader.table("system") else { return SystemBuildpacks() }
        func list(_ key: String) throws -> [OrderElement] { try (system.table(key)?.tables("buildpacks") ?? []).map(element) }
        return SystemBuildpacks(pre: try list("pre"), post: try list("post"))
    }

    /// H-36: `[build]` and `[run]`, or the deprecated `[stack]`; where both speak, they must agree.
    private func readImages(_ reader: TOMLReader, into config: inout BuilderConfig) throws {
        let stack = try reader.table("stack"), build = try reader.table("build"), run = try reader.table("run")
        config.stackID = try filled(stack, "id")
        let stackBuild = try filled(stack, "build-image"), stackRun = try filled(stack, "run-image")
        let stackMirrors = try stack?.strings("run-image-mirrors") ?? []
        let buildImage = try filled(build, "image")
        config.variables = try (build?.tables("env") ?? []).map { try variable($0, &config.warnings) }
        config.runImages = try (run?.tables("images") ?? []).map {
            RunImage(image: try $0.requiredString("image"), mirrors: try $0.strings("mirrors") ?? [])
        }
        guard let image = buildImage ?? stackBuild else { throw reader.error("'build.image' is missing: it names the build image") }
        if let build, let stackBuild, image != stackBuild {
            throw build.error(at: "image", "'build.image' and 'stack.build-image' do not match")
        }
        config.buildImage = image
        if let first = config.runImages.first {
            guard stackRun ?? first.image == first.image else {
                throw reader.error(at: "run", "the first of 'run.images' and 'stack.run-image' do not match")
            }
        } else {
            guard let stackRun else { throw reader.error("'run.images' is missing: it names the image that apps run on") }
            guard config.stackID != nil else { throw reader.error(at: "stack", "'stack.id' is missing: it goes with 'stack.run-image'") }
            config.runImages = [RunImage(image: stackRun, mirrors: stackMirrors)]
        }
        if let empty = config.runImages.firstIndex(where: \.image.isEmpty) {
            throw reader.error(at: "run", "'run.images' has no image in entry \(empty + 1)")
        }
    }

    /// H-37.
    private func variable(_ entry: TOMLReader, _ warnings: inout [BuilderWarning]) throws -> BuilderConfig.Variable {
        let variable = BuilderConfig.Variable(
            name: try entry.requiredString("name"), value: try entry.string("value") ?? "", suffix: try entry.string("suffix") ?? "",
            delimiter: try entry.string("delim") ?? "")
        guard !variable.name.isEmpty else { throw entry.error(at: "name", "'build.env.name' must not be empty") }
        guard !variable.name.contains(where: { $0 == "/" || $0 == "=" || $0 == "\0" }) else {
            throw entry.error(at: "name", "'\(variable.name)' is not the name of a variable")
        }
        guard ["", "default", "override", "append", "prepend"].contains(variable.suffix) else {
            throw entry.error(at: "suffix", "'\(variable.suffix)' is not a suffix: use 'default', 'override', 'append' or 'prepend'")
        }
        if ["append", "prepend"].contains(variable.suffix), variable.delimiter.isEmpty {
            throw entry.error(at: "suffix", "the suffix '\(variable.suffix)' needs a 'delim' to put between the values")
        }
        if variable.value.isEmpty {
            warnings.append(
                BuilderWarning("empty value of 'build.env' variable '\(variable.name)'", at: source.location(of: "name", in: entry)))
        }
        if try !(entry.strings("exec-env") ?? []).isEmpty {
            warnings.append(
                BuilderWarning(
                    "'exec-env' of 'build.env' variable '\(variable.name)' has no effect", at: source.location(of: "exec-env", in: entry)))
        }
        return variable
    }

    /// H-38. No lifecycle is put into builders yet, so what is asked for has no effect.
    private func readLifecycle(_ reader: TOMLReader, into config: inout BuilderConfig) throws {
        guard let lifecycle = try reader.table("lifecycle") else { return }
        let uri = try filled(lifecycle, "uri"), version = try filled(lifecycle, "version")
        if uri != nil, version != nil { throw lifecycle.error("'lifecycle' can have 'uri' or 'version', not both") }
        guard uri != nil || version != nil else { return }
        config.warnings.append(
            BuilderWarning(
                "'lifecycle' has no effect yet: tote's own lifecycle builds with this builder",
                at: source.location(of: "lifecycle", in: reader)))
    }

    private func filled(_ table: TOMLReader?, _ key: String) throws -> String? {
        guard let text = try table?.string(key), !text.isEmpty else { return nil }
        return text
    }

    private func id(_ entry: TOMLReader) throws -> BuildpackID? {
        guard let text = try filled(entry, "id") else { return nil }
        do { return try BuildpackID(text) } catch { throw entry.error(at: "id", error.message) }
    }

    private func version(_ entry: TOMLReader) throws -> BuildpackVersion? {
        guard let text = try filled(entry, "version") else { return nil }
        do { return try BuildpackVersion(text) } catch { throw entry.error(at: "version", error.message) }
    }
}
