import CLauncher

extension ByteText {
    init(cString: UnsafePointer<CChar>) {
        self.init(bytes: Array(UnsafeRawBufferPointer(start: cString, count: strlen(cString))))
    }

    func withCString<Result>(_ body: (UnsafePointer<CChar>) -> Result) -> Result {
        bytes.map { CChar(bitPattern: $0) }.withTerminator(body)
    }
}

extension [CChar] {
    fileprivate func withTerminator<Result>(_ body: (UnsafePointer<CChar>) -> Result) -> Result {
        let pointer = UnsafeMutablePointer<CChar>.allocate(capacity: count + 1)
        defer { pointer.deallocate() }
        for place in 0..<count { pointer[place] = self[place] }
        pointer[count] = 0
        return body(pointer)
    }
}

/// The strings of a list that ends with nil, as `argv` and `environ` are.
func byteTexts(_ list: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?) -> [ByteText] {
    guard let list else { return [] }
    var texts: [ByteText] = []
    while let text = list[texts.count] { texts.append(ByteText(cString: text)) }
    return texts
}

func withCStrings<Result>(_ texts: [ByteText], _ body: (UnsafePointer<UnsafeMutablePointer<CChar>?>) -> Result) -> Result {
    let list = UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>.allocate(capacity: texts.count + 1)
    for (place, text) in texts.enumerated() { list[place] = text.withCString { strdup($0) } }
    list[texts.count] = nil
    defer {
        for place in 0..<texts.count { free(list[place]) }
        list.deallocate()
    }
    return body(list)
}

func lastError() -> String { String(cString: strerror(launcher_errno())) }

func writeError(_ text: String) {
    var text = text
    text.withUTF8 { _ = write(STDERR_FILENO, $0.baseAddress, $0.count) }
}
