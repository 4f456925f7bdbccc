import Archive
import Diagnostics
import Glibc

// layer-bench DIRECTORY FILE: writes a directory as one layer to a file, as an export does, and says what came out.
// layer-bench DIRECTORY: hashes the layer only, as an export does to find out that nothing changed.
// Only the layer writer is at work here, so that its speed and its memory can be measured apart from the rest of a build.

func fail(_ message: String, status: Int32) -> Never {
    let text = Array("error: \(message)\n".utf8)
    write(STDERR_FILENO, text, text.count)
    exit(status)
}

func writeLayer(of directory: String, to output: LayerWriter.Output) throws -> LayerFacts {
    let writer = LayerWriter(output)
    try writer.append(tree: ConfinedDirectory(directory), ".", at: "/layers/bench", owner: Ownership(user: 1000, group: 1000))
    return try writer.finish()
}

let arguments = CommandLine.arguments.dropFirst()
guard let directory = arguments.first, arguments.count <= 2 else { fail("usage: layer-bench DIRECTORY [FILE]", status: 2) }
do {
    var output = LayerWriter.Output.hashOnly
    if arguments.count == 2, let path = arguments.last {
        let file = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
        guard file >= 0 else { throw Fault(system: "creating '\(path)'") }
        output = .gzip(to: file)
    }
    let facts = try writeLayer(of: directory, to: output)
    print("size \(facts.size)\ndigest \(facts.digest)\ndiffid \(facts.diffID)")
} catch {
    fail((error as? any Diagnosable)?.message ?? "\(error)", status: 1)
}
