import Archive
package import CNBPlatform
import CNBSpec
import OCIImage

/// The end of a successful build: what was made, where it is, how to run it.
package struct BuildSummary {
    let result: BuildResult

    package init(result: BuildResult) {
        self.result = result
    }

    /// For scripts, on standard output: `<image>@sha256:…` (L-7).
    package var data: String { "\(result.names[0].familiarName)@\(result.digest)" }

    /// For programs that follow the build.
    var fields: [String: JSONValue] {
        var fields: [String: JSONValue] = [
            "names": .array(result.names.map { .string($0.familiarTagged) }), "digest": .string(result.digest.description),
            "size": .integer(result.size), "published": .boolean(result.isPublished),
            "outputs": .array(result.outputs.map { .string("\($0)") }), "layers": LayerSummary(result.layers).json,
        ]
        if !result.isPublished { fields["store"] = .string(result.store) }
        fields["daemon"] = result.daemon.map { .string($0) }
        fields["default_process"] = result.defaultProcess.map { .string($0) }
        return fields
    }

    /// For people.
    package func lines(_ style: Style) -> [String] {
        let name = result.names[0]
        var lines = [
            style(.green, "Successfully built image '\(name.familiarTagged)'"),  // L-27
            "  digest:  \(result.digest)",
            "  size:    \(formatted(bytes: result.size))",
        ]
        lines += LayerSummary(result.layers).lines()
        lines += result.names.dropFirst().map { "  also as: \($0.familiarTagged)" }
        lines.append("  in:      \(result.isPublished ? name.registry : result.store)")
        if let daemon = result.daemon { lines.append("           \(daemon)") }
        lines += result.outputs.map { "           \($0)" }
        let command = result.defaultProcess == nil ? " COMMAND" : ""
        lines.append("Run it:")
        if result.isPublished {
            lines.append("  docker run --rm \(name.full)\(command)")
            lines.append("  podman run --rm \(name.full)\(command)")
        } else {
            lines.append("  tote run \(name.familiar)\(command)")
            if let daemon = result.daemon { lines.append("  \(daemon) run --rm \(name.familiar)\(command)") }
            // podman takes no capital letters in the path of a layout.
            let podman =
                result.store.contains(where: \.isUppercase)
                ? "skopeo copy oci:\(result.store):\(name.full) containers-storage:\(name.full) && podman run --rm \(name.full)"
                : "podman run --rm oci:\(result.store):\(name.full)"
            lines.append("  \(podman)\(command)")
            guard result.daemon != "docker" else { return lines }
            lines.append(
                "  skopeo copy oci:\(result.store):\(name.full) docker-daemon:\(name.full) && docker run --rm \(name.familiar)\(command)")
        }
        return lines
    }
}
