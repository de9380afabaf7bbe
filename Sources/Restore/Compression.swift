import CDeflate
import CZstd
internal import Model

/// Makes a gzip file of a block, with libdeflate. Several of them in a row are one too, to every gzip: so blocks can be
/// compressed at the same time. For one thread.
struct GzipCompressor: ~Copyable {
    private let compressor: OpaquePointer

    /// As hard as gzip tries by default.
    private static let level: Int32 = 6

    init() {
        guard let compressor = libdeflate_alloc_compressor(GzipCompressor.level) else {
            preconditionFailure("out of memory")
        }
        self.compressor = compressor
    }

    deinit { libdeflate_free_compressor(compressor) }

    func compress(_ block: [UInt8]) -> [UInt8] {
        let room = libdeflate_gzip_compress_bound(compressor, block.count)
        return [UInt8](unsafeUninitializedCapacity: room) { buffer, count in
            count = block.withUnsafeBytes {
                libdeflate_gzip_compress(compressor, $0.baseAddress, $0.count, buffer.baseAddress, room)
            }
            precondition(count > 0, "the room is bounded")
        }
    }
}

/// Makes one zstd frame of a stream, with a checksum; libzstd has threads of its own. For one thread.
struct ZstdCompressor: ~Copyable {
    private let context: OpaquePointer
    private var buffer: [UInt8]

    /// - Parameter workers: threads that compress beside the caller; with 0 the caller does it.
    init(workers: Int) throws {
        guard let context = ZSTD_createCCtx() else { preconditionFailure("out of memory") }
        self.context = context
        buffer = [UInt8](repeating: 0, count: ZSTD_CStreamOutSize())
        try check(ZSTD_CCtx_setParameter(context, ZSTD_c_checksumFlag, 1))
        // A libzstd that was built without threads says no, and does it alone.
        if workers > 0 { ZSTD_CCtx_setParameter(context, ZSTD_c_nbWorkers, Int32(clamping: workers)) }
    }

    deinit { ZSTD_freeCCtx(context) }

    /// Takes a block, and gives on what there is by then.
    mutating func add(_ block: [UInt8], _ give: (UnsafeRawBufferPointer) throws -> Void) throws {
        try block.withUnsafeBytes { try run($0, ZSTD_e_continue, give) }
    }

    /// Gives on the rest.
    mutating func finish(_ give: (UnsafeRawBufferPointer) throws -> Void) throws {
        try run(UnsafeRawBufferPointer(start: nil, count: 0), ZSTD_e_end, give)
    }

    private mutating func run(
        _ bytes: UnsafeRawBufferPointer, _ directive: ZSTD_EndDirective, _ give: (UnsafeRawBufferPointer) throws -> Void
    ) throws {
        var input = ZSTD_inBuffer(src: bytes.baseAddress, size: bytes.count, pos: 0)
        while true {
            let (left, count) = buffer.withUnsafeMutableBytes { room in
                var output = ZSTD_outBuffer(dst: room.baseAddress, size: room.count, pos: 0)
                return (ZSTD_compressStream2(context, &output, &input, directive), output.pos)
            }
            try check(left)
            if count > 0 { try buffer.withUnsafeBytes { try give(UnsafeRawBufferPointer(rebasing: $0[..<count])) } }
            if directive == ZSTD_e_end ? left == 0 : input.pos == input.size { return }
        }
    }

    private func check(_ code: Int) throws {
        guard ZSTD_isError(code) == 0 else {
            throw RestoreError(.inputOutput, "zstd: \(String(cString: ZSTD_getErrorName(code)))")
        }
    }
}
