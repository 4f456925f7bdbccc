import Archive
import CNBPlatform
import CNBSpec
import OCIImage

/// An inspection for people.
struct InspectionText {
    let lines: [String]

    init(_ inspection: ImageInspection) {
        let config = inspection.image.config
        var lines = [
            "Image:     \(inspection.reference.familiarTagged)",
            "Digest:    \(inspection.image.digest)",
            "Size:      \(formatted(bytes: inspection.image.manifest.totalSize))",
            "Platform:  \(config.platform)",
            "Created:   \(config.created ?? "unknown")",
        ]
        if let app = inspection.app {
            lines += ["Run image: \(app.metadata.runImage.image.image)", "           \(app.metadata.runImage.reference)"]
            lines += ["", "Buildpacks:"] + Self.table(["ID", "VERSION"], app.buildpacks.map { [$0.id, $0.version] })
            lines += ["", "Processes:"]
            lines +=
                app.processes.isEmpty
                ? ["  none: a command must be given to run the image"]
                : Self.table(
                    ["TYPE", "COMMAND", "ARGS"],
                    app.processes.map { process in
                        let mark = process.type == app.defaultProcess ? " (default)" : ""
                        return [process.type + mark, process.command.joined(separator: " "), (process.args ?? []).joined(separator: " ")]
                    })
        }
        lines += ["", "Layers, base first:"]
        lines += Self.table(
            ["DIFFID", "SIZE", "CREATED BY"],
            inspection.layers.map { layer in
                let origin = layer.isBase ? "run image" + (layer.createdBy.isEmpty ? "" : ": \(layer.createdBy)") : layer.createdBy
                return [layer.layer.diffID.digest.short, formatted(bytes: layer.layer.descriptor.size), Self.oneLine(origin)]
            })
        self.lines = lines
    }

    private static func table(_ header: [String], _ rows: [[String]]) -> [String] {
        var table = Table(header)
        rows.forEach { table.add($0.map(oneLine)) }
        return table.lines().map { "  " + $0 }
    }

    /// Labels are hostile input: no control character reaches the terminal.
    private static func oneLine(_ text: String) -> String {
        let shown = DisplayText.clean(text)
        return shown.count > 100 ? shown.prefix(99) + "…" : shown
    }
}
