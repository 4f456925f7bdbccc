import Archive
import CNBPlatform
import CNBSpec
import OCIImage

/// An inspection for people: what is at the registry, then what is here.
struct InspectionText {
    let lines: [String]

    init(_ inspection: Inspection<ImageInspection>) {
        let name = inspection.reference.familiarTagged
        lines = ["Inspecting image: '\(name)'"] + InspectionBlocks.lines(inspection, Self.block)
    }

    private static func block(_ image: ImageInspection) -> [String] {
        var lines = [
            "Location:  \(image.place)",
            "Digest:    \(image.digest)",
            "Size:      \(formatted(bytes: image.size))",
            "Platform:  \(image.config.platform)",
            "Created:   \(image.config.created ?? "unknown")",
        ]
        if let app = image.app {
            if !app.stack.isEmpty { lines.append("Stack:     \(app.stack)") }
            lines.append("Rebasable: \(app.rebasable)")
            let run = app.metadata.runImage
            lines += ["", "Base Image:", "  Reference: \(run.reference)", "  Top Layer: \(run.topLayer)"]
            lines += ["", "Run Images:"] + InspectionBlocks.list(run.image.candidates.filter { !$0.isEmpty })
            let buildpacks = app.buildpacks.map { [$0.id, $0.version, $0.homepage ?? ""] }
            lines += ["", "Buildpacks:"] + InspectionBlocks.table(["ID", "VERSION", "HOMEPAGE"], buildpacks)
            lines += ["", "Processes:"]
            lines +=
                app.processes.isEmpty
                ? ["  none: a command must be given to run the image"]
                : InspectionBlocks.table(
                    ["TYPE", "SHELL", "COMMAND", "ARGS", "WORK DIR"],
                    app.processes.map { process in
                        [
                            process.type + (process.type == app.defaultProcess ? " (default)" : ""), process.direct ? "" : "bash",
                            process.command.joined(separator: " "), (process.args ?? []).joined(separator: " "),
                            process.workingDirectory ?? "",
                        ]
                    })
        }
        lines += ["", "Layers, base first:"]
        lines += InspectionBlocks.table(
            ["DIFFID", "SIZE", "CREATED BY"],
            image.layers.map { layer in
                let origin = layer.isBase ? "run image" + (layer.createdBy.isEmpty ? "" : ": \(layer.createdBy)") : layer.createdBy
                return [layer.diffID.digest.short, layer.blob.map { formatted(bytes: $0.size) } ?? "?", origin]
            })
        return lines
    }
}

/// What inspections of images and builders look like alike (L-53).
enum InspectionBlocks {
    static func lines<Content>(_ inspection: Inspection<Content>, _ block: (Content) -> [String]) -> [String] {
        var lines = ["", "REMOTE:"]
        lines += inspection.remote.map { [""] + block($0) } ?? [inspection.isRemoteAsked ? "(not present)" : "(not asked)"]
        lines += ["", "LOCAL:"]
        lines += inspection.local.map { [""] + block($0) } ?? ["(not present)"]
        // Labels are hostile input: no control character reaches the terminal.
        return lines.map { DisplayText.clean($0) }
    }

    static func list(_ items: [String]) -> [String] { items.isEmpty ? ["  (none)"] : items.map { "  \($0)" } }

    static func table(_ header: [String], _ rows: [[String]]) -> [String] {
        var table = Table(header)
        rows.forEach { row in table.add(row.map(cell)) }
        return table.lines().map { "  " + $0 }
    }

    private static func cell(_ text: String) -> String {
        let shown = DisplayText.clean(text)
        return shown.count > 100 ? shown.prefix(99) + "…" : shown
    }
}
