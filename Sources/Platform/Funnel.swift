import Glibc

// Every system call of this module whose failure matters goes through here. errno is read here: at once, before any
// deinit can change it. A call that a signal broke off is made again. A fault plan can make any of them fail.
//
// Elsewhere only SSH makes calls that have to be told of when they fail, those of its socket: SSH/SystemCalls.swift.

/// Makes a call that answers -1 and sets errno.
@inline(__always)
@discardableResult
func system<Result: FixedWidthInteger & SignedInteger>(
    _ operation: StaticString, _ subject: @autoclosure () -> [UInt8]? = nil, _ call: () -> Result
) throws(SystemError) -> Result {
    if let code = FaultPlan.strike(operation) { throw failure(operation, code, subject()) }
    while true {
        let result = call()
        if result != -1 { return result }
        let code = errno
        if code != EINTR { throw failure(operation, code, subject()) }
    }
}

/// Makes a call through CLinux, which answers -errno.
@inline(__always)
@discardableResult
func shim<Result: FixedWidthInteger & SignedInteger>(
    _ operation: StaticString, _ subject: @autoclosure () -> [UInt8]? = nil, _ call: () -> Result
) throws(SystemError) -> Result {
    if let code = FaultPlan.strike(operation) { throw failure(operation, code, subject()) }
    while true {
        let result = call()
        if result >= 0 { return result }
        let code = Int32(truncatingIfNeeded: -result)
        if code != EINTR { throw failure(operation, code, subject()) }
    }
}

/// Makes a call that answers nil and sets errno.
func pointer<Pointee>(
    _ operation: StaticString, _ call: () -> UnsafeMutablePointer<Pointee>?
) throws(SystemError) -> UnsafeMutablePointer<Pointee> {
    if let code = FaultPlan.strike(operation) { throw failure(operation, code, nil) }
    while true {
        if let result = call() { return result }
        let code = errno
        if code != EINTR { throw failure(operation, code, nil) }
    }
}

/// The same for handles that Swift knows nothing of.
func handle(_ operation: StaticString, _ call: () -> OpaquePointer?) throws(SystemError) -> OpaquePointer {
    if let code = FaultPlan.strike(operation) { throw failure(operation, code, nil) }
    while true {
        if let result = call() { return result }
        let code = errno
        if code != EINTR { throw failure(operation, code, nil) }
    }
}

/// Makes a call that answers the code itself, as the pthread and posix_spawn families do.
func coded(_ operation: StaticString, _ subject: [UInt8]? = nil, _ call: () -> Int32) throws(SystemError) {
    if let code = FaultPlan.strike(operation) { throw failure(operation, code, subject) }
    let code = call()
    if code != 0 { throw failure(operation, code, subject) }
}

@inline(never)
func failure(_ operation: StaticString, _ code: Int32, _ subject: [UInt8]?) -> SystemError {
    SystemError(operation: operation.description, code: code, subject: subject)
}
