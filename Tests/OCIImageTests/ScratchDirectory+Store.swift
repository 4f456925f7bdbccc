import Archive
import Glibc
import OCIImage
import TestSupport

extension ScratchDirectory {
    func callAsFunction(_ name: String) -> String { path(name) }

    func store(_ name: String = "images") throws -> ImageStore { try ImageStore(at: path(name)) }
}

/// The names in a folder, sorted.
func names(in path: String) -> [String] {
    guard let directory = opendir(path) else { return [] }
    defer { closedir(directory) }
    var names: [String] = []
    while let entry = readdir(directory) {
        let name = withUnsafePointer(to: &entry.pointee.d_name) {
            $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
        }
        if name != ".", name != ".." { names.append(name) }
    }
    return names.sorted()
}

func readFile(_ path: String) -> [UInt8]? {
    guard let file = fopen(path, "r") else { return nil }
    defer { fclose(file) }
    var bytes: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 1 << 16)
    while true {
        let count = fread(&buffer, 1, buffer.count, file)
        if count == 0 { return bytes }
        bytes += buffer[..<count]
    }
}

func writeFile(_ path: String, _ bytes: [UInt8]) {
    guard let file = fopen(path, "w") else { return }
    fwrite(bytes, 1, bytes.count, file)
    fclose(file)
}

func writeFile(_ path: String, _ text: String) { writeFile(path, Array(text.utf8)) }

/// Runs a program and returns its exit status and what it printed; nil when it is not installed.
func run(_ arguments: [String]) throws -> (status: Int32, output: String)? {
    let pipe = popen((arguments.map { "'\($0)'" } + ["2>&1"]).joined(separator: " "), "r")
    guard let pipe else { return nil }
    var output: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 1 << 14)
    while true {
        let count = fread(&buffer, 1, buffer.count, pipe)
        if count == 0 { break }
        output += buffer[..<count]
    }
    let status = pclose(pipe) >> 8 & 0xff
    return status == 127 ? nil : (status, String(decoding: output, as: UTF8.self))
}

/// Whether the program is there. In CI (`CI=true`) a missing one makes the test run, and fail.
func isInstalled(_ program: String) -> Bool {
    if getenv("CI").map({ String(cString: $0) }) == "true" { return true }
    return (getenv("PATH").map { String(cString: $0) } ?? "").split(separator: ":").contains { access("\($0)/\(program)", X_OK) == 0 }
}
