import COpenSSL

/// A running sha256. Not for use by two threads at once.
package final class SHA256 {
    private let context: OpaquePointer

    package init() {
        // Both fail only without memory, or in a libcrypto that was built without sha256: nothing can be done then.
        guard let context = EVP_MD_CTX_new() else { preconditionFailure("libcrypto gave no digest context") }
        self.context = context
        start()
    }

    deinit { EVP_MD_CTX_free(context) }

    package func update(_ bytes: UnsafeRawBufferPointer) {
        guard let start = bytes.baseAddress else { return }
        EVP_DigestUpdate(context, start, bytes.count)
    }

    package func update(_ bytes: [UInt8]) {
        bytes.withUnsafeBytes { update($0) }
    }

    /// The digest of everything so far; starts again from nothing.
    package func finish() -> Digest {
        var bytes = [UInt8](repeating: 0, count: 32)
        EVP_DigestFinal_ex(context, &bytes, nil)
        start()
        guard let digest = Digest(bytes: bytes) else { preconditionFailure("a sha256 has 32 bytes") }
        return digest
    }

    private func start() {
        guard EVP_DigestInit_ex(context, EVP_sha256(), nil) == 1 else { preconditionFailure("libcrypto has no sha256") }
    }
}
