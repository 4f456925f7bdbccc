package import Diagnostics

/// The outcome of reading a descriptor. The warnings stand whether or not reading went well, so that a failing build can show them.
package struct ProjectReading: Sendable {
    package var warnings: [DescriptorWarning] = []
    package var result: Result<ProjectDescriptor, Fault>

    package func get() throws(Fault) -> ProjectDescriptor { try result.get() }
}

extension ProjectDescriptor {
    /// Finds and reads the descriptor of the app at `app`. Both paths are absolute.
    ///
    /// Nil when none is named and the folder has none. `workingDirectory` shortens the file's name in messages.
    package static func load(app: String, descriptor: String?, workingDirectory: String) -> ProjectReading? {
        let path = descriptor ?? app + (app.hasSuffix("/") ? "" : "/") + "project.toml"
        let file = shorten(path, from: workingDirectory)
        do throws(Fault) {
            guard let bytes = try UserFile.read(path, shown: "the project descriptor '\(file)'") else {
                guard descriptor != nil else { return nil }
                throw Fault("there is no project descriptor '\(file)'", hint: "check the path given with --descriptor")
            }
            let directory = path.lastIndex(of: "/").map { String(path[..<$0]) } ?? "."
            return read(bytes, file: file, directory: directory.isEmpty ? "/" : directory)
        } catch {
            return ProjectReading(result: .failure(error))
        }
    }

    /// Reads a descriptor. `file` is how messages name it, `directory` what relative paths in it start from.
    package static func read(_ bytes: [UInt8], file: String, directory: String) -> ProjectReading {
        var parser = ProjectParser(text: SourceText(file: file, bytes: bytes), directory: directory)
        do throws(Fault) {
            let descriptor = try parser.parse(bytes)
            return ProjectReading(warnings: parser.warnings, result: .success(descriptor))
        } catch {
            return ProjectReading(warnings: parser.warnings, result: .failure(error))
        }
    }

    private static func shorten(_ path: String, from folder: String) -> String {
        var rest = path[...]
        if path.hasPrefix(folder), path.dropFirst(folder.count).hasPrefix("/") || folder.hasSuffix("/") {
            rest = rest.dropFirst(folder.count)
        }
        guard rest.startIndex != path.startIndex else { return path }
        while rest.hasPrefix("/") || rest.hasPrefix("./") { rest = rest.dropFirst() }
        return rest.isEmpty ? path : String(rest)
    }
}
